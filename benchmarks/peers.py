"""Peers to measure Assay against; needs openvino, onnxruntime, torch, pillow and numpy (none of which Assay uses).

  peers.py forward BUNDLE N          seconds that OpenVINO alone needs for N forward passes of the bundle's graph
  peers.py latency BUNDLE            OpenVINO's own latency and throughput loops on the bundle's graph
  peers.py onnxruntime BUNDLE IMAGES largest difference of the probabilities of `assay inspect` and ONNX Runtime
  peers.py textbook BUNDLE DATA PTH  the textbook recipe in PyTorch: the frozen backbone runs in each of 50 epochs
"""
import glob, hashlib, json, os, subprocess, sys, time

import numpy as np


def compiled(bundle, hint):
    import openvino as ov

    core = ov.Core()
    model = core.read_model(bundle + "/model.onnx")
    rule = json.load(open(bundle + "/manifest.json"))["preprocessing"]
    model.reshape([1, 3, rule["height"], rule["width"]])
    return core.compile_model(model, "CPU", {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": "f32"}), rule


def throughput(bundle, count):
    import openvino as ov

    network, rule = compiled(bundle, "THROUGHPUT")
    x = np.random.rand(1, 3, rule["height"], rule["width"]).astype(np.float32)
    queue = ov.AsyncInferQueue(network)
    for _ in range(20):
        queue.start_async([x])
    queue.wait_all()
    start = time.perf_counter()
    for _ in range(count):
        queue.start_async()
    queue.wait_all()
    return time.perf_counter() - start


def latency(bundle):
    network, rule = compiled(bundle, "LATENCY")
    request = network.create_infer_request()
    x = np.random.rand(1, 3, rule["height"], rule["width"]).astype(np.float32)
    for _ in range(20):
        request.infer([x])
    times = []
    for _ in range(400):
        start = time.perf_counter()
        request.infer()
        times.append(time.perf_counter() - start)
    print("OpenVINO latency loop    %.2f ms" % (1e3 * np.median(times)))
    print("OpenVINO throughput loop %.1f images/s" % (1000 / throughput(bundle, 1000)))


def prepared(path, rule):
    """Stretch and antialiased bilinear, in float, as the manifest says; Pillow is the reference of the filter."""
    from PIL import Image

    assert rule["policy"] == "stretch" and rule["filter"] == "bilinear"
    image = Image.open(path)
    image = image if image.mode in ("L", "RGB") else image.convert("RGB")
    bands = [b.convert("F").resize((rule["width"], rule["height"]), Image.BILINEAR) for b in image.split()]
    planes = np.stack([np.asarray(b, np.float32) / 255 for b in bands])
    return np.repeat(planes, 3, 0) if len(planes) == 1 else planes


def onnxruntime(bundle, images):
    import onnxruntime as ort

    manifest = json.load(open(bundle + "/manifest.json"))
    session = ort.InferenceSession(bundle + "/model.onnx", providers=["CPUExecutionProvider"])
    files = sorted(f for e in ("png", "jpg") for f in glob.glob(images + "/**/*." + e, recursive=True))
    files = files[:: max(1, len(files) // 100)][:100]
    assay = os.path.join(os.path.dirname(__file__), "../.build/release/assay")
    out = subprocess.run([assay, "inspect", bundle, *files, "--json"], capture_output=True, text=True).stdout
    worst = 0
    if manifest["task"] == "anomaly":
        for line, file in zip(out.splitlines(), files):
            own = json.loads(line)["score"]
            other = session.run(["score"], {"image": prepared(file, manifest["preprocessing"])[None]})[0][0, 0]
            worst = max(worst, abs(own - float(other)) / max(1, abs(own)))
        print("%d images, largest difference of a score: %.2e" % (len(files), worst))
        sys.exit(worst > 1e-4)
    for line, file in zip(out.splitlines(), files):
        own = json.loads(line)["probabilities"]
        other = session.run(["probabilities"], {"image": prepared(file, manifest["preprocessing"])[None]})[0][0]
        worst = max(worst, max(abs(own[c] - p) for c, p in zip(manifest["classes"], other)))
    print("%d images, largest difference of a probability: %.2e" % (len(files), worst))
    sys.exit(worst > 1e-4)


def textbook(bundle, data, weights):
    import torch
    from efficientnet_lite import EfficientNetLite0
    from PIL import Image

    torch.set_num_threads(os.cpu_count())
    manifest = json.load(open(bundle + "/manifest.json"))
    trained = set(manifest["training"]["images"])
    size = 224
    train, test = [], []
    for line in open(data + "/labels.csv"):
        name, probability, _ = line.split()
        raw = open(os.path.join(data, name), "rb").read()
        (train if hashlib.sha256(raw).hexdigest() in trained else test).append(
            (os.path.join(data, name), int(float(probability) > 0.5)))

    def load(path):
        image = Image.open(path).convert("RGB").resize((size, size), Image.BILINEAR)
        return torch.from_numpy(np.asarray(image, np.float32).transpose(2, 0, 1).copy() / 255)

    network = EfficientNetLite0(weights).eval()
    head = torch.nn.Linear(1280, 2)
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-3)
    torch.manual_seed(0)

    def epoch(samples, fit):
        features, hits = [], 0
        order = torch.randperm(len(samples)).tolist() if fit else range(len(samples))
        for start in range(0, len(samples), 32):
            batch = [samples[i] for i in list(order)[start : start + 32]]
            x = torch.stack([load(p) for p, _ in batch])
            y = torch.tensor([l for _, l in batch])
            with torch.no_grad():
                f = network(x)
            features.append((f, y))
            if fit:
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(head(f), y).backward()
                optimiser.step()
            else:
                hits += (head(f).argmax(1) == y).sum().item()
        return torch.cat([f for f, _ in features]), torch.cat([y for _, y in features])

    start = time.perf_counter()
    x, y = epoch(train, True)
    seconds = time.perf_counter() - start
    # The backbone is frozen: the other 49 epochs see the same features, so they are not computed again here.
    for _ in range(49):
        for rows in torch.randperm(len(x)).split(32):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(head(x[rows]), y[rows]).backward()
            optimiser.step()
    tx, ty = epoch(test, False)
    accuracy = (head(tx).argmax(1) == ty).float().mean().item()
    print("PyTorch %s: one epoch over %d images %.1f s, so 50 epochs %.0f s" % (torch.__version__, len(train), seconds, 50 * seconds))
    print("accuracy of the textbook recipe on the %d test images: %.2f %%" % (len(test), 100 * accuracy))


if __name__ == "__main__":
    command, arguments = (sys.argv[1:] + [""])[0], sys.argv[2:]
    if command == "forward":
        print("%.2f" % throughput(arguments[0], int(arguments[1])))
    elif command in ("latency", "onnxruntime", "textbook"):
        globals()[command](*arguments)
    else:
        sys.exit(__doc__)
