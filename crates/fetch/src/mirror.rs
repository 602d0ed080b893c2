//! One attempt at one mirror.

use std::fs::File;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response, header};
use ureq::{Agent, Body};

use crate::partial::Partial;
use crate::proxy::{leads_through, proxy_to};
use crate::trust::tls_config;
use crate::{Cause, Error, Event, Patience, Progress};

/// The client for all attempts of a download.
pub(crate) fn agent(patience: &Patience) -> Agent {
    Agent::config_builder()
        .user_agent(concat!("selvedge/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(patience.redirects)
        .timeout_resolve(Some(patience.connect))
        .timeout_connect(Some(patience.connect))
        .timeout_recv_response(Some(patience.stall))
        .timeout_per_read(Some(patience.stall))
        .timeout_per_write(Some(patience.stall))
        .tls_config(tls_config())
        // Each request has its own.
        .proxy(None)
        .build()
        .new_agent()
}

/// Why an attempt ended without the whole file.
pub(crate) enum Stop {
    /// The mirror's fault, and how long it asked to be left alone.
    Mirror { cause: Cause, asked: Option<Duration> },
    /// The disk's fault: no other mirror mends it.
    Disk(Error),
}

impl From<Cause> for Stop {
    fn from(cause: Cause) -> Self {
        Self::Mirror { cause, asked: None }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Disk(error)
    }
}

/// One attempt to get all of a file from a mirror.
pub(crate) struct Attempt<'a> {
    pub(crate) agent: &'a Agent,
    pub(crate) name: &'a str,
    pub(crate) url: &'a str,
    pub(crate) size: Option<u64>,
    pub(crate) patience: &'a Patience,
    pub(crate) partial: &'a Partial,
    pub(crate) progress: &'a dyn Progress,
}

impl Attempt<'_> {
    /// Brings the partial file to its full length; tells whether it holds bytes of an earlier attempt.
    pub(crate) fn run(&self) -> Result<bool, Stop> {
        let resumable = self.partial.resumable(self.url);
        let response = self.ask(resumable.as_ref())?;
        let headers = response.headers();
        match (response.status().as_u16(), resumable) {
            (206, Some((here, _))) => match content_range(headers) {
                Some((start, total)) if start == here => {
                    let total = total.or_else(|| Some(here + content_length(headers)?));
                    let file = self.partial.append()?;
                    self.receive(response, file, here, total)?;
                    Ok(true)
                }
                _ => self.start_over("the server sent another part of the file than asked"),
            },
            // Nothing is left to send when all of this version is here.
            (416, Some((here, _))) => match unsatisfied_range(headers) {
                Some(total) if total == here => Ok(true),
                _ => self.start_over("the server has no such part of the file"),
            },
            (200, _) => {
                let total = content_length(headers);
                self.check_length(total)?;
                let file = self.partial.begin(self.url, version(headers))?;
                self.receive(response, file, 0, total)?;
                Ok(false)
            }
            (status, _) => Err(Stop::Mirror { cause: Cause::Status(status), asked: retry_after(headers) }),
        }
    }

    fn ask(&self, resumable: Option<&(u64, String)>) -> Result<Response<Body>, Stop> {
        let mut request = self.agent.get(self.url).header(header::ACCEPT_ENCODING, "identity");
        if let Some((here, version)) = resumable {
            request =
                request.header(header::RANGE, format!("bytes={here}-")).header(header::IF_RANGE, version);
        }
        // Encrypted at the start is encrypted to the end of the redirects.
        let https_only = self.url.starts_with("https://");
        let proxy = proxy_to(self.url)?;
        let way = proxy.as_ref().filter(|proxy| leads_through(proxy, self.url));
        let way = way.map(|proxy| format!("through the proxy at {}:{}: ", proxy.host(), proxy.port()));
        let request = request.config().https_only(https_only).proxy(proxy).build();
        request.call().map_err(|error| match (error, way) {
            // A SOCKS proxy's refusal comes so, and that there is none.
            (ureq::Error::Io(error), Some(way)) => Self::broken_off(format!("{way}{error}")).into(),
            (error, _) => self.cause(error, 0).into(),
        })
    }

    fn start_over(&self, reason: &str) -> Result<bool, Stop> {
        self.partial.discard()?;
        Err(Cause::Connection(reason.to_owned()).into())
    }

    fn check_length(&self, total: Option<u64>) -> Result<(), Cause> {
        let limit = self.patience.largest;
        match (self.size, total) {
            (Some(expected), Some(found)) if expected != found => Err(Cause::Length { expected, found }),
            (None, Some(found)) if found > limit => Err(Cause::TooLarge { limit }),
            _ => Ok(()),
        }
    }

    fn receive(
        &self,
        response: Response<Body>,
        mut file: File,
        here: u64,
        total: Option<u64>,
    ) -> Result<(), Stop> {
        self.check_length(total)?;
        let total = total.or(self.size);
        let mut done = here;
        self.progress.on(Event::Started { name: self.name, url: self.url, done, total });
        let mut body = response.into_body().into_reader();
        let mut buffer = vec![0; 128 * 1024];
        let (mut since, mut before) = (Instant::now(), done);
        loop {
            let length = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(error, done, total).into()),
            };
            done += length as u64;
            if let Some(expected) = total.filter(|total| done > *total) {
                self.partial.discard()?;
                return Err(Cause::Length { expected, found: done }.into());
            }
            if total.is_none() && done > self.patience.largest {
                self.partial.discard()?;
                return Err(Cause::TooLarge { limit: self.patience.largest }.into());
            }
            self.partial.write(&mut file, &buffer[..length])?;
            let after = since.elapsed();
            if after >= self.patience.rate_window {
                let (received, least) = (done - before, self.patience.least_rate);
                if (received as f64) < least as f64 * after.as_secs_f64() {
                    return Err(Cause::Slow { least, window: self.patience.rate_window, received }.into());
                }
                (since, before) = (Instant::now(), done);
            }
            self.progress.on(Event::Advanced { done, total });
        }
        match total {
            Some(expected) if done < expected => Err(Cause::Truncated { expected, received: done }.into()),
            _ => Ok(()),
        }
    }

    fn broken(&self, error: io::Error, received: u64, total: Option<u64>) -> Cause {
        match total {
            Some(expected) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Cause::Truncated { expected, received }
            }
            _ => self.cause(ureq::Error::from(error), received),
        }
    }

    fn cause(&self, error: ureq::Error, received: u64) -> Cause {
        use ureq::{Error, Timeout};
        match error {
            Error::Timeout(Timeout::PerRead | Timeout::PerWrite | Timeout::RecvResponse) => {
                Cause::Stalled { after: self.patience.stall, received }
            }
            Error::Timeout(_) => {
                Cause::Connection(format!("no connection within {:.0?}", self.patience.connect))
            }
            Error::TooManyRedirects => Cause::Redirects(self.patience.redirects),
            Error::BadUri(reason) => Cause::Address(reason),
            Error::Http(error) => Cause::Address(error.to_string()),
            Error::RequireHttpsOnly(to) => {
                Cause::Address(format!("it redirects to {to}, without encryption"))
            }
            Error::HostNotFound => Cause::Connection("no such host, or no network".to_owned()),
            Error::ConnectProxyFailed(reason) => Cause::Connection(format!("the proxy did not do: {reason}")),
            Error::Io(error) => Self::broken_off(error.to_string()),
            other => Self::broken_off(other.to_string()),
        }
    }

    fn broken_off(reason: String) -> Cause {
        // TLS errors come as text inside others.
        if reason.contains("certificate") { Cause::Certificate(reason) } else { Cause::Connection(reason) }
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_LENGTH)?.parse().ok()
}

/// The first byte and the whole length of `bytes 5-9/10`.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, total) = text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

/// The whole length of `bytes */10`.
fn unsatisfied_range(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_RANGE)?.strip_prefix("bytes */")?.parse().ok()
}

/// What tells this version of the file from another; weak tags do not promise the same bytes.
fn version(headers: &HeaderMap) -> Option<&str> {
    text(headers, header::ETAG)
        .filter(|tag| !tag.starts_with("W/"))
        .or_else(|| text(headers, header::LAST_MODIFIED))
}

/// In seconds; a date counts as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, header::RETRY_AFTER)?.parse().ok().map(Duration::from_secs)
}
