//! The real program in a sandbox: its own workspace, its own cache, a server on loopback.
#![cfg(target_os = "linux")]
// What these files need around their tests is a test too.
#![allow(clippy::unwrap_used)]

mod commands;
mod provisioning;
mod sandbox;
mod server;
