"""The sections of the table: each yields its rows."""
import glob
import json
import os
import re
import statistics
import subprocess
import time

import work
from own import Refused, timed
from rows import Row

FORMATS = {"f32": (), "bf16": ("--weights=bf16",), "int8": ("--weights=int8",),
           "int4": ("--weights=int4",)}
LLAMA = {"f32": "f32", "bf16": "bf16", "int8": "q8_0", "int4": "q4_0"}


class Best(dict):
    """The least value of each (name, metric); `limits` are those measured just
    before and after it, the higher of the two."""

    def __init__(self):
        super().__init__()
        self.limits = {}

    def add(self, name, found, before, after):
        for metric, value in found.items():
            key = name, metric
            if key not in self or value < self[key]:
                self[key] = value
                self.limits[key] = {limit: max(before[limit], after[limit])
                                    for limit in before}

    def of(self, metric, *names):
        return {name: self[name, metric] for name in names
                if (name, metric) in self}


def race(bench, threads, contestants):
    """Times all in turn, round by round, so that a disturbance hits all alike;
    the best figure of each counts. Also what was refused, and why."""
    best, refused = Best(), {}
    before = bench.own.limits(threads)
    for _ in range(bench.rounds):
        for name, run in contestants.items():
            try:
                found = run()
            except Refused as error:
                refused[name] = str(error)
                continue
            after = bench.own.limits(threads)
            best.add(name, found, before, after)
            before = after
    return best, refused


def own_prefill(bench, threads, lengths, repeat, *flags, model="gpt2",
                replace=()):
    def run():
        program = bench.own.program(model, *flags, replace=replace)
        found = {}
        for rows in lengths:
            result = bench.own.bench(program, threads, "--prefill", rows,
                                     "--decode", 0, "--repeat", repeat)
            found[f"prefill_{rows}"] = result["prefill_best_ms"]
        return found
    return run


def prefill(bench, rows):
    case, metric = f"prefill:{rows}", f"prefill_{rows}"
    for threads in bench.threads:
        def ours(*flags, threads=threads):
            return own_prefill(bench, threads, (rows,), 2, *flags)
        best, refused = race(bench, threads, {
            "f32": ours(),
            "bf16": ours("--weights=bf16", "--compute=bf16"),
            "int8": ours("--weights=int8"),
            "onnxruntime": lambda: bench.peers.onnxruntime(
                "gpt2", "fused", threads, case),
            "onnxruntime int8": lambda: bench.peers.onnxruntime(
                "gpt2", "fused-q8", threads, case),
            "torch": lambda: bench.peers.torch("gpt2", threads, case),
            "llama.cpp": lambda: bench.peers.llama(
                "gpt2", "f32", threads, case),
        })
        own = best["f32", metric]
        limit = work.operations("gpt2", rows) / 1e6 \
            / best.limits["f32", metric]["gflops"]
        yield Row(f"GPT-2 prefill {rows}, f32", threads, own) \
            .limit(limit, .90) \
            .peers(best.of(metric, "onnxruntime", "torch", "llama.cpp"),
                   {"onnxruntime": 1.3, "torch": 1.6, "llama.cpp": 2})
        for name, wanted in (("bf16", 1.65), ("int8", 2.5)):
            row = Row(f"GPT-2 prefill {rows}, {name}", threads,
                      best.get((name, metric)), refused=refused.get(name, ""))
            if row.own:
                row.peers({"our f32": own}, {"": wanted})
                row.peers(best.of(metric, f"onnxruntime {name}"), {"": 2.5})
            yield row


def prefill_128(bench):
    yield from prefill(bench, 128)


def prefill_512(bench):
    yield from prefill(bench, 512)


def decode(bench, model, peers_kinds, count):
    shares = {"f32": .95, "bf16": .95, "int8": .95, "int4": .85}
    leads = {"f32": 1.15, "bf16": 1.3, "int8": 1.45, "int4": 1.6}
    for form, flags in FORMATS.items():
        if form not in bench.formats:
            continue
        for threads in bench.threads:
            def ours():
                program = bench.own.program(model, *flags)
                result = bench.own.bench(program, threads, "--prefill",
                                         128 - count // 2, "--decode", count,
                                         "--repeat", 2)
                return {"decode_128": result["decode_best_ms"]}
            contestants = {"ours": ours, "llama.cpp": lambda:
                           bench.peers.llama(model, LLAMA[form], threads,
                                             "decode:128")}
            if form in peers_kinds:
                contestants["onnxruntime"] = lambda: bench.peers.onnxruntime(
                    model, peers_kinds[form], threads, "decode:128")
            try:
                bench.own.program(model, *flags)
            except Refused as error:
                yield Row(f"{model} decode at 128, {form}", threads,
                          refused=str(error))
                continue
            best, _ = race(bench, threads, contestants)
            limit = work.decode_bytes(model, 128, form) / 1e6 \
                / best.limits["ours", "decode_128"]["gbytes"]
            wanted = {"llama.cpp": leads[form]} if threads == 1 else {"": 1}
            yield Row(f"{model} decode at 128, {form}", threads,
                      best["ours", "decode_128"]) \
                .limit(limit, shares[form] if threads == 1 else None) \
                .peers(best.of("decode_128", "llama.cpp", "onnxruntime"),
                       wanted)
        bench.own.forget()


def decode_gpt2(bench):
    yield from decode(bench, "gpt2", {"f32": "fused", "int8": "fused-q8",
                                      "int4": "fused-q4"}, 32)


def decode_tinyllama(bench):
    yield from decode(bench, "tinyllama", {}, 8)


def encoders(bench):
    for threads in bench.threads:
        def image():
            result = bench.own.bench(bench.own.program("vit"), threads,
                                     "--repeat", 3)
            return {"img_1": 1e3 / result["inputs_per_second"]}

        def texts(found):
            return {re.sub("enc_(.*)_1", r"prefill_\1", metric): value
                    for metric, value in found.items()}
        best, _ = race(bench, threads, {
            "bert": own_prefill(bench, threads, (128, 512), 2, model="bert"),
            "vit": image,
            "onnxruntime bert": lambda: texts(bench.peers.onnxruntime(
                "bert", "fused", threads, "enc:128:1", "enc:512:1")),
            "onnxruntime vit": lambda: bench.peers.onnxruntime(
                "vit", "fused", threads, "img:1"),
            "torch bert": lambda: texts(bench.peers.torch(
                "bert", threads, "enc:128:1", "enc:512:1")),
            "torch vit": lambda: bench.peers.torch("vit", threads, "img:1"),
        })
        for model, name, rows, metric in (
                ("bert", "BERT-base 128", 128, "prefill_128"),
                ("bert", "BERT-base 512", 512, "prefill_512"),
                ("vit", "ViT-B/16", 197, "img_1")):
            limit = work.operations(model, rows) / 1e6 \
                / best.limits[model, metric]["gflops"]
            peers = {peer: best[f"{peer} {model}", metric]
                     for peer in ("onnxruntime", "torch")
                     if (f"{peer} {model}", metric) in best}
            yield Row(f"{name}, f32", threads, best[model, metric]) \
                .limit(limit, .88).peers(peers, {"onnxruntime": 1.3})


def sessions(bench):
    memory = {}
    for threads in bench.threads:
        def ours(count):
            def run():
                result = bench.own.bench(
                    bench.own.program("gpt2"), threads, "--prefill", 120,
                    "--decode", 16, "--repeat", 1, "--sessions", count)
                memory[count] = result
                return {"decode": result["decode_best_ms"] / count}
            return run
        best, _ = race(bench, threads,
                          {count: ours(count) for count in (1, 16, 64)})
        one = best[1, "decode"]
        for count, wanted in ((16, 8), (64, None)):
            yield Row(f"GPT-2, {count} sessions, f32, a token", threads,
                      best[count, "decode"]) \
                .peers({"one session": one}, {"": wanted})
    for count, found in memory.items():
        # 136 of 1,024 rows of each cache; keys lie in blocks of 64 rows.
        plan = found["weights_bytes"] + found["scratch_bytes"] \
            + count * found["cache_bytes"] * 192 / 1024
        yield Row(f"GPT-2, {count} sessions of 136 rows, in memory", threads,
                  found["resident_bytes"] / 1e6, "MB") \
            .goal("of the plan", found["resident_bytes"] / plan, 1.05, False)


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


def growth(bench):
    metrics = ("prefill_128", "prefill_2048")
    cases = ["prefill:128", "prefill:2048"]
    for threads in bench.threads:
        best, _ = race(bench, threads, {
            "ours": own_prefill(bench, threads, (128, 2048), 1,
                                replace=(("context: 1024", "context: 2048"),)),
            "onnxruntime": lambda: bench.peers.onnxruntime(
                "gpt2", "fused", threads, *cases),
        })
        times = {name: best[name, metrics[1]] / best[name, metrics[0]]
                 for name in ("ours", "onnxruntime")
                 if (name, metrics[1]) in best}
        row = Row("GPT-2, prefill of 2,048 rows to that of 128", threads,
                  times.pop("ours"), "×").most(18, "{:.1f} ×")
        for name, value in times.items():
            row.goal(name, value, None, True, "{:.1f} ×")
        yield row


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


def compiling(bench):
    """Specs to assembly: everything but the packing of weights."""
    for name, label, replace in (
            ("gpt2", "GPT-2", ()),
            ("gpt2", "GPT-2 of 96 layers", (("repeat: 12", "repeat: 96"),)),
            ("llama8b", "LLaMA 8B", ())):
        path = bench.own.spec(name, replace)
        runs = [timed([bench.own.compiler, path, "--emit=asm", "-o",
                       os.devnull])[:2] for _ in range(bench.rounds + 1)]
        yield Row(f"compile {label}", 1, min(s for s, _ in runs), "s") \
            .most(1)
        yield Row(f"compile {label}, memory", 1,
                  max(size for _, size in runs) / 1e6, "MB").most(300, "{:.0f}")
    yield from packing(bench)


def packing(bench):
    import checkpoint
    source = os.path.join(bench.own.folder, "packed.safetensors")
    size = checkpoint.save_gpt2(source)
    path = bench.own.spec("gpt2", end="weights:\n  files: "
                          "[packed.safetensors]\n")
    for form, flags in FORMATS.items():
        rates = []
        try:
            for _ in range(bench.rounds + 1):
                errors = timed([bench.own.compiler, path, "--emit=obj", "-v",
                                "-o", path + ".out", *flags])[2]
                found = re.search(r"([\d.]+) s +pack weights", errors)
                rates.append(size / float(found.group(1)) / 1e9)
        except Refused as error:
            yield Row(f"pack {size / 1e6:.0f} MB as {form}", "all",
                      refused=str(error))
            continue
        finally:
            for file in glob.glob(path + ".out*"):
                os.remove(file)
        yield Row(f"pack {size / 1e6:.0f} MB as {form}", "all",
                  size / max(rates) / 1e9, "s") \
            .goal("GB/s", max(rates), 1, True)
    os.remove(source)


def start(bench):
    """From the command to the first token, less the prompt itself."""
    program = bench.own.program("gpt2")
    for threads in bench.threads:
        tokens = ",".join(str(i * 7 % 30000) for i in range(128))
        waits = []
        for _ in range(3 * bench.rounds + 1):
            begin = time.perf_counter()
            errors = subprocess.run(
                [program, "generate", "--tokens", tokens, "-n", "1",
                 "--threads", str(threads)], capture_output=True, text=True,
                check=True).stderr
            wall = time.perf_counter() - begin
            prompt = float(re.search(r"tokens in (\d+) ms", errors).group(1))
            waits.append(wall - prompt / 1e3)
        yield Row("GPT-2 f32, start to first token besides the prompt",
                  threads, statistics.median(waits[1:]), "s").most(.15)


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


SECTIONS = {
    "prefill-128": prefill_128,
    "prefill-512": prefill_512,
    "decode": decode_gpt2,
    "decode-1b": decode_tinyllama,
    "encoders": encoders,
    "sessions": sessions,
    "attention": attention,
    "growth": growth,
    "matmul": matmul,
    "formats": formats,
    "compile": compiling,
    "start": start,
    "threads": regions,
}
