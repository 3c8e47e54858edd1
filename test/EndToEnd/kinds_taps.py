#!/usr/bin/python3
"""What the other kinds of attention hand out: latent attention its queries,
keys, values, scores and weights, whatever a session keeps, and attention by
running sums the features whose products stand for weights."""
import numpy as np

from harness import case, check, main as run_cases
from taps import (ALL, HEADS, RMS, against_reference, bits, compiled,
                  expected_tap, tapped)

ROPE = {"position": {"rope": {}}}


def model(leaf, **fields):
    return {"model": "kinds", "dim": 36, "context": 70, "vocab": 59,
            "defaults": {"norm": RMS, leaf: fields,
                         "mlp": {"hidden": 61, "act": "gelu"}},
            "layers": ["embed", {"position": "learned"}, {
                "repeat": 3, "layers": [
                    {"residual": ["norm", leaf]}, {"residual": ["norm", "mlp"]},
                    {"tap": "stream"}]}, {"norm": {"as": "last"}}, "logits"]}


def latent(**fields):
    return model("latent_attention", heads=5, head_dim=14, shared=4, **fields)


def sums(**fields):
    return model("linear_attention", heads=6, tap=HEADS, **fields)


NARROW = ["queries", "scores", "weights"]
MODELS = {
    "narrow": latent(latent=17, mask="causal", tap=NARROW, **ROPE),
    "narrow_still": latent(latent=9, query_latent=11, value_dim=3,
                           mask="causal", tap=NARROW, scale=0.4),
    "narrow_prefix": latent(latent=17, mask="prefix", tap=NARROW, **ROPE),
    "heads": latent(latent=80, value_dim=7, mask="causal", tap=ALL, **ROPE),
    "heads_whole": latent(latent=17, mask="none", tap=ALL, **ROPE),
    "elu": sums(mask="causal"),
    "exp": sums(mask="none", feature="exp", kv_heads=2, value_dim=9),
    "none": sums(mask="causal", feature="none", normalise="1/n", kv_heads=3),
    "retention": sums(mask="causal", feature="relu", normalise="none",
                      decay="fixed", gate="silu",
                      head_norm={"rms": {"eps": 1e-6}}),
    "features": sums(mask="none", normalise="none", kv_heads=2,
                     feature={"random": {"count": 11}}),
    "sums_prefix": sums(mask="prefix", head_dim=5),
}


def relative(name):
    """Queries that are divided by the sum of their weights: their largest
    feature is 1."""
    spec = sums(mask="causal", feature={"random": {"count": 13}})
    program, expected = compiled(name, spec)
    tokens = np.random.default_rng(2).integers(59, size=41)
    what = "layers.linear_attention.queries"
    right = expected_tap(expected, what, tokens)
    _, got = tapped(program, what, tokens)
    off = np.abs(got - right / right.max(-1, keepdims=True)).max()
    check(f"{name}, 41 rows: {what} over their largest", off <= 1e-4,
          f"off by {off:.1e}")


def main():
    for name, spec in MODELS.items():
        case(name, against_reference, name, spec,
             prefix=23 if name.endswith("prefix") else 0)
    for name in ("narrow", "heads", "elu", "features"):
        case("bits", bits, name, MODELS[name])
    for cache in ("bf16", "int8"):
        name = f"narrow_cache_{cache}"
        case(name, against_reference, name, MODELS["narrow"], cache)
    case("relative", relative, "relative")


if __name__ == "__main__":
    run_cases(main)
