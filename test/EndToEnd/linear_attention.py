#!/usr/bin/python3
"""linear_attention by its running sum against the weights of all pairs of rows
(Katharopoulos et al. 2020), for every length to 64; what it keeps of a sequence
does not grow, and neither does the time of a token."""
import json
import os

import numpy as np

import harness
import reference
from checkpoints import RandomWeights
from harness import Program, case, check, close

SPEC = {"model": "sums", "dim": 48, "context": 16384, "vocab": 61,
        "layers": ["embed", {"repeat": 2, "layers": [
            {"residual": [{"norm": {"kind": "rms", "eps": 1e-6}},
                          {"linear_attention": {"heads": 4, "kv_heads": 2,
                                                "mask": "causal"}}]}]},
            "logits"]}


def compiled(name, spec, *flags):
    weights = RandomWeights(1)
    expected = reference.Model(spec, weights)
    expected.run([0])
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    weights.save(os.path.join(folder, "w.safetensors"))
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec | {"weights": {"files": ["w.safetensors"]}})
    return Program(path, os.path.join(folder, "model"), *flags), expected


def lengths():
    program, expected = compiled("lengths", SPEC)
    tokens = np.random.default_rng(0).integers(61, size=64)
    got = program.logits(*(tokens[:n] for n in range(1, 65)))
    right = np.concatenate([expected.run(tokens[:n]) for n in range(1, 65)])
    close("sums and pairs agree, 1 to 64 rows", got, right, 1e-5)


def what_is_kept():
    def cache(context):
        program, _ = compiled(f"kept_{context}", SPEC | {"context": context})
        return json.loads(program("info", "--json").stdout)["cache_bytes"]

    short, long = cache(128), cache(131072)
    check("the cache of 128 rows and of 131072", short == long,
          f"{short} and {long} bytes")


def time_of_a_token():
    program, _ = compiled("time", SPEC)
    contexts, times = (128, 512, 2048, 8192), {}
    for context in contexts * 3:
        best = json.loads(program(
            "bench", "--prefill", context, "--decode", 200, "--threads", 1,
            "--json").stdout)["decode_best_ms"]
        times[context] = min(best, times.get(context, best))
    check("the time of a token behind 128 and behind 8192",
          times[8192] <= 1.5 * times[128], ", ".join(
              f"{1000 * times[c]:.1f} us behind {c}" for c in contexts))


def main():
    for test in (lengths, what_is_kept, time_of_a_token):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
