//! Which proxy the environment names for an address.

use std::env;

use ureq::Proxy;

use crate::Cause;

/// The proxy to go through to `url`, from the environment of this process.
pub(crate) fn proxy_to(url: &str) -> Result<Option<Proxy>, Cause> {
    named_for(url, |name| env::var(name).ok())
}

/// Whether the proxy is for `url`, and the environment does not except it.
pub(crate) fn leads_through(proxy: &Proxy, url: &str) -> bool {
    url.parse().is_ok_and(|url| !proxy.is_no_proxy(&url))
}

/// As other programs have it: `http_proxy` or `https_proxy`, by the address, else `all_proxy`; the small letters go
/// before the capitals. The client's own rule asks whatever is set first, whatever the address is.
fn named_for(url: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Proxy>, Cause> {
    let either = |name: &'static str| {
        let named = [name.to_owned(), name.to_uppercase()].into_iter();
        named.filter_map(|name| variable(&name).filter(|value| !value.is_empty()).map(|value| (name, value)))
    };
    let of_scheme = if url.starts_with("https://") { "https_proxy" } else { "http_proxy" };
    let Some((name, value)) = either(of_scheme).chain(either("all_proxy")).next() else { return Ok(None) };
    // Its value may hold a password.
    let wrong = |_| Cause::Proxy(format!("{name} names no proxy: expected the form http://host:port"));
    let named = Proxy::new(&value).map_err(wrong)?;
    let mut proxy = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(username) = named.username() {
        proxy = proxy.username(username);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    let excepted = either("no_proxy").next().map(|(_, value)| value).unwrap_or_default();
    for host in excepted.split([',', ' ']).filter(|host| !host.is_empty()) {
        for pattern in patterns(host) {
            proxy = proxy.no_proxy(&pattern);
        }
    }
    proxy.build().map(Some).map_err(wrong)
}

/// What the client has to look for so that an entry means the host and all below it, with a dot before it or not.
fn patterns(host: &str) -> Vec<String> {
    let bare = host.trim_start_matches('*').trim_start_matches('.');
    match bare {
        "" => vec!["*".to_owned()],
        // An address of IPv6, which stands in brackets in a URL.
        bare if bare.contains(':') && !bare.starts_with('[') => vec![format!("[{bare}]")],
        bare => vec![bare.to_owned(), format!(".{bare}")],
    }
}

#[cfg(test)]
mod tests {
    use ureq::http::Uri;

    use super::*;

    fn named(url: &str, environment: &[(&str, &str)]) -> Result<Option<Proxy>, Cause> {
        named_for(url, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn host(url: &str, environment: &[(&str, &str)]) -> Option<String> {
        named(url, environment).unwrap().map(|proxy| proxy.host().to_owned())
    }

    #[test]
    fn the_scheme_of_the_address_decides_and_small_letters_go_first() {
        let all = [
            ("ALL_PROXY", "http://six"),
            ("all_proxy", "http://five"),
            ("HTTP_PROXY", "http://four"),
            ("http_proxy", "http://three"),
            ("HTTPS_PROXY", "http://two"),
            ("https_proxy", "http://one"),
        ];
        let hosts = |url| (0..=6).map(move |left| host(url, &all[..6 - left]).unwrap_or_default());
        assert!(hosts("https://x/").eq(["one", "two", "five", "five", "five", "six", ""]));
        assert!(hosts("http://x/").eq(["three", "three", "three", "four", "five", "six", ""]));
        assert_eq!(host("http://x/", &[("http_proxy", ""), ("HTTP_PROXY", "http://a:3128")]).unwrap(), "a");
    }

    #[test]
    fn a_proxy_may_have_a_name_a_password_and_another_protocol() {
        let proxy = named("https://x/", &[("https_proxy", "socks5://me:p%40ss@there:99")]).unwrap().unwrap();
        assert_eq!((proxy.username(), proxy.password()), (Some("me"), Some("p@ss")));
        assert_eq!((proxy.host(), proxy.port()), ("there", 99));
        assert_eq!(proxy.protocol(), ureq::ProxyProtocol::Socks5);
        assert_eq!(named("http://x/", &[("ALL_PROXY", "there:99")]).unwrap().unwrap().port(), 99);
    }

    #[test]
    fn what_is_no_proxy_is_named_without_its_value() {
        for value in ["ftp://secret@there", "http://", "a b"] {
            let cause = named("https://x/", &[("HTTPS_PROXY", value)]).unwrap_err();
            let text = "HTTPS_PROXY names no proxy: expected the form http://host:port";
            assert_eq!(cause.to_string(), text);
            assert!(!cause.is_passing());
        }
    }

    #[test]
    fn an_exception_is_a_host_and_all_below_it() {
        let excepts = |list: &str, host: &str| {
            let environment = [("http_proxy", "http://proxy"), ("no_proxy", list)];
            let proxy = named("http://x/", &environment).unwrap().unwrap();
            proxy.is_no_proxy(&format!("http://{host}/").parse::<Uri>().unwrap())
        };
        for list in
            ["example.org", ".example.org", "*.example.org", "other, Example.org", "other example.org"]
        {
            assert!(excepts(list, "example.org") && excepts(list, "a.b.example.org"), "{list}");
            assert!(!excepts(list, "notexample.org") && !excepts(list, "example.org.evil"), "{list}");
        }
        assert!(excepts("*", "anything") && !excepts("", "anything"));
        assert!(excepts("127.0.0.1,::1", "127.0.0.1:80") && excepts("127.0.0.1,::1", "[::1]:80"));
    }
}
