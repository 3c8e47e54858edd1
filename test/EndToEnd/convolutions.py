#!/usr/bin/python3
"""Convolutions, in groups and depthwise, overlapping patches and merges against
PyTorch in float64: single layers at odd sizes, then stems and blocks of published
models (Whisper, CvT, T2T, Swin, SegFormer, CPVT, ConvBERT, data2vec)."""
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


def groups_on_grids():
    """Groups of one column and of more, narrow and wide rows, windows inside of
    the grid, across each edge and across both."""
    for number, (channels, to, size, stride, pad, groups, grid) in enumerate((
            (6, 9, 3, 1, 1, 3, (15, 23)), (35, 35, 3, 1, 1, 35, (15, 23)),
            (32, 32, 5, 2, 1, 32, (14, 19)), (70, 70, 3, 1, 0, 70, (3, 9)),
            (40, 40, 7, 3, 2, 40, (17, 12)), (24, 50, 3, 2, 1, 2, (8, 7)),
            (13, 13, 2, 1, 1, 13, (2, 31)), (12, 24, 3, 1, 1, 12, (7, 7)),
            (10, 15, 1, 1, 0, 5, (4, 4)), (64, 64, 3, 1, 1, 64, (7, 7)),
            (96, 96, 3, 1, 1, 96, (1, 1)), (17, 17, 1, 1, 0, 17, (5, 6)),
            (100, 100, 5, 1, 4, 100, (6, 18)), (8, 4, 3, 1, 1, 4, (6, 5)))):
        name = f"grid of {grid[0]} x {grid[1]}, {channels} to {to} in " \
            f"{groups} groups, size {size}, stride {stride}, pad {pad}"
        image, act = [3, *grid], ("none", "relu")[number % 2]
        spec = of_images(channels, image, {"conv": {
            "to": to, "size": size, "stride": stride, "pad": pad,
            "groups": groups, "bias": number % 3 > 0, "act": act}}, size=1)
        program, w = compiled(f"groups_{number}", spec)
        images = DRAW.standard_normal((3, *image)).astype(np.float32)
        x = F.conv2d(torch.tensor(images).double(),
                     kernel(w, "patch.weight", 3, 1, 2), w["patch.bias"])
        y = F.conv2d(x, kernel(w, "conv.weight", channels // groups, size, 2),
                     w.get("conv.bias"), stride, pad, groups=groups)
        y = y.relu() if act == "relu" else y
        right = y.flatten(2).transpose(1, 2).flatten(0, 1)
        got = program.run(images, "--threads", 2)
        close(name, got.reshape(right.shape), right.numpy(), 1e-5)
        one = program.run(images[1:2])
        same_bits(name + ", one image alone", one.reshape(-1, to),
                  got.reshape(3, -1, to)[1])


def sequences():
    """Of different lengths in one call, alone and in threads."""
    for size in (2, 3, 5):
        for stride in (1, 2, 3):
            for pad in (0, 1, 2):
                if pad < size:
                    sequence(size, stride, pad)


def groups_on_sequences():
    for size, stride, pad in ((3, 1, 1), (9, 1, 4), (31, 1, 15), (2, 1, 0),
                              (4, 2, 1), (5, 3, 4), (1, 1, 0)):
        for channels, to, groups in ((38, 38, 38), (6, 9, 3), (32, 32, 32),
                                     (48, 96, 2), (9, 18, 9)):
            sequence(size, stride, pad, channels, to, groups)


def sequence(size, stride, pad, channels=6, to=9, groups=1):
    lengths = [n for n in (5, 1, 31, 8, 2) if n + 2 * pad >= size]
    name = f"sequences, size {size}, stride {stride}, pad {pad}"
    fields = {"to": to, "size": size, "stride": stride, "pad": pad,
              "act": "gelu", "bias": True}
    if groups > 1:
        name += f", {channels} to {to} in {groups} groups"
        fields["groups"] = groups
    spec = of_rows(channels, 31, {"conv": fields})
    program, w = compiled(
        f"sequence_{size}_{stride}_{pad}_{channels}_{groups}", spec)
    parts = [DRAW.standard_normal((n, channels)).astype(np.float32)
             for n in lengths]
    right = [rows_of(F.gelu(F.conv1d(
        torch.tensor(rows.T[None]).double(),
        kernel(w, "conv.weight", channels // groups, size, 1), w["conv.bias"],
        stride, pad, groups=groups))) for rows in parts]
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
             "conv.weight": "next.weight.reshape(10, 72)",
             "conv_2.weight": "each.weight.reshape(10, 9)",
             "conv_3.weight": "halves.weight.reshape(6, 45)"}
    spec = of_images(8, [3, 20, 17], {"conv": {"to": 10, "size": 3, "pad": 1}},
                     {"conv": {"to": 10, "size": 3, "pad": 1, "groups": 10}},
                     {"conv": {"to": 6, "size": 3, "pad": 1, "groups": 2}},
                     size=7, stride=4, pad=2)
    stem = torch.nn.Conv2d(3, 8, 7, 4, 2).double()
    following = torch.nn.Sequential(
        torch.nn.Conv2d(8, 10, 3, 1, 1, bias=False),
        torch.nn.Conv2d(10, 10, 3, 1, 1, groups=10, bias=False),
        torch.nn.Conv2d(10, 6, 3, 1, 1, groups=2, bias=False)).double()
    weights = RandomWeights(0)
    for name, value in (("stem.weight", stem.weight), ("stem.bias", stem.bias),
                        ("next.weight", following[0].weight),
                        ("each.weight", following[1].weight),
                        ("halves.weight", following[2].weight)):
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


def depthwise(width, size, **more):
    return {"conv": {"to": width, "size": size, "pad": size // 2,
                     "groups": width, "bias": True, **more}}


def blocks():
    """Convolutions in groups inside of blocks, in each format."""
    norm = {"kind": "layer", "eps": 1e-6}
    attention = {"heads": 3, "bias": True, "mask": "none"}
    mlp = {"hidden": 37, "act": "gelu", "bias": True}

    def stage(dim, hidden, reduce):
        """Xie et al. 2021: Mix-FFN behind attention over fewer rows."""
        return {"repeat": 2, "layers": [
            {"residual": ["norm", {"attention": {"reduce": {"size": reduce}}}]},
            {"residual": ["norm", {"linear": {"to": hidden, "bias": True}},
                          depthwise(hidden, 3, act="gelu"),
                          {"linear": {"to": dim, "bias": True}}]}]}
    segformer = of_images(
        33, [3, 34, 46], "norm", stage(33, 70, 4), "norm",
        {"merge": {"size": 3, "stride": 2, "pad": 1, "order": "channels"}},
        {"linear": {"to": 39, "bias": True}}, "norm", stage(39, 101, 2),
        "norm", size=7, stride=4, pad=3)
    transformer = [{"residual": ["norm", "attention"]},
                   {"residual": ["norm", "mlp"]}]
    cpvt = of_images(  # Chu et al. 2023: positions of a convolution
        36, [3, 26, 38], *transformer,
        {"residual": [depthwise(36, 3)]},
        {"repeat": 2, "layers": transformer}, "norm", {"pool": "mean"},
        {"linear": {"to": 5}}, size=2)
    data2vec = of_rows(  # Baevski et al. 2022: positions of audio
        96, 130, *[{"residual": [{"conv": {
            "to": 96, "size": 7, "pad": 3, "groups": 3, "bias": True,
            "act": "gelu"}}]}] * 2, {"repeat": 2, "layers": transformer},
        "norm")
    convbert = of_rows(  # Jiang et al. 2020: a depthwise and a 1 x 1 one
        39, 130, {"repeat": 2, "layers": [
            {"residual": ["norm", depthwise(39, 9), {"linear": {"to": 39}}]},
            *transformer]}, "norm")
    segformer["defaults"] = {"norm": norm, "attention": attention}
    for spec in (cpvt, data2vec, convbert):
        spec["defaults"] = {"norm": norm, "attention": attention, "mlp": mlp}
    for dtype in ("f32", "bf16", "int8", "int4"):
        for name, spec in (("SegFormer", segformer), ("CPVT", cpvt)):
            differential.image_against_reference(f"{name}_{dtype}",
                                                 spec | {"dtype": dtype})
        for name, spec in (("data2vec", data2vec), ("ConvBERT", convbert)):
            differential.rows_against_reference(f"{name}_{dtype}",
                                                spec | {"dtype": dtype})


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
    for name in ("CvT", "T2T", "Whisper_int8", "tokens", "SegFormer_bf16",
                 "CPVT_f32", "data2vec_int8", "ConvBERT_f32"):
        harness.verified(name)


def main():
    for test in (grids, groups_on_grids, sequences, groups_on_sequences,
                 unfolded, one_place, torch_names, stems, blocks, too_short,
                 verified):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
