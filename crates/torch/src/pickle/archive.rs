//! The zip file around a pickle: `<name>/data.pkl`, and `<name>/data/<key>` for the memory of each tensor.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

use selvedge_atomic::AtomicFile;
use tch::{Device, Kind, Tensor};
use zip::read::{ArchiveOffset, Config};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::{FileFormat, Result, TorchError, filled};

/// PyTorch aligns each record so that it could be mapped into memory.
const ALIGNMENT: u16 = 64;
/// The version of the file format that PyTorch writes.
const VERSION: &[u8] = b"3\n";

/// An archive that is being read.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// The folder that all records lie in, with its slash.
    prefix: String,
    /// The length of the file, less the records that were read: no other is longer, since none lies in another.
    left: u64,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = |error| TorchError::File { path: path.to_owned(), error };
        let damaged = |reason| TorchError::Pickle { path: path.to_owned(), reason };
        let opened = File::open(path).map_err(file)?;
        let length = opened.metadata().map_err(file)?.len();
        let format = FileFormat::of_file(path).map_err(file)?;
        if format != FileFormat::Zip {
            let advice = match format {
                FileFormat::Safetensors => Some("read it by StateDict::load"),
                _ => format.advice(),
            };
            let advice = advice.map_or_else(String::new, |advice| format!("; {advice}"));
            return Err(damaged(format!("expected the zip file of torch.save, found {format}{advice}")));
        }
        // The archive begins where the file does. Looking for its beginning goes wrong where the directory at the end is
        // described twice, for ZIP64 as well, and the second of its entries is as far away as the descriptions are long.
        let config = Config { archive_offset: ArchiveOffset::Known(0) };
        let zip = ZipArchive::with_config(config, BufReader::new(opened))
            .map_err(|error| damaged(format!("damaged, or cut short: {error}")))?;
        let prefix = zip
            .file_names_raw()
            .filter_map(|name| std::str::from_utf8(name).ok()?.strip_suffix("data.pkl"))
            .find(|prefix| prefix.ends_with('/'))
            .map(str::to_owned)
            .ok_or_else(|| {
                damaged("a zip file without data.pkl: not one of torch.save (NumPy's .npz is one)".to_owned())
            })?;
        let mut archive = Self { zip, prefix, left: length };
        if archive.has("constants.pkl") {
            let reason = "a TorchScript program; save its state_dict() in Python instead";
            return Err(damaged(reason.to_owned()));
        }
        if archive.has("byteorder") {
            let order = archive.bytes("byteorder").map_err(damaged)?;
            if order != b"little" {
                let order = String::from_utf8_lossy(&order).into_owned();
                return Err(damaged(format!("in {order:?} byte order; expected \"little\"")));
            }
        }
        Ok(archive)
    }

    pub(super) fn pickle(&mut self) -> Result<Vec<u8>, String> {
        self.bytes("data.pkl")
    }

    /// The memory of a storage, as values of `kind`.
    pub(super) fn storage(&mut self, key: &str, kind: Kind, count: i64) -> Result<Tensor, String> {
        let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(kind.elt_size_in_bytes()));
        let mut failure = None;
        let tensor = self.record(&format!("data/{key}"), |record, length| {
            if size != Some(length) {
                return Err(format!("data/{key} has {length} bytes; expected {count} values of {kind:?}"));
            }
            Ok(filled([length as i64], |bytes: &mut [u8]| failure = record.read_exact(bytes).err()))
        })?;
        if let Some(error) = failure {
            return Err(format!("data/{key}: {error}"));
        }
        if count == 0 {
            return Ok(Tensor::zeros([0], (kind, Device::Cpu)));
        }
        tensor.f_view_dtype(kind).map_err(|error| format!("data/{key}: {error}"))
    }

    fn bytes(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.record(name, |record, length| {
            let mut bytes = Vec::with_capacity(length);
            record.read_to_end(&mut bytes).map_err(|error| format!("{name}: {error}"))?;
            Ok(bytes)
        })
    }

    fn has(&self, name: &str) -> bool {
        self.zip.index_for_name(&format!("{}{name}", self.prefix)).is_some()
    }

    /// Reads a record with its length, once.
    fn record<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut dyn Read, usize) -> Result<T, String>,
    ) -> Result<T, String> {
        let full = format!("{}{name}", self.prefix);
        let mut record = self.zip.by_name(&full).map_err(|error| format!("{name}: {error}"))?;
        let length = record.size();
        if record.compression() != CompressionMethod::Stored {
            return Err(format!("{name} is compressed; PyTorch stores its records as they are"));
        }
        let Some(left) = self.left.checked_sub(length) else {
            return Err(format!("{name} claims {length} bytes where the file has {} left", self.left));
        };
        self.left = left;
        let mut limited = record.by_ref().take(length);
        let value = read(&mut limited, length as usize)?;
        // The checksum is compared at the end.
        io::copy(record.by_ref(), &mut io::sink()).map_err(|error| format!("{name}: {error}"))?;
        Ok(value)
    }
}

/// Writes an archive beside its place and moves it there.
pub(super) fn write(path: &Path, pickle: &[u8], tensors: &[Tensor]) -> io::Result<()> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("archive");
    let file = AtomicFile::create(path).map_err(|error| error.source)?;
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let mut record = |key: &str, bytes: &[u8]| {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(bytes.len() >= u32::MAX as usize)
            .with_alignment(ALIGNMENT);
        zip.start_file(format!("{name}/{key}"), options)?;
        zip.write_all(bytes)
    };
    record("data.pkl", pickle)?;
    record("byteorder", b"little")?;
    for (key, tensor) in tensors.iter().enumerate() {
        record(&format!("data/{key}"), &bytes_of(tensor))?;
    }
    record("version", VERSION)?;
    let file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.commit().map_err(|error| error.source)
}

fn bytes_of(tensor: &Tensor) -> Vec<u8> {
    let count = tensor.numel();
    let mut bytes = vec![0; count * tensor.kind().elt_size_in_bytes()];
    if count > 0 {
        tensor.copy_data_u8(&mut bytes, count);
    }
    bytes
}
