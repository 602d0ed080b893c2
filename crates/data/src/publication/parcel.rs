use std::borrow::Cow;

use selvedge_fetch::{Md5Digest, Sha256Digest};

/// Files of a dataset that come to this machine together.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    /// The names of the files.
    pub(crate) files: Vec<Cow<'static, str>>,
    /// What they were published in, asked for in this order: the same files may have been packed more than once.
    pub(crate) editions: Vec<Edition>,
}

/// A file on the network that holds the files of a parcel, and may hold more.
#[derive(Debug, Clone)]
pub(crate) struct Edition {
    /// As its publisher calls it: `cifar-10-binary.tar.gz`.
    pub(crate) name: Cow<'static, str>,
    /// Folders on the network that have it, as addresses that end in a slash.
    pub(crate) mirrors: &'static [&'static str],
    pub(crate) digest: Digest,
    pub(crate) packing: Packing,
}

/// How to know that an edition is the published one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Digest {
    /// Of the file as it is published.
    Sha256(Sha256Digest),
    /// Of the file as it is published, where nothing better is known for certain.
    Md5(Md5Digest),
    /// Of the one file in it.
    Content(Sha256Digest),
}

/// What an edition is packed as.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    /// One file as it is.
    Plain,
    /// One file, compressed.
    Gzip,
    /// One file, compressed.
    Xz,
    /// Several files, in this folder of the archive.
    Zip(&'static str),
    /// Several files, in this folder of the archive.
    TarGzip(&'static str),
}

impl Parcel {
    /// Whether it is known what is in the files, and not only what they come in.
    pub(crate) fn is_pinned(&self) -> bool {
        self.editions.iter().any(|edition| matches!(edition.digest, Digest::Content(_)))
    }
}
