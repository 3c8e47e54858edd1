#!/usr/bin/python3
"""Encoder-decoders: every knob at odd sizes against the reference, sources of
different lengths in one step, and a trained model."""
import os

import numpy as np

import harness
import reference
import turner
from checkpoints import RandomWeights, save
from cases import LAYER, RMS, SWIGLU, rope
from differential import built, formats, rounding, some_pair, tolerance
from harness import case, check, close

# Rows of the source and of the target.
LENGTHS = ((1, 1), (7, 2), (2, 7), (65, 64), (130, 3), (3, 131))

PRE = [{"residual": ["norm", "attention"]},
       {"residual": ["norm", "cross_attention"]},
       {"residual": ["norm", "mlp"]}]
POST = [{"residual": ["attention"]}, "norm",
        {"residual": ["cross_attention"]}, "norm", {"residual": ["mlp"]},
        "norm"]


def model(dim=36, cross=(), decoder=None, encoder=None, attention=(),
          norm=RMS, block=PRE, vocab=67, context=131, **more):
    """The usual arrangement, or the layers given."""
    bidirectional = {"attention": {"mask": "none"}}
    encoder = encoder or [
        "embed", {"position": "sinusoidal" if dim % 2 == 0 else "learned"},
        {"repeat": 2, "layers": [{"residual": ["norm", bidirectional]},
                                 {"residual": ["norm", "mlp"]}]}, "norm"]
    decoder = decoder or ["embed", {"position": "learned"},
                          {"repeat": 2, "layers": block}, "norm",
                          {"logits": {"tied": True}}]
    return {"model": "tested", "dim": dim, "context": context, "vocab": vocab,
            "defaults": {"norm": norm,
                         "attention": {"heads": 3, "mask": "causal",
                                       **dict(attention)},
                         "cross_attention": {"heads": 3, **dict(cross)},
                         "mlp": SWIGLU},
            **more, "encoder": encoder, "decoder": decoder}


def summed(mask, **more):
    return {"linear_attention": {"heads": 3, "mask": mask, **more}}


# Running sums in both stacks: those of the decoder go on from step to step.
SUMS = model(encoder=["embed", {"position": "learned"}, {
    "repeat": 2, "layers": [{"residual": ["norm", summed("none")]}]}, "norm"],
    block=[{"residual": ["norm", summed("causal")]}, *PRE[1:]])


def cases():
    yield "plain", model()
    yield "post_norm", model(block=POST, norm=LAYER)
    yield "bias", model(cross={"bias": True}, attention={"bias": True})
    yield "some_bias", model(cross={"bias": ["key", "output"]})
    yield "grouped", model(cross={"heads": 6, "kv_heads": 2})
    yield "one_group", model(40, {"heads": 5, "kv_heads": 1},
                             attention={"heads": 5})
    yield "head_dim", model(37, {"head_dim": 6}, attention={"head_dim": 11})
    yield "value_dim", model(cross={"value_dim": 7, "head_dim": 40})
    yield "scale", model(cross={"scale": 0.61})
    yield "softcap", model(cross={"softcap": 1.5, "scale": 2.0})
    yield "qk_rms", model(cross={"qk_norm": {"rms": {"eps": 1.0e-6}}})
    yield "qk_layer", model(cross={"qk_norm": {"layer": {"eps": 1.0e-5}}})
    yield "qk_row", model(cross={"kv_heads": 1, "qk_norm": {
        "rms": {"eps": 1.0e-6, "over": "row"}}})
    yield "rope", model(attention={"position": rope()})
    for shared in (False, True):
        yield f"relative_{shared}", model(attention={"position": {
            "relative": {"buckets": 8, "distance": 30, "shared": shared}}})
    yield "alibi", model(attention={"position": "alibi"},
                         source={"context": 200})
    yield "other_source", model(source={"context": 200, "vocab": 43})
    yield "short_source", model(source={"context": 130, "vocab": 167})
    yield "many_chunks", model(source={"context": 1100, "vocab": 43})
    yield "wide_encoder", model(encoder=[
        "embed", {"residual": ["norm", {"attention": {"mask": "none"}}]},
        {"linear": {"to": 45, "bias": True}}, "norm"])
    yield "no_repeat", model(decoder=["embed", *PRE, *POST, "logits"])
    yield "one_layer", model(decoder=["embed", {"repeat": 1, "layers": PRE},
                                      "logits"])
    yield "nested", model(decoder=["embed", {"repeat": 2, "layers": [
        {"repeat": 2, "layers": PRE[:2]}, PRE[2]]}, "norm", "logits"])
    yield "shared", model(decoder=["embed", {
        "repeat": 3, "share": True, "layers": PRE}, "norm", "logits"])
    yield "only_cross", model(decoder=["embed", "cross_attention", "norm",
                                       "logits", ])
    yield "parallel", model(decoder=["embed", {"residual": ["norm", {
        "parallel": ["attention", "cross_attention", "mlp"]}]}, "logits"])
    yield "causal_encoder", model(encoder=[
        "embed", {"repeat": 3, "layers": [
            {"residual": ["norm", "attention"]}]}])
    yield "seeing_decoder", model(attention={"mask": "none"})
    yield "sums", SUMS
    yield "sums_and_pairs", model(encoder=["embed", {"repeat": 2, "layers": [
        {"residual": ["norm", {"attention": {"mask": "none"}}]},
        {"residual": ["norm", summed("none", kv_heads=1)]}]}], block=[
            *PRE, {"residual": ["norm", summed("causal", head_dim=7)]}])
    for dtype in ("bf16", "int8", "int4"):
        yield dtype, model(dtype=dtype)


def compiled(name, spec, weights=None):
    """The program and the reference, with the same weights."""
    spec = spec | {"defaults": {
        key: fields for key, fields in spec["defaults"].items()
        if f"'{key}'" in str([spec["encoder"], spec["decoder"]])}}
    weights = weights or RandomWeights(0, "F32", formats(spec))
    expected = reference.Model(spec, weights, rounding(spec))
    expected.run(*some_pair(spec))
    return built(name, spec, weights), expected


def draw(spec, rows, target_rows, seed=0):
    """A source and what the decoder is given."""
    generator = np.random.default_rng([seed, rows, target_rows])
    source = {**spec, **spec.get("source", {})}
    return (generator.integers(source["vocab"], size=rows),
            generator.integers(spec["vocab"], size=target_rows))


def against_reference(name, spec):
    program, expected = compiled(name, spec)
    lengths = LENGTHS + ((1030, 5),) * (name == "many_chunks")
    for rows, target_rows in lengths:
        source, target = draw(spec, rows, target_rows)
        right = expected.run(target, source)
        what = f"{name}, {rows} and {target_rows} rows"
        close(what, program.logits(target, "--source", harness.ids(source),
                                   "--threads", 2),
              right, tolerance(spec, expected, target, right, source=source))


def encoder_rows(name, spec):
    program, expected = compiled(name, spec)
    sources = [draw(spec, rows, 1)[0] for rows in (1, 64, 65, 9)]
    close(name, program.encoded(*sources),
          np.concatenate([expected.encode(s) for s in sources]))


def same_in_a_batch(name, spec):
    """Sources and targets of different lengths share a step; no result
    depends on it, nor on threads, nor on how the targets are cut."""
    program, _ = compiled(name, spec)
    pairs = [draw(spec, *lengths) for lengths in
             ((1, 40), (130, 1), (63, 131), (64, 64), (65, 7), (3, 130),
              (99, 2))]
    alone = np.concatenate([program.logits(
        target, "--source", harness.ids(source), "--threads", 1)
        for source, target in pairs])
    targets = [target for _, target in pairs]
    together = ["--source", harness.ids(*(source for source, _ in pairs))]
    harness.same_bits(f"{name}: padded == unpadded",
                      program.logits(*targets, *together, "--threads", 1),
                      alone)
    for threads in (2, 3):
        harness.same_bits(f"{name}: {threads} threads", program.logits(
            *targets, *together, "--threads", threads), alone)
    for cut in (1, 5, 64):
        harness.same_bits(f"{name}: cut after {cut}", program.logits(
            *targets, *together, "--cut", cut), alone)
    sources = [source for source, _ in pairs]
    harness.same_bits(f"{name}: sources padded == unpadded",
                      program.encoded(*sources),
                      np.concatenate([program.encoded(s) for s in sources]))


def source_matters(name):
    """Every row of the source changes every row of the result; the order of
    the source does not matter to a decoder without positions in it."""
    spec = model(encoder=["embed", "norm"])
    program, _ = compiled(name, spec)
    source, target = draw(spec, 66, 9)
    right = program.logits(target, "--source", harness.ids(source))
    order = np.random.default_rng(2).permutation(66)
    close(f"{name}: the order of the source", program.logits(
        target, "--source", harness.ids(source[order])), right, 1e-5)
    for place in (0, 63, 64, 65):
        other = source.copy()
        other[place] = (other[place] + 1) % spec["vocab"]
        changed = program.logits(target, "--source", harness.ids(other))
        check(f"{name}: row {place} of the source",
              bool(np.all(np.any(changed != right, -1))))


def greedy(expected, source, start, end, count):
    tokens = [start]
    while len(tokens) <= count:
        best = int(expected.run(tokens, source)[-1].argmax())
        if best == end:
            break
        tokens.append(best)
    return tokens[1:]


def written(program, source, *flags):
    out = program("translate", "--source", harness.ids(source), *flags)
    text = out.stdout.decode().strip()
    return [int(word) for word in text.split(",")] if text else []


def translates(name):
    spec = model(source={"context": 64, "vocab": 43, "start": 5}, decoder=[
        "embed", {"position": "learned"}, {"repeat": 2, "layers": PRE}, "norm",
        "logits"])
    program, expected = compiled(name, spec)
    source, _ = draw(spec, 9, 1)
    right = greedy(expected, source, 5, None, 12)
    check(f"{name}: as the reference", written(program, source, "-n", 12)
          == right, str(right))
    check(f"{name}: from other tokens", written(
        program, source, "-n", 4, "--tokens", "5," + str(right[0]))
        == right[1:5])
    end = next(t for t in right[1:] if t != right[0])
    spec["source"]["end"] = end
    program, _ = compiled(name + "_end", spec)
    check(f"{name}: until the end token", written(program, source, "-n", 12)
          == right[:right.index(end)])


def verified(name, spec):
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec)
    result = harness.must(harness.compiler, path, "--verify", timeout=500)
    text = result.stdout.decode()
    check(f"{name}: each layer of both stacks", "output of the encoder" in text
          and text.rstrip().endswith("\nverified"), text[-400:] if "not " in
          text else "")


def golden(name):
    """Turner's blocks with cross-attention: the rows of the source as they
    are, the same maps as of the self-attention."""
    table = turner.weights()
    block = [{"residual": ["norm", "attention"]},
             {"residual": ["norm", "cross_attention"]},
             {"residual": ["norm", "mlp"]}]
    heads = {"heads": turner.HEADS, "scale": 0.5}
    spec = {"model": "turner", "dim": turner.D, "context": 8,
            "vocab": turner.OUT, "source": {"vocab": 4}, "defaults": {
                "norm": LAYER, "attention": {"mask": "none", **heads},
                "cross_attention": heads,
                "mlp": {"hidden": turner.F, "act": "relu", "bias": True}},
            "encoder": ["embed"], "decoder": ["embed", {
                "repeat": 2, "share": True, "layers": block}]}
    for part in ("query", "key", "value", "output"):
        table[f"layers.cross_attention.{part}.weight"] = \
            table[f"layers.attention.{part}.weight"]
    for kind in ("weight", "bias"):
        table[f"layers.norm_3.{kind}"] = table[f"layers.norm_2.{kind}"]
        table[f"layers.norm_2.{kind}"] = table[f"layers.norm.{kind}"]
    table = {f"decoder.{key}": value for key, value in table.items()}
    table["encoder.embed.weight"] = turner.tensor(22, (turner.D, 4), 2).T

    class Weights:
        stored = {}

        def __call__(self, what, *shape):
            self.stored[what] = ("F32", table[what].astype("<f4"))
            assert table[what].shape == shape, what
            return table[what]

        def save(self, path):
            save(path, self.stored)
    program, expected = compiled(name, spec, Weights())
    tokens, source = range(turner.N), range(4)
    for who, rows in (("reference", expected.run(tokens, source)),
                      ("compiled", program.logits(
                          tokens, "--source", harness.ids(source)))):
        turner.near(f"{name}, {who}: ends", (rows[0, 0], rows[-1, -1]),
                    (1.932991, -1.868163))
        turner.near(f"{name}, {who}: sum", rows.sum(), 31.312518, 1e-4)
        turner.near(f"{name}, {who}: sum of squares", (rows ** 2).sum(),
                    122.426083, 3e-4)


def main():
    for name, spec in cases():
        case(name, against_reference, name, spec)
    case("encoder_rows", encoder_rows, "encoder_rows",
         model(source={"context": 65, "vocab": 43}))
    case("batch", same_in_a_batch, "batch", model())
    case("batch_int8", same_in_a_batch, "batch_int8", model(dtype="int8"))
    case("batch_sums", same_in_a_batch, "batch_sums", SUMS)
    case("source", source_matters, "source")
    case("translate", translates, "translate")
    small = {"encoder": ["embed", {"residual": [
        "norm", {"attention": {"mask": "none"}}]}, "norm"], "decoder": [
            "embed", {"repeat": 2, "layers": PRE[:2]}, "norm", "logits"]}
    for name in ("verified", "verified_int8"):
        spec = model(**small)
        del spec["defaults"]["mlp"]
        if name != "verified":
            spec["dtype"] = "int8"
        case(name, verified, name, spec)
    case("cross", golden, "cross")


if __name__ == "__main__":
    harness.main(main)
