//! The seeds are whole: else nothing would get past the first check of a reader.

use std::fs;
use std::path::PathBuf;

fn each_is_read(target: &str, read: fn(&[u8]) -> bool) {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "seeds", target].iter().collect();
    let seeds: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        assert!(read(&fs::read(&seed).unwrap()), "{}", seed.display());
    }
    assert!(!read(b"nothing that a reader knows"));
}

#[test]
fn the_seeds_of_each_target_are_whole() {
    each_is_read("cifar", crate::cifar);
    each_is_read("idx", crate::idx);
    each_is_read("idx_pairs", crate::idx_pairs);
    each_is_read("image_folder", crate::image_folder);
}
