#!/usr/bin/python3
"""A context of 32,768 rows: right to its last row, the same bits however it is
cut, and no more memory than the rows in use need."""
import json
import os

import numpy as np

import harness
from harness import case, check, close, same_bits

ROWS, WIDTH, VOCAB = 32768, 16, 8


def program(name, position, *flags):
    """One head of one layer, which sees all rows before."""
    path = os.path.join(harness.work, name + ".yaml")
    harness.write_spec(path, {
        "model": name, "dim": WIDTH, "context": ROWS, "vocab": VOCAB,
        "layers": ["embed", {"residual": ["norm", {"attention": {
            "heads": 1, "mask": "causal", "position": position}}]},
            "norm", {"logits": {"tied": True}}]})
    return harness.Program(path, name, *flags)


def equal_rows():
    """Rows of one token and no positions all see the same, how many ever."""
    got = program("equal", "none").logits([3] * ROWS)
    close("the last rows are as the first", got[-100:],
          np.repeat(got[:1].astype(np.float64), 100, 0))


def cuts():
    model = program("cuts", {"rope": {"theta": 500000}})
    tokens = list(np.random.default_rng(0).integers(0, VOCAB, ROWS))
    whole = model.logits(tokens)
    check("finite", bool(np.isfinite(whole).all()))
    same_bits("cut elsewhere, one thread", whole,
              model.logits(tokens, "--cut", 500, "--threads", 1))


def cached(format, row_bytes):
    """Keys and values of another format, which take what they must."""
    model = program(f"cached_{format}", {"rope": {"theta": 500000}},
                    f"--cache={format}")
    tokens = list(np.random.default_rng(0).integers(0, VOCAB, ROWS))
    whole = model.logits(tokens)
    check("finite", bool(np.isfinite(whole).all()))
    few = ROWS // 16
    same_bits(f"{format}, cut elsewhere, one thread", whole,
              model.logits(tokens, "--cut", 500, "--threads", 1))
    same_bits(f"{format}, row by row", whole[:few],
              model.logits(tokens[:few], "--cut", 1))
    info = json.loads(model("info", "--json").stdout)
    check("the cache is what it must be",
          info["cache_bytes"] == ROWS * row_bytes, info["cache_bytes"])
    check("and says so", info["cache_format"] == format, info["cache_format"])


def memory():
    """Resident beyond what ten rows take: the cache of the rows in use."""
    model = program("memory", "none")

    def bench(rows):
        return json.loads(model("bench", "--json", "--prefill", rows,
                                "--decode", 8, "--repeat", 1).stdout)
    few, some, all_rows = bench(10), bench(ROWS // 16), bench(ROWS - 8)
    cache = all_rows["cache_bytes"]
    check("the cache is what it must be", cache == 2 * 4 * ROWS * WIDTH, cache)
    spare = 512 << 10  # pages of the rows' numbers, of the step, of the system
    for name, found, planned in (("2,048 rows", some, cache // 16),
                                 ("all rows", all_rows, cache)):
        grown = found["resident_bytes"] - few["resident_bytes"]
        check(f"{name} take what is planned", grown <= planned + spare,
              f"{grown} of {planned} bytes")


def main():
    case("equal_rows", equal_rows)
    case("cuts", cuts)
    case("cached", cached, "bf16", 2 * 2 * WIDTH)
    case("cached", cached, "int8", 2 * (WIDTH + 4))
    case("memory", memory)


if __name__ == "__main__":
    harness.main(main)
