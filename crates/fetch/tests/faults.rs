//! What a download does when servers misbehave: it goes on where it can, says what happened at each mirror
//! where it cannot, and leaves nothing under the final name.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use selvedge_faults::{Reply, Request, Server};
use selvedge_fetch::{Cause, Download, Error, Event, Failure, Patience, Silent, Verify, md5, sha256};

const SHORT: Patience = Patience {
    attempts: 3,
    backoff: Duration::from_millis(5),
    longest_wait: Duration::from_secs(2),
    connect: Duration::from_secs(5),
    stall: Duration::from_millis(700),
    redirects: 4,
    least_rate: 1000,
    rate_window: Duration::from_millis(300),
    largest: 1 << 20,
};

fn content() -> Vec<u8> {
    (0..100_000_u32).flat_map(|number| (number * number).to_le_bytes()).collect()
}

fn download(mirrors: Vec<String>) -> Download<'static> {
    Download {
        name: "thing".to_owned(),
        mirrors,
        verify: Verify::Sha256(sha256(&content()[..]).unwrap()),
        size: Some(content().len() as u64),
        patience: SHORT,
    }
}

/// The cause at the only mirror, after checking that nothing has got the final name.
fn cause_at(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Failure {
    let server = Server::start(answer);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let error = download(vec![server.url("a")]).to(&path, &Silent).unwrap_err();
    assert!(!path.exists());
    let message = error.to_string();
    let Error::Mirrors { failures, .. } = error else { panic!("{message}") };
    let [failure] = &failures[..] else { panic!("{failures:?}") };
    assert!(message.contains(&server.url("a")) && message.contains(&failure.cause.to_string()), "{message}");
    failure.clone()
}

fn assert_whole(path: &Path) {
    assert!(fs::read(path).unwrap() == content());
    let mut names: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".thing.bin.lock", "thing.bin"], "something is left beside the file");
}

#[test]
fn a_file_arrives_with_its_progress_and_a_second_time_needs_no_server() {
    let server = Server::start(|_, _| Reply::body(&content()));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sub/thing.bin");
    let seen = RefCell::new(Vec::new());
    let hear = |event: Event<'_>| {
        if let Event::Advanced { done, total } = event {
            seen.borrow_mut().push(done);
            assert_eq!(total, Some(400_000));
        }
    };
    download(vec![server.url("a")]).to(&path, &hear).unwrap();
    assert_whole(&path);
    let seen = seen.into_inner();
    assert!(seen.is_sorted() && seen.last() == Some(&400_000), "{seen:?}");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_wrong_file_under_the_name_is_fetched_anew() {
    let server = Server::start(|_, _| Reply::body(&content()));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    fs::write(&path, "something else").unwrap();
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
}

#[test]
fn a_missing_file_is_not_asked_for_twice() {
    let failure = cause_at(|_, _| Reply::status(404));
    assert_eq!((failure.attempts, failure.cause), (1, Cause::Status(404)));
}

#[test]
fn a_server_in_trouble_is_asked_again_and_then_left() {
    let failure = cause_at(|_, _| Reply::status(500));
    assert_eq!((failure.attempts, failure.cause), (3, Cause::Status(500)));
}

#[test]
fn trouble_that_passes_is_waited_out() {
    let server =
        Server::start(|_, number| if number < 2 { Reply::status(503) } else { Reply::body(&content()) });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn retry_after_is_obeyed_within_bounds() {
    let server = Server::start(|_, number| match number {
        0 => Reply::status(429).header("Retry-After", 1),
        _ => Reply::body(&content()),
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let waits = RefCell::new(Vec::new());
    let hear = |event: Event<'_>| {
        if let Event::Retrying { wait, .. } = event {
            waits.borrow_mut().push(wait);
        }
    };
    download(vec![server.url("a")]).to(&path, &hear).unwrap();
    assert_whole(&path);
    assert_eq!(waits.into_inner(), [Duration::from_secs(1)]);
}

#[test]
fn a_server_that_wants_an_hour_is_left_at_once() {
    let failure = cause_at(|_, _| Reply::status(429).header("Retry-After", 3600));
    assert_eq!(failure.attempts, 1);
    let asked = Duration::from_secs(3600);
    assert_eq!(failure.cause, Cause::Busy { asked, limit: SHORT.longest_wait });
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let failure = cause_at(|_, _| Reply::body(&content()).cut(1000).then_stall());
    assert_eq!(failure.attempts, 3);
    assert_eq!(failure.cause, Cause::Stalled { after: SHORT.stall, received: 1000 });
}

#[test]
fn a_server_that_never_answers_is_left() {
    let failure = cause_at(|_, _| {
        std::thread::sleep(Duration::from_secs(2));
        Reply::status(200)
    });
    assert_eq!(failure.cause, Cause::Stalled { after: SHORT.stall, received: 0 });
}

#[test]
fn a_truncated_body_is_noticed() {
    let failure = cause_at(|_, _| Reply::body(&content()).cut(5000));
    assert_eq!(failure.cause, Cause::Truncated { expected: 400_000, received: 5000 });
}

#[test]
fn a_truncated_body_without_a_length_is_noticed() {
    let failure = cause_at(|_, _| {
        let mut reply = Reply::body(&content()).cut(5000);
        reply.headers.clear();
        reply
    });
    assert_eq!(failure.cause, Cause::Truncated { expected: 400_000, received: 5000 });
}

#[test]
fn a_body_without_end_is_cut_off() {
    let failure = cause_at(|_, _| {
        let mut reply = Reply::body(&[content(), content()].concat());
        reply.headers.clear();
        reply
    });
    assert!(matches!(failure.cause, Cause::Length { expected: 400_000, found: 400_001.. }), "{failure}");
}

#[test]
fn another_length_than_the_file_s_is_refused_before_the_body() {
    let failure = cause_at(|_, _| Reply::body(b"short"));
    assert_eq!(failure.cause, Cause::Length { expected: 400_000, found: 5 });
}

#[test]
fn corrupt_bytes_are_refused() {
    let failure = cause_at(|_, _| {
        let mut bytes = content();
        bytes[77] ^= 1;
        Reply::body(&bytes)
    });
    assert!(matches!(&failure.cause, Cause::Content(reason) if reason.contains("expected")), "{failure}");
}

#[test]
fn an_md5_is_held_to_as_well() {
    let verify = || Verify::Md5(md5(&content()[..]).unwrap());
    for (damage, is_right) in [(0, true), (1, false)] {
        let server = Server::start(move |_, _| {
            let mut bytes = content();
            bytes[77] ^= damage;
            Reply::body(&bytes)
        });
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("thing.bin");
        let download = Download { verify: verify(), ..download(vec![server.url("a")]) };
        match download.to(&path, &Silent) {
            Ok(()) if is_right => assert_whole(&path),
            Err(error) if !is_right => assert!(error.to_string().contains("wrong content: MD5 "), "{error}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(path.exists(), is_right);
    }
}

#[test]
fn a_loop_of_redirects_ends() {
    let failure = cause_at(|_, _| Reply::status(302).header("Location", "/a"));
    assert_eq!(failure.cause, Cause::Redirects(4));
}

#[test]
fn a_redirect_is_followed() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "a" => Reply::status(302).header("Location", "/b"),
        _ => Reply::body(&content()),
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
}

#[test]
fn nobody_at_the_address_and_what_is_no_address_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let mirrors = vec!["http://127.0.0.1:1/a".to_owned(), "no address".to_owned()];
    let Error::Mirrors { failures, .. } = download(mirrors).to(&path, &Silent).unwrap_err() else { panic!() };
    assert!(matches!(failures[0].cause, Cause::Connection(_)), "{}", failures[0]);
    assert!(matches!(failures[1].cause, Cause::Address(_)), "{}", failures[1]);
    assert!(!path.exists());
}

#[test]
fn the_next_mirror_is_asked_and_each_failure_is_told() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "missing" => Reply::status(404),
        "short" => Reply::body(b"short"),
        _ => Reply::body(&content()),
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let bad = vec![server.url("missing"), server.url("short")];
    let message = download(bad.clone()).to(&path, &Silent).unwrap_err().to_string();
    assert!(message.contains("missing: the server answered 404"), "{message}");
    assert!(message.contains("short: the file has 5 bytes there, expected 400000"), "{message}");
    download([bad, vec![server.url("good")]].concat()).to(&path, &Silent).unwrap();
    assert_whole(&path);
}

#[test]
fn a_broken_transfer_goes_on_where_it_broke() {
    let server = Server::start(|request, number| {
        let reply = Reply::part(request, &content()).header("ETag", "\"one\"");
        if number == 0 { reply.cut(150_000) } else { reply }
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].range(), Some(150_000));
    assert_eq!(requests[1].header("if-range"), Some("\"one\""));
}

#[test]
fn a_later_process_goes_on_too() {
    let server = Server::start(|request, number| {
        let reply = Reply::part(request, &content()).header("ETag", "\"one\"");
        if number < 3 { reply.cut(100_000) } else { reply }
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let one_attempt =
        || Download { patience: Patience { attempts: 1, ..SHORT }, ..download(vec![server.url("a")]) };
    one_attempt().to(&path, &Silent).unwrap_err();
    assert!(!path.exists());
    one_attempt().to(&path, &Silent).unwrap_err();
    one_attempt().to(&path, &Silent).unwrap_err();
    one_attempt().to(&path, &Silent).unwrap();
    assert_whole(&path);
    let starts: Vec<_> = server.requests().iter().map(Request::range).collect();
    assert_eq!(starts, [None, Some(100_000), Some(200_000), Some(300_000)]);
}

#[test]
fn a_server_that_ignores_the_range_is_heard_from_the_start() {
    let server = Server::start(|_, number| {
        let reply = Reply::body(&content()).header("ETag", "\"one\"");
        if number == 0 { reply.cut(150_000) } else { reply }
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
}

#[test]
fn another_part_than_the_one_asked_for_is_not_glued_on() {
    let server = Server::start(|request, number| {
        let reply = Reply::part(request, &content()).header("ETag", "\"one\"");
        match number {
            0 => reply.cut(150_000),
            1 => Reply { status: 206, ..Reply::body(&content()) }
                .header("Content-Range", "bytes 0-399999/400000"),
            _ => reply,
        }
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
}

#[test]
fn halves_of_two_versions_are_found_out_and_fetched_anew() {
    let server = Server::start(|request, number| {
        let mut bytes = content();
        if number == 0 {
            bytes[9] ^= 1;
        }
        let reply = Reply::part(request, &bytes).header("ETag", "\"always the same\"");
        if number == 0 { reply.cut(150_000) } else { reply }
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn all_bytes_of_a_killed_process_need_no_more() {
    let server = Server::start(|request, _| match request.range() {
        Some(400_000) => Reply::status(416).header("Content-Range", "bytes */400000"),
        _ => Reply::body(&content()),
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    fs::write(directory.path().join(".thing.bin.part"), content()).unwrap();
    fs::write(directory.path().join(".thing.bin.part.from"), server.url("a") + "\n\"one\"\n").unwrap();
    download(vec![server.url("a")]).to(&path, &Silent).unwrap();
    assert_whole(&path);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn two_at_once_fetch_once() {
    let server = Server::start(|_, _| {
        std::thread::sleep(Duration::from_millis(200));
        Reply::body(&content())
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| download(vec![server.url("a")]).to(&path, &Silent).unwrap());
        }
    });
    assert_whole(&path);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_directory_that_is_a_file_is_the_disk_s_fault() {
    let server = Server::start(|_, _| Reply::body(&content()));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = download(vec![server.url("a")]).to(&file.join("thing.bin"), &Silent).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_body_without_end_is_given_up_and_leaves_nothing() {
    let server = Server::start(|_, _| Reply::body(&content()).endless().header("ETag", "\"one\""));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("thing.bin");
    let unknown = Download { size: None, verify: Verify::Length, ..download(vec![server.url("a")]) };
    let Error::Mirrors { failures, .. } = unknown.to(&path, &Silent).unwrap_err() else { panic!() };
    assert_eq!((failures[0].attempts, &failures[0].cause), (1, &Cause::TooLarge { limit: 1 << 20 }));
    let left: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".thing.bin.lock"]);
    // A length that is announced is believed to be too large before anything is written.
    let server = Server::start(|_, _| Reply {
        headers: vec![("Content-Length", ((1_u64 << 20) + 1).to_string())],
        ..Reply::body(b"")
    });
    let huge = Download { mirrors: vec![server.url("a")], ..unknown };
    let message = huge.to(&path, &Silent).unwrap_err().to_string();
    assert!(message.contains("more than 1048576 bytes"), "{message}");
    // A known size is a limit as well.
    let failure = cause_at(|_, _| Reply::body(&content()).endless());
    assert!(matches!(failure.cause, Cause::Length { expected: 400_000, .. }), "{failure}");
}

#[test]
fn a_byte_now_and_then_is_given_up() {
    let failure = cause_at(|_, _| Reply::body(&content()).one_byte_each(Duration::from_millis(60)));
    assert_eq!(failure.attempts, 3);
    assert!(matches!(failure.cause, Cause::Slow { received: 1..=10, least: 1000, .. }), "{failure}");
}
