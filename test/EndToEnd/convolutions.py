#!/usr/bin/python3
"""Convolutions, overlapping patches and merges against PyTorch in float64: single
layers at odd sizes, then stems of published models (Whisper, CvT, T2T, Swin)."""
import os

import numpy as np
import torch
from torch.nn import functional as F

import differential
import harness
from checkpoints import RandomWeights
from harness import case, close, same_bits

DRAW = np.random.default_rng(0)


def compiled(name, spec, *flags):
    """The program, and its weights by name as tensors."""
    weights = RandomWeights(3, format_of=differential.formats(spec))
    first = spec["layers"][0]
    shape = first["patch"]["image"] if "patch" in first else \
        (spec["context"], spec["dim"])
    differential.reference.Model(spec, weights).run(np.zeros(shape))
    program = differential.built(name, spec, weights, *flags)
    return program, {name: torch.tensor(value)
                     for name, value in weights.values.items()}


def of_images(dim, image, *layers, **patch):
    return {"model": "seen", "dim": dim, "layers": [
        {"patch": {"image": image, "bias": True, **patch}}, *layers]}


def of_rows(dim, context, *layers):
    return {"model": "heard", "dim": dim, "context": context,
            "layers": [{"rows": {"dim": dim}}, *layers]}


def kernel(weights, name, channels, size, sides):
    matrix = weights[name]
    return matrix.reshape(len(matrix), channels, *[size] * sides)


def rows_of(x):
    """[1, C, places...] as rows."""
    return x.flatten(2)[0].T


def grids():
    """Patches that overlap, and a convolution over what they make."""
    for stride in (1, 2, 3):
        for pad in (0, 1, 2):
            image, channels = [2, 15, 12], 5
            name = f"grid, stride {stride}, pad {pad}"
            spec = of_images(
                channels, image, {"conv": {
                    "to": 7, "size": 3, "stride": stride, "pad": pad,
                    "bias": True}}, size=3, stride=stride, pad=pad)
            program, w = compiled(f"grid_{stride}_{pad}", spec)
            images = DRAW.standard_normal((3, *image)).astype(np.float32)
            x = F.conv2d(torch.tensor(images).double(), kernel(
                w, "patch.weight", 2, 3, 2), w["patch.bias"], stride, pad)
            y = F.conv2d(x, kernel(w, "conv.weight", channels, 3, 2),
                         w["conv.bias"], stride, pad)
            right = y.flatten(2).transpose(1, 2).flatten(0, 1)
            got = program.run(images, "--threads", 2)
            close(name, got.reshape(right.shape), right.numpy(), 1e-5)
            one = program.run(images[1:2])
            same_bits(name + ", one image alone", one.reshape(-1, 7),
                      got.reshape(3, -1, 7)[1])


def sequences():
    """Of different lengths in one call, alone and in threads."""
    for size in (2, 3, 5):
        for stride in (1, 2, 3):
            for pad in (0, 1, 2):
                if pad < size:
                    sequence(size, stride, pad)


def sequence(size, stride, pad):
    channels, lengths = 6, (5, 1, 31, 8, 2)
    lengths = [n for n in lengths if n + 2 * pad >= size]
    name = f"sequences, size {size}, stride {stride}, pad {pad}"
    spec = of_rows(channels, 31, {"conv": {
        "to": 9, "size": size, "stride": stride, "pad": pad, "act": "gelu",
        "bias": True}})
    program, w = compiled(f"sequence_{size}_{stride}_{pad}", spec)
    parts = [DRAW.standard_normal((n, channels)).astype(np.float32)
             for n in lengths]
    right = [rows_of(F.gelu(F.conv1d(
        torch.tensor(rows.T[None]).double(),
        kernel(w, "conv.weight", channels, size, 1), w["conv.bias"], stride,
        pad))) for rows in parts]
    got = program.run(np.concatenate(parts), "--lengths",
                      ",".join(map(str, lengths)), "--threads", 2)
    close(name, got, torch.cat(right).numpy(), 1e-5)
    alone = np.concatenate([program.run(rows) for rows in parts])
    same_bits(name + ", each alone", alone, got)


def unfolded():
    """What windows see, to the bit: a convolution whose weight picks values, and
    merges in each order."""
    image, size = [3, 11, 9], 3
    identity = {"values": {"weight": "identity"}}
    spec = of_images(3, image, {"merge": {
        "size": size, "stride": 2, "pad": 1, "order": "channels"}},
        size=1) | {}
    spec["layers"][0]["patch"].pop("bias")
    spec["layers"][0]["patch"].update(identity)
    path = os.path.join(harness.work, "unfolded.yaml")
    harness.write_spec(path, spec)
    images = DRAW.standard_normal((2, *image)).astype(np.float32)
    seen = F.unfold(torch.tensor(images), size, padding=1,
                    stride=2).transpose(1, 2).numpy()
    program = harness.Program(path, "unfolded")
    same_bits("im2col", program.run(images).reshape(seen.shape),
              np.ascontiguousarray(seen))
    spec["layers"][1] = {"conv": {
        "to": 27, "size": size, "stride": 2, "pad": 1, **identity}}
    harness.write_spec(path, spec)
    program = harness.Program(path, "picked")
    same_bits("a convolution that picks values",
              program.run(images).reshape(seen.shape),
              np.ascontiguousarray(seen))
    for order in ("columns", "rows"):
        even = DRAW.standard_normal((2, 3, 10, 8)).astype(np.float32)
        spec["layers"][0]["patch"]["image"] = [3, 10, 8]
        spec["layers"][1] = {"merge": {"order": order}}
        harness.write_spec(path, spec)
        x = even.transpose(0, 2, 3, 1)
        at = [(0, 0), (1, 0), (0, 1), (1, 1)]
        if order == "rows":
            at = [(b, a) for a, b in at]
        merged = np.concatenate([x[:, a::2, b::2] for a, b in at], -1)
        program = harness.Program(path, "merged_" + order)
        same_bits(f"merged by {order}", program.run(even).reshape(
            2, -1, 12), merged.reshape(2, -1, 12))


def one_place():
    """A convolution that sees one row is a linear map, to the bit."""
    image = [2, 6, 9]
    spec = of_images(13, image, {"conv": {"to": 21, "size": 1, "bias": True,
                                          "act": "silu"}}, size=3)
    program, _ = compiled("one_place", spec)
    conv = spec["layers"][1].pop("conv")
    conv.pop("size")
    folder = os.path.join(harness.work, "one_place")
    spec["layers"][1] = {"linear": conv}
    harness.write_spec(os.path.join(folder, "linear.yaml"), spec | {
        "weights": {"files": ["weights.safetensors"], "names": {
            "linear.weight": "conv.weight", "linear.bias": "conv.bias"}}})
    linear = harness.Program(os.path.join(folder, "linear.yaml"),
                             os.path.join("one_place", "linear"))
    images = DRAW.standard_normal((3, *image)).astype(np.float32)
    same_bits("1 x 1", program.run(images), linear.run(images))


def torch_names():
    """Weights as PyTorch has them, cut by the names of the spec."""
    names = {"patch.weight": "stem.weight.reshape(8, 147)",
             "patch.bias": "stem.bias",
             "conv.weight": "next.weight.reshape(10, 72)"}
    spec = of_images(8, [3, 20, 17], {"conv": {"to": 10, "size": 3, "pad": 1}},
                     size=7, stride=4, pad=2)
    stem = torch.nn.Conv2d(3, 8, 7, 4, 2).double()
    following = torch.nn.Conv2d(8, 10, 3, 1, 1, bias=False).double()
    weights = RandomWeights(0)
    for name, value in (("stem.weight", stem.weight), ("stem.bias", stem.bias),
                        ("next.weight", following.weight)):
        value.data = value.data.float().double()
        weights.stored[name] = value.detach().numpy().astype(np.float32)
    folder = os.path.join(harness.work, "torch_names")
    os.makedirs(folder)
    weights.save(os.path.join(folder, "weights.safetensors"))
    harness.write_spec(os.path.join(folder, "spec.yaml"), spec | {
        "weights": {"files": ["weights.safetensors"], "names": names}})
    program = harness.Program(os.path.join(folder, "spec.yaml"),
                              os.path.join("torch_names", "model"))
    images = DRAW.standard_normal((2, 3, 20, 17)).astype(np.float32)
    right = following(stem(torch.tensor(images).double()))
    right = right.flatten(2).transpose(1, 2).detach().numpy()
    close("weights of torch.nn.Conv2d", program.run(images), right, 1e-5)


def stems():
    """Whole small models behind convolutional stems."""
    block = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                     {"residual": ["norm", "mlp"]}]}
    defaults = {"norm": {"kind": "layer", "eps": 1e-6},
                "attention": {"heads": 3, "mask": "none", "bias": True},
                "mlp": {"hidden": 37, "act": "gelu", "bias": True}}
    head = [{"pool": "mean"}, {"linear": {"to": 5, "bias": True}}]
    learned = {"position": "learned"}
    cvt = of_images(
        21, [3, 30, 26], "norm", block,
        {"conv": {"to": 27, "size": 3, "stride": 2, "pad": 1, "bias": True}},
        "norm", {"prepend": "class"}, block, "norm", {"pool": "first"},
        {"linear": {"to": 5}}, size=7, stride=4, pad=2)
    t2t = of_images(
        15, [3, 28, 20], "norm", block,
        {"merge": {"size": 3, "stride": 2, "pad": 1, "order": "channels"}},
        "norm", {"linear": {"to": 18}}, block,
        {"merge": {"size": 3, "stride": 2, "pad": 1, "order": "channels"}},
        {"linear": {"to": 24, "bias": True}}, {"prepend": "class"}, learned,
        block, "norm", {"pool": "first"}, size=7, stride=4, pad=2)
    shifted = {"repeat": 1, "layers": [layer for shift in ({}, {"shift": 1})
               for layer in ({"residual": ["norm", {"attention": {
                   "tile": 3, "position": "table", **shift}}]},
                             {"residual": ["norm", "mlp"]})]}
    swin = of_images(
        12, [3, 24, 48], "norm", shifted, "merge",
        {"norm": {"kind": "layer", "eps": 1e-5}}, {"linear": {"to": 24}},
        shifted, "merge", "norm", {"linear": {"to": 48}}, "norm", *head, size=2)
    conformer = of_images(
        12, [1, 16, 12], {"repeat": 2, "layers": [
            {"residual": ["norm", {"conv": {"to": 12, "size": 3, "pad": 1,
                                            "act": "relu"}}]},
            {"residual": ["norm", "mlp"]}]},
        {"prepend": {"what": "registers", "rows": 2}},
        {"residual": ["norm", "attention"]}, "norm", size=2)
    for name, spec in (("CvT", cvt), ("T2T", t2t), ("Swin", swin),
                       ("convolutions in blocks", conformer)):
        spec["defaults"] = defaults
        differential.image_against_reference(name.replace(" ", "_"), spec)
    for dtype in ("bf16", "int8", "int4"):
        differential.image_against_reference(f"CvT_{dtype}",
                                             cvt | {"dtype": dtype})
    whisper = of_rows(
        20, 130, {"conv": {"to": 24, "size": 3, "pad": 1, "act": "gelu",
                           "bias": True}},
        {"conv": {"to": 24, "size": 3, "stride": 2, "pad": 1, "act": "gelu",
                  "bias": True}}, learned, block, "norm")
    whisper["defaults"] = defaults
    for dtype in ("f32", "bf16", "int8", "int4"):
        differential.rows_against_reference(f"Whisper_{dtype}",
                                            whisper | {"dtype": dtype})
    more = of_rows(20, 130, {"conv": {"to": 20, "size": 2, "pad": 1}},
                   {"repeat": 3, "layers": [
                       {"residual": ["norm", "mlp", "norm"]}]}, "norm")
    more["defaults"] = {k: defaults[k] for k in ("norm", "mlp")}
    differential.rows_against_reference("more_rows_than_before", more)
    tokens = whisper | {"vocab": 31, "layers": [
        "embed", *whisper["layers"][1:]]}
    differential.against_reference("tokens", tokens)


def too_short():
    """A sequence that no window fits into is refused."""
    spec = of_rows(4, 9, {"conv": {"to": 3, "size": 5}})
    program, _ = compiled("too_short", spec)
    path = os.path.join(harness.work, "short.npy")
    np.save(path, np.zeros((4, 4), np.float32))
    result = harness.shell(program.path, "run", "--input", path, "-o",
                           os.path.join(harness.work, "no.npy"))
    harness.check("too short a sequence", result.returncode == 1
                  and b"fewer rows than the model's windows" in result.stderr,
                  result.stderr.decode().strip())


def verified():
    """The compiler's own evaluation agrees, layer by layer."""
    for name in ("CvT", "T2T", "Whisper_int8", "tokens"):
        harness.verified(name)


def main():
    for test in (grids, sequences, unfolded, one_place, torch_names, stems,
                 too_short, verified):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
