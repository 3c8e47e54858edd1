#!/usr/bin/python3
"""Register tiles never change a bit, neither ones from a file nor those that
transformer-tune finds."""
import os

import harness
from bits import MODELS
from harness import Program, case, check, must, same_bits

TOKENS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8]


def spec_file(name):
    path = os.path.join(harness.work, name + ".yaml")
    harness.write_spec(path, MODELS[name])
    return path


def schedule(name, tiles):
    path = os.path.join(harness.work, name + ".schedule.yaml")
    with open(path, "w") as file:
        for kernel, (rows, vectors) in tiles.items():
            file.write(f"{kernel}: {{rows: {rows}, vectors: {vectors}}}\n")
    return "--schedule=" + path


def tiles(name, cpu, *flags):
    """Narrow tiles of few rows, and wide ones of one; the tied table of gpt2
    is cut anew for the embedding too."""
    gated = MODELS[name]["defaults"]["mlp"].get("gated")
    chosen = {"layers.attention." + ("value" if name == "qk" else
                                     "query+key+value"): (5, 1),
              "layers.attention.output": (1, 4),
              "layers.mlp.gate+up" if gated else "layers.mlp.up": (3, 2),
              "layers.mlp.down": (2, 3), "logits": (2, 2)}
    machine = ("--mcpu=" + cpu, "--seed=1") + flags
    path, label = spec_file(name), "_".join((name, cpu) + flags)
    default = Program(path, label + "_target", *machine)
    other = Program(path, label + "_file", schedule(label, chosen), *machine)
    same_bits(f"{name} for {cpu} {' '.join(flags)}", other.logits(TOKENS),
              default.logits(TOKENS))


def tuned():
    spec, out = spec_file("llama"), os.path.join(harness.work, "tuned.yaml")
    tune = os.path.join(os.path.dirname(harness.compiler), "transformer-tune")
    result = must(tune, "-o", out, "--prefill=40", "--decode=2", "--seconds=1",
                  spec, "--seed=1")
    check("every matmul is measured",
          all(kernel in result.stdout.decode() for kernel in
              ("layers.mlp.gate+up", "layers.mlp.down", "logits")))
    with open(out) as file:
        check("the file says where it comes from",
              file.read().startswith("# Measured by transformer-tune"))
    same_bits("tuned", Program(spec, "tuned", "--seed=1",
                               "--schedule=" + out).logits(TOKENS),
              Program(spec, "untuned", "--seed=1").logits(TOKENS))


def main():
    for name in ("llama", "gpt2", "qk"):
        case("tiles", tiles, name, "x86-64-v3")
    case("tiles", tiles, "llama", "x86-64-v3", "--weights=int4")
    case("tuned", tuned)


if __name__ == "__main__":
    harness.main(main)
