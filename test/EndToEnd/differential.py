#!/usr/bin/python3
"""Compiled models of odd sizes and of every knob against the reference."""
import json
import os

import numpy as np

import formulas
import harness
import reference
import reference_attention
from cases import (LAYER, PLAIN, RMS, SWIGLU, attention_cases, image_cases,
                   linear_cases, mixture_cases, model, other_cases, rope,
                   rows_cases)
from checkpoints import RandomWeights, from_bf16, to_bf16
from harness import case, check, close

LENGTHS = (1, 2, 7, 65, 130)


def one_expert():
    """The only expert is an mlp, bit for bit."""
    fields = {"hidden": 61, "act": "silu", "gated": True, "bias": True}

    def layers(leaf, **more):
        return ["embed", {"residual": ["norm", "attention"]},
                {"residual": ["norm", {leaf: {**fields, **more}}]}, "norm",
                "logits"]
    one = model(37, 53, RMS, PLAIN | {"head_dim": 6}, None,
                layers("moe", experts=1, top_k=1))
    mixed, _ = compiled("one_expert", one)
    names = {f"mlp.{part}.{kind}": f"moe.experts.0.{part}.{kind}"
             for part in ("gate", "up", "down") for kind in ("weight", "bias")}
    path = os.path.join(harness.work, "one_expert", "dense.yaml")
    harness.write_spec(path, {**one, "layers": layers("mlp"), "weights": {
        "files": ["weights.safetensors"], "names": names}})
    dense = harness.Program(path, os.path.join("one_expert", "dense"))
    tokens = np.random.default_rng(0).integers(53, size=130)
    harness.same_bits("one expert", mixed.logits(tokens), dense.logits(tokens))


def two_shared():
    """An expert for all rows is as good as two of half the width."""
    fields = {"act": "silu", "gated": True}
    moe = {"experts": 5, "top_k": 2, "hidden": 29, **fields}

    def spec(*branches):
        return model(37, 53, RMS, None, {"hidden": 17, **fields}, [
            "embed", {"residual": ["norm", {"parallel": list(branches)}]},
            "norm", "logits"])
    program, _ = compiled("two_shared", spec({"moe": moe | {"shared": 34}}))
    names = {f"mlp{n}.{part}.weight": f"moe.shared.{part}.weight[{at}]"
             for n, rows in (("", "0:17"), ("_2", "17:34"))
             for part, at in (("gate", rows + ", :"), ("up", rows + ", :"),
                              ("down", ":, " + rows))}
    path = os.path.join(harness.work, "two_shared", "halves.yaml")
    harness.write_spec(path, spec({"moe": moe}, "mlp", "mlp") | {"weights": {
        "files": ["weights.safetensors"], "names": names}})
    halves = harness.Program(path, os.path.join("two_shared", "halves"))
    tokens = np.random.default_rng(0).integers(53, size=130)
    close("two shared experts", program.logits(tokens), halves.logits(tokens),
          1e-5)


def in_groups(item):
    """The fields of convolutions in groups."""
    if isinstance(item, list):
        return [fields for part in item for fields in in_groups(part)]
    if not isinstance(item, dict):
        return []
    return [fields for name, value in item.items() for fields in (
        [value] if name == "conv" and value.get("groups", 1) > 1
        else in_groups(value))]


def formats(spec):
    """The format of a matrix by its name: its layer's own, else the model's.
    Of convolutions in groups, where there are some, those of integers have
    whole blocks of 32 values in each row, and depthwise ones have none."""
    grouped = in_groups(spec)
    sides = 2 if "patch" in str(spec) else 1
    columns = [fields["size"] ** sides for fields in grouped
               if fields["groups"] == fields["to"]]

    def format_of(name, width):
        if any(part in name for part in ("router", "shared_gate", "feature.",
                                         "decay.", "update.", "_conv.")):
            return None
        for part in name.split("."):
            leaf = part.rstrip("0123456789").rstrip("_")
            if leaf in ("embed", "patch", "rows", "attention",
                        "cross_attention", "latent_attention",
                        "linear_attention", "mlp", "moe",
                        "linear", "conv", "logits"):
                fields = spec.get("defaults", {}).get(leaf, {})
                if leaf == "conv" and grouped and (width in columns or (
                        width % 32 and spec.get("dtype") != "bf16")):
                    return None
                return fields.get("dtype", spec.get("dtype"))
        return None
    return format_of


def turned(spec):
    """Heads of a matrix that rows meet across them: keys' of narrow rows."""
    fields = spec.get("defaults", {}).get("latent_attention", {})

    def heads_of(name):
        narrow = name.endswith("latent_attention.key.weight") and \
            reference_attention.keeps_latents(
                fields, fields.get("dtype", spec.get("dtype")))
        return fields["heads"] if narrow else 0
    return heads_of


def rounding(spec):
    """What matrices of integers do to rows."""
    format_of = formats(spec)

    def rows(x, name):
        integers = format_of(name, x.shape[-1]) in ("int8", "int4")
        return formulas.rounded(x) if integers else x
    return rows


CACHES = {"bf16": lambda x: from_bf16(to_bf16(x)).astype(np.float64),
          "int8": lambda x: formulas.rounded(x, x.shape[-1])}


def tolerance(spec, expected, data, right, cache=None, source=None,
              run=reference.Model.run):
    """How far rounding may move the result: 1e-4 in single precision; where
    rows are rounded to integers or choose experts, a value next to a tie may go
    the other way. An evaluation with weights off by 2^-16 moves such a value to
    either side alike; of six, one has it where the program has it. Four times
    what they are off is allowed."""
    if not cache and not any(w in str(spec) for w in ("int8", "int4", "moe")):
        return 1e-4
    draw = np.random.default_rng(0)

    def moved(name, *shape):
        value = expected.weight(name, *shape)
        return value * (1 + draw.uniform(-1, 1, shape) * 2.0 ** -16)
    off = [run(reference.Model(spec, moved, expected.rows, expected.cached),
               data, source) - right for _ in range(6)]
    return 1e-4 + 4 * np.abs(off).max() / np.abs(right).max()


def some_input(layers):
    """A token, an image or a row, as the first of the layers takes it; as many
    rows as a convolution behind it sees at once."""
    first, rows = layers[0], 1
    for layer in layers:
        if "conv" in layer:
            rows = max(rows, layer["conv"]["size"])
    if "rows" in first:
        return np.zeros((rows, first["rows"]["dim"]))
    return np.zeros(first["patch"]["image"]) if "patch" in first else [0] * rows


def some_pair(spec):
    """The same, and a source where there is one."""
    if "encoder" in spec:
        return [0], some_input(spec["encoder"])
    return some_input(spec["layers"]), None


def between(probabilities):
    """A threshold as far as may be from how sure exits are, and how far that
    is."""
    found = np.unique(probabilities)
    gaps = np.diff(found)
    if not len(gaps):
        return 1.0, 0.0
    place = int(gaps.argmax())
    return float(found[place:place + 2].mean()), float(gaps[place]) / 2


def built(name, spec, weights, *flags):
    """The program of a spec with these weights, in a folder of its own."""
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    weights.save(os.path.join(folder, "weights.safetensors"))
    spec = spec | {"weights": {"files": ["weights.safetensors"]}}
    harness.write_spec(os.path.join(folder, "spec.yaml"), spec)
    return harness.Program(os.path.join(folder, "spec.yaml"),
                           os.path.join(name, "model"), *flags)


def reference_of(spec, dtype="F32", seed=0, cache=None):
    """With random weights."""
    weights = RandomWeights(seed, dtype, formats(spec), turned(spec))
    return reference.Model(spec, weights, rounding(spec),
                           CACHES.get(cache, lambda x: x))


def compiled(name, spec, dtype="F32", seed=0, cache=None):
    """The program and the reference, with the same random weights."""
    expected = reference_of(spec, dtype, seed, cache)
    expected.run(*some_pair(spec))
    return built(name, spec, expected.weight,
                 *([f"--cache={cache}"] if cache else [])), expected


def against_reference(name, spec, dtype="F32", seed=0, lengths=LENGTHS,
                      cache=None):
    program, expected = compiled(name, spec, dtype, seed, cache)
    generator = np.random.default_rng(seed)
    for length in lengths:
        tokens = generator.integers(spec["vocab"], size=length)
        right = expected.run(tokens)
        close(f"{name}, {length} rows", program.logits(tokens, "--threads", 2),
              right, tolerance(spec, expected, tokens, right, cache))


def image_against_reference(name, spec):
    program, expected = compiled(name, spec)
    shape = spec["layers"][0]["patch"]["image"]
    images = np.random.default_rng(0).standard_normal((5, *shape))
    images = images.astype(np.float32)
    right = [expected.run(i) for i in images.astype(float)]
    allowed = max(tolerance(spec, expected, i, r)
                  for i, r in zip(images.astype(float), right))
    pooled = any("pool" in layer for layer in spec["layers"])
    rows = np.concatenate(right) if pooled else np.stack(right)
    close(f"{name}, 5 images", program.run(images), rows, allowed)
    close(f"{name}, 1 image", program.run(images[:1]), rows[:1], allowed)


def rows_against_reference(name, spec):
    """Sequences alone, then all of them in one array."""
    program, expected = compiled(name, spec)
    dim = spec["layers"][0]["rows"]["dim"]
    draw = np.random.default_rng(0)
    sequences = [draw.standard_normal((length, dim)).astype(np.float32)
                 for length in LENGTHS]
    outputs = []
    for rows in sequences:
        right = expected.run(rows.astype(float))
        outputs.append(program.run(rows, "--threads", 2))
        close(f"{name}, {len(rows)} rows", outputs[-1], right,
              tolerance(spec, expected, rows.astype(float), right))
    harness.same_bits(f"{name}, all at once", program.run(
        np.concatenate(sequences), "--lengths", ",".join(map(str, LENGTHS))),
        np.concatenate(outputs))


def prefixes(name, leaf="attention", **fields):
    """The first rows see each other, however many they are, and later rows may
    come one by one."""
    spec = model(42, 61, RMS, None, SWIGLU, [
        "embed", {"repeat": 2, "layers": [
            {"residual": ["norm", {leaf: {"heads": 3, "mask": "prefix",
                                          **fields}}]},
            {"residual": ["norm", "mlp"]}]}, "norm", "logits"])
    program, expected = compiled(name, spec)
    generator = np.random.default_rng(4)
    for length in LENGTHS:
        tokens = generator.integers(spec["vocab"], size=length)
        for prefix in sorted({0, 1, length // 3, length // 2 + 1, length}):
            expected.prefix = prefix
            got = program.logits(tokens, "--prefix", prefix, "--threads", 2)
            close(f"{name}, {prefix} of {length} rows", got,
                  expected.run(tokens))
            if prefix:
                harness.same_bits(
                    f"{name}, {prefix} of {length} rows, cut", program.logits(
                        tokens, "--prefix", prefix, "--cut", prefix), got)


def prefix_of_all_and_none(name):
    """A prefix of one row is a causal model, of all rows an encoder."""
    fields = {"heads": 3, "position": rope()}
    layers = ["embed", {"repeat": 2, "layers": [
        {"residual": ["norm", "attention"]}]}, "norm", "logits"]
    one, _ = compiled(name, model(36, 61, RMS, fields | {"mask": "prefix"},
                                  None, layers))
    tokens = np.random.default_rng(2).integers(61, size=77)
    for mask, prefix in (("causal", 1), ("none", 77)):
        other, _ = compiled(f"{name}_{mask}", model(
            36, 61, RMS, fields | {"mask": mask}, None, layers))
        harness.same_bits(f"{name}: {mask}", one.logits(
            tokens, "--prefix", prefix), other.logits(tokens))


def narrow_sessions(name):
    """A key and a value a row for all heads, in blocks of 64 rows, the value
    up to a multiple of 16; or one of each head, where that is less."""
    specs = dict(attention_cases())
    for case, columns in (("latent", (17 + 4) + 32),
                          ("latent_wide", 2 * (10 + 16))):
        program, _ = compiled(f"{name}_{case}", specs[case])
        info = json.loads(program("info", "--json").stdout)
        check(f"{name}, {case}", info["cache_bytes"] == 2 * 192 * columns * 4,
              info["cache_bytes"])


def main():
    for name, spec in [*attention_cases(), *linear_cases(),
                       *other_cases()]:
        case(name, against_reference, name, spec)
    for name, spec in image_cases():
        case(name, image_against_reference, name, spec)
    for name, spec in rows_cases():
        case(name, rows_against_reference, name, spec)
    for dtype in ("F16", "BF16"):
        case(f"stored_{dtype}", against_reference, f"stored_{dtype}", model(
            31, 53, RMS, PLAIN | {"head_dim": 14, "position": rope()},
            SWIGLU), dtype)
    for dtype in ("bf16", "int8", "int4"):
        case(f"dtype_{dtype}", against_reference, f"dtype_{dtype}", model(
            70, 53, RMS, PLAIN | {"head_dim": 14, "position": rope()}, SWIGLU,
            dtype=dtype))
        name, spec = next(image_cases())
        case(f"image_{dtype}", image_against_reference, f"image_{dtype}",
             spec | {"dtype": dtype})
    for name, spec in mixture_cases():
        case(f"moe_{name}", against_reference, f"moe_{name}", spec)
    for dtype in ("bf16", "int8", "int4"):
        spec = dict(mixture_cases())["shared_expert"] | {"dtype": dtype}
        case(f"moe_{dtype}", against_reference, f"moe_{dtype}", spec)
    case("one_expert", one_expert)
    case("two_shared", two_shared)
    chosen = dict(attention_cases())
    for cache in CACHES:
        # Sums stay what they are.
        name = f"sums_cache_{cache}"
        case(name, against_reference, name,
             dict(linear_cases())["sums_grouped"], cache=cache)
        for knob in ("head_dim_40", "odd_head_dim", "grouped", "wide_value",
                     "partial_pairs", "window_64", "softcap", "qk_rms",
                     "linear_rows", "relu_rows", "latent"):
            name = f"cache_{cache}_{knob}"
            case(name, against_reference, name, chosen[knob], cache=cache)
    case("mixed", against_reference, "mixed", model(
        51, 97, LAYER, PLAIN | {"bias": True, "dtype": "int8"},
        SWIGLU | {"dtype": "int4"}, ["embed", {"position": "learned"},
        {"repeat": 2, "layers": [{"residual": ["norm", {
            "parallel": ["attention", "mlp"]}]}]}, {"linear": {"to": 51}},
        "norm", {"logits": {"tied": True}}], dtype="bf16"))
    case("latent_sessions", narrow_sessions, "latent_sessions")
    case("prefix", lambda: prefixes("prefix", position=rope()))
    case("prefix_relative", lambda: prefixes(
        "prefix_relative", kv_heads=1, position={"relative": {
            "buckets": 10, "distance": 40}}))
    case("prefix_ends", prefix_of_all_and_none, "prefix_ends")
    case("prefix_sums", lambda: prefixes(
        "prefix_sums", "linear_attention", value_dim=5))
    case("prefix_random", lambda: prefixes(
        "prefix_random", "linear_attention", head_dim=9, kv_heads=1,
        feature={"random": {"count": 21}}))


if __name__ == "__main__":
    harness.main(main)
