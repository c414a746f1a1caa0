#!/usr/bin/env python3
"""Compares NOTICE with what is downloaded and linked: every Swift package of Package.swift and Package.resolved, every wheel of
scripts/wheels.txt and every Debian package of scripts/setup.sh has its line with a licence, and no line is of something that has gone.

usage: scripts/notice.py [ROOT]"""
import json
import os
import re
import subprocess
import sys

root = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def text(name):
    with open(os.path.join(root, name), encoding="utf-8") as file:
        return file.read()


def packages():
    """Identities of Swift packages, transitive ones where they are known: pinned in Package.swift, or resolved before."""
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=root, capture_output=True, text=True, env={**os.environ, "ASSAY_PINNED": "1"})
    if dump.returncode != 0:
        sys.exit(f"notice: Package.swift cannot be read:\n{dump.stderr}")
    found = {own["sourceControl"][0]["identity"] for own in json.loads(dump.stdout)["dependencies"] if "sourceControl" in own}
    if os.path.exists(os.path.join(root, "Package.resolved")):
        found |= {pin["identity"] for pin in json.loads(text("Package.resolved"))["pins"]}
    return found


def debian():
    script = text("scripts/setup.sh")
    found = set(re.findall(r"^need \S+ (\S+)", script, re.M))
    for names in re.findall(r"\b(?:packages|tests)\+=\(([^)$\"]+)\)", script):
        found.update(names.split())
    return found


def listed(heading):
    """Names and licences under a heading of NOTICE, up to the next one."""
    part = re.search(rf"^{heading}\b.*?\n(.*?)(?=^[A-Z]{{2}}[A-Z ]+,|\Z)", text("NOTICE"), re.M | re.S)
    if not part:
        sys.exit(f"notice: NOTICE has no part {heading}")
    lines = re.findall(r"^(\S+) \| ([^|\n]*) \| ([^|\n]*)$", part.group(1), re.M)
    return {name: licence.strip() for name, licence, _ in lines}


wheels = set(re.findall(r"^([\w.-]+)==", text("scripts/wheels.txt"), re.M))
faults = []
for heading, used, file in (
    ("SWIFT PACKAGES", packages(), "Package.swift"), ("WHEELS", wheels, "scripts/wheels.txt"),
    ("DEBIAN PACKAGES", debian(), "scripts/setup.sh"),
):
    lines = listed(heading)
    faults += [f"{name} of {file} has no line under {heading}: add it with its licence" for name in sorted(used - lines.keys())]
    faults += [f"{name} stands under {heading} and {file} has it no more" for name in sorted(lines.keys() - used)]
    faults += [f"{name} has no licence" for name, licence in sorted(lines.items()) if not licence]
    print(f"notice: {heading.lower()}: {len(lines)}")
for fault in faults:
    print(f"notice: {fault}", file=sys.stderr)
sys.exit(1 if faults else 0)
