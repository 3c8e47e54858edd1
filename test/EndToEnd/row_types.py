#!/usr/bin/python3
"""Rows that the caller tells apart: segments of a text, masked rows and masked
patches, against the reference; what is masked does not matter."""
import numpy as np

import harness
from cases import LAYER, PLAIN, RMS, SWIGLU, model
from differential import compiled
from harness import case, close, same_bits

LENGTHS = (1, 7, 65, 130)
BODY = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                {"residual": ["norm", "mlp"]}]}


def said(*sequences):
    """The flag that says types."""
    return ["--types", ";".join(",".join(map(str, s)) for s in sequences)]


def right(expected, data, types):
    expected.row_types = types
    return expected.run(data)


def texts(name, mask, *layers):
    spec = model(38, 61, RMS, PLAIN | {"head_dim": 10, "mask": mask}, SWIGLU,
                 ["embed", *layers, BODY, "norm", "logits"])
    count = layers[0]["types"]["count"]
    replaces = layers[0]["types"].get("use") == "replace"
    program, expected = compiled(name, spec)
    draw = np.random.default_rng(3)
    for length in LENGTHS:
        tokens = draw.integers(61, size=length)
        types = draw.integers(count + replaces, size=length)
        got = program.logits(tokens, *said(types), "--threads", 2)
        close(f"{name}, {length} rows", got, right(expected, tokens, types))
        close(f"{name}, {length} rows without types", program.logits(tokens),
              right(expected, tokens, 0 * tokens))
        if mask == "causal" and length > 1:
            same_bits(f"{name}, {length} rows, cut", program.logits(
                tokens, *said(types), "--cut", 3), got)
        if replaces:
            others = np.where(types > 0, draw.integers(61, size=length), tokens)
            same_bits(f"{name}, {length} rows, other masked tokens",
                      program.logits(others, *said(types)), got)
    pair = [draw.integers(61, size=n) for n in (5, 9)]
    kinds = [draw.integers(count, size=n) for n in (5, 9)]
    same_bits(f"{name}, two at once", program.logits(*pair, *said(*kinds)),
              np.concatenate([program.logits(t, *said(k))
                              for t, k in zip(pair, kinds)]))


def reals(name):
    """Masked rows of reals: speech, series."""
    spec = {k: v for k, v in model(
        23, 1, LAYER, {"heads": 2, "head_dim": 9, "mask": "none"},
        {"hidden": 43, "act": "gelu"},
        [{"rows": {"dim": 7}}, {"types": {"count": 1, "use": "replace"}},
         {"position": "learned"}, BODY, {"linear": {"to": 7}}]).items()
        if k != "vocab"}
    program, expected = compiled(name, spec)
    draw = np.random.default_rng(4)
    for length in LENGTHS:
        rows = draw.standard_normal((length, 7)).astype(np.float32)
        types = draw.integers(2, size=length)
        close(f"{name}, {length} rows", program.run(rows, *said(types)),
              right(expected, rows.astype(float), types))


def images(name, *before):
    """BERT-style masked patches (Bao et al. 2022): each patch is guessed from
    those that are seen."""
    spec = {"model": "masked", "dim": 30, "defaults": {
        "norm": {"kind": "layer", "eps": 1.0e-6},
        "attention": {"heads": 3, "mask": "none", "bias": True},
        "mlp": {"hidden": 51, "act": "gelu", "bias": True}}, "layers": [
            {"patch": {"image": [2, 12, 15], "size": 3, "bias": True}},
            {"types": {"count": 1, "use": "replace"}}, *before,
            {"position": "learned"}, BODY, "norm", {"linear": {"to": 18}}]}
    program, expected = compiled(name, spec)
    draw = np.random.default_rng(5)
    pictures = draw.standard_normal((4, 2, 12, 15)).astype(np.float32)
    types = draw.integers(2, size=(4, 20))
    got = program.run(pictures, *said(*types), "--threads", 2)
    close(f"{name}, 4 images", got, np.stack(
        [right(expected, x.astype(float), t)
         for x, t in zip(pictures, types)]))
    hidden = types.reshape(4, 1, 4, 5).repeat(3, 2).repeat(3, 3) > 0
    others = np.where(hidden, draw.standard_normal(pictures.shape), pictures)
    same_bits(f"{name}, other pixels where it is masked",
              program.run(others, *said(*types)), got)
    same_bits(f"{name}, one by one", np.stack(
        [program.run(x, *said(t)) for x, t in zip(pictures, types)]), got)
    close(f"{name}, nothing masked", program.run(pictures[0]),
          right(expected, pictures[0].astype(float), 0 * types[0]))


def verified():
    for name in ("both_uses", "masked_reals", "masked_class", "masked_stem"):
        harness.verified(name)


def main():
    position = {"position": "learned"}
    case("segments", texts, "segments", "none", {"types": {"count": 2}},
         position)
    case("causal_types", texts, "causal_types", "causal",
         {"types": {"count": 5}})
    case("masked_rows", texts, "masked_rows", "none",
         {"types": {"count": 2, "use": "replace"}}, position)
    case("both_uses", texts, "both_uses", "causal",
         {"types": {"count": 3}}, {"types": {"count": 2, "use": "replace"}})
    case("masked_reals", reals, "masked_reals")
    case("masked_patches", images, "masked_patches")
    case("masked_class", images, "masked_class", {"prepend": "class"},
         {"prepend": {"what": "registers", "rows": 2}})
    case("masked_stem", images, "masked_stem", {"conv": {
        "to": 30, "size": 3, "stride": 2, "pad": 1}}, {"prepend": "class"})
    case("verified", verified)


if __name__ == "__main__":
    harness.main(main)
