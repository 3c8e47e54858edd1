#!/usr/bin/python3
"""The constructed models of examples/programs: every string of their letters up
to a length, against plain Python. The output rows must be exactly one-hot."""
import itertools
import os
import random

import numpy as np

import harness
from harness import EXAMPLES, case, check

FOLDER = os.path.join(EXAMPLES, "programs")


def words(letters, lengths):
    for length in lengths:
        yield from itertools.product(range(letters), repeat=length)


def compare(name, strings, expected):
    """`expected(string)` is the value of each row."""
    program = harness.Program(os.path.join(FOLDER, name + ".yaml"), name)
    count = wrong = 0
    worst, example = 0.0, None
    strings = iter(strings)
    # A command line holds 128 KB.
    while chunk := list(itertools.islice(strings, 2500)):
        rows = program.logits(*chunk)
        at = 0
        for string in chunk:
            got = rows[at:at + len(string)]
            at += len(string)
            want = np.eye(rows.shape[1])[list(expected(string))]
            worst = max(worst, np.abs(got - want).max())
            if not np.array_equal(got.argmax(1), want.argmax(1)):
                wrong += 1
                example = example or (string, got.argmax(1), want.argmax(1))
            count += 1
    check(f"{name}: {count} strings", wrong == 0 and worst <= 1e-5,
          f"largest deviation {worst:.1e}" if wrong == 0 else
          f"{wrong} wrong, the first {example}")


def double_histogram(string):
    often = {c: string.count(c) for c in string}
    return [sum(n == often[c] for n in often.values()) for c in string]


def most_frequent(string):
    first = list(dict.fromkeys(string))
    first.sort(key=lambda c: -string.count(c))
    return first + [4] * (len(string) - len(first))


def brackets(string, nested):
    """For each prefix 0: balanced, 1: could become so, 2: never. 2k opens and
    2k + 1 closes the k-th kind."""
    open_ones, never, states = [], False, []
    for symbol in string:
        kind = symbol // 2
        if symbol % 2 == 0:
            open_ones.append(kind)
        elif nested and open_ones and open_ones[-1] == kind:
            open_ones.pop()
        elif not nested and kind in open_ones:
            open_ones.remove(kind)
        else:
            never = True
        states.append(2 if never else 1 if open_ones else 0)
    return states


def nesting(count, length):
    """Strings of two kinds of brackets that mostly close what is open."""
    drawn = random.Random(1)
    for _ in range(count):
        string, open_ones = [], []
        for _ in range(length):
            if open_ones and (len(open_ones) == 4 or drawn.random() < 0.5):
                kind = open_ones.pop()
                string.append(2 * (kind if drawn.random() < 0.95 else 1 - kind)
                              + 1)
            else:
                open_ones.append(drawn.randrange(2))
                string.append(2 * open_ones[-1])
        yield tuple(string)


def accepts(holds):
    return lambda string: [0 if holds(string[:i + 1]) else 1
                           for i in range(len(string))]


def main():
    four = list(words(4, range(1, 7)))
    case("histogram", compare, "histogram", four,
         lambda s: [s.count(c) for c in s])
    case("reverse", compare, "reverse", four, lambda s: s[::-1])
    case("sort", compare, "sort", four, sorted)
    case("double_histogram", compare, "double_histogram", four,
         double_histogram)
    case("most_frequent", compare, "most_frequent", four, most_frequent)
    # Rows of causal models see what is before them: strings of one length
    # hold all shorter ones.
    case("dyck1", compare, "dyck1", words(2, [14]),
         lambda s: brackets(s, True))
    case("shuffle_dyck2", compare, "shuffle_dyck2", words(4, [7]),
         lambda s: brackets(s, False))
    case("dyck2", compare, "dyck2", words(4, [7]), lambda s: brackets(s, True))
    case("dyck2", compare, "dyck2", nesting(2000, 10),
         lambda s: brackets(s, True))
    case("shuffle_dyck2", compare, "shuffle_dyck2", nesting(2000, 10),
         lambda s: brackets(s, False))
    two = list(words(2, [12]))
    for name, holds in (("ends_with_a", lambda s: s[-1] == 0),
                        ("starts_with_a", lambda s: s[0] == 0),
                        ("contains_a", lambda s: 0 in s),
                        ("contains_ab",
                         lambda s: (0, 1) in zip(s, s[1:]))):
        case(name, compare, name, two, accepts(holds))


if __name__ == "__main__":
    harness.main(main)
