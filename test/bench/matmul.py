#!/usr/bin/python3
"""Speed of matmuls in each number format, in percent of what the instruction of
that format can do here, or of the bandwidth of memory.

    matmul.py [COMPILER] [--rounds N] [--threads N] [--write]

The program is 16 times a map from 768 to 3072 columns and one back, on random
weights: with the quantising of rows that the format asks for, and nothing else
that counts. Everything is measured in turn, the best of the rounds counts.
--write puts the table into README.md."""
import argparse
import datetime
import json
import os
import shutil
import tempfile

from run import HERE, SOURCE, Best, command, machine

WEIGHTS = 16 * 2 * 768 * 3072
SPEC = """\
model: matmul
dim: 768
context: 512
vocab: 64
layers:
  - embed: {dtype: f32}
  - repeat: 16
    layers:
      - linear: {to: 3072}
      - linear: {to: 768}
  - logits
"""
ROWS = (1, 4, 64, 128, 512)
# Name, flags, and the limit that roof.c measures.
FORMATS = (("f32", (), "gflops"), ("bf16", ("--weights=bf16",), "gflops"),
           ("bf16, --compute=bf16", ("--compute=bf16",), "bf16_gflops"),
           ("int8", ("--weights=int8",), "int8_gops"),
           ("int4", ("--weights=int4",), "int8_gops"))
START, END = "<!-- matmul.py -->\n", "<!-- end of matmul.py -->\n"


def measure(programs, roof, rounds, threads):
    best = Best()
    for _ in range(rounds):
        for key, value in json.loads(command(roof, threads)).items():
            best.most(key, value)
        for name, program in programs.items():
            for rows in ROWS:
                result = json.loads(command(
                    program, "bench", "--prefill", rows, "--decode", 0,
                    "--threads", threads, "--repeat", 5, "--json"))
                best.most((name, rows), result["prefill_tokens_per_second"])
                best[name, "bytes"] = result["weights_bytes"]
    return best


def table(best, threads):
    unit = "" if threads == 1 else "s"
    lines = [
        f"{threads} thread{unit}; limits: {best['gflops']:.0f} GFLOP/s in f32, "
        f"{best.get('bf16_gflops', 0):.0f} by vdpbf16ps, "
        f"{best.get('int8_gops', 0):.0f} GOP/s by vpdpbusd, "
        f"{best['gbytes']:.1f} GB/s.", "",
        "| weights | 1 row | " + " | ".join(
            f"{rows} rows" for rows in ROWS[1:]) + " |",
        "|---" * (len(ROWS) + 1) + "|"]
    for name, _, limit in FORMATS:
        if (name, 1) not in best:
            continue
        speed = 1e-9 * best[name, "bytes"] * best[name, 1]
        cells = [f"{speed:.1f} GB/s, {100 * speed / best['gbytes']:.0f}%"]
        for rows in ROWS[1:]:
            speed = 2e-9 * WEIGHTS * best[name, rows]
            share = f", {100 * speed / best[limit]:.0f}%" if limit in best \
                else ""
            cells.append(f"{speed:.0f}{share}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("compiler", nargs="?", default=os.path.join(
        SOURCE, "build", "bin", "transformer-compile"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        roof = os.path.join(folder, "roof")
        command("cc", "-O2", "-march=native", "-pthread",
                os.path.join(HERE, "roof.c"), "-o", roof)
        spec = os.path.join(folder, "matmul.yaml")
        with open(spec, "w") as file:
            file.write(SPEC)
        limits = json.loads(command(roof, 1))
        programs = {}
        for i, (name, flags, limit) in enumerate(FORMATS):
            if limit == "bf16_gflops" and limit not in limits:
                continue  # no such instruction here
            programs[name] = os.path.join(folder, f"matmul{i}")
            command(options.compiler, spec, *flags, "-o", programs[name])
        best = measure(programs, roof, options.rounds, options.threads)
    finally:
        shutil.rmtree(folder)
    lines = [f"{datetime.date.today()}, {machine()}, best of "
             f"{options.rounds} rounds, GOP/s and percent of the limit.", ""]
    text = "\n".join(lines + table(best, options.threads)) + "\n"
    print(text, end="")
    if options.write:
        path = os.path.join(HERE, "README.md")
        with open(path) as file:
            before, rest = file.read().split(START)
        with open(path, "w") as file:
            file.write(before + START + "\n" + text + "\n" + END
                       + rest.split(END)[1])


if __name__ == "__main__":
    main()
