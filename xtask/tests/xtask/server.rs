//! A server on loopback that has one file.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Serves a file to everybody, as slowly as a test wants; it ends with the test's process.
pub(crate) struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn start(content: Vec<u8>, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/libtorch.zip", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (content, count) = (Arc::new(content), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let content = Arc::clone(&content);
                // A client that was killed is no trouble.
                thread::spawn(move || serve(stream, &content, pause).unwrap_or_default());
            }
        });
        Self { url, requests }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, content: &[u8], pause: Duration) -> std::io::Result<()> {
    let mut start = 0;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            start = range.trim_end_matches('-').parse().unwrap_or(0);
        }
    }
    let (all, last) = (content.len(), content.len() - 1);
    let status = if start == 0 { "200 OK".to_owned() } else { "206 Partial Content".to_owned() };
    let range = format!("Content-Range: bytes {start}-{last}/{all}\r\n");
    let range = if start == 0 { "" } else { &range };
    let length = all - start;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nETag: \"one\"\r\nContent-Length: {length}\r\n{range}\r\n"
    )?;
    for piece in content[start..].chunks(64 * 1024) {
        stream.write_all(piece)?;
        thread::sleep(pause);
    }
    Ok(())
}
