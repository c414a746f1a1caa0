"""How many changed copies of real images `assay data` finds among the rest of their data set.

    python3 benchmarks/near_copies_recall.py ASSAY NUMBER FOLDER...      (pip install numpy pillow)

Of NUMBER random images of each folder of images a gray copy is made, each changed in one of 22 ways in turn, and put beside
the whole data set. A copy is found when it is in one set with its original. near_copies.txt has the figures.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

KINDS = (
    "q95 q80 q65 q50 bright+10 bright-15 bright-30 contrast0.7 contrast1.3 gamma0.7 crop2 crop5 crop10 cropcorner10 "
    "cropresize5 cropresize10 shift1 shift3 shift5 shift8 half all"
).split()


def changed(image, kind):
    """The changed picture, and the quality to save it as a JPEG with, if any."""
    value = np.asarray(image).astype(float)
    height, width = value.shape

    def number(prefix):
        return float(kind[len(prefix) :])

    def crop(left, top, right, bottom):
        return image.crop(
            (round(width * left), round(height * top), width - round(width * right), height - round(height * bottom))
        )

    if kind[0] == "q":
        return image, int(kind[1:])
    if kind == "half":
        return image.resize((width // 2, height // 2), Image.BILINEAR), None
    if kind == "cropcorner10":
        return crop(0.1, 0.1, 0, 0), None
    if kind.startswith("cropresize"):
        share = number("cropresize") / 200
        return crop(share, share, share, share).resize((width, height), Image.BICUBIC), None
    if kind.startswith("crop"):
        share = number("crop") / 200
        return crop(share, share, share, share), None
    if kind.startswith("shift"):
        by = int(number("shift"))
        value = np.pad(value, ((by, 0), (by, 0)), mode="edge")[:height, :width]
    elif kind == "bright+10":
        value = value + 25.5
    elif kind.startswith("bright"):
        value = value * (1 + number("bright") / 100)
    elif kind.startswith("contrast"):
        value = (value - value.mean()) * number("contrast") + value.mean()
    elif kind.startswith("gamma"):
        value = 255 * (value / 255) ** number("gamma")
    elif kind == "all":
        value = np.asarray(crop(0.02, 0.03, 0.03, 0)).astype(float) * 1.12
    return Image.fromarray(np.clip(np.round(value), 0, 255).astype(np.uint8)), 70 if kind == "all" else None


def measure(assay, folder, count):
    files = sorted(
        os.path.join(where, name)
        for where, _, names in os.walk(folder)
        for name in names
        # Masks beside JPEGs (magnetic tile) are no images of parts.
        if name.lower().endswith((".jpg", ".bmp", ".png"))
        and not os.path.exists(os.path.join(where, os.path.splitext(name)[0] + ".jpg") if name.endswith(".png") else "")
    )
    found = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as work:
        os.makedirs(work + "/original")
        os.makedirs(work + "/copy")
        for number, file in enumerate(files):
            os.symlink(os.path.abspath(file), f"{work}/original/{number:06}{os.path.splitext(file)[1]}")
        copies = []
        for turn, number in enumerate(random.Random(1).sample(range(len(files)), min(count, len(files)))):
            kind = KINDS[turn % len(KINDS)]
            image, quality = changed(Image.open(files[number]).convert("L"), kind)
            name = f"copy/{number:06}." + ("jpg" if quality else "png")
            image.save(f"{work}/{name}", **({"quality": quality} if quality else {}))
            copies.append((kind, name, f"original/{number:06}{os.path.splitext(files[number])[1]}"))
        survey = json.loads(subprocess.run([assay, "data", work, "--json"], check=True, capture_output=True).stdout)
        # A file with the same bytes as another stands for both.
        first = {name: copies["names"][0] for copies in survey["exactCopies"] for name in copies["names"]}
        of = {name: index for index, copies in enumerate(survey["nearCopies"]) for name in copies["names"]}
        for kind, copy, original in copies:
            sets = [of.get(first.get(name, name)) for name in (copy, original)]
            found[kind].append(sets[0] is not None and sets[0] == sets[1])
    return found


def main():
    assay, count, folders = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    results = [measure(assay, folder, count) for folder in folders]
    print(" " * 14 + "".join(f"{os.path.basename(os.path.normpath(folder))[:14]:>16}" for folder in folders))
    for kind in KINDS + ["together"]:
        cells = []
        for result in results:
            own = sum(result.values(), []) if kind == "together" else result[kind]
            cells.append(f"{sum(own)}/{len(own)}")
        print(f"{kind:<14}" + "".join(f"{cell:>16}" for cell in cells))


main()
