"""Do real weights recognise real photographs? The classifier that Assay leaves out is put behind what Assay computes.

    assay train SOME_FOLDER -o lite0.assay --backbone efficientnet-lite0 --taps head --statistics mean
    python imagenet_sanity.py lite0.assay ~/.cache/assay/weights/efficientnet-lite0/efficientnet-lite0-57934424.pth

Needs numpy, onnx, onnxruntime, pillow, torch (for the .pth alone) and scikit-image (for its photographs). The bundle's own
graph, normalisation included, gives the pooled features; the weights' last layer makes ImageNet's classes of them.
Photographs are brought to the input as the weights were evaluated: shorter side to size / 0.875, the middle of it.
"""

import os
import sys

import numpy as np
import onnx
import onnxruntime
import skimage
import torch
from PIL import Image

# Classes of ImageNet-1k that are right for a photograph, by their numbers; most of them are looked for among the best five.
PHOTOGRAPHS = {
    "chelsea.png": {281: "tabby", 282: "tiger cat", 285: "Egyptian cat"},
    "coffee.png": {504: "coffee mug", 967: "espresso", 968: "cup"},
    "rocket.jpg": {657: "missile", 744: "projectile", 812: "space shuttle"},
    "clock_motion.png": {409: "analog clock", 892: "wall clock", 826: "stopwatch"},
    "motorcycle_left.png": {665: "moped", 670: "motor scooter", 671: "mountain bike"},
}


def main(bundle, weights):
    model = onnx.load(os.path.join(bundle, "model.onnx"))
    # Mean of the last feature map.
    name = next(n.output[0] for n in model.graph.node if n.output[0] == "head.mean")
    model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    height, width = session.get_inputs()[0].shape[2:]
    state = torch.load(weights, map_location="cpu", weights_only=True)
    matrix, bias = (state[k].numpy() for k in ("_fc.weight", "_fc.bias"))
    right = 0
    for file, classes in PHOTOGRAPHS.items():
        image = Image.open(os.path.join(os.path.dirname(skimage.__file__), "data", file)).convert("RGB")
        scale = height / 0.875 / min(image.size)
        image = image.resize([round(side * scale) for side in image.size], Image.BICUBIC)
        left, top = (image.width - width) // 2, (image.height - height) // 2
        pixels = np.asarray(image.crop((left, top, left + width, top + height)), np.float32) / 255
        (pooled,) = session.run([name], {"image": pixels.transpose(2, 0, 1)[None]})
        logits = matrix @ pooled.reshape(-1) + bias
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        best = np.argsort(-logits)[:5]
        found = [c for c in best if c in classes]
        right += bool(found)
        print(f"{file:20} {classes[found[0]] if found else 'NOT FOUND':12} best five:",
              ", ".join(f"{c} {shares[c]:.2f}" for c in best))
    print(f"{right} of {len(PHOTOGRAPHS)} among the best five")


if __name__ == "__main__":
    main(*sys.argv[1:])
