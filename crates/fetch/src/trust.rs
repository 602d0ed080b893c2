//! Which certificate authorities are trusted.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// Where systems keep the bundle of the authorities they trust.
const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// `SSL_CERT_FILE` where it is set, else the system's bundle, so that the authority of a company's proxy is
/// trusted as it is by other programs; without either, Mozilla's list, which is compiled in.
pub(crate) fn tls_config() -> TlsConfig {
    let named = env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let authorities = named
        .into_iter()
        .chain(SYSTEM_BUNDLES.iter().map(PathBuf::from))
        .filter_map(|path| fs::read(path).ok())
        .map(|pem| {
            parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect::<Vec<_>>()
        })
        .find(|certificates| !certificates.is_empty());
    let roots =
        authorities.map_or(RootCerts::WebPki, |authorities| RootCerts::Specific(Arc::new(authorities)));
    TlsConfig::builder().root_certs(roots).build()
}
