/// Start of image, which is followed by other segments.
const SOI: u8 = 0xd8;
/// End of image.
const EOI: u8 = 0xd9;
/// Start of scan, whose segment is followed by compressed values.
const SOS: u8 = 0xda;

/// Refuses a JPEG file that ends before its image does, with what is there.
///
/// As libjpeg does, it passes over bytes between two segments, and whatever follows the end of the image, such as the
/// further images of a stereo camera.
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), String> {
    if !bytes.starts_with(&[0xff, SOI]) {
        return Err("a file that does not begin as a JPEG file does".to_owned());
    }
    let cut =
        || format!("a JPEG file of {} bytes that is cut short before the end of its image", bytes.len());
    let mut position = 2;
    loop {
        let (marker, behind) = next_marker(bytes, position).ok_or_else(cut)?;
        position = behind;
        match marker {
            EOI => return Ok(()),
            // Markers without a segment: TEM, restarts and a second start.
            0x01 | 0xd0..=SOI => continue,
            _ => {}
        }
        let length = bytes.get(position..position + 2).ok_or_else(cut)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 {
            return Err(format!("a JPEG segment of {length} bytes at byte {position}"));
        }
        position += length;
        if position > bytes.len() {
            return Err(cut());
        }
        if marker == SOS {
            position = end_of_scan(bytes, position).ok_or_else(cut)?;
        }
    }
}

/// The next marker and where what follows it begins. A marker may have any number of 0xff before it.
fn next_marker(bytes: &[u8], mut position: usize) -> Option<(u8, usize)> {
    loop {
        position += bytes.get(position..)?.iter().position(|&byte| byte == 0xff)?;
        position += bytes[position..].iter().position(|&byte| byte != 0xff)?;
        let marker = bytes[position];
        position += 1;
        if marker != 0 {
            return Some((marker, position));
        }
    }
}

/// Where the marker behind compressed values begins: in them 0xff is followed by 0, or by a restart.
fn end_of_scan(bytes: &[u8], start: usize) -> Option<usize> {
    let mut position = start;
    loop {
        position += bytes.get(position..)?.iter().position(|&byte| byte == 0xff)?;
        match bytes.get(position + 1)? {
            0x00 | 0xd0..=0xd7 => position += 2,
            0xff => position += 1,
            _ => return Some(position),
        }
    }
}
