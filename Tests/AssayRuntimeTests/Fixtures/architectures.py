"""Writes architectures.json: values at all taps of all networks, from PyTorch in float64, for seeded weights.

Run:  python architectures.py     needs numpy, torch, torchvision, timm; some minutes on two cores

Weights follow `SeededWeights` of AssayGraph (seed 1, gain GAIN, shift 0), by the names in the published state dicts, so
that nothing but figures is stored here. Images are (1 + u) / 2 of the name "input", normalised as the network wants it.
Of every tap the file holds its shape, L2 norm, and 6 values at i * count / 6 (integer divisions, row-major).

DINOv2 is written out here after the original code (facebookresearch/dinov2: vision_transformer.py, layers/block.py,
layers/attention.py): the names, the order of the operations and the interpolation of the position embeddings are its own.
"""

import json
import os
import sys

import numpy as np
import timm
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

GAIN = 1.25


def uniform(name, count, seed=1):
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    z = np.uint64(state ^ seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def tensor(name, shape):
    u = uniform(name, int(np.prod(shape)))
    last = name.split(".")[-1]
    if last in ("weight", "in_proj_weight") and len(shape) > 1:
        values = u * (GAIN * np.sqrt(3 / np.prod(shape[1:])))
    elif last == "weight":
        values = 1 + 0.2 * u
    elif last in ("bias", "in_proj_bias", "running_mean"):
        values = 0.1 * u
    elif last == "running_var":
        values = 1 + 0.3 * u
    elif last in ("gamma", "layer_scale"):
        values = 0.5 + 0.1 * u
    elif last in ("cls_token", "class_token", "reg_token", "register_tokens", "mask_token", "pos_embed", "pos_embedding"):
        values = 0.5 * u
    else:
        raise ValueError(name)
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def seeded(net):
    state = {k: tensor(k, v.shape) for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
    return net.double().eval()


class DINOv2(nn.Module):
    class Block(nn.Module):
        class Scale(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.gamma = nn.Parameter(torch.ones(width))

            def forward(self, x):
                return x * self.gamma

        class Attention(nn.Module):
            def __init__(self, width, heads):
                super().__init__()
                self.heads = heads
                self.qkv = nn.Linear(width, 3 * width)
                self.proj = nn.Linear(width, width)

            def forward(self, x):
                B, N, C = x.shape
                q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
                attention = (q * (C // self.heads) ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
                return self.proj((attention @ v).transpose(1, 2).reshape(B, N, C))

        def __init__(self, width):
            super().__init__()
            self.norm1 = nn.LayerNorm(width, eps=1e-6)
            self.attn = self.Attention(width, width // 64)
            self.ls1 = self.Scale(width)
            self.norm2 = nn.LayerNorm(width, eps=1e-6)
            self.mlp = nn.Module()
            self.mlp.fc1 = nn.Linear(width, 4 * width)
            self.mlp.fc2 = nn.Linear(4 * width, width)
            self.ls2 = self.Scale(width)

        def forward(self, x):
            x = x + self.ls1(self.attn(self.norm1(x)))
            return x + self.ls2(self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x)))))

    def __init__(self, width, registers):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + 37 * 37, width))
        if registers:
            self.register_tokens = nn.Parameter(torch.zeros(1, registers, width))
        self.mask_token = nn.Parameter(torch.zeros(1, width))
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(3, width, 14, 14)
        self.blocks = nn.ModuleList(self.Block(width) for _ in range(12))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.registers = registers

    def positions(self, height, width):
        patches = self.pos_embed[:, 1:].reshape(1, 37, 37, -1).permute(0, 3, 1, 2)
        if self.registers:
            patches = F.interpolate(patches, size=(height, width), mode="bicubic", antialias=True)
        else:
            scale = ((height + 0.1) / 37, (width + 0.1) / 37)
            patches = F.interpolate(patches, scale_factor=scale, mode="bicubic", antialias=False)
        assert patches.shape[-2:] == (height, width)
        return torch.cat([self.pos_embed[:, :1], patches.permute(0, 2, 3, 1).flatten(1, 2)], 1)

    def forward(self, x):
        patches = self.patch_embed.proj(x)
        x = torch.cat([self.cls_token, patches.flatten(2).transpose(1, 2)], 1) + self.positions(*patches.shape[-2:])
        if self.registers:
            x = torch.cat([x[:, :1], self.register_tokens, x[:, 1:]], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


def hooked(net, places, read=None):
    """Runs a network and returns what the modules named in `places` give, by tap."""

    def run(x):
        found = {}
        handles = [net.get_submodule(place).register_forward_hook(
            lambda module, args, output, tap=tap: found.__setitem__(tap, output)) for tap, place in places.items()]
        with torch.no_grad():
            read(x) if read else net(x)
        for handle in handles:
            handle.remove()
        return found

    return run


def tokens(net, blocks, norm, special, patch):
    inner = hooked(net, {f"{quarter}": f"{blocks}{quarter * 3 - 1}" for quarter in (1, 2, 3, 4)},
                   getattr(net, "forward_features", None))

    def run(x):
        height, width = x.shape[-2] // patch, x.shape[-1] // patch
        found = {}
        for quarter, value in inner(x).items():
            y = norm(value).detach()
            name = "features" if quarter == "4" else f"stage{quarter}"
            found[name] = y[:, special:].transpose(1, 2).reshape(1, -1, height, width)
            if quarter == "4":
                found["token"] = y[:, 0].reshape(1, -1, 1, 1)
        return found

    return run


def numbered(pattern, count, last=None, first=1):
    """stage1 ... from module names; the last is `features`."""
    places = {f"stage{i + 1}": pattern.format(i + first) for i in range(count)}
    if last is None:
        places["features"] = places.pop(f"stage{count}")
    else:
        places["features"] = last
    return places


def resnet(make):
    net = seeded(make())
    return hooked(net, numbered("layer{}", 4))


def vgg(make):
    net = seeded(make())
    relus = [i for i, m in enumerate(net.features) if isinstance(m, nn.MaxPool2d)]
    return hooked(net, {f"stage{i + 1}": f"features.{r - 1}" for i, r in enumerate(relus)} | {"features": "features"},
                  net.features)


def inception():
    net = seeded(torchvision.models.inception_v3(aux_logits=False, transform_input=True, init_weights=False))
    places = {"stage1": "Conv2d_2b_3x3", "stage2": "Conv2d_4a_3x3", "stage3": "Mixed_5d", "stage4": "Mixed_6e",
              "features": "Mixed_7c"}
    return hooked(net, places)


def preactivated(name):
    net = seeded(timm.create_model(name))
    places = {f"stage{i}": f"stages.{i}.blocks.0.norm1" for i in (1, 2, 3)} | {"features": "norm"}
    return hooked(net, places, net.forward_features)


def inverted(net, stages, head, expanded):
    """`stages`: the last block of each stage; `expanded`: what is activated first in the first block of the next."""
    net = seeded(net)
    places = {f"stage{i + 1}": place for i, place in enumerate(stages)} | {"features": head}
    places |= {f"stage{i}.expanded": place for i, place in expanded.items()}
    return hooked(net, places, getattr(net, "forward_features", net.features if hasattr(net, "features") else None))


def torch_mobile(make, first_blocks, block, last):
    """torchvision numbers MobileNet's blocks through; `first_blocks` is the index of each stage's first."""
    stages = [f"features.{index - 1}" for index in first_blocks[1:]] + [f"features.{last - 1}"]
    return inverted(make(weights=None), stages, f"features.{last}",
                    {i + 1: f"features.{index}.{block}.0" for i, index in enumerate(first_blocks[1:])})


def torch_efficient(make):
    net = make(weights=None)
    stages = [f"features.{s}" for s in range(1, 8)]
    return inverted(net, stages, "features.8", {s - 1: f"features.{s}.0.block.0" for s in range(2, 8)})


def timm_inverted(name, head="bn2"):
    net = timm.create_model(name)
    count = len(net.blocks) - (head != "bn2")
    return inverted(net, [f"blocks.{s}" for s in range(count)], head, {s: f"blocks.{s}.0.bn1" for s in range(1, count)})


def torch_convnext():
    net = seeded(torchvision.models.convnext_tiny())
    return hooked(net, {"stage1": "features.1", "stage2": "features.3", "stage3": "features.5", "features": "features.7"})


def timm_vit(name, patch=16, special=1):
    # The grid of the learned embeddings is that of the published size; the input may be any.
    net = seeded(timm.create_model(name, dynamic_img_size=True, num_classes=0))
    return tokens(net, "blocks.", net.norm, special, patch)


def torch_vit():
    net = seeded(torchvision.models.vit_b_16())
    stored = {k: v.clone() for k, v in net.state_dict().items()}

    def run(x):
        height, width = x.shape[-2] // 16, x.shape[-1] // 16
        # interpolate_embeddings for a grid that need not be square.
        positions = stored["encoder.pos_embedding"]
        grid = positions[:, 1:].permute(0, 2, 1).reshape(1, -1, 14, 14)
        grid = F.interpolate(grid, size=(height, width), mode="bicubic", align_corners=True)
        net.encoder.pos_embedding = nn.Parameter(torch.cat([positions[:, :1], grid.flatten(2).transpose(1, 2)], 1))

        def read(x):
            y = net.conv_proj(x).flatten(2).transpose(1, 2)
            net.encoder(torch.cat([net.class_token, y], 1))

        net.forward_features = read
        return tokens(net, "encoder.layers.encoder_layer_", net.encoder.ln, 1, 16)(x)

    return run


def dinov2(width, registers):
    net = seeded(DINOv2(width, registers))
    return tokens(net, "blocks.", net.norm, 1 + registers, 14)


IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
HALF = ([0.5] * 3, [0.5] * 3)
SIZES, PATCHES = [(64, 64), (96, 128)], [(70, 70), (84, 112)]
models = torchvision.models
V3_LARGE, V3_SMALL, V2 = [1, 2, 4, 7, 11, 13], [1, 2, 4, 7, 9], [1, 2, 4, 7, 11, 14, 17]
# name and naming: (network, sizes, normalisation)
NETWORKS = {
    **{f"{name.replace('_', '-')} torchvision": (lambda m=getattr(models, name): resnet(m), SIZES, IMAGENET)
       for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")},
    "wide-resnet50-2 torchvision": (lambda: resnet(models.wide_resnet50_2), SIZES, IMAGENET),
    "resnet50 timm": (lambda: resnet(lambda: timm.create_model("resnet50")), SIZES, IMAGENET),
    "resnetv2-50 timm": (lambda: preactivated("resnetv2_50"), SIZES, HALF),
    "resnetv2-50-bit timm": (lambda: preactivated("resnetv2_50x1_bit"), SIZES, HALF),
    **{f"{name.replace('_', '-')} torchvision": (lambda m=getattr(models, name): vgg(m), SIZES, IMAGENET)
       for name in ("vgg16", "vgg16_bn", "vgg19", "vgg19_bn")},
    "inception-v3 torchvision": (inception, [(107, 107), (139, 171)], IMAGENET),
    "mobilenet-v2 torchvision": (lambda: torch_mobile(models.mobilenet_v2, V2, "conv", 18), SIZES, IMAGENET),
    "mobilenet-v2 timm": (lambda: timm_inverted("mobilenetv2_100"), SIZES, IMAGENET),
    "mobilenet-v3-large torchvision": (
        lambda: torch_mobile(models.mobilenet_v3_large, V3_LARGE, "block", 16), SIZES, IMAGENET),
    "mobilenet-v3-small torchvision": (
        lambda: torch_mobile(models.mobilenet_v3_small, V3_SMALL, "block", 12), SIZES, IMAGENET),
    "mobilenet-v3-large timm": (lambda: timm_inverted("mobilenetv3_large_100", "blocks.6"), SIZES, IMAGENET),
    "mobilenet-v3-small timm same": (lambda: timm_inverted("tf_mobilenetv3_small_100", "blocks.5"), SIZES, IMAGENET),
    **{f"efficientnet-b{n} torchvision": (
        lambda m=getattr(models, f"efficientnet_b{n}"): torch_efficient(m), SIZES, IMAGENET) for n in range(5)},
    "efficientnet-b0 timm": (lambda: timm_inverted("efficientnet_b0"), SIZES, IMAGENET),
    "efficientnet-b3 timm same": (lambda: timm_inverted("tf_efficientnet_b3"), SIZES, IMAGENET),
    **{f"efficientnet-lite{n} timm": (
        lambda n=n: timm_inverted(f"tf_efficientnet_lite{n}"), SIZES, HALF) for n in range(5)},
    "efficientnet-lite0 timm symmetric": (lambda: timm_inverted("efficientnet_lite0"), SIZES, IMAGENET),
    "convnext-tiny torchvision": (torch_convnext, SIZES, IMAGENET),
    "convnext-tiny timm": (
        lambda: hooked(seeded(timm.create_model("convnext_tiny")), numbered("stages.{}", 4, first=0)), SIZES, IMAGENET),
    "vit-s16 timm": (lambda: timm_vit("vit_small_patch16_224"), SIZES, HALF),
    "vit-b16 torchvision": (torch_vit, SIZES, IMAGENET),
    "dinov2-s14 dinov2": (lambda: dinov2(384, 0), PATCHES, IMAGENET),
    "dinov2-b14 dinov2": (lambda: dinov2(768, 0), PATCHES, IMAGENET),
    "dinov2-s14-registers dinov2": (lambda: dinov2(384, 4), PATCHES, IMAGENET),
    "dinov2-b14-registers dinov2": (lambda: dinov2(768, 4), PATCHES, IMAGENET),
    "dinov2-s14 timm": (lambda: timm_vit("vit_small_patch14_dinov2", 14), PATCHES, IMAGENET),
    "dinov2-s14-registers timm": (lambda: timm_vit("vit_small_patch14_reg4_dinov2", 14, 5), PATCHES, IMAGENET),
}


def figure(value):
    return float(f"{float(value):.7g}")


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "architectures.json")
    result = json.load(open(path)) if os.path.exists(path) and sys.argv[1:] else {}
    for name, (make, sizes, (mean, deviation)) in NETWORKS.items():
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        run = make()
        result[name] = []
        for height, width in sizes:
            image = torch.from_numpy((1 + uniform("input", 3 * height * width).reshape(1, 3, height, width)) / 2)
            image = image.float().double()
            x = (image - torch.tensor(mean)[:, None, None]) / torch.tensor(deviation)[:, None, None]
            taps = {}
            for tap, value in run(x.double()).items():
                flat = value.flatten()
                taps[tap] = {"shape": list(value.shape[1:]), "norm": figure(flat.norm()),
                             "samples": [figure(flat[i * len(flat) // 6]) for i in range(6)]}
            result[name].append({"height": height, "width": width, "taps": taps})
        print(name, {tap: entry["norm"] for tap, entry in result[name][0]["taps"].items()}, file=sys.stderr, flush=True)
    with open(path, "w") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
