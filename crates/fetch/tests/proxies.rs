//! Downloads through the proxies that the environment names.
//!
//! A process can not change its own environment safely, so each download is made by a process of its own: this very
//! program, asked for the one test that makes it.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use selvedge_faults::{Proxy, Reply, Server, SocksProxy};
use selvedge_fetch::{Download, Patience, Silent};

/// Tells the process that is to download what.
const ADDRESS: &str = "SELVEDGE_TEST_ADDRESS";
const CONTENT: &[u8] = b"through the proxy";

/// Does nothing where it is not asked to.
#[test]
fn download_what_the_environment_says() {
    let Ok(address) = env::var(ADDRESS) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thing");
    let download = Download {
        name: "thing".to_owned(),
        mirrors: vec![address],
        patience: Patience { attempts: 1, ..Patience::default() },
        ..Download::default()
    };
    if let Err(error) = download.to(&path, &Silent) {
        panic!("{error}");
    }
    assert_eq!(fs::read(path).unwrap(), CONTENT);
}

fn download(address: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "download_what_the_environment_says", "--nocapture"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.env(ADDRESS, address).envs(environment.iter().copied()).output().unwrap()
}

fn server() -> Server {
    Server::start(|_, _| Reply::body(CONTENT))
}

fn tunnels(proxy: &Proxy) -> Vec<String> {
    proxy.requests().into_iter().map(|request| request.path).collect()
}

#[test]
fn each_variable_leads_through_its_proxy() {
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        let server = server();
        let proxy = Proxy::to(&server);
        // Nobody but the proxy knows that host.
        let output = download("http://nowhere.invalid/thing", &[(name, &proxy.url())]);
        assert!(output.status.success(), "{name}: {output:?}");
        assert_eq!(tunnels(&proxy), ["nowhere.invalid:80"], "{name}");
        assert_eq!(server.requests()[0].header("host"), Some("nowhere.invalid"), "{name}");
    }
}

#[test]
fn an_encrypted_address_has_variables_of_its_own() {
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        let proxy = Proxy::to(&server());
        let output = download("https://nowhere.invalid/thing", &[(name, &proxy.url())]);
        // What is at the other end does not speak TLS.
        assert!(!output.status.success(), "{name}");
        assert_eq!(tunnels(&proxy), ["nowhere.invalid:443"], "{name}: {output:?}");
    }
    let proxy = Proxy::to(&server());
    let (url, others) = (proxy.url(), ["http_proxy", "HTTP_PROXY"]);
    download("https://nowhere.invalid/thing", &others.map(|name| (name, &url[..])));
    assert_eq!(tunnels(&proxy), [""; 0]);
}

#[test]
fn an_exception_goes_the_direct_way() {
    for name in ["no_proxy", "NO_PROXY"] {
        let server = server();
        let proxy = Proxy::refusing();
        let environment = [("ALL_PROXY", &proxy.url()[..]), (name, "example.org, 127.0.0.1")];
        let output = download(&server.url("thing"), &environment);
        assert!(output.status.success(), "{name}: {output:?}");
        assert_eq!((tunnels(&proxy).len(), server.requests().len()), (0, 1), "{name}");
        let environment = [("ALL_PROXY", &proxy.url()[..]), (name, "example.org")];
        assert!(!download(&server.url("thing"), &environment).status.success(), "{name}");
        assert_eq!((tunnels(&proxy).len(), server.requests().len()), (1, 1), "{name}");
    }
}

#[test]
fn a_proxy_gets_its_password() {
    let proxy = Proxy::to(&server());
    let output = download("http://nowhere.invalid/thing", &[("http_proxy", &proxy.url_as("me", "p%40ss"))]);
    assert!(output.status.success(), "{output:?}");
    // `me:p@ss`.
    assert_eq!(proxy.requests()[0].header("proxy-authorization"), Some("Basic bWU6cEBzcw=="));
}

#[test]
fn a_proxy_that_does_not_do_is_told() {
    let text = |output: Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let refusing = Proxy::refusing();
    let output = text(download("http://nowhere.invalid/thing", &[("http_proxy", &refusing.url())]));
    let expected =
        "cannot download thing:\n  http://nowhere.invalid/thing: the proxy did not do: proxy server";
    assert!(output.contains(expected) && output.contains("407"), "{output}");
    let output = text(download("http://nowhere.invalid/thing", &[("http_proxy", "ftp://me:secret@there")]));
    let expected = "http_proxy names no proxy: expected the form http://host:port";
    assert!(output.contains(expected) && !output.contains("secret"), "{output}");
}

fn through_socks(scheme: &str, credentials: &str, proxy: &SocksProxy, address: &str) -> Output {
    download(address, &[("all_proxy", &format!("{scheme}://{credentials}{}", proxy.address()))])
}

#[test]
fn a_socks_proxy_leads_to_the_server_and_may_look_up_the_name() {
    let server = server();
    let (with_h, without) = (SocksProxy::to(&server), SocksProxy::to(&server));
    let output = through_socks("socks5h", "", &with_h, "http://nowhere.invalid/thing");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(with_h.targets(), ["nowhere.invalid:80"]);
    assert_eq!(server.requests()[0].header("host"), Some("nowhere.invalid"));
    // Without the letter the name is looked up here.
    let output = through_socks("socks5", "", &without, "http://127.0.0.1:81/thing");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(without.targets(), ["127.0.0.1:81"]);
    let output = through_socks("socks5", "", &without, "http://nowhere.invalid/thing");
    assert!(!output.status.success() && without.targets().len() == 1, "{output:?}");
    // What is at the other end does not speak TLS.
    let output = through_socks("socks5h", "", &with_h, "https://nowhere.invalid/thing");
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(with_h.targets()[1], "nowhere.invalid:443");
}

#[test]
fn a_socks_proxy_gets_its_password() {
    let proxy = SocksProxy::with_password(&server(), "me", "p@ss");
    let output = through_socks("socks5h", "me:p%40ss@", &proxy, "http://nowhere.invalid/thing");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(proxy.targets(), ["nowhere.invalid:80"]);
}

#[test]
fn what_a_socks_proxy_refuses_is_told() {
    let wanting = SocksProxy::with_password(&server(), "me", "p@ss");
    for (proxy, credentials, reason) in [
        (SocksProxy::refusing(), "", "connection not allowed by ruleset"),
        (wanting, "me:secret@", "password authentication failed"),
        (SocksProxy::with_password(&server(), "me", "p@ss"), "", "no acceptable auth methods"),
    ] {
        let output = through_socks("socks5h", credentials, &proxy, "http://nowhere.invalid/thing");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let expected = format!(
            "cannot download thing:\n  http://nowhere.invalid/thing: through the proxy at {}: {reason}",
            proxy.address()
        );
        assert!(!output.status.success() && text.contains(&expected), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    // Nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "socks5h"] {
        let output =
            download("http://nowhere.invalid/thing", &[("all_proxy", &format!("{scheme}://{address}"))]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(&format!("through the proxy at {address}: ")), "{text}");
    }
}
