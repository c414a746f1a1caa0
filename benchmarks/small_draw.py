#!/usr/bin/env python3
"""Draws a small data set out of class folders: links to the first images of a keyed shuffle.

usage: small_draw.py PATH OUTPUT --good CLASS [--goods 60] [--defects 15] [--seed 0]

The defects are shared out among the other classes, one after another. Magnetic tile's pictures lie in CLASS/Imgs."""
import argparse
import hashlib
import os
import pathlib

parser = argparse.ArgumentParser()
parser.add_argument("path", type=pathlib.Path)
parser.add_argument("output", type=pathlib.Path)
parser.add_argument("--good", required=True)
parser.add_argument("--goods", type=int, default=60)
parser.add_argument("--defects", type=int, default=15)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

pictures = {}
for folder in sorted(p for p in options.path.iterdir() if p.is_dir()):
    inner = folder / "Imgs"
    found = sorted((inner if inner.is_dir() else folder).glob("*.jpg"))
    found.sort(key=lambda p: hashlib.sha256(f"{options.seed} {folder.name} {p.name}".encode()).digest())
    if found:
        pictures[folder.name] = found
chosen = [(options.good, p) for p in pictures[options.good][: options.goods]]
others = [name for name in pictures if name != options.good]
taken = 0
for turn in range(options.defects):
    for name in others:
        if taken < options.defects and turn < len(pictures[name]):
            chosen.append((name, pictures[name][turn]))
            taken += 1
for name, picture in chosen:
    folder = options.output / name
    folder.mkdir(parents=True, exist_ok=True)
    os.symlink(os.path.realpath(picture), folder / picture.name)
print(f"{len(chosen)} images, {taken} of them defective, in {options.output}")
