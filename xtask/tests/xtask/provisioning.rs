//! How libtorch arrives: whole or not at all, once, whatever happens.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::sandbox::{Sandbox, archive, names, text};
use crate::server::Server;

const NO_PAUSE: Duration = Duration::ZERO;

fn assert_in_place(sandbox: &Sandbox) {
    let place = sandbox.place();
    assert_eq!(fs::read_to_string(place.join("build-version")).unwrap(), "2.13.0+cpu\n");
    assert_eq!(names(&place), ["build-version", "include", "lib"]);
    assert!(!place.join("lib/libtorch_python.so").exists());
    assert_eq!(
        names(&sandbox.path("cache/libtorch")),
        [".lock", "2.13.0-cpu"],
        "something is left beside it"
    );
}

#[test]
fn an_archive_arrives_once_and_is_recorded() {
    let sandbox = Sandbox::new();
    let server = Server::start(archive("2.13.0+cpu", 1000), NO_PAUSE);
    let setup = || sandbox.command(&["setup", "--cpu", "--no-data"]);
    let output = setup().env("SELVEDGE_LIBTORCH_URL", server.url()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    assert_in_place(&sandbox);
    let record = sandbox.record().unwrap();
    let place = sandbox.place();
    assert!(record.contains(&format!("LIBTORCH = \"{}\"", place.display())), "{record}");
    assert!(record.contains(&format!("-Wl,-rpath,{}/lib", place.display())), "{record}");

    // The second time, without the network and without touching the record.
    let written =
        || fs::metadata(sandbox.path("workspace/.cargo/libtorch.toml")).unwrap().modified().unwrap();
    let before = written();
    let output = setup().env("SELVEDGE_OFFLINE", "1").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("from our cache"));
    assert_eq!((server.requests(), written()), (1, before));
}

#[test]
fn force_fetches_anew_and_replaces() {
    let sandbox = Sandbox::new();
    let server = Server::start(archive("2.13.0+cpu", 1000), NO_PAUSE);
    sandbox.libtorch("cache/libtorch/2.13.0-cpu", "2.13.0+cpu");
    fs::write(sandbox.place().join("old"), "").unwrap();
    let mut setup = sandbox.command(&["setup", "--cpu", "--force", "--no-data"]);
    let output = setup.env("SELVEDGE_LIBTORCH_URL", server.url()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_in_place(&sandbox);
}

#[test]
fn a_kill_at_any_moment_leaves_nothing_half_made() {
    let sandbox = Sandbox::new();
    let server = Server::start(archive("2.13.0+cpu", 6_000_000), Duration::from_millis(3));
    let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
    setup.env("SELVEDGE_LIBTORCH_URL", server.url()).stdout(Stdio::null()).stderr(Stdio::null());
    for milliseconds in [0, 2, 5, 10, 20, 40, 80, 120, 160, 200, 250, 300, 350, 400, 450, 500] {
        let mut child = setup.spawn().unwrap();
        thread::sleep(Duration::from_millis(milliseconds));
        child.kill().unwrap();
        child.wait().unwrap();
        if sandbox.place().exists() {
            let output = sandbox
                .command(&["setup", "--cpu", "--no-data"])
                .env("SELVEDGE_OFFLINE", "1")
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
            fs::remove_dir_all(sandbox.place()).unwrap();
        }
    }
    assert!(setup.status().unwrap().success());
    assert_in_place(&sandbox);
}

#[test]
fn runs_at_once_fetch_once_and_say_whom_they_wait_for() {
    let sandbox = Sandbox::new();
    let server = Server::start(archive("2.13.0+cpu", 2_000_000), Duration::from_millis(10));
    let children: Vec<_> = (0..3)
        .map(|_| {
            let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
            setup.env("SELVEDGE_LIBTORCH_URL", server.url()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let said: String = outputs.iter().map(|output| text(&output.stderr)).collect();
    assert!(outputs.iter().all(|output| output.status.success()), "{said}");
    assert!(
        said.contains("waiting for process") && said.contains("fetching libtorch 2.13.0 (cpu)"),
        "{said}"
    );
    assert_eq!(server.requests(), 1);
    assert_in_place(&sandbox);
}

/// What is said when the only archive is `content`, after checking that nothing came of it.
fn refused(content: Vec<u8>) -> String {
    let sandbox = Sandbox::new();
    let server = Server::start(content, NO_PAUSE);
    let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
    let output = setup.env("SELVEDGE_LIBTORCH_URL", server.url()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!sandbox.place().exists() && sandbox.record().is_none());
    assert!(!sandbox.path("cache/libtorch/.2.13.0-cpu.unfinished").exists());
    let said = text(&output.stderr);
    assert!(said.contains("SELVEDGE_LIBTORCH_URL: the archive from http://127.0.0.1"), "{said}");
    assert!(said.contains("the wheels through pip: there is no python3 that runs"), "{said}");
    assert!(said.contains("set LIBTORCH to its directory"), "{said}");
    said
}

#[test]
fn a_corrupt_archive_is_refused() {
    let mut bytes = archive("2.13.0+cpu", 100_000);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    let said = refused(bytes);
    assert!(said.contains("cannot unpack") && said.contains("libballast.so"), "{said}");
}

#[test]
fn half_an_archive_is_refused() {
    let mut bytes = archive("2.13.0+cpu", 100_000);
    bytes.truncate(50_000);
    let said = refused(bytes);
    assert!(said.contains("it is no whole zip archive"), "{said}");
}

#[test]
fn an_archive_of_another_version_is_refused() {
    let said = refused(archive("2.12.0+cpu", 10));
    assert!(said.contains("it is libtorch 2.12.0+cpu, expected 2.13.0+cpu"), "{said}");
}

#[test]
fn without_pip_and_with_a_pip_that_fails_the_reason_is_told() {
    let sandbox = Sandbox::new();
    let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
    let server = Server::start(b"no archive".to_vec(), NO_PAUSE);
    setup.env("SELVEDGE_LIBTORCH_URL", server.url());
    sandbox.program(
        "python3",
        "case $* in *pip*) echo 'No module named pip' >&2; exit 1;; *) echo 3.11.7;; esac",
    );
    let said = text(&setup.output().unwrap().stderr);
    assert!(said.contains("python3 has no pip") && said.contains("No module named pip"), "{said}");
    let script = "case $* in *--version*) echo pip 23.1;; *pip*) echo 'ERROR: the index is gone' >&2; exit 1;; \
                  *) echo 3.11.7;; esac";
    sandbox.program("python3", script);
    let output = setup.output().unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("pip failed, exit status: 1: the index is gone"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn offline_says_what_is_missing_and_where() {
    let sandbox = Sandbox::new();
    let output = sandbox.command(&["setup", "--cpu"]).env("SELVEDGE_OFFLINE", "1").output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("SELVEDGE_OFFLINE") && said.contains("2.13.0-cpu"), "{said}");
}

/// The hexadecimal SHA-256 of an archive.
fn digest(content: &[u8]) -> String {
    selvedge_fetch::sha256(content).unwrap().to_string()
}

#[test]
fn an_address_without_encryption_is_refused_unless_it_is_allowed() {
    let sandbox = Sandbox::new();
    let content = archive("2.13.0+cpu", 10);
    let sha256 = digest(&content);
    let server = Server::start(content, NO_PAUSE);
    let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
    setup.env("SELVEDGE_LIBTORCH_URL", server.url()).env("SELVEDGE_LIBTORCH_SHA256", sha256);
    let output = setup.env("SELVEDGE_LIBTORCH_ALLOW_HTTP", "0").output().unwrap();
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), server.requests()), (Some(1), 0), "{said}");
    assert!(said.contains("https://") && said.contains("SELVEDGE_LIBTORCH_ALLOW_HTTP=1"), "{said}");
    assert!(setup.env("SELVEDGE_LIBTORCH_ALLOW_HTTP", "1").status().unwrap().success());
    assert_in_place(&sandbox);
}

#[test]
fn an_archive_with_another_digest_ends_the_setup() {
    let sandbox = Sandbox::new();
    // pip would have it, and is not asked.
    sandbox.program("python3", "echo asked >> \"$HOME/asked\"; exit 1");
    let content = archive("2.13.0+cpu", 10);
    let sha256 = digest(&content);
    let mut changed = content;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let server = Server::start(changed, NO_PAUSE);
    let mut setup = sandbox.command(&["setup", "--cpu", "--no-data"]);
    setup.env("SELVEDGE_LIBTORCH_URL", server.url()).env("SELVEDGE_LIBTORCH_SHA256", &sha256);
    let output = setup.output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains(&sha256) && said.contains("no other source is tried"), "{said}");
    assert!(!sandbox.place().exists() && !sandbox.path("home/asked").exists());
    let output = setup.env("SELVEDGE_LIBTORCH_SHA256", "abc").output().unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("64 hexadecimal digits") && said.contains("\"abc\""), "{said}");
}

/// A Python whose pip does this.
fn pip_that(script: &str) -> String {
    format!("case $* in *--version*) echo pip 23.1;; *pip*) {script};; *) echo 3.11.7;; esac")
}

#[test]
fn wheels_that_do_not_match_end_the_setup() {
    let sandbox = Sandbox::new();
    let complaint = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.";
    sandbox.program("python3", &pip_that(&format!("echo '{complaint}' >&2; exit 1")));
    let setup = sandbox.command(&["setup", "--cpu", "--no-data", "--unpinned-archive"]).output().unwrap();
    let said = text(&setup.stderr);
    assert_eq!(setup.status.code(), Some(1));
    assert!(said.contains("DO NOT MATCH THE HASHES") && said.contains("no other source is tried"), "{said}");
    assert!(!said.contains("PyTorch's download site did not do") && !said.contains("trying"), "{said}");
}

#[test]
fn an_archive_without_a_pinned_digest_has_to_be_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.program("python3", &pip_that("echo 'ERROR: the index is gone' >&2; exit 1"));
    let said = text(&sandbox.run(&["setup", "--cpu", "--no-data"]).stderr);
    assert!(said.contains("the index is gone") && said.contains("--unpinned-archive"), "{said}");
    assert!(!said.contains("trying PyTorch's download site"), "{said}");
}

#[test]
fn only_pinned_wheels_are_unpacked() {
    let sandbox = Sandbox::new();
    let other = "torch-9.9.9-cp311-abi-any.whl";
    let downloads = sandbox.path("cache/libtorch/.2.13.0-cpu.download");
    fs::create_dir_all(&downloads).unwrap();
    fs::write(downloads.join(other), archive("2.13.0+cpu", 10)).unwrap();
    sandbox.program("python3", &pip_that("exit 0"));
    let output = sandbox.run(&["setup", "--cpu", "--no-data"]);
    assert_eq!(output.status.code(), Some(1), "there was nothing to unpack");
    assert!(!downloads.join(other).exists() && !sandbox.place().exists());
    // One that comes while pip runs is nobody's.
    fs::write(sandbox.path("home/wheel"), archive("2.13.0+cpu", 10)).unwrap();
    let copy = format!("/bin/cp \"$HOME/wheel\" '{}/{other}'", downloads.display());
    sandbox.program("python3", &pip_that(&copy));
    let output = sandbox.run(&["setup", "--cpu", "--no-data"]);
    let said = text(&output.stderr);
    assert!(said.contains(other) && said.contains("it is not the file that is pinned"), "{said}");
    assert!(!sandbox.place().exists());
}
