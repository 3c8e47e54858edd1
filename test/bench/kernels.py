"""Sections on single kernels and the pool: each yields its rows."""
import json
import os
import subprocess

from race import FORMATS, own_prefill, race
from rows import Row


def attention(bench):
    for threads in bench.threads:
        best, _ = race(bench, threads, {"ours": own_prefill(
            bench, threads, (1024,), 3, model="attention")})
        layers, heads, size, width, rows = 12, 12, 64, 16, 1024
        operations = layers * (2 * rows * rows * heads * size
                               + 8 * rows * width * heads * size)
        yield Row("attention, 12 layers of 12 heads, 1,024 rows, causal",
                  threads, best["ours", f"prefill_{rows}"]) \
            .limit(operations / 1e6
                   / best.limits["ours", f"prefill_{rows}"]["gflops"], .75)


def matmul(bench):
    shapes = ((768, 768), (768, 3072), (2048, 5632))
    for threads in bench.threads:
        dense = bench.peers.onednn(threads)
        for width, hidden in shapes:
            replace = (("WIDTH", width), ("HIDDEN", hidden))
            lengths = (4, 16, 33, 64, 127, 128, 512)
            best, _ = race(bench, threads, {"ours": own_prefill(
                bench, threads, lengths, 5, model="matmul",
                replace=replace)})
            for rows in lengths:
                operations = 12 * 2 * rows * width * hidden
                row = Row(f"matmul {rows} × {width} × {hidden} and back, f32",
                          threads, best["ours", f"prefill_{rows}"])
                row.limit(operations / 1e6 / best.limits[
                    "ours", f"prefill_{rows}"]["gflops"],
                    .92 if rows >= 64 else None)
                speeds = [dense.get(f"gemm_packed M={rows} K={k} N={n}")
                          for k, n in ((width, hidden), (hidden, width))]
                if all(speeds):
                    took = sum(operations / 2 / speed / 1e6
                               for speed in speeds)
                    row.peers({"oneDNN": took},
                              {"": .98 if threads == 1 else 1})
                yield row
        bench.own.forget()


def formats(bench):
    """Matmuls in each format beside the limit of its instruction."""
    width, hidden = 768, 3072
    lengths = (1, 4, 64, 128, 512)
    replace = (("WIDTH", width), ("HIDDEN", hidden), ("repeat: 6", "repeat: 16"),
               ("share: true", "share: false"), ("- embed", "- embed: {dtype: f32}"),
               ("{tied: true}", "{}"))
    # Bytes of a weight, and the limit of many rows.
    kinds = {"f32": (4, "gflops"), "bf16": (2, "gflops"),
             "bf16 by bf16": (2, "bf16_gflops"), "int8": (34 / 32, "int8_gops"),
             "int4": (18 / 32, "int8_gops")}
    flags = FORMATS | {"bf16 by bf16": ("--compute=bf16",)}
    for threads in bench.threads:
        best, refused = race(bench, threads, {
            name: own_prefill(bench, threads, lengths, 5, *flags[name],
                              model="matmul", replace=replace)
            for name in kinds})
        for name, (size, limit) in kinds.items():
            if name in refused:
                yield Row(name, threads, refused=refused[name])
                continue
            for rows in lengths:
                key = name, f"prefill_{rows}"
                limits, weights = best.limits[key], 32 * width * hidden
                row = Row(f"matmul {rows} × {width} × {hidden} and back, {name}",
                          threads, best[key] / 16)
                if rows == 1:
                    row.limit(size * weights / 16e6 / limits["gbytes"],
                              .85 if name == "int4" else .95)
                elif limit in limits:
                    row.limit(rows * weights / 8e6 / limits[limit])
                if rows >= 64:
                    row.goal("times f32", best["f32", f"prefill_{rows}"]
                             / best[key], {"bf16 by bf16": 1.65, "int8": 2.5}
                             .get(name), True)
                yield row
    bench.own.forget()


def regions(bench):
    """The pool itself: see regions.c."""
    source = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    program = os.path.join(bench.own.folder, "regions")
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-I", source, "-pthread",
                    *(os.path.join(source, path) for path in (
                        "test/bench/regions.c", "runtime/pool.c",
                        "runtime/cpu.c", "runtime/memory.c")),
                    "-o", program], check=True)
    for threads, others in ((2, 0), (2, 1), (2, 2), (3, 0)):
        runs = [json.loads(subprocess.run(
            [program, str(threads), str(others)], capture_output=True,
            text=True, check=True).stdout) for _ in range(bench.rounds)]
        # The least is that of a thread which has a CPU with its pool asleep.
        empty = max(run["empty_us"] for run in runs)
        speedup = max(run["speedup"] for run in runs)
        beside = f" beside {others} busy threads" if others else ""
        row = Row(f"an empty region{beside}", threads, empty, "µs")
        if not others and threads == 2:
            row.most(.5)
        yield row.goal("times the work of one thread", speedup, 1, True)
