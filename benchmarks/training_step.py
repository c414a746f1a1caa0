"""A full training step (forward, backward, optimiser) against PyTorch, in turn on the same machine.

    $PYTHON benchmarks/training_step.py .build/release/assay [--batch 16 32] [--rounds 5] [--networks mobilenet-v2 ...]

PyTorch runs in channels-last with two threads; both sides normalise by the batch, and both step SGD with momentum.
NETWORK:STAGE trains what lies behind a stage: Assay from cached activations, PyTorch with the trunk run without gradients.
"""
import argparse
import json
import statistics
import subprocess
import time

import torch
from torch import nn


def unit(i, o, k, s=1, g=1, act=nn.ReLU6):
    layers = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([act(inplace=True)] if act else []))


class Inverted(nn.Module):
    def __init__(self, i, o, s, t):
        super().__init__()
        w = i * t
        self.body = nn.Sequential(*([unit(i, w, 1)] if t > 1 else []), unit(w, w, 3, s, w), unit(w, o, 1, act=None))
        self.skips = s == 1 and i == o

    def forward(self, x):
        return x + self.body(x) if self.skips else self.body(x)


def mobilenet_v2():
    layers, i = [unit(3, 32, 3, 2)], 32
    for t, o, n, s in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for k in range(n):
            layers.append(Inverted(i, o, s if k == 0 else 1, t))
            i = o
    return nn.Sequential(*layers, unit(320, 1280, 1))


class Bottleneck(nn.Module):
    def __init__(self, i, w, s):
        super().__init__()
        o = w * 4
        self.body = nn.Sequential(unit(i, w, 1, act=nn.ReLU), unit(w, w, 3, s, act=nn.ReLU), unit(w, o, 1, act=None))
        self.side = unit(i, o, 1, s, act=None) if s > 1 or i != o else None
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(self.body(x) + (x if self.side is None else self.side(x)))


def resnet50():
    layers, i = [unit(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)], 64
    for w, n, s in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
        for k in range(n):
            layers.append(Bottleneck(i, w, s if k == 0 else 1))
            i = w * 4
    return nn.Sequential(*layers)


class Frozen(nn.Module):
    """The first blocks without gradients, as PyTorch users freeze a trunk: it runs in every step."""

    def __init__(self, net, blocks):
        super().__init__()
        self.trunk, self.tail = net[:blocks].eval(), net[blocks:]

    def train(self, mode=True):
        self.tail.train(mode)
        return self

    def forward(self, x):
        with torch.no_grad():
            x = self.trunk(x)
        return self.tail(x)


class Peer:
    def __init__(self, make, batch):
        torch.manual_seed(0)
        self.net = make().train().to(memory_format=torch.channels_last)
        self.x = torch.rand(batch, 3, 224, 224).to(memory_format=torch.channels_last)
        trained = self.net.tail if isinstance(self.net, Frozen) else self.net
        self.optimiser = torch.optim.SGD(trained.parameters(), lr=1e-4, momentum=0.9)

    def step(self):
        start = time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        y = self.net(self.x)
        y.backward(torch.full_like(y, 1e-5))
        self.optimiser.step()
        return (time.perf_counter() - start) * 1e3 / len(self.x)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("--batch", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--networks", nargs="+", default=["mobilenet-v2", "resnet50", "mobilenet-v2:stage5", "resnet50:stage3"])
    options = parser.parse_args()
    torch.set_num_threads(2)
    print(f"PyTorch {torch.__version__}, channels-last, 2 threads; milliseconds an image, median (least) of {options.rounds} rounds")
    makers = {
        "mobilenet-v2": mobilenet_v2, "resnet50": resnet50,
        # The same stages: stem and 13 or 16 blocks; stem, pooling and 13 blocks.
        "mobilenet-v2:stage5": lambda: Frozen(mobilenet_v2(), 14), "resnet50:stage3": lambda: Frozen(resnet50(), 15),
        "mobilenet-v2:stage6": lambda: Frozen(mobilenet_v2(), 17),
    }
    for name in options.networks:
        network, _, stage = name.partition(":")
        for batch in options.batch:
            peer = Peer(makers[name], batch)
            peer.step()
            ours, theirs, memory = [], [], 0
            for _ in range(options.rounds):
                theirs += [peer.step() for _ in range(2)]
                line = subprocess.run(
                    [options.assay, "bench", network, "--training", "--batch-size", str(batch), "--steps", "3", "--json"]
                    + (["--freeze-to", stage] if stage else []),
                    check=True, capture_output=True, text=True).stdout
                result = json.loads(line)
                ours += result["millisecondsPerImage"]
                memory = max(memory, result["peakMiB"])
            a, b = statistics.median(ours), statistics.median(theirs)
            print(f"{name:20} batch {batch}: Assay {a:6.1f} ({min(ours):.1f}), PyTorch {b:6.1f} ({min(theirs):.1f}), "
                  f"ratio {b / a:.2f}; Assay's peak memory {memory} MiB", flush=True)


if __name__ == "__main__":
    main()
