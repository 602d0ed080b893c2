//! Files of `torch.save` are read, and what is not one is refused.

mod values;

use std::fs::{self, File};
use std::io::{BufReader, Cursor, Write};
use std::path::{Path, PathBuf};

use selvedge_torch::{TorchError, Value, pickle};
use tch::{Device, Kind, Tensor};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn tensor<'a>(value: &'a Value, key: &str) -> &'a Tensor {
    value.get(key).and_then(Value::as_tensor).unwrap_or_else(|| panic!("no tensor {key} in {value:?}"))
}

#[test]
fn a_checkpoint_of_pytorch() {
    let checkpoint = pickle::load(golden("checkpoint.pt")).unwrap();
    assert_eq!(checkpoint.get("epoch").and_then(Value::as_int), Some(3));
    let model = checkpoint.get("model").unwrap();
    let names: Vec<&str> = model.as_dict().unwrap().iter().filter_map(|(key, _)| key.as_text()).collect();
    assert_eq!(names, ["0.weight", "0.bias", "2.weight", "2.bias"]);
    assert_eq!(tensor(model, "0.weight").size(), [4, 3]);
    // The first draws of seed 0, after one step of Adam.
    tch::manual_seed(0);
    let bound = 1.0 / 3f64.sqrt();
    let drawn = Tensor::empty([4, 3], (Kind::Float, Device::Cpu)).uniform_(-bound, bound);
    let distance = (tensor(model, "0.weight") - drawn).abs().max().double_value(&[]);
    assert!(distance <= 3.1e-3, "{distance}");
    let optimizer = checkpoint.get("optimizer").unwrap();
    let groups = optimizer.get("param_groups").and_then(Value::as_items).unwrap();
    assert_eq!(groups[0].get("lr").and_then(Value::as_float), Some(3e-3));
    assert!(matches!(groups[0].get("betas").unwrap(), Value::Tuple(betas) if betas.len() == 2));
    let (first, state) = &optimizer.get("state").and_then(Value::as_dict).unwrap()[0];
    assert_eq!(first.as_int(), Some(0));
    assert_eq!(tensor(state, "step").double_value(&[]), 1.0);
    assert_eq!(tensor(state, "exp_avg").size(), [4, 3]);
}

/// Where the entries of the zip file lie follows from the length of its name and the number of tensors.
#[test]
fn files_of_every_length_of_name_and_number_of_tensors() {
    let names = File::open(golden("names.tar.xz")).unwrap();
    let mut names = tar::Archive::new(lzma_rust2::XzReader::new(BufReader::new(names), false));
    let folder = tempfile::tempdir().unwrap();
    names.unpack(folder.path()).unwrap();
    let one = (1..=80).map(|length| ("a".repeat(length), 1));
    let several = (1..=70).map(|count| (format!("of{count}"), count));
    for (name, count) in one.chain(several) {
        let path = folder.path().join(format!("{name}.pt"));
        let value = pickle::load(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(value.as_dict().map(<[_]>::len), Some(count), "{name}");
        for index in 0..count {
            let expected = Tensor::from_slice(&[index as f32; 2]);
            assert!(tensor(&value, &format!("w{index}")).equal(&expected), "{name}, w{index}");
        }
    }
}

#[test]
fn views_of_pytorch() {
    let views = pickle::load(golden("views.pt")).unwrap();
    let base = Tensor::arange(12, (Kind::Float, Device::Cpu)).reshape([3, 4]);
    assert!(tensor(&views, "base").equal(&base));
    assert!(tensor(&views, "transposed").equal(&base.tr()));
    assert!(tensor(&views, "column").equal(&base.select(1, 1)));
    assert_eq!(tensor(&views, "empty").size(), [0, 5]);
    assert_eq!(tensor(&views, "scalar").size(), [0_i64; 0]);
    assert_eq!(tensor(&views, "scalar").double_value(&[]), 2.5);
    assert!(tensor(&views, "parameter").equal(&Tensor::ones([2], (Kind::Float, Device::Cpu))));
    // What shared memory shares it again.
    let _ = tensor(&views, "base").shallow_clone().fill_(9.0);
    assert_eq!(tensor(&views, "column").double_value(&[0]), 9.0);
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("round.pt");
    let weight = Tensor::arange(6, (Kind::Double, Device::Cpu)).reshape([2, 3]).set_requires_grad(true);
    let value = Value::dict([
        ("weight", Value::Tensor(weight.shallow_clone())),
        ("tied", Value::Tensor(weight.shallow_clone())),
        ("transposed", Value::Tensor(weight.tr())),
        ("empty", Value::Tensor(Tensor::zeros([3, 0, 2], (Kind::Bool, Device::Cpu)))),
        ("bf16", Value::Tensor(Tensor::from(-1.5f32).to_kind(Kind::BFloat16))),
        ("f8", Value::Tensor(Tensor::from_slice(&[-1.5f32, 2.0, 0.5]).to_kind(Kind::Float8e4m3fn))),
        ("bytes", Value::Bytes(vec![0, 97, 128, 255])),
        ("complex", Value::Complex(0.5, -0.0)),
        (
            "plain",
            Value::List(vec![Value::Int(i64::MIN), Value::Int(-1), Value::Float(f64::NAN), Value::None]),
        ),
    ]);
    pickle::save(&path, &value).unwrap();
    let read = pickle::load(&path).unwrap();
    assert!(tensor(&read, "weight").equal(&weight.detach()) && !tensor(&read, "weight").requires_grad());
    assert!(tensor(&read, "transposed").equal(&weight.detach().tr()));
    assert_eq!(tensor(&read, "empty").size(), [3, 0, 2]);
    assert_eq!(tensor(&read, "bf16").kind(), Kind::BFloat16);
    assert_eq!(tensor(&read, "f8").kind(), Kind::Float8e4m3fn);
    assert!(tensor(&read, "f8").to_kind(Kind::Float).equal(&Tensor::from_slice(&[-1.5f32, 2.0, 0.5])));
    for plain in ["plain", "bytes", "complex"] {
        assert_eq!(format!("{:?}", read.get(plain).unwrap()), format!("{:?}", value.get(plain).unwrap()));
    }
    let _ = tensor(&read, "weight").shallow_clone().zero_();
    assert_eq!(tensor(&read, "tied").abs().sum(Kind::Double).double_value(&[]), 0.0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn what_can_not_be_written_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.pt");
    pickle::save(&path, &Value::Int(1)).unwrap();
    let listed = Value::Dict(vec![(Value::List(vec![]), Value::None)]);
    let error = pickle::save(&path, &listed).unwrap_err().to_string();
    assert!(error.contains("kept.pt") && error.contains("a list can not be the key of a dict"), "{error}");
    assert!(pickle::save(&path, &Value::Tensor(Tensor::new())).is_err());
    let skipped = Value::dict([("sparse", Value::Skipped("a sparse tensor".to_owned()))]);
    let error = pickle::save(&path, &skipped).unwrap_err().to_string();
    assert!(error.contains("a sparse tensor was skipped when it was read"), "{error}");
    assert_eq!(pickle::load(&path).unwrap().as_int(), Some(1));
    let absent = folder.path().join("absent/file.pt");
    assert!(
        matches!(pickle::save(&absent, &Value::None), Err(TorchError::File { path, .. }) if path == absent)
    );
    assert!(matches!(pickle::load(&absent), Err(TorchError::File { path, .. }) if path == absent));
}

/// An archive with a pickle, and a storage `0` of these bytes.
fn archive(pickle: &[u8], storage: &[u8], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("a/data.pkl", pickle), ("a/data/0", storage)] {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method))
            .expect("the memory or folder takes it");
        zip.write_all(bytes).expect("the memory or folder takes it");
    }
    zip.finish().expect("the memory or folder takes it").into_inner()
}

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("the memory or folder takes it");
    let path = folder.path().join("bad.pt");
    fs::write(&path, bytes).expect("the memory or folder takes it");
    let error = pickle::load(&path).expect_err("it is refused");
    assert!(matches!(&error, TorchError::Pickle { path: found, .. } if *found == path), "{error:?}");
    error.to_string()
}

#[track_caller]
fn refused_pickle(pickle: &[u8], expected: &str) {
    let message = refused(&archive(pickle, &[0; 16], CompressionMethod::Stored));
    assert!(message.contains(expected), "{message:?} has no {expected:?}");
}

#[test]
fn garbage_is_refused() {
    assert!(refused(b"").contains("expected the zip file of torch.save, found an empty file"));
    assert!(refused(b"GIF89a").contains("found a file of another format"));
    assert!(refused(b"\x80\x02}q\x00.").contains("found a bare pickle; load it in Python"));
    assert!(refused(b"\x02\0\0\0\0\0\0\0{}").contains("a safetensors file; read it by StateDict::load"));
    assert!(refused(b"<!DOCTYPE html><p>404").contains("found a page of HTML; download it again"));
    assert!(refused(&fs::read(golden("legacy.pt")).unwrap()).contains("the format from before PyTorch 1.6"));
    assert!(refused(b"PK\x03\x04 and then nothing").contains("damaged"));
    let mut other = ZipWriter::new(Cursor::new(Vec::new()));
    other.start_file("document.xml", SimpleFileOptions::default()).unwrap();
    assert!(refused(&other.finish().unwrap().into_inner()).contains("without data.pkl"));
    let deflated = archive(b"\x80\x02N.", &[0; 4096], CompressionMethod::Deflated);
    assert!(refused(&deflated).contains("compressed"));
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let whole = fs::read(golden("checkpoint.pt")).unwrap();
    for length in (0..whole.len()).step_by(97) {
        refused(&whole[..length]);
    }
}

#[test]
fn a_flipped_bit_is_an_error_or_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flipped.pt");
    let whole = fs::read(golden("plain.pt")).unwrap();
    let expected = format!("{:?}", pickle::load(golden("plain.pt")).unwrap());
    for index in (0..whole.len()).step_by(5) {
        let mut flipped = whole.clone();
        flipped[index] ^= 0x10;
        fs::write(&path, &flipped).unwrap();
        if let Ok(value) = pickle::load(&path) {
            assert_eq!(format!("{value:?}"), expected, "byte {index}");
        }
    }
}

#[test]
fn code_is_not_run() {
    refused_pickle(b"\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR.", "it asks for os.system");
    refused_pickle(b"\x80\x02cbuiltins\neval\n.", "it asks for builtins.eval");
    refused_pickle(b"\x80\x02ctorch\nload\n.", "it asks for torch.load");
    refused_pickle(b"\x80\x02N)R.", "a call of what is no function");
}

#[test]
fn broken_pickles_are_refused() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "cut short"),
        (b"\x80\x09N.", "protocol 9"),
        (b"\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", "opcode 0x95"),
        (b"\x80\x02.", "the stack is empty"),
        (b"\x80\x02X\xff\xff\xff\xffabc", "4294967295 bytes are expected and 3 are left"),
        (b"\x80\x02X\x01\x00\x00\x00\xff.", "not UTF-8"),
        (b"\x80\x02c_codecs\nencode\nX\x02\x00\x00\x00\xc4\x80X\x06\x00\x00\x00latin1\x86R.", "bytes with"),
        (b"\x80\x02cbuiltins\ncomplex\nNN\x86R.", "a complex of what are no numbers"),
        (b"\x80\x02ccollections\nCounter\nK\x01\x85R.", "collections.Counter of Int(1)"),
        (b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(K\x01N)NtR.", "of Int(1), which is no function"),
        (b"\x80\x02e.", "the end of what was not begun"),
        (b"\x80\x02N(e.", "items for what is no list"),
        (b"\x80\x02}(K\x01u.", "a key without a value"),
        (b"\x80\x02N(\x85.", "the stack is empty"),
        (b"\x80\x02h\x05.", "memo 5 was never stored"),
        (b"\x80\x02\xfe.", "opcode 0xfe"),
        (b"\x80\x02NQ.", "a storage that is not described by a tuple"),
        // A list that holds itself.
        (b"\x80\x02]q\x00h\x00a.", "nested deeper"),
    ];
    for (pickle, expected) in cases {
        refused_pickle(pickle, expected);
    }
}

#[test]
fn bombs_are_refused() {
    // Each list holds the last one twice.
    let mut doubled = b"\x80\x02]q\x00".to_vec();
    for level in 1..100u8 {
        doubled.extend([b']', b'q', level, b'(', b'h', level - 1, b'h', level - 1, b'e']);
    }
    doubled.push(b'.');
    refused_pickle(&doubled, "many times larger");
    let mut nested = b"\x80\x02".to_vec();
    nested.extend([b']'; 100_000]);
    nested.extend([b'a'; 99_999]);
    nested.push(b'.');
    refused_pickle(&nested, "nested deeper");
    // One long text, again and again.
    let mut repeated = b"\x80\x02](X\x00\x00\x10\x00".to_vec();
    repeated.extend([b'x'; 1 << 20]);
    repeated.extend(b"q\x00");
    repeated.extend(b"h\x00".repeat(1000));
    repeated.extend(b"e.");
    refused_pickle(&repeated, "many times larger");
}

/// Five storages that are the same bytes of the file.
#[test]
fn storages_that_lie_in_each_other_are_refused() {
    const BYTES: usize = 4096;
    let keys = [b'0', b'1', b'2', b'3', b'4'];
    let mut pickle = b"\x80\x02](".to_vec();
    for key in keys {
        let whole = described(b"M\x00\x04", b"K\x00", b"K\x04", b"K\x01");
        let mut one = whole[2..whole.len() - 1].to_vec();
        let place = one.windows(6).position(|bytes| bytes == b"X\x01\x00\x00\x000").unwrap();
        one[place + 5] = key;
        pickle.extend(one);
    }
    pickle.extend(b"e.");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("a/data.pkl", stored).unwrap();
    zip.write_all(&pickle).unwrap();
    for key in keys {
        zip.start_file(format!("a/data/{}", char::from(key)), stored).unwrap();
        zip.write_all(&[0; BYTES][..if key == b'0' { BYTES } else { 0 }]).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    // In the directory at the end: checksum and sizes, and where it begins.
    let entries: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(b"PK\x01\x02")).collect();
    let first = entries[1];
    for &entry in &entries[2..] {
        bytes.copy_within(first + 16..first + 28, entry + 16);
        bytes.copy_within(first + 42..first + 46, entry + 42);
    }
    let message = refused(&bytes);
    assert!(message.contains("data/1 claims 4096 bytes where the file has "), "{message}");
}

#[test]
fn metadata_that_no_tensor_has_is_refused() {
    let with = |metadata: &[u8]| {
        let mut pickle = described(b"K\x04", b"K\x00", b"K\x02", b"K\x01");
        let end = pickle.len() - 3;
        pickle.splice(end..end, metadata.iter().copied());
        pickle
    };
    refused_pickle(&with(b"}X\x04\x00\x00\x00conj\x88s"), "Float with the conjugate bit");
    refused_pickle(&with(b"}X\x04\x00\x00\x00wide\x88s"), "expected conj or neg");
    refused_pickle(&with(b"]"), "metadata is no dict");
}

/// A tensor of f32 in storage `0`, as `torch.save` describes it.
fn described(count: &[u8], offset: &[u8], size: &[u8], stride: &[u8]) -> Vec<u8> {
    let storage =
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n";
    let rest = b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpu";
    [storage.as_slice(), rest, count, b"tQ", offset, b"(", size, b"t(", stride, b"t\x89)tR."].concat()
}

#[test]
fn tensors_stay_in_their_storage() {
    let load = |pickle: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tensor.pt");
        fs::write(&path, archive(pickle, &[0; 16], CompressionMethod::Stored)).unwrap();
        pickle::load(&path)
    };
    let good = load(&described(b"K\x04", b"K\x00", b"K\x02K\x02", b"K\x02K\x01")).unwrap();
    assert_eq!(good.as_tensor().unwrap().size(), [2, 2]);
    let huge = b"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
    let negative = b"J\xff\xff\xff\xff";
    let cases = [
        (described(b"K\x05", b"K\x00", b"K\x05", b"K\x01"), "16 bytes; expected 5 values"),
        (described(huge, b"K\x00", b"K\x04", b"K\x01"), "16 bytes; expected"),
        (described(negative, b"K\x00", b"K\x04", b"K\x01"), "16 bytes; expected -1 values"),
        (described(b"K\x04", b"K\x01", b"K\x04", b"K\x01"), "in a storage of 4 values"),
        (described(b"K\x04", b"K\x00", b"K\x03", b"K\x02"), "in a storage of 4 values"),
        (described(b"K\x04", b"K\x00", huge, huge), "in a storage of 4 values"),
        (described(b"K\x04", negative, b"K\x02", b"K\x01"), "in a storage of 4 values"),
        (described(b"K\x04", b"K\x03", b"K\x02", negative), "in a storage of 4 values"),
        (described(b"K\x04", b"K\x00", b"K\x02K\x02", b"K\x01"), "in a storage of 4 values"),
        (described(b"K\x04", b"N", b"K\x02", b"K\x01"), "offset is no number"),
    ];
    for (pickle, expected) in cases {
        refused_pickle(&pickle, expected);
    }
}
