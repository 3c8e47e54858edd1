#!/usr/bin/python3
"""What models hand out beside their output: the residual stream behind every
block, of attention the queries, keys, values, scores and weights, against the
reference; and that nothing else changes for it."""
import os

import numpy as np

import harness
import reference
import translators
import turner
from checkpoints import RandomWeights, save
from differential import CACHES, tolerance
from harness import Program, case, check, close, must, same_bits

ROPE = {"rope": {"theta": 10000.0}}
HEADS = ["queries", "keys", "values"]
ALL = [*HEADS, "scores", "weights"]
PRE = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
POST = [{"residual": ["attention"]}, "norm", {"residual": ["mlp"]}, "norm"]


def spec(name, attention, block, norm, act="gelu", **more):
    return {"model": name, "dim": 36, "context": 70, "vocab": 59, "defaults": {
        "norm": norm, "attention": {"heads": 6, "tap": ALL, **attention},
        "mlp": {"hidden": 61, "act": act}}, "layers": [
            "embed", {"position": "learned"}, {"tap": "start"},
            {"repeat": 3, "layers": [*block, {"tap": "stream"}], **more},
            {"norm": {"as": "last"}}, "logits"]}


LAYER, RMS = {"kind": "layer", "eps": 1e-5}, {"kind": "rms", "eps": 1e-6}
MODELS = {
    "gpt": spec("gpt", {"mask": "causal"}, PRE, LAYER, "gelu_tanh"),
    "window": spec("window", {"mask": "causal", "kv_heads": 2, "head_dim": 10,
                              "position": ROPE, "window": 17, "softcap": 2.0},
                   PRE, RMS, "silu"),
    "alibi": spec("alibi", {"mask": "causal", "position": "alibi"}, PRE, RMS),
    "t5": spec("t5", {"mask": "none", "position": {
        "relative": {"buckets": 12, "distance": 50}}}, PRE, RMS, "relu"),
    "scale_none": spec("scale_none", {"mask": "none", "scale": 1.0}, PRE, RMS),
    "scale_given": spec("scale_given", {"mask": "causal", "scale": 0.61,
                                        "kv_heads": 1}, PRE, LAYER),
    "bert": spec("bert", {"mask": "none", "kv_heads": 3}, POST, LAYER),
    "shared": spec("shared", {"mask": "none"}, PRE, RMS, share=True),
    "nested": spec("nested", {"mask": "causal"},
                   [{"repeat": 2, "layers": PRE + [{"tap": "inner"}]}], RMS),
    "partial": spec("partial", {
        "mask": "causal", "kv_heads": 3, "head_dim": 10, "value_dim": 5,
        "position": {"rope": {"dim": 6}},
        "qk_norm": {"rms": {"eps": 1e-6}}}, PRE, RMS),
    "pairs": spec("pairs", {"mask": "causal", "tap": ["keys", "scores"],
                            "position": {"rope": {"layout": "pairs"}}},
                  PRE, RMS),
    "sinks": spec("sinks", {"mask": "causal", "window": 9, "sinks": 20,
                            "position": "alibi"}, PRE, RMS),
    "global": spec("global", {"mask": "none", "segment": 16, "memory": 5,
                              "global": 20, "softcap": 1.5}, PRE, RMS),
    "random": spec("random", {
        "mask": "none", "kv_heads": 2, "segment": 7, "global": 3,
        "random": {"segments": 2, "seed": 3}, "position": ROPE}, PRE, RMS),
    "prefix": spec("prefix", {"mask": "prefix", "position": ROPE}, PRE, RMS),
    "linear": spec("linear", {"mask": "causal", "scores": "linear",
                              "tap": HEADS, "position": ROPE}, PRE, RMS),
    "mixtures": spec("mixtures", {"mask": "none", "reduce": {"rows": 9},
                                  "tap": "queries"}, PRE, RMS),
    "decoder": translators.model(
        attention={"tap": ALL}, encoder=["embed", {"residual": [
            "norm", {"attention": {"mask": "none", "tap": "none"}}]}, "norm"],
        block=[*translators.PRE, {"tap": "stream"}], context=70),
}


def source_of(spec):
    """Of an encoder-decoder, else nothing."""
    if "encoder" not in spec:
        return None
    return np.random.default_rng(4).integers(spec["vocab"], size=13)


def flags_of(*sources):
    return () if sources[0] is None else ("--source", harness.ids(*sources))


def compiled(name, spec, cache=None):
    weights = RandomWeights(3)
    expected = reference.Model(spec, weights,
                               cached=CACHES.get(cache, lambda x: x))
    expected.run([0], source_of(spec))
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    weights.save(os.path.join(folder, "w.safetensors"))
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec | {"weights": {"files": ["w.safetensors"]}})
    return Program(path, os.path.join(folder, "model"),
                   *([f"--cache={cache}"] if cache else [])), expected


def without_taps(item):
    """The same model with nothing to look at."""
    if isinstance(item, dict):
        return {k: without_taps(v) for k, v in item.items() if k != "tap"}
    if isinstance(item, list):
        return [without_taps(i) for i in item
                if not (isinstance(i, dict) and "tap" in i)]
    return item


def tapped(program, tap, *sequences_and_flags):
    path = program.path + ".tap.npy"
    rows = program.logits(*sequences_and_flags, "--tap", f"{tap}={path}")
    return rows, np.load(path)


def expected_tap(expected, tap, data, source=None):
    """As [rows, repetitions, ...], without a dimension for one; scores of what
    is hidden are 0."""
    expected.run(data, source)
    values = np.stack(expected.taps[tap], 1)
    values = np.where(np.isneginf(values), 0, values)
    return values[:, 0] if values.shape[1] == 1 else values


def hidden_pairs(expected, tap):
    """What the mask hides, of the last run."""
    hidden = np.isneginf(np.stack(expected.taps[tap], 1))
    return hidden[:, 0] if hidden.shape[1] == 1 else hidden


def against_reference(name, spec, cache=None, prefix=0):
    source = source_of(spec)
    program, expected = compiled(name, spec, cache)
    plain, _ = compiled(name + "_plain", without_taps(spec), cache)
    draw = np.random.default_rng(0)
    for length in (1, 16, 41, 70):
        tokens = draw.integers(spec["vocab"], size=length)
        flags = flags_of(source)
        if prefix:
            expected.prefix = min(prefix, length)
            flags = "--prefix", expected.prefix
        right = plain.logits(tokens, *flags)
        same_bits(f"{name}, {length} rows: the output without taps",
                  program.logits(tokens, *flags), right)
        expected.run(tokens, source)
        for tap in list(expected.taps):
            values = expected_tap(expected, tap, tokens, source)
            rows, got = tapped(program, tap, tokens, *flags)
            same_bits(f"{name}, {length} rows: the output beside {tap}", rows,
                      right)
            allowed = tolerance(
                spec, expected, tokens, values, cache, source,
                lambda model, *data: expected_tap(model, tap, *data))
            if tap.endswith(".scores"):
                masked = np.isneginf(got[..., :length])
                check(f"{name}, {length} rows: {tap} that are hidden",
                      np.isneginf(got[..., length:]).all() and np.array_equal(
                          masked, hidden_pairs(expected, tap)))
                close(f"{name}, {length} rows: {tap}", np.where(
                    masked, 0, got[..., :length]), values, allowed)
                continue
            if not tap.endswith(".weights"):
                close(f"{name}, {length} rows: {tap}", got, values, allowed)
                continue
            seen, hidden = got[..., :length], got[..., length:]
            close(f"{name}, {length} rows: {tap}", seen, values,
                  allowed if cache else 1e-5)
            off = np.abs(seen.sum(-1, dtype=float) - 1).max()
            check(f"{name}, {length} rows: {tap} sum to 1",
                  off <= 1e-6 and not hidden.any() and (got >= 0).all()
                  and not got[..., :length][values == 0].any(),
                  f"off by {off:.1e}")


def bits(name, spec, cache=None):
    """The same in any cut and company."""
    program, expected = compiled(name + "_bits", spec, cache)
    draw = np.random.default_rng(1)
    sequences = [draw.integers(spec["vocab"], size=n) for n in (3, 70, 1, 33)]
    source = source_of(spec)
    sources = [source if source is None else source[:3 * i + 1]
               for i in range(4)]
    expected.run([0], source)
    causal = "'mask': 'causal'" in str(spec)
    for tap in expected.taps:
        alone = np.concatenate([
            tapped(program, tap, tokens, *flags_of(own))[1]
            for tokens, own in zip(sequences, sources)])
        for flags in ((), ("--threads", 7),
                      *((("--cut", 1), ("--cut", 7)) if causal else ())):
            same_bits(f"{name}: {tap}, four at once {' '.join(map(str, flags))}",
                      tapped(program, tap, *sequences, *flags_of(*sources),
                             *flags)[1], alone)


def golden():
    """The first head of Turner's first block: row n has the weights that go to
    his column n."""
    table = {name: ("F32", values.astype("<f4"))
             for name, values in turner.weights().items()
             if name.startswith(("embed", "layers.attention", "layers.norm",
                                 "layers.mlp"))}
    save(os.path.join(harness.work, "turner.safetensors"), table)
    path = os.path.join(harness.work, "turner.yaml")
    harness.write_spec(path, turner.model(count=1, tap="weights") | {
        "weights": {"files": ["turner.safetensors"]}})
    program = Program(path, "turner")
    _, got = tapped(program, "layers.attention.weights", range(turner.N))
    turner.near("golden: weights of the first row", got[0, 0, :turner.N],
                (.0194, .069216, .355685, .184014, .371686))
    turner.near("golden: how much all rows see of each",
                got[:, 0, :turner.N].sum(0), (1.013, .083, .450, 3.001, .452),
                5e-4)
    _, one = tapped(program, "layers.attention.weights", [0])
    check("golden: a row alone", one[0, 0, 0] == 1 and not one[0, 0, 1:].any())


def machines():
    """Of other vectors."""
    qemu = harness.aarch64_launcher()
    if not qemu:
        return
    for name in ("window", "random"):
        program, expected = compiled(f"machines_{name}", MODELS[name])
        foreign = Program(
            os.path.join(harness.work, f"machines_{name}", "spec.yaml"),
            f"aarch64_{name}", "--target=aarch64-linux-gnu", launcher=(qemu,))
        tokens = np.random.default_rng(5).integers(59, size=37)
        for tap in expected.taps:
            same_bits(f"AArch64 and x86: {name}, {tap}",
                      tapped(foreign, tap, tokens)[1],
                      tapped(program, tap, tokens)[1])


def nothing_for_nothing():
    """What hands out nothing is the object that knows nothing of taps."""
    plain = without_taps(MODELS["gpt"])
    idle = plain | {"defaults": plain["defaults"] | {
        "attention": plain["defaults"]["attention"] | {"tap": "none"}}}
    objects = []
    for name, spec in ("plain", plain), ("idle", idle), ("tapped",
                                                         MODELS["gpt"]):
        path = os.path.join(harness.work, f"object_{name}")
        harness.write_spec(path + ".yaml", spec)
        must(harness.compiler, path + ".yaml", "-c", "-o", path)
        with open(path + ".o", "rb") as file:
            objects.append(file.read())
    check("no taps: the same object", objects[0] == objects[1])
    check("no taps: nothing of them in it", b"tap" not in objects[0]
          and b"layers.stream" in objects[2]
          and len(objects[0]) < len(objects[2]))


def rows_of_reals():
    """Of pooled sequences taps have every row."""
    text = ("model: seen\ndim: 5\ncontext: 9\nlayers:\n  - rows: {dim: 5}\n"
            "  - tap: input\n  - pool: mean\n")
    path = os.path.join(harness.work, "seen")
    with open(path + ".yaml", "w") as file:
        file.write(text)
    program = Program(path + ".yaml", "seen")
    x = np.random.default_rng(0).standard_normal((4, 9, 5)).astype(np.float32)
    got = program.run(x, "--tap", f"input={path}.npy")
    close("rows of reals: their mean", got, x.mean(1))
    same_bits("rows of reals: the input", np.load(path + ".npy"), x)
    program.run(x.reshape(36, 5), "--lengths", "9,8,9,1,9", "--tap",
                f"input={path}.npy")
    same_bits("rows of reals: of all sequences", np.load(path + ".npy"),
              x.reshape(36, 5))


def dictionary():
    """Yun et al. 2021 on a stream that is a known sum of factors: block l adds
    0.8 of factor 5 + l to 1.5 of the token's."""
    dim, blocks = 24, 6
    factors, _ = np.linalg.qr(np.random.default_rng(2).standard_normal(
        (dim, dim)))
    tensors = {"embed.weight": 1.5 * factors[:5],
               "logits.weight": np.zeros((5, dim))}
    for i in range(blocks):
        tensors |= {f"layers.{i}.mlp.up.weight": np.zeros((4, dim)),
                    f"layers.{i}.mlp.up.bias": np.zeros(4),
                    f"layers.{i}.mlp.down.weight": np.zeros((dim, 4)),
                    f"layers.{i}.mlp.down.bias": 0.8 * factors[5 + i]}
    save(os.path.join(harness.work, "factors.safetensors"),
         {k: ("F32", v.astype("<f4")) for k, v in tensors.items()})
    path = os.path.join(harness.work, "factors.yaml")
    harness.write_spec(path, {
        "model": "factors", "dim": dim, "context": 8, "vocab": 5, "layers": [
            "embed", {"repeat": blocks, "layers": [
                {"residual": [{"mlp": {"hidden": 4, "act": "relu",
                                       "bias": True}}]}, {"tap": "stream"}]},
            "logits"], "weights": {"files": ["factors.safetensors"]}})
    _, got = tapped(Program(path, "factors"), "layers.stream", range(5))
    added = 0.8 * np.cumsum(factors[5:5 + blocks], 0)
    right = 1.5 * factors[:5, None] + added
    check("dictionary: sums of factors behind every block",
          got.shape == right.shape and np.abs(got - right).max() <= 1e-6,
          f"off by {np.abs(got - right).max():.1e}")


def refused():
    program, _ = compiled("refused", MODELS["gpt"])
    out = program.path + ".npy"
    for what, text in (("none=other.npy", "has no tap 'none'"),
                       ("start", "takes NAME=FILE.npy"),
                       ("start=", "takes NAME=FILE.npy"),
                       ("start=" + out, "both write")):
        result = harness.shell(program.path, "logits", "--tokens", "1", "-o",
                               out, "--tap", what)
        check(f"refused: --tap {os.path.basename(what)}",
              result.returncode == 2 and text in result.stderr.decode()
              and not os.path.exists(out))
    text = program("info").stdout.decode()
    check("info names the taps", all(
        f"layers.{what} a row" in text for what in (
            "stream, 3x36", "attention.queries, 3x6x6",
            "attention.keys, 3x6x6", "attention.scores, 3x6x70",
            "attention.weights, 3x6x70")))


def main():
    for name, spec in MODELS.items():
        case(name, against_reference, name, spec,
             prefix=23 if name == "prefix" else 0)
    for name in ("window", "bert", "nested", "random", "decoder"):
        case("bits", bits, name, MODELS[name])
    for cache in CACHES:
        name = f"window_cache_{cache}"
        case(name, against_reference, name, MODELS["window"], cache)
        case("bits", bits, name, MODELS["window"], cache)
    case("golden", golden)
    case("machines", machines)
    case("nothing_for_nothing", nothing_for_nothing)
    case("rows_of_reals", rows_of_reals)
    case("dictionary", dictionary)
    case("refused", refused)


if __name__ == "__main__":
    harness.main(main)
