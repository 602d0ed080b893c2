use std::borrow::Cow;

use selvedge_fetch::{Md5Digest, Sha256Digest};

/// A file on the network that holds files of a dataset.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    /// As its publisher calls it: `cifar-10-binary.tar.gz`.
    pub(crate) name: Cow<'static, str>,
    /// Folders on the network that have it, as addresses that end in a slash.
    pub(crate) mirrors: &'static [&'static str],
    pub(crate) digest: Digest,
    pub(crate) packing: Packing,
    /// The names of the files that are wanted of it.
    pub(crate) files: Vec<Cow<'static, str>>,
}

/// How to know that a parcel is the published one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Digest {
    /// Of the file as it is published.
    Parcel(Md5Digest),
    /// Of the one file in it.
    Content(Sha256Digest),
}

/// What a parcel is packed as.
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
