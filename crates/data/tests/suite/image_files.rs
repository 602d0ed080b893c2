//! Image files: those that are cut short, and those that are stored turned.

use std::fs;
use std::path::PathBuf;

use selvedge_data::{Dataset, ImageFolder, ImageFolderOptions, read_image};

fn golden(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/golden/images", name].iter().collect()
}

fn options(apply_exif_orientation: bool) -> ImageFolderOptions {
    ImageFolderOptions { apply_exif_orientation, ..ImageFolderOptions::default() }
}

const JPEGS: [&str; 5] = ["baseline.jpg", "progressive.jpg", "restarts.jpg", "full_colours.jpg", "grey.jpg"];

#[test]
fn a_jpeg_that_is_cut_short_anywhere_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    let path = folder.path().join("a/cut.jpg");
    for name in JPEGS {
        let whole = fs::read(golden(name)).unwrap();
        read_image(golden(name), &options(false)).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let error = read_image(&path, &options(false)).map(drop).unwrap_err().to_string();
            assert!(error.contains("a/cut.jpg: image: expected a whole"), "{name}, {length} bytes: {error}");
        }
        fs::write(&path, &whole[..whole.len() - 2]).unwrap();
        let error = ImageFolder::new(folder.path()).unwrap().sample(0).map(drop).unwrap_err().to_string();
        assert!(error.contains("cut short before the end of its image"), "{error}");
    }
}

#[test]
fn a_whole_jpeg_with_more_than_it_needs_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.jpg");
    for name in JPEGS {
        let whole = fs::read(golden(name)).unwrap();
        let expected = read_image(golden(name), &options(false)).unwrap();
        // The segment of the picture within, whose end is not that of the file.
        let within = [&b"\xff\xe1\x00\x08\xff\xd8\xff\xd9\x00\x00"[..], &whole[2..]].concat();
        let odd = [
            ("bytes behind the end", [&whole[..], b"\x00\xff\xda trailing"].concat()),
            ("another image behind the end", [&whole[..], &whole[..]].concat()),
            ("half an image behind the end", [&whole[..], &whole[..whole.len() / 2]].concat()),
            ("a segment with an end in it", [&b"\xff\xd8"[..], &within].concat()),
            ("fill bytes before a marker", [&b"\xff\xd8\xff\xff\xff"[..], &whole[2..]].concat()),
        ];
        for (what, bytes) in odd {
            fs::write(&path, bytes).unwrap();
            let found = read_image(&path, &options(false)).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(found == expected, "{name} with {what}");
        }
    }
}

/// Red, green, blue and white, in the middle of each quarter.
const QUARTERS: [((u32, u32), [u8; 3]); 4] =
    [((6, 4), [255, 0, 0]), ((18, 4), [0, 255, 0]), ((6, 12), [0, 0, 255]), ((18, 12), [255; 3])];

#[test]
fn an_image_is_turned_as_its_metadata_say_when_that_is_asked_for() {
    for ending in ["jpg", "png", "webp"] {
        for orientation in 1..=8 {
            let path = golden(&format!("orientation_{orientation}.{ending}"));
            let upright = read_image(&path, &options(true)).unwrap().into_rgb8();
            assert_eq!(upright.dimensions(), (24, 16), "{}", path.display());
            for ((x, y), colour) in QUARTERS {
                let near = upright
                    .get_pixel(x, y)
                    .0
                    .iter()
                    .zip(colour)
                    .all(|(&found, right)| found.abs_diff(right) < 30);
                assert!(near, "{} at {x}, {y}: {:?}", path.display(), upright.get_pixel(x, y));
            }
            let stored = read_image(&path, &options(false)).unwrap();
            let size = if orientation < 5 { (24, 16) } else { (16, 24) };
            assert_eq!((stored.width(), stored.height()), size, "{}", path.display());
            let turned = stored.into_rgb8() != upright;
            assert_eq!(turned, orientation != 1, "{}", path.display());
        }
    }
}

#[test]
fn a_folder_of_images_ignores_the_orientation_by_default_as_torchvision_does() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::copy(golden("orientation_6.jpg"), folder.path().join("a/1.jpg")).unwrap();
    let size = |options| {
        let dataset = ImageFolder::with(folder.path(), options).unwrap();
        let shape = dataset.sample(0).unwrap().shape;
        (shape.height, shape.width)
    };
    assert_eq!(size(ImageFolderOptions::default()), (24, 16));
    assert_eq!(size(options(true)), (16, 24));
}
