//! Images in folders: which are found, what they decode to, and what is wrong with those that do not.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, RgbaImage};
use selvedge_data::{Dataset, Error, ImageFolder, ImageFolderOptions, Loader, LoaderOptions, Shape};
use tempfile::TempDir;

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn picture(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 200])).into()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn relative<'a>(path: &'a Path, folder: &TempDir) -> &'a str {
    path.strip_prefix(folder.path()).unwrap().to_str().unwrap()
}

#[test]
fn finds_the_images_of_each_class_in_torchvision_s_order() {
    let folder = folder(&[
        ("shoe/b.png", b""),
        ("shoe/10.JPG", b""),
        ("shoe/9.webp", b""),
        ("shoe/aa/z.jpeg", b""),
        ("shoe/notes.txt", b""),
        ("dress/1.png", b""),
        ("readme.png", b""),
    ]);
    let dataset = ImageFolder::new(folder.path()).unwrap();
    assert_eq!(dataset.class_names(), ["dress", "shoe"]);
    let found: Vec<_> =
        dataset.images().iter().map(|(path, label)| (relative(path, &folder), *label)).collect();
    let expected = [
        ("dress/1.png", 0),
        ("shoe/10.JPG", 1),
        ("shoe/9.webp", 1),
        ("shoe/b.png", 1),
        ("shoe/aa/z.jpeg", 1),
    ];
    assert_eq!(found, expected);
    assert_eq!(dataset.class_counts().unwrap(), [1, 4]);
}

/// Folders, and the order that torchvision finds their images in.
#[test]
fn nested_folders_are_in_torchvision_s_order() {
    let text = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/image_folder.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let texts = |key: &str| -> Vec<String> { serde_json::from_value(golden[key].clone()).unwrap() };
    let files = texts("files");
    let folder = folder(&files.iter().map(|file| (file.as_str(), &b""[..])).collect::<Vec<_>>());
    let dataset = ImageFolder::new(folder.path()).unwrap();
    assert_eq!(dataset.class_names(), texts("classes"));
    let found: Vec<(String, i64)> =
        dataset.images().iter().map(|(path, label)| (relative(path, &folder).to_owned(), *label)).collect();
    let expected: Vec<(String, i64)> = serde_json::from_value(golden["images"].clone()).unwrap();
    assert_eq!(found, expected);
}

#[test]
fn decodes_to_planes_of_red_green_and_blue() {
    let grey: DynamicImage = GrayImage::from_pixel(1, 1, Luma([9])).into();
    let clear: DynamicImage = RgbaImage::from_raw(1, 1, vec![1, 2, 3, 0]).unwrap().into();
    let folder = folder(&[
        ("a/1.png", &encoded(&picture(3, 2), ImageFormat::Png)),
        // What the file is counts, not what it is called.
        ("a/2.jpg", &encoded(&picture(3, 2), ImageFormat::WebP)),
        ("a/3.png", &encoded(&grey, ImageFormat::Png)),
        ("a/4.png", &encoded(&clear, ImageFormat::Png)),
        ("a/5.jpg", &encoded(&grey, ImageFormat::Jpeg)),
    ]);
    let dataset = ImageFolder::new(folder.path()).unwrap();
    for index in [0, 1] {
        let sample = dataset.sample(index).unwrap();
        assert_eq!(sample.shape, Shape::new(3, 2, 3));
        let planes = [[0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1], [200; 6]].concat();
        assert_eq!(sample.pixels.bytes(), planes);
    }
    assert_eq!(dataset.sample(2).unwrap().pixels.bytes(), [9, 9, 9]);
    assert_eq!(dataset.sample(3).unwrap().pixels.bytes(), [1, 2, 3]);
    assert_eq!(dataset.sample(4).unwrap().pixels.bytes(), [9, 9, 9]);
}

#[test]
fn an_image_that_does_not_decode_is_named() {
    let whole = encoded(&picture(30, 30), ImageFormat::Png);
    let folder = folder(&[("a/good.png", &whole), ("a/half.png", &whole[..whole.len() / 2])]);
    let dataset = ImageFolder::new(folder.path()).unwrap();
    for num_workers in [0, 2] {
        let options = LoaderOptions { num_workers, ..LoaderOptions::default() };
        let loader = Loader::new(dataset.clone(), options).unwrap();
        let error = loader.epoch(0).find_map(Result::err).unwrap();
        assert!(matches!(error, Error::Sample { index: 1, .. }), "{error}");
        assert!(error.to_string().contains("half.png: image: expected a whole PNG"), "{error}");
    }
}

#[test]
fn a_damaged_first_image_is_an_error_of_its_own_batch() {
    let whole = encoded(&picture(30, 30), ImageFormat::Png);
    let folder = folder(&[("a/1.png", b"no image"), ("a/2.png", &whole), ("a/3.png", &whole)]);
    let dataset = ImageFolder::new(folder.path()).unwrap();
    for num_workers in [0, 2] {
        let options = LoaderOptions { num_workers, ..LoaderOptions::default() };
        let loader = Loader::new(dataset.clone(), options).unwrap();
        let batches: Vec<_> = loader.epoch(0).collect();
        let error = batches[0].as_ref().unwrap_err();
        assert!(matches!(error, Error::Sample { index: 0, .. }), "{error}");
        let batch = loader.batches_of(vec![1, 2]).next().unwrap().unwrap();
        assert_eq!((batch.images.kind(), batch.images.size()), (tch::Kind::Float, vec![1, 3, 30, 30]));
        assert_eq!(batch.images.double_value(&[0, 2, 0, 0]), f64::from(200.0f32 / 255.0));
    }
}

/// The small image, whose head says that it is huge.
fn bomb(format: ImageFormat) -> Vec<u8> {
    let mut bytes = encoded(&picture(3, 2), format);
    match format {
        ImageFormat::Png => {
            // The first chunk: length, name, width, height and five more bytes, checksum.
            bytes[16..24].copy_from_slice(&[50_000_u32.to_be_bytes(); 2].concat());
            let mut checksum = flate2::Crc::new();
            checksum.update(&bytes[12..29]);
            bytes[29..33].copy_from_slice(&checksum.sum().to_be_bytes());
        }
        ImageFormat::Jpeg => {
            // The frame's marker, then its length, the bits of a value, height and width.
            let frame = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
            bytes[frame + 5..frame + 9].copy_from_slice(&[50_000_u16.to_be_bytes(); 2].concat());
        }
        ImageFormat::WebP => {
            // Behind the signature, 14 bits each of width - 1 and height - 1, and four more.
            let signature = bytes.windows(4).position(|name| name == b"VP8L").unwrap() + 8;
            assert_eq!(bytes[signature], 0x2f);
            let size = 16_382_u32 | 16_382 << 14;
            bytes[signature + 1..signature + 5].copy_from_slice(&size.to_le_bytes());
        }
        _ => unreachable!(),
    }
    bytes
}

#[test]
fn an_image_that_says_it_is_huge_is_named_before_it_is_decoded() {
    for (name, format, size) in [
        ("a/1.png", ImageFormat::Png, "50000 by 50000"),
        ("a/1.jpg", ImageFormat::Jpeg, "50000 by 50000"),
        ("a/1.webp", ImageFormat::WebP, "16383 by 16383"),
    ] {
        let bytes = bomb(format);
        assert!(bytes.len() < 1000, "{name} has {} bytes", bytes.len());
        let folder = folder(&[(name, &bytes)]);
        let error = ImageFolder::new(folder.path()).unwrap().sample(0).unwrap_err().to_string();
        let expected = "image: expected an image of at most 178956970 pixels, the max_pixels, found one of";
        assert_eq!(error, format!("{}: {expected} {size}", folder.path().join(name).display()));
    }
}

#[test]
fn how_large_an_image_may_be_is_an_option() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let folder = folder(&[("a/1.png", &encoded(&picture(3, 2), format))]);
        let sample = |max_pixels| {
            let dataset =
                ImageFolder::with(folder.path(), ImageFolderOptions { max_pixels, ..Default::default() })
                    .unwrap();
            dataset.sample(0).map(|sample| sample.shape)
        };
        assert_eq!(sample(6).unwrap(), Shape::new(3, 2, 3));
        let error = sample(5).unwrap_err().to_string();
        assert!(error.ends_with("at most 5 pixels, the max_pixels, found one of 3 by 2"), "{error}");
    }
}

#[test]
fn folders_without_classes_or_images_are_refused() {
    let bare = folder(&[("a.png", b"")]);
    let error = ImageFolder::new(bare.path()).unwrap_err().to_string();
    assert!(error.ends_with("folder: expected a folder for each class, found none"), "{error}");
    let empty = folder(&[("a/1.png", b""), ("b/notes.txt", b"")]);
    let error = ImageFolder::new(empty.path()).unwrap_err().to_string();
    assert!(error.contains("b: class folder: expected images (jpg, jpeg, png, webp), found none"), "{error}");
    assert!(matches!(ImageFolder::new(bare.path().join("no")), Err(Error::Io { .. })));
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let folder = folder(&[("a/1.png", b""), ("b/in/2.png", b"")]);
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(to, folder.path().join(from)).unwrap();
    link("a/other", "../b/in");
    assert_eq!(ImageFolder::new(folder.path()).unwrap().len(), 3);
    fs::remove_file(folder.path().join("a/other")).unwrap();
    link("b/in/up", "..");
    let error = ImageFolder::new(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("b/in/up: folder: expected no link to a folder that it is in, found a link to"),
        "{error}"
    );
}
