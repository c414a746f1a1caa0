#!/usr/bin/env python3
"""Drift of features by another program (numpy, SciPy) on the features that `assay train` has left in the cache: how often parts that
are like those of training raise an alarm, and after how many parts a darker lamp, a blurred lens and a new class do.

usage: benchmarks/drift.py alarms FOLDER [DRAWS [IMAGES...]]     FOLDER of images; 5000 draws of 60, 100, 300
       benchmarks/drift.py alter FOLDER OUTPUT                   writes 250 images six times, to be put into the cache:
                                                                 `assay train OUTPUT -o altered.assay`
       benchmarks/drift.py detect FOLDER OUTPUT [DRAWS [IMAGES...]]
                                                                 20 draws; the altered images are not trained on
`assay train` with FOLDER first; the cache is ~/.cache/assay, or XDG_CACHE_HOME's. Needs numpy, scipy, and pillow for `alter`."""
import hashlib
import os
import pathlib
import random
import struct
import sys

import numpy as np
from scipy.special import kolmogorov

STEP, FEW, CAPACITY, RATE, TESTS = 10, 50, 2000, 0.01, 6
LEVEL = RATE * STEP / 1000 / TESTS
CHANGES = ("lamp90", "lamp80", "lamp60", "lens1", "lens2", "lens3")


def images(folder):
    return sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".bmp"))


def features(paths):
    """The features of images in the cache (a file of records: 32 bytes of SHA-256, floats, 8 bytes of checksum), where they are."""
    wanted = {hashlib.sha256(path.read_bytes()).digest(): place for place, path in enumerate(paths)}
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "assay/features"
    best = ([], None)
    for file in cache.glob("*.features"):
        content = np.memmap(file, np.uint8, "r")
        payload = struct.unpack("<Q", bytes(content[8:16]))[0]
        size = payload + 40
        rows = {}
        for start in range(16, len(content) - size + 1, size):
            place = wanted.get(bytes(content[start:start + 32]))
            if place is not None:
                rows[place] = np.frombuffer(bytes(content[start + 32:start + 32 + payload]), np.float32)
        if len(rows) > len(best[0]):
            best = (sorted(rows), np.array([rows[place] for place in sorted(rows)]))
    if best[1] is None:
        sys.exit("drift.py: the cache has no features of these images; `assay train` with them first")
    return best


def ruler(total, square, count):
    mean = total / count
    scale = np.sqrt(np.maximum(square / count - mean * mean, 0))
    return mean, np.maximum(scale, scale.mean(-1, keepdims=True) * 1e-3)


def distances(rows, mean, scale):
    return np.mean(((rows - mean) / scale) ** 2, axis=-1)


class Training:
    """A ruler, and distances of its own images: by itself, and each by the others."""

    def __init__(self, rows):
        rows = rows.astype(np.float64)
        total, square = rows.sum(0), (rows * rows).sum(0)
        self.ruler = ruler(total, square, len(rows))
        self.own = np.sort(distances(rows, *self.ruler))
        self.held_out = np.sort(distances(rows, *ruler(total - rows, square - rows * rows, len(rows) - 1)))


def smirnov(reference, values):
    values = np.sort(values)
    both = np.concatenate([reference, values])
    n, m = len(reference), len(values)
    statistic = np.max(np.abs(
        np.searchsorted(reference, both, side="right") / n - np.searchsorted(values, both, side="right") / m))
    root = np.sqrt(n * m / (n + m))
    return statistic, kolmogorov((root + 0.12 + 0.11 / root) * statistic)


def before(training, latest):
    statistic, p = smirnov(training.own, latest)
    return p < 0.001 and statistic >= 0.15


def now(training, latest):
    for window in (latest, latest[-FEW:]):
        statistic, p = smirnov(training.held_out, window)
        if p < LEVEL and statistic >= 0.15:
            return True
        count, reference = len(window), len(training.held_out)
        beyond = int((window > training.held_out[-1]).sum())
        places = np.arange(beyond)
        if beyond >= count / 2 and np.prod((count - places) / (count + reference - places)) < LEVEL:
            return True
    return False


def first(rule, training, values, start):
    for end in range(start, len(values) + 1, STEP):
        if rule(training, values[max(0, end - CAPACITY):end]):
            return end
    return None


def alarms(folder, draws, sizes):
    _, rows = features(images(folder))
    print(f"{len(rows)} images with {rows.shape[1]} features; a thousand fresh parts after each of {draws} draws")
    for size in sizes:
        found, looked, looks = {"before": 0, "now": 0}, {"before": 0, "now": 0}, 0
        for draw in range(draws):
            generator = np.random.default_rng(draw * 7919 + size)
            order = generator.permutation(len(rows))
            rest = order[size:]
            fresh = rest[:1000] if len(rest) >= 1000 else generator.choice(rest, 1000)
            training = Training(rows[order[:size]])
            values = distances(rows[fresh], *(part.astype(np.float32) for part in training.ruler))
            ends = range(FEW, 1001, STEP)
            looks += len(ends)
            for name, rule in (("before", before), ("now", now)):
                hits = sum(bool(rule(training, values[max(0, end - CAPACITY):end])) for end in ends)
                looked[name] += hits
                found[name] += hits > 0
        for name in found:
            print(f"trained on {size}, {name}: {found[name]} of {draws} thousands with an alarm "
                  f"({100 * found[name] / draws:.2f} %), {100 * looked[name] / looks:.3f} % of the looks", flush=True)


def alter(folder, output):
    from PIL import Image, ImageFilter
    paths = random.Random(5).sample(images(folder), 250)
    for change in CHANGES:
        os.makedirs(f"{output}/{change}", exist_ok=True)
        for place, path in enumerate(paths):
            picture = Image.open(path)
            picture = picture if picture.mode == "L" else picture.convert("RGB")
            amount = int(change[4:])
            if change.startswith("lamp"):
                picture = picture.point(lambda value: round(value * amount / 100))
            else:
                picture = picture.filter(ImageFilter.GaussianBlur(amount))
            picture.save(f"{output}/{change}/{place}.png")


def detect(folder, output, draws, sizes):
    paths = images(folder)
    places, rows = features(paths)
    classes = np.array([paths[place].parent.name for place in places])
    used = {str(path) for path in random.Random(5).sample(paths, 250)}
    free = np.array([str(paths[place]) not in used for place in places])
    changed = {change: features(images(f"{output}/{change}"))[1] for change in CHANGES}
    for size in sizes:
        waits = {}
        for draw in range(draws):
            generator = np.random.default_rng(draw + size)

            def wait(training, calm, parts):
                values = distances(np.concatenate([rows[calm], parts]), *training.ruler)
                end = first(now, training, values, len(calm) + STEP)
                return None if end is None else end - len(calm)

            order = generator.permutation(np.flatnonzero(free))
            training = Training(rows[order[:size]])
            for change, parts in changed.items():
                waits.setdefault(change, []).append(
                    wait(training, order[size:size + 200], parts[generator.permutation(len(parts))]))
            if len(set(classes)) > 1:
                new = sorted(set(classes))[draw % len(set(classes))]
                order = generator.permutation(np.flatnonzero(classes != new))
                batch = generator.permutation(np.flatnonzero(classes == new))
                waits.setdefault("another class", []).append(
                    wait(Training(rows[order[:size]]), order[size:size + 200], rows[batch]))
        for change, found in waits.items():
            seen = sorted(value for value in found if value)
            said = f"median {seen[len(seen) // 2]}, longest {seen[-1]}" if seen else "never"
            print(f"trained on {size}, {change}: {len(seen)} of {len(found)}, {said}", flush=True)


def main():
    words = sys.argv[1:]
    if len(words) < 2 or words[0] not in ("alarms", "alter", "detect") or (words[0] != "alarms" and len(words) < 3):
        sys.exit(__doc__)
    numbers = [int(word) for word in words[2 if words[0] == "alarms" else 3:]]
    draws = numbers[0] if numbers else 5000 if words[0] == "alarms" else 20
    sizes = numbers[1:] or [60, 100, 300]
    if words[0] == "alarms":
        alarms(words[1], draws, sizes)
    elif words[0] == "alter":
        alter(words[1], words[2])
    else:
        detect(words[1], words[2], draws, sizes)


main()
