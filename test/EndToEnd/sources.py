#!/usr/bin/python3
"""Encoder-decoders beyond tokens: sources that are rows of reals or images, and
decoders whose rows are learned queries, against the reference; DETR's
transformer as PyTorch computes it in float64."""
import json
import os

import numpy as np

import harness
from cases import LAYER, rope
from checkpoints import save
from differential import tolerance
from harness import case, check, close
from translators import PRE, compiled, model, verified

SEES_ALL = {"attention": {"mask": "none"}}
ENCODES = {"repeat": 2, "layers": [{"residual": ["norm", SEES_ALL]},
                                   {"residual": ["norm", "mlp"]}]}
# Rows of the source, where it has some, and of the target.
LENGTHS = ((1, 1), (7, 2), (65, 64), (130, 3), (3, 131))


def reads(rows, *layers, **more):
    """A translator of rows."""
    dim = more.pop("dim", 36)
    return model(dim, encoder=[{"rows": rows}, *layers, "norm"], **more)


def looks(image, size, *layers, **more):
    """A translator of images."""
    return model(encoder=[{"patch": {"image": image, "size": size,
                                     "bias": True}}, *layers], **more)


def detects(encoder, decoder, dim=36, vocab=None, **more):
    """A decoder of queries; without its tokens' sizes."""
    spec = model(dim, encoder=encoder, decoder=decoder, **more)
    return {k: v for k, v in spec.items() if k not in ("vocab", "context")
            } | ({"vocab": vocab} if vocab else {})


def row_cases():
    learned = {"position": "learned"}
    yield "rows_as_they_are", reads({"dim": 36}, ENCODES)
    yield "rows_mapped", reads({"dim": 7}, learned, ENCODES)
    yield "rows_mapped_bias", reads({"dim": 41, "bias": True}, ENCODES, dim=33)
    yield "rows_alone", reads({"dim": 5})
    yield "rows_rope", reads({"dim": 9}, ENCODES,
                             attention={"position": rope()})
    yield "rows_longer", reads({"dim": 3, "bias": True}, learned, ENCODES,
                               source={"context": 200})
    yield "rows_chunks", reads({"dim": 3}, ENCODES, source={"context": 1100})
    yield "rows_unmapped", reads({"dim": 9, "map": False}, {
        "residual": ["norm", {"attention": {"heads": 3, "mask": "none"}}]})
    conv = {"to": 36, "size": 3, "pad": 1, "act": "gelu", "bias": True}
    yield "rows_conv", reads({"dim": 11, "map": False}, {"conv": conv}, {
        "conv": conv | {"stride": 2}}, learned, ENCODES)
    yield "rows_conv_added", reads({"dim": 36}, {"conv": conv | {"stride": 3}},
                                   cross={"position": "added"})
    yield "rows_wide", reads({"dim": 11}, ENCODES, {"linear": {"to": 45}})
    yield "rows_added", reads({"dim": 11}, {"repeat": 2, "layers": [
        {"residual": ["norm", {"attention": {"mask": "none", "position": {
            "added": {"shared": True}}}}]}]}, cross={"position": "added"},
        source={"context": 140})
    for dtype in ("bf16", "int8", "int4"):
        yield f"rows_{dtype}", reads({"dim": 33}, ENCODES, dtype=dtype)


def image_cases():
    learned = {"position": "learned"}
    yield "images", looks([3, 12, 8], 4, learned, ENCODES, "norm")
    yield "images_class", looks([1, 9, 15], 3, {"prepend": "class"}, learned,
                                ENCODES, "norm")
    yield "images_alone", looks([2, 6, 6], 2)
    yield "many_patches", looks([1, 52, 44], 2, {"position": "sinusoidal"},
                                ENCODES, source={"context": 572})
    yield "images_merged", looks([3, 12, 16], 2, {"merge": {"size": 2}},
                                 {"linear": {"to": 36}}, ENCODES)
    yield "images_tiles", looks([1, 12, 8], 2, {"residual": [
        "norm", {"attention": {"mask": "none", "tile": 2, "shift": 1,
                               "position": "table"}}]}, "norm")
    yield "images_int8", looks([3, 12, 8], 4, learned, ENCODES, dtype="int8")


HEADS = {"outputs": {
    "class": [{"linear": {"to": 5, "bias": True}}],
    "box": [{"linear": {"to": 17, "act": "relu", "bias": True}},
            {"linear": {"to": 4, "act": "sigmoid", "bias": True}}]}}
QUERY = [{"residual": ["norm", SEES_ALL]}, *PRE[1:]]


def query_cases():
    seen = {"patch": {"image": [3, 10, 15], "size": 5}}
    heard = {"rows": {"dim": 9}}
    body = {"repeat": 2, "layers": QUERY}
    source = {"context": 130}
    yield "boxes", detects([seen, ENCODES], [{"queries": {"rows": 7}}, body,
                                             "norm", HEADS])
    yield "one_query", detects([seen], [{"queries": {"rows": 1}}, *QUERY,
                                        {"linear": {"to": 3}}])
    yield "many_queries", detects([seen, ENCODES], [
        {"queries": {"rows": 131}}, body, "norm", HEADS], norm=LAYER)
    yield "placed_queries", detects([seen, ENCODES], [
        {"queries": {"rows": 9}}, {"position": "learned"}, body, "norm"])
    yield "causal_queries", detects([seen, ENCODES], [
        {"queries": {"rows": 70}}, {"repeat": 2, "layers": PRE}, HEADS])
    yield "added", detects([seen, {"repeat": 2, "layers": [{"residual": [
        {"attention": {"mask": "none", "position": "added"}}]}, "norm"]}], [
        {"queries": {"rows": 11}}, {"repeat": 2, "layers": [
            {"residual": [{"attention": {"mask": "none", "position": {
                "added": {"shared": True}}}}]}, "norm",
            {"residual": ["cross_attention"]}, "norm",
            {"residual": ["mlp"]}, "norm"]}, HEADS],
        cross={"position": {"added": {"shared": True}}})
    yield "conv_to_queries", detects([heard, {"conv": {
        "to": 36, "size": 2, "stride": 2}}, ENCODES], [
            {"queries": {"rows": 7}}, body, "norm", HEADS], source=source)
    yield "rows_to_queries", detects([heard, ENCODES], [
        {"queries": {"rows": 7}}, body, "norm", HEADS], source=source)
    yield "tokens_to_queries", detects(["embed", ENCODES], [
        {"queries": {"rows": 66}}, body, "norm", HEADS],
        source=source | {"vocab": 43})
    yield "queries_to_words", detects(["embed", ENCODES], [
        {"queries": {"rows": 5}}, body, "norm", "logits"], vocab=67,
        source=source)
    for dtype in ("bf16", "int8", "int4"):
        yield f"boxes_{dtype}", detects([seen, ENCODES], [
            {"queries": {"rows": 7}}, body, "norm", HEADS], dtype=dtype)


def draw(spec, rows, seed=0):
    """A source of so many rows, or an image."""
    generator = np.random.default_rng([seed, rows])
    first = spec["encoder"][0]
    if "rows" in first:
        shape = rows, first["rows"]["dim"]
    elif "patch" in first:
        shape = first["patch"]["image"]
    else:
        return generator.integers(spec["source"].get("vocab") or
                                  spec["vocab"], size=rows)
    return np.float32(generator.standard_normal(shape)).astype(float)


def translator(name, spec):
    """Scores of targets, and rows of the encoder."""
    program, expected = compiled(name, spec)
    lengths = LENGTHS + ((1030, 5),) * (name == "rows_chunks")
    for rows, target_rows in lengths:
        source = draw(spec, rows)
        target = np.random.default_rng(rows).integers(spec["vocab"],
                                                      size=target_rows)
        right = expected.run(target, source)
        what = f"{name}, {len(expected.memory)} and {target_rows} rows"
        close(what, program.logits(target, "--source", program.said(source),
                                   "--threads", 2),
              right, tolerance(spec, expected, target, right, source=source))
        close(f"{what}: of the encoder", program.encoded(source),
              expected.memory, tolerance(spec, expected, target,
                                         expected.memory, source=source,
                                         run=lambda m, _, s: m.encode(s)))


def outputs(program, sources, *flags):
    """Of sources of equal shape, one after another."""
    if np.asarray(sources[0]).dtype.kind != "f":
        return program.logits(*sources, *flags)
    return program.run(np.stack(sources), *flags)


def detector(name, spec):
    program, expected = compiled(name, spec)
    for rows in (2, 7, 130):
        source = draw(spec, rows)
        right = expected.run([0], source)
        got = outputs(program, [source], "--threads", 2).reshape(right.shape)
        close(f"{name}, {len(expected.memory)} rows", got, right,
              tolerance(spec, expected, [0], right, source=source))


def in_a_batch(name, spec):
    """Sources that share a step give what they give alone, to the bit."""
    program, _ = compiled(name, spec)
    sources = [draw(spec, 64, seed) for seed in range(9)]
    if "queries" in spec["decoder"][0]:
        alone = np.concatenate([outputs(program, [s], "--threads", 1)
                                for s in sources])
        for threads in (1, 3):
            harness.same_bits(f"{name}, {threads} threads", outputs(
                program, sources, "--threads", threads), alone)
        return
    target = np.random.default_rng(3).integers(spec["vocab"], size=41)
    alone = np.concatenate([program.logits(
        target, "--source", program.said(s), "--threads", 1)
        for s in sources])
    for flags in (["--threads", 1], ["--threads", 3], ["--cut", 7]):
        harness.same_bits(f"{name}, {flags}", program.logits(
            *[target] * len(sources), "--source", program.said(*sources),
            *flags), alone)
    harness.same_bits(f"{name}, rows of the encoder", program.encoded(
        *sources), np.concatenate([program.encoded(s) for s in sources]))


class Permuted:
    """Weights with the queries in another order."""

    def __init__(self, weights, order):
        self.weights, self.order = weights, order
        self.stored = {}

    def __call__(self, name, *shape):
        value = self.weights(name, *shape)
        if "quer" in name and len(self.order) == shape[0] or \
                name == "decoder.layers.attention.position.weight":
            value = value[self.order]
        self.stored[name] = ("F32", np.float32(value))
        return value

    def save(self, path):
        save(path, self.stored)


def permuted(name, spec):
    """Permuted queries are permuted rows."""
    program, expected = compiled(name, spec)
    order = np.random.default_rng(4).permutation(
        spec["decoder"][0]["queries"]["rows"])
    other, _ = compiled(name + "_order", spec,
                        Permuted(expected.weight, order))
    image = draw(spec, 1)
    rows = program.run(image)
    close(f"{name}: permuted queries", other.run(image), rows[order], 1e-5)
    check(f"{name}: the queries differ",
          bool(np.abs(rows[order] - rows).max() > 0.01))


def translates(name):
    """Programs write from files; what the source says matters."""
    spec = reads({"dim": 7}, ENCODES, source={"context": 64, "start": 5})
    program, expected = compiled(name, spec)
    source = draw(spec, 9)
    tokens = [5]
    for _ in range(12):
        tokens.append(int(expected.run(tokens, source)[-1].argmax()))
    out = program("translate", "--source", program.said(source), "-n", 12)
    got = [int(word) for word in out.stdout.decode().split(",")]
    check(f"{name}: as the reference", got == tokens[1:], str(got))
    target = np.arange(3)
    right = program.logits(target, "--source", program.said(source))
    for row in (0, 8):
        other = source.copy()
        other[row] += 1
        check(f"{name}: row {row} of the source", bool(np.all(np.any(
            program.logits(target, "--source", program.said(other))
            != right, -1))))


def detr(name):
    """Carion et al. 2020 with patches in place of a convolutional backbone: the
    transformer of the published code by PyTorch's modules in float64."""
    try:
        import torch
    except ImportError:
        return print(f"not checked: {name}, without PyTorch")
    torch.manual_seed(2)
    nn, width, heads, hidden, classes, queries = torch.nn, 36, 3, 53, 6, 13
    places = 4 * 5
    parts = nn.ModuleDict({
        "patch": nn.Linear(3 * 9, width), "query_embed": nn.Embedding(
            queries, width), "position": nn.Embedding(places, width),
        "class_embed": nn.Linear(width, classes + 1),
        "norm": nn.LayerNorm(width)})
    for i, (into, to) in enumerate(((width, width), (width, width),
                                    (width, 4))):
        parts[f"bbox_embed_{i}"] = nn.Linear(into, to)
    for side in ("encoder", "decoder"):
        for i in range(2):
            inner = f"{side}_{i}_"
            parts[inner + "self_attn"] = nn.MultiheadAttention(width, heads)
            if side == "decoder":
                parts[inner + "multihead_attn"] = nn.MultiheadAttention(
                    width, heads)
            parts[inner + "linear1"] = nn.Linear(width, hidden)
            parts[inner + "linear2"] = nn.Linear(hidden, width)
            for n in (1, 2, 3)[:2 + (side == "decoder")]:
                parts[f"{inner}norm{n}"] = nn.LayerNorm(width)
    for tensor in parts.parameters():
        tensor.data = (tensor.data + 0.2 * torch.randn_like(tensor)).double()
    for tensor in parts.parameters():  # as the file holds them
        tensor.data = tensor.data.float().double()

    def mixed(part, q, k, v):
        return parts[part](q[:, None], k[:, None], v[:, None])[0][:, 0]

    def run(image):
        cut = image.reshape(3, 4, 3, 5, 3).permute(1, 3, 0, 2, 4)
        src = parts["patch"](cut.reshape(places, 27))
        pos = parts["position"].weight
        query_pos = parts["query_embed"].weight
        for i in range(2):
            at = f"encoder_{i}_"
            q = src + pos
            src = parts[at + "norm1"](src + mixed(at + "self_attn", q, q, src))
            src = parts[at + "norm2"](src + parts[at + "linear2"](
                torch.relu(parts[at + "linear1"](src))))
        tgt = torch.zeros_like(query_pos)
        for i in range(2):
            at = f"decoder_{i}_"
            q = tgt + query_pos
            tgt = parts[at + "norm1"](tgt + mixed(at + "self_attn", q, q, tgt))
            tgt = parts[at + "norm2"](tgt + mixed(
                at + "multihead_attn", tgt + query_pos, src + pos, src))
            tgt = parts[at + "norm3"](tgt + parts[at + "linear2"](
                torch.relu(parts[at + "linear1"](tgt))))
        tgt = parts["norm"](tgt)
        box = torch.relu(parts["bbox_embed_0"](tgt))
        box = torch.relu(parts["bbox_embed_1"](box))
        box = torch.sigmoid(parts["bbox_embed_2"](box))
        return torch.cat([parts["class_embed"](tgt), box], -1).detach().numpy()

    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    save(os.path.join(folder, "weights.safetensors"), {
        key: ("F32", tensor.detach().float().numpy())
        for key, tensor in parts.named_parameters()})
    added = {"position": {"added": {"shared": True}}}
    spec = {"model": "detr", "dim": width, "defaults": {
        "norm": LAYER, "mlp": {"hidden": hidden, "act": "relu", "bias": True},
        "attention": {"heads": heads, "bias": True, "mask": "none", **added},
        "cross_attention": {"heads": heads, "bias": True, **added}},
        "encoder": [
            {"patch": {"image": [3, 12, 15], "size": 3, "bias": True}},
            {"repeat": 2, "layers": [
                {"residual": ["attention"]}, "norm",
                {"residual": ["mlp"]}, "norm"]}],
        "decoder": [
            {"queries": {"rows": queries, "values": {"weight": 0}}},
            {"repeat": 2, "layers": [
                {"residual": ["attention"]}, "norm",
                {"residual": ["cross_attention"]}, "norm",
                {"residual": ["mlp"]}, "norm"]},
            "norm", {"outputs": {
                "class": [{"linear": {"to": classes + 1, "bias": True}}],
                "box": [{"linear": {"to": width, "act": "relu",
                                    "bias": True}}] * 2 + [
                    {"linear": {"to": 4, "act": "sigmoid", "bias": True}}]}}]}
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec)
    with open(path, "a") as file:
        file.write("weights: " + json.dumps({
            "files": ["weights.safetensors"], "names": detr_names(width)}))
    program = harness.Program(path, name + "/model")
    images = np.float32(np.random.default_rng(1).standard_normal(
        (5, 3, 12, 15)))
    right = np.stack([run(torch.from_numpy(image).double())
                      for image in images])
    close(f"{name}: classes and boxes as PyTorch", program.run(images), right,
          1e-5)
    close(f"{name}: one image", program.run(images[0]), right[0], 1e-5)
    info = json.loads(program("info", "--json").stdout)
    check(f"{name}: parts have names", info["outputs"] == {
        "class": [0, classes + 1], "box": [classes + 1, 4]}
        and info["queries"] == queries)


def detr_names(width):
    """Ours and those above."""
    names = {"encoder.patch": "patch", "decoder.norm": "norm",
             "decoder.class.linear": "class_embed"}
    for i, suffix in enumerate(("", "_2", "_3")):
        names["decoder.box.linear" + suffix] = f"bbox_embed_{i}"
    for side in ("encoder", "decoder"):
        ours, theirs = side + ".layers.{i}.", side + "_{i}_"
        names[ours + "norm"] = theirs + "norm1"
        names[ours + "norm_2"] = theirs + "norm2"
        names[ours + "mlp.up"] = theirs + "linear1"
        names[ours + "mlp.down"] = theirs + "linear2"
        leaves = [("attention", "self_attn")]
        if side == "decoder":
            names[ours + "norm_3"] = theirs + "norm3"
            leaves.append(("cross_attention", "multihead_attn"))
        for leaf, part in leaves:
            names[ours + leaf + ".output"] = theirs + part + ".out_proj"
    both = {f"{ours}.{kind}": f"{theirs}.{kind}" for ours, theirs in
            names.items() for kind in ("weight", "bias")}
    for side, leaf, part in (("encoder", "attention", "self_attn"),
                             ("decoder", "attention", "self_attn"),
                             ("decoder", "cross_attention",
                              "multihead_attn")):
        for i, letter in enumerate(("query", "key", "value")):
            rows = f"{i * width}:{(i + 1) * width}"
            here = side + ".layers.{i}." + f"{leaf}.{letter}."
            there = side + "_{i}_" + f"{part}.in_proj_"
            both[here + "weight"] = f"{there}weight[{rows}, :]"
            both[here + "bias"] = f"{there}bias[{rows}]"
    return both | {
        "encoder.layers.attention.position.weight": "position.weight",
        "decoder.layers.attention.position.weight": "query_embed.weight",
        "decoder.layers.cross_attention.query_position.weight":
            "query_embed.weight",
        "decoder.layers.cross_attention.key_position.weight":
            "position.weight"}


def main():
    for name, spec in [*row_cases(), *image_cases()]:
        case(name, translator, name, spec)
    chosen = dict(query_cases())
    for name, spec in chosen.items():
        case(name, detector, name, spec)
    rows, images = dict(row_cases()), dict(image_cases())
    for name, spec in (("batch_rows", rows["rows_mapped"]),
                       ("batch_images", images["images_class"]),
                       ("batch_boxes", chosen["boxes"]),
                       ("batch_heard", chosen["rows_to_queries"]),
                       ("batch_int8", chosen["boxes_int8"])):
        case(name, in_a_batch, name, spec)
    for name in ("boxes", "added", "many_queries"):
        case(f"order_{name}", permuted, f"order_{name}", chosen[name])
    case("translates", translates, "translates")
    for name, spec in (("verified_rows", rows["rows_added"]),
                       ("verified_images", images["images_class"]),
                       ("verified_boxes", chosen["added"]),
                       ("verified_heard", chosen["rows_to_queries"]),
                       ("verified_int8", chosen["boxes_int8"])):
        case(name, verified, name, spec)
    case("detr", detr, "detr")


if __name__ == "__main__":
    harness.main(main)
