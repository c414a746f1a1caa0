"""Plays a shift through: parts are sent to a station at a steady rate, and whoever listens to /v1/events must have seen each.

usage: python3 benchmarks/shift.py [part.assay IMAGES] [--parts 500] [--rate 4] [--readers 1] [--assay .build/release/assay]
Without a bundle, one is trained on made pictures. Images in folders whose name is good, ok or normal are good parts. Halfway
one reader loses its connection and comes back with the last event's id; at the end the station is stopped while they listen.
Standard library only. Ends with 0 when every part, and so every defect, was seen once, in order, as it was answered.
"""

import argparse
import collections
import http.client
import itertools
import json
import pathlib
import random
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time

KINDS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".pgm", ".ppm"}
GOOD = {"good", "ok", "normal"}


def start(assay, bundle, work, *options):
    """A station on a free port: process and port, once it answers."""
    process = subprocess.Popen(
        [assay, "serve", bundle, "--port", "0", "--record-folder", f"{work}/record", "--log-level", "info", *options],
        stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if '"station open"' in line:
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
            return process, json.loads(line)["port"]
    raise SystemExit("the station did not start")


def made(folder):
    """Pictures of parts, of which every second has a bright scratch."""
    random.seed(0)
    for index in range(60):
        bright = index % 2
        pixels = bytearray(90 + 12 * (row % 3) + random.randrange(20) for row in range(64) for _ in range(64))
        for step in range(40 if bright else 0):
            pixels[64 * (step + 12) + 8 + step] = pixels[64 * (step + 12) + 9 + step] = 250
        path = pathlib.Path(folder, "scratch" if bright else "good", f"{index}.pgm")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"P5 64 64 255\n" + bytes(pixels))


def pictures(folder):
    """Bytes of good parts' images, and of the others'."""
    good, bad = [], []
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.suffix.lower() in KINDS and path.is_file():
            (good if path.parent.name.lower() in GOOD else bad).append(path)
    return [[path.read_bytes() for path in paths[:200]] for paths in (good or bad, bad or good)]


def play(port, name, folder, parts, rate, defects=0.1, seed=0, sent=None):
    """Sends the parts, `rate` a second however long an answer takes; serial, verdict and when it was answered, of each.

    Whoever listens may look at `sent` meanwhile.
    """
    good, bad = pictures(folder)
    draw, sent, lock = random.Random(seed), [] if sent is None else sent, threading.Lock()
    order = [draw.choice(bad if draw.random() < defects else good) for _ in range(parts)]
    numbers, first = itertools.count(), time.perf_counter()

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for number in iter(lambda: next(numbers), None):
            if number >= parts:
                return
            time.sleep(max(0.0, first + number / rate - time.perf_counter()))
            connection.request("POST", f"/v1/inspect/{name}?serial=P-{number:05}", order[number])
            answer = json.loads(connection.getresponse().read())
            with lock:
                sent.append((answer.get("serial"), answer.get("verdict"), time.perf_counter(), answer.get("error")))

    # As many as may be under way at once, so that the pace is the line's and not the station's.
    clients = [threading.Thread(target=client) for _ in range(min(8, 1 + int(rate)))]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return sent


class Reader(threading.Thread):
    """Listens as a browser does: comes back with the id of the last event when its connection ends."""

    def __init__(self, port, query=""):
        super().__init__(daemon=True)
        self.port, self.query, self.last = port, query, None
        self.parts, self.hellos, self.gaps, self.connections = [], [], [], 0
        self.ended = None
        self.stopping = False
        self.greeted = threading.Event()
        self.start()

    def run(self):
        while not self.stopping:
            try:
                self.listen()
            except OSError:
                pass
            if not self.stopping:
                time.sleep(0.2)

    def listen(self):
        self.connection = connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Last-Event-ID": self.last} if self.last else {}
        connection.request("GET", "/v1/events" + self.query, headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"/v1/events: {answer.status} {answer.read().decode()}")
        self.connections += 1
        name, number, data, before = None, None, None, time.perf_counter()
        try:
            while line := answer.readline():
                now = time.perf_counter()
                self.gaps.append(now - before)
                before = now
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    number = line[4:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and data is not None:
                    self.heard(name, number, json.loads(data), now)
                    name, number, data = None, None, None
            self.ended = "whole"
        except http.client.IncompleteRead:
            self.ended = "broken off"

    def heard(self, name, number, document, now):
        self.last = number or self.last
        if name == "hello":
            self.hellos.append(document)
            self.greeted.set()
        if name == "part":
            self.parts.append((document.get("serial"), document.get("verdict"), now))

    def cut(self):
        """Loses the connection, as when a cable is pulled."""
        self.connection.sock.shutdown(socket.SHUT_RDWR)


def check(sent, reader, what):
    """What was sent against what was seen; prints the difference, and says whether there is none."""
    answered = {serial: (verdict, at) for serial, verdict, at, _ in sent}
    seen = collections.Counter(serial for serial, _, _ in reader.parts)
    verdicts = {serial: verdict for serial, verdict, _ in reader.parts}
    defects = [serial for serial, (verdict, _) in answered.items() if verdict not in ("good",)]
    missing = [serial for serial in answered if serial not in seen]
    twice = [serial for serial, count in seen.items() if count > 1]
    other = [serial for serial in seen if serial in answered and verdicts[serial] != answered[serial][0]]
    unseen = [serial for serial in defects if serial not in seen]
    late = sorted((at - answered[serial][1]) * 1000 for serial, _, at in reader.parts if serial in answered)
    middle = f"{statistics.median(late):.1f}" if late else "-"
    print(
        f"{what}: {len(answered)} parts, {len(seen)} seen; {len(defects)} defects, {len(defects) - len(unseen)} seen; "
        f"{len(twice)} twice, {len(other)} with another verdict; after the answer by {middle} ms (median), "
        f"{late[-1] if late else 0:.1f} ms (longest); {reader.connections} connections, longest silence "
        f"{max(reader.gaps, default=0):.2f} s")
    return not (missing or twice or other or unseen)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle", nargs="?")
    parser.add_argument("images", nargs="?")
    parser.add_argument("--parts", type=int, default=500)
    parser.add_argument("--rate", type=float, default=4.0, help="parts a second")
    parser.add_argument("--defects", type=float, default=0.1, help="share of the images that are of bad parts")
    parser.add_argument("--readers", type=int, default=1)
    parser.add_argument("--assay", default=str(pathlib.Path(__file__).parent.parent / ".build/release/assay"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        bundle, images = arguments.bundle, arguments.images
        if not bundle:
            bundle, images = f"{work}/part.assay", f"{work}/parts"
            made(images)
            subprocess.run(
                [arguments.assay, "train", images, "--input-size", "96", "-o", bundle], check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        elif not images:
            parser.error("name the images as well")
        name = pathlib.Path(bundle).name.removesuffix(".assay")
        process, port = start(arguments.assay, bundle, work)
        try:
            readers = [Reader(port) for _ in range(arguments.readers)]
            for reader in readers:
                reader.greeted.wait(30)
            sent, began = [], time.perf_counter()
            line = threading.Thread(
                target=play, args=(port, name, images, arguments.parts, arguments.rate, arguments.defects, 0, sent))
            line.start()
            while len(sent) < arguments.parts / 2 and line.is_alive():
                time.sleep(0.05)
            readers[0].cut()
            line.join()
            took = time.perf_counter() - began
            time.sleep(2)
            failed = [error for _, _, _, error in sent if error]
            print(f"{len(sent)} parts in {took:.1f} s ({len(sent) / took:.2f} a second), {len(failed)} refused {failed[:1]}")
            good = not failed
            for index, reader in enumerate(readers):
                good = check(sent, reader, f"reader {index}") and good
            # Whoever listens is told the end, and does not keep the station from ending.
            for reader in readers:
                reader.stopping = True
            began = time.perf_counter()
            process.send_signal(signal.SIGTERM)
            status = process.wait(30)
            for reader in readers:
                reader.join(5)
            ends = collections.Counter(reader.ended for reader in readers)
            print(f"stopped in {time.perf_counter() - began:.2f} s with status {status}; streams ended {dict(ends)}")
            good = good and status == 0 and set(ends) == {"whole"}
        finally:
            if process.poll() is None:
                process.kill()
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
