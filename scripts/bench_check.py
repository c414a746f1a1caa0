#!/usr/bin/env python3
"""Runs the benchmarks that benchmarks/thresholds/*.json describe and compares their figures with the thresholds there.

usage: scripts/bench_check.py PROGRAM [--repeats 3] [NAME...]

Figures are ratios of two times of the same run, or MiB, so that they hold on other machines too; each is the median of the repeats. A
file has the program's arguments of each step, of which `seconds`, `peakMiB` and whatever its JSON says are known (of a list its median), and figures with
`most` or `least`. `was` is what was measured when the threshold was set. Ends with 1 when a figure is beyond its threshold."""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) / "assay"


def run(program, words):
    """Seconds, peak memory and the JSON of a run of the program."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([program, *words], stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"bench_check: {' '.join([program, *words])}: exit code {process.returncode}\n{said.read().decode(errors='replace')[-2000:]}")
    figures = {"seconds": time.monotonic() - start, "peakMiB": usage.ru_maxrss / 1024}
    if "--json" in words:
        for name, value in json.loads(output).items():
            if isinstance(value, list) and value and all(isinstance(own, (int, float)) for own in value):
                value = statistics.median(value)
            if isinstance(value, (int, float)):
                figures[name] = value
    return figures


def value(name, steps):
    """A figure such as `again.seconds / first.seconds`."""
    parts = []
    for part in name.split(" / "):
        step, _, figure = part.partition(".")
        if figure not in steps.get(step, {}):
            sys.exit(f"bench_check: {name}: the step {step} has no figure {figure}; it has {', '.join(sorted(steps.get(step, {})))}")
        parts.append(steps[step][figure])
    return parts[0] / parts[1] if len(parts) == 2 else parts[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--thresholds", default=root / "benchmarks/thresholds", type=pathlib.Path)
    words = parser.parse_intermixed_args()
    files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(words.thresholds.glob("*.json"))}
    if unknown := set(words.names) - files.keys():
        sys.exit(f"bench_check: there is no {', '.join(sorted(unknown))} in benchmarks/thresholds")
    wanted = []

    def want(name):
        for other in files[name].get("needs", []):
            want(other)
        if name not in wanted:
            wanted.append(name)

    for name in words.names or files:
        want(name)
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench_check: the machine does other work (load {load:.1f}); figures of times are worth little", file=sys.stderr)
    measured = {(name, own["name"]): [] for name in wanted for own in files[name]["figures"]}
    for repeat in range(words.repeats):
        with tempfile.TemporaryDirectory() as work:
            places = {"{work}": work, "{elpv}": str(cache / "data/elpv")}
            for name in wanted:
                steps = {}
                for step, arguments in files[name]["steps"].items():
                    arguments = [re.sub(r"\{\w+\}", lambda own: places[own.group()], word) for word in arguments]
                    steps[step] = run(words.program, arguments)
                for own in files[name]["figures"]:
                    measured[name, own["name"]].append(value(own["name"], steps))
        print(f"bench_check: run {repeat + 1} of {words.repeats} done", file=sys.stderr)
    faults = 0
    for name in wanted:
        for own in files[name]["figures"]:
            figure = statistics.median(measured[name, own["name"]])
            is_beyond = figure > own.get("most", float("inf")) or figure < own.get("least", float("-inf"))
            faults += is_beyond
            bound = f"at most {own['most']:g}" if "most" in own else f"at least {own['least']:g}"
            was = f", was {own['was']:g}" if "was" in own else ""
            print(f"{'BEYOND' if is_beyond else 'ok    '}  {name}: {own['name']} = {figure:.3g} ({bound}{was})")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
