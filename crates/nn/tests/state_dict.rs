//! State dicts: their names, their files, and what loading refuses.

use std::fs;

use selvedge_nn::{Linear, ModuleExt, NnError, Relu, Sequential, StateDict};
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
