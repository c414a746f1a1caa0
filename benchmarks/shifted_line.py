#!/usr/bin/env python3
"""Copies a folder of classes as another line would have photographed it (pip install pillow numpy).

usage: shifted_line.py FOLDER OUT KIND [--only CLASS]

KIND: none (the same pixels, saved anew), camera (contrast 0.6, 40 brighter, gamma 1.3), soft (blurred by 1.5 pixels),
noise (8 grey values), colour (white balance of another lamp), dark (contrast 0.45, gamma 0.8), all (dark, soft, noise).
The script knows nothing of Assay.
"""
import argparse
import pathlib

import numpy
from PIL import Image, ImageFilter

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("kind", choices=["none", "camera", "soft", "noise", "colour", "dark", "all"])
parser.add_argument("--only")
arguments = parser.parse_args()
random = numpy.random.default_rng(0)


def seen(image):
    kind = arguments.kind
    if kind in ("soft", "all"):
        image = image.filter(ImageFilter.GaussianBlur(1.5))
    pixels = numpy.asarray(image, dtype=numpy.float64) / 255
    if kind == "camera":
        pixels = (pixels * 0.6 + 40 / 255).clip(0, 1) ** 1.3
    if kind in ("dark", "all"):
        pixels = (pixels * 0.45) ** 0.8
    if kind == "colour":
        pixels = pixels * numpy.array([1.0, 0.88, 0.68]) + numpy.array([0.02, 0.0, 0.06])
    if kind in ("noise", "all"):
        pixels = pixels + random.normal(0, 8 / 255, pixels.shape)
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(numpy.uint8))


kinds = {".jpg", ".jpeg", ".png", ".bmp"}
for path in sorted(p for p in arguments.folder.rglob("*") if p.suffix.lower() in kinds):
    relative = path.relative_to(arguments.folder)
    if arguments.only and arguments.only not in relative.parts:
        continue
    target = (arguments.out / relative).with_suffix(".png")
    target.parent.mkdir(parents=True, exist_ok=True)
    seen(Image.open(path).convert("RGB")).save(target)
