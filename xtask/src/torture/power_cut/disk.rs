//! What a disk holds after some of the operations that a process asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Loss;
use crate::torture::random::Random;

/// A file or folder, by a number of its own that a new name does not change.
pub(super) type Node = usize;

/// The folder of the run.
pub(super) const ROOT: Node = 0;

/// What changes the disk, or makes changes last.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// A new name for a new file or folder.
    Make { folder: Node, name: String, node: Node, is_folder: bool },
    /// Bytes of a file.
    Write { node: Node, at: usize, bytes: Vec<u8> },
    /// Another length.
    Cut { node: Node, length: usize },
    /// A name goes.
    Remove { folder: Node, name: String },
    /// A name moves, in the stead of what has it, or both are exchanged.
    Rename { from: (Node, String), to: (Node, String), exchange: bool },
    /// What was written into a file lasts, or what was made in a folder.
    Sync { node: Node },
}

impl Operation {
    pub(super) fn is_sync(&self) -> bool {
        matches!(self, Self::Sync { .. })
    }

    /// The file or the folders that have to be synchronised before the operation lasts; one of them is enough for a name that
    /// moves, which is never there twice or not at all.
    fn lasts_with(&self) -> Vec<Node> {
        match self {
            Self::Make { folder, .. } | Self::Remove { folder, .. } => vec![*folder],
            Self::Write { node, .. } | Self::Cut { node, .. } => vec![*node],
            Self::Rename { from, to, .. } => vec![from.0, to.0],
            Self::Sync { .. } => Vec::new(),
        }
    }

    fn is_of_content(&self) -> bool {
        matches!(self, Self::Write { .. } | Self::Cut { .. })
    }
}

enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<String, Node>),
}

/// Files and folders.
pub(super) struct Disk(BTreeMap<Node, Content>);

impl Disk {
    /// What is left of the operations when the power is cut after the last.
    pub(super) fn after(operations: &[Operation], loss: Loss, random: &mut Random) -> Self {
        let mut disk = Self(BTreeMap::from([(ROOT, Content::Folder(BTreeMap::new()))]));
        for (index, operation) in operations.iter().enumerate() {
            let lasts = || {
                let with = operation.lasts_with();
                let is_it =
                    |later: &Operation| matches!(later, Operation::Sync { node } if with.contains(node));
                operations[index + 1..].iter().any(is_it)
            };
            let is_kept = match loss {
                Loss::Nothing => true,
                Loss::Everything => lasts(),
                Loss::Contents => !operation.is_of_content() || lasts(),
                Loss::Names => operation.is_of_content() || lasts(),
                Loss::Some => random.once_in(2) || lasts(),
            };
            disk.apply(operation, is_kept, random);
        }
        disk
    }

    fn apply(&mut self, operation: &Operation, is_kept: bool, random: &mut Random) {
        match operation {
            Operation::Make { folder, name, node, is_folder } => {
                // The node itself is there for what names it later.
                let content =
                    if *is_folder { Content::Folder(BTreeMap::new()) } else { Content::File(Vec::new()) };
                self.0.entry(*node).or_insert(content);
                if is_kept {
                    self.put(*folder, name, *node);
                }
            }
            Operation::Write { node, at, bytes } => {
                let Some(Content::File(file)) = self.0.get_mut(node) else { return };
                let end = at + bytes.len();
                // A file system may note the length and lose the bytes.
                if is_kept || random.once_in(2) {
                    file.resize(file.len().max(end), 0);
                }
                if is_kept {
                    file[*at..end].copy_from_slice(bytes);
                }
            }
            Operation::Cut { node, length } if is_kept => {
                if let Some(Content::File(file)) = self.0.get_mut(node) {
                    file.resize(*length, 0);
                }
            }
            Operation::Remove { folder, name } if is_kept => {
                self.take(*folder, name);
            }
            Operation::Rename { from, to, exchange } if is_kept => {
                let moved = self.take(from.0, &from.1);
                let other = self.take(to.0, &to.1);
                if let Some(node) = moved {
                    self.put(to.0, &to.1, node);
                } else if let Some(node) = other {
                    // The name that moves was lost before: the old one stays.
                    self.put(to.0, &to.1, node);
                    return;
                }
                if let Some(node) = other.filter(|_| *exchange) {
                    self.put(from.0, &from.1, node);
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, folder: Node, name: &str, node: Node) {
        if let Some(Content::Folder(entries)) = self.0.get_mut(&folder) {
            entries.insert(name.to_owned(), node);
        }
    }

    fn take(&mut self, folder: Node, name: &str) -> Option<Node> {
        match self.0.get_mut(&folder) {
            Some(Content::Folder(entries)) => entries.remove(name),
            _ => None,
        }
    }

    /// Makes the files and folders.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        self.write_node(ROOT, path)
    }

    fn write_node(&self, node: Node, path: &Path) -> Result<()> {
        match self.0.get(&node) {
            Some(Content::File(bytes)) => fs::write(path, bytes)?,
            Some(Content::Folder(entries)) => {
                fs::create_dir_all(path)?;
                for (name, node) in entries {
                    self.write_node(*node, &path.join(name))?;
                }
            }
            None => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(name: &str, node: Node) -> Operation {
        Operation::Make { folder: ROOT, name: name.to_owned(), node, is_folder: false }
    }

    fn write(node: Node, text: &str) -> Operation {
        Operation::Write { node, at: 0, bytes: text.into() }
    }

    fn rename(from: &str, to: &str) -> Operation {
        let [from, to] = [from, to].map(|name| (ROOT, name.to_owned()));
        Operation::Rename { from, to, exchange: false }
    }

    /// The file `a` after all these were cut off after the last.
    fn a(operations: &[Operation], loss: Loss) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        Disk::after(operations, loss, &mut Random::new(3)).write(folder.path()).unwrap();
        fs::read(folder.path().join("a")).ok()
    }

    const SYNC: fn(Node) -> Operation = |node| Operation::Sync { node };

    #[test]
    fn what_is_not_synchronised_is_lost_and_the_rest_is_not() {
        let careful = [
            make("a", 1),
            write(1, "old"),
            SYNC(1),
            SYNC(ROOT),
            make("b", 2),
            write(2, "new"),
            SYNC(2),
            rename("b", "a"),
        ];
        assert_eq!(a(&careful, Loss::Nothing).unwrap(), b"new");
        assert_eq!(a(&careful, Loss::Everything).unwrap(), b"old");
        for cut in 4..=careful.len() {
            for loss in super::super::LOSSES {
                let left = a(&careful[..cut], loss).unwrap();
                assert!(left == b"old" || left == b"new", "{cut} {loss:?}: {left:?}");
            }
        }
        // Without the synchronisation of the new file its name lasts before its bytes do.
        let careless = [
            make("a", 1),
            write(1, "old"),
            SYNC(1),
            SYNC(ROOT),
            make("b", 2),
            write(2, "new"),
            rename("b", "a"),
            SYNC(ROOT),
        ];
        let left = a(&careless, Loss::Contents).unwrap();
        assert!(left.is_empty() || left == [0; 3], "{left:?}");
    }
}
