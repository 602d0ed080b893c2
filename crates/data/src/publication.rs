//! Datasets as they are published: where their files may be on this machine, and how they come to it.

mod fetch;
mod note;
mod parcel;
#[cfg(test)]
mod tests;
mod unpack;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use selvedge_fetch::cache_directory;

pub(crate) use self::note::check_noted;
pub(crate) use self::parcel::{Digest, Edition, Packing, Parcel};
use crate::{Error, Result};

/// Where the distribution's packages put datasets.
const SYSTEM: &str = "/usr/share/datasets";

/// A dataset as it is published.
pub(crate) struct Publication<'a> {
    /// The dataset, as people write it.
    pub(crate) name: &'static str,
    /// The name of its folder in the cache and in the system's dataset folder.
    pub(crate) folder: &'static str,
    /// Where its files are below a folder of the user's, if they are not in it.
    pub(crate) inner: String,
    /// The files that are asked for.
    pub(crate) files: Vec<Cow<'static, str>>,
    /// What it is fetched as. May hold more files than are asked for.
    pub(crate) parcels: Vec<Parcel>,
    /// The distribution's package that puts the files into the system's dataset folder.
    pub(crate) package: Option<&'static str>,
    /// What else the files may be in, such as `, with or without .gz,`: for advice.
    pub(crate) in_which_form: &'static str,
    /// The file of a name in a folder, in any form in which it can be read.
    pub(crate) find: fn(&Path, &str) -> Option<PathBuf>,
    /// Refuses the file of a name where it is not what it must be.
    pub(crate) check: &'a dyn Fn(&str, &Path) -> Result<()>,
}

impl Publication<'_> {
    /// What `load` makes of the folder, or, where none is given, of the first place that has the files; it gives
    /// `None` where they are not there.
    pub(crate) fn load<T>(
        &self,
        folder: Option<&Path>,
        load: impl Fn(&Path) -> Result<Option<T>>,
    ) -> Result<T> {
        let mut tried = Vec::new();
        for place in self.places(folder) {
            match load(&place) {
                Ok(Some(dataset)) => return Ok(dataset),
                Ok(None) => tried.push((place.display().to_string(), self.absence(&place))),
                // A folder that was asked for is not silently passed over.
                Err(error) if folder.is_some() => return Err(error),
                Err(error) => tried.push((place.display().to_string(), error.to_string())),
            }
        }
        let advice = format!("Fetch them, or put {}.", self.files_and_place());
        Err(Error::NotFound { dataset: self.name, tried, advice })
    }

    /// Which files a place does not have.
    fn absence(&self, place: &Path) -> String {
        let missing: Vec<&str> =
            self.files.iter().filter(|name| (self.find)(place, name).is_none()).map(|name| &**name).collect();
        match missing.len() < self.files.len() {
            true => format!("without {}", missing.join(", ")),
            false => "not there".to_owned(),
        }
    }

    fn files_and_place(&self) -> String {
        format!("{}{} into a folder and give its path", self.files.join(", "), self.in_which_form)
    }

    /// The folders to look into, in order.
    fn places(&self, folder: Option<&Path>) -> Vec<PathBuf> {
        match folder {
            Some(folder) => vec![folder.to_path_buf(), folder.join(&self.inner)],
            None => {
                let system = Path::new(SYSTEM).join(self.folder);
                [Some(system), self.cache().ok()].into_iter().flatten().collect()
            }
        }
    }

    fn cache(&self) -> Result<PathBuf> {
        Ok(cache_directory()?.join("data").join(self.folder))
    }
}
