#!/usr/bin/python3
"""Attention over fewer rows: PVT's, by a convolution over the grid, against
PyTorch in float64, and Linformer's, by mixtures, against numpy; what changes
nothing gives attention itself."""
import os

import numpy as np
import torch
from torch.nn import functional as F

import differential
import harness
from checkpoints import RandomWeights
from harness import case, close, same_bits

DRAW = np.random.default_rng(0)
NORM = {"kind": "layer", "eps": 1e-6}


def spatial(dim, image, size, heads, reduce, **more):
    return {"model": "seen", "dim": dim, "layers": [
        {"patch": {"image": image, "size": size, "bias": True}},
        {"attention": {"heads": heads, "mask": "none", "bias": True,
                       "reduce": reduce, **more}}]}


def of_rows(dim, context, **attention):
    return {"model": "mixed", "dim": dim, "context": context, "layers": [
        {"rows": {"dim": dim}}, {"attention": {"mask": "none", **attention}}]}


def compiled(name, spec, *flags):
    weights = RandomWeights(5, format_of=differential.formats(spec))
    differential.reference.Model(spec, weights).run(
        differential.some_input(spec["layers"]))
    return differential.built(name, spec, weights, *flags), weights


def pyramid():
    """Wang et al. 2021, equations 2 and 3, as PyTorch computes them."""
    for size, ratio, image in ((1, 2, [3, 8, 6]), (2, 3, [2, 14, 20]),
                               (2, 4, [1, 16, 24]), (1, 1, [2, 5, 3])):
        dim, heads = 21, 3
        spec = spatial(dim, image, size, heads, {"size": ratio, "eps": 1e-6})
        name = f"pyramid_{size}_{ratio}"
        program, weights = compiled(name, spec)
        w = {key: torch.tensor(value) for key, value in weights.values.items()}
        images = DRAW.standard_normal((3, *image)).astype(np.float32)
        x = F.conv2d(torch.tensor(images).double(),
                     w["patch.weight"].reshape(dim, image[0], size, size),
                     w["patch.bias"], size)
        y = F.conv2d(x, w["attention.reduce.weight"].reshape(
            dim, dim, ratio, ratio), w["attention.reduce.bias"], ratio)
        rows, few = (t.flatten(2).transpose(1, 2) for t in (x, y))
        few = F.layer_norm(few, (dim,), w["attention.reduce_norm.weight"],
                           w["attention.reduce_norm.bias"], 1e-6)

        def heads_of(t, part):
            t = F.linear(t, w[f"attention.{part}.weight"],
                         w[f"attention.{part}.bias"])
            return t.unflatten(-1, (heads, -1)).transpose(1, 2)

        q = heads_of(rows, "query")
        k, v = heads_of(few, "key"), heads_of(few, "value")
        p = torch.softmax(q @ k.transpose(-1, -2) * 7 ** -0.5, -1)
        right = F.linear((p @ v).transpose(1, 2).flatten(2),
                         w["attention.output.weight"],
                         w["attention.output.bias"]).numpy()
        got = program.run(images, "--threads", 2)
        close(f"pyramid, patches of {size}, ratio {ratio}", got, right, 1e-5)
        same_bits(f"pyramid, ratio {ratio}, one image alone",
                  program.run(images[1:2])[0], got[1])


def mixtures():
    """Sequences of different lengths, alone and together."""
    lengths = (1, 2, 7, 65, 130)
    for rows, fields in ((1, {"heads": 2}), (9, {"heads": 4, "kv_heads": 2}),
                         (33, {"heads": 2, "qk_norm": {"rms": {"eps": 1e-6}}}),
                         (200, {"heads": 1, "softcap": 3.0, "bias": True})):
        spec = of_rows(20, 130, reduce={"rows": rows}, **fields)
        differential.rows_against_reference(f"mixtures_{rows}", spec)
    path = os.path.join(harness.work, "mixtures_9", "spec.yaml")
    for flag in ("--cache=bf16", "--cache=int8"):
        program = harness.Program(path, "mixtures_cache", flag)
        parts = [DRAW.standard_normal((n, 20)).astype(np.float32)
                 for n in lengths]
        together = program.run(np.concatenate(parts), "--lengths",
                               ",".join(map(str, lengths)))
        same_bits(f"mixtures, {flag}, each alone", np.concatenate(
            [program.run(part) for part in parts]), together)


def many_short():
    """More sequences than a step has room for the mixtures of."""
    spec = of_rows(6, 40, heads=1, reduce={"rows": 39})
    program, weights = compiled("many_short", spec)
    expected = differential.reference.Model(spec, weights)
    parts = [DRAW.standard_normal((1 + i % 3, 6)).astype(np.float32)
             for i in range(150)]
    got = program.run(np.concatenate(parts), "--lengths",
                      ",".join(str(len(part)) for part in parts))
    close("mixtures, 150 short sequences", got, np.concatenate(
        [expected.run(part.astype(float)) for part in parts]))


def nothing_reduced():
    """Mixtures that are the rows: attention itself, as far as sums go."""
    for context in (1, 40):
        fields = {"heads": 3, "bias": True}
        mixed, weights = compiled(f"identity_{context}", of_rows(
            21, context, reduce={"rows": context}, **fields))
        folder = os.path.join(harness.work, f"identity_{context}")
        files = {"weights": {"files": ["weights.safetensors"]}}
        specs = {"base": of_rows(21, context, **fields), "same": of_rows(
            21, context, reduce={"rows": context}, values={
                "reduce.weight": "identity"}, **fields)}
        programs = {}
        for name, spec in specs.items():
            path = os.path.join(folder, name + ".yaml")
            harness.write_spec(path, spec | files)
            programs[name] = harness.Program(path, f"identity_{name}")
        rows = DRAW.standard_normal((context, 21)).astype(np.float32)
        close(f"identity of {context} rows is attention",
              programs["same"].run(rows), programs["base"].run(rows), 1e-6)


def models():
    """Whole small models: a pyramid of two stages with a class token in the
    last, and an encoder of tokens."""
    def block(repeat, **attention):
        return {"repeat": repeat, "layers": [
            {"residual": ["norm", {"attention": attention}]},
            {"residual": ["norm", "mlp"]}]}
    defaults = {"norm": NORM, "attention": {"mask": "none", "bias": True},
                "mlp": {"hidden": 37, "act": "gelu", "bias": True}}
    pvt = {"model": "pvt", "dim": 16, "defaults": defaults, "layers": [
        {"patch": {"image": [3, 24, 32], "size": 2, "bias": True}}, "norm",
        {"position": "learned"}, block(2, heads=1, reduce={"size": 4}),
        {"conv": {"to": 24, "size": 2, "stride": 2, "bias": True}}, "norm",
        {"position": "learned"}, block(2, heads=2, reduce={"size": 2}),
        {"conv": {"to": 30, "size": 2, "stride": 2, "bias": True}}, "norm",
        {"prepend": "class"}, {"position": "learned"}, block(1, heads=3),
        "norm", {"pool": "first"}, {"linear": {"to": 7, "bias": True}}]}
    linformer = {"model": "linformer", "dim": 30, "context": 130, "vocab": 41,
                 "defaults": defaults, "layers": [
                     "embed", {"position": "learned"},
                     block(3, heads=5, reduce={"rows": 17}), "norm",
                     {"linear": {"to": 9}}]}
    for dtype in ("f32", "bf16", "int8", "int4"):
        differential.image_against_reference(f"PVT_{dtype}",
                                             pvt | {"dtype": dtype})
        differential.against_reference(f"Linformer_{dtype}",
                                       linformer | {"dtype": dtype})
    for name in ("PVT_f32", "PVT_int8", "Linformer_f32", "Linformer_int4"):
        harness.verified(name)


def main():
    for test in (pyramid, mixtures, many_short, nothing_reduced, models):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
