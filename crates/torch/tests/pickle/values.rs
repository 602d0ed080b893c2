//! The values that a file holds: each is read, or skipped by name.

use std::fs;

use selvedge_torch::{Value, pickle};
use tch::{Device, Kind, Tensor};
use zip::CompressionMethod;

use crate::{archive, golden, tensor};

#[test]
fn every_kind_of_pytorch() {
    let kinds = pickle::load(golden("kinds.pt")).unwrap();
    let expected = [
        ("torch.float32", Kind::Float),
        ("torch.float64", Kind::Double),
        ("torch.float16", Kind::Half),
        ("torch.bfloat16", Kind::BFloat16),
        ("torch.int64", Kind::Int64),
        ("torch.int32", Kind::Int),
        ("torch.int16", Kind::Int16),
        ("torch.int8", Kind::Int8),
        ("torch.uint8", Kind::Uint8),
        ("torch.bool", Kind::Bool),
        ("torch.complex64", Kind::ComplexFloat),
        ("torch.complex128", Kind::ComplexDouble),
    ];
    for (name, kind) in expected {
        let found = tensor(&kinds, name);
        assert_eq!(found.kind(), kind);
        let matrix = Tensor::from_slice(&[0_i64, 1, 1, 0]).reshape([2, 2]).to_kind(kind);
        assert!(found.equal(&matrix), "{name}");
    }
}

#[test]
fn plain_values_of_pytorch() {
    let plain = pickle::load(golden("plain.pt")).unwrap();
    let shown = |key: &str| format!("{:?}", plain.get(key).unwrap_or_else(|| panic!("no {key}")));
    let expected = [
        ("none", "None"),
        ("yes", "Bool(true)"),
        ("no", "Bool(false)"),
        ("small", "Int(7)"),
        ("medium", "Int(40000)"),
        ("negative", "Int(-5)"),
        ("large", "Int(1099511627776)"),
        ("float", "Float(0.1)"),
        ("infinite", "Float(-inf)"),
        ("text", "Text(\"Strümpfe\")"),
        ("list", "List([Int(1), List([Float(2.0), Text(\"three\")]), Tuple([])])"),
        ("pair", "Tuple([Int(1), Int(2)])"),
        ("triple", "Tuple([Int(1), Int(2), Int(3)])"),
        ("quadruple", "Tuple([Int(1), Int(2), Int(3), Int(4)])"),
        ("size", "Tuple([Int(3), Int(4)])"),
        ("device", "Text(\"cpu\")"),
    ];
    for (key, value) in expected {
        assert_eq!(shown(key), value, "{key}");
    }
    assert_eq!(plain.as_dict().unwrap().last().unwrap().0.as_int(), Some(5));
}

#[test]
fn conjugated_and_negated_views_have_their_values() {
    let lazy = pickle::load(golden("lazy.pt")).unwrap();
    for name in ["conj", "neg", "both", "row", "adjoint", "expanded"] {
        let (view, expected) = (tensor(&lazy, name), tensor(&lazy, &format!("{name} values")));
        assert!(!view.is_conj() && !view.is_neg(), "{name}");
        assert!(view.equal(expected), "{name}: {view} instead of {expected}");
    }
    let _ = tensor(&lazy, "conj").shallow_clone().zero_();
    assert!(tensor(&lazy, "base").abs().min().double_value(&[]) > 0.0, "the memory of the base is another");

    let base = tensor(&lazy, "base");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("views.pt");
    let views = [
        ("base", base.shallow_clone()),
        ("conj", base.conj()),
        ("neg", base.conj().imag()),
        ("both", base.conj().internal_neg_view()),
        ("row", base.conj().get(1)),
    ];
    let value = Value::dict(views.iter().map(|(name, view)| (*name, Value::Tensor(view.shallow_clone()))));
    pickle::save(&path, &value).unwrap();
    let read = pickle::load(&path).unwrap();
    for (name, view) in &views {
        assert!(tensor(&read, name).equal(view), "{name}: {} instead of {view}", tensor(&read, name));
    }
}

/// One of each kind of value that `torch.load(weights_only=True)` reads.
#[test]
fn whatever_pytorch_allows_is_read_or_skipped_by_name() {
    let allowed = pickle::load(golden("allowed.pt")).unwrap();
    let shown = |key: &str| format!("{:?}", allowed.get(key).unwrap_or_else(|| panic!("no {key}")));
    let read = [
        ("counter", "Dict([(Int(3), Int(2)), (Int(7), Int(1))])"),
        ("ordered", "Dict([(Text(\"a\"), Int(1)), (Text(\"b\"), Int(2))])"),
        ("bytes", "Bytes([97, 98, 255, 0])"),
        ("bytearray", "Bytes([120, 121, 122])"),
        ("set", "List([Int(5)])"),
        ("empty set", "List([])"),
        ("complex", "Complex(1.0, -2.0)"),
        ("dtype", "Text(\"torch.bfloat16\")"),
        ("dtype of no tensor", "Text(\"torch.uint4\")"),
        ("scheme", "Text(\"torch.per_tensor_affine\")"),
        ("layout", "Text(\"torch.strided\")"),
        ("size", "Tuple([Int(2), Int(3)])"),
        ("device", "Text(\"cuda:1\")"),
        ("long", "Int(-9223372036854775808)"),
    ];
    for (key, value) in read {
        assert_eq!(shown(key), value, "{key}");
    }
    for key in ["weight", "tagged", "tagged parameter"] {
        assert!(tensor(&allowed, key).equal(&Tensor::ones([2], (Kind::Float, Device::Cpu))), "{key}");
    }
    let small = [
        ("torch.complex32", Kind::ComplexHalf),
        ("torch.float8_e5m2", Kind::Float8e5m2),
        ("torch.float8_e4m3fn", Kind::Float8e4m3fn),
        ("torch.float8_e5m2fnuz", Kind::Float8e5m2fnuz),
        ("torch.float8_e4m3fnuz", Kind::Float8e4m3fnuz),
    ];
    for (key, kind) in small {
        let found = tensor(&allowed, key);
        assert_eq!(found.kind(), kind);
        let values = found.to_kind(Kind::ComplexFloat);
        let expected = Tensor::from_slice(&[1.0f32, -2.0, 0.5]).to_kind(Kind::ComplexFloat);
        assert!(values.equal(&expected), "{key}: {values}");
    }
    let skipped = [
        ("longer", "the int 18446744073709551615, which does not fit 64 bits"),
        ("longest", "an int of 26 bytes, which does not fit 64 bits"),
        ("surrogate", "a text with half a surrogate pair"),
        ("class", "the class torch.FloatStorage"),
        ("storage", "a storage without a tensor"),
        ("sparse", "a sparse tensor"),
        ("csr", "a sparse tensor"),
        ("quantized", "a quantized tensor"),
        ("meta", "a tensor of the meta device, which has no values"),
        ("nested", "a nested tensor"),
        ("torch.uint16", "a tensor of torch.uint16, a kind that tch does not have"),
        ("torch.uint32", "a tensor of torch.uint32, a kind that tch does not have"),
        ("torch.uint64", "a tensor of torch.uint64, a kind that tch does not have"),
        ("torch.float8_e8m0fnu", "a tensor of torch.float8_e8m0fnu, a kind that tch does not have"),
    ];
    for (key, what) in skipped {
        assert_eq!(shown(key), format!("Skipped({what:?})"), "{key}");
    }
    let all = read.len() + small.len() + skipped.len() + 3;
    assert_eq!(allowed.as_dict().map(<[_]>::len), Some(all), "each value is looked at");
}

#[test]
fn a_checkpoint_with_the_state_of_a_schedule() {
    let checkpoint = pickle::load(golden("multistep.pt")).unwrap();
    assert_eq!(tensor(checkpoint.get("model").unwrap(), "weight").size(), [2, 3]);
    let milestones = checkpoint.get("scheduler").and_then(|schedule| schedule.get("milestones")).unwrap();
    assert_eq!(format!("{milestones:?}"), "Dict([(Int(3), Int(2)), (Int(7), Int(1))])");
}

/// Pickles that `torch.load(weights_only=True)` takes and `torch.save` does not write.
#[test]
fn other_ways_to_write_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.pt");
    let cases: [(&[u8], &str); 8] = [
        (b"\x80\x03K\x01.", "Int(1)"),
        (b"\x80\x04N.", "None"),
        (b"\x80\x04\x8f.", "List([])"),
        (b"\x80\x02ccollections\nOrderedDict\n)\x81K\x01K\x02s.", "Dict([(Int(1), Int(2))])"),
        (b"\x80\x02ccollections\nOrderedDict\n](]K\x01aK\x02ae\x85R.", "Dict([(Int(1), Int(2))])"),
        (b"\x80\x02cbuiltins\nset\n](K\x01e\x85R.", "List([Int(1)])"),
        (b"\x80\x02ctorch\ndevice\nX\x03\x00\x00\x00cpu\x85R.", "Text(\"cpu\")"),
        (b"\x80\x02ctorch\nTensor\n)\x81.", "Skipped(\"an empty torch.Tensor\")"),
    ];
    for (pickle, expected) in cases {
        fs::write(&path, archive(pickle, &[], CompressionMethod::Stored)).unwrap();
        assert_eq!(format!("{:?}", pickle::load(&path).unwrap()), expected);
    }
}
