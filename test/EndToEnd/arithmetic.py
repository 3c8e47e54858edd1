#!/usr/bin/python3
"""The arithmetic of each number format, bit for bit: one matmul, whose rows are
rows of the embedding, against exact fractions rounded where the documents say
so. Odd numbers of columns, outputs and rows."""
import os
from fractions import Fraction

import numpy as np

import checkpoints
import harness
from harness import Program, case, check, same_bits

SHAPES = ((1, 1), (31, 5), (77, 101), (33, 49), (96, 130))  # columns, outputs


def rounded(exact):
    """The float32 nearest to a fraction, ties to even."""
    near = np.float32(float(exact))
    options = (near, np.nextafter(near, np.float32(np.inf)),
               np.nextafter(near, np.float32(-np.inf)))
    return min(options, key=lambda x: (abs(Fraction(float(x)) - exact),
                                       int(x.view(np.uint32)) & 1))


def fma(x, y, z):
    return rounded(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))


def groups(values):
    """[..., columns] as [..., groups, 32], zeros behind the last."""
    padding = -values.shape[-1] % 32
    values = np.pad(values, ((0, 0), (0, padding)))
    return values.reshape(len(values), -1, 32)


def quantised(rows):
    """Rows of activations as integers and a scale for each group."""
    g = groups(rows)
    largest = np.abs(g).max(-1)
    scale = largest / np.float32(127)
    inverse = np.float32(127) / np.where(largest > 0, largest, 1)
    inverse = np.where(largest > 0, inverse, np.float32(0)).astype(np.float32)
    return np.rint(g * inverse[..., None]).astype(np.int64), scale


def by_integers(rows, q, scale):
    """rows times weights q * scale[output, group]."""
    qx, sx = quantised(rows)
    out = np.zeros((len(rows), len(q)), np.float32)
    for r, n in np.ndindex(out.shape):
        for g, dot in enumerate((qx[r] * q[n]).sum(-1)):
            out[r, n] = fma(dot, scale[n, g] * sx[r, g], out[r, n])
    return out


def by_floats(rows, weight):
    out = np.zeros((len(rows), len(weight)), np.float32)
    for r, n in np.ndindex(out.shape):
        for x, w in zip(rows[r], weight[n]):
            out[r, n] = fma(x, w, out[r, n])
    return out


def exact_integers(random, outputs, columns, least, most):
    """Weights that the format holds exactly: what it is told to store is then
    known, whichever way scales are chosen. Scales are powers of two, and each
    group has its extreme."""
    q = random.integers(least, most + 1, size=(outputs, columns))
    q[:, ::32] = least if least == -8 else most
    q = groups(q)
    scale = np.exp2(random.integers(-9, -3, size=q.shape[:2])
                    ).astype(np.float32)
    weight = (q * scale[..., None]).reshape(outputs, -1)[:, :columns]
    return q, scale, weight.astype(np.float32)


def compile_matmul(name, dtype, table, weight, *flags):
    """embed, then logits; with no table of its own the weight is both."""
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    tied = table is None
    tensors = {"embed.weight": weight if tied else table}
    if not tied:
        tensors["logits.weight"] = weight
    checkpoints.save(os.path.join(folder, "w.safetensors"),
                     {key: ("F32", value) for key, value in tensors.items()})
    harness.write_spec(os.path.join(folder, "spec.yaml"), {
        "model": "m", "dim": weight.shape[1], "context": 64,
        "vocab": len(weight),
        "layers": [{"embed": {"dtype": dtype if tied else "f32"}},
                   {"logits": {"tied": True} if tied else {"dtype": dtype}}],
        "weights": {"files": ["w.safetensors"]}})
    return Program(os.path.join(folder, "spec.yaml"), f"{name}/m", *flags)


def bf16(values):
    return checkpoints.from_bf16(checkpoints.to_bf16(values))


def one(dtype, columns, outputs):
    random = np.random.default_rng(columns)
    tokens = random.integers(outputs, size=9)
    table = random.standard_normal((outputs, columns)).astype(np.float32)
    if dtype in ("int8", "int4"):
        q, scale, weight = exact_integers(
            random, outputs, columns, *((-127, 127) if dtype == "int8" else (-8, 7)))
        reference = lambda rows: by_integers(rows, q, scale)
    else:
        weight = table[::-1].copy()
        stored = bf16(weight) if dtype == "bf16" else weight
        reference = lambda rows: by_floats(rows, stored)
    name = f"{dtype}_{columns}_{outputs}"
    program = compile_matmul(name, dtype, table, weight)
    for count in (1, 3, 9):
        same_bits(f"{dtype}, {outputs} x {columns}, {count} rows",
                  program.logits(tokens[:count]), reference(table[tokens[:count]]))
    program = compile_matmul(name + "_tied", dtype, None, weight)
    rows = bf16(weight) if dtype == "bf16" else weight
    same_bits(f"{dtype}, {outputs} x {columns}, its rows too",
              program.logits(tokens), reference(rows[tokens]))


def int8_head(head):
    """A head of a cached row as integers, and their scale."""
    largest = np.abs(head).max()
    inverse = np.float32(127) / largest
    return np.rint(head * inverse), largest / np.float32(127)


def by_scores(q, k, v, cache):
    """Causal linear attention over the cache: the score of a key is a sum in
    order, then scaled; scales of values go into their weights."""
    one = np.float32(1)
    as_cached = {"f32": lambda head: (head, one), "int8": int8_head,
                 "bf16": lambda head: (bf16(head), one)}[cache]
    heads = q.shape[1]
    group = heads // k.shape[1]
    out = np.zeros((len(q), heads, v.shape[2]), np.float32)
    for row, head in np.ndindex(out.shape[:2]):
        for s in range(row + 1):
            keys, key_scale = as_cached(k[s, head // group])
            values, value_scale = as_cached(v[s, head // group])
            score = np.float32(0)
            for x, y in zip(q[row, head], keys):
                score = fma(x, y, score)
            weight = score * key_scale * np.float32(0.5) * value_scale
            for e, value in enumerate(values):
                out[row, head, e] = fma(weight, value, out[row, head, e])
    return out.reshape(len(q), -1)


def caches(cache):
    """Attention without softmax over a cache: every step of it is known."""
    random = np.random.default_rng(3)
    dim, heads, kv_heads, d, e = 7, 4, 2, 19, 5
    folder = os.path.join(harness.work, f"cache_{cache}")
    os.makedirs(folder)
    shapes = {"embed": (dim, dim), "attention.query": (heads * d, dim),
              "attention.key": (kv_heads * d, dim),
              "attention.value": (kv_heads * e, dim),
              "attention.output": (dim, heads * e), "logits": (dim, dim)}
    w = {name: random.standard_normal(shape).astype(np.float32)
         for name, shape in shapes.items()}
    checkpoints.save(os.path.join(folder, "w.safetensors"), {
        f"{name}.weight": ("F32", value) for name, value in w.items()})
    harness.write_spec(os.path.join(folder, "spec.yaml"), {
        "model": "m", "dim": dim, "context": 64, "vocab": dim,
        "layers": ["embed", {"attention": {
            "heads": heads, "kv_heads": kv_heads, "head_dim": d,
            "value_dim": e, "mask": "causal", "scores": "linear",
            "scale": 0.5}}, "logits"],
        "weights": {"files": ["w.safetensors"]}})
    program = Program(os.path.join(folder, "spec.yaml"), f"cache_{cache}/m",
                      f"--cache={cache}")
    tokens = random.integers(dim, size=9)
    x = w["embed"][tokens]

    def rows(name, count):
        y = by_floats(x, w[f"attention.{name}"])
        return y.reshape(len(x), count, -1)
    mixed = by_scores(rows("query", heads), rows("key", kv_heads),
                      rows("value", kv_heads), cache)
    expected = by_floats(by_floats(mixed, w["attention.output"]), w["logits"])
    same_bits(f"cache of {cache}", program.logits(tokens), expected)
    same_bits(f"cache of {cache}, row by row",
              program.logits(tokens, "--cut", 1), expected)


def zeros_and_extremes():
    """Rows of zeros, and of values too small to be scaled, give 0."""
    q, scale, weight = exact_integers(np.random.default_rng(0), 40, 64, -127, 127)
    table = np.zeros((40, 64), np.float32)
    table[1] = 1e-38
    table[2, 32:] = 1e34
    program = compile_matmul("extremes", "int8", table, weight)
    got = program.logits(np.arange(3))
    check("rows of zeros", not got[0].any())
    check("rows of tiny values", np.abs(got[1]).max() < 1e-30)
    same_bits("a group of zeros, one of huge values", got[2:],
              by_integers(table[2:3], q, scale))


def pairs():
    """--compute=bf16 rounds both sides to bf16 and sums pairs in float32."""
    with open("/proc/cpuinfo") as file:
        if "avx512_bf16" not in file.read():
            return print("not on this machine: AVX512-BF16")
    random = np.random.default_rng(0)
    for columns, outputs in SHAPES:
        table, weight = (random.standard_normal((outputs, columns))
                         .astype(np.float32) for _ in range(2))
        program = compile_matmul(f"pairs_{columns}", "bf16", table, weight,
                                 "--compute=bf16")
        tokens = random.integers(outputs, size=9)
        expected = (bf16(table[tokens]).astype(np.float64)
                    @ bf16(weight).astype(np.float64).T)
        got = program.logits(tokens)
        error = np.abs(got - expected).max() / np.abs(expected).max()
        check(f"pairs, {outputs} x {columns}", error < 1e-6,
              f"relative error {error:.1e}")
        same_bits(f"pairs, {outputs} x {columns}, row by row",
                  program.logits(tokens, "--cut", 1), got)


def main():
    for dtype in ("f32", "bf16", "int8", "int4"):
        for shape in SHAPES:
            case(dtype, one, dtype, *shape)
    case("zeros_and_extremes", zeros_and_extremes)
    case("pairs", pairs)
    for cache in ("f32", "bf16", "int8"):
        case("caches", caches, cache)


if __name__ == "__main__":
    harness.main(main)
