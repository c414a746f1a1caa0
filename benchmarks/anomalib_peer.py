#!/usr/bin/env python3
"""PatchCore of anomalib on a category in MVTec AD's form, with the weights of an ONNX backbone, against `assay`.
The model is anomalib's own (feature pooling, embedding, coreset, nearest neighbours, reweighting, map); only its feature
extractor is replaced, so that both use the same weights, and Lightning's overhead is left out in its favour.
usage: anomalib_peer.py ASSAY BACKBONE.onnx CATEGORY [--name NAME] [--taps a,b] [--peer-taps a,b] [--size 256]
                        [--coreset 0.01] [--raw]
NAME is that under which the backbone was imported into Assay. For a built-in backbone BACKBONE.onnx is the model of any
bundle trained with it, --peer-taps are the names of the taps in that file, and --raw says that it normalises by itself:
  anomalib_peer.py ASSAY demo/cells.assay/model.onnx CATEGORY --name efficientnet-lite0 --size 224 --raw \\
    --taps stage5.expanded --peer-taps block12.expand"""
import argparse
import glob
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from PIL import Image
from sklearn.metrics import roc_auc_score

parser = argparse.ArgumentParser()
parser.add_argument("assay")
parser.add_argument("backbone")
parser.add_argument("category")
parser.add_argument("--name", default="resnet50-v2")
parser.add_argument("--taps", default="features")
parser.add_argument("--peer-taps")
parser.add_argument("--raw", action="store_true")
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--coreset", type=float, default=0.01)
options = parser.parse_args()
taps = (options.peer_taps or options.taps).split(",")
train = sorted(glob.glob(options.category + "/train/good/*"))
test = sorted(glob.glob(options.category + "/test/*/*"))
labels = np.array([0 if os.path.basename(os.path.dirname(p)) == "good" else 1 for p in test])


class OnnxBackbone(torch.nn.Module):
    """Runs the few operators of a ResNet in PyTorch, in the graph's order, up to the taps."""

    def __init__(self, path, taps):
        super().__init__()
        model = onnx.load(path)
        self.taps, self.input = taps, model.graph.input[0].name
        self.weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in model.graph.initializer}
        self.nodes = []
        for node in model.graph.node:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            self.nodes.append((node.op_type, list(node.input), node.output[0], attributes))

    def forward(self, x):
        values, found = {self.input: x}, {}
        for operation, inputs, output, a in self.nodes:
            if not all(i in values or i in self.weights for i in inputs):
                continue
            arguments = [values[i] if i in values else self.weights[i] for i in inputs]
            if operation == "Conv":
                pads, image = a.get("pads", [0, 0, 0, 0]), arguments[0]
                if pads[:2] != pads[2:]:  # TensorFlow's "same" padding
                    image, pads = F.pad(image, (pads[1], pads[3], pads[0], pads[2])), [0, 0]
                y = F.conv2d(image, arguments[1], arguments[2] if len(arguments) > 2 else None,
                             a.get("strides", [1, 1]), pads[:2], 1, a.get("group", 1))
            elif operation == "BatchNormalization":
                y = F.batch_norm(arguments[0], arguments[3], arguments[4], arguments[1], arguments[2], eps=a.get("epsilon", 1e-5))
            elif operation == "Relu":
                y = F.relu(arguments[0])
            elif operation == "MaxPool":
                y = F.max_pool2d(arguments[0], a["kernel_shape"], a["strides"], a.get("pads", [0, 0])[:2])
            elif operation == "Add":
                y = arguments[0] + arguments[1]
            elif operation == "Mul":
                y = arguments[0] * arguments[1]
            elif operation == "Sub":
                y = arguments[0] - arguments[1]
            elif operation == "Clip":
                y = torch.clamp(arguments[0], float(arguments[1]), float(arguments[2]))
            else:
                continue  # what leads to other outputs
            values[output] = y
            if output in self.taps:
                found[output] = y
            if len(found) == len(self.taps):
                break
        return {tap: found[tap] for tap in self.taps}


def load(path):
    image = Image.open(path).convert("RGB").resize((options.size, options.size), Image.BILINEAR)
    x = torch.from_numpy(np.asarray(image, np.float32).transpose(2, 0, 1) / 255)
    if options.raw:
        return x
    return (x - torch.tensor([0.485, 0.456, 0.406])[:, None, None]) / torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def peer():
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    model = PatchcoreModel(backbone="resnet18", layers=["layer1"], pre_trained=False, num_neighbors=9)
    model.layers = taps
    model.feature_extractor = OnnxBackbone(options.backbone, taps).eval()
    start = time.time()
    model.train()
    model.feature_extractor.eval()
    with torch.no_grad():
        for at in range(0, len(train), 32):
            model(torch.stack([load(p) for p in train[at:at + 32]]))
        features = time.time() - start
        model.subsample_embedding(options.coreset)
        trained = time.time() - start
        model.eval()
        scores, times = [], []
        for path in test:
            begin = time.time()
            scores.append(float(model(load(path)[None]).pred_score))
            times.append(time.time() - begin)
    return {
        "train": trained, "features": features, "inspect": float(np.median(times) * 1000), "total": sum(times),
        "auroc": roc_auc_score(labels, scores), "rows": int(model.memory_bank.shape[0]),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def run(*command):
    start = time.time()
    process = subprocess.run([options.assay, *command], capture_output=True, text=True)
    if process.returncode:
        sys.exit(process.stderr)
    return process.stdout, time.time() - start


def ours():
    """Training is timed on the good parts alone, as the peer's; testing apart."""
    work = tempfile.mkdtemp()
    good, bundle = work + "/good", work + "/b.assay"
    os.symlink(os.path.abspath(options.category + "/train/good"), good)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    _, trained = run(
        "train", work, "--method", "anomaly", "--backbone", options.name, "--taps", options.taps, "--input-size",
        str(options.size), "--coreset", str(options.coreset), "--test-fraction", "0", "--no-cache", "-o", bundle)
    memory = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    output, _ = run("evaluate", bundle, options.category, "--json")
    result = json.loads(output)
    output, _ = run("bench", bundle, "--images", options.category + "/test", "--json")
    bench = json.loads(output)
    start = time.time()
    run("inspect", bundle, options.category + "/test", "--json")
    total = time.time() - start
    shutil.rmtree(work)
    figures = result["metrics"]
    return {
        "train": trained, "inspect": bench["inspectMedian"], "total": total, "auroc": figures["image AUROC"]["value"],
        "pixel": figures["pixel AUROC"]["value"], "aupro": figures["AU-PRO to 0.3"]["value"], "memory": memory,
    }


own = ours()
other = peer()
print(json.dumps({"assay": own, "anomalib": other}, indent=1))
print(
    f"AUROC {own['auroc']:.4f} against {other['auroc']:.4f}; training {own['train']:.1f} s against {other['train']:.1f} s "
    f"({other['train'] / own['train']:.1f} times); one image {own['inspect']:.1f} ms against {other['inspect']:.1f} ms "
    f"({other['inspect'] / own['inspect']:.1f} times); peak memory {own['memory']:.0f} MiB against {other['memory']:.0f} MiB")
