use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use selvedge_data::Idx;

use crate::folder::{file, read};

/// Reads the bytes as an IDX file of each rank, raw and gzip, which has to give the same; tells whether there was one.
pub fn idx(bytes: &[u8]) -> bool {
    let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
    let raw = file("raw", bytes);
    // Compressed here, so that the bytes are not behind a checksum.
    let packed = if is_gzip { raw.clone() } else { file("packed", &gzip(bytes)) };
    let mut found = false;
    for rank in 0..4 {
        let idx = read(&raw, Idx::read(&raw, rank));
        if let Some(Idx { dimensions, values }) = &idx {
            assert_eq!(dimensions.len(), usize::from(rank));
            assert_eq!(dimensions.iter().product::<usize>(), values.len());
        }
        assert_eq!(read(&packed, Idx::read(&packed, rank)), idx, "gzip, of rank {rank}");
        found |= idx.is_some();
    }
    found
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
