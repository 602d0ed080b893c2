use std::io;
use std::net::{Shutdown, TcpStream};
use std::thread;

/// Passes everything on between a client and the server at this address, until both have said all.
pub(crate) fn tunnel(client: TcpStream, server: &str) {
    let server = TcpStream::connect(server).unwrap();
    let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || copy(from_client, to_server));
    copy(server, client);
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
