#!/usr/bin/python3
"""A small GPT-2 checkpoint: float64 logits, those of ONNX Runtime, and the
greedy ids that ONNX Runtime's own tests expect."""
import json
import os

import numpy as np

import harness
from harness import case, check, close

FOLDER = os.path.join(harness.MODELS, "tiny-random-gpt2")


def values(name):
    return np.load(os.path.join(FOLDER, name + ".npy"))


def compare():
    program = harness.Program(FOLDER, "model")
    got = program.logits(values("tokens32"))
    close("logits", got, values("logits_f64"))
    close("logits of ONNX Runtime", got, values("logits_onnxruntime_f32"))
    with open(os.path.join(FOLDER, "expected_greedy.json")) as file:
        for ids in json.load(file)["greedy"]:
            chosen = program.logits(ids[:-1])[3:].argmax(-1)
            check(f"greedy from {ids[:4]}", list(chosen) == ids[4:],
                  list(chosen))


def main():
    harness.need(FOLDER)
    case("compare", compare)


if __name__ == "__main__":
    harness.main(main)
