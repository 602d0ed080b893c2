/// A record of TensorFlow: the length, its checksum, the bytes, their checksum.
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    [&length, &masked(&length)[..], bytes, &masked(bytes)].concat()
}

/// A CRC of bytes that hold a CRC would be weak, so TensorFlow rotates it and adds a constant.
fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What TensorFlow's own writer makes of the version that begins each file, but for its time.
    #[test]
    fn a_record_is_framed_as_tensorflow_does() {
        let record = framed(b"\x1a\rbrain.Event:2");
        assert_eq!(record.len(), 8 + 4 + 15 + 4);
        assert_eq!(record[..8], [15, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(masked(b"123456789"), 0xc78a_b0e5_u32.to_le_bytes());
    }
}
