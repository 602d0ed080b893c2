use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::Server;
use crate::tunnel::tunnel;

/// A running SOCKS5 proxy: whatever it is asked for, a connection ends at one server, as with [`Proxy`](crate::Proxy). It
/// ends with the test's process.
///
/// Source: RFC 1928, and RFC 1929 for the password.
#[derive(Debug)]
pub struct SocksProxy {
    address: String,
    targets: Arc<Mutex<Vec<String>>>,
}

/// What a proxy does for whom.
#[derive(Debug, Clone, Default)]
struct Rules {
    /// Where its connections end; it allows none where there is none.
    server: Option<String>,
    /// The name and the password that it wants.
    credentials: Option<[String; 2]>,
}

// The ways to tell who one is, and what there is in place of them where none will do.
const OPEN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE: u8 = 0xff;

// The kinds of addresses; else it is a name.
const IPV4: u8 = 1;
const IPV6: u8 = 4;

impl SocksProxy {
    /// Its connections end at the server.
    #[must_use]
    pub fn to(server: &Server) -> Self {
        Self::start(Rules { server: Some(server.address.clone()), credentials: None })
    }

    /// [`to`](Self::to), for those who know this name and password.
    #[must_use]
    pub fn with_password(server: &Server, user: &str, password: &str) -> Self {
        let credentials = Some([user.to_owned(), password.to_owned()]);
        Self::start(Rules { server: Some(server.address.clone()), credentials })
    }

    /// Allows no connection.
    #[must_use]
    pub fn refusing() -> Self {
        Self::start(Rules::default())
    }

    fn start(rules: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let targets = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&targets);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, rules) = (Arc::clone(&log), rules.clone());
                // A client may go at any time.
                thread::spawn(move || drop(serve(stream, &log, &rules)));
            }
        });
        Self { address, targets }
    }

    /// Its address, as a variable such as `HTTP_PROXY` has it behind `socks5://`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The hosts and ports that it was asked for so far: a name where the client left it to the proxy to look that up.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }
}

fn serve(mut client: TcpStream, log: &Mutex<Vec<String>>, rules: &Rules) -> io::Result<()> {
    let [_version, count] = bytes(&mut client)?;
    let mut methods = vec![0; usize::from(count)];
    client.read_exact(&mut methods)?;
    let method = if rules.credentials.is_some() { PASSWORD } else { OPEN };
    if !methods.contains(&method) {
        return client.write_all(&[5, NONE]);
    }
    client.write_all(&[5, method])?;
    if let Some(credentials) = &rules.credentials {
        let [_version] = bytes(&mut client)?;
        let is_right = [text(&mut client)?, text(&mut client)?] == *credentials;
        client.write_all(&[1, u8::from(!is_right)])?;
        if !is_right {
            return Ok(());
        }
    }
    let [_version, _connect, _reserved, kind] = bytes(&mut client)?;
    let host = match kind {
        IPV4 => Ipv4Addr::from(bytes::<4>(&mut client)?).to_string(),
        IPV6 => Ipv6Addr::from(bytes::<16>(&mut client)?).to_string(),
        _ => text(&mut client)?,
    };
    let port = u16::from_be_bytes(bytes(&mut client)?);
    log.lock().unwrap().push(format!("{host}:{port}"));
    // 2 is for what the rules do not allow; the address behind it says nothing.
    let reply = if rules.server.is_some() { 0 } else { 2 };
    client.write_all(&[5, reply, 0, IPV4, 0, 0, 0, 0, 0, 0])?;
    if let Some(server) = &rules.server {
        tunnel(client, server);
    }
    Ok(())
}

fn bytes<const N: usize>(client: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Its length comes before it.
fn text(client: &mut TcpStream) -> io::Result<String> {
    let [length] = bytes(client)?;
    let mut bytes = vec![0; usize::from(length)];
    client.read_exact(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
