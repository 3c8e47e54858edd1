#!/usr/bin/python3
"""Early exit by layer against the reference: each sequence of a batch leaves
where its own scores are sure enough, alone and among others the same bits; an
exit that all take is the model that ends there, one that none takes the model
without it; and the time falls."""
import os
import time

import numpy as np

import differential
import harness
import reference
from cases import LAYER, RMS, SWIGLU, model, rope
from checkpoints import RandomWeights
from harness import case, check, close, same_bits

SEES = {"heads": 3, "mask": "none", "position": rope()}
BLOCK = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
HEAD = [{"pool": "first"}, {"linear": {"to": 3, "bias": True}}]
LENGTHS = (1, 2, 7, 65, 130, 33, 12, 5, 64, 31, 3, 90, 17, 128, 1, 44)


def leaving(*layers, repeat=4, **more):
    """A block with an exit behind it."""
    layers = layers or HEAD
    return {"repeat": repeat, "layers": [
        *BLOCK, {"exit": {"above": "none", "layers": list(layers)}}], **more}


def classifier(*layers, attention=SEES, norm=RMS, mlp=SWIGLU, **more):
    return model(42, 61, norm, attention, mlp,
                 ["embed", *(layers or [leaving()]), "norm", *HEAD], **more)


def with_threshold(part, above):
    """The layers with another threshold in all exits."""
    if isinstance(part, list):
        return [with_threshold(each, above) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: above if key == "above" else with_threshold(value, above)
            for key, value in part.items()}


class Leaver:
    """A spec with the weights of its exits, and how sure they are of data."""

    def __init__(self, name, spec, data):
        self.name, self.spec, self.data = name, spec, data
        self.weights = RandomWeights(3, format_of=differential.formats(spec))
        self.exact = [np.asarray(x) if np.asarray(x).dtype.kind == "i"
                      else x.astype(float) for x in data]
        self.sure = []
        for x in self.exact:
            expected = self.expected("none")
            expected.run(x)
            self.sure.append(expected.sure)

    def at(self, above):
        return with_threshold(self.spec, above)

    def expected(self, above):
        return reference.Model(self.at(above), self.weights,
                               differential.rounding(self.spec))

    def program(self, above, *flags):
        return differential.built(f"{self.name}_{str(above)[:6]}",
                                  self.at(above), self.weights, *flags)

    def right(self, above):
        return np.concatenate([self.expected(above).run(x)
                               for x in self.exact])

    def thresholds(self):
        """Some, with how many sequences leave at each exit, the last those that
        do not: those that part them most, but none near how sure one is."""
        found = np.unique([p for each in self.sure for p in each] + [0, 1])
        middle, margin = (found[1:] + found[:-1]) / 2, np.diff(found) / 2
        best, least = {}, 4e-3 if "int8" in str(self.spec) else 1e-3
        for above in middle[margin > least]:
            counts = [0] * (len(self.sure[0]) + 1)
            for each in self.sure:
                counts[next((i for i, p in enumerate(each) if p >= above),
                            len(each))] += 1
            best[float(above)] = counts
        parts = sorted(best, key=lambda a: -np.count_nonzero(best[a]))
        return [(above, best[above]) for above in parts[:2]]


def tokens(lengths=LENGTHS):
    draw = np.random.default_rng(0)
    return [draw.integers(61, size=n) for n in lengths]


def outputs(program, data, *flags):
    """All in one call."""
    if np.asarray(data[0]).dtype.kind == "i":
        return program.logits(*data, *flags)
    if data[0].ndim == 3:
        return program.run(np.stack(data), *flags)
    return program.run(np.concatenate(data), "--lengths", ",".join(
        str(len(x)) for x in data), *flags)


def leaves(name, spec, data=None):
    """Against the reference, in a batch, alone, by one thread and by three."""
    leaver = Leaver(name, spec, data or tokens())
    thresholds = leaver.thresholds()
    check(f"{name}: sequences leave in different places",
          bool(thresholds) and np.count_nonzero(thresholds[0][1]) > 1,
          ", ".join(f"{counts} at {above:.3f}"
                    for above, counts in thresholds))
    for above in [*(above for above, _ in thresholds), 0, "none"]:
        what = f"{name}, above {str(above)[:6]}"
        program, right = leaver.program(above), leaver.right(above)
        allowed = max(differential.tolerance(
            leaver.at(above), leaver.expected(above), x, right[i:i + 1])
            for i, x in enumerate(leaver.exact))
        got = outputs(program, leaver.data, "--threads", 2)
        close(what, got, right, allowed)
        for threads in (1, 3):
            same_bits(f"{what}, {threads} threads", outputs(
                program, leaver.data, "--threads", threads), got)
        same_bits(f"{what}, each alone", np.concatenate(
            [outputs(program, [x]).reshape(1, -1) for x in leaver.data]), got)


def ends():
    """All leave at the first exit: the model that ends there. None does: the
    model without exits."""
    leaver = Leaver("ends", classifier(), tokens())
    folder = os.path.join(harness.work, "ends_0")
    first, never = leaver.program(0), leaver.program("none")
    same_bits("threshold 1, where none is so sure", leaver.program(1).logits(
        *leaver.data), never.logits(*leaver.data))
    files = {"weights": {"files": ["weights.safetensors"]}}
    names = {f"linear.{part}": f"layers.0.exit.linear.{part}"
             for part in ("weight", "bias")}
    body = leaver.spec["layers"][1]
    short = leaver.spec | {"layers": ["embed", {
        "repeat": 1, "layers": body["layers"][:-1]}, *HEAD], "weights": {
        **files["weights"], "names": names}}
    whole = leaver.spec | files | {"layers": [
        "embed", {"repeat": 4, "layers": body["layers"][:-1]},
        *leaver.spec["layers"][2:]]}
    for name, spec, program in (("the model that ends at the first exit", short,
                                 first), ("the model without exits", whole,
                                          never)):
        path = os.path.join(folder, "other.yaml")
        harness.write_spec(path, spec)
        other = harness.Program(path, "ends_other")
        same_bits(f"threshold {0 if program is first else 'none'} is {name}",
                  program.logits(*leaver.data), other.logits(*leaver.data))


def variants():
    exits = lambda *layers: {"exit": {"above": "none", "layers": list(layers)}}
    scores = {"linear": {"to": 3}}
    yield "exits_in_repeat", classifier()
    yield "exits_in_list", classifier(
        {"position": "learned"}, *BLOCK, exits(*HEAD), *BLOCK,
        exits({"pool": "mean"}, {"linear": {"to": 19, "act": "tanh"}}, scores,
              {"scale": 2.0}), *BLOCK,
        exits("norm", {"pool": "last"}, {"residual": ["mlp"]}, scores),
        attention={"heads": 3, "mask": "none"})
    yield "exits_nested", classifier({"repeat": 2, "layers": [
        leaving(repeat=2), *BLOCK, exits(*HEAD)]}, *BLOCK)
    yield "exits_shared", classifier(leaving(share=True, repeat=5))
    yield "exits_post_norm", classifier({"repeat": 3, "layers": [
        {"residual": ["attention"]}, "norm", {"residual": ["mlp"]}, "norm",
        exits(*HEAD)]}, norm=LAYER, mlp={"hidden": 53, "act": "gelu",
                                         "bias": True})
    yield "exits_causal", classifier(
        leaving({"pool": "last"}, scores),
        attention={"heads": 6, "kv_heads": 2, "mask": "causal",
                   "position": "alibi", "head_dim": 9})
    yield "exits_window", classifier(attention=SEES | {
        "window": 9, "position": {"relative": {"buckets": 12,
                                               "distance": 40}}})
    yield "exits_weights", classifier(attention={
        "heads": 2, "mask": "none", "scores": "relu", "normalise": "1/n"})
    yield "exits_sums", classifier({"repeat": 3, "layers": [
        {"residual": ["norm", {"linear_attention": {"heads": 3}}]},
        {"residual": ["norm", "mlp"]}, exits(*HEAD)]}, attention=None)
    yield "exits_experts", classifier({"repeat": 3, "layers": [
        BLOCK[0], {"residual": ["norm", {"moe": {
            "experts": 5, "top_k": 2, "hidden": 23, "act": "silu"}}]},
        exits(*HEAD)]}, mlp=None)
    yield "exits_convolved", classifier({"repeat": 3, "layers": [
        {"residual": [{"conv": {"to": 42, "size": 3, "pad": 1}}]}, *BLOCK,
        exits(*HEAD)]})
    yield "exits_many_classes", model(42, 61, RMS, SEES, SWIGLU, [
        "embed", leaving({"pool": "first"}, {"linear": {"to": 37}}), "norm",
        {"pool": "first"}, {"linear": {"to": 37}}])
    for dtype in ("bf16", "int8"):
        yield f"exits_{dtype}", classifier(dtype=dtype)


def others():
    """Images, with a class token or in tiles, and rows of reals."""
    defaults = {"norm": LAYER, "attention": {"heads": 3, "mask": "none"},
                "mlp": {"hidden": 51, "act": "gelu", "bias": True}}
    patch = {"patch": {"image": [2, 12, 15], "size": 3, "bias": True}}
    draw = np.random.default_rng(0)

    def reals(*shapes):
        return [draw.standard_normal(shape).astype(np.float32)
                for shape in shapes]
    leaves("exits_of_images", {
        "model": "seen", "dim": 33, "defaults": defaults, "layers": [
            patch, {"prepend": "class"}, {"position": "learned"}, leaving(),
            "norm", *HEAD]}, reals(*[(2, 12, 15)] * 30))
    mean = {"pool": "mean"}, {"linear": {"to": 3}}
    leaves("exits_of_tiles", {
        "model": "seen", "dim": 33, "defaults": defaults | {
            "attention": {"heads": 3, "mask": "none", "tile": 2, "shift": 1}},
        "layers": [{"patch": {"image": [1, 8, 12], "size": 2}},
                   leaving(*mean), "norm", *mean]},
        reals(*[(1, 8, 12)] * 30))
    leaves("exits_of_rows", {
        "model": "heard", "dim": 30, "context": 130, "defaults": defaults,
        "layers": [{"rows": {"dim": 5, "bias": True}}, leaving(*mean),
                   "norm", *mean]},
        reals(*[(n, 5) for n in LENGTHS]))


def verified():
    """With a threshold that parts the sequences."""
    for name in ("exits_in_repeat", "exits_in_list", "exits_nested",
                 "exits_shared", "exits_of_images"):
        harness.verified(next(each for each in os.listdir(harness.work)
                              if each.startswith(name + "_0.")))


def the_time():
    """Of 12 layers the first alone, and the scores."""
    spec = model(256, 61, LAYER, {"heads": 4, "mask": "none"},
                 {"hidden": 1024, "act": "gelu"},
                 ["embed", leaving(repeat=12), "norm", *HEAD])
    spec["context"] = 512
    data = tokens([512] * 4)
    leaver, times = Leaver("time", spec, data[:1]), {}
    for above in (0, "none"):
        program = leaver.program(above)
        words = ["logits", "--tokens", harness.ids(*data), "-o",
                 program.path + ".npy", "--threads", 1]
        for _ in range(5):
            start = time.perf_counter()
            program(*words)
            taken = time.perf_counter() - start
            times[above] = min(taken, times.get(above, taken))
    check("the time of one layer of 12", times[0] < times["none"] / 3,
          f"{times['none'] / times[0]:.1f} times faster")


def main():
    for name, spec in variants():
        case(name, leaves, name, spec)
    for test in (ends, others, verified, the_time):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
