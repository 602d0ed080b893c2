//! Servers that misbehave at random: a download brings the right file, or fails and leaves nothing under its name.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::Result;
use selvedge_faults::{Reply, Request, Server};
use selvedge_fetch::{Download, Patience, Silent, Verify, sha256};

use super::Scene;
use super::random::Random;

const KIND: &str = "servers";

/// With the limits below a download ends well within this.
const LONGEST: Duration = Duration::from_secs(30);

pub(crate) fn attack(scene: &mut Scene<'_>) -> Result<()> {
    let content: Vec<u8> = (0..20_000_u32).flat_map(|number| (number * number).to_le_bytes()).collect();
    let digest = sha256(&content[..])?;
    let body = content.clone();
    // One for all: each has a thread and a socket, to the end of the process.
    let server = Server::start(move |request, number| {
        let seed: u64 = request.path.split('-').next().and_then(|seed| seed.parse().ok()).unwrap_or(0);
        reply(request, &body, &mut Random::new(seed.wrapping_add(number as u64)))
    });
    while scene.goes_on() {
        let seed = scene.random.next();
        let folder = scene.folder.join("download");
        fs::create_dir_all(&folder)?;
        let path = folder.join("thing.bin");
        let is_known = scene.random.once_in(2);
        let download = Download {
            name: "thing".to_owned(),
            mirrors: vec![server.url(&format!("{seed}-one")), server.url(&format!("{seed}-two"))],
            verify: Verify::Sha256(digest),
            size: is_known.then_some(content.len() as u64),
            patience: Patience {
                attempts: 3,
                backoff: Duration::from_millis(1),
                longest_wait: Duration::from_secs(1),
                connect: Duration::from_secs(2),
                stall: Duration::from_millis(200),
                redirects: 3,
                least_rate: 1000,
                rate_window: Duration::from_millis(200),
                largest: 1 << 20,
            },
        };
        let begun = Instant::now();
        let done = download.to(&path, &Silent);
        scene.tried(KIND);
        let size: u64 =
            fs::read_dir(&folder)?.flatten().filter_map(|entry| Some(entry.metadata().ok()?.len())).sum();
        let fault = match done {
            Ok(()) if fs::read(&path)? != content => Some("another file was accepted".to_owned()),
            Err(error) if path.exists() => Some(format!("a file under the final name, though {error}")),
            _ if size > 2 << 20 => Some(format!("{size} bytes are left")),
            _ if begun.elapsed() > LONGEST => Some(format!("it took {:?}", begun.elapsed())),
            _ => None,
        };
        if let Some(fault) = fault {
            scene.failed(KIND, &format!("{fault}; the server drew from {seed}"), &folder)?;
        }
        fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// What the server answers, drawn.
fn reply(request: &Request, content: &[u8], random: &mut Random) -> Reply {
    let tag = random.one(&["\"one\"", "\"two\"", "W/\"one\"", ""]);
    let whole = || Reply::part(request, content).header("ETag", tag);
    let mut changed = content.to_vec();
    changed[random.below(content.len())] ^= 1;
    match random.below(12) {
        0 => Reply::status([301, 304, 404, 416, 500, 503][random.below(6)]),
        1 => whole().cut(random.below(content.len())),
        2 => whole().cut(random.below(content.len())).then_stall(),
        3 => Reply::part(request, &changed).header("ETag", tag),
        4 => Reply::body(content).endless(),
        5 => whole().one_byte_each(Duration::from_millis(20)),
        6 => Reply::status(302)
            .header("Location", random.one(&["/two", "/one", "//", "ftp://x/y", "\u{1b}[2J"])),
        7 => Reply::status(429).header("Retry-After", [0_u64, 1, u64::MAX][random.below(3)]),
        8 => Reply { status: 206, ..Reply::body(content) }.header(
            "Content-Range",
            random.one(&["bytes 0-9/10", "bytes 9-1/0", "x", "bytes 18446744073709551615-0/1"]),
        ),
        9 => Reply { headers: vec![("Content-Length", u64::MAX.to_string())], ..Reply::body(content) },
        _ => whole(),
    }
}
