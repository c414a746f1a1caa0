#!/usr/bin/env python3
"""Magnetic tile (Huang et al. 2020) in MVTec AD's form, as links: 80 % of MT_Free to learn from, chosen by a seed, the
rest and all defects to test on.
usage: mvtec_form.py MAGNETIC_TILE OUT [SEED]"""
import os
import random
import sys

source, out = os.path.abspath(sys.argv[1]), sys.argv[2]
seed = int(sys.argv[3]) if len(sys.argv) > 3 else 0


def link(path, *parts):
    target = os.path.join(out, *parts)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.lexists(target):
        os.symlink(path, target)


for folder in sorted(os.listdir(source)):
    images = os.path.join(source, folder, "Imgs")
    if not os.path.isdir(images):
        continue
    names = sorted(n for n in os.listdir(images) if n.endswith(".jpg"))
    if folder == "MT_Free":
        random.Random(seed).shuffle(names)
        for position, name in enumerate(names):
            part = ("train", "good") if position < 0.8 * len(names) else ("test", "good")
            link(os.path.join(images, name), *part, name)
        continue
    kind = folder.removeprefix("MT_").lower()
    for name in names:
        link(os.path.join(images, name), "test", kind, name)
        link(os.path.join(images, name[:-3] + "png"), "ground_truth", kind, name[:-4] + "_mask.png")
