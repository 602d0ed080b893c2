//! A process that ends in the middle of filling a file and a directory.

// What this file needs around its tests is a test too.
#![allow(clippy::unwrap_used)]

use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{self, Command};

use selvedge_atomic::{AtomicDirectory, AtomicFile, is_unfinished, remove_leftovers};

const VARIABLE: &str = "SELVEDGE_KILLED_IN";

fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Not a test of its own: what the other one starts and sees die.
#[test]
fn dies_half_way() {
    let Some(directory) = env::var_os(VARIABLE) else { return };
    let directory = Path::new(&directory);
    let mut file = AtomicFile::create(directory.join("file")).unwrap();
    file.write_all(b"half").unwrap();
    let staged = AtomicDirectory::create(directory.join("directory")).unwrap();
    fs::write(staged.path().join("half"), "half").unwrap();
    // No destructor runs, as after a kill.
    process::abort();
}

#[test]
fn what_it_leaves_is_known_and_goes() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let place = AtomicDirectory::create(root.join("directory")).unwrap();
    fs::write(place.path().join("whole"), "whole").unwrap();
    place.commit().unwrap();
    let dies = || {
        let died = Command::new(env::current_exe().unwrap())
            .args(["--exact", "dies_half_way"])
            .env(VARIABLE, root)
            .output()
            .unwrap();
        assert!(!died.status.success());
        let mut left = names(root);
        left.retain(|name| name != "directory");
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left.iter().all(is_unfinished), "{left:?}");
        assert_eq!(names(&root.join("directory")), ["whole"]);
    };
    dies();
    remove_leftovers(root).unwrap();
    assert_eq!(names(root), ["directory"]);
    dies();
    AtomicFile::create(root.join("file")).unwrap().commit().unwrap();
    AtomicDirectory::create(root.join("directory")).unwrap().commit().unwrap();
    assert_eq!(names(root), ["directory", "file"]);
    assert_eq!(names(&root.join("directory")).len(), 0);
}
