#!/usr/bin/python3
"""Speed of a compiled model of GPT-2 124M's geometry (f32, random weights), in
percent of what this machine can do, beside other engines; and the compiler's
own time.

    run.py [COMPILER] [--rounds N] [--peers FOLDER] [--write]

Everything is measured in turn, round by round, so that a disturbance hits all
alike; the best of the rounds counts. Peers are timed when FOLDER has their
scripts (by default ../shared/bench beside this project) and these are set up.
--write puts the tables into README.md."""
import argparse
import collections
import datetime
import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "test", "EndToEnd"))
import checkpoints  # noqa: E402
import reference  # noqa: E402

WIDTH, VOCAB, LAYERS, CONTEXT = 768, 50257, 12, 1024
PREFILL, DECODE_AT, DECODE = 512, 128, 32
SPEC = """\
model: gpt2
dim: 768
context: 1024
vocab: 50257
defaults:
  norm: {kind: layer, eps: 1.0e-5}
  attention: {heads: 12, mask: causal, bias: true}
  mlp: {hidden: 3072, act: gelu_tanh, bias: true}
layers:
  - embed
  - position: learned
  - repeat: LAYERS
    layers:
      - residual: [norm, attention]
      - residual: [norm, mlp]
  - norm
  - logits: {tied: true}
"""


def prefill_operations(rows):
    """Multiplications and additions of one prompt: every map of every row, the
    scores of the last row, attention to earlier rows only."""
    maps = 2 * rows * LAYERS * 12 * WIDTH ** 2 + 2 * VOCAB * WIDTH
    return maps + LAYERS * 2 * rows * rows * WIDTH


def decode_bytes(position):
    """Bytes read to make one token: every weight once, and the cache."""
    weights = LAYERS * 12 * WIDTH ** 2 + VOCAB * WIDTH
    return 4 * (weights + LAYERS * 2 * WIDTH * position)


def command(*words, **options):
    result = subprocess.run([str(word) for word in words],
                            capture_output=True, text=True, **options)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, words))}: exit code "
                 f"{result.returncode}\n{result.stderr}")
    return result.stdout


def seconds_of(*words):
    start = time.perf_counter()
    command(*words)
    return time.perf_counter() - start


class Best(collections.OrderedDict):
    """The best of each figure so far."""

    def most(self, key, value):
        self[key] = max(self.get(key, 0), value)

    def least(self, key, value):
        self[key] = min(self.get(key, 1e99), value)


def measure_peers(folder, threads, best):
    """Milliseconds by peer, from the scripts' JSON lines."""
    work = os.environ.get("PEERS_WORK", "/tmp/peers")
    script = os.path.join(folder, "run.sh")
    if not os.path.exists(script) or not os.path.isdir(work):
        return
    environment = {**os.environ, "THREADS": str(threads), "DTYPES": "f32"}
    for pattern in ("ort-fused$", "torch-jit", "llamacpp-node"):
        output = subprocess.run(["bash", script, "gpt2", pattern],
                                capture_output=True, text=True,
                                env=environment).stdout
        for line in output.splitlines():
            entry = json.loads(line)
            if entry["metric"] in (f"prefill_{PREFILL}",
                                   f"decode_{DECODE_AT}"):
                best.least((entry["peer"], threads,
                            entry["metric"].split("_")[0]),
                           entry.get("best", entry["value"]))


def speed(program, roof, rounds, threads_list, peers):
    best = Best()
    for turn in range(rounds):
        for threads in threads_list:
            limits = json.loads(command(roof, threads))
            best.most(("gflops", threads), limits["gflops"])
            best.most(("gbytes", threads), limits["gbytes"])

            def own(*flags):
                return json.loads(command(
                    program, "bench", "--threads", threads, "--json", *flags))

            found = own("--prefill", PREFILL, "--decode", 0)
            best.least(("ours", threads, "prefill"),
                       1e3 * PREFILL / found["prefill_tokens_per_second"])
            found = own("--prefill", DECODE_AT - DECODE // 2, "--decode",
                        DECODE, "--repeat", 5)
            best.least(("ours", threads, "decode"),
                       1e3 / found["decode_tokens_per_second"])
            best.most("resident", found["resident_bytes"])
            best["expected"] = found["weights_bytes"] + found["cache_bytes"]
            measure_peers(peers, threads, best)
            print(f"round {turn + 1}, {threads} threads", file=sys.stderr)
    return best


def speed_table(best, threads_list):
    lines = [f"| engine | threads | prefill {PREFILL} | of the peak | "
             f"decode at {DECODE_AT} | of the bandwidth |",
             "|---|---|---|---|---|---|"]
    engines = list(dict.fromkeys(
        key[0] for key in best if len(key) == 3))
    for threads in threads_list:
        peak = best["gflops", threads]
        width = best["gbytes", threads]
        limits = {"prefill": prefill_operations(PREFILL) / peak / 1e6,
                  "decode": decode_bytes(DECODE_AT) / width / 1e6}
        lines.append(f"| limit: {peak:.0f} GFLOP/s, {width:.1f} GB/s | "
                     f"{threads} | {limits['prefill']:.0f} ms | | "
                     f"{limits['decode']:.2f} ms | |")
        for engine in engines:
            cells = []
            for phase in ("prefill", "decode"):
                if (engine, threads, phase) in best:
                    took = best[engine, threads, phase]
                    cells += [f"{took:.4g} ms",
                              f"{limits[phase] / took:.0%}"]
                else:
                    cells += ["", ""]
            lines.append(f"| {engine} | {threads} | {' | '.join(cells)} |")
    return lines


def stages(compiler, path):
    """Seconds of each stage of a compilation to an object."""
    text = subprocess.run([compiler, path, "--emit=obj", "-v", "-o",
                           path + ".out"], capture_output=True, text=True,
                          check=True).stderr
    found = {name: float(seconds) for seconds, name in
             re.findall(r"([\d.]+) s +(.+)", text)}
    for file in glob.glob(path + ".out*"):
        os.remove(file)
    return found.pop("pack weights"), sum(found.values())


def compile_table(compiler, folder, rounds):
    """Spec to object at two depths, and a checkpoint packed."""
    best = Best()
    size = save_checkpoint(os.path.join(folder, "packed.safetensors"))
    for name, layers, end in (("packed", LAYERS, "weights:\n  files: "
                               "[packed.safetensors]\n"), ("deep", 96, "")):
        with open(os.path.join(folder, name + ".yaml"), "w") as file:
            file.write(SPEC.replace("LAYERS", str(layers)) + end)
    for _ in range(rounds):
        for name in ("packed", "deep"):
            pack, rest = stages(compiler, os.path.join(folder, name + ".yaml"))
            best.least(name, rest)
            if name == "packed":
                best.least("pack", pack)
        source = os.path.join(folder, "packed.safetensors")
        best.least("copy", seconds_of("dd", f"if={source}",
                                      f"of={source}.copy", "bs=4M",
                                      "conv=fsync"))
    return ["| compiler | time |", "|---|---|",
            f"| spec to object, {LAYERS} layers | {best['packed']:.2f} s |",
            f"| spec to object, 96 layers | {best['deep']:.2f} s |",
            f"| packing {size / 1e6:.0f} MB of weights | {best['pack']:.2f} s, "
            f"{size / best['pack'] / 1e9:.2f} GB/s |",
            f"| the same bytes copied and synced | {best['copy']:.2f} s, "
            f"{size / best['copy'] / 1e9:.2f} GB/s |"]


def save_checkpoint(path):
    """A checkpoint of the model; its size."""
    generator = np.random.default_rng(0)
    base = generator.standard_normal(1 << 22, np.float32) * np.float32(0.02)
    stored = {}

    def weight(name, *shape):
        stored[name] = ("F32", np.resize(base, shape))
        return np.broadcast_to(0.0, shape)

    layer = {"repeat": LAYERS, "layers": [{"residual": ["norm", "attention"]},
                                          {"residual": ["norm", "mlp"]}]}
    reference.Model(
        {"dim": WIDTH, "context": CONTEXT, "vocab": VOCAB, "defaults": {
            "attention": {"heads": 12, "bias": True, "mask": "causal"},
            "mlp": {"hidden": 4 * WIDTH, "bias": True}},
         "layers": ["embed", {"position": "learned"}, layer, "norm",
                    {"logits": {"tied": True}}]}, weight).run([0])
    checkpoints.save(path, stored)
    return os.path.getsize(path)


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file
                      if line.startswith("model name")), platform.machine())
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()} " \
           f"{platform.release()}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("compiler", nargs="?", default=os.path.join(
        SOURCE, "build", "bin", "transformer-compile"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--peers", default=os.path.join(
        SOURCE, "..", "shared", "bench"))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    threads_list = [int(n) for n in options.threads.split(",")]
    compiler = os.path.abspath(options.compiler)

    folder = tempfile.mkdtemp(prefix="bench-")
    try:
        roof = os.path.join(folder, "roof")
        command("cc", "-O2", "-march=native", "-pthread",
                os.path.join(HERE, "roof.c"), "-o", roof)
        spec = os.path.join(folder, "gpt2.yaml")
        with open(spec, "w") as file:
            file.write(SPEC.replace("LAYERS", str(LAYERS)))
        program = os.path.join(folder, "gpt2")
        command(compiler, spec, "-o", program)
        best = speed(program, roof, options.rounds, threads_list,
                     options.peers)
        lines = [f"{datetime.date.today()}, {machine()}, best of "
                 f"{options.rounds} rounds.", ""]
        lines += speed_table(best, threads_list) + [""]
        lines += [f"Resident while running: {best['resident'] / 1e6:.1f} MB, "
                  f"weights and a cache: {best['expected'] / 1e6:.1f} MB.", ""]
        lines += compile_table(compiler, folder, options.rounds)
    finally:
        shutil.rmtree(folder)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.write:
        path = os.path.join(HERE, "README.md")
        with open(path) as file:
            before = file.read().split("## Results\n")[0]
        with open(path, "w") as file:
            file.write(before + "## Results\n\n" + text)


if __name__ == "__main__":
    main()
