#!/usr/bin/python3
"""The automata that examples/machines has learnt: what the compiled model says
is the reference's, and the automaton extracted from it is the language's minimal
one, and so right about every string."""
import itertools
import os
import sys

import numpy as np

import harness
import reference
from checkpoints import load
from harness import EXAMPLES, case, check, close

FOLDER = os.path.join(EXAMPLES, "machines")
sys.path.insert(0, FOLDER)
import extract
import languages

# What machine.yaml says.
MACHINE = {
    "dim": 32, "context": 13, "vocab": 3,
    "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                 "attention": {"heads": 4, "mask": "causal", "bias": True},
                 "mlp": {"hidden": 128, "act": "gelu", "bias": True}},
    "layers": ["embed", {"position": "learned"},
               {"residual": ["norm", "attention"]},
               {"residual": ["norm", "mlp"]},
               "norm", {"linear": {"to": 15, "bias": True}}]}


def strings():
    for length in range(extract.LENGTH + 1):
        yield from itertools.product("01", repeat=length)


def machine(language):
    with open(os.path.join(FOLDER, "machine.yaml")) as file:
        text = file.read().replace("tomita1.safetensors", os.path.join(
            FOLDER, language + ".safetensors"))
    spec = os.path.join(harness.work, language + ".yaml")
    with open(spec, "w") as file:
        file.write(text)
    program = harness.Program(spec, language)
    tensors = load(os.path.join(FOLDER, language + ".safetensors"))
    model = reference.Model(MACHINE, lambda name, *shape: tensors[name])
    ids = [extract.BEGIN, *np.random.default_rng(0).integers(0, 2, 12)]
    close(f"{language}'s scores", program.logits(ids), model.run(ids))
    found = extract.extract(program.path)
    wrong = sum(languages.accepts(found, string)
                != bool(languages.MEMBERS[language]("".join(string)))
                for string in strings())
    check(f"{language}: the automaton of {len(found[0])} states, all strings "
          f"up to length {extract.LENGTH}", wrong == 0
          and languages.isomorphic(languages.AUTOMATA[language], found),
          "right and minimal" if wrong == 0 else f"{wrong} strings wrong")


def main():
    for language in languages.AUTOMATA:
        case(language, machine, language)


if __name__ == "__main__":
    harness.main(main)
