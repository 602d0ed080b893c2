//! The classes and functions that a file may name: those of `torch.load(weights_only=True)`, and what libtorch's own
//! writer names. Nothing is looked up in any other place, and none of them is run.

use tch::Kind;

use super::storage;

/// Those that are read.
const READ: [&str; 24] = [
    "_codecs.encode",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.set",
    "collections.Counter",
    "collections.OrderedDict",
    "torch.Size",
    "torch.Tensor",
    "torch.device",
    "torch.nn.parameter.Parameter",
    "torch.serialization._get_layout",
    "torch._tensor._rebuild_from_type_v2",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    UNTYPED_STORAGE,
    // Those that libtorch writes for typed containers.
    "torch.jit._pickle.build_boollist",
    "torch.jit._pickle.build_doublelist",
    "torch.jit._pickle.build_intlist",
    "torch.jit._pickle.build_tensorlist",
    "torch.jit._pickle.restore_type_tag",
];

/// Those that build what there is no value for, and what that is.
const SKIPPED: [(&str, &str); 6] = [
    ("torch._utils._rebuild_device_tensor_from_numpy", "a tensor of another device, as NumPy's"),
    ("torch._utils._rebuild_meta_tensor_no_storage", "a tensor of the meta device, which has no values"),
    ("torch._utils._rebuild_nested_tensor", "a nested tensor"),
    ("torch._utils._rebuild_qtensor", "a quantized tensor"),
    ("torch._utils._rebuild_sparse_tensor", "a sparse tensor"),
    ("torch._utils._rebuild_wrapper_subclass", "a tensor of a subclass"),
];

/// The storage of the kinds that came after PyTorch 1.13, whose length is in bytes.
pub(super) const UNTYPED_STORAGE: &str = "torch.storage.UntypedStorage";

/// Kinds, by PyTorch's names. Those without one of ours have no name in `tch`.
const DTYPES: [(&str, Option<Kind>); 27] = [
    ("torch.float32", Some(Kind::Float)),
    ("torch.float64", Some(Kind::Double)),
    ("torch.float16", Some(Kind::Half)),
    ("torch.bfloat16", Some(Kind::BFloat16)),
    ("torch.int64", Some(Kind::Int64)),
    ("torch.int32", Some(Kind::Int)),
    ("torch.int16", Some(Kind::Int16)),
    ("torch.int8", Some(Kind::Int8)),
    ("torch.uint8", Some(Kind::Uint8)),
    ("torch.bool", Some(Kind::Bool)),
    ("torch.complex32", Some(Kind::ComplexHalf)),
    ("torch.complex64", Some(Kind::ComplexFloat)),
    ("torch.complex128", Some(Kind::ComplexDouble)),
    ("torch.float8_e5m2", Some(Kind::Float8e5m2)),
    ("torch.float8_e4m3fn", Some(Kind::Float8e4m3fn)),
    ("torch.float8_e5m2fnuz", Some(Kind::Float8e5m2fnuz)),
    ("torch.float8_e4m3fnuz", Some(Kind::Float8e4m3fnuz)),
    ("torch.float8_e8m0fnu", None),
    ("torch.float4_e2m1fn_x2", None),
    ("torch.bits8", None),
    ("torch.bits16", None),
    ("torch.bits1x8", None),
    ("torch.bits2x4", None),
    ("torch.bits4x2", None),
    ("torch.uint16", None),
    ("torch.uint32", None),
    ("torch.uint64", None),
];

/// Other constants: kinds of which no ordinary tensor is, and schemes of quantization.
const PLAIN: [&str; 24] = [
    "torch.int1",
    "torch.int2",
    "torch.int3",
    "torch.int4",
    "torch.int5",
    "torch.int6",
    "torch.int7",
    "torch.per_channel_affine",
    "torch.per_channel_affine_float_qparams",
    "torch.per_channel_symmetric",
    "torch.per_tensor_affine",
    "torch.per_tensor_symmetric",
    "torch.qint32",
    "torch.qint8",
    "torch.quint2x4",
    "torch.quint4x2",
    "torch.quint8",
    "torch.uint1",
    "torch.uint2",
    "torch.uint3",
    "torch.uint4",
    "torch.uint5",
    "torch.uint6",
    "torch.uint7",
];

/// The name of a global as Python 3 has it; files of protocol 2 have that of Python 2.
pub(super) fn full_name(module: &str, name: &str) -> String {
    match module {
        "__builtin__" => format!("builtins.{name}"),
        _ => format!("{module}.{name}"),
    }
}

/// Whether a file may name it.
pub(super) fn is_known(name: &str) -> bool {
    READ.contains(&name) || skipped(name).is_some() || is_plain(name) || is_class(name)
}

/// What a call of it would build, which there is no value for.
pub(super) fn skipped(name: &str) -> Option<&'static str> {
    SKIPPED.iter().find(|(known, _)| *known == name).map(|(_, what)| *what)
}

/// Whether it is a constant whose name is its value, as a kind is.
pub(super) fn is_plain(name: &str) -> bool {
    DTYPES.iter().any(|(known, _)| *known == name) || PLAIN.contains(&name)
}

/// Whether it is a class of tensors or storages, such as `torch.FloatTensor` and `torch.cuda.HalfStorage`.
fn is_class(name: &str) -> bool {
    let Some((module, class)) = name.rsplit_once('.') else { return false };
    let modules = ["torch", "torch.cuda", "torch.sparse", "torch.cuda.sparse", "torch.storage"];
    modules.contains(&module)
        // It becomes a text of a value, perhaps many times.
        && class.len() <= 64
        && class.starts_with(|first: char| first.is_ascii_uppercase())
        && class.chars().all(|letter| letter.is_ascii_alphanumeric())
        && (class.ends_with("Tensor") || class.ends_with("Storage"))
}

/// The kind of a `torch.dtype`, where we have it.
pub(super) fn kind(dtype: &str) -> Option<Kind> {
    DTYPES.iter().find(|(known, _)| *known == dtype).and_then(|(_, kind)| *kind)
}

/// The name of a kind's `torch.dtype`, without the module.
pub(super) fn dtype(kind: Kind) -> Option<&'static str> {
    DTYPES.iter().find(|(_, known)| *known == Some(kind)).and_then(|(name, _)| name.strip_prefix("torch."))
}

/// The kind of a storage class, `torch.FloatStorage`, where we have it.
pub(super) fn storage_kind(class: &str) -> Option<Kind> {
    class.strip_prefix("torch.").and_then(storage::kind)
}
