//! State dicts: their names, their files, and what loading refuses.

use std::fs;

use selvedge_nn::{BatchNorm1d, Linear, ModuleExt, NnError, Relu, Sequential, StateDict};
use tch::{Device, Kind, Tensor};

fn network() -> Sequential {
    Sequential::new()
        .then_named("hidden", Linear::new(4, 3))
        .then_named("activation", Relu)
        .then_named("inner", Sequential::new().then(Linear::new(3, 2)))
}

#[test]
fn paths_are_pytorchs() {
    let state = network().state_dict();
    let paths: Vec<_> = state.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["hidden.weight", "hidden.bias", "inner.0.weight", "inner.0.bias"]);
}

#[test]
fn a_file_keeps_every_kind_and_shape() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let kinds = [Kind::Bool, Kind::Uint8, Kind::Int64, Kind::BFloat16, Kind::Half, Kind::Float, Kind::Double];
    let mut state = StateDict::new();
    for kind in kinds {
        let values = Tensor::from_slice2(&[[0.0, 1.0], [2.5, -3.0]]).abs().to_kind(kind);
        state.insert(format!("{kind:?}"), values.transpose(0, 1));
    }
    state.insert("scalar", Tensor::from(7_i64));
    state.insert("empty", Tensor::zeros([0, 3], (Kind::Float, Device::Cpu)));
    state.save(&path).unwrap();
    let read = StateDict::load(&path).unwrap();
    assert_eq!(read.len(), state.len());
    for (name, tensor) in state.iter() {
        let found = read.get(name).unwrap();
        assert_eq!((found.kind(), found.size()), (tensor.kind(), tensor.size()), "{name}");
        assert_eq!(found, tensor, "{name}");
    }
    let files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["model.safetensors"], "nothing is left beside the file");
}

#[test]
fn conjugated_and_negated_views_are_saved_with_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let base = Tensor::complex(&Tensor::from_slice(&[1.0f32, -3.0]), &Tensor::from_slice(&[2.0f32, 4.0]));
    let mut state = StateDict::new();
    state.insert("conj", base.conj());
    state.insert("neg", base.conj().imag());
    state.insert("both", base.conj().internal_neg_view());
    for name in ["views.safetensors", "views.pt"] {
        let path = folder.path().join(name);
        state.save(&path).unwrap();
        let read = StateDict::load(&path).unwrap();
        for (name, view) in state.iter() {
            assert!(read.get(name).unwrap().equal(view), "{name} in {}", path.display());
        }
    }
}

#[test]
fn every_kind_of_a_safetensors_file_is_read_or_named() {
    let path = pytorchs("kinds.safetensors");
    let read = StateDict::load(&path).unwrap();
    assert_eq!(read.len(), 15);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("kinds.safetensors");
    read.save(&copy).unwrap();
    let copy = StateDict::load(&copy).unwrap();
    for (name, tensor) in read.iter() {
        let values: &[f64] = match name {
            "torch.bool" => &[1.0, 1.0, 1.0],
            _ if name.contains("int") => &[1.0, 2.0, 0.0],
            _ => &[1.0, 2.0, 0.5],
        };
        let expected = Tensor::from_slice(values).to_kind(Kind::ComplexDouble);
        assert!(tensor.to_kind(Kind::ComplexDouble).equal(&expected), "{name}: {tensor}");
        assert_eq!(copy.get(name).unwrap().kind(), tensor.kind());
        assert!(copy.get(name).unwrap().to_kind(Kind::ComplexDouble).equal(&expected), "{name}");
    }
    for (name, dtype) in [("uint16", "U16"), ("uint32", "U32"), ("uint64", "U64"), ("float8_e8m0", "F8_E8M0")]
    {
        let error = StateDict::load(pytorchs(&format!("{name}.safetensors"))).unwrap_err().to_string();
        assert!(error.contains(&format!("found {dtype}, which tch does not have, for torch.")), "{error}");
    }
}

#[test]
fn a_tensor_with_the_name_of_the_metadata_is_refused_when_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = StateDict::new();
    state.insert("__metadata__", Tensor::from(1.0));
    let error = state.save(folder.path().join("model.safetensors")).unwrap_err().to_string();
    assert!(error.contains("a tensor of another name than __metadata__"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no file is left");
    state.save(folder.path().join("model.pt")).unwrap();
    assert_eq!(StateDict::load(folder.path().join("model.pt")).unwrap().len(), 1);
}

#[test]
fn a_file_is_what_its_first_bytes_say() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pt");
    fs::copy(pytorchs("state_dict.safetensors"), &path).unwrap();
    assert_eq!(StateDict::load(&path).unwrap().len(), 9, "safetensors under another name");
    let path = folder.path().join("model.safetensors");
    fs::copy(pytorchs("state_dict.pt"), &path).unwrap();
    assert_eq!(StateDict::load(&path).unwrap().len(), 9, "a zip file under another name");
    let legacy = fs::read(pytorchs("legacy.pt")).unwrap();
    let others: [(&[u8], &str); 6] = [
        (
            &legacy,
            "found a file of torch.save in the format from before PyTorch 1.6; load it in Python and save it",
        ),
        (b"\x80\x04\x95\0\0", "found a bare pickle"),
        (b"\x93NUMPY\x01\0", "found an array of NumPy (.npy)"),
        (b"\x1f\x8b\x08\0", "found a file packed by gzip; unpack it first"),
        (b"version https://git-lfs.github.com/spec/v1\n", "found a pointer of Git LFS to the file"),
        (b"", "found an empty file; download it again"),
    ];
    for (bytes, expected) in others {
        fs::write(&path, bytes).unwrap();
        let error = StateDict::load(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn loading_copies_into_the_modules_own_tensors() {
    let (trained, model) = (network(), network());
    let held = model.parameters();
    model.load_state_dict(&trained.state_dict()).unwrap();
    for (held, trained) in held.iter().zip(trained.parameters()) {
        assert_eq!(*held, trained);
        assert!(held.requires_grad());
    }
}

#[test]
fn a_strict_load_shows_all_differences_and_copies_nothing() {
    let model = network();
    let before = model.state_dict().to_owned_values();
    let mut state = network().state_dict();
    state.remove("hidden.bias");
    state.insert("inner.0.weight", Tensor::zeros([2, 5], (Kind::Float, Device::Cpu)));
    state.insert("head.weight", Tensor::zeros([1], (Kind::Float, Device::Cpu)));
    let error = model.load_state_dict(&state).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the state dict does not fit Sequential:\n  missing: hidden.bias\n  unexpected: head.weight\n  \
         inner.0.weight: expected shape [2, 3], found [2, 5]"
    );
    for (path, tensor) in before.iter() {
        assert_eq!(model.state_dict().get(path).unwrap(), tensor, "{path}");
    }
}

#[test]
fn a_lenient_load_takes_what_fits_and_says_what_is_left() {
    let model = network();
    let other =
        Sequential::new().then_named("hidden", Linear::new(4, 3)).then_named("head", Linear::new(3, 2));
    let diff = model.load_state_dict_lenient(&other.state_dict()).unwrap();
    assert_eq!(diff.missing, ["inner.0.weight", "inner.0.bias"]);
    assert_eq!(diff.unexpected, ["head.weight", "head.bias"]);
    assert_eq!(model.state_dict().get("hidden.weight"), other.state_dict().get("hidden.weight"));
    let wrong = Sequential::new().then_named("hidden", Linear::new(4, 5));
    assert!(matches!(model.load_state_dict_lenient(&wrong.state_dict()), Err(NnError::StateDict(_))));
}

#[test]
fn a_file_that_is_not_whole_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    network().state_dict().save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    for content in [&bytes[..bytes.len() - 1], &bytes[..20], b"", b"\xff\xff\xff\xff\xff\xff\xff\x7f"] {
        fs::write(&path, content).unwrap();
        let error = StateDict::load(&path).unwrap_err();
        assert!(matches!(&error, NnError::Format { .. }), "{error:?}");
        assert!(error.to_string().contains("model.safetensors"), "{error}");
    }
    let error = StateDict::load(folder.path().join("none.safetensors")).unwrap_err();
    assert!(matches!(&error, NnError::Read { .. }), "{error:?}");
}

/// The metadata are a map, whose order differs from one to the next.
#[test]
fn equal_models_are_equal_files() {
    let folder = tempfile::tempdir().unwrap();
    let state = network().state_dict();
    let file = |number: usize| {
        let path = folder.path().join(format!("{number}.safetensors"));
        state.save(&path).unwrap();
        fs::read(path).unwrap()
    };
    let first = file(0);
    assert!((1..32).all(|number| file(number) == first));
}

/// Zeros in the midst of the values are values, too: only the digest tells.
#[test]
fn an_altered_file_is_refused_wherever_it_was_altered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    network().state_dict().save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let mut refused = 0;
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        fs::write(&path, altered).unwrap();
        match StateDict::load(&path) {
            Err(error) => {
                assert!(error.to_string().contains("model.safetensors"), "{error}");
                refused += 1;
            }
            // Only without the entry of that name is the file taken as it is: its tensors are those that were saved.
            Ok(state) => network().load_state_dict(&state).unwrap(),
        }
    }
    assert!(refused + "selvedge.sha256\":\"".len() + 1 >= bytes.len(), "{refused} of {}", bytes.len());
    let mut zeros = bytes.clone();
    let (from, to) = (bytes.len() - 60, bytes.len() - 20);
    zeros[from..to].fill(0);
    fs::write(&path, zeros).unwrap();
    let message = StateDict::load(&path).unwrap_err().to_string();
    assert!(message.contains("selvedge.sha256"), "{message}");
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    network().state_dict().save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let mut state = StateDict::new();
    state.insert("value", Tensor::zeros([1], (Kind::ComplexDouble, Device::Cpu)));
    assert!(matches!(state.save(&path).unwrap_err(), NnError::Format { .. }));
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = folder.path().join("no/such/folder/model.safetensors");
    assert!(matches!(network().state_dict().save(nowhere).unwrap_err(), NnError::Write { .. }));
}

/// Each format is written through the file that is then synchronised and renamed: a file of its own, as
/// `safetensors::serialize_to_file` makes one, would be readable by its owner alone, and `commit` refuses it.
#[cfg(unix)]
#[test]
fn a_model_file_has_the_permissions_of_any_other_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
    fs::write(folder.path().join("plain"), "").unwrap();
    for name in ["model.safetensors", "model.pt"] {
        network().state_dict().save(folder.path().join(name)).unwrap();
        assert_eq!(mode(name), mode("plain"), "{name}");
    }
}

/// A file that PyTorch wrote of [`pytorchs_model`].
fn pytorchs(name: &str) -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

fn pytorchs_model() -> Sequential {
    Sequential::new().then(Linear::new(4, 3)).then(BatchNorm1d::new(3)).then(Linear::new(3, 2))
}

#[test]
fn pytorchs_files_of_both_formats_load() {
    let [first, second] = ["state_dict.pt", "state_dict.safetensors"].map(|name| {
        let model = pytorchs_model();
        model.load_state_dict(&StateDict::load(pytorchs(name)).unwrap()).unwrap();
        model.state_dict()
    });
    assert_eq!(first.len(), 9);
    assert_eq!(first.get("1.num_batches_tracked").unwrap().int64_value(&[]), 1);
    for (path, tensor) in first.iter() {
        assert_eq!(second.get(path), Some(tensor), "{path}");
    }
}

#[test]
fn a_torch_file_keeps_every_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pt");
    let state = pytorchs_model().state_dict();
    state.save(&path).unwrap();
    assert_eq!(&fs::read(&path).unwrap()[..2], b"PK", "the name says which format is written");
    let renamed = folder.path().join("model.bin");
    fs::rename(&path, &renamed).unwrap();
    let read = StateDict::load(&renamed).unwrap();
    let paths: Vec<_> = read.iter().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(paths, state.iter().map(|(path, _)| path.to_owned()).collect::<Vec<_>>(), "in order");
    for (path, tensor) in state.iter() {
        assert_eq!(read.get(path), Some(tensor), "{path}");
    }
}

#[test]
fn a_checkpoint_that_is_no_state_dict_says_where_to_look() {
    let error = StateDict::load(pytorchs("checkpoint.pt")).unwrap_err().to_string();
    assert!(error.contains("checkpoint.pt") && error.contains("the int 3 under \"epoch\""), "{error}");
    let checkpoint = selvedge_torch::pickle::load(pytorchs("checkpoint.pt")).unwrap();
    let state = StateDict::from_value(checkpoint.get("model").unwrap()).unwrap();
    pytorchs_model().load_state_dict(&state).unwrap();
    let error = StateDict::from_value(&checkpoint).unwrap_err();
    assert!(matches!(error, NnError::Value { .. }), "{error:?}");
}

#[test]
fn a_damaged_torch_file_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pt");
    let bytes = fs::read(pytorchs("state_dict.pt")).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = StateDict::load(&path).unwrap_err().to_string();
    assert!(error.contains("model.pt"), "{error}");
}

/// A safetensors file with this header and no more.
fn headed(path: &std::path::Path, header: &str) {
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    fs::write(path, file).expect("it can be written");
}

#[test]
fn a_shape_that_libtorch_cannot_count_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.safetensors");
    let (half, all) = (1_u64 << 62, u64::MAX);
    for shape in [vec![0, half, half], vec![half, half, 0], vec![0, all], vec![half, 0, 2, 2]] {
        headed(&path, &format!(r#"{{"w":{{"dtype":"F32","shape":{shape:?},"data_offsets":[0,0]}}}}"#));
        let message = StateDict::load(&path).unwrap_err().to_string();
        // The reader of the format sees some of them, and libtorch would panic at the others.
        let is_told = message.contains("for w") || message.contains("overflow");
        assert!(message.contains("huge.safetensors") && is_told, "{message}");
    }
    // Empty, and small enough.
    headed(&path, r#"{"w":{"dtype":"F32","shape":[0,1048576,1048576],"data_offsets":[0,0]}}"#);
    assert_eq!(StateDict::load(&path).unwrap().get("w").unwrap().size(), [0, 1 << 20, 1 << 20]);
}

/// What looks for each name among all took 40 s for these.
#[test]
fn a_hundred_thousand_names_are_read_written_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.safetensors");
    let entry = |index: usize| format!(r#""{index:06}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#);
    headed(&path, &format!("{{{}}}", (0..100_000).map(entry).collect::<Vec<_>>().join(",")));
    let state = StateDict::load(&path).unwrap();
    assert_eq!(state.len(), 100_000);
    assert!(state.get("099999").is_some());
    let diff = network().load_state_dict(&state).unwrap_err().to_string();
    assert!(diff.contains("099999"));
    let pickled = folder.path().join("many.pt");
    state.save(&pickled).unwrap();
    let read = StateDict::load(&pickled).unwrap();
    assert!(read.iter().map(|(name, _)| name).eq(state.iter().map(|(name, _)| name)));
}
