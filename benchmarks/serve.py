"""The measurements behind serve.sh. Standard library only, and tritonclient where there is one."""

import argparse
import http.client
import json
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import threading
import time


def start(arguments, *options):
    """A station on a free port: process and port, once it answers."""
    process = subprocess.Popen(
        [arguments.assay, "serve", arguments.bundle, "--port", "0", "--log-level", "info", "--connections", "12000",
         *options],
        stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if '"station open"' in line:
            port = json.loads(line)["port"]
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
            return process, port
    raise SystemExit("the station did not start")


def client(port, name, images, until, times, failures, lock, interval=0.0):
    """One client that sends one image after the other, or one every `interval` seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    own, bad, index, first = [], 0, 0, time.perf_counter()
    while time.perf_counter() < until:
        time.sleep(max(0.0, first + index * interval - time.perf_counter()) if interval else 0)
        begin = time.perf_counter()
        connection.request("POST", f"/v1/inspect/{name}", images[index % len(images)])
        answer = connection.getresponse()
        answer.read()
        own.append((time.perf_counter() - begin) * 1000)
        bad += answer.status != 200
        index += 1
    with lock:
        times.extend(own)
        failures.append(bad)


def run(port, name, images, clients, seconds, rate=0.0):
    """Milliseconds of every request, requests a second, failures."""
    times, failures, lock = [], [], threading.Lock()
    begin = time.perf_counter()
    threads = [
        threading.Thread(target=client, args=(port, name, images, begin + seconds, times, failures, lock, clients / rate if rate else 0.0))
        for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(times), len(times) / (time.perf_counter() - begin), sum(failures)


def wrk(port, name, images, clients, seconds, work):
    """Requests a second, median and p99 in milliseconds by wrk (Debian package), which leaves more of the processor to the
    station than Python does."""
    script = pathlib.Path(work) / "post.lua"
    for index, image in enumerate(images):
        (pathlib.Path(work) / f"image{index}").write_bytes(image)
    script.write_text(f"""
local bodies, turn = {{}}, 0
for index = 0, {len(images) - 1} do
  local file = io.open("{work}/image" .. index, "rb")
  bodies[index] = file:read("*a")
  file:close()
end
function request()
  turn = (turn + 1) % {len(images)}
  return wrk.format("POST", nil, {{["Content-Type"] = "image/jpeg"}}, bodies[turn])
end
""")
    result = subprocess.run(
        ["wrk", "-t1", "--latency", f"-c{clients}", f"-d{seconds}", "-s", str(script), f"http://127.0.0.1:{port}/v1/inspect/{name}"],
        capture_output=True, text=True, check=True).stdout
    bad = [line.strip() for line in result.splitlines() if "Non-2xx" in line or "Socket errors" in line]
    if bad:
        raise SystemExit(f"wrk: {bad}")

    def figure(name):
        return next(line for line in result.splitlines() if name in line).split()[1]

    def milliseconds(share):
        value = figure(share)
        for unit, factor in (("us", 0.001), ("ms", 1), ("s", 1000)):
            if value.endswith(unit):
                return float(value[: -len(unit)]) * factor

    return float(figure("Requests/sec")), milliseconds(" 50%"), milliseconds(" 99%")


def synchronisation(folder):
    """Median milliseconds of fdatasync after 40 kB: in a file that grows, and in one that is overwritten."""
    path = pathlib.Path(folder) / "synchronised"
    medians = []
    with open(path, "w+b", buffering=0) as file:
        for _ in range(2):
            times = []
            file.seek(0)
            for _ in range(100):
                file.write(b"x" * 40_000)
                begin = time.perf_counter()
                os.fdatasync(file.fileno())
                times.append((time.perf_counter() - begin) * 1000)
            medians.append(statistics.median(times))
    path.unlink()
    return medians


def load(process, port, name, images, seconds, rate):
    """Eight clients, and what the station's memory does meanwhile."""
    run(port, name, images, 8, min(20, seconds), rate)
    before = resident(process)
    times, _, failures = run(port, name, images, 8, seconds, rate)
    after = resident(process)
    print(f"{seconds:.0f} s of load: {len(times)} images, {failures} failures, resident memory "
          f"{before:.0f} to {after:.0f} MiB ({100 * (after / before - 1):+.1f} %)")


def resident(process):
    """Resident memory in MiB."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def percentile(times, share):
    return times[min(len(times) - 1, int(share * len(times)))]


def bench(arguments, folder, *options):
    """What `assay bench` measures in process."""
    result = subprocess.run(
        [arguments.assay, "bench", arguments.bundle, "--images", str(folder), "--json", *options],
        capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def triton(port, name, image):
    """The same image by Triton's client: as a file, and what the server says of itself."""
    try:
        import numpy
        import tritonclient.http as triton_http
    except ImportError:
        return "not installed"
    station = triton_http.InferenceServerClient(f"127.0.0.1:{port}")
    assert station.is_server_live() and station.is_server_ready() and station.is_model_ready(name)
    metadata = station.get_model_metadata(name)
    file = triton_http.InferInput("image", [1], "BYTES")
    file.set_data_from_numpy(numpy.array([image], dtype=object))
    outputs = [triton_http.InferRequestedOutput("verdict"), triton_http.InferRequestedOutput("class", binary_data=False)]
    result = station.infer(name, [file], outputs=outputs, request_id="1")
    shape = [1] + metadata["inputs"][0]["shape"][1:]
    for binary in (True, False):
        tensor = triton_http.InferInput("image", shape, "FP32")
        tensor.set_data_from_numpy(numpy.full(shape, 0.5, dtype=numpy.float32), binary_data=binary)
        every = station.infer(name, [tensor])
        assert every.as_numpy("verdict") is not None
    return f"verdict {result.as_numpy('verdict')[0]}, class {result.as_numpy('class')[0]}"


def idle(port, name, image, count, process):
    """Connections that say nothing, and an inspection meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 100:
        return f"this machine allows {hard} open files only"
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(count)]
    begin = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", f"/v1/inspect/{name}", image)
    answer = connection.getresponse()
    answer.read()
    text = f"{len(sockets)} idle connections: an inspection is answered {answer.status} in " \
           f"{(time.perf_counter() - begin) * 1000:.0f} ms; resident memory {resident(process):.0f} MiB"
    for own in sockets:
        own.close()
    return text


def pictures(arguments):
    """Up to 200 images of all that are there, in a folder of their own, so that all figures are of the same ones."""
    kinds = {".png", ".jpg", ".jpeg", ".bmp"}
    found = sorted(path for path in pathlib.Path(arguments.images).rglob("*") if path.suffix.lower() in kinds)
    found = found[::max(1, len(found) // 200)][:200]
    folder = pathlib.Path(arguments.work) / "pictures"
    folder.mkdir()
    files = []
    for index, path in enumerate(found):
        if arguments.jpeg:
            from PIL import Image

            files.append(folder / f"{index:03}.jpg")
            Image.open(path).convert("RGB").resize((arguments.jpeg, arguments.jpeg)).save(files[-1], quality=90)
        else:
            files.append(folder / f"{index:03}{path.suffix.lower()}")
            shutil.copyfile(path, files[-1])
    return files


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("images")
    parser.add_argument("--assay", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--seconds", type=float, default=60, help="of the load run")
    parser.add_argument("--rate", type=float, default=0, help="images a second of the load run; 0 for as many as go")
    parser.add_argument("--jpeg", type=int, metavar="SIDE", help="first turn the images into JPEGs of this size (Pillow)")
    parser.add_argument("--load-only", action="store_true")
    arguments = parser.parse_args()
    name = pathlib.Path(arguments.bundle).name.removesuffix(".assay")
    files = pictures(arguments)
    images = [path.read_bytes() for path in files]
    process, port = start(arguments, "--record-folder", f"{arguments.work}/record")
    try:
        if arguments.load_only:
            return load(process, port, name, images, arguments.seconds, arguments.rate)
        curl = subprocess.run(
            ["curl", "-sf", "--data-binary", f"@{files[0]}", f"http://127.0.0.1:{port}/v1/inspect/{name}"],
            capture_output=True, text=True, check=True)
        print("curl: verdict", json.loads(curl.stdout)["verdict"])
        print("tritonclient:", triton(port, name, images[0]))
        run(port, name, images, 2, 2)
        # Interleaved, so that both see the same machine.
        own, lean, inside, paused, batch = [], [], [], [], []
        for _ in range(3):
            own += run(port, name, images, 1, 4)[0]
            if shutil.which("wrk"):
                lean.append(wrk(port, name, images, 1, 4, arguments.work))
            figures = bench(arguments, files[0].parent)
            inside.append(figures["inspectMedian"])
            # A station waits between two images; its cores sleep meanwhile, and wake up slower.
            paused.append(bench(arguments, files[0].parent, "--pause", "2")["inspectMedian"])
            batch.append(figures["inspectThroughput"])
        own.sort()
        median = statistics.median(own)
        print(f"one client (Python): median {median:.2f} ms, p99 {percentile(own, 0.99):.2f} ms "
              f"({percentile(own, 0.99) / median:.2f} times the median); in process {statistics.median(inside):.2f} ms "
              f"(with 2 ms of rest before each {statistics.median(paused):.2f} ms), "
              f"difference {median - statistics.median(inside):.2f} ms")
        if lean:
            fast, slow = (statistics.median(found[place] for found in lean) for place in (1, 2))
            print(f"one client (wrk): median {fast:.2f} ms, p99 {slow:.2f} ms ({slow / fast:.2f} times the median), difference "
                  f"{fast - statistics.median(inside):.2f} ms; of each of the rounds "
                  + ", ".join(f"{found[1]:.2f}" for found in lean) + " ms")
        grown, overwritten = synchronisation(arguments.work)
        print(f"this disk synchronises a file that grows in {grown:.2f} ms, one that is overwritten in {overwritten:.2f} ms")
        if shutil.which("wrk"):
            rate, by = statistics.median(wrk(port, name, images, 8, 5, arguments.work)[0] for _ in range(3)), "wrk"
        else:
            rate, by = statistics.median(run(port, name, images, 8, 5)[1] for _ in range(3)), "Python's threads"
        print(f"eight clients ({by}): {rate:.1f} images/s, {100 * rate / statistics.median(batch):.0f} % of `assay bench`'s "
              f"{statistics.median(batch):.1f}")
        print(idle(port, name, images[0], 10_000, process))
        load(process, port, name, images, arguments.seconds, arguments.rate)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
