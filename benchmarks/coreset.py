#!/usr/bin/env python3
"""The greedy coreset against a NumPy loop on the same points: 163,856 of 128 dimensions at 1 %.
The points are patches of real photographs, projected as PatchCore does, when a file of them is named; else a mixture of
Gaussians, and Gaussian noise without any structure.
usage: coreset.py ASSAY [POINTS.npy]"""
import json
import subprocess
import sys
import tempfile
import time

import numpy as np

N, D, SHARE = 163_856, 128, 0.01


def loop(points, size):
    """The textbook loop."""
    nearest, chosen, index = np.full(len(points), np.inf, np.float32), [], 0
    for _ in range(size):
        chosen.append(index)
        difference = points - points[index]
        nearest = np.minimum(nearest, (difference * difference).sum(1))
        index = int(nearest.argmax())
    return chosen


def product_loop(points, size):
    """The same with a matrix product in place of the differences: faster, and not exact."""
    nearest, chosen, index = np.full(len(points), np.inf, np.float32), [], 0
    lengths = (points * points).sum(1)
    for _ in range(size):
        chosen.append(index)
        nearest = np.minimum(nearest, lengths - 2 * (points @ points[index]) + lengths[index])
        index = int(nearest.argmax())
    return chosen


def compare(name, points):
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file, points)
        file.flush()
        own = json.loads(subprocess.run([sys.argv[1], "bench", file.name, "--json"], check=True, capture_output=True).stdout)
    size, part = own["chosen"], 100
    start = time.time()
    chosen = loop(points, part)
    plain = (time.time() - start) / part * size
    start = time.time()
    product_loop(points, part)
    product = (time.time() - start) / part * size
    same = chosen == own["indices"][:part]
    print(
        f"{name}: {size} of {points.shape}: assay {own['seconds']:.2f} s; numpy {plain:.1f} s ({plain / own['seconds']:.1f} "
        f"times), with products {product:.1f} s ({product / own['seconds']:.1f} times); numpy's time is that of {part} steps, "
        f"multiplied; first {part} choices {'the same' if same else 'DIFFERENT'}")


generator = np.random.default_rng(0)
if len(sys.argv) > 2:
    compare(sys.argv[2], np.load(sys.argv[2])[:N].astype(np.float32))
centres = generator.normal(size=(300, D)).astype(np.float32) * 2
compare("mixture", (centres[generator.integers(0, 300, N)] + generator.normal(size=(N, D))).astype(np.float32))
compare("noise", generator.normal(size=(N, D)).astype(np.float32))
