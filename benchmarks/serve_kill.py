"""The load and the count behind serve_kill.sh. Standard library only."""

import argparse
import http.client
import json
import pathlib
import random
import sqlite3
import subprocess
import threading
import time


def start(arguments):
    """A station on a free port: process and port, once it answers."""
    process = subprocess.Popen(
        [arguments.assay, "serve", arguments.bundle, "--port", "0", "--record-folder", f"{arguments.work}/record",
         "--keep-images", "all", "--log-level", "info"],
        stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if '"station open"' in line:
            port = json.loads(line)["port"]
            # The pipe must not fill.
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
            return process, port
    raise SystemExit("the station did not start")


def load(port, images, acknowledged, serial, lock):
    """One client: sends until the station is gone, and notes what was acknowledged."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while True:
            own = next(serial)
            connection.request("POST", f"/v1/inspect/{NAME}?serial=k{own}", random.choice(images))
            answer = json.loads(connection.getresponse().read())
            if answer.get("recorded"):
                with lock:
                    acknowledged.append((answer["id"], f"k{own}"))
    except (OSError, http.client.HTTPException, ValueError):
        return


class Counter:
    """Numbers for all clients."""

    def __init__(self):
        self.value, self.lock = 0, threading.Lock()

    def __next__(self):
        with self.lock:
            self.value += 1
            return self.value


def main():
    global NAME
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("images")
    parser.add_argument("--assay", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--kills", type=int, default=1000)
    arguments = parser.parse_args()
    NAME = pathlib.Path(arguments.bundle).name.removesuffix(".assay")
    names = sorted(p for p in pathlib.Path(arguments.images).rglob("*") if p.suffix.lower() in {".png", ".jpg", ".bmp"})
    images = [path.read_bytes() for path in names[:50]]
    random.seed(1)
    serial, lock, total = Counter(), threading.Lock(), 0
    known = {}
    for kill in range(1, arguments.kills + 1):
        process, port = start(arguments)
        acknowledged = []
        clients = [
            threading.Thread(target=load, args=(port, images, acknowledged, serial, lock)) for _ in range(8)]
        for client in clients:
            client.start()
        time.sleep(random.uniform(0.01, 0.6))
        process.kill()
        process.wait()
        for client in clients:
            client.join()
        known.update(dict(acknowledged))
        total += len(acknowledged)
        database = sqlite3.connect(f"{arguments.work}/record/record.sqlite")
        whole = database.execute("PRAGMA quick_check").fetchone()[0]
        if kill % 50 == 0 or kill == arguments.kills:
            whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        found = dict(database.execute("SELECT id, serial FROM inspection"))
        database.close()
        lost = [own for own, name in known.items() if found.get(own) != name]
        if whole != "ok" or lost:
            raise SystemExit(f"kill {kill}: database {whole}, {len(lost)} acknowledged records lost: {lost[:5]}")
        if kill % 10 == 0:
            print(f"{kill} kills, {total} acknowledged, none lost", flush=True)
        if len(known) > 5000:
            # What has been checked this often goes, so that each round stays short.
            database = sqlite3.connect(f"{arguments.work}/record/record.sqlite")
            database.execute("DELETE FROM image")
            database.execute("DELETE FROM inspection")
            database.commit()
            database.close()
            known.clear()
    print(f"{arguments.kills} kills, {total} acknowledged records, none lost, database whole")


if __name__ == "__main__":
    main()
