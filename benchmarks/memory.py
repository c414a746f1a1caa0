"""The requests behind memory.sh. Standard library only."""

import argparse
import base64
import collections
import http.client
import json
import pathlib
import resource
import socket
import struct
import subprocess
import threading
import time
import zlib

LIMIT = 600


def png(width, height, channels=3, bits=8):
    """One grey level: small in the file, whole when it is decoded."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    row = b"\0" + b"\x60" * (width * channels * bits // 8)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, bits, 2 if channels == 3 else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


class Station:
    def __init__(self, arguments):
        self.name = pathlib.Path(arguments.bundle.rstrip("/")).name.removesuffix(".assay")
        self.process = subprocess.Popen(
            [arguments.assay, "serve", arguments.bundle, "--port", "0", "--log-level", "info", "--keep-images", "all",
             "--record-folder", f"{arguments.work}/record"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if '"station open"' in line:
                self.port = json.loads(line)["port"]
                threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
                return
        raise SystemExit("the station did not start")

    def memory(self, key):
        """MiB."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        raise SystemExit("the station is gone")

    def forget(self):
        """The highest level becomes the present one."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def answer(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", path, body)
        return connection.getresponse().read()

    def post(self, path, body, headers={}):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except OSError as error:
            return type(error).__name__
        finally:
            connection.close()

    def together(self, count, path, body, headers={}):
        """So many at once; how often each status came."""
        statuses = []
        threads = [
            threading.Thread(target=lambda: statuses.append(self.post(path, body, headers))) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return collections.Counter(statuses)


def batch(images):
    data = b"".join(struct.pack("<I", len(image)) + image for image in images)
    head = json.dumps({"inputs": [{
        "name": "image", "datatype": "BYTES", "shape": [len(images)],
        "parameters": {"binary_data_size": len(data)}}]}).encode()
    return head + data, {"Inference-Header-Content-Length": str(len(head))}


def slow(station, count, head, rest):
    """Connections that send `head` and then a byte a second of `rest`, for six seconds."""
    sockets = []
    for _ in range(count):
        try:
            connection = socket.create_connection(("127.0.0.1", station.port), timeout=2)
            sockets.append(connection)
            connection.sendall(head)
        except OSError:
            pass
    for index in range(6):
        time.sleep(1)
        for connection in sockets:
            try:
                connection.send(rest[index:index + 1])
            except OSError:
                pass
    for connection in sockets:
        connection.close()
    return collections.Counter({"connections": len(sockets)})


def pictures(station, count, body):
    """So many who ask for a kept picture and read nothing of it for six seconds, then all of it."""
    number = json.loads(station.answer(f"/v1/inspect/{station.name}", body))["id"]
    sockets = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", station.port), timeout=300)
        connection.sendall(f"GET /v1/records/{number}/image HTTP/1.1\r\nHost: localhost\r\n"
                           "Connection: close\r\n\r\n".encode())
        sockets.append(connection)
    time.sleep(6)
    statuses = []
    def drain(connection):
        try:
            statuses.append(int(connection.recv(1 << 16).split(b" ", 2)[1]))
            while connection.recv(1 << 20):
                pass
        except (OSError, IndexError) as error:
            statuses.append(type(error).__name__)
        connection.close()
    threads = [threading.Thread(target=drain, args=(connection,)) for connection in sockets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return collections.Counter(statuses)


def attacks(station):
    inspect, infer = f"/v1/inspect/{station.name}", f"/v2/models/{station.name}/infer"
    large = png(6000, 6000)
    deep = png(6324, 6324, bits=16)
    mono = png(6324, 6324, channels=1)
    pgm = b"P5 5500 5500 255\n" + bytes(5500 * 5500)
    objects = b'{"x":[' + b"{}," * 10_000_000 + b"{}]}"
    numbers = (b'{"inputs":[{"name":"image","datatype":"FP32","shape":[64,3,224,224],"data":[' + b"0," * 9_633_791
               + b"0]}]}")
    form = (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n" * 600_000)[:31 << 20] + b"--b--\r\n"
    files = ('{"inputs":[{"name":"image","datatype":"BYTES","shape":[64],"data":['
             + ",".join(['"' + base64.b64encode(large).decode() + '"'] * 64) + "]}]}").encode()
    body, headers = batch([large] * 64)
    small, small_headers = batch([png(64, 64)] * 64)
    post = f"POST {inspect} HTTP/1.1\r\nHost: localhost\r\n".encode()
    declared = post + b"Content-Length: 33000000\r\n\r\n"
    return {
        "64 photographs of 36 megapixels in one request": lambda: station.together(1, infer, body, headers),
        "the same four times at once": lambda: station.together(4, infer, body, headers),
        "the same in JSON": lambda: station.together(2, infer, files),
        "64 requests with one of them": lambda: station.together(64, inspect, large),
        "16 with a drawing": lambda: station.together(16, inspect + "?map=1", large),
        "16 of 40 megapixels of 3 x 16 bits": lambda: station.together(16, inspect, deep),
        "16 of 40 megapixels in grey": lambda: station.together(16, inspect, mono),
        "16 of 30 MB that are not compressed, as a camera has them": lambda: station.together(16, inspect, pgm),
        "8 JSON bodies of 30 MB of empty objects": lambda: station.together(8, infer, objects),
        "8 JSON bodies of 9.6 million numbers": lambda: station.together(8, infer, numbers),
        "8 forms of 31 MB of tiny parts": lambda: station.together(
            8, inspect, form, {"Content-Type": "multipart/form-data; boundary=b"}),
        "64 requests with 64 small images, all outputs": lambda: station.together(64, infer, small, small_headers),
        "100 readers of a kept picture of 30 MB": lambda: pictures(station, 100, pgm),
        "1000 slow senders": lambda: slow(station, 1000, declared, b"x" * 6),
        "1000 slow senders of 0.9 MB each": lambda: slow(station, 1000, declared + bytes(900_000), b"x" * 6),
        "6000 connections with half a header": lambda: slow(
            station, 6000, post + (b"A" * 60 + b": " + b"b" * 900 + b"\r\n") * 7, b"x" * 6),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("--assay", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", nargs="*", default=[])
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    station = Station(arguments)
    try:
        fine = png(300, 300)
        for _ in range(20):
            if station.post(f"/v1/inspect/{station.name}", fine) != 200:
                raise SystemExit("the station does not inspect")
        time.sleep(1)
        idle = station.memory("VmRSS")
        print(f"idle: {idle:.0f} MiB", flush=True)
        worst = 0.0
        for name, attack in attacks(station).items():
            if arguments.only and not any(word in name for word in arguments.only):
                continue
            station.forget()
            begin = time.perf_counter()
            statuses = attack()
            seconds = time.perf_counter() - begin
            above = station.memory("VmHWM") - idle
            worst = max(worst, above)
            said = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items(), key=str))
            after = "?"
            for _ in range(60):
                after = station.post(f"/v1/inspect/{station.name}", fine)
                if after == 200:
                    break
                time.sleep(0.5)
            print(f"{above:5.0f} MiB above idle, {station.memory('VmRSS') - idle:4.0f} left: {name} "
                  f"({said}; {seconds:.1f} s)", flush=True)
            if after != 200:
                raise SystemExit(f"then an inspection was answered {after}")
        print(f"at most {worst:.0f} MiB above idle; the limit is {LIMIT}")
        if worst > LIMIT:
            raise SystemExit(1)
    finally:
        station.process.terminate()
        station.process.wait()


main()
