"""The load and the count behind kills.sh. Standard library only."""

import argparse
import http.client
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import threading
import time

NAME = "part"


def picture(seed, is_scratched):
    """Brushed metal of 64 x 64 pixels as PGM; no two seeds are alike."""
    noise = random.Random(seed)
    pixels = bytearray()
    for y in range(64):
        row = 140 + noise.randint(-14, 14)
        for x in range(64):
            value = row + noise.randint(-6, 6)
            if is_scratched and abs(x - (12 + seed % 40) - (y - 32) // 8) <= 1 and 12 <= y < 52:
                value -= 90
            pixels.append(max(0, min(255, value)))
    return b"P5 64 64 255\n" + bytes(pixels)


def train(arguments):
    """An inspector of generated pictures."""
    data = pathlib.Path(arguments.work, "data")
    for seed in range(60):
        folder = data / ("scratch" if seed % 3 == 0 else "good")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{seed}.pgm").write_bytes(picture(seed, seed % 3 == 0))
    bundle = f"{arguments.work}/{NAME}.assay"
    subprocess.run([arguments.assay, "train", str(data), "-o", bundle, "--cache", f"{arguments.work}/cache"],
                   check=True, stderr=subprocess.DEVNULL)
    return bundle


class Station:
    """`assay serve`, its clients, and what they were told."""

    def __init__(self, arguments):
        self.arguments = arguments
        # Serial number of each answer that said `recorded`, by its number on record.
        self.acknowledged = {}
        self.sent = set()
        self.lock = threading.Lock()
        self.serial = 0
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.arguments.assay, "serve", self.arguments.bundle, "--port", "0", "--record-folder",
             f"{self.arguments.work}/record", "--keep-images", "all", "--log-level", "info"],
            stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if '"station open"' in line:
                self.port = json.loads(line)["port"]
                # The pipe must not fill.
                threading.Thread(target=lambda pipe=self.process.stderr: [None for _ in pipe], daemon=True).start()
                return
        raise SystemExit("the station did not start")

    def load(self):
        """Clients that send until the station is gone."""
        self.clients = [threading.Thread(target=self.client) for _ in range(3)]
        for client in self.clients:
            client.start()

    def client(self):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            while True:
                with self.lock:
                    self.serial += 1
                    own = f"k{self.serial}"
                    self.sent.add(own)
                connection.request("POST", f"/v1/inspect/{NAME}?serial={own}", random.choice(self.arguments.pictures))
                answer = json.loads(connection.getresponse().read())
                if answer.get("recorded"):
                    with self.lock:
                        self.acknowledged[answer["id"]] = own
        except (OSError, http.client.HTTPException, ValueError):
            return

    def kill(self):
        self.process.kill()
        self.process.wait()
        for client in self.clients:
            client.join()

    def records(self):
        """Number and serial number of everything on record, as the station itself tells."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        before, found = None, []
        while True:
            connection.request("GET", "/v1/records?limit=200" + (f"&before={before}" if before else ""))
            page = json.loads(connection.getresponse().read())["records"]
            if not page:
                return found
            found += [(record["id"], record.get("serial")) for record in page]
            before = page[-1]["id"]


class Watcher:
    """`assay watch`, and the pictures that arrive for it."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = f"{arguments.work}/arriving"
        os.mkdir(self.folder)
        self.pictures = 0
        self.is_feeding = True
        self.process = None

    def start(self, *more):
        self.process = subprocess.Popen(
            [self.arguments.assay, "watch", self.arguments.bundle, self.folder, "--interval", "0.05", "--record-folder",
             f"{self.arguments.work}/record", "--keep-images", "all", *more],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def feed(self):
        """Pictures arrive as slowly as they are sorted, some of them in pieces."""
        while self.is_feeding:
            name = f"{self.folder}/w{self.pictures}.pgm"
            content = picture(10_000 + self.pictures, self.pictures % 2 == 0)
            with open(name, "wb") as file:
                file.write(content[:2000])
                if self.pictures % 7 == 0:
                    file.flush()
                    time.sleep(0.02)
                file.write(content[2000:])
            self.pictures += 1
            time.sleep(0.01)
            while self.is_feeding and len(os.listdir(self.folder)) > 100:
                time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def finish(self):
        """Everything that has arrived is sorted."""
        self.start("--once")
        trouble = self.process.stderr.read()
        if self.process.wait() != 0:
            raise SystemExit(f"the watcher does not end: {trouble}")

    def findings(self):
        """What is wrong with journal and folders."""
        expected = {f"w{number}.pgm" for number in range(self.pictures)}
        lines = [json.loads(line) for line in open(f"{self.folder}/.assay-watch.jsonl", encoding="utf-8")]
        journal = [line["file"] for line in lines]
        places = {}
        for place in ["good", "defect", "unsure"]:
            for name in os.listdir(f"{self.folder}/{place}"):
                places.setdefault(name, []).append(place)
        wrong = []
        if set(journal) != expected or len(journal) != len(expected):
            wrong.append(f"{len(expected - set(journal))} pictures are not in the journal, "
                         f"{len(journal) - len(set(journal))} twice")
        if set(places) != expected or any(len(where) != 1 for where in places.values()):
            wrong.append(f"{len(expected - set(places))} pictures are in no folder, "
                         f"{sum(len(where) > 1 for where in places.values())} in several")
        moved = [line["file"] for line in lines if places.get(line["file"]) != [line["destination"]]]
        if moved:
            wrong.append(f"{len(moved)} pictures are not where the journal says")
        left = [name for name in os.listdir(self.folder) if name.endswith(".pgm")]
        if left:
            wrong.append(f"{len(left)} pictures were left")
        return expected, wrong


def main():
    global NAME
    parser = argparse.ArgumentParser()
    parser.add_argument("--assay", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--bundle")
    parser.add_argument("--images")
    arguments = parser.parse_args()
    random.seed(1)
    if arguments.bundle:
        NAME = pathlib.Path(arguments.bundle).name.removesuffix(".assay")
        names = sorted(p for p in pathlib.Path(arguments.images).rglob("*") if p.suffix.lower() in {".png", ".jpg", ".bmp"})
        arguments.pictures = [path.read_bytes() for path in names[:50]]
    else:
        arguments.bundle = train(arguments)
        arguments.pictures = [picture(seed, seed % 3 == 0) for seed in range(100, 150)]
    station, watcher = Station(arguments), Watcher(arguments)
    station.start()
    station.load()
    watcher.start()
    feeder = threading.Thread(target=watcher.feed)
    feeder.start()
    kills = {"station": 0, "watcher": 0}
    while sum(kills.values()) < arguments.kills:
        # The first moments of a start are as likely as those of work.
        time.sleep(random.choice([random.uniform(0, 0.3), random.uniform(0.3, 1.2)]))
        if random.random() < 0.5:
            station.kill()
            station.start()
            station.load()
            kills["station"] += 1
        else:
            watcher.kill()
            watcher.start()
            kills["watcher"] += 1
        if sum(kills.values()) % 20 == 0:
            print(f"{sum(kills.values())} kills, {len(station.acknowledged)} answers acknowledged, "
                  f"{watcher.pictures} pictures arrived", flush=True)
    watcher.is_feeding = False
    feeder.join()
    station.kill()
    watcher.kill()
    watcher.finish()

    station.start()
    records = station.records()
    station.process.terminate()
    station.process.wait()
    expected, wrong = watcher.findings()
    by_number, by_serial = dict(records), {}
    for _, serial in records:
        by_serial[serial] = by_serial.get(serial, 0) + 1
    lost = [serial for number, serial in station.acknowledged.items() if by_number.get(number) != serial]
    if lost:
        wrong.append(f"{len(lost)} acknowledged answers are not on record: {lost[:5]}")
    missing = [name for name in expected if name not in by_serial]
    if missing:
        wrong.append(f"{len(missing)} sorted pictures are not on record: {missing[:5]}")
    twice = [serial for serial, count in by_serial.items() if count > 1]
    if twice:
        wrong.append(f"{len(twice)} are on record twice: {twice[:5]}")
    strangers = [serial for serial in by_serial if serial not in expected and serial not in station.sent]
    if strangers:
        wrong.append(f"{len(strangers)} on record were never sent: {strangers[:5]}")
    with sqlite3.connect(f"{arguments.work}/record/record.sqlite") as database:
        state = database.execute("PRAGMA integrity_check").fetchone()[0]
    if state != "ok":
        wrong.append(f"the database is damaged: {state}")
    print(f"{kills['station']} kills of the station, {kills['watcher']} of the watcher; {len(station.acknowledged)} answers "
          f"acknowledged, {len(expected)} pictures sorted, {len(records)} on record: "
          + ("; ".join(wrong) if wrong else "0 lost, 0 twice, database whole"))
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
