//! The table of docs/downloads.md, from what really happens: for each fault what the user is told, and what is on the
//! disk afterwards.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use selvedge_faults::{Reply, Request, Server};
use selvedge_fetch::{Download, Patience, Silent, Verify, md5, sha256};

/// Rewrites the table when it is set.
const VARIABLE: &str = "SELVEDGE_WRITE_DOCS";

const SHORT: Patience = Patience {
    attempts: 3,
    backoff: Duration::from_millis(5),
    longest_wait: Duration::from_secs(1),
    connect: Duration::from_secs(5),
    stall: Duration::from_secs(2),
    redirects: 4,
    least_rate: 1000,
    rate_window: Duration::from_millis(300),
    largest: 1 << 20,
};

fn content() -> Vec<u8> {
    (0..2500_u32).flat_map(|number| (number * number).to_le_bytes()).collect()
}

fn damaged() -> Reply {
    let mut bytes = content();
    bytes[77] ^= 1;
    Reply::body(&bytes)
}

fn versioned(request: &Request) -> Reply {
    Reply::part(request, &content()).header("ETag", "\"one\"")
}

/// Sends 4,000 of the 10,000 bytes to the first request.
fn broken_once(reply: Reply, number: usize) -> Reply {
    if number == 0 { reply.cut(4000) } else { reply }
}

type Answer = fn(&Request, usize) -> Reply;

/// What a server does, in words and in deeds.
const FAULTS: [(&str, Answer); 17] = [
    ("answers 404", |_, _| Reply::status(404)),
    ("answers 403", |_, _| Reply::status(403)),
    ("answers 500, always", |_, _| Reply::status(500)),
    ("answers 503 once", |_, number| if number == 0 { Reply::status(503) } else { Reply::body(&content()) }),
    ("answers 429 with `Retry-After: 1` once", |_, number| match number {
        0 => Reply::status(429).header("Retry-After", 1),
        _ => Reply::body(&content()),
    }),
    ("answers 429 with `Retry-After: 3600`", |_, _| Reply::status(429).header("Retry-After", 3600)),
    ("breaks off, always, and can not resume", |_, _| Reply::body(&content()).cut(4000)),
    ("breaks off once, and can resume", |request, number| broken_once(versioned(request), number)),
    ("breaks off, always, and could resume", |request, _| match request.range() {
        None => versioned(request).cut(4000),
        Some(_) => versioned(request).cut(0),
    }),
    ("breaks off once, and ignores `Range`", |_, number| {
        broken_once(Reply::body(&content()).header("ETag", "\"one\""), number)
    }),
    ("falls silent", |_, _| Reply::body(&content()).cut(4000).then_stall()),
    ("sends a byte now and then", |_, _| Reply::body(&content()).one_byte_each(Duration::from_millis(100))),
    ("sends other bytes", |_, _| damaged()),
    ("sends a file of another length", |_, _| Reply::body(b"short")),
    ("sends more than there is", |_, _| Reply {
        headers: Vec::new(),
        ..Reply::body(&[&content()[..], b"!"].concat())
    }),
    ("redirects in a loop", |_, _| Reply::status(302).header("Location", "/thing.bin")),
    ("redirects once", |request, _| match request.path.as_str() {
        "thing.bin" => Reply::status(302).header("Location", "/elsewhere"),
        _ => Reply::body(&content()),
    }),
];

fn download(mirrors: Vec<String>) -> Download<'static> {
    Download {
        name: "thing".to_owned(),
        mirrors,
        verify: Verify::Sha256(sha256(&content()[..]).unwrap()),
        size: Some(10_000),
        patience: SHORT,
    }
}

/// A row of the table, for a download of which nothing but these mirrors is known.
fn row(fault: &str, download: &Download<'_>, hidden: &[(String, &str)]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let seen = match download.to(&path, &Silent) {
        Ok(()) => {
            assert_eq!(fs::read(&path).unwrap(), content(), "{fault}");
            "the file arrives".to_owned()
        }
        Err(error) => {
            assert!(!path.exists(), "{fault}: a file under the final name");
            let text = hidden.iter().fold(error.to_string(), |text, (real, shown)| text.replace(real, shown));
            format!("`{}`", text.replace("\n  ", "` <br> `"))
        }
    };
    format!("| {fault} | {seen} | {} |\n", on_the_disk(directory.path()))
}

fn on_the_disk(directory: &Path) -> String {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    match names.join(" ").as_str() {
        "" => "nothing".to_owned(),
        "thing.bin" => "`thing.bin`, whole".to_owned(),
        ".thing.bin.part" => "`.thing.bin.part`, which the next attempt replaces".to_owned(),
        ".thing.bin.part .thing.bin.part.from" => {
            "`.thing.bin.part`, which the next attempt completes".to_owned()
        }
        other => panic!("{other} is left"),
    }
}

fn table() -> String {
    let mut table = "| a mirror | the user sees | on the disk |\n| --- | --- | --- |\n".to_owned();
    for (fault, answer) in FAULTS {
        let server = Server::start(answer);
        let url = server.url("thing.bin");
        table += &row(fault, &download(vec![url.clone()]), &[(url, "https://mirror/thing.bin")]);
    }
    let server = Server::start(|_, _| damaged());
    let url = server.url("thing.bin");
    let with_md5 =
        Download { verify: Verify::Md5(md5(&content()[..]).unwrap()), ..download(vec![url.clone()]) };
    table += &row("sends other bytes than those of the MD5", &with_md5, &[(url, "https://mirror/thing.bin")]);
    let server = Server::start(|_, _| Reply::body(&content()).endless());
    let url = server.url("thing.bin");
    // Of a known length it would be told how much came before that was noticed.
    let unknown = Download { size: None, ..download(vec![url.clone()]) };
    table += &row("sends without end, of an unknown length", &unknown, &[(url, "https://mirror/thing.bin")]);
    table += &row("is not an address", &download(vec!["no address".to_owned()]), &[]);
    let servers = [Server::start(|_, _| Reply::status(404)), Server::start(|_, _| damaged())];
    let urls = servers.each_ref().map(|server| server.url("thing.bin"));
    let [first, second] = urls.clone();
    let hidden = [(first, "https://one/thing.bin"), (second, "https://two/thing.bin")];
    table += &row("of two answers 404, the other sends other bytes", &download(urls.to_vec()), &hidden);
    let good = Server::start(|_, _| Reply::body(&content()));
    let urls = vec![servers[1].url("thing.bin"), good.url("thing.bin")];
    table += &row("of two sends other bytes, the other the right ones", &download(urls), &[]);
    table
}

#[test]
fn the_page_tells_what_happens() {
    let page: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../docs/downloads.md"].iter().collect();
    let text = fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once("<!-- faults -->\n\n").expect("the mark before the table");
    let (written, after) = rest.split_once("\n<!-- /faults -->").expect("the mark after the table");
    let table = table();
    if std::env::var_os(VARIABLE).is_some() {
        let text = format!("{before}<!-- faults -->\n\n{table}\n<!-- /faults -->{after}");
        selvedge_atomic::write_atomically(&page, text).unwrap();
    } else {
        assert_eq!(written, table, "run the test with {VARIABLE}=1 to write the table again");
    }
}
