#!/usr/bin/python3
"""Programs with a profile: the same bits as without, all the work in the table,
and a trace of every kernel and thread."""
import json
import os

import harness
from bits import IMAGES, MODELS
from harness import Program, case, check, same_bits


def spec_file(spec):
    path = os.path.join(harness.work, spec["model"] + ".yaml")
    harness.write_spec(path, spec)
    return path


def bench(program, *words):
    trace = program.path + ".json"
    result = program("bench", "--json", "--repeat", "1", "--threads", "2",
                     "--trace", trace, *words)
    with open(trace) as file:
        return json.loads(result.stdout), json.load(file)["traceEvents"]


def multiply_adds(spec, rows, seen, outputs):
    """Of each kernel: rows through the layers, `seen` pairs of row and key."""
    attention, mlp = (spec["defaults"][name] for name in ("attention", "mlp"))
    dim, heads = spec["dim"], attention["heads"]
    kv, head = attention.get("kv_heads", heads), dim // heads
    hidden = mlp["hidden"] * (2 if mlp.get("gated") else 1)
    layers = 2
    return {
        "layers.attention.query+key+value":
            2 * layers * rows * dim * (heads + 2 * kv) * head,
        "layers.attention": 2 * layers * seen * heads * 2 * head,
        "layers.attention.output": 2 * layers * rows * dim * heads * head,
        "layers.mlp.gate+up" if mlp.get("gated") else "layers.mlp.up":
            2 * layers * rows * dim * hidden,
        "layers.mlp.down": 2 * layers * rows * dim * mlp["hidden"],
        "logits": 2 * outputs * dim * spec["vocab"]}


def language(name):
    spec = MODELS[name]
    path = spec_file(spec)
    plain = Program(path, name, "--seed=1")
    profiled = Program(path, name + "_profile", "--seed=1", "--profile")
    tokens = [3, 1, 4, 1, 5, 9, 2, 6]
    same_bits(f"{name} with a profile", profiled.logits(tokens),
              plain.logits(tokens))
    figures, trace = bench(profiled, "--prefill", "100", "--decode", "3")
    window = spec["defaults"]["attention"].get("window", 10**9)
    seen = [min(row + 1, window) for row in range(103)]
    for phase, want in zip(figures["profile"], (
            multiply_adds(spec, 100, sum(seen[:100]), 1),
            multiply_adds(spec, 1, sum(seen[100:]) / 3, 1))):
        got = {kernel["name"]: kernel["flops"] for kernel in phase["kernels"]
               if kernel["flops"]}
        check(f"{name}: flops of the {phase['phase']}", got.keys() == want.keys()
              and all(abs(got[key] - want[key]) <= 1 for key in want),
              "" if got == want else f"{got}, expected {want}")
    kernels = [event for event in trace if event.get("cat") == "kernel"]
    calls = sum(kernel["calls"] * times for phase, times in
                zip(figures["profile"], (1, 3)) for kernel in phase["kernels"])
    check(f"{name}: a trace of every kernel", len(kernels) == round(calls))
    check(f"{name}: a row for each thread",
          {event["tid"] for event in trace if event["name"] == "thread_name"}
          == {0, 1})


def images():
    wanted = {"images": {"attention", "prepend"}, "tiles": {"grid_attention"}}
    for name, kernels in wanted.items():
        path = spec_file(IMAGES[name])
        figures, _ = bench(Program(path, name, "--seed=1", "--profile"))
        kinds = {kernel["kind"] for kernel in figures["profile"][0]["kernels"]}
        check(f"{name}: all kinds of kernels",
              kinds >= {"patches", "matmul", "pool"} | kernels, str(kinds))


def main():
    for name in ("llama", "gpt2"):
        case(name, language, name)
    case("images", images)


if __name__ == "__main__":
    harness.main(main)
