#!/usr/bin/env python3
"""Peak memory (VmHWM, by wait4) of learning and of looking in tiles, on pictures made here:
- `train --method anomaly --tile 224` on 80 and on 320 photographs of 1024 x 1024;
- `inspect` with that bundle on photographs of 4 and of 36 megapixels;
- `train` on 2,000 and on 10,000 pictures of 64 x 64 in two classes.
Each figure should hardly grow from the first to the second number.
usage: training_memory.py ASSAY [WORK] [tiles|inspect|small ...]"""
import os
import random
import shutil
import sys
import tempfile
import time

ASSAY = os.path.abspath(sys.argv[1])
KINDS = {"tiles", "inspect", "small"}
WORK = next((a for a in sys.argv[2:] if a not in KINDS), None)
WANTED = [a for a in sys.argv[2:] if a in KINDS] or sorted(KINDS, reverse=True)

# Grey levels around the middle, each as likely: brushed by a level of its own for each row.
TABLES = [bytes((base + (value >> 3)) & 255 for value in range(256)) for base in range(90, 140)]


def picture(path, side, seed, defect=False):
    """Brushed metal; with a dark scratch when it is a defect."""
    generator = random.Random(seed)
    noise = generator.randbytes(side * side)
    rows = [noise[y * side:(y + 1) * side].translate(generator.choice(TABLES)) for y in range(side)]
    if defect:
        column = generator.randrange(side // 4, side // 2)
        width = max(2, side // 32)
        rows = [row[:column] + bytes([20]) * width + row[column + width:] for row in rows]
    with open(path, "wb") as file:
        file.write(b"P5 %d %d 255\n" % (side, side) + b"".join(rows))


def folder(name, parts):
    """parts: (subfolder, count, side, is it a defect)"""
    root = os.path.join(WORK, name)
    for kind, count, side, defect in parts:
        os.makedirs(f"{root}/{kind}", exist_ok=True)
        for index in range(count):
            path = f"{root}/{kind}/{index:05}.pgm"
            if not os.path.exists(path):
                picture(path, side, index * 7 + len(kind) * 1_000_003, defect)
    return root


def run(name, arguments):
    """Runs the program and prints its peak memory; its messages are in a file."""
    log = os.path.join(WORK, name.replace(" ", "-") + ".log")
    begun = time.time()
    child = os.fork()
    if child == 0:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.execv(ASSAY, [ASSAY] + arguments)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    print(f"{name}: peak {usage.ru_maxrss / 1024:.0f} MiB, {time.time() - begun:.0f} s" + (f", FAILED ({code}), see {log}" if code else ""),
          flush=True)
    with open(log, encoding="utf-8", errors="replace") as file:
        for line in file:
            if " about " in line or "left" in line:
                print("   said:", line.strip(), flush=True)
    return usage.ru_maxrss / 1024


def tiles():
    for count in (80, 320):
        data = folder(f"tiles{count}", [("good", count, 1024, False), ("scratch", 8, 1024, True)])
        cache = os.path.join(WORK, "cache")
        shutil.rmtree(cache, ignore_errors=True)
        run(f"train --tile 224, {count} photographs of 1024 x 1024",
            ["train", data, "-o", f"{WORK}/tiles.assay", "--method", "anomaly", "--tile", "224", "--cache", cache])
        shutil.rmtree(cache, ignore_errors=True)


def inspect():
    bundle = f"{WORK}/tiles.assay"
    if not os.path.exists(bundle):
        data = folder("tiles12", [("good", 12, 1024, False), ("scratch", 4, 1024, True)])
        run("train --tile 224, 12 photographs", ["train", data, "-o", bundle, "--method", "anomaly", "--tile", "224",
                                                 "--cache", f"{WORK}/cache"])
    for megapixels, side in ((4, 2000), (36, 6000)):
        for defect in (False, True):
            path = f"{WORK}/{megapixels}-{'defect' if defect else 'good'}.pgm"
            picture(path, side, megapixels, defect)
            run(f"inspect in tiles, {megapixels} megapixels, {'a defect' if defect else 'good'}", ["inspect", bundle, path])


def small():
    for count in (2_000, 10_000):
        data = folder(f"small{count}", [("good", count // 2, 64, False), ("scratch", count // 2, 64, True)])
        cache = os.path.join(WORK, "cache")
        shutil.rmtree(cache, ignore_errors=True)
        run(f"train, {count} pictures of 64 x 64", ["train", data, "-o", f"{WORK}/small.assay", "--cache", cache])
        run(f"train again from the cache, {count} pictures", ["train", data, "-o", f"{WORK}/small.assay", "--cache", cache])
        shutil.rmtree(cache, ignore_errors=True)


made = WORK is None
WORK = WORK or tempfile.mkdtemp(prefix="assay-memory-")
os.makedirs(WORK, exist_ok=True)
try:
    for kind in WANTED:
        globals()[kind]()
finally:
    if made:
        shutil.rmtree(WORK, ignore_errors=True)
