#!/usr/bin/env python3
"""Checks what the documents point at: links and their headings, files that are named by path, types that the developers' pages name.
Also that README.md stays short and that docs/README.md leads to every page.

usage: scripts/docs_links.py"""
import os
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
LONGEST_README = 150
# Pages for developers: a type in `code` there must be in the sources.
FOR_DEVELOPERS = {"docs/architecture.md", "docs/extending.md", "docs/testing.md", "CONTRIBUTING.md", "SECURITY.md"}
# Words in code that look like types and are none of ours.
FOREIGN = {"Codable", "Sendable", "Foundation", "String", "Package"}

pages = sorted(
    path for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")] if path.is_file() and not path.name.startswith("."))
faults = []


def prose(text):
    """The text with code blanked, lines kept."""
    text = re.sub(r"^```.*?^```[^\n]*$", lambda own: "\n" * own.group().count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path):
    """Names of the headings as GitHub makes them."""
    found, seen = set(), {}
    text = re.sub(r"^```.*?^```[^\n]*$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found


def at(text, place):
    return text.count("\n", 0, place) + 1


sources = None
links = named = 0
reached = set()
for page in pages:
    shown = str(page.relative_to(root))
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", prose(text)):
        target = found.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        links += 1
        name, _, anchor = target.partition("#")
        goal = (page.parent / name).resolve() if name else page
        if shown == "docs/README.md":
            reached.add(goal)
        if not goal.exists():
            faults.append(f"{shown}:{at(text, found.start())}: there is no {target}")
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal):
            faults.append(f"{shown}:{at(text, found.start())}: {name or shown} has no heading #{anchor}")
    if shown == "CHANGELOG.md":
        # What was so once.
        continue
    for found in re.finditer(r"(?<![\w./~-])(?:Sources|Tests|scripts|benchmarks|deploy|docs)/[\w.+/-]*\w", text):
        # TARGET, NAME and the like stand for a name.
        if re.search(r"/(?:[A-Z_]{3,}(?=/|$)|NAME)", found.group()):
            continue
        named += 1
        if not (root / found.group()).exists():
            faults.append(f"{shown}:{at(text, found.start())}: there is no {found.group()}")
    if shown in FOR_DEVELOPERS:
        if sources is None:
            sources = set()
            for path in [*root.glob("Sources/**/*.swift"), *root.glob("Tests/**/*.swift"), *root.glob("benchmarks/**/*.swift")]:
                sources.update(re.findall(r"\b[A-Z]\w+", path.read_text(encoding="utf-8")))
            sources.update(path.name for path in [*root.glob("Sources/*"), *root.glob("Tests/*"), *root.glob("benchmarks/*")])
        for found in re.finditer(r"`([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*[A-Z.][A-Za-z0-9.]*)(?:\(\))?`", text):
            named += 1
            name = found.group(1).split(".")[0]
            if name not in sources | FOREIGN and not (root / found.group(1)).exists():
                faults.append(f"{shown}:{at(text, found.start())}: no source names {name}")

for path in root.glob("docs/*.md"):
    if path.name != "README.md" and path not in reached:
        faults.append(f"docs/README.md does not lead to docs/{path.name}")
length = len((root / "README.md").read_text(encoding="utf-8").splitlines())
if length > LONGEST_README:
    faults.append(f"README.md has {length} lines, and at most {LONGEST_README} are wanted: what is more belongs to docs/")
for fault in faults:
    print("docs_links: " + fault, file=sys.stderr)
if not faults:
    print(f"docs_links: {links} links and {named} paths and types of {len(pages)} documents lead somewhere; README.md has {length} lines")
sys.exit(1 if faults else 0)
