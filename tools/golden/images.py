"""Image files that the decoders have to read, and the order in which torchvision finds those of nested folders."""

import io
import json
import tempfile
from pathlib import Path

import torchvision
from PIL import Image

from golden_file import ROOT

FOLDER = ROOT / "crates/data/tests/golden"

FILES = [
    "b/2.png", "b/10.png", "b/a/x/1.png", "b/a/1.png", "b/a-b/1.png", "b/a.b/1.png", "b/a b/1.png", "b/a0/1.png",
    "b/A/1.png", "b/\u00e4/1.png", "b/\u4e00/1.png", "b/\U0001f45f/1.png", "b/a/x-y/1.png", "b/a/x/z/1.png",
    "b/zz.png", "b/Z.JPG", "b/a/x/notes.txt", "b-c/1.png", "B/1.png", "b c/d/1.png",
]  # fmt: skip


def write():
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        found = torchvision.datasets.ImageFolder(folder)
        images = [[str(Path(path).relative_to(folder)), label] for path, label in found.samples]
    golden = {"files": FILES, "classes": found.classes, "images": images}
    (FOLDER / "image_folder.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
    write_images()


def write_images():
    """An image whose quarters differ, as JPEG of several kinds, and turned in the eight ways of EXIF."""
    folder = FOLDER / "images"
    folder.mkdir(exist_ok=True)
    picture = Image.new("RGB", (24, 16))
    for corner, colour in {(0, 0): "red", (12, 0): "lime", (0, 8): "blue", (12, 8): "white"}.items():
        picture.paste(colour, (*corner, corner[0] + 12, corner[1] + 8))
    kinds = {
        "baseline": {},
        "progressive": {"progressive": True},
        "restarts": {"restart_marker_blocks": 1},
        "full_colours": {"subsampling": 0, "quality": 100},
    }
    for name, options in kinds.items():
        picture.save(folder / f"{name}.jpg", **options)
    picture.convert("L").save(folder / "grey.jpg")
    # How a picture is stored that `orientation` makes upright again.
    stored = {
        1: picture,
        2: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: picture.transpose(Image.Transpose.ROTATE_180),
        4: picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: picture.transpose(Image.Transpose.TRANSPOSE),
        6: picture.transpose(Image.Transpose.ROTATE_90),
        7: picture.transpose(Image.Transpose.TRANSVERSE),
        8: picture.transpose(Image.Transpose.ROTATE_270),
    }
    for orientation, image in stored.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        for ending, options in {"jpg": {"quality": 95}, "png": {}, "webp": {"lossless": True}}.items():
            buffer = io.BytesIO()
            image.save(buffer, {"jpg": "JPEG"}.get(ending, ending.upper()), exif=exif, **options)
            (folder / f"orientation_{orientation}.{ending}").write_bytes(buffer.getvalue())
    print(f"{folder.relative_to(ROOT)}: {len(list(folder.iterdir()))} files")
