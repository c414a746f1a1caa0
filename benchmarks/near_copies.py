"""Near copies among photographs of one part: time, memory, and how many of the copies that were planted are found.

    python3 benchmarks/near_copies.py ASSAY FOLDER COUNT...      (pip install numpy pillow)

Each photograph is 96 x 96 pixels: the same part in the same light, put down up to a pixel off, with a surface and a noise of
its own. One in fifty is planted a second time: as a JPEG of quality 50 to 95, brighter or darker, of other contrast, cut by
2 to 9 pixels, or shifted by 1 to 8 pixels. Time is the whole of `assay data`, reading and decoding included; memory is the
process's largest resident size, less that of a data set of ten images, over the number of images.
"""

import json
import os
import sys
import time
from io import BytesIO

import numpy as np
from PIL import Image

SIDE = 96


def surface(generator):
    """Grain of four pixels, as metal or plastic shows."""
    coarse = Image.fromarray(generator.normal(0, 5, (SIDE // 4 + 2, SIDE // 4 + 2)).astype("float32"), mode="F")
    return np.asarray(coarse.resize((SIDE + 8, SIDE + 8), Image.BILINEAR))[:SIDE, :SIDE]


def part(dx, dy):
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(float)
    u, v = (x + dx) / SIDE - 0.5, (y + dy) / SIDE - 0.5
    value = 110 + 40 * u - 20 * v
    value += 50 * (np.hypot(u, v) < 0.3)
    value -= 60 * ((abs(v) < 0.03) | (abs(v - 0.2) < 0.02))
    value += 25 * (np.hypot(u - 0.3, v + 0.3) < 0.06)
    return value


def photograph(generator):
    value = part(*generator.uniform(-1, 1, 2)) + surface(generator) + generator.normal(0, 4, (SIDE, SIDE))
    return np.clip(np.round(value), 0, 255).astype(np.uint8)


def copy(pixels, kind, generator):
    """The bytes of a changed copy, and what was done."""
    image = Image.fromarray(pixels)
    if kind == "encoded":
        quality = int(generator.integers(50, 96))
        return jpeg(image, quality), f"quality {quality}"
    value = pixels.astype(float)
    if kind == "brightness":
        value = value + generator.choice([-30, -20, 20, 30])
    elif kind == "contrast":
        value = (value - 110) * generator.choice([0.7, 0.85, 1.2, 1.3]) + 110
    elif kind == "cut":
        left, top, right, bottom = generator.integers(0, 6, 4)
        right, bottom = min(right, 9 - left), min(bottom, 9 - top)
        value = value[top + 1 : SIDE - bottom, left + 1 : SIDE - right]
    elif kind == "shifted":
        dx, dy = generator.integers(1, 9, 2)
        value = np.pad(value, ((dy, 0), (dx, 0)), mode="edge")[:SIDE, :SIDE]
    return png(Image.fromarray(np.clip(np.round(value), 0, 255).astype(np.uint8))), kind


def jpeg(image, quality):
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def png(image):
    file = BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


KINDS = ["encoded", "brightness", "contrast", "cut", "shifted"]


def write(folder, count):
    """COUNT images, planted copies among them. Returns the planted pairs: name, name, kind."""
    generator = np.random.default_rng(count)
    planted = []
    copies = max(1, count // 50)
    for number in range(count - copies):
        name = f"good/{number // 1000:03}/{number:06}.png"
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        pixels = photograph(generator)
        with open(f"{folder}/{name}", "wb") as file:
            file.write(png(Image.fromarray(pixels)))
        if number < copies:
            kind = KINDS[number % len(KINDS)]
            data, _ = copy(pixels, kind, generator)
            other = f"good/{number // 1000:03}/{number:06}-{kind}." + ("jpg" if kind == "encoded" else "png")
            with open(f"{folder}/{other}", "wb") as file:
                file.write(data)
            planted.append((name, other, kind))
    return planted


def run(assay, folder):
    """Seconds, seconds of all processors, largest resident size in bytes, and the survey."""
    read, write_end = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.close(read)
        os.execv(assay, [assay, "data", folder, "--json"])
    os.close(write_end)
    with os.fdopen(read) as file:
        text = file.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"{assay} data {folder} failed with status {status}")
    busy = usage.ru_utime + usage.ru_stime
    return time.monotonic() - start, busy, usage.ru_maxrss * 1024, json.loads(text)


def main():
    assay, folder = sys.argv[1:3]
    counts = [int(argument) for argument in sys.argv[3:]]
    write(f"{folder}/10", 10)
    empty = run(assay, f"{folder}/10")[2]
    print(f"{'images':>8} {'seconds':>8} {'of processors':>14} {'KiB an image':>13} {'planted':>8} {'found':>6} {'wrong':>6}  missed")
    for count in counts:
        own = f"{folder}/{count}"
        planted = write(own, count)
        seconds, busy, memory, survey = run(assay, own)
        sets = [set(copies["names"]) for copies in survey["nearCopies"]]
        found = [pair for pair in planted if any(pair[0] in names and pair[1] in names for names in sets)]
        right = [{pair[0], pair[1]} for pair in planted]
        wrong = sum(names not in right for names in sets)
        missed = [kind for kind in KINDS for pair in planted if pair not in found and pair[2] == kind]
        listed = ", ".join(f"{missed.count(kind)} {kind}" for kind in KINDS if kind in missed) or "none"
        share = (memory - empty) / count / 1024
        print(
            f"{count:>8} {seconds:>8.1f} {busy:>14.1f} {share:>13.1f} {len(planted):>8} {len(found):>6} {wrong:>6}  {listed}",
            flush=True,
        )


main()
