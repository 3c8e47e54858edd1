#!/usr/bin/python3
"""The trained translator of examples/translate: its scores are the reference's,
and it writes every number that was held out as the reference does, and right."""
import os
import sys

import numpy as np

import harness
import reference
from checkpoints import load
from harness import EXAMPLES, case, check, close

FOLDER = os.path.join(EXAMPLES, "translate")
sys.path.insert(0, FOLDER)
import numerals
import translate

# What numerals.yaml says.
NUMERALS = {
    "dim": 48, "context": 7, "vocab": 12,
    "source": {"context": 9, "vocab": 30, "start": 10, "end": 11},
    "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                 "attention": {"heads": 4, "mask": "causal", "bias": True},
                 "cross_attention": {"heads": 4, "bias": True},
                 "mlp": {"hidden": 96, "act": "gelu", "bias": True}},
    "encoder": ["embed", {"position": "learned"}, {"repeat": 2, "layers": [
        {"residual": ["norm", {"attention": {"mask": "none"}}]},
        {"residual": ["norm", "mlp"]}]}, "norm"],
    "decoder": ["embed", {"position": "learned"}, {"repeat": 2, "layers": [
        {"residual": ["norm", "attention"]},
        {"residual": ["norm", "cross_attention"]},
        {"residual": ["norm", "mlp"]}]}, "norm", {"logits": {"bias": True}}]}


def held_out(name):
    """Given the right digits up to each place, the next one is the first
    choice: so it writes them without being given any."""
    program = harness.Program(os.path.join(FOLDER, "numerals.yaml"), name)
    tensors = load(os.path.join(FOLDER, "numerals.safetensors"))
    model = reference.Model(NUMERALS, lambda name, *shape: tensors[name])
    numbers = [n for n in range(numerals.LIMIT) if numerals.is_held_out(n)]
    sources = [numerals.source_of(n) for n in numbers]
    targets = [[numerals.START, *numerals.digits_of(n)] for n in numbers]
    got, expected = [], []
    for begin in range(0, len(numbers), 500):
        part = slice(begin, begin + 500)
        got.append(program.logits(*targets[part], "--source",
                                  harness.ids(*sources[part])))
        expected += [model.run(target, source) for target, source
                     in zip(targets[part], sources[part])]
    got, expected = np.concatenate(got), np.concatenate(expected)
    close("numerals' scores", got, expected)
    places = np.cumsum([len(target) for target in targets])[:-1]
    right, same = 0, True
    for target, mine, theirs in zip(targets, np.split(got.argmax(-1), places),
                                    np.split(expected.argmax(-1), places)):
        right += list(mine) == [*target[1:], numerals.END]
        same &= np.array_equal(mine, theirs)
    check("numerals: each held-out number as the reference writes it", same)
    check("numerals: held-out numbers written right", right == len(numbers),
          f"{right} of {len(numbers)}")


def written(name):
    """Without being given digits, to the end token."""
    program = harness.Program(os.path.join(FOLDER, "numerals.yaml"), name)
    for number in (0, 7, 19, 80, 101, 999, 4013, 407013, 600000, 999999):
        text = " ".join(numerals.words_of(number))
        got = translate.translate(program.path, text)
        check(f"numerals: {text}", got == str(number), got)


def main():
    case("held_out", held_out, "held_out")
    case("written", written, "written")


if __name__ == "__main__":
    harness.main(main)
