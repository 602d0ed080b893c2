"""What mixes images, and the operations of the automatic policies, by torchvision."""

import torch
from torchvision.transforms import v2

from golden_file import GoldenFile
from transforms import batches, check_version


def write():
    check_version()
    file = GoldenFile()
    for name, input in batches():
        mixing(file, name, input)
        policies(file, name, input)
    tables(file)
    file.write("crates/data/tests/golden/augmentations.safetensors")


def mixing(file, name, input):
    labels = torch.tensor([2, 0])
    for unit, params, options in [
        ("MixUp", {"lam": 0.3}, {"shares": [0.3, 0.3]}),
        (
            "CutMix",
            {"box": (1, 2, 7, 5), "lam_adjusted": 1 - 18 / 63},
            {"regions": [[2, 1, 3, 6]] * 2, "shares": [1 - 18 / 63] * 2},
        ),
    ]:
        if unit == "MixUp" and not input.is_floating_point():
            continue
        mix = getattr(v2, unit)(num_classes=4)
        mix.make_params = lambda inputs, params=params: params
        output, probabilities = mix(input, labels)
        tensors = {"input": input, "labels": labels, "output": output, "probabilities": probabilities}
        file.add(f"mix.{unit}", f"mix.{unit}/{name}", options, tensors)


def policies(file, name, input):
    """Each operation of the policies, at the ends of its range and between."""
    policy = v2.RandAugment()
    space = {**v2.AutoAugment._AUGMENTATION_SPACE, **v2.RandAugment._AUGMENTATION_SPACE}
    for operation, (magnitudes, signed) in space.items():
        values = magnitudes(31, *input.shape[-2:])
        values = [0.0] if values is None else [float(values[i]) for i in ((0, 9, 30) if input.dtype == torch.uint8 else (20,))]
        values += [-value for value in values if signed and value != 0]
        for index, value in enumerate(values):
            if name == "grey.float32" and operation != "Contrast":
                continue
            for interpolation in ("nearest", "bilinear") if signed and index == 1 else ("nearest",):
                output = policy._apply_image_or_video_transform(input, operation, value, interpolation, {})
                options = {"operation": operation, "magnitude": value, "interpolation": interpolation}
                case = f"policy.operation/{operation}.{index}.{interpolation}/{name}"
                file.add("policy.operation", case, options, {"input": input, "output": output})


def tables(file):
    """The pairs of AutoAugment, and how strong the operations of each policy are."""
    names = {"imagenet": "IMAGENET", "cifar10": "CIFAR10", "svhn": "SVHN"}
    for name, member in names.items():
        pairs = v2.AutoAugment(getattr(v2.AutoAugmentPolicy, member))._policies
        pairs = [[(operation, p, magnitude or 0) for operation, p, magnitude in pair] for pair in pairs]
        file.add("policy.pairs", f"policy.pairs/{name}", {"pairs": pairs}, {})
    for unit, space, bins in [
        ("RandAugment", v2.RandAugment._AUGMENTATION_SPACE, 31),
        ("AutoAugment", v2.AutoAugment._AUGMENTATION_SPACE, 10),
        ("TrivialAugmentWide", v2.TrivialAugmentWide._AUGMENTATION_SPACE, 31),
        ("AugMix", v2.AugMix._AUGMENTATION_SPACE, 10),
    ]:
        for operation, (magnitudes, signed) in space.items():
            values = magnitudes(bins, 32, 48)
            values = [0.0] * bins if values is None else [float(value) for value in values]
            options = {"policy": unit, "operation": operation, "signed": signed, "magnitudes": values}
            file.add("policy.space", f"policy.space/{unit}.{operation}", options, {})
