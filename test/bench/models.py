"""Sections on whole models: each yields its rows."""
import re

import work
from own import Refused
from race import FORMATS, own_prefill, race
from rows import Row

LLAMA = {"f32": "f32", "bf16": "bf16", "int8": "q8_0", "int4": "q4_0"}


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
