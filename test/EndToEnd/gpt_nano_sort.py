#!/usr/bin/python3
"""A trained minGPT that sorts six letters: every input sorted, its float64
logits, and the values that its author's program has after each part, reached
by specs that end there."""
import base64
import json
import os
import re

import numpy as np

import harness
import reference
from checkpoints import RandomWeights
from harness import case, check, close

FOLDER = os.path.join(harness.MODELS, "hf", "gpt-nano-sort")
VALUES = os.path.join(harness.MODELS, "gpt-nano-sort")
WIDTH = 48


def values(name):
    return np.load(os.path.join(VALUES, name + ".npy"))


def sorts():
    program = harness.Program(FOLDER, "sorter")
    for i, (tokens, expected) in enumerate(
            zip(values("tokens_3x11"), values("logits_3x11_f64"))):
        close(f"logits of input {i}", program.logits(tokens), expected)
    # Six letters and their sorting: if each next letter is the first choice
    # after those before it, greedy generation gives it.
    rows = values("sort_greedy_729x12")
    right = sum(np.array_equal(program.logits(row[:11])[5:].argmax(-1),
                               row[6:]) for row in rows)
    check("sorts every input", right == len(rows), f"{right} of {len(rows)}")


def partials():
    path = os.path.join(VALUES, "gpt-nano-sort-t0-partials.json")
    with open(path) as file:
        found = json.load(file)
    return {name: np.frombuffer(base64.b64decode(entry["data"]), "<f4")
            .reshape(entry["shape"]) for name, entry in found.items()
            if isinstance(entry, dict) and "data" in entry}


PARTS = {"embed": "wte", "position": "wpe", "attention.output": "attn.c_proj",
         "mlp.up": "mlp.c_fc", "mlp.down": "mlp.c_proj", "norm": "ln_1",
         "norm_2": "ln_2"}


def source(ours):
    """The checkpoint's expression for one of our names."""
    scope, part, kind = re.fullmatch(r"(layers\.\d+\.)?(.*)\.(\w+)",
                                     ours).groups()
    if part in ("embed", "position"):
        return f"transformer.{PARTS[part]}.{kind}"
    turned = ".T" if kind == "weight" and "norm" not in part else ""
    if part in ("attention.query", "attention.key", "attention.value"):
        begin = WIDTH * ["query", "key", "value"].index(part.split(".")[1])
        columns = f"{begin}:{begin + WIDTH}"
        theirs = f"attn.c_attn.{kind}" + (f"[:, {columns}]" if turned
                                          else f"[{columns}]")
    else:
        theirs = f"{PARTS[part]}.{kind}"
    return f"transformer.h.{'{i}' if scope else '0'}.{theirs}{turned}"


def ends_at(name, layers, expected):
    defaults = {"norm": {"kind": "layer", "eps": 1.0e-5},
                "attention": {"heads": 3, "mask": "causal", "bias": True},
                "mlp": {"hidden": 4 * WIDTH, "act": "gelu_tanh", "bias": True}}
    spec = {"model": "part", "dim": WIDTH, "context": 11, "vocab": 3,
            "defaults": {key: fields for key, fields in defaults.items()
                         if key in str(layers)}, "layers": layers}
    used = RandomWeights()
    reference.Model(spec, used).run([0])
    table = {re.sub(r"^layers\.\d+", "layers.{i}", ours): source(ours)
             for ours in used.values}
    if name == "ln_f":
        table.update({f"norm.{kind}": f"transformer.ln_f.{kind}"
                      for kind in ("weight", "bias")})
    spec["weights"] = {
        "files": [f"{FOLDER}/model.safetensors"],
        "names": {f'"{ours}"': theirs for ours, theirs in table.items()}}
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    harness.write_spec(os.path.join(folder, "spec.yaml"), spec)
    program = harness.Program(os.path.join(folder, "spec.yaml"),
                              name + "/model")
    # Hidden rows: their largest value is no choice of anything.
    for i, tokens in enumerate(values("tokens_3x11")):
        got = program.logits(tokens)
        error = np.abs(got - expected[i]).max() / np.abs(expected[i]).max()
        check(f"{name} of input {i}", error <= 1e-5,
              f"relative error {error:.1e}")


def intermediate():
    known = partials()
    begin = ["embed", {"position": "learned"}]
    first, second = ({"residual": ["norm", part]}
                     for part in ("attention", "mlp"))
    ends = {"x": begin, "ln1": begin + ["norm"],
            "attnResid": begin + [first],
            "ln2": begin + [first, "norm"],
            "mlpResid": begin + [first, second]}
    for count in (1, 2, 3):
        ends[f"block{count - 1}"] = begin + [
            {"repeat": count, "layers": [first, second]}]
    ends["ln_f"] = ends["block2"] + ["norm"]
    for name, layers in ends.items():
        case(name, ends_at, name, layers, known[name])


def main():
    harness.need(FOLDER)
    case("sorts", sorts)
    intermediate()


if __name__ == "__main__":
    harness.main(main)
