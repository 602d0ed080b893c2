/// A record of TensorFlow: the length, its checksum, the bytes, their checksum.
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    [&length, &masked(&length)[..], bytes, &masked(bytes)].concat()
}

/// What comes next in a file of records.
#[derive(Debug, PartialEq)]
pub(super) enum Next<'a> {
    /// A record, as it is framed, and its bytes.
    Record(&'a [u8], &'a [u8]),
    /// A record whose bytes are not those that were written.
    Damaged(&'a [u8]),
    /// Less than a record, as a kill leaves it.
    Cut,
    /// Something else; where the next record begins is unknown.
    Lost,
}

/// The record at the start of `bytes`, which are not empty, and what is after it.
pub(super) fn next(bytes: &[u8]) -> (Next<'_>, &[u8]) {
    let Some((head, after)) = bytes.split_first_chunk::<12>() else { return (Next::Cut, &[]) };
    let (length, checksum) = head.split_at(8);
    if masked(length) != checksum {
        return (Next::Lost, &[]);
    }
    let length = length.try_into().map_or(u64::MAX, u64::from_le_bytes);
    let whole = usize::try_from(length).ok().and_then(|length| length.checked_add(4));
    let Some((body, rest)) = whole.and_then(|whole| after.split_at_checked(whole)) else {
        return (Next::Cut, &[]);
    };
    let (frame, (content, checksum)) = (&bytes[..bytes.len() - rest.len()], body.split_at(body.len() - 4));
    (if masked(content) == checksum { Next::Record(frame, content) } else { Next::Damaged(frame) }, rest)
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

    #[test]
    fn records_are_found_again_and_damage_is_told_from_a_cut() {
        let (one, two) = (framed(b"one"), framed(b"two"));
        let both = [&one[..], &two].concat();
        assert_eq!(next(&both), (Next::Record(&one, b"one"), &two[..]));
        let mut flipped = both.clone();
        flipped[12] ^= 1;
        assert_eq!(next(&flipped), (Next::Damaged(&flipped[..one.len()]), &two[..]));
        for length in 1..one.len() {
            assert_eq!(next(&one[..length]), (Next::Cut, &[][..]), "{length}");
        }
        flipped[0] ^= 1;
        assert_eq!(next(&flipped), (Next::Lost, &[][..]));
    }
}
