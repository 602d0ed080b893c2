use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::tunnel::tunnel;
use crate::{Request, Server};

/// A running proxy that makes tunnels: whatever host it is asked for, a tunnel ends at one server. So no name has to be
/// known, and what comes through it can not have come another way. It ends with the test's process.
#[derive(Debug)]
pub struct Proxy {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Proxy {
    /// Its tunnels end at the server.
    #[must_use]
    pub fn to(server: &Server) -> Self {
        Self::start(Some(server.address.clone()))
    }

    /// Wants a password, and takes none.
    #[must_use]
    pub fn refusing() -> Self {
        Self::start(None)
    }

    fn start(server: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, server) = (Arc::clone(&log), server.clone());
                thread::spawn(move || serve(stream, &log, server.as_deref()));
            }
        });
        Self { address, requests }
    }

    /// What a variable such as `HTTP_PROXY` is set to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// [`url`](Self::url) with a name and a password.
    #[must_use]
    pub fn url_as(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.address)
    }

    /// What was asked so far; the path is the host and port that a tunnel was wanted to.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, log: &Mutex<Vec<Request>>, server: Option<&str>) {
    // One byte at a time, since what follows the request belongs to the tunnel.
    let mut reader = BufReader::with_capacity(1, client.try_clone().unwrap());
    let Some(request) = Request::read(&mut reader) else { return };
    log.lock().unwrap().push(request);
    let Some(server) = server else {
        let _ = write!(client, "HTTP/1.1 407 Wanted\r\nContent-Length: 0\r\n\r\n");
        return;
    };
    let _ = write!(client, "HTTP/1.1 200 Connected\r\n\r\n");
    tunnel(client, server);
}
