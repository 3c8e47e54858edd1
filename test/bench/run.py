#!/usr/bin/python3
"""Speed of compiled models of well-known geometries (random weights), in
percent of what this machine can do and beside other engines.

    run.py [COMPILER] [--only SECTIONS] [--rounds N] [--threads 1,2] [--write]

Everything in a row is measured in turn, round by round; the best counts. Peers
are timed when FOLDER has their scripts (by default ../shared/bench beside this
project) and these are set up. --write puts the rows into README.md and leaves
the others as they are."""
import argparse
import datetime
import os
import platform
import shutil
import sys
import tempfile
import time

from own import Own
from peers import Peers
from rows import table
from sections import SECTIONS

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


class Bench:
    def __init__(self, options, folder):
        self.own = Own(options.compiler, folder)
        self.peers = Peers(os.path.abspath(options.peers))
        self.rounds = options.rounds
        self.threads = [int(n) for n in options.threads.split(",")]
        self.formats = options.formats.split(",")


def machine():
    with open("/proc/cpuinfo") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    flags = fields.get("flags", "").split()
    vectors = {"avx512f": "AVX-512", "avx2": "AVX2"}
    known = next((v for flag, v in vectors.items() if flag in flags), "")
    return f"{fields.get('model name', platform.machine())} {known}".strip() + \
        f", {os.cpu_count()} CPUs, {platform.system()} {platform.release()}"


def write(name, lines):
    """Into the section of README.md: rows of the same work and threads are
    replaced, others stay."""
    path = os.path.join(HERE, "README.md")
    with open(path) as file:
        before, *parts = file.read().split("\n### ")
    sections = {part.split("\n")[0]: part.split("\n") for part in parts}
    rows = {}
    for line in sections.get(name, []) + lines:
        cells = line.split(" | ")
        if line.startswith("| ") and cells[0] != "| work":
            rows[cells[0], cells[1]] = line
    head = [line for line in lines if tuple(line.split(" | ")[:2]) not in rows]
    sections[name] = [name, "", *head, *rows.values()]
    with open(path, "w") as file:
        file.write("\n### ".join([before.rstrip() + "\n"] + [
            "\n".join(part).rstrip() + "\n" for part in sections.values()]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("compiler", nargs="?", default=os.path.join(
        SOURCE, "build", "bin", "transformer-compile"))
    parser.add_argument("--only", default=",".join(SECTIONS),
                        help="some of " + ", ".join(SECTIONS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--formats", default="f32,bf16,int8,int4",
                        help="of the weights that decoding reads")
    parser.add_argument("--peers", default=os.path.join(
        SOURCE, "..", "shared", "bench"))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",")
    for name in names:
        if name not in SECTIONS:
            parser.error(f"no section '{name}'")

    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        bench = Bench(options, folder)
        for name in names:
            start = time.perf_counter()
            rows = list(SECTIONS[name](bench))
            bench.own.forget()
            lines = [f"{datetime.date.today()}, {machine()}, best of "
                     f"{options.rounds} rounds.", "", *table(rows)]
            print(f"### {name}\n", *lines, "", sep="\n", flush=True)
            print(f"{name}: {time.perf_counter() - start:.0f} s",
                  file=sys.stderr)
            if options.write:
                write(name, lines)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
