#!/usr/bin/python3
"""The published stories260K of llama2.c: its author's greedy text, the ids of
that text, and float64 logits; from the .bin and from the Hugging Face form."""
import os

import numpy as np

import harness
from harness import case, check, close

FOLDER = os.path.join(harness.MODELS, "llama2c")


def values(name):
    return np.load(os.path.join(FOLDER, name + ".npy"))


def numbers(program, name):
    for kind in ("greedy32", "random32"):
        close(f"{name}, {kind}", program.logits(values("tokens_" + kind)),
              values(f"logits_{kind}_f64"))
    tokens = values("tokens_greedy200")
    chosen = program.logits(tokens[:-1]).argmax(-1)
    check(f"{name}, the 200 published ids are the first choices",
          np.array_equal(chosen, tokens[1:]),
          f"{np.sum(chosen == tokens[1:])} of {len(chosen)}")


def from_bin():
    program = harness.Program(os.path.join(FOLDER, "stories260K.bin"), "bin",
                              "--tokenizer=" + os.path.join(FOLDER,
                                                            "tok512.bin"))
    numbers(program, "from .bin")
    with open(os.path.join(FOLDER, "expected_greedy_200.txt"), "rb") as file:
        expected = file.read().strip()
    for threads in (1, 2):
        text = program("generate", "", "-n", 200, "--temperature", 0,
                       "--threads", threads).stdout.strip()
        check(f"the published text, {threads} threads", text == expected,
              "" if text == expected else repr(text))


def from_directory():
    program = harness.Program(
        os.path.join(harness.MODELS, "hf", "stories260K"), "hf")
    numbers(program, "from the directory")


def main():
    harness.need(FOLDER)
    case("bin", from_bin)
    case("directory", from_directory)


if __name__ == "__main__":
    harness.main(main)
