#!/usr/bin/python3
"""What encoder-decoders hand out beside their output: the decoder's rows and
its weights over the source, and what the encoder makes of that, of words, rows
and images, also for decoders of queries; and that nothing else changes for
it."""
import os

import numpy as np

import harness
import sources
import translators
from harness import case, check, close, same_bits
from sources import SEES_ALL
from taps import ALL, without_taps
from translators import PRE

ENCODES = {"repeat": 2, "layers": [{"residual": ["norm", SEES_ALL]},
                                   {"tap": "stream"}]}
LEARNED = {"position": "learned"}
TAPS = {"attention": {"tap": ALL}, "cross": {"tap": ALL}}
BODY = {"repeat": 2, "layers": [*PRE[:2], {"tap": "stream"}]}
LAST = ["norm", {"logits": {"tied": True}}]


def model(encoder, attention=(), cross=(), **more):
    return translators.model(
        encoder=encoder, decoder=["embed", LEARNED, {"tap": "start"}, BODY,
                                  *LAST],
        attention={**TAPS["attention"], **dict(attention)},
        cross={**TAPS["cross"], **dict(cross)}, **more)


def queries(encoder, rows, block=(), **more):
    return sources.detects(
        encoder, [{"queries": {"rows": rows}}, {
            "repeat": 2, "layers": [
                {"residual": ["norm", SEES_ALL]}, PRE[1], *block,
                {"tap": "stream"}]}, "norm", {"linear": {"to": 5}}],
        attention=TAPS["attention"], cross=TAPS["cross"], **more)


CONV = {"to": 36, "size": 3, "pad": 1, "act": "gelu"}
HEARD = [{"rows": {"dim": 7, "map": False}}, {"conv": CONV}, {"tap": "same"},
         {"conv": {**CONV, "stride": 2}}, {"tap": "half"}, LEARNED, ENCODES,
         "norm"]
SEEN = [{"patch": {"image": [3, 12, 20], "size": 4}}, {"tap": "patches"},
        {"prepend": "class"}, LEARNED, ENCODES, "norm"]
MODELS = {
    "words": model(["embed", {"tap": "start"}, ENCODES, "norm"]),
    "grouped": model(
        ["embed", ENCODES], {"position": {"rope": {"dim": 4}}},
        {"heads": 6, "kv_heads": 2, "head_dim": 9, "value_dim": 5,
         "softcap": 1.5, "qk_norm": {"rms": {"eps": 1e-6}}},
        source={"context": 200, "vocab": 43}),
    "placed": model(["embed", ENCODES], {}, {"position": "added"}),
    "whole": model(["embed", ENCODES], {"mask": "none"}),
    "heard": model(HEARD),
    "seen": model(SEEN),
    "merged": model([{"patch": {"image": [1, 12, 8], "size": 2}}, "merge",
                     {"tap": "merged"}, {"linear": {"to": 36}}, ENCODES]),
}
QUERIES = {
    "boxes": queries(SEEN, 7),
    "many": queries(SEEN, 131),
    "heard_queries": queries(HEARD, 5, source={"context": 130}),
    "read_queries": queries(["embed", ENCODES], 9,
                            source={"context": 130, "vocab": 43}),
}
LENGTHS = (1, 1), (19, 41), (130, 3), (2, 131)


def source_of(spec, rows, seed=0):
    return sources.draw({"source": {}, **spec}, rows, seed)


def compiled(name, spec):
    """The program, the same without taps, and the reference."""
    program, expected = translators.compiled(name, spec)
    plain, _ = translators.compiled(name + "_plain", without_taps(spec))
    return program, plain, expected


def expected_taps(expected, *data):
    """Of each name [rows, repetitions, ...], without a dimension for one."""
    expected.run(*data)
    stacked = {name: np.stack(values, 1)
               for name, values in expected.taps.items()}
    return {name: values[:, 0] if values.shape[1] == 1 else values
            for name, values in stacked.items()}


def same(what, name, got, right):
    """Of pairs of rows those that there are; weights sum to 1, too."""
    if name.endswith((".weights", ".scores")):
        got, rest = got[..., :right.shape[-1]], got[..., right.shape[-1]:]
        hidden = np.isneginf(right)
        check(f"{what}: {name} that are hidden", np.array_equal(
            np.isneginf(got), hidden) and (
                np.isneginf(rest).all() if name.endswith(".scores")
                else not rest.any()))
        got, right = np.where(hidden, 0, got), np.where(hidden, 0, right)
    sums = name.endswith(".weights")
    close(f"{what}: {name}", got, right, 1e-5 if sums else 1e-4)
    if sums:
        off = np.abs(got.sum(-1, dtype=float) - 1).max()
        check(f"{what}: {name} sum to 1", off <= 1e-6 and (got >= 0).all(),
              f"off by {off:.1e}")


def scored(program, targets, said, *flags):
    """What the decoder makes of each target and its source."""
    return program.logits(*targets, "--source", program.said(*said), *flags)


def encoded(program, targets, said, *flags):
    """The encoder's rows alone."""
    out = program.path + ".out.npy"
    program("encode", "--source", program.said(*said), "-o", out, *flags)
    return np.load(out)


def detected(program, targets, said, *flags):
    """What queries become, all rows one after another."""
    if said[0].dtype.kind != "f":
        return program.logits(*said, *flags)
    if said[0].ndim == 2:
        return program.run(np.concatenate(said), "--lengths",
                           ",".join(str(len(x)) for x in said), *flags)
    return flat(said, program.run(np.stack(said), *flags))


def flat(said, values):
    """Of images one after another."""
    return np.concatenate(values) if said[0].ndim == 3 else values


def handed(program, call, name, targets, said, *flags):
    """Beside what comes out."""
    path = program.path + ".tap.npy"
    rows = call(program, targets, said, *flags, "--tap", f"{name}={path}")
    tapped = np.load(path)
    return rows, flat(said, tapped) if call == detected else tapped


def call_of(name):
    """The encoder's also hands out what the decoder makes of its rows."""
    of_encoder = name.startswith("encoder.") or \
        name.endswith(("cross_attention.keys", "cross_attention.values"))
    return encoded if of_encoder else scored


def against_reference(name, spec):
    program, plain, expected = compiled(name, spec)
    for rows, target_rows in LENGTHS:
        source = source_of(spec, rows)
        target = np.random.default_rng(target_rows).integers(
            spec["vocab"], size=target_rows)
        label = f"{name}, {rows} and {target_rows} rows"
        for what, values in expected_taps(expected, target, source).items():
            call = call_of(what)
            got, tapped = handed(program, call, what, [target], [source])
            same_bits(f"{label}: the output beside {what}", got,
                      call(plain, [target], [source]))
            same(label, what, tapped, values)


def bits(name, spec):
    """The same in any cut and company."""
    program, _, expected = compiled(name + "_bits", spec)
    draw = np.random.default_rng(1)
    targets = [draw.integers(spec["vocab"], size=n) for n in (3, 131, 1, 33)]
    said = [source_of(spec, 19, seed) for seed in range(4)]
    for what in expected_taps(expected, targets[0], said[0]):
        call = call_of(what)
        alone = [handed(program, call, what, [t], [s])[1]
                 for t, s in zip(targets, said)]
        cuts = [("--cut", 7)] if call == scored else []
        for flags in ((), ("--threads", 7), *cuts):
            same_bits(f"{name}: {what}, four at once "
                      + " ".join(map(str, flags)),
                      handed(program, call, what, targets, said, *flags)[1],
                      np.concatenate(alone))


def of_queries(name, spec):
    """One call hands out what either stack has."""
    program, plain, expected = compiled(name, spec)
    said = [source_of(spec, n, n) for n in (70, 13, 130)]
    wanted = [expected_taps(expected, [0], x) for x in said]
    for what in wanted[0]:
        alone = []
        for i, (x, right) in enumerate(zip(said, wanted)):
            label = f"{name}, source {i}"
            got, tapped = handed(program, detected, what, [], [x])
            same_bits(f"{label}: the output beside {what}", got,
                      detected(plain, [], [x]))
            same(label, what, tapped, right[what])
            alone.append(tapped)
        for flags in ((), ("--threads", 3)):
            same_bits(f"{name}: {what}, three at once "
                      + " ".join(map(str, flags)),
                      handed(program, detected, what, [], said, *flags)[1],
                      np.concatenate(alone))


def refused():
    program, _ = translators.compiled("refused", MODELS["words"])
    out = program.path + ".npy"
    for command, what, text in (
            ("encode", "decoder.layers.stream", "is of the decoder: 'logits'"),
            ("logits", "encoder.layers.stream", "is of the encoder: 'encode'"),
            ("encode", "stream", "has no tap 'stream'")):
        tokens = ("--tokens", "1") if command == "logits" else ()
        result = harness.shell(program.path, command, "--source", "1", *tokens,
                               "-o", out, "--tap", f"{what}={out}.tap")
        check(f"refused: {command} --tap {what}", result.returncode == 2
              and text in result.stderr.decode()
              and not os.path.exists(out))


def main():
    for name, spec in MODELS.items():
        case(name, against_reference, name, spec)
    for name in ("grouped", "heard", "seen"):
        case("bits", bits, name, MODELS[name])
    for name, spec in QUERIES.items():
        case(name, of_queries, name, spec)
    case("refused", refused)


if __name__ == "__main__":
    harness.main(main)
