#!/usr/bin/python3
"""linear_attention by its running sum against the weights of all pairs of rows
(Katharopoulos et al. 2020), for every length to 64; what it keeps of a sequence
does not grow, and neither does the time of a token. By random features it
approaches softmax attention; with decay, norm and gate it is RetNet's block, with
the delta rule that of Gated DeltaNet."""
import json
import os

import numpy as np
import torch
from torch.nn import functional as F

import harness
import reference
from checkpoints import RandomWeights, pack, save
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


def error_of_features(count, branches=6, heads=4, dim=20, rows=40):
    """How far attention by so many random features is from softmax attention,
    relative to the latter: the root of the mean square over branches that have
    drawn features of their own."""
    draw = np.random.default_rng(7)
    maps = {part: draw.standard_normal((dim, dim)) / dim ** 0.5
            for part in ("query", "key", "value", "output")}
    maps["query"] *= 0.4  # the features of long vectors vary more
    maps["key"] *= 0.4
    x = draw.standard_normal((rows, dim)).astype(np.float32)
    draw = np.random.default_rng(count)
    tensors = {}
    for branch in range(branches):
        scope = f"b{branch}.linear_attention"
        for part, value in maps.items():
            tensors[f"{scope}.{part}.weight"] = value
        tensors[f"{scope}.feature.weight"] = draw.standard_normal(
            (count, dim // heads))
    folder = os.path.join(harness.work, f"features_{count}")
    os.makedirs(folder)
    save(os.path.join(folder, "w.safetensors"),
         {name: ("F32", pack(value, "F32")) for name, value in tensors.items()})
    path = os.path.join(folder, "spec.yaml")
    layer = {"linear_attention": {"heads": heads, "mask": "causal", "feature": {
        "random": {"count": count}}}}
    harness.write_spec(path, {
        "model": "features", "dim": dim, "context": rows,
        "layers": [{"rows": {"dim": dim}}, {"outputs": {
            f"b{branch}": [layer] for branch in range(branches)}}],
        "weights": {"files": ["w.safetensors"]}})
    got = Program(path, os.path.join(folder, "model")).run(x)
    q, k, v = (torch.tensor(x @ maps[part].T, dtype=torch.float64)
               .reshape(rows, heads, -1).transpose(0, 1)
               for part in ("query", "key", "value"))
    scores = q @ k.transpose(1, 2) / (dim // heads) ** 0.5
    scores += torch.full((rows, rows), -torch.inf).triu(1)
    seen = (scores.softmax(-1) @ v).transpose(0, 1).reshape(rows, dim).numpy()
    right = np.tile(seen @ maps["output"].T, (1, branches))
    return np.sqrt(np.mean((got - right) ** 2) / np.mean(right ** 2))


def softmax_by_features():
    counts = (16, 64, 256, 1024, 4096)
    errors = [error_of_features(count) for count in counts]
    slope = np.polyfit(np.log(counts), np.log(errors), 1)[0]
    text = ", ".join(f"{e:.4f} with {n}" for n, e in zip(counts, errors))
    check("random features: the error falls as 1/sqrt(N)",
          -0.6 < slope < -0.4 and errors[-1] < 0.02,
          f"N^{slope:.3f}; {text}")


RETENTION = {
    "model": "retnet", "dim": 40, "context": 512, "vocab": 59,
    "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                 "linear_attention": {
                     "heads": 4, "head_dim": 10, "value_dim": 20,
                     "mask": "causal", "feature": "none", "normalise": "none",
                     "decay": "fixed", "head_norm": {"rms": {"eps": 1.0e-5}},
                     "gate": "silu"},
                 "mlp": {"hidden": 80, "act": "gelu"}},
    "layers": ["embed", {"repeat": 2, "layers": [
        {"residual": ["norm", "linear_attention"]},
        {"residual": ["norm", "mlp"]}]}, "norm", "logits"]}


def layer_norm(x, of, name):
    return F.layer_norm(x, x.shape[-1:], of(f"{name}.weight"),
                        of(f"{name}.bias"), 1e-5)


def retention_block(x, of):
    """Sun et al. 2023: retention in its recurrent form, equation 6, in the
    blocks of equations 8 and 9."""

    inner = layer_norm(x, of, "norm")
    q, k, v, gate = (inner @ of(f"linear_attention.{part}.weight").T
                     for part in ("query", "key", "value", "gate"))
    heads = []
    for head, (q, k, v) in enumerate(zip(*(
            part.chunk(4, -1) for part in (q, k, v)))):
        gamma, state, seen = 1 - 2.0 ** (-5 - head), 0, []
        for row in range(len(x)):
            state = gamma * state + torch.outer(k[row], v[row])
            seen.append(q[row] @ state)
        seen = torch.stack(seen)
        seen *= (seen.square().mean(-1, keepdim=True) + 1e-5).rsqrt()
        heads.append(seen * of("linear_attention.head_norm.weight"))
    y = F.silu(gate) * torch.cat(heads, -1)
    x = x + y @ of("linear_attention.output.weight").T
    inner = layer_norm(x, of, "norm_2") @ of("mlp.up.weight").T
    return x + F.gelu(inner) @ of("mlp.down.weight").T


DELTA = RETENTION | {"model": "deltanet", "defaults": RETENTION["defaults"] | {
    "linear_attention": {
        "heads": 4, "head_dim": 10, "value_dim": 20, "mask": "causal",
        "conv": {"size": 4, "act": "silu"}, "feature": "none",
        "qk_norm": {"l2": {"eps": 1.0e-6}}, "scale": 0.31622776601683794,
        "normalise": "none", "update": "delta",
        "decay": {"input": {"power": True}},
        "head_norm": {"rms": {"eps": 1.0e-5}}, "gate": "silu"}}}


def delta_block(x, of):
    """Yang et al. 2024 (Gated DeltaNet): equation 10, one row after the other,
    convolutions by PyTorch."""
    inner = layer_norm(x, of, "norm")

    def named(part):
        return of(f"linear_attention.{part}.weight")

    def convolved(part):
        rows = F.pad((inner @ named(part).T).T, (3, 0))
        weight = named(part + "_conv")[:, None]
        return F.silu(F.conv1d(rows, weight, groups=len(rows)).T)

    decay = torch.exp(-of("linear_attention.decay.power") * F.softplus(
        -(inner @ named("decay").T + of("linear_attention.decay.bias"))))
    share = torch.sigmoid(inner @ named("update").T)
    heads = []
    for head, (q, k, v) in enumerate(zip(*(
            convolved(part).chunk(4, -1) for part in ("query", "key", "value")))):
        q, k = (part / (part.square().sum(-1, keepdim=True) + 1e-6).sqrt()
                for part in (q, k))
        state, seen = torch.zeros(10, 20, dtype=x.dtype), []
        for row in range(len(x)):
            beta, key = share[row, head], k[row]
            erased = torch.eye(10) - beta * torch.outer(key, key)
            state = decay[row, head] * erased @ state + beta * torch.outer(
                key, v[row])
            seen.append(10 ** -0.5 * q[row] @ state)
        seen = torch.stack(seen)
        seen *= (seen.square().mean(-1, keepdim=True) + 1e-5).rsqrt()
        heads.append(seen * named("head_norm"))
    y = F.silu(inner @ named("gate").T) * torch.cat(heads, -1)
    x = x + y @ named("output").T
    inner = layer_norm(x, of, "norm_2") @ of("mlp.up.weight").T
    return x + F.gelu(inner) @ of("mlp.down.weight").T


def by_recurrence(name, spec, block):
    program, expected = compiled(name, spec)

    def of(name):
        return torch.tensor(expected.weight.values[name])

    tokens = np.random.default_rng(3).integers(59, size=300)
    x = of("embed.weight")[tokens]
    for number in range(2):
        x = block(x, lambda name: of(f"layers.{number}.{name}"))
    right = (layer_norm(x, of, "norm") @ of("logits.weight").T).numpy()
    for length in (1, 2, 65, 300):
        close(f"{name}, {length} rows", program.logits(tokens[:length]),
              right[:length], 1e-4)


def retention():
    by_recurrence("retention", RETENTION, retention_block)


def delta():
    by_recurrence("delta", DELTA, delta_block)


def main():
    for test in (lengths, what_is_kept, softmax_by_features, retention, delta,
                 time_of_a_token):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
