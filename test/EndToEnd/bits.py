#!/usr/bin/python3
"""The same bits whatever the cut of the prompt, the number of threads, the
company in a batch and the machine's vectors. Output files are compared whole."""
import os

import numpy as np

import cases
import differential
import harness
import reference
from checkpoints import RandomWeights
from harness import Program, case, check, must

ROPE = {"rope": {"theta": 10000.0}}
BLOCK = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
MODELS = {
    "llama": {
        "model": "bits_llama", "dim": 70, "context": 200, "vocab": 331,
        "defaults": {"norm": {"kind": "rms", "eps": 1.0e-6},
                     "attention": {"heads": 5, "kv_heads": 1, "mask": "causal",
                                   "position": ROPE, "window": 90},
                     "mlp": {"hidden": 187, "act": "silu", "gated": True}},
        "layers": ["embed", {"repeat": 2, "layers": BLOCK}, "norm",
                   "logits"]},
    "gpt2": {
        "model": "bits_gpt2", "dim": 96, "context": 200, "vocab": 257,
        "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                     "attention": {"heads": 3, "mask": "causal", "bias": True},
                     "mlp": {"hidden": 384, "act": "gelu_tanh", "bias": True}},
        "layers": ["embed", {"position": "learned"},
                   {"repeat": 2, "layers": BLOCK}, "norm",
                   {"logits": {"tied": True}}]},
    "qk": {
        "model": "bits_qk", "dim": 48, "context": 200, "vocab": 101,
        "defaults": {"norm": {"kind": "rms", "eps": 1.0e-6},
                     "attention": {"heads": 6, "kv_heads": 2, "head_dim": 22,
                                   "mask": "causal", "position": ROPE,
                                   "softcap": 3.0, "qk_norm": {
                                       "rms": {"eps": 1.0e-6}}},
                     "mlp": {"hidden": 131, "act": "gelu"}},
        "layers": ["embed", {"repeat": 2, "layers": BLOCK}, "norm",
                   {"logits": {"softcap": 5.0}}]}}
IMAGES = {name: dict(cases.image_cases())[spec] for name, spec in (
    ("images", "class_token"), ("tiles", "tiles_of_7"))}
# Depthwise convolutions in blocks, one of wider groups between them.
IMAGES["groups"] = {
    "model": "bits_groups", "dim": 41,
    "defaults": {"norm": {"kind": "layer", "eps": 1.0e-6}},
    "layers": [
        {"patch": {"image": [3, 22, 38], "size": 2, "bias": True}},
        {"repeat": 2, "layers": [{"residual": [
            "norm", {"linear": {"to": 72, "bias": True}},
            {"conv": {"to": 72, "size": 3, "pad": 1, "groups": 72,
                      "bias": True, "act": "gelu"}},
            {"linear": {"to": 41, "bias": True}}]}]},
        {"conv": {"to": 41, "size": 3, "stride": 2, "pad": 1, "groups": 41}},
        {"linear": {"to": 48}},
        {"conv": {"to": 60, "size": 3, "pad": 1, "groups": 4, "bias": True}},
        "norm", {"pool": "mean"}, {"linear": {"to": 5}}]}
# GPT-J's rotary: pairs, on some of the columns.
MODELS["pairs"] = {
    "model": "bits_pairs", "dim": 60, "context": 200, "vocab": 67,
    "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                 "attention": {"heads": 5, "mask": "causal", "position": {
                     "rope": {"theta": 10000.0, "layout": "pairs", "dim": 6}}},
                 "mlp": {"hidden": 77, "act": "silu", "gated": True}},
    "layers": ["embed", {"repeat": 2, "layers": BLOCK}, "norm", "logits"]}
# Keys and values of a narrow row.
MODELS["latent"] = {
    "model": "bits_latent", "dim": 60, "context": 200, "vocab": 67,
    "defaults": {"norm": {"kind": "rms", "eps": 1.0e-6},
                 "mlp": {"hidden": 77, "act": "silu", "gated": True},
                 "latent_attention": {
                     "heads": 5, "head_dim": 22, "value_dim": 9, "latent": 35,
                     "query_latent": 19, "shared": 6, "mask": "causal",
                     "position": ROPE}},
    "layers": ["embed", {"repeat": 2, "layers": [
        {"residual": ["norm", "latent_attention"]},
        {"residual": ["norm", "mlp"]}]}, "norm", "logits"]}
# Scores with biases by distance.
for name, position in (("alibi", "alibi"), ("relative", {
        "relative": {"buckets": 12, "distance": 50}})):
    MODELS[name] = MODELS["gpt2"] | {"model": f"bits_{name}", "defaults": MODELS[
        "gpt2"]["defaults"] | {"attention": {
            "heads": 3, "mask": "causal", "position": position}}}
# Segments with a memory, cut wherever the prompt is.
MODELS["segments"] = MODELS["gpt2"] | {
    "model": "bits_segments", "defaults": MODELS["gpt2"]["defaults"] | {
        "attention": {"heads": 3, "mask": "causal", "position": "alibi",
                      "segment": 32, "memory": 32}}}
# Sums over rows in place of rows.
MODELS["sums"] = {
    "model": "bits_sums", "dim": 60, "context": 200, "vocab": 67,
    "defaults": {"norm": {"kind": "rms", "eps": 1.0e-5},
                 "linear_attention": {"heads": 4, "kv_heads": 2, "head_dim": 18,
                                      "value_dim": 21, "mask": "causal"},
                 "mlp": {"hidden": 77, "act": "silu", "gated": True}},
    "layers": ["embed", {"repeat": 2, "layers": [
        {"residual": ["norm", "linear_attention"]}, BLOCK[1]]}, "norm",
        "logits"]}
for name, fields in (
        ("random", {"feature": {"random": {"count": 37}}}),
        ("decay", {"decay": "input"}),
        ("delta", {"feature": "none", "normalise": "none", "decay": "input",
                   "update": "delta", "qk_norm": {"l2": {"eps": 1.0e-6}},
                   "conv": {"size": 4, "act": "silu", "bias": True},
                   "gate": "silu"}),
        ("retention", {"feature": "none", "normalise": "none", "gate": "silu",
                       "decay": "fixed", "head_norm": {"rms": {"eps": 1.0e-5}}})):
    MODELS[f"sums_{name}"] = MODELS["sums"] | {
        "model": f"bits_sums_{name}", "defaults": MODELS["sums"]["defaults"] | {
            "linear_attention": {
                **MODELS["sums"]["defaults"]["linear_attention"], **fields}}}
# Weights in other formats: odd numbers of columns, gated, and a table that is
# the logits' weight too.
for dtype in ("bf16", "int8", "int4"):
    for name in ("llama", "gpt2"):
        MODELS[f"{name}_{dtype}"] = MODELS[name] | {
            "model": f"bits_{name}_{dtype}", "dtype": dtype}
# Rows that take experts by themselves and together.
MODELS["moe"] = {
    "model": "bits_moe", "dim": 70, "context": 200, "vocab": 61,
    "defaults": {leaf: MODELS["llama"]["defaults"][leaf]
                 for leaf in ("norm", "attention")},
    "layers": ["embed", {"repeat": 2, "layers": [
        BLOCK[0], {"residual": ["norm", {"moe": {
            "experts": 11, "top_k": 3, "normalise": True, "hidden": 37,
            "act": "silu", "gated": True, "shared": 29,
            "shared_gate": True}}]}]}, "norm", "logits"]}
MODELS["moe_groups"] = {
    **MODELS["moe"], "model": "bits_moe_groups", "layers": [
        "embed", BLOCK[0], {"residual": ["norm", {"moe": {
            "experts": 35, "top_k": 3, "router": "sigmoid",
            "correction": True, "groups": {"two_best": {
                "count": 7, "top_k": 3}}, "hidden": 19}}]}, "norm", "logits"]}
for dtype in ("bf16", "int8"):
    MODELS[f"moe_{dtype}"] = MODELS["moe"] | {
        "model": f"bits_moe_{dtype}", "dtype": dtype}
# And caches: one head of keys and values, several, an odd size.
FLAGS = {}
for cache in ("bf16", "int8"):
    for name in ("llama", "gpt2", "qk"):
        MODELS[f"{name}_cache_{cache}"] = MODELS[name] | {
            "model": f"bits_{name}_cache_{cache}"}
        FLAGS[f"{name}_cache_{cache}"] = (f"--cache={cache}",)
LENGTHS = (1, 5, 64, 130, 150)


def compiled(name, spec, *flags, **options):
    return Program(*make(name, spec, *flags), *flags, *FLAGS.get(name, ()),
                   **options)


def make(name, spec, *flags):
    folder = os.path.join(harness.work, name)
    if not os.path.exists(folder):
        os.makedirs(folder)
        weights = RandomWeights(5)
        reference.Model(spec, weights).run(*differential.some_pair(spec))
        weights.save(os.path.join(folder, "weights.safetensors"))
        harness.write_spec(
            os.path.join(folder, "spec.yaml"),
            spec | {"weights": {"files": ["weights.safetensors"]}})
    suffix = "".join(c for c in "-".join(flags) if c.isalnum())
    return os.path.join(folder, "spec.yaml"), f"{name}/model{suffix}"


def tokens_of(spec, length):
    return np.random.default_rng(length).integers(spec["vocab"], size=length)


def same(what, got, expected):
    harness.same_bits(what, got, expected)


def cuts(name, spec):
    program = compiled(name, spec)
    for length in LENGTHS:
        tokens = tokens_of(spec, length)
        whole = program.logits(tokens)
        for cut in (1, 3, 7, 64):
            same(f"{name}, {length} rows in cuts of {cut}",
                 program.logits(tokens, "--cut", cut), whole)


def threads(name, spec):
    program = compiled(name, spec)
    for length in LENGTHS:
        tokens = tokens_of(spec, length)
        one = program.logits(tokens, "--threads", 1)
        for count in (2, 7):
            for cut in ((), ("--cut", 1)):
                same(f"{name}, {length} rows, {count} threads {' '.join(map(str, cut))}",
                     program.logits(tokens, "--threads", count, *cut), one)


def company(name, spec):
    """Sequences of different lengths in one step, and each by itself."""
    program = compiled(name, spec)
    sequences = [tokens_of(spec, length) for length in (3, 70, 1, 150, 33)]
    alone = np.concatenate([program.logits(tokens) for tokens in sequences])
    for flags in ((), ("--cut", 1), ("--cut", 7), ("--threads", 2)):
        same(f"{name}, five sequences at once {' '.join(map(str, flags))}",
             program.logits(*sequences, *flags), alone)


def images(name, spec):
    program = compiled(name, spec)
    shape = spec["layers"][0]["patch"]["image"]
    pictures = np.random.default_rng(0).standard_normal((9, *shape))
    together = program.run(pictures)
    for count in (2, 7):
        same(f"{name}, {count} threads",
             program.run(pictures, "--threads", count), together)
    alone = [program.run(pictures[i:i + 1]) for i in range(len(pictures))]
    same(f"{name}, alone and in a batch", np.concatenate(alone), together)


def rows():
    """Rows of reals in cuts, on threads, in company, on another machine."""
    spec = dict(cases.rows_cases())["rows_mapped"]
    program = Program(*make("rows", spec))
    lengths = (3, 70, 1, 131, 33)
    values = np.random.default_rng(3).standard_normal((sum(lengths), 7))
    places = np.cumsum((0, *lengths))
    alone = [program.run(values[a:b]) for a, b in zip(places, places[1:])]
    together = np.concatenate(alone)
    texts = "--lengths", ",".join(map(str, lengths))
    for flags in ((), ("--cut", 1), ("--cut", 7), ("--threads", 7)):
        same(f"rows, five sequences at once {' '.join(map(str, flags))}",
             program.run(values, *texts, *flags), together)
    if qemu := harness.aarch64_launcher():
        flag = "--target=aarch64-linux-gnu"
        other = Program(*make("rows", spec, flag), flag, launcher=(qemu,))
        same("rows, AArch64 and x86", other.run(values, *texts), together)


def image_machines(name, spec):
    """What encoders compute on other machines."""
    shape = spec["layers"][0]["patch"]["image"]
    pictures = np.random.default_rng(1).standard_normal((3, *shape))
    expected = compiled(name, spec).run(pictures)
    qemu = harness.aarch64_launcher()
    for flag in ("--mcpu=x86-64-v3", "--mcpu=x86-64-v4",
                 "--target=aarch64-linux-gnu"):
        foreign = flag.startswith("--target")
        if not (qemu if foreign else runs_here(flag.split("=")[1])):
            continue
        other = compiled(name, spec, flag, launcher=(qemu,) if foreign else ())
        same(f"{name}, {flag}", other.run(pictures), expected)


def runs_here(cpu):
    with open("/proc/cpuinfo") as file:
        flags = file.read()
    return "avx512vl" in flags if cpu == "x86-64-v4" else "avx2" in flags


def cpus(name, spec):
    native = compiled(name, spec, "--mcpu=native")
    for cpu in ("x86-64-v3", "x86-64-v4"):
        if not runs_here(cpu):
            print(f"not on this machine: {cpu}")
            continue
        flag = f"--mcpu={cpu}"
        other = compiled(name, spec, flag)
        for length in LENGTHS:
            tokens = tokens_of(spec, length)
            same(f"{name}, {length} rows, {cpu} and native",
                 other.logits(tokens), native.logits(tokens))


def arm(name, spec):
    qemu = harness.aarch64_launcher()
    if not qemu:
        return
    x86 = compiled(name, spec)
    # The second has instructions for dot products of bytes.
    for cpu in ("generic", "cortex-a76"):
        if cpu != "generic" and "dtype" not in spec:
            continue
        flags = "--target=aarch64-linux-gnu", f"--mcpu={cpu}"
        aarch64 = compiled(name, spec, *flags, launcher=(qemu, "-cpu", "max"))
        for length in LENGTHS:
            tokens = tokens_of(spec, length)
            same(f"{name}, {length} rows, AArch64 {cpu} and x86",
                 aarch64.logits(tokens), x86.logits(tokens))


def reproducible():
    """Two compilations make the same files."""
    source, path = make("twice", MODELS["llama"])
    folders = [os.path.join(harness.work, "twice", n) for n in ("a", "b")]
    for folder in folders:
        os.makedirs(folder)
        must(harness.compiler, source, "-c", "-o", folder + "/m")
    for suffix in ("o", "h", "weights"):
        one, two = (open(f"{f}/m.{suffix}", "rb").read() for f in folders)
        check(f"compiled twice: m.{suffix}", one == two)


def main():
    for name, spec in MODELS.items():
        case("cuts", cuts, name, spec)
        case("threads", threads, name, spec)
        case("company", company, name, spec)
        case("cpus", cpus, name, spec)
        case("arm", arm, name, spec)
    for name, spec in IMAGES.items():
        case("images", images, name, spec)
        case("image_machines", image_machines, name, spec)
    case("rows", rows)
    case("reproducible", reproducible)


if __name__ == "__main__":
    harness.main(main)
