"""EfficientNet-Lite0 in PyTorch, up to its pooled features: the peer of benchmarks/peers.py."""
import math

import torch
import torch.nn.functional as F

STAGES = [(1, 3, 1, 1), (2, 3, 2, 6), (2, 5, 2, 6), (3, 3, 2, 6), (3, 5, 1, 6), (4, 5, 2, 6), (1, 3, 1, 6)]


class EfficientNetLite0(torch.nn.Module):
    def __init__(self, path):
        super().__init__()
        self.weights = torch.load(path, map_location="cpu", weights_only=True)

    def unit(self, x, convolution, norm, stride=1, groups=1, activated=True):
        w = self.weights[convolution + ".weight"]
        k = w.shape[-1]
        total = [max((math.ceil(s / stride) - 1) * stride + k - s, 0) for s in x.shape[-2:]]
        if any(total):
            x = F.pad(x, (total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2))
        x = F.conv2d(x, w, stride=stride, groups=groups)
        n = [self.weights[f"{norm}.{p}"] for p in ("running_mean", "running_var", "weight", "bias")]
        x = F.batch_norm(x, *n, False, 0, 1e-3)
        return F.relu6(x) if activated else x

    def forward(self, x):
        x = self.unit((x - 127 / 255) / (128 / 255), "_conv_stem", "_bn0", stride=2)
        block = 0
        for repeats, _, stride, expansion in STAGES:
            for repeat in range(repeats):
                key, y = f"_blocks.{block}.", x
                if expansion > 1:
                    y = self.unit(y, key + "_expand_conv", key + "_bn0")
                y = self.unit(y, key + "_depthwise_conv", key + "_bn1", stride if repeat == 0 else 1, y.shape[1])
                y = self.unit(y, key + "_project_conv", key + "_bn2", activated=False)
                x = y + x if repeat else y
                block += 1
        return self.unit(x, "_conv_head", "_bn1").mean((2, 3))
