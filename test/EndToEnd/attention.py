#!/usr/bin/python3
"""Attention by itself: head sizes that fill no vector, groups of heads, windows,
and contexts of many chunks of 1,024 keys. Numbers against the reference, and
the same bits whether a prompt is one step, many, or shared out to threads."""
import os

import numpy as np

import harness
import reference
from checkpoints import RandomWeights
from harness import Program, case, close, same_bits

VOCAB = 61


def spec_of(name, context, layers=1, **attention):
    """Attention with the tables around it, nothing else."""
    return {"model": name, "dim": 20, "context": context, "vocab": VOCAB,
            "defaults": {"norm": {"kind": "rms", "eps": 1.0e-6},
                         "attention": {"mask": "causal", **attention}},
            "layers": ["embed", {"repeat": layers, "layers": [
                {"residual": ["norm", "attention"]}]}, "norm", "logits"]}


SIZES = {
    "five": dict(heads=3, head_dim=5),
    "forty": dict(heads=2, head_dim=40, value_dim=24),
    "eighty": dict(heads=3, kv_heads=1, head_dim=80, value_dim=17),
    "groups_of_eight": dict(heads=16, kv_heads=2, head_dim=16, window=70),
    "groups_of_three": dict(heads=6, kv_heads=2, head_dim=8, softcap=2.0),
    "groups_of_thirteen": dict(heads=13, kv_heads=1, head_dim=12, value_dim=33,
                               window=3),
    "alibi": dict(heads=6, kv_heads=2, head_dim=7, position="alibi"),
    "relative": dict(heads=3, head_dim=12, window=70, position={
        "relative": {"buckets": 9, "distance": 40}}),
}
LONG = {
    "long": dict(heads=4, kv_heads=2, head_dim=8),
    "long_window": dict(heads=2, head_dim=16, window=1030),
    "long_short_window": dict(heads=2, head_dim=16, window=9),
    "long_alibi": dict(heads=2, head_dim=16, position="alibi"),
    "long_relative": dict(heads=4, kv_heads=2, head_dim=8, position={
        "relative": {"distance": 1500}}),
}
# Around the ends of chunks.
LENGTHS = (1023, 1024, 1025, 2049)


def make(name, spec):
    """A program for a spec with random weights, and these."""
    folder = os.path.join(harness.work, name)
    os.makedirs(folder, exist_ok=True)
    weights = RandomWeights(7)
    model = reference.Model(spec, weights)
    model.run([0])
    weights.save(os.path.join(folder, "weights.safetensors"))
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec | {"weights":
                                     {"files": ["weights.safetensors"]}})
    return path, model


def tokens_of(length):
    return np.random.default_rng(length).integers(VOCAB, size=length)


def sizes(name, fields):
    path, model = make(name, spec_of(name, 200, layers=2, **fields))
    program = Program(path, f"{name}/model")
    for length in (1, 12, 65, 147):
        tokens = tokens_of(length)
        got = program.logits(tokens)
        close(f"{name}, {length} rows", got, model.run(tokens))
        for flags in (("--cut", 1), ("--cut", 5, "--threads", 2)):
            same_bits(f"{name}, {length} rows {' '.join(map(str, flags))}",
                      program.logits(tokens, *flags), got)


def long(name, fields):
    path, model = make(name, spec_of(name, 2100, **fields))
    program = Program(path, f"{name}/model")
    for length in LENGTHS:
        tokens = tokens_of(length)
        got = program.logits(tokens)
        close(f"{name}, {length} rows", got, model.run(tokens))
        for flags in (("--cut", 1), ("--cut", 1, "--threads", 2),
                      ("--cut", 3, "--threads", 7), ("--cut", 64),
                      ("--cut", 65, "--threads", 2), ("--threads", 7)):
            same_bits(f"{name}, {length} rows {' '.join(map(str, flags))}",
                      program.logits(tokens, *flags), got)


def long_prefix(name):
    """Chunks of keys that the rows of a prefix see, and that later ones see."""
    spec = spec_of(name, 2100, heads=2, head_dim=16)
    spec["defaults"]["attention"]["mask"] = "prefix"
    path, model = make(name, spec)
    program = Program(path, f"{name}/model")
    for prefix, length in ((300, 1500), (511, 1100)):
        tokens, model.prefix = tokens_of(length), prefix
        got = program.logits(tokens, "--prefix", prefix)
        close(f"{name}, {prefix} of {length} rows", got, model.run(tokens))
        for flags in (("--cut", 512), ("--cut", 600, "--threads", 7)):
            same_bits(f"{name}, {prefix} of {length} rows "
                      f"{' '.join(map(str, flags))}",
                      program.logits(tokens, "--prefix", prefix, *flags), got)


def together(name, fields):
    """Sequences of very different lengths, row by row in the same steps."""
    path, _ = make(name, spec_of(name, 2100, **fields))
    program = Program(path, f"{name}/model")
    sequences = [tokens_of(length) for length in (1100, 1, 2100, 64, 1025, 7)]
    alone = np.concatenate([program.logits(tokens) for tokens in sequences])
    for flags in (("--cut", 1, "--threads", 2), ("--cut", 7), ("--threads", 7)):
        same_bits(f"{name}, together {' '.join(map(str, flags))}",
                  program.logits(*sequences, *flags), alone)


def main():
    for name, fields in SIZES.items():
        case(name, sizes, name, fields)
    for name, fields in LONG.items():
        case(name, long, name, fields)
    case("long_prefix", long_prefix, "long_prefix")
    case("together", together, "long", LONG["long"])


if __name__ == "__main__":
    harness.main(main)
