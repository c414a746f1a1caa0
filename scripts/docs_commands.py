#!/usr/bin/env python3
"""Checks every `assay` command that README.md and docs/*.md show against the program's own help.

usage: scripts/docs_commands.py [PROGRAM] [FILE...]

Commands in code blocks and in `code` of the text must exist, with their options, values and arguments; an option that is named
by itself must be one of some command's. A word `...` stands for anything."""
import difflib
import glob
import json
import os
import re
import shlex
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
program = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build/release/assay")
files = sys.argv[2:] or [*(os.path.join(root, name) for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted(glob.glob(os.path.join(root, "docs/*.md")))]

# Options of other programs that the documents name.
FOREIGN = {"--networks"}
# What ArgumentParser knows and does not describe.
BUILT_IN = {"--help", "-h", "--version", "--experimental-dump-help", "--generate-completion-script"}


class Command:
    def __init__(self, document, words=()):
        self.words = words
        self.subcommands = {
            own["commandName"]: Command(own, words + (own["commandName"],)) for own in document.get("subcommands", [])}
        self.default = document.get("defaultSubcommand")
        self.options, self.arguments = {}, []
        for argument in document.get("arguments", []):
            if argument["kind"] == "positional":
                self.arguments.append(argument)
                continue
            for name in argument["names"]:
                self.options[("--" if name["kind"] == "long" else "-") + name["name"]] = argument

    def resolve(self, words):
        """The command that words name, and the words behind its name."""
        if words and words[0] in self.subcommands:
            return self.subcommands[words[0]].resolve(words[1:])
        if self.default and self.subcommands:
            return self.subcommands[self.default], words
        return self, words

    def all(self):
        return [self] + [own for sub in self.subcommands.values() for own in sub.all()]


def help_of(program):
    run = subprocess.run([program, "--experimental-dump-help"], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"docs_commands: {program} does not say what it can ({run.stderr.strip()}); run `make build`")
    return Command(json.loads(run.stdout)["command"])


def nearest(word, words):
    found = difflib.get_close_matches(word, words, 1)
    return f"; is it {found[0]}?" if found else ""


def check(words, is_whole):
    """What is wrong with a command.

    words: behind the program's name; is_whole: whether all that it needs must be there."""
    command, rest = everything.resolve(words)
    name = "assay " + " ".join(command.words) if command.words else "assay"
    # NAME stands for any command.
    if command.subcommands and rest and (rest[0].isupper() or "(" in rest[0]):
        return
    if command.subcommands and rest and not rest[0].startswith("-") and rest[0] != "...":
        yield f"there is no command `{name} {rest[0]}`{nearest(rest[0], command.subcommands)}"
        return
    seen, positional, at = set(), 0, 0
    while at < len(rest):
        word = rest[at]
        at += 1
        if word == "..." or "..." in word and not word.startswith("-"):
            is_whole = False
            continue
        if not word.startswith("-") or re.fullmatch(r"-\d.*", word):
            positional += 1
            continue
        option, _, value = word.partition("=")
        if option in BUILT_IN:
            is_whole = False
            at += option == "--generate-completion-script"
            continue
        if option not in command.options:
            # What follows it may be its value.
            yield f"`{name}` has no option {option}{nearest(option, command.options)}"
            return
        own = command.options[option]
        seen.add(id(own))
        if own["kind"] == "flag":
            continue
        if not value:
            value = rest[at] if at < len(rest) and not rest[at].startswith("--") else ""
            at += value != ""
            if own.get("parsingStrategy") == "upToNextOption":
                while at < len(rest) and not rest[at].startswith("-"):
                    at += 1
        known = own.get("allValues")
        if is_whole and not value:
            yield f"`{name} {option}` needs a value"
        if known and value and value not in known and re.fullmatch(r"[a-z][a-z0-9-]*", value):
            yield f"`{name} {option}` does not take {value}{nearest(value, known)}"
    most = float("inf") if any(own["isRepeating"] for own in command.arguments) else len(command.arguments)
    if positional > most and not command.subcommands:
        yield f"`{name}` takes {most} arguments and not {positional}"
    if not is_whole:
        return
    needed = sum(not own["isOptional"] for own in command.arguments)
    if positional < needed:
        yield f"`{name}` needs {needed} arguments and has {positional}"
    for own in {id(own): own for own in command.options.values()}.values():
        if not own["isOptional"] and id(own) not in seen:
            yield f"`{name}` needs --{own['preferredName']['name']}"


def commands(line):
    """The words of every command in a line of a shell, behind the program's name."""
    line = re.sub(r"\[([^\]|]*)\]", r"\1", line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words = None
    try:
        for token in lexer:
            if re.fullmatch(r"[;&|<>]+", token):
                if words is not None:
                    yield words
                words = None
            elif words is not None:
                words.append(token)
            elif re.fullmatch(r"(\S*/)?assay", token):
                words = []
            elif not re.fullmatch(r"[A-Z_]+=.*", token) and token != "time":
                # Another program, of whose words one may be this one's path.
                return
    except ValueError:
        return
    if words is not None:
        yield words


def lines(path):
    """Number, text and whether it is a command's own line, of everything in a document that is code."""
    with open(path, encoding="utf-8") as document:
        text = document.read()
    is_block, number, held = False, 0, ""
    prose = []
    for line in text.split("\n"):
        number += 1
        if line.lstrip().startswith("```"):
            is_block = not is_block
            prose.append("")
        elif is_block:
            prose.append("")
            if line.endswith("\\"):
                held += line[:-1] + " "
                continue
            yield number, held + line, True
            held = ""
        else:
            prose.append(line)
    # Code of the text may go on in the next line.
    for found in re.finditer(r"`([^`]+)`", "\n".join(prose)):
        before = "\n".join(prose)[: found.start()]
        if "\n\n" not in found.group(1):
            yield before.count("\n") + 1, " ".join(found.group(1).split()), False


everything = help_of(program)
options = {name for own in everything.all() for name in own.options} | BUILT_IN | FOREIGN
faults, checked = [], 0
for path in files:
    shown = os.path.relpath(path, root)
    for number, line, is_own in lines(path):
        own = re.match(r"(--[a-z][a-z0-9-]*)", line)
        if not is_own and own:
            checked += 1
            for option in re.findall(r"(?<!\S)(--[a-z][a-z0-9-]*)", line):
                if option not in options:
                    faults.append(f"{shown}:{number}: no command has an option {option}{nearest(option, options)}")
            continue
        # A command that is named in a sentence is whole only when it has more than its name.
        for words in commands(line):
            checked += 1
            faults += [f"{shown}:{number}: {fault}" for fault in check(words, is_own)]
for fault in faults:
    print("docs_commands: " + fault, file=sys.stderr)
if not checked:
    sys.exit("docs_commands: no command was found in the documents")
print(f"docs_commands: {checked} commands and options of {len(files)} documents are as the program has them"
      if not faults else f"docs_commands: {len(faults)} faults in {checked} commands and options")
sys.exit(1 if faults else 0)
