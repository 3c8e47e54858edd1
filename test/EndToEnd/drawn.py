#!/usr/bin/python3
"""Specs drawn over all knobs against the reference, of tokens, images and rows
of reals, with decoders and encoders, fed in drawn cuts:
TC_DRAWN_SPECS of them, 200 unless that is set, from seed TC_FIRST_SEED on. A
failure prints its seed, and the spec without the knobs that it does not need."""
import concurrent.futures
import json
import os
import random
import shutil

import numpy as np

import cases
import differential
import harness
from drawn_knobs import (ALWAYS, BLOCKS, CROSS, KNOBS, REPEATED, convolves,
                         detects, has, has_tokens, is_image, mixes, sees_all,
                         translates)

COUNT = int(os.environ.get("TC_DRAWN_SPECS", 200))
FIRST = int(os.environ.get("TC_FIRST_SEED", 0))


def draw_knobs(seed):
    draw, knobs = random.Random(seed), {}
    for name, chance, value, *fits in KNOBS:
        if draw.random() < chance and name not in knobs and \
                all(fit(knobs) for fit in fits):
            knobs[name] = value(draw, knobs)
    return knobs


def block_of(knobs):
    """The layers that are repeated, perhaps with experts for the mlp."""
    block = BLOCKS[knobs["block"]]
    return json.loads(json.dumps(block).replace('"mlp"', '"moe"')) \
        if mixes(knobs) else block


def spec_of(knobs):
    def fields(layer):
        return {name.split(".")[1]: value for name, value in knobs.items()
                if name.startswith(layer + ".")}

    def with_fields(layer):
        return {layer: fields(layer)} if fields(layer) else layer

    first = with_fields("embed")
    if "input" in knobs:
        (name, sizes), = knobs["input"].items()
        first = {name: sizes | fields("input")}
    begin = [first] + [{layer: knobs[name]} for layer, name in (
        ("prepend", "prepend"), ("position", "table")) if name in knobs]
    convolved = [first, {"conv": {"to": knobs["dim"]} | fields("conv")},
                 *begin[1:]] if convolves(knobs) else begin

    def body(layers):
        return {"repeat": knobs["repeat"], "layers": layers} | (
            {"share": True} if "share" in knobs else {})

    block = block_of(knobs)
    if "exit" in knobs:
        above = knobs["exit"] if knobs["exit"] != "between" else "none"
        block = [*block, {"exit": {"above": above, "layers": [
            {"pool": knobs["pool"]}, {"linear": {"to": knobs["vocab"]}}]}}]
    last = [with_fields("logits")]
    if "pool" in knobs or "input" in knobs or detects(knobs):
        last = [{"linear": {"to": knobs["vocab"], "bias": True}}]
        if "outputs" in knobs:
            last = [{"outputs": {"one": last, "two": [
                {"linear": {"to": knobs["outputs"], "act": "tanh"}}]}}]
        if "pool" in knobs:
            last.insert(0, {"pool": knobs["pool"]})
    mask = "none" if "mask" in knobs else "causal"
    more = {"dtype": knobs["dtype"]} if "dtype" in knobs else {}
    spec = cases.model(
        knobs["dim"], knobs["vocab"], fields("norm"),
        fields("attention") | {"mask": mask}, fields("mlp"),
        [*(begin if translates(knobs) else convolved), body(block), "norm",
         *last], **more)
    if not has_tokens(knobs):
        del spec["vocab"]
    if is_image(knobs):
        del spec["context"]
    for leaf in ("linear_attention", "latent_attention"):
        if has(leaf)(knobs):
            spec["defaults"][leaf] = fields(leaf) | {"mask": mask}
    if mixes(knobs):
        spec["defaults"]["moe"] = fields("mlp") | fields("moe")
    return with_encoder(spec, knobs, fields, begin, convolved, body) \
        if translates(knobs) else spec


def with_encoder(spec, knobs, fields, begin, convolved, body):
    """The layers become the decoder's, with cross-attention in each block."""
    block = block_of(knobs)
    bidirectional = fields("attention") | {"mask": "none"}
    spec["defaults"]["cross_attention"] = fields("cross_attention")
    layers = spec.pop("layers")
    first = [knobs["source"]] if "source" in knobs else begin[:1]
    spec["encoder"] = [*first, *convolved[1:], body(
        [{"residual": ["norm", {"attention": bidirectional}]}]), "norm"]
    if detects(knobs):
        sizes = {"context": spec.pop("context"), "vocab": spec.pop("vocab")}
        begin = [{"queries": {"rows": knobs["queries"]}}, *begin[1:]]
        if "source" in knobs:
            del sizes["vocab"]
        if "patch" not in knobs.get("source", ()):
            spec["source"] = sizes
    spec["decoder"] = [*begin, body(
        [*block[:1], CROSS[knobs["cross"]], *block[1:]]), *layers[-2:]]
    return spec


def sources_of(knobs, draw):
    """Three; those of a file are as long as each other."""
    if "source" not in knobs:
        return [draw.integers(knobs["vocab"], size=n)
                for n in (draw.integers(1, 131), 1, 67)]
    (name, fields), = knobs["source"].items()
    shape = fields["image"] if name == "patch" else \
        (draw.integers(1, 131), fields["dim"])
    return [np.float32(draw.standard_normal(shape)).astype(float)
            for _ in range(3)]


def inputs_of(knobs, spec, draw):
    """Three sequences (with a source each) or images."""
    lengths = (1, draw.integers(2, 20), draw.integers(40, 131))
    if has_tokens(knobs):
        data = [draw.integers(knobs["vocab"], size=n) for n in lengths]
        if not translates(knobs):
            return data, [None] * 3
        return data, sources_of(knobs, draw)
    shapes = [knobs["input"]["patch"]["image"]] * 3 \
        if is_image(knobs) else \
        [(n, knobs["input"]["rows"]["dim"]) for n in lengths]
    return [draw.standard_normal(shape).astype(np.float32)
            for shape in shapes], [None] * 3


def outputs_of(knobs, program, data, sources, cut):
    """All in one call; what can be continued is read in cuts."""
    flags = ["--threads", 2]
    if detects(knobs):
        return program.run(np.stack(sources), *flags) if "source" in knobs \
            else program.logits(*sources, *flags)
    if not sees_all(knobs):
        flags += ["--cut", cut]
    if translates(knobs):
        flags += ["--source", program.said(*sources)]
    if has_tokens(knobs):
        return program.logits(*data, *flags)
    if is_image(knobs):
        return program.run(np.stack(data), *flags)
    lengths = ",".join(str(len(rows)) for rows in data)
    return program.run(np.concatenate(data), "--lengths", lengths, *flags)


def with_threshold(spec, expected, data):
    """What parts the inputs well enough, or none of them."""
    sure = []
    for x in data:
        expected.run(x)
        sure += expected.sure
    above, margin = differential.between(sure)
    if margin < 0.02:
        return spec
    return json.loads(json.dumps(spec).replace('"above": "none"',
                                               f'"above": {above}'))


def run(seed, knobs, name):
    """The largest error of three inputs as a part of what is allowed."""
    spec, cache = spec_of(knobs), knobs.get("cache")
    draw = np.random.default_rng(seed)
    data, sources = inputs_of(knobs, spec, draw)
    exact = [x if has_tokens(knobs) else x.astype(float) for x in data]
    stored = knobs.get("stored", "F32")
    if knobs.get("exit") == "between":
        spec = with_threshold(spec, differential.reference_of(
            spec, stored, seed, cache), exact)
    program, expected = differential.compiled(name, spec, stored, seed, cache)
    right = [expected.run(x, source) for x, source in zip(exact, sources)]
    got = outputs_of(knobs, program, data, sources, int(draw.integers(1, 50)))
    allowed = [differential.tolerance(spec, expected, x, rows, cache, source)
               for x, rows, source in zip(exact, right, sources)]
    ends = np.cumsum([len(rows) for rows in right])
    parts = np.split(got.reshape(-1, got.shape[-1]), ends[:-1])
    if [p.shape for p in parts] != [r.shape for r in right]:
        return np.inf
    errors = [np.abs(p - r).max() / np.abs(r).max() / a
              for p, r, a in zip(parts, right, allowed)]
    return max(np.inf if np.isnan(error) else error for error in errors)


def fails(seed, knobs, name):
    try:
        error = run(seed, knobs, name)
        return f"error {error:.1f} times what is allowed" if error > 1 else ""
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    finally:
        shutil.rmtree(os.path.join(harness.work, name), ignore_errors=True)


def reduced(seed, knobs):
    """Without the knobs that the failure does not need."""
    for name in [name for name in knobs if name not in ALWAYS]:
        fewer = {key: value for key, value in knobs.items() if key != name}
        fits = all(fit(fewer) for key, _, _, *fs in KNOBS if key in fewer
                   for fit in fs if key not in REPEATED)
        if fits and fails(seed, fewer, f"reduced_{seed}"):
            knobs = fewer
    return knobs


def check(seed, wrong):
    name = f"drawn_{seed}"
    if harness.chosen and name not in harness.chosen:
        return
    knobs = draw_knobs(seed)
    problem = fails(seed, knobs, name)
    if problem:
        print(f"seed {seed}: {problem}\n  {knobs}\n"
              f"  fails alike: {harness.flow(spec_of(reduced(seed, knobs)))}")
        wrong.append(name)


def main():
    print(f"seeds {FIRST} to {FIRST + COUNT - 1}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = []
        list(pool.map(lambda seed: check(seed, wrong),
                      range(FIRST, FIRST + COUNT)))
    harness.check(f"drawn: {COUNT} specs", not wrong, f"{len(wrong)} failed")


if __name__ == "__main__":
    harness.main(main)
