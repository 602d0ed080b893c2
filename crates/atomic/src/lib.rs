//! Files and directories that are there whole or not at all.
//!
//! [`AtomicFile`] and [`AtomicDirectory`] are filled beside their place and renamed into it when they are whole.
//! When `commit` returns, the content and the new name are on the disk itself: the files are synchronised before
//! the rename, the folder that holds the name after it. [`write_atomically`] does it for bytes at hand.
//!
//! What a killed process was filling stays beside the place under a name that [`is_unfinished`] knows. It goes
//! when the next one is made for the same place, or by [`remove_leftovers`]. A lock that dies with its process
//! tells it from what a live one is filling. [`open_own`] opens what is not replaced but added to, and follows no link.
//! [`Lock`] is such a lock for whatever one process at a time may do.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! use selvedge_atomic::{AtomicDirectory, write_atomically};
//!
//! write_atomically(&folder.join("config.json"), "{}\n")?;
//! let model = AtomicDirectory::create(folder.join("epoch-3"))?;
//! std::fs::write(model.path().join("weights"), "1 2 3")?;
//! assert!(!folder.join("epoch-3").exists());
//! model.commit()?;
//! assert!(folder.join("epoch-3/weights").exists());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod directory;
mod error;
mod file;
mod leftover;
mod links;
mod lock;
mod place;

pub use directory::AtomicDirectory;
pub use error::{Error, Result};
pub use file::{AtomicFile, write_atomically};
pub use leftover::{is_unfinished, remove_leftovers};
pub use links::{open_own, refuse_link, refuse_links_below, refuse_links_in};
pub use lock::{Attempt, Lock};
pub use place::{put_in_place, sync};
