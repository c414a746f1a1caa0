"""Inspections over HTTP while people search the record: p50 and p99 alone and with four of them, in turn.

usage: python3 benchmarks/searching.py part.assay IMAGES RECORD [--rounds 6] [--parts 1000] [--people 4] [--assay .build/release/assay]
RECORD is a folder with a record of any size, as `benchmarks/record.sh RECORD 7000 1000000` makes it; the station writes on in
it. A person asks one of the page's questions, looks at the answer for half a second, and asks the next: an absent serial, a
part of one, a rare class, `disagreed`, a day. One client sends parts one after the other. Standard library only.
"""

import argparse
import http.client
import pathlib
import random
import statistics
import tempfile
import threading
import time

from shift import pictures, start

QUESTIONS = [
    "serial=not-there", "serial=0042", "class=rare", "review=disagreed", "class=absent", "verdict=defect",
    "from=1764460800&until=1764547200", "review=open",
]


def search(port, over, waits, seed):
    draw = random.Random(seed)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not over.is_set():
        begun = time.perf_counter()
        connection.request("GET", "/v1/records?limit=50&" + draw.choice(QUESTIONS))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            print(f"a search was refused: {answer.status} {body[:200]!r}", flush=True)
            continue
        waits.append(time.perf_counter() - begun)
        over.wait(0.5)


def inspections(port, name, images, parts):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for number in range(parts):
        begun = time.perf_counter()
        connection.request("POST", f"/v1/inspect/{name}", images[number % len(images)])
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        times.append(time.perf_counter() - begun)
    return times


def shown(values):
    values = sorted(values)
    return f"p50 {values[len(values) // 2] * 1e3:.2f} p99 {values[int(len(values) * 0.99)] * 1e3:.2f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("images")
    parser.add_argument("record")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--parts", type=int, default=1000)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--assay", default=".build/release/assay")
    options = parser.parse_args()
    images = sum(pictures(options.images), [])
    name = pathlib.Path(options.bundle.rstrip("/")).name.removesuffix(".assay")
    with tempfile.TemporaryDirectory() as work:
        pathlib.Path(work, "record").symlink_to(pathlib.Path(options.record).resolve())
        process, port = start(options.assay, options.bundle, work, "--keep-size", "0", "--keep-days", "0")
        try:
            inspections(port, name, images, 100)
            ratios = []
            for number in range(options.rounds):
                alone = inspections(port, name, images, options.parts)
                over, waits = threading.Event(), []
                people = [
                    threading.Thread(target=search, args=(port, over, waits, number * 100 + one))
                    for one in range(options.people)]
                for person in people:
                    person.start()
                searched = inspections(port, name, images, options.parts)
                over.set()
                for person in people:
                    person.join()
                ratio = sorted(searched)[int(len(searched) * 0.99)] / sorted(alone)[int(len(alone) * 0.99)]
                ratios.append(ratio)
                print(f"alone {shown(alone)}; {options.people} searching {shown(searched)}; ratio of p99 {ratio:.2f}; "
                      f"{len(waits)} searches, {shown(waits)}", flush=True)
            print(f"ratio of p99: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
