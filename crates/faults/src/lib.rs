//! A server on loopback that does what a test tells it to: truncates, falls silent, corrupts, answers with an error,
//! ignores `Range`, redirects in a loop; and proxies that lead to it. For the tests of the workspace.
//!
//! ```
//! use selvedge_faults::{Reply, Server};
//!
//! // Sends half of it the first time, and then what is asked for.
//! let server = Server::start(|request, number| match number {
//!     0 => Reply::body(b"content").cut(3),
//!     _ => Reply::part(request, b"content"),
//! });
//! assert!(server.url("file").starts_with("http://127.0.0.1:"));
//! assert!(server.requests().is_empty());
//! ```

// It is for tests, where an unwrap is an assertion.
#![allow(clippy::unwrap_used)]

mod proxy;
mod socks_proxy;
mod tunnel;

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use proxy::Proxy;
pub use socks_proxy::SocksProxy;

/// What a client asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// Without the first slash.
    pub path: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// What a client sends before a body; nothing where it sends nothing.
    fn read(reader: &mut impl BufRead) -> Option<Self> {
        let mut lines = std::iter::from_fn(|| {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
            Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
        });
        let path = lines.next()?.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        let header =
            |line: String| line.split_once(':').map(|(key, value)| (key.to_owned(), value.trim().to_owned()));
        Some(Self { path, headers: lines.filter_map(header).collect() })
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first byte that the client wants, where it wants a part.
    #[must_use]
    pub fn range(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What the server answers: what it announces, what it sends of it, and whether it then falls silent.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// What is announced, `Content-Length` among it.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Vec<u8>,
    /// Whether the connection then stays open without a word.
    pub stall: bool,
    /// Whether the body is sent again and again, in chunks, as long as the client takes it.
    pub endless: bool,
    /// The wait after each byte, where they are sent one by one.
    pub pause: Option<Duration>,
}

impl Reply {
    /// No body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::body(&[]) }
    }

    /// All of it.
    #[must_use]
    pub fn body(body: &[u8]) -> Self {
        Self {
            status: 200,
            headers: vec![("Content-Length", body.len().to_string())],
            body: body.to_vec(),
            stall: false,
            endless: false,
            pause: None,
        }
    }

    /// Announces something else, too.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Announces all and sends only `length` bytes.
    #[must_use]
    pub fn cut(mut self, length: usize) -> Self {
        self.body.truncate(length);
        self
    }

    /// Keeps the connection open without a word after the body.
    #[must_use]
    pub fn then_stall(mut self) -> Self {
        self.stall = true;
        self
    }

    /// Announces no length, and sends the body again and again, in chunks, as long as the client takes it.
    #[must_use]
    pub fn endless(mut self) -> Self {
        self.endless = true;
        self.headers.retain(|(name, _)| *name != "Content-Length");
        self.header("Transfer-Encoding", "chunked")
    }

    /// Sends the bytes one by one, and waits after each.
    #[must_use]
    pub fn one_byte_each(mut self, pause: Duration) -> Self {
        self.pause = Some(pause);
        self
    }

    /// The part of `body` that the request asks for.
    #[must_use]
    pub fn part(request: &Request, body: &[u8]) -> Self {
        match request.range() {
            None => Self::body(body),
            Some(start) => {
                let last = body.len() - 1;
                let range = format!("bytes {start}-{last}/{}", body.len());
                Self { status: 206, ..Self::body(&body[start..]) }.header("Content-Range", range)
            }
        }
    }
}

/// A running server; it ends with the test's process.
#[derive(Debug)]
pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers the requests by `answer`, which gets each with its number from 0.
    #[must_use]
    pub fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { address, requests }
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request, usize) -> Reply) {
    let Some(request) = Request::read(&mut BufReader::new(stream.try_clone().unwrap())) else { return };
    let number = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    let reply = answer(&request, number);
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let _ = write!(stream, "{head}\r\n").and_then(|()| send(&mut stream, &reply));
    if reply.stall {
        thread::sleep(Duration::from_secs(20));
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// Sends the body. It ends with an error when the client has gone.
fn send(stream: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let Reply { body, endless, pause, .. } = reply;
    loop {
        if *endless {
            write!(stream, "{:x}\r\n", body.len())?;
        }
        match pause {
            None => stream.write_all(body)?,
            Some(pause) => {
                for byte in body {
                    stream.write_all(&[*byte])?;
                    thread::sleep(*pause);
                }
            }
        }
        if !endless {
            return Ok(());
        }
        stream.write_all(b"\r\n")?;
    }
}
