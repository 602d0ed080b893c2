use tch::Kind;

/// PyTorch's names of the classes that hold the memory of tensors, by kind.
const STORAGES: [(Kind, &str); 12] = [
    (Kind::Float, "FloatStorage"),
    (Kind::Double, "DoubleStorage"),
    (Kind::Half, "HalfStorage"),
    (Kind::BFloat16, "BFloat16Storage"),
    (Kind::Int64, "LongStorage"),
    (Kind::Int, "IntStorage"),
    (Kind::Int16, "ShortStorage"),
    (Kind::Int8, "CharStorage"),
    (Kind::Uint8, "ByteStorage"),
    (Kind::Bool, "BoolStorage"),
    (Kind::ComplexFloat, "ComplexFloatStorage"),
    (Kind::ComplexDouble, "ComplexDoubleStorage"),
];

pub(super) fn name(kind: Kind) -> Option<&'static str> {
    STORAGES.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name)
}

pub(super) fn kind(name: &str) -> Option<Kind> {
    STORAGES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
}
