"""Image transforms, by torchvision.

Most classes are run as a user runs them, with options that leave nothing to chance, so that the same JSON gives
the same images. What is random whatever the options is run through torchvision's functional form, image by image,
with numbers of its own for each.
"""


import torch
import torchvision
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

from golden_file import GoldenFile

PINNED = "0.28.0"
GREY, COLOUR = 1, 3

# By class: lists of options; `only` says which images.
CLASSES = {
    "ToTensor": [{}],
    "ToImage": [{}],
    "ToDtype": [
        {"dtype": dtype, "scale": scale}
        for dtype in ("uint8", "float16", "bfloat16", "float32", "float64")
        for scale in (False, True)
    ],
    "ConvertImageDtype": [{}, {"dtype": "uint8"}, {"dtype": "float64"}],
    "Resize": [
        {"size": [5, 12]},
        {"size": [5, 6], "antialias": False},
        {"size": [14, 18]},
        {"size": 4},
        {"size": [4], "interpolation": "bicubic"},
        {"size": 5, "max_size": 6},
        {"size": None, "max_size": 12},
        {"size": [4, 5], "interpolation": "nearest"},
        {"size": [11, 5], "interpolation": "nearest"},
        {"size": [11, 5], "interpolation": "nearest-exact"},
        {"size": [5, 6], "interpolation": "bicubic"},
        {"size": [15, 12], "interpolation": "bicubic", "antialias": False},
        {"size": [7, 9]},
    ],
    "CenterCrop": [{"size": 4}, {"size": [5, 4]}, {"size": [4]}, {"size": [9, 4]}, {"size": [12, 14]}],
    "FiveCrop": [{"size": 3}, {"size": [4, 5]}],
    "TenCrop": [{"size": 3}, {"size": [4, 5], "vertical_flip": True}],
    "Pad": [
        {"padding": 2},
        {"padding": [1, 3], "fill": 7},
        {"padding": [1, 2, 3, 0], "fill": [1, 2, 3], "only": COLOUR},
        {"padding": [1, 2, 0, 3], "padding_mode": "edge"},
        {"padding": [3, 2, 1, 4], "padding_mode": "reflect"},
        {"padding": [3, 2, 1, 7], "padding_mode": "symmetric"},
    ],
    "RandomCrop": [
        {"size": [11, 13], "padding": 2, "fill": 3},
        {"size": [9, 9], "padding": [0, 1], "padding_mode": "reflect"},
        {"size": [7, 9]},
    ],
    "RandomResizedCrop": [
        {"size": [5, 6], "scale": [1, 1], "ratio": [9 / 7, 9 / 7]},
        {"size": 6, "scale": [1, 1], "ratio": [0.1, 0.1], "interpolation": "bicubic"},
        {"size": 5, "scale": [1, 1], "ratio": [5, 5], "antialias": False},
    ],
    "RandomHorizontalFlip": [{"p": 1.0}, {"p": 0.0}],
    "RandomVerticalFlip": [{"p": 1.0}],
    "RandomRotation": [
        {"degrees": [30, 30]},
        {"degrees": [-57, -57], "interpolation": "bilinear"},
        {"degrees": [30, 30], "interpolation": "bilinear", "fill": 9},
        {"degrees": [30, 30], "interpolation": "bilinear", "fill": None},
        {"degrees": [45, 45], "center": [2, 3], "fill": [1, 2, 3], "only": COLOUR},
        {"degrees": [20, 20], "expand": True},
        {"degrees": [140, 140], "expand": True, "interpolation": "bilinear", "fill": 2},
        {"degrees": [90, 90]},
        {"degrees": [90, 90], "expand": True},
        {"degrees": [180, 180]},
        {"degrees": [-90, -90], "expand": True},
    ],
    "RandomAffine": [
        {"degrees": [10, 10]},
        {"degrees": [-35, -35], "scale": [1.3, 1.3], "interpolation": "bilinear"},
        {"degrees": [0, 0], "shear": [10, 10], "interpolation": "bilinear", "fill": 5},
        {"degrees": [15, 15], "shear": [10, 10, -20, -20], "scale": [0.7, 0.7], "center": [0, 0]},
        {"degrees": [15, 15], "shear": [10, 10, 5, 5], "interpolation": "bilinear", "fill": None},
    ],
    "RandomZoomOut": [{"side_range": [1, 1], "p": 1.0}, {"p": 0.0}],
    "ScaleJitter": [
        {"target_size": [14, 14], "scale_range": [1, 1]},
        {"target_size": [8, 14], "scale_range": [0.7, 0.7], "interpolation": "bicubic"},
    ],
    # PyTorch draws in single precision, which holds these factors whole.
    "ColorJitter": [
        {},
        {"brightness": [0.625, 0.625]},
        {"brightness": [1.75, 1.75]},
        {"contrast": [0.375, 0.375]},
        {"contrast": [1.875, 1.875]},
        {"saturation": [0.4375, 0.4375]},
        {"saturation": [1.3125, 1.3125]},
        {"hue": [0.1875, 0.1875]},
        {"hue": [-0.4375, -0.4375]},
    ],
    "Grayscale": [{}, {"num_output_channels": 3}],
    "RandomGrayscale": [{"p": 1.0}],
    "RandomAdjustSharpness": [{"sharpness_factor": factor, "p": 1.0} for factor in (0.0, 0.4, 2.0)],
    "RandomAutocontrast": [{"p": 1.0}],
    "RandomEqualize": [{"p": 1.0}],
    "RandomInvert": [{"p": 1.0}],
    "RandomPosterize": [{"bits": bits, "p": 1.0} for bits in (1, 3, 8)],
    "RandomSolarize": [{"threshold": 128, "p": 1.0, "only": torch.uint8}, {"threshold": 0.3, "p": 1.0}],
    "GaussianBlur": [
        {"kernel_size": 3, "sigma": [0.8, 0.8]},
        {"kernel_size": [5, 3], "sigma": 1.7},
        {"kernel_size": [1, 7], "sigma": [0.3, 0.3]},
    ],
    "GaussianNoise": [
        {"mean": 0.1, "sigma": 0.0},
        {"mean": -0.4, "sigma": 0.0},
        {"mean": 0.4, "sigma": 0.0, "clip": False, "only": torch.float32},
    ],
    "RandomErasing": [{"p": 0.0}, {"p": 1.0, "scale": [1, 1], "ratio": [0.01, 0.01]}],
}


def check_version():
    found = torchvision.__version__.split("+")[0]
    assert found == PINNED, f"the golden files are torchvision {PINNED}'s numbers; this is {found}"


def write():
    check_version()
    file = GoldenFile()
    normalize(file)
    images = list(batches())
    for unit, runs in CLASSES.items():
        for index, options in enumerate(runs):
            options = dict(options)
            only = options.pop("only", None)
            for name, input in images:
                # Grey floats once are enough.
                repeated = index > 0 and name == "grey.float32"
                if not repeated and (only is None or only in (input.shape[1], input.dtype)):
                    output = run(unit, options, input)
                    file.add(unit, f"{unit}/{index}/{name}", options, {"input": input, "output": output})
    linear(file, images)
    containers(file, images)
    for name, input in images:
        functional(file, name, input)
    file.write("crates/data/tests/golden/transforms.safetensors")


def batches():
    """Two images each, of odd sizes: one of noise, and one of large even areas, which has equal values."""
    for channels in (GREY, COLOUR):
        generator = torch.Generator().manual_seed(channels)
        noise = torch.randint(256, (1, channels, 7, 9), generator=generator)
        even = torch.randint(6, (1, channels, 7, 9), generator=generator).cumsum(-1) // 4 * 40
        even[:, :, 2:4, 3:7] = 77
        bytes = torch.cat([noise, even.clamp(0, 255)]).to(torch.uint8)
        name = "grey" if channels == GREY else "colour"
        yield f"{name}.uint8", bytes
        yield f"{name}.float32", bytes.float() / 255


def run(unit, options, input):
    options = dict(options)
    if "dtype" in options:
        options["dtype"] = getattr(torch, options["dtype"])
    if unit == "ToTensor":
        return torch.stack([to_tensor(image) for image in input]) if input.dtype == torch.uint8 else input
    output = getattr(v2, unit)(**options)(input)
    return torch.stack(output, 1) if isinstance(output, tuple) else torch.as_tensor(output)


def to_tensor(image):
    """ToTensor takes arrays with the channels last."""
    return torchvision.transforms.ToTensor()(image.permute(1, 2, 0).numpy())


def normalize(file):
    for name, options in {
        "half": {"mean": [0.5], "std": [0.5]},
        "fashion": {"mean": [0.2860], "std": [0.3530]},
        "imagenet": {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
    }.items():
        channels = len(options["mean"])
        # Every byte in every channel; channels differ in their order.
        image = torch.stack([torch.arange(256).roll(37 * c) for c in range(channels)]).to(torch.uint8)
        image = image.reshape(channels, 16, 16)
        scaled = to_tensor(image)
        output = torchvision.transforms.Normalize(**options)(scaled)
        batch = {"bytes": image[None], "input": scaled[None], "output": output[None]}
        file.add("Normalize", f"Normalize/{name}", options, batch)


def linear(file, images):
    for name, input in images:
        if input.dtype == torch.float32:
            input = input[:, :, :3, :2]
            generator = torch.Generator().manual_seed(5)
            size = input[0].numel()
            matrix = torch.randn(size, size, generator=generator)
            mean = torch.rand(size, generator=generator)
            output = v2.LinearTransformation(matrix, mean)(input)
            options = {"transformation_matrix": matrix.tolist(), "mean_vector": mean.tolist()}
            tensors = {"input": input, "output": output}
            file.add("LinearTransformation", f"LinearTransformation/{name}", options, tensors)


def containers(file, images):
    pad = {"type": "Pad", "padding": [1, 0, 2, 1], "fill": 9}
    flip = {"type": "RandomHorizontalFlip", "p": 1.0}
    invert = {"type": "RandomInvert", "p": 1.0}

    def made(options):
        options = dict(options)
        return getattr(v2, options.pop("type"))(**options)

    for unit, options in [
        ("Compose", {"transforms": [pad, flip, invert]}),
        ("RandomApply", {"transforms": [pad, flip], "p": 1.0}),
        ("RandomApply", {"transforms": [pad, flip], "p": 0.0}),
        ("RandomChoice", {"transforms": [pad, invert], "p": [0.0, 2.0]}),
        ("RandomOrder", {"transforms": [flip, invert]}),
    ]:
        for name, input in images:
            rest = {key: value for key, value in options.items() if key != "transforms"}
            output = getattr(v2, unit)([made(step) for step in options["transforms"]], **rest)(input)
            number = sum(case["unit"] == unit for case in file.cases)
            file.add(unit, f"{unit}/{number}/{name}", options, {"input": input, "output": output})


def functional(file, name, input):
    channels, height, width = input.shape[1:]

    def add(unit, index, options, each, **tensors):
        if index > 0 and name == "grey.float32":
            return
        output = torch.cat([function(input[i : i + 1]) for i, function in enumerate(each)])
        file.add(f"functional.{unit}", f"{unit}/{index}/{name}", options, {"input": input, "output": output, **tensors})

    for index, (interpolation, fill) in enumerate(
        [("nearest", 0), ("bilinear", 0), ("bilinear", None), ("bilinear", 50 / 255), ("nearest", 7)]
    ):
        look = {"interpolation": interpolation, "fill": fill}
        start = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        ends = [[[1, 0], [8, 1], [6, 6], [0, 5]], [[2, 2], [7, 0], [8, 6], [1, 4]]]
        add(
            "perspective",
            index,
            {"start": start, "end": ends, **look},
            [lambda image, end=end: F.perspective(image, start, end, **look) for end in ends],
        )
        generator = torch.Generator().manual_seed(index)
        displacement = torch.randn(2, height, width, 2, generator=generator) * 0.2
        add(
            "elastic",
            index,
            look,
            [lambda image, i=i: F.elastic(image, displacement[i : i + 1], **look) for i in (0, 1)],
            displacement=displacement,
        )
        affines = [
            {"angle": 21.0, "translate": [2, -1], "scale": 0.8, "shear": [5.0, -9.0]},
            {"angle": -64.0, "translate": [0, 3], "scale": 1.4, "shear": [0.0, 12.0]},
        ]
        add(
            "affine",
            index,
            {"affines": affines, **look},
            [lambda image, affine=affine: F.affine(image, **affine, **look) for affine in affines],
        )
        angles = [33.0, 180.0]
        add(
            "rotate",
            index,
            {"angles": angles, **look},
            [lambda image, angle=angle: F.rotate(image, angle, **look) for angle in angles],
        )
    places = [[-2, 3], [4, -1]]
    add(
        "crop",
        0,
        {"places": places, "size": [5, 6]},
        [lambda image, place=place: F.crop(image, *place, 5, 6) for place in places],
    )
    regions = [[1, 2, 5, 4], [0, 3, 7, 6]]
    for index, (interpolation, antialias) in enumerate([("bilinear", True), ("bicubic", False), ("nearest", True)]):
        look = {"interpolation": interpolation, "antialias": antialias}
        add(
            "resized_crop",
            index,
            {"regions": regions, "size": [6, 5], **look},
            [lambda image, region=region: F.resized_crop(image, *region, [6, 5], **look) for region in regions],
        )
    value = torch.arange(1.0, channels + 1).view(-1, 1, 1)
    add(
        "erase",
        0,
        {"regions": regions},
        [lambda image, region=region: F.erase(image, *region, value) for region in regions],
        values=value[None],
    )
    if channels == COLOUR:
        orders = [[2, 0, 1], [1, 0, 2]]
        add(
            "permute_channels",
            0,
            {"orders": orders},
            [lambda image, order=order: F.permute_channels(image, order) for order in orders],
        )
    for unit, argument, values in [
        ("adjust_brightness", "brightness_factor", [0.7, 1.6]),
        ("adjust_contrast", "contrast_factor", [0.7, 1.6]),
        ("adjust_saturation", "saturation_factor", [0.7, 1.6]),
        ("adjust_hue", "hue_factor", [0.31, -0.17]),
        ("adjust_sharpness", "sharpness_factor", [0.3, 1.9]),
        ("posterize", "bits", [2, 5]),
        ("solarize", "threshold", [0.2, 0.7]),
        ("gaussian_blur", "sigma", [0.5, 1.9]),
    ]:
        rest = {"kernel_size": [5, 3]} if unit == "gaussian_blur" else {}
        add(
            unit,
            0,
            {"values": values},
            [
                lambda image, value=value: getattr(F, unit)(image, **rest, **{argument: value})
                for value in values
            ],
        )
