#!/usr/bin/python3
"""Segments that are drawn beside the near ones and the global rows (Zaheer et
al. 2020): over many blocks and chunks of keys against dense attention with that
mask, to the bit in any company; rows that nobody draws are not looked at, and
neither is the work of a row more in a longer sequence."""
import json

import numpy as np

import harness
from attention import VOCAB, make, spec_of, tokens_of
from formulas import drawn_segments
from harness import Program, case, check, close, same_bits

# Published: blocks of 64 rows, the first and both neighbours, 3 drawn.
BLOCKS = dict(mask="none", heads=3, head_dim=8, segment=64, memory=64,
              **{"global": 64}, random={"segments": 3, "seed": 11})
MODELS = {
    "published": BLOCKS,
    "grouped": BLOCKS | dict(heads=6, kv_heads=2, segment=50, memory=3,
                             position="alibi", **{"global": 5}),
    "many": {k: v for k, v in BLOCKS.items() if k != "memory"} | dict(
        heads=2, segment=9, softcap=2.0,
        random={"segments": 256, "seed": 2 ** 31 - 1}),
}
LENGTHS = (1, 65, 700, 1090, 2100)


def against_dense(name, fields):
    path, model = make(name, spec_of(name, 2100, layers=2, **fields))
    program = Program(path, f"{name}/model")
    sequences = [tokens_of(length) for length in LENGTHS]
    alone = []
    for tokens in sequences:
        alone.append(program.logits(tokens))
        close(f"{name}, {len(tokens)} rows", alone[-1], model.run(tokens))
        same_bits(f"{name}, {len(tokens)} rows, 7 threads",
                  program.logits(tokens, "--threads", 7), alone[-1])
    for threads in (1, 2):
        same_bits(f"{name}, all at once, {threads} threads", program.logits(
            *sequences, "--threads", threads), np.concatenate(alone))


def seen_by(x, heads, rows):
    """Segments that one sees, as BLOCKS says."""
    drawn = drawn_segments(11, 3, heads, 64, 64, 64, 0)
    return {0, x - 1, x, x + 1} | {s for h in range(heads)
                                   for s in drawn(h, x, rows)}


def not_looked_at():
    """A row that is infinite spoils those that see its segment: 0 times its
    values is no number."""
    path, model = make("spoiled", spec_of("spoiled", 1024, **BLOCKS))
    tokens = np.random.default_rng(1).integers(1, VOCAB, size=1024)
    right = Program(path, "spoiled/model").logits(tokens)
    model.weight.stored["embed.weight"][0] = np.inf
    model.weight.save(path.replace("spec.yaml", "weights.safetensors"))
    program = Program(path, "spoiled/other")
    for bad in (2, 7, 15):
        spoiled = tokens.copy()
        spoiled[64 * bad + 17] = 0
        got = program.logits(spoiled)
        segments = [x for x in range(1, 16)
                    if bad not in seen_by(x, 3, 1024)]
        # Tiles of rows may reach from one segment into the next.
        kept = np.concatenate([range(64 * x + 16, 64 * x + 48)
                               for x in segments])
        same_bits(f"rows that do not see segment {bad}", got[kept],
                  right[kept])
        others = np.setdiff1d(range(1024), kept)
        check(f"rows that may see segment {bad}: some are spoiled",
              np.isnan(got[others]).any() and 0 < len(segments) < 15,
              f"{len(segments)} of 16 segments do not see it")


def work():
    """Twice and four times the rows take about as much more time."""
    path, _ = make("work", spec_of("work", 8192, **BLOCKS | {"head_dim": 64}))
    program, times = Program(path, "work/model"), {}
    for rows in (2048, 4096, 8192) * 3:
        best = json.loads(program("bench", "--prefill", rows, "--threads", 1,
                                  "--json").stdout)["prefill_best_ms"]
        times[rows] = min(best, times.get(rows, best))
    check("work: the time of a row among 2048 and among 8192",
          times[8192] <= 1.5 * 4 * times[2048], ", ".join(
              f"{1000 * t / n:.1f} us among {n}" for n, t in times.items()))


def main():
    for name, fields in MODELS.items():
        case(name, against_dense, name, fields)
    case("not_looked_at", not_looked_at)
    case("work", work)
    case("verified", harness.verified, "published")


if __name__ == "__main__":
    harness.main(main)
