#!/usr/bin/python3
"""Writes test/CONFORMANCE.md from the log of the last `ctest`: which claim of
the literature is checked where, and what came out.

    test/conformance.py build/Testing/Temporary/LastTest.log > test/CONFORMANCE.md

A new row is a line in ROWS: its id, what must hold, the ctest entry, and a
pattern of the lines that the test prints for it."""
import re
import sys

ROWS = [
    ("R1", "RASP: histogram", "e2e.programs", r"histogram:"),
    ("R2", "RASP: reverse", "e2e.programs", r"reverse:"),
    ("R3", "RASP: sort", "e2e.programs", r"sort:"),
    ("R4", "RASP: double histogram, most frequent first", "e2e.programs",
     r"(double_histogram|most_frequent):"),
    ("R5", "RASP: Dyck-1", "e2e.programs", r"dyck1:"),
    ("R6", "RASP: shuffle-Dyck-2, Dyck-2", "e2e.programs",
     r"(shuffle_)?dyck2:"),
    ("F2", "finite-state languages that few symbols decide", "e2e.programs",
     r"(ends|starts|contains)_\w+:"),
    ("F1", "automata extracted from models trained on regular languages",
     "e2e.machines", r"tomita\d: the automaton"),
    ("G1", "1 to 20 layers are as many steps of gradient descent",
     "e2e.constructions", r"(gradient_descent:|descent from)"),
    ("G2", "GD++", "e2e.constructions", r"curvature:"),
    ("L1", "Z + 1/n P Z M (Z' Q Z), 1 to 4 layers; loss at the optimum",
     "e2e.constructions", r"(linear attention|one_step):"),
    ("E1", "real rows in, real values out", "e2e.differential", r"rows_\w+,"),
    ("E2", "piecewise constant functions by the nearest stored point",
     "e2e.constructions", r"nearest_point:"),
    ("T11", "linear, relu and hard attention", "e2e.differential",
     r"(linear|relu|hard)_(scores|rows|but_last|sum),"),
    ("N2", "biases by distance: ALiBi, buckets of T5", "e2e.differential",
     r"(encoder_)?(alibi|relative)\w*,"),
    ("N3", "ALiBi in Turner's transformer", "e2e.turner", r"alibi,"),
    ("T3", "heads with value maps of full width, summed", "e2e.differential",
     r"(sum_of_heads|linear_sum),"),
    ("K1", "caches of bf16 and int8, bit for bit", "e2e.arithmetic",
     r"cache of"),
    ("T10", "stacked encoder and decoder with cross-attention",
     "e2e.translators", r"\w+, (\d+ and \d+ rows|reference|compiled)"),
    ("C-E-encdec", "encoder-decoder: padded equals unpadded, to the bit",
     "e2e.translators", r"batch(_int8)?:"),
    ("C-E-encdec", "encoder-decoder: a trained transliterator", "e2e.seq2seq",
     r"aren"),
]


def results(log):
    """The lines of each test's output, by its name."""
    texts, name = {}, None
    with open(log, errors="replace") as file:
        for line in file:
            started = re.match(r"\d+/\d+ Test: (\S+)", line)
            if started:
                name = started[1]
                texts[name] = []
            elif name:
                texts[name].append(line.rstrip("\n"))
    return texts


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    texts = results(sys.argv[1])
    print("# Conformance\n\nWritten by `test/conformance.py` from the results "
          "of the tests.\n\n| row | claim | test | checks | result |\n"
          "|---|---|---|---|---|")
    for row, claim, test, pattern in ROWS:
        checks = [line for line in texts.get(test, [])
                  if re.match(r"(ok|FAIL) +" + pattern, line)]
        failed = sum(line.startswith("FAIL") for line in checks)
        result = ("not run" if not checks else
                  f"{failed} failed" if failed else "passed")
        print(f"| {row} | {claim} | `{test}` | {len(checks)} | {result} |")


if __name__ == "__main__":
    main()
