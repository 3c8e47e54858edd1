#!/usr/bin/python3
"""Turner's transformer (An Introduction to Transformers, 2023) with weights by
formula: numbers that do not depend on a file or on a reference of today. Two
blocks of the same weights; each row changes one knob."""
import os

import numpy as np

import formulas
import harness
import reference
from checkpoints import save
from harness import case, check

D, N, HEADS, K, F, OUT = 8, 5, 2, 4, 16, 7
CLASS = 5  # the token that stands for his extra column


def tensor(number, shape, size):
    """A linear congruential generator, row by row."""
    x, values = 12345 * number % 2 ** 32, []
    for _ in range(int(np.prod(shape))):
        x = (1664525 * x + 1013904223) % 2 ** 32
        values.append((x / 2 ** 32 - 0.5) * size)
    return np.array(values).reshape(shape)


def weights():
    """Under the names of the spec; token n stands for his column n."""
    values = tensor(3, (HEADS, K, D), 1)
    outputs = tensor(4, (HEADS, D, K), 1)
    block = {
        "attention.query": tensor(1, (HEADS, K, D), 2).reshape(-1, D),
        "attention.key": tensor(2, (HEADS, K, D), 2).reshape(-1, D),
        "attention.value": values.reshape(-1, D),
        "attention.output": outputs.transpose(1, 0, 2).reshape(D, -1),
        "norm": 1 + tensor(9, (D,), 0.5), "norm_2": 1 + tensor(11, (D,), 0.5),
        "mlp.up": tensor(5, (F, D), 1), "mlp.down": tensor(7, (D, F), 0.5),
        "scale": tensor(29, (D,), 1), "scale_2": tensor(29, (D,), 1)}
    biases = {"norm": tensor(10, (D,), 0.5), "norm_2": tensor(12, (D,), 0.5),
              "mlp.up": tensor(6, (F,), 0.5), "mlp.down": tensor(8, (D,), 0.5)}
    result = {f"layers.{name}.weight": v for name, v in block.items()}
    result.update({f"layers.{name}.bias": v for name, v in biases.items()})
    for name in list(result):
        result[name.replace("attention", "linear_attention")] = result[name]
    columns = np.zeros((OUT, D))
    columns[:N] = tensor(13, (D, N), 2).T
    columns[CLASS] = tensor(21, (D, 1), 1)[:, 0]
    return result | {"embed.weight": columns,
                     "logits.weight": tensor(20, (OUT, D), 2),
                     "linear.weight": tensor(20, (OUT, D), 2)}


def gated():
    """His first map becomes the gate; the map beside it has no bias."""
    result = weights()
    for kind in ("weight", "bias"):
        result[f"layers.mlp.gate.{kind}"] = result[f"layers.mlp.up.{kind}"]
    return result | {"layers.mlp.up.weight": tensor(23, (F, D), 1),
                     "layers.mlp.up.bias": np.zeros(F)}


def experts():
    """Three of them in the place of his maps, without biases."""
    result = weights()
    up, down = tensor(27, (3, F, D), 1), tensor(28, (3, D, F), 0.5)
    for e in range(3):
        result[f"layers.moe.experts.{e}.up.weight"] = up[e]
        result[f"layers.moe.experts.{e}.down.weight"] = down[e]
    return result | {"layers.moe.router.weight": tensor(26, (3, D), 2)}


PRE = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
MOE = [{"residual": ["norm", "attention"]}, {"residual": ["norm", {"moe": {
    "experts": 3, "top_k": 1, "hidden": F, "act": "relu"}}]}]
POST = [{"residual": ["attention"]}, "norm", {"residual": ["mlp"]}, "norm"]
BARE = [{"residual": ["attention"]}, {"residual": ["mlp"]}]
SCALED = [{"residual": ["norm", "attention", "scale"]},
          {"residual": ["norm", "mlp", "scale"]}]
PARALLEL = [{"residual": ["norm", {"parallel": ["attention", "mlp"]}]}]
ROPE = {"rope": {"theta": 10000, "layout": "halves"}}


def model(block=PRE, end=(), count=2, norm=(), mlp=(), **attention):
    return {
        "model": "turner", "dim": D, "context": 8, "vocab": OUT, "defaults": {
            key: fields for key, fields in {
                "norm": {"kind": "layer", "eps": 0.0, **dict(norm)},
                "attention": {"heads": HEADS, "mask": "none", "scale": 1.0,
                              **attention},
                "mlp": {"hidden": F, "act": "relu", "bias": True,
                        **dict(mlp)}}.items() if f"'{key}'" in str(block)},
        "layers": ["embed",
                   {"repeat": count, "share": True, "layers": block}, *end]}


def knob(block=PRE, **changes):
    """Of the second table: eps 1e-5 and scale 1/2 throughout."""
    return model(block, **{"norm": {"eps": 1.0e-5}, "scale": 0.5, **changes})


def sums(mask):
    """elu(x) + 1 as the feature map, normalised; no scale."""
    return [{"residual": ["norm", {"linear_attention": {
        "heads": HEADS, "mask": mask}}]}, PRE[1]]


# First values of the first column (or the first and the last of all), the sum
# and the sum of squares.
TABLE = {
    "pre-norm": (model(), (1.387983, .122408, .588208, 2.825923),
                 23.694233, 86.138221),
    "causal": (model(mask="causal"), (.268985, .670126, 1.057088, 1.806146),
               18.259184, 81.095347),
    "scaled": (model(scale=0.5), (1.338598, .046236, .601799, 2.723335),
               25.065762, 89.479986),
    "with eps": (model(norm={"eps": 1.0e-5}),
                 (1.387965, .122381, .588216, 2.825885), 23.694078, 86.136484),
    "post-norm": (model(POST), (.819096, -1.257587, .355798, 1.144786),
                  -4.082110, 35.929768),
    "no norm": (model(BARE), (.922481, -.674863, .651455, 1.688161),
                14.469394, 41.327655),
    "parallel": (model(PARALLEL), (1.873230, -.308509, .175466, 2.408048),
                 16.141863, 70.616364),
    "gelu": (model(mlp={"act": "gelu"}), (1.322428,), 22.560554, 82.033539),
    "gelu_tanh": (model(mlp={"act": "gelu_tanh"}), (1.322293,), 22.558710,
                  82.028663),
}
ENDS = {
    "base": (knob(), 1.338579, -1.542744, 25.065493, 89.477837),
    "base, causal": (knob(mask="causal"), .268987, -.990787, 18.717301,
                     82.849224),
    "window": (knob(mask="causal", window=2), .268987, -.573965, 18.398945,
               81.389416),
    "rms": (knob(norm={"kind": "rms", "eps": 1.0e-5}), 1.136842, -.908603,
            17.578516, 68.964514),
    "swiglu": (knob(mlp={"act": "silu", "gated": True}), .696824, -1.274023,
               14.764618, 61.726481),
    "relu2": (knob(mlp={"act": "relu2"}), 1.193088, -1.679152, 31.205861,
              108.672095),
    "rope": (knob(mask="causal", position=ROPE), .268987, -1.147349,
             17.595927, 85.109464),
    "layer scale": (knob(block=SCALED), .659040, -.961793, 4.689278,
                    20.233600),
    "alibi": (knob(mask="causal", position="alibi"), .268987, -.976028,
              18.718254, 82.745839),
    "linear": (knob(scores="linear"), 2.021159, -3.467853, 47.092898,
               2895.563412),
    "relu scores": (knob(scores="relu"), .989041, -4.543596, 20.679787,
                    308.487508),
    "elu+1 sums": (knob(sums("none")), 1.269750, -2.344345, 27.732464,
                   105.591653),
    "experts": (knob(block=MOE), .895063, -1.097674, 5.738570, 51.810806),
}


def outputs(name, spec, table, tokens=range(N)):
    """What the reference and the compiled program give."""
    used = {}

    def weight(name, *shape):
        used[name] = ("F32", table[name].astype("<f4"))
        assert table[name].shape == shape, name
        return table[name]

    expected = reference.Model(spec, weight).run(tokens)
    folder = os.path.join(harness.work, name.replace(" ", "_"))
    os.makedirs(folder)
    save(os.path.join(folder, "w.safetensors"), used)
    path = os.path.join(folder, "spec.yaml")
    harness.write_spec(path, spec | {"weights": {"files": ["w.safetensors"]}})
    got = harness.Program(path, os.path.join(folder, "model"))
    return {"reference": expected, "compiled": got.logits(tokens)}


def near(what, got, expected, tolerance=2e-5):
    error = np.abs(np.asarray(got) - expected).max()
    check(what, error <= tolerance, f"error {error:.1e}")


def row(name, spec, first, total, squares, last=None):
    table = gated() if "gated" in str(spec) else \
        experts() if "moe" in str(spec) else weights()
    for who, rows in outputs(name, spec, table).items():
        near(f"{name}, {who}: first values", rows[0, :len(first)], first)
        if last is not None:
            near(f"{name}, {who}: last value", rows[-1, -1], last)
        near(f"{name}, {who}: sum", rows.sum(), total, 1e-4)
        near(f"{name}, {who}: sum of squares", (rows ** 2).sum(), squares,
             max(3e-4, 1e-6 * squares))


def heads():
    """Next-token probabilities, class token, mean of the rows."""
    spec = model(mask="causal", end=["logits"])
    for who, rows in outputs("language", spec, weights()).items():
        near(f"language model, {who}", formulas.softmax(rows)[-1],
             (.000713, .523037, .269503, .042569, .006590, .102355, .055233))
    head = {"linear": {"to": OUT}}
    spec = model(count=1, end=[{"pool": "first"}, head])
    for who, rows in outputs("class", spec, weights(),
                             [CLASS, *range(N)]).items():
        near(f"class token, {who}", rows[0, :4],
             (-2.847518, 1.961906, .878273, .077835))
    spec = model(count=1, end=[{"pool": "mean"}, head])
    for who, rows in outputs("mean", spec, weights()).items():
        near(f"mean of the rows, {who}", rows[0, :4],
             (-2.310896, 1.641163, 2.315841, -.570553))


def first_row():
    """With a causal mask row 0 sees itself alone, whatever weighs it."""
    for who, rows in outputs("causal sums", knob(sums("causal")),
                             weights()).items():
        near(f"causal sums, {who}", rows[0, 0], .268987)


def main():
    assert np.allclose(tensor(13, (D, N), 2)[0, :3],
                       (-.135162, .744638, -.546760), atol=1e-6)
    for name, (spec, first, total, squares) in TABLE.items():
        case(name, row, name, spec, first, total, squares)
    for name, (spec, first, last, total, squares) in ENDS.items():
        case(name, row, name, spec, (first,), total, squares, last)
    case("heads", heads)
    case("first_row", first_row)


if __name__ == "__main__":
    harness.main(main)
