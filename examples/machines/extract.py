#!/usr/bin/python3
"""Draws the automaton that a compiled machine.yaml has learnt, in Graphviz's
language.

    extract.py PROGRAM > machine.dot

Every string of twelve symbols goes through the model. What it says of the
continuations of the shorter prefixes is clustered: a cluster is a state, the
state after one more symbol is where most of its prefixes go, and it accepts if
the model says so of most of them. The fewest clusters count whose automaton
accepts what the model accepts.
Needs Debian's python3-sklearn."""
import itertools
import os
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.cluster import AgglomerativeClustering

LENGTH, BEGIN = 12, 2
CLUSTERED, MOST_STATES = 9, 8  # the length of the prefixes that are clustered


def read(program, strings):
    """What the program makes of the strings, their rows one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "scores.npy")
        subprocess.run(
            [program, "logits", "-o", path, "--tokens",
             ";".join(",".join(map(str, (BEGIN, *s))) for s in strings)],
            check=True)
        return np.load(path).reshape(len(strings), LENGTH + 1, -1)


def observe(program):
    """The scores of each prefix: [prefixes, suffixes]. Prefixes are numbered
    like the nodes of a heap: that of s and then symbol a is 2 s + 1 + a."""
    strings = list(itertools.product((0, 1), repeat=LENGTH))
    chunks = [read(program, strings[i:i + 1024])
              for i in range(0, len(strings), 1024)]  # a command has its limit
    rows = np.concatenate(chunks)
    # Of the strings with a prefix of n symbols, the first.
    return np.concatenate([rows[::2 ** (LENGTH - n), n]
                           for n in range(LENGTH + 1)])


def most(values, count):
    """The most frequent of some numbers below `count`."""
    return int(np.bincount(values, minlength=count).argmax())


def automaton(scores, count):
    """States by clustering, as (next states, accepting), the first one 0; and
    how many prefixes it accepts as the model does."""
    believed = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    states = AgglomerativeClustering(
        count, linkage="complete").fit_predict(believed)
    order = [int(states[0])] + [s for s in range(count) if s != states[0]]
    states = np.argsort(order)[states]
    accepted = (scores[:, 0] > 0).astype(int)
    before = np.arange(len(states) // 2)
    moves, accepting = [], set()
    for state in range(count):
        inside = before[states[before] == state]
        moves.append(tuple(most(states[2 * inside + 1 + a], count)
                           for a in (0, 1)))
        if most(accepted[states == state], 2):
            accepting.add(state)
    reached = np.zeros(len(states), int)
    for prefix in before:
        for a in (0, 1):
            reached[2 * prefix + 1 + a] = moves[reached[prefix]][a]
    same = np.isin(reached, list(accepting)) == accepted
    return (tuple(moves), accepting), int(same.sum())


def extract(program):
    """The automaton of the fewest states that accepts as many prefixes as the
    model as any."""
    scores = observe(program)[:2 ** (CLUSTERED + 1) - 1]
    found = [automaton(scores, count) for count in range(1, MOST_STATES + 1)]
    return max(found, key=lambda one: one[1])[0]  # of equals the first


def draw(found):
    moves, accepting = found
    lines = ["digraph machine {", "  rankdir=LR; node [shape=circle]",
             '  start [shape=none, label=""]; start -> 0']
    lines += [f"  {state} [shape=doublecircle]" for state in sorted(accepting)]
    lines += [f"  {state} -> {after[a]} [label={a}]"
              for state, after in enumerate(moves) for a in (0, 1)]
    return "\n".join([*lines, "}"])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(draw(extract(os.path.abspath(sys.argv[1]))))
