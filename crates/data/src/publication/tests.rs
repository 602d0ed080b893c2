//! Parcels of every packing from a server on loopback: what arrives, what is refused, and what is left.

use std::borrow::Cow;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use selvedge_faults::{Reply, Server};
use selvedge_fetch::{Silent, md5, sha256};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Digest, Edition, Packing, Parcel, Publication, check_noted};
use crate::{Error, Result};

const FILES: [(&str, &[u8]); 2] = [("a.bin", b"content of a"), ("b.bin", &[7; 300_000])];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Names, and content or, where that is none, a link to `/etc/passwd`. The names are written as they are, which
/// the library's own way would refuse.
fn tar(members: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.map_or(0, <[u8]>::len) as u64);
        header.set_mode(0o644);
        if content.is_none() {
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, content.unwrap_or_default()).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The archive with its directory described a second time, for ZIP64, before the description at the end.
fn with_zip64_end(mut archive: Vec<u8>) -> Vec<u8> {
    let end = archive.split_off(archive.len() - 22);
    let field = |at: usize, length: usize| -> Vec<u8> {
        let mut field = end[at..at + length].to_vec();
        field.resize(8, 0);
        field
    };
    let place = (archive.len() as u64).to_le_bytes();
    let (count, length, start) = (field(10, 2), field(12, 4), field(16, 4));
    let record =
        [&b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x1e\x03\x2d\0\0\0\0\0\0\0\0\0"[..], &count, &count, &length, &start];
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &place, b"\x01\0\0\0", &end];
    record.into_iter().chain(locator).for_each(|bytes| archive.extend_from_slice(bytes));
    archive
}

fn whole_tar() -> Vec<u8> {
    tar(&[
        ("inside/", Some(b"")),
        ("inside/readme.html", Some(b"not wanted")),
        ("inside/a.bin", Some(FILES[0].1)),
        ("./inside/b.bin", Some(FILES[1].1)),
    ])
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    Some(folder.join(name)).filter(|path| path.is_file())
}

/// All is right but what begins with `bad`.
fn check(_: &str, path: &Path) -> Result<()> {
    check_noted(path)?;
    match fs::read(path).map_err(Error::io(path))?.starts_with(b"bad") {
        true => Err(Error::other("the content is bad")),
        false => Ok(()),
    }
}

/// The file of this name at the server.
fn edition(server: &Server, name: &'static str, bytes: &[u8], packing: Packing) -> Edition {
    let mirror: &'static str = server.url("").leak();
    let digest = Digest::Sha256(sha256(bytes).unwrap());
    Edition { name: name.into(), mirrors: vec![mirror].leak(), digest, packing }
}

/// A dataset of `files` in one parcel, at the server.
fn publication(
    server: &Server,
    parcel: &[u8],
    packing: Packing,
    files: &[&'static str],
) -> Publication<'static> {
    let files: Vec<_> = files.iter().map(|&name| Cow::Borrowed(name)).collect();
    Publication {
        name: "Things",
        folder: "things",
        inner: "inside".to_owned(),
        files: files.clone(),
        parcels: vec![Parcel { files, editions: vec![edition(server, "things.packed", parcel, packing)] }],
        package: None,
        in_which_form: "",
        find,
        check: &check,
    }
}

/// Fetches a parcel from a server that has it.
fn fetch(parcel: Vec<u8>, packing: Packing, files: &[&'static str]) -> (TempDir, Result<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let body = parcel.clone();
    let server = Server::start(move |_, _| Reply::body(&body));
    let fetched =
        publication(&server, &parcel, packing, files).fetch(Some(&folder.path().join("here")), &Silent);
    assert_eq!(names(folder.path()), ["here"], "something is beside the folder");
    (folder, fetched)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const LOCKS: [&str; 2] = [".fetch.lock", ".things.packed.lock"];

#[test]
fn archives_give_the_wanted_files_and_a_note_of_their_digests() {
    let zipped =
        zip(&[("inside/b.bin", FILES[1].1), ("other/a.bin", b"another"), ("inside/a.bin", FILES[0].1)]);
    for (parcel, packing) in [(whole_tar(), Packing::TarGzip("inside")), (zipped, Packing::Zip("inside"))] {
        let (_kept, fetched) = fetch(parcel, packing, &["a.bin", "b.bin"]);
        let folder = fetched.unwrap();
        assert_eq!(names(&folder), [&LOCKS[..], &["SHA256SUMS", "a.bin", "b.bin"]].concat());
        let noted = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        for (name, content) in FILES {
            assert!(fs::read(folder.join(name)).unwrap() == content);
            assert!(noted.contains(&format!("{}  {name}\n", sha256(content).unwrap())), "{noted}");
        }
    }
}

/// Where the second entry of the directory is as far from the first as the end records for ZIP64 are long, 76 bytes,
/// a search for the beginning of the archive takes the second for the first.
#[test]
fn an_archive_with_an_end_record_for_zip64() {
    for length in 1..=80 {
        let first = "a".repeat(length);
        let parcel = with_zip64_end(zip(&[(&first, b"another"), ("inside/a.bin", FILES[0].1)]));
        let (_kept, fetched) = fetch(parcel, Packing::Zip("inside"), &["a.bin"]);
        let folder = fetched.unwrap_or_else(|error| panic!("a name of {length} characters: {error}"));
        assert_eq!(fs::read(folder.join("a.bin")).unwrap(), FILES[0].1);
    }
}

/// What xz makes of `some content, packed`.
const XZ: &[u8] = &[
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16,
    0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x13, 0x73, 0x6f, 0x6d, 0x65, 0x20, 0x63, 0x6f,
    0x6e, 0x74, 0x65, 0x6e, 0x74, 0x2c, 0x20, 0x70, 0x61, 0x63, 0x6b, 0x65, 0x64, 0x00, 0x14, 0x4c, 0x90,
    0xc1, 0xd5, 0x7b, 0x0c, 0xb8, 0x00, 0x01, 0x2c, 0x14, 0xf8, 0x0a, 0x6d, 0x03, 0x1f, 0xb6, 0xf3, 0x7d,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
];

#[test]
fn single_files_are_unpacked() {
    let content = b"some content, packed";
    let parcels =
        [(content.to_vec(), Packing::Plain), (gzip(content), Packing::Gzip), (XZ.to_vec(), Packing::Xz)];
    for (parcel, packing) in parcels {
        let (_kept, fetched) = fetch(parcel, packing, &["a.bin"]);
        assert_eq!(fs::read(fetched.unwrap().join("a.bin")).unwrap(), content);
    }
}

#[test]
fn a_pinned_content_counts_and_not_how_it_is_packed() {
    let folder = tempfile::tempdir().unwrap();
    let parcel = gzip(b"content");
    let body = parcel.clone();
    let server = Server::start(move |_, _| Reply::body(&body));
    let of = |content: &[u8]| {
        let mut publication = publication(&server, b"anything", Packing::Gzip, &["a.bin"]);
        publication.parcels[0].editions[0].digest = Digest::Content(sha256(content).unwrap());
        publication.fetch(Some(folder.path()), &Silent)
    };
    let error = of(b"something else").unwrap_err().to_string();
    assert!(error.contains("the SHA-256 of the decompressed bytes is ed7002b439e9ac84"), "{error}");
    assert_eq!(names(folder.path()), LOCKS);
    of(b"content").unwrap();
    assert_eq!(names(folder.path()), [&LOCKS[..], &["a.bin"]].concat(), "what is pinned needs no note");
}

#[test]
fn a_wrong_archive_leaves_nothing_and_says_what_is_wrong() {
    let whole = ("inside/a.bin", Some(FILES[0].1));
    let is_tar = |members: &[_]| (tar(members), Packing::TarGzip("inside"));
    let is_zip = |members: &[_]| (zip(members), Packing::Zip("inside"));
    let below = "expected names below its own folder, found";
    for ((parcel, packing), part) in [
        (is_tar(&[whole, ("inside/../../../evil", Some(b"x"))]), below),
        (is_tar(&[("/tmp/evil", Some(b"x")), whole]), below),
        (is_tar(&[("inside\\..\\..\\evil", Some(b"x")), whole]), below),
        (is_zip(&[("inside/a.bin", b"x"), ("../evil", b"x")]), below),
        (is_tar(&[("inside/a.bin", None)]), "expected a file, found something else named inside/a.bin"),
        (is_tar(&[whole, whole]), "expected each file once, found inside/a.bin twice"),
        (is_tar(&[("a.bin", Some(b"x"))]), "expected a.bin in \"inside\", found no such file"),
        (is_zip(&[]), "expected a.bin in \"inside\", found no such file"),
        (is_tar(&[("inside/a.bin", Some(b"bad"))]), "the content is bad"),
        ((gzip(b"no tar at all"), Packing::TarGzip("inside")), "archive: expected"),
        ((b"no zip at all".to_vec(), Packing::Zip("inside")), "archive: expected a whole zip file"),
        ((b"no gzip at all".to_vec(), Packing::Gzip), "archive: expected a.bin whole"),
        ((XZ[..40].to_vec(), Packing::Xz), "archive: expected a.bin whole"),
    ] {
        let (folder, fetched) = fetch(parcel, packing, &["a.bin"]);
        let error = fetched.unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }) && error.to_string().contains(part), "{error}");
        assert_eq!(names(&folder.path().join("here")), LOCKS, "{error}");
    }
}

#[test]
fn another_archive_than_the_published_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| match request.path.as_str() {
        "first/things.packed" => Reply::status(404),
        _ => Reply::body(b"another"),
    });
    let mut publication = publication(&server, &whole_tar(), Packing::TarGzip("inside"), &["a.bin"]);
    let mirrors: [&'static str; 2] = ["first/", "second/"].map(|path| &*server.url(path).leak());
    let edition = &mut publication.parcels[0].editions[0];
    edition.mirrors = mirrors.to_vec().leak();
    edition.digest = Digest::Md5(md5(&whole_tar()[..]).unwrap());
    let error = publication.fetch(Some(folder.path()), &Silent).unwrap_err().to_string();
    for part in [
        "Things can not be had:",
        "first/things.packed: the server answered 404 (not there)",
        "second/things.packed: wrong content: MD5 b32d73e56ec99bc5ec8f83871cde708a, expected ",
        "Put a.bin into a folder",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(names(folder.path()), LOCKS);
}

/// A dataset that was published twice: as `things.packed`, and as `repacked.zip`.
fn published_twice(server: &Server) -> (Publication<'static>, Vec<u8>) {
    let zipped = zip(&[("other/b.bin", FILES[1].1), ("other/a.bin", FILES[0].1)]);
    let mut publication = publication(server, &whole_tar(), Packing::TarGzip("inside"), &["a.bin", "b.bin"]);
    publication.parcels[0].editions.push(edition(server, "repacked.zip", &zipped, Packing::Zip("other")));
    (publication, zipped)
}

#[test]
fn another_edition_is_taken_where_the_first_is_not_to_be_had() {
    let bad_tar = tar(&[("inside/a.bin", Some(b"bad")), ("inside/b.bin", Some(FILES[1].1))]);
    // Not there, another one, and the published one, whose content is wrong.
    for first in [Reply::status(404), Reply::body(b"another"), Reply::body(&bad_tar)] {
        let folder = tempfile::tempdir().unwrap();
        let body = zip(&[("other/b.bin", FILES[1].1), ("other/a.bin", FILES[0].1)]);
        let server = Server::start(move |request, _| match request.path.as_str() {
            "repacked.zip" => Reply::body(&body),
            _ => first.clone(),
        });
        let (mut publication, _) = published_twice(&server);
        publication.parcels[0].editions[0].digest = Digest::Sha256(sha256(&bad_tar[..]).unwrap());
        publication.fetch(Some(folder.path()), &Silent).unwrap();
        let asked: Vec<_> = server.requests().into_iter().map(|request| request.path).collect();
        assert_eq!(asked, ["things.packed", "repacked.zip"]);
        let locks = [LOCKS[0], ".repacked.zip.lock", LOCKS[1]];
        assert_eq!(names(folder.path()), [&locks[..], &["SHA256SUMS", "a.bin", "b.bin"]].concat());
        for (name, content) in FILES {
            assert!(fs::read(folder.path().join(name)).unwrap() == content);
        }
    }
}

#[test]
fn what_was_wrong_with_each_edition_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|request, _| match request.path.as_str() {
        "things.packed" => Reply::status(404),
        _ => Reply::body(b"another"),
    });
    let (publication, _) = published_twice(&server);
    let error = publication.fetch(Some(folder.path()), &Silent).unwrap_err().to_string();
    for part in [
        "cannot download Things (things.packed):",
        "things.packed: the server answered 404 (not there)",
        "cannot download Things (repacked.zip):",
        "repacked.zip: wrong content: SHA-256 ",
        "no distribution has a package of it",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(names(folder.path()), [LOCKS[0], ".repacked.zip.lock", LOCKS[1]]);
}

#[test]
fn the_edition_that_the_user_has_put_there_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _| Reply::status(500));
    let (publication, zipped) = published_twice(&server);
    fs::write(folder.path().join("repacked.zip"), zipped).unwrap();
    publication.fetch(Some(folder.path()), &Silent).unwrap();
    assert!(server.requests().is_empty());
    assert_eq!(names(folder.path()), [".fetch.lock", "SHA256SUMS", "a.bin", "b.bin", "repacked.zip"]);
}

#[test]
fn a_broken_transfer_of_an_archive_goes_on_where_it_broke() {
    let folder = tempfile::tempdir().unwrap();
    let parcel = whole_tar();
    let body = parcel.clone();
    let server = Server::start(move |request, number| {
        let reply = Reply::part(request, &body).header("ETag", "\"one\"");
        if number == 0 { reply.cut(100) } else { reply }
    });
    let publication = publication(&server, &parcel, Packing::TarGzip("inside"), &["a.bin", "b.bin"]);
    publication.fetch(Some(folder.path()), &Silent).unwrap();
    assert_eq!(server.requests()[1].range(), Some(100));
    assert_eq!(names(folder.path()), [&LOCKS[..], &["SHA256SUMS", "a.bin", "b.bin"]].concat());
}

#[test]
fn what_is_there_is_not_fetched_and_what_was_changed_is() {
    let folder = tempfile::tempdir().unwrap();
    let parcel = whole_tar();
    let body = parcel.clone();
    let server = Server::start(move |_, _| Reply::body(&body));
    let publication = publication(&server, &parcel, Packing::TarGzip("inside"), &["a.bin", "b.bin"]);
    let fetch = || publication.fetch(Some(folder.path()), &Silent).unwrap();
    fetch();
    fetch();
    assert_eq!(server.requests().len(), 1);
    fs::write(folder.path().join("a.bin"), "changed").unwrap();
    let error = check_noted(&folder.path().join("a.bin")).unwrap_err().to_string();
    assert!(
        error.contains("a.bin: SHA-256: expected ") && error.contains(", as noted in SHA256SUMS"),
        "{error}"
    );
    fetch();
    assert_eq!(server.requests().len(), 2);
    assert_eq!(fs::read(folder.path().join("a.bin")).unwrap(), FILES[0].1);
}

#[test]
fn two_at_once_fetch_once() {
    let folder = tempfile::tempdir().unwrap();
    let parcel = whole_tar();
    let body = parcel.clone();
    let server = Server::start(move |_, _| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Reply::body(&body)
    });
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                publication(&server, &parcel, Packing::TarGzip("inside"), &["a.bin", "b.bin"])
                    .fetch(Some(folder.path()), &Silent)
                    .unwrap();
            });
        }
    });
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_archive_that_the_user_has_put_there_needs_no_server_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let parcel = whole_tar();
    fs::write(folder.path().join("things.packed"), &parcel).unwrap();
    let server = Server::start(|_, _| Reply::status(500));
    publication(&server, &parcel, Packing::TarGzip("inside"), &["a.bin", "b.bin"])
        .fetch(Some(folder.path()), &Silent)
        .unwrap();
    assert!(server.requests().is_empty());
    assert_eq!(names(folder.path()), [".fetch.lock", "SHA256SUMS", "a.bin", "b.bin", "things.packed"]);
}

#[test]
fn a_folder_below_the_given_one_is_found() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("inside")).unwrap();
    fs::write(folder.path().join("inside/a.bin"), "put there by hand").unwrap();
    let server = Server::start(|_, _| Reply::status(500));
    let publication = publication(&server, b"anything", Packing::Gzip, &["a.bin"]);
    assert_eq!(publication.fetch(Some(folder.path()), &Silent).unwrap(), folder.path().join("inside"));
}
