#!/usr/bin/python3
"""Wrong use of the compiler and of made programs, bad files and signals: exit
codes, one line that names the cause, old outputs intact, nothing left over."""
import json
import os
import resource
import signal
import struct
import subprocess
import time

import numpy as np

import harness
from harness import case, check, must, shell

SPEC = """\
model: small
dim: 24
context: 32
vocab: 50
defaults:
  norm: {kind: rms, eps: 1.0e-5}
  attention: {heads: 3, mask: causal, position: {rope: {theta: 10000}}}
  mlp: {hidden: 40, act: silu, gated: true}
layers:
  - embed
  - repeat: 2
    layers:
      - residual: [norm, attention]
      - residual: [norm, mlp]
  - norm
  - logits
"""


def path(*parts):
    return os.path.join(harness.work, *parts)


def write(name, text, mode="w"):
    with open(path(name), mode) as file:
        file.write(text)
    return path(name)


def refused(what, words, codes, *mentions, lines=None):
    """The command ends with one of the codes and says what is the matter."""
    result = shell(*words)
    text = result.stderr.decode(errors="replace")
    told = [line for line in text.splitlines() if line.strip()]
    missing = [m for m in mentions if m.lower() not in text.lower()]
    good = (result.returncode in codes and told and not missing
            and (lines is None or len(told) <= lines))
    check(what, good, f"exit code {result.returncode}, "
          f"{text.strip()[:300]!r}" + (f" without {missing}" if missing else ""))


def usage():
    tool, spec = harness.compiler, write("usage.yaml", SPEC)
    out = path("usage")
    for flag in ("--help", "--version"):
        result = must(tool, flag)
        check(f"{flag} is answered", len(result.stdout) > 10)
    refused("no input", [tool], [2], lines=2)
    refused("two inputs", [tool, spec, spec, "-o", out], [2], lines=2)
    refused("unknown flag", [tool, spec, "-o", out, "--nosuch"], [2],
            "nosuch", lines=2)
    refused("a near miss", [tool, spec, "-o", out, "--contxt=5"], [2],
            "context", lines=2)
    refused("missing argument", [tool, spec, "-o"], [2], lines=2)
    refused("context that is no number",
            [tool, spec, "-o", out, "--context=many"], [2], lines=2)
    refused("context of nothing", [tool, spec, "-o", out, "--context=0"],
            [1, 2])
    refused("unknown CPU", [tool, spec, "-o", out, "--mcpu=x86-64-v33"],
            [1, 2], "x86-64-v3", lines=2)
    refused("unknown arithmetic", [tool, spec, "-o", out, "--compute=f16"],
            [2], "bf16", lines=2)
    refused("arithmetic of other weights",
            [tool, spec, "-o", out, "--compute=bf16", "--weights=int8"], [2],
            "int8", lines=2)
    refused("arithmetic that the CPU has not",
            [tool, spec, "-o", out, "--compute=bf16", "--mcpu=x86-64-v4"],
            [1], "AVX512-BF16", lines=1)
    refused("unknown stage", [tool, spec, "--emit=kernal", "-o", "-"], [2],
            "kernel", lines=2)
    check("and nothing was written", not os.path.exists(out))


def places():
    tool, spec = harness.compiler, write("places.yaml", SPEC)
    refused("output directory missing", [tool, spec, "-o",
                                         path("nosuch", "model")], [1],
            "nosuch", lines=2)
    refused("output directory is a file",
            [tool, spec, "-o", os.path.join(spec, "model")], [1], lines=2)
    refused("output directory cannot be written",
            [tool, spec, "-o", "/proc/model"], [1], "/proc", lines=2)
    os.makedirs(path("folder"))
    refused("output is a directory", [tool, spec, "-o", path("folder")], [1],
            "folder", lines=2)
    check("the directory is as it was", os.listdir(path("folder")) == [])


def inputs():
    tool, out = harness.compiler, path("inputs")

    def spec(name, text, *mentions, mode="w"):
        source = write(name.replace(" ", "_") + ".yaml", text, mode)
        refused(name, [tool, source, "-o", out], [1], *mentions)

    refused("input missing", [tool, path("nosuch.yaml"), "-o", out], [1],
            "nosuch.yaml")
    os.makedirs(path("empty"))
    refused("directory without a model", [tool, path("empty"), "-o", out],
            [1], "config.json")
    spec("empty file", "")
    spec("only comments", "# nothing\n")
    spec("unclosed bracket", "model: [a\n", "unclosed_bracket.yaml:")
    spec("binary junk", bytes(range(256)) * 40, mode="wb")
    spec("near miss of a key", SPEC.replace("kind: rms", "kynd: rms"),
         "kind", ":6:")
    spec("heads that do not divide", SPEC.replace("heads: 3", "heads: 5"),
         "24", "5")
    spec("weights missing", SPEC + "weights:\n  files: [nosuch.safetensors]\n",
         "nosuch.safetensors")
    write("short.safetensors", struct.pack("<Q", 10 ** 15) + b"{}", "wb")
    spec("safetensors of a header too long",
         SPEC + "weights:\n  files: [short.safetensors]\n",
         "short.safetensors")
    header = json.dumps({"embed.weight": {
        "dtype": "F32", "shape": [50, 23], "data_offsets": [0, 4600]}}).encode()
    write("wrong.safetensors",
          struct.pack("<Q", len(header)) + header + bytes(4600), "wb")
    spec("safetensors of a wrong shape",
         SPEC + "weights:\n  files: [wrong.safetensors]\n", "embed.weight")
    write("short.bin", struct.pack("<7i", 64, 172, 5, 8, 4, 512, 512), "wb")
    refused("truncated .bin", [tool, path("short.bin"), "-o", out], [1],
            "short.bin")
    for name, text in (("not_json", "{"), ("no_fields", "{}"),
                       ("near_family", '{"model_type": "lama"}')):
        os.makedirs(path(name))
        write(f"{name}/config.json", text)
        refused(f"config.json, {name}", [tool, path(name), "-o", out], [1],
                "config.json")
    beyond = [f for f in os.listdir(harness.work) if f.startswith("inputs")]
    check("and nothing was written", beyond == [], beyond)


def old_outputs(folder):
    """Outputs of an earlier run, and their bytes."""
    os.makedirs(folder)
    spec = write("old.yaml", SPEC)
    must(harness.compiler, spec, "-o", f"{folder}/m")
    return {name: open(f"{folder}/{name}", "rb").read()
            for name in sorted(os.listdir(folder))}


def intact(what, folder, before):
    names = sorted(os.listdir(folder))
    check(f"{what}: nothing is left over", names == sorted(before), names)
    check(f"{what}: the old files are intact", all(
        open(f"{folder}/{name}", "rb").read() == data
        for name, data in before.items() if name in names))


def full_disk():
    """A limit on the size of files stands for a full disk."""
    folder = path("full")
    before = old_outputs(folder)
    big = write("big.yaml", SPEC.replace("vocab: 50", "vocab: 60000"))

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    result = shell(harness.compiler, big, "-o", f"{folder}/m",
                   preexec_fn=limit, env={**os.environ, "TMPDIR": folder})
    check("a file that cannot grow is an error", result.returncode == 1
          and result.stderr.strip().endswith(b"File too large"), result.stderr.decode().strip()[:200])
    intact("file that cannot grow", folder, before)


def signals():
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        folder = path(f"signal{number}")
        before = old_outputs(folder)
        # Long enough to be interrupted: half a gigabyte of random weights.
        big = write("long.yaml", SPEC.replace("vocab: 50", "vocab: 3000000"))
        for wait in (0.05, 0.4, 1.0):
            process = subprocess.Popen(
                [harness.compiler, big, "-o", f"{folder}/m"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": folder})
            time.sleep(wait)
            process.send_signal(number)
            ended = process.wait(60)
            if ended == 0:
                print(f"too fast to be interrupted after {wait} s")
                break
            name = f"{signal.Signals(number).name} after {wait} s"
            check(f"{name}: exit code", ended in (code, -number), ended)
            intact(name, folder, before)


def closed_pipe():
    spec = write("pipe.yaml", SPEC)
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.run(
        [harness.compiler, spec, "--emit=transformer", "-o", "-"],
        stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    check("closed standard output", process.returncode in (1, 141, -13),
          f"exit code {process.returncode}")


def program():
    """Made programs."""
    spec = write("made.yaml", SPEC)
    made = harness.Program(spec, "made")
    tool, out = made.path, path("made.npy")
    logits = [tool, "logits", "-o", out, "--tokens"]
    for flag in ("--help", "--version"):
        check(f"program {flag} is answered", len(made(flag).stdout) > 10)
    check("info", b"small" in made("info").stdout)
    refused("token above the vocabulary", logits + ["1,50"], [1, 2], "50")
    refused("token below 0", logits + ["1,-1"], [1, 2])
    refused("no number", logits + ["1,a"], [1, 2])
    refused("no tokens", logits + [""], [1, 2])
    refused("context full", logits + [",".join(["1"] * 33)], [1, 2], "32")
    for threads in ("0", "-1", "many"):
        refused(f"{threads} threads", logits + ["1", "--threads", threads],
                [2])
    refused("unknown option", logits + ["1", "--thread", "1"], [2], "threads")
    refused("run without images", [tool, "run", "--input", out, "-o", out],
            [1, 2])
    refused("text without a tokenizer", [tool, "generate", "word"], [1, 2],
            "tokenizer")
    check("nothing was written", not os.path.exists(out))
    made("logits", "--tokens", "1,2,3", "-o", out)
    check("and a good call is answered", np.load(out).shape == (3, 50))

    def damaged(what, change, *mentions):
        with open(tool + ".weights", "rb") as file:
            data = bytearray(file.read())
        bad = write("bad.weights", bytes(change(data)), "wb")
        refused(what, logits + ["1", "--weights", bad], [1], *mentions)

    def flipped(place):
        def change(data):
            data[place] ^= 16
            return data
        return change

    damaged("weights truncated", lambda data: data[:-1])
    damaged("weights without data", lambda data: data[:4096])
    damaged("weights empty", lambda data: b"")
    damaged("weights that are none", lambda data: b"#!/bin/sh\n" * 5000)
    for place in (0, 9, 40, 4096 + 77):
        damaged(f"byte {place} flipped", flipped(place))
    other = write("other.yaml", SPEC.replace("hidden: 40", "hidden: 44"))
    stranger = harness.Program(other, "stranger")
    refused("weights of another model", logits + [
        "1", "--weights", stranger.path + ".weights"], [1])
    refused("weights missing", logits + ["1", "--weights", path("nosuch")],
            [1], "nosuch")


def main():
    for function in (usage, places, inputs, full_disk, signals, closed_pipe,
                     program):
        case(function.__name__, function)


if __name__ == "__main__":
    harness.main(main)
