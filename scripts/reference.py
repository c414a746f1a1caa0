#!/usr/bin/env python3
"""Writes docs/reference, a page for each command, from what the program's own `--help` says; or checks that it is so already.

usage: scripts/reference.py PROGRAM --write|--check"""
import difflib
import json
import os
import re
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
folder = os.path.join(root, "docs/reference")

# The pages of docs/ that explain a command, the first of them first. A new command needs its line.
PAGES = {
    "doctor": ["install"],
    "backbones": ["backbones"],
    "data": ["data"],
    "train": ["train", "fewshot", "finetune", "anomaly", "multilabel", "multitask", "segmentation"],
    "evaluate": ["train", "accuracy", "figures"],
    "compare": ["compare"],
    "inspect": ["inspect"],
    "info": ["fitness", "inspect"],
    "threshold": ["thresholds"],
    "add": ["fewshot", "anomaly"],
    "forget": ["fewshot", "anomaly"],
    "adapt": ["adapt"],
    "export": ["inspect"],
    "bench": ["benchmarks"],
    "serve": ["serve", "plant", "record", "drift"],
    "watch": ["watch", "drift"],
    "retrain": ["record"],
    "camera": ["plant"],
}
# Options of every command, on the first page alone.
COMMON = {"version", "help"}


def run(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"reference: {program} {' '.join(words)} does not say what it can ({done.stderr.strip()}); run `make build`")
    return done.stdout


def prose(text):
    """Text in which nothing is taken for HTML or the end of a cell."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if at % 2 else part.replace("<", "&lt;") for at, part in enumerate(parts))


def cell(text):
    return prose(" ".join(text.split())).replace("|", "\\|")


def name_of(argument):
    """As it is typed, with its value."""
    value = f" <{argument['valueName']}>" if argument["kind"] == "option" else ""
    if argument["kind"] == "positional":
        return f"<{argument['valueName']}>" + (" ..." if argument["isRepeating"] else "")
    names = [("--" if own["kind"] == "long" else "-") + own["name"] for own in argument["names"]]
    return ", ".join(names) + value + (" ..." if argument.get("parsingStrategy") == "upToNextOption" else "")


def rows(arguments):
    yield "| option | what it does | values | when it is not given |"
    yield "| --- | --- | --- | --- |"
    for own in arguments:
        values = ", ".join(f"`{value}`" for value in own.get("allValues") or [])
        default = own.get("defaultValue", "")
        if not own["isOptional"]:
            default = "must be given"
        elif default and values:
            default = f"`{default}`"
        # A default that is worked out is said in the sentence: "(default: ...)".
        text, _, said = own.get("abstract", "").partition(" (default: ")
        if said and not default:
            default = said.rstrip(")")
        elif said:
            text = own["abstract"]
        yield f"| `{name_of(own)}` | {cell(text)} | {values.replace('|', chr(92) + '|')} | {cell(default)} |"


def usage(program, words):
    lines = run(program, *words, "--help").split("\n")
    start = next(at for at, line in enumerate(lines) if line.startswith("USAGE: "))
    end = next(at for at in range(start, len(lines)) if not lines[at].strip())
    return [line[len("USAGE: "):] for line in lines[start:end]]


def sections(program, command, words, level):
    """The lines that describe a command and its subcommands."""
    yield f"{'#' * level} assay {' '.join(words)}"
    yield ""
    yield prose(command.get("abstract", ""))
    yield ""
    if level == 1:
        pages = PAGES.get(words[0])
        if not pages:
            sys.exit(f"reference: no page explains `assay {words[0]}`: name one in scripts/reference.py")
        yield "Explained in " + ", ".join(f"[{page}](../{page}.md)" for page in pages) + "."
        yield ""
    yield "```"
    yield from usage(program, words)
    yield "```"
    for paragraph in (command.get("discussion") or "").split("\n\n"):
        if paragraph.strip():
            yield ""
            yield prose(" ".join(paragraph.split()))
    groups = {}
    for own in command.get("arguments", []):
        is_common = own["kind"] != "positional" and own["names"][0]["name"] in COMMON | {"h"}
        if own["shouldDisplay"] and not is_common:
            groups.setdefault(own.get("sectionTitle") or ("Arguments" if own["kind"] == "positional" else "Options"), []).append(own)
    for title, arguments in groups.items():
        yield ""
        yield f"{'#' * (level + 1)} {title}"
        yield ""
        yield from rows(arguments)
    for own in command.get("subcommands", []):
        yield ""
        yield from sections(program, own, words + [own["commandName"]], level + 1)


def documents(program):
    """Every page's name and text."""
    top = json.loads(run(program, "--experimental-dump-help"))["command"]
    commands = [own for own in top["subcommands"] if own["commandName"] != "help"]
    made = "<!-- Made by scripts/reference.py from the program's --help, and checked against it by `make check`: change it there. -->"
    index = [made, "", "# Commands", "", "What every command takes, as its `--help` says it. [Pages by task](../README.md) say what for.", ""]
    index += ["| command | what it does |", "| --- | --- |"]
    index += [f"| [assay {own['commandName']}]({own['commandName']}.md) | {cell(own['abstract'])} |" for own in commands]
    for paragraph in (top.get("discussion") or "").split("\n\n"):
        index += ["", prose(" ".join(paragraph.split()))]
    index += ["", "Every command knows `--help` and `--version`."]
    yield "README.md", index
    for own in commands:
        yield own["commandName"] + ".md", [made, ""] + list(sections(program, own, [own["commandName"]], 1))
    if gone := PAGES.keys() - {own["commandName"] for own in commands}:
        sys.exit(f"reference: scripts/reference.py explains {', '.join(sorted(gone))}, which the program does not know")


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in ("--write", "--check"):
        sys.exit(__doc__)
    pages = {name: "\n".join(lines) + "\n" for name, lines in documents(sys.argv[1])}
    os.makedirs(folder, exist_ok=True)
    old = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            old[name] = file.read()
    if sys.argv[2] == "--write":
        for name in old.keys() - pages.keys():
            os.remove(os.path.join(folder, name))
        for name, text in pages.items():
            if old.get(name) != text:
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
        print(f"reference: {sum(old.get(name) != text for name, text in pages.items())} of {len(pages)} pages written")
        return
    stale = sorted(name for name in old.keys() | pages.keys() if old.get(name) != pages.get(name))
    for name in stale:
        lines = difflib.unified_diff(old.get(name, "").split("\n"), pages.get(name, "").split("\n"), "docs/reference/" + name, "--help", "", "", 0, "")
        print("\n".join(list(lines)[:12]), file=sys.stderr)
    if stale:
        sys.exit(f"reference: {', '.join(stale)} in docs/reference differ from --help: scripts/reference.py {sys.argv[1]} --write")
    print(f"reference: {len(pages)} pages of docs/reference are as --help says")


main()
