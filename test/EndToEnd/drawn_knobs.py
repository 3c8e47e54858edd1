"""The knobs of drawn specs: how often each is drawn, how its value is, and with
which of the others it goes."""
import formulas
from cases import rope

BLOCKS = (
    [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}],
    [{"residual": ["attention"]}, "norm", {"residual": ["mlp"]}, "norm"],
    [{"residual": ["norm", {"parallel": ["attention", "mlp"]}]}],
    [{"residual": ["norm", "attention", "norm"]},
     {"residual": ["norm", "mlp", "norm"]}],
    [{"residual": ["norm", "attention", "scale"]},
     {"residual": ["norm", "mlp", {"scale": 0.7}, {"softcap": 2.0}]}],
    [{"residual": ["norm", "attention"]}],
    [{"residual": ["norm", "linear_attention"]},
     {"residual": ["norm", "mlp"]}],
    [{"residual": ["norm", {"parallel": ["attention", "linear_attention"]}]}],
    [{"residual": ["norm", "latent_attention"]},
     {"residual": ["norm", "mlp"]}])
# What a decoder's blocks have before their last branch.
CROSS = ({"residual": ["norm", "cross_attention"]},
         {"residual": ["cross_attention", "norm"]})

FORMATS = ("f32", "bf16", "int8", "int4")


def divisors(number):
    return [n for n in range(1, number + 1) if number % n == 0]


def drawn_rope(draw, spec):
    dim = draw.choice(range(2, spec["attention.head_dim"] + 1, 2))
    return rope(theta=draw.choice([100.0, 10000.0, 1000000.0]),
                layout=draw.choice(["halves", "pairs"]), dim=dim,
                scaling=drawn_scaling(draw, dim))


def drawn_scaling(draw, dim):
    factor = draw.choice([1.0, 2.5, 8.0])
    original = draw.choice([20, 131])
    kinds = {
        "none": None, "linear": {}, "llama3": {"original_context": original},
        "yarn": {"original_context": original},
        "longrope": {"original_context": original, **{
            name: [round(draw.uniform(1, 9), 2) for _ in range(dim // 2)]
            for name in ("short", "long")}}}
    if dim > 2:
        kinds["ntk"] = {}
    kind = draw.choice(list(kinds))
    return kind if kind == "none" else {kind: {"factor": factor,
                                               **kinds[kind]}}


def drawn_relative(draw, spec):
    buckets = draw.randint(2, 60)
    if sees_all(spec) or translates(spec):
        buckets = 2 * draw.randint(2, 30)
    return {"relative": {"buckets": buckets,
                         "distance": draw.randint(31, 200),
                         "shared": draw.random() < 0.5}}


def drawn_added(draw, spec):
    return {"added": {"shared": draw.random() < 0.5}}


def weighs(spec):
    """Attention without softmax."""
    return "attention.scores" in spec


def has(leaf):
    """Whether a spec has that kind of attention."""
    return lambda spec: leaf in str(BLOCKS[spec["block"]])


sums, narrow = has("linear_attention"), has("latent_attention")


def corrects(spec):
    return spec.get("linear_attention.update") == "delta"



def drawn_turns(draw, spec):
    """Of the columns that heads share."""
    dim = 2 * draw.randint(1, spec["latent_attention.shared"] // 2)
    return rope(theta=draw.choice([100.0, 10000.0]), dim=dim, layout="pairs")


def sees_all(spec):
    """Rows see later ones."""
    return "mask" in spec


def windowed(spec):
    return "attention.window" in spec or "attention.segment" in spec


def is_image(spec):
    return "patch" in spec.get("input", ())


def has_grid(spec):
    return is_image(spec) and not ("prepend" in spec or weighs(spec))


def in_tiles(spec):
    return "attention.tile" in spec


def drawn_tile(draw, spec):
    """One that divides the grid, or is larger than it."""
    _, *sides = spec["input"]["patch"]["image"]
    sides = [side // spec["input"]["patch"]["size"] for side in sides]
    fits = [n for n in divisors(sides[0]) if sides[1] % n == 0]
    if min(sides) in fits:
        fits.append(min(sides) + draw.randint(1, 3))
    return draw.choice(fits)


def translates(spec):
    return "cross" in spec


def detects(spec):
    """The decoder's rows are learned."""
    return "queries" in spec


def has_tokens(spec):
    return "input" not in spec


def drawn_image(draw, spec):
    size = draw.randint(1, 6)
    return {"image": [draw.randint(1, 3), size * draw.randint(1, 7),
                      size * draw.randint(1, 9)], "size": size}


def cuts_freely(spec):
    """No tiles must divide the grid."""
    return is_image(spec) and not in_tiles(spec)


def may_reduce(spec):
    """All rows see all, wherever they are."""
    return sees_all(spec) and not (weighs(spec) or in_tiles(spec) or windowed(spec) or
                                   "attention.position" in spec)


def drawn_taps(draw, spec):
    """Some, which change nothing."""
    words = ["queries"]
    words += [] if "attention.reduce" in spec else ["keys", "values"]
    words += [] if weighs(spec) or in_tiles(spec) else ["scores", "weights"]
    return [word for word in words if draw.random() < 0.5] or "queries"


def convolves(spec):
    return "conv.size" in spec


def drawn_pad(draw, spec):
    """One place alone is enough for a window."""
    size = spec["conv.size"]
    return draw.randint(size // 2, size - 1)


def may_leave(spec):
    """As many rows from the first exit to the last, and one in the end."""
    return "pool" in spec and "outputs" not in spec and \
        "attention.reduce" not in spec and not any(
            name.endswith(".tap") for name in spec) and (
            spec.get("conv.stride", 1), 2 * spec.get("conv.pad", 0)) == (
            1, spec.get("conv.size", 1) - 1)


def mixes(spec):
    """Experts, each an mlp, in its place."""
    return "moe.experts" in spec


def drawn_groups(draw, spec):
    count = draw.choice(divisors(spec["moe.experts"]))
    size = spec["moe.experts"] // count
    least = -(-spec["moe.top_k"] // size)
    return {draw.choice(["best", "two_best"] if size > 1 else ["best"]): {
        "count": count, "top_k": draw.randint(least, count)}}


# A knob is a line: its name, how often it is drawn, how its value is, and, if
# it does not go with all others, with which of those above it does. Of lines of
# one name the first that is drawn holds. Values see those of the lines above.
KNOBS = (
    ("dim", 1, lambda d, s: d.randint(2, 90)),
    ("vocab", 1, lambda d, s: d.randint(2, 300)),
    ("input", 0.12, lambda d, s: {"patch": drawn_image(d, s)}),
    ("input", 0.12, lambda d, s: {"rows": {
        "dim": d.choice([s["dim"], d.randint(1, 50)])}}),
    ("input.bias", 0.5, lambda d, s: True,
     lambda s: not has_tokens(s) and s["input"] != {"rows": {
         "dim": s["dim"]}}),
    ("cross", 0.15, lambda d, s: d.randrange(len(CROSS)), has_tokens),
    ("source", 0.3, lambda d, s: {"patch": drawn_image(d, s)}, translates),
    ("source", 0.3, lambda d, s: {"rows": {"dim": d.randint(1, 50)}},
     translates),
    ("queries", 0.3, lambda d, s: d.randint(1, 80), translates),
    ("mask", 1, lambda d, s: True, is_image),
    ("mask", 0.3, lambda d, s: True, lambda s: not translates(s)),
    ("prepend", 0.4, lambda d, s: d.choice(
        ["class", {"what": "registers", "rows": d.randint(1, 5)}]), is_image),
    ("pool", 0.5, lambda d, s: d.choice(["first", "last", "mean"]), sees_all),
    ("cache", 0.3, lambda d, s: d.choice(["bf16", "int8"]),
     lambda s: not sees_all(s)),
    ("repeat", 1, lambda d, s: d.randint(1, 4)),
    ("share", 0.15, lambda d, s: True),
    ("block", 1, lambda d, s: d.randrange(len(BLOCKS))),
    ("dtype", 0.6, lambda d, s: d.choice(FORMATS[1:])),
    ("stored", 0.5, lambda d, s: d.choice(["F16", "BF16"]),
     lambda s: "dtype" not in s),
    ("attention.heads", 1, lambda d, s: d.randint(1, 6)),
    ("attention.head_dim", 1,
     lambda d, s: d.choice([2, 6, 10, 16, 18, 24, 32, 40])),
    ("attention.kv_heads", 1,
     lambda d, s: d.choice(divisors(s["attention.heads"]))),
    ("attention.bias", 0.6,
     lambda d, s: d.choice([True, ["query", "key", "value"], ["output"]])),
    ("attention.scores", 0.1, lambda d, s: d.choice(["linear", "relu"])),
    ("attention.scale", 0.15, lambda d, s: round(d.uniform(0.05, 0.6), 3)),
    ("attention.value_dim", 0.2, lambda d, s: d.randint(1, 40)),
    ("attention.sources", 0.5, lambda d, s: "but_last",
     lambda s: sees_all(s) and weighs(s)),
    ("attention.window", 0.3, lambda d, s: d.choice([1, 3, 16, 33, 100]),
     lambda s: not (weighs(s) or translates(s))),
    ("attention.segment", 0.2, lambda d, s: d.choice([2, 5, 16, 31, 64]),
     lambda s: "attention.window" not in s and not (
         weighs(s) or translates(s))),
    ("attention.memory", 0.7, lambda d, s: d.choice([1, 15, 64]),
     lambda s: "attention.segment" in s),
    ("attention.sinks", 0.3, lambda d, s: d.choice([1, 4, 70]),
     lambda s: windowed(s) and not sees_all(s)),
    ("attention.global", 0.4, lambda d, s: d.choice([1, 4, 70]),
     lambda s: windowed(s) and sees_all(s)),
    ("attention.random", 0.5, lambda d, s: {
        "segments": d.choice([1, 3, 20]), "seed": d.randrange(1 << 31)},
     lambda s: "attention.segment" in s and sees_all(s)),
    ("attention.tile", 0.6, drawn_tile,
     lambda s: has_grid(s) and not windowed(s)),
    ("attention.shift", 0.6,
     lambda d, s: d.randint(1, s["attention.tile"] - 1),
     lambda s: s.get("attention.tile", 1) > 1),
    ("attention.gate", 0.2, lambda d, s: d.choice(["silu", "sigmoid"])),
    ("attention.softcap", 0.2, lambda d, s: d.choice([0.5, 5.0, 50.0]),
     lambda s: not (weighs(s) or in_tiles(s))),
    ("attention.qk_norm", 0.3,
     lambda d, s: {d.choice(["rms", "layer"]): {
         "eps": 1.0e-6, "over": d.choice(["head", "row"])}}),
    ("attention.position", 0.7, drawn_rope, lambda s: not in_tiles(s)),
    ("attention.position", 0.3, lambda d, s: "alibi",
     lambda s: not (weighs(s) or in_tiles(s))),
    ("attention.position", 0.2, drawn_added),
    ("attention.position", 0.5, drawn_relative,
     lambda s: not (weighs(s) or in_tiles(s))),
    ("attention.position", 0.7, lambda d, s: "table", in_tiles),
    ("attention.dtype", 0.3, lambda d, s: d.choice(FORMATS),
     lambda s: "dtype" in s),
    ("linear_attention.heads", 1, lambda d, s: d.randint(1, 6), sums),
    ("linear_attention.head_dim", 1, lambda d, s: d.randint(1, 40), sums),
    ("linear_attention.kv_heads", 1,
     lambda d, s: d.choice(divisors(s["linear_attention.heads"])), sums),
    ("linear_attention.value_dim", 0.3, lambda d, s: d.randint(1, 40), sums),
    ("linear_attention.update", 0.3, lambda d, s: "delta",
     lambda s: sums(s) and not sees_all(s)),
    ("linear_attention.normalise", 1, lambda d, s: "none", corrects),
    ("linear_attention.qk_norm", 1, lambda d, s: {"l2": {"eps": 1.0e-6}},
     corrects),
    ("linear_attention.feature", 0.6,
     lambda d, s: d.choice(["elu", "relu", "exp", {"random": {"count": 70}}]),
     lambda s: sums(s) and not corrects(s)),
    ("linear_attention.feature", 0.7, lambda d, s: "silu", corrects),
    ("linear_attention.conv", 0.3, lambda d, s: {
        "size": d.choice([2, 4, 19]), "act": d.choice(["none", "silu"]),
        "bias": d.random() < 0.3}, lambda s: sums(s) and not sees_all(s)),
    ("linear_attention.decay", 0.4, lambda d, s: d.choice([
        "fixed", "input", {"input": {"power": True}}]),
     lambda s: sums(s) and not sees_all(s)),
    ("linear_attention.head_norm", 0.3,
     lambda d, s: {d.choice(["rms", "layer"]): {"eps": 1.0e-5}}, sums),
    ("linear_attention.gate", 0.3, lambda d, s: "silu", sums),
    ("linear_attention.tap", 0.2, lambda d, s: d.choice(
        ["queries", ["keys", "values"]]), sums),
    ("linear_attention.bias", 0.3, lambda d, s: True, sums),
    ("latent_attention.heads", 1, lambda d, s: d.randint(1, 5), narrow),
    ("latent_attention.head_dim", 1, lambda d, s: 2 * d.randint(2, 24),
     narrow),
    ("latent_attention.shared", 1, lambda d, s: 2 * d.randint(
        1, s["latent_attention.head_dim"] // 2 - 1), narrow),
    ("latent_attention.latent", 1, lambda d, s: d.randint(1, 40), narrow),
    ("latent_attention.query_latent", 0.5, lambda d, s: d.randint(1, 40),
     narrow),
    ("latent_attention.value_dim", 0.4, lambda d, s: d.randint(1, 40), narrow),
    ("latent_attention.position", 0.7, drawn_turns, narrow),
    ("latent_attention.tap", 0.2, lambda d, s: d.choice(
        ["weights", ["queries", "scores"]]), narrow),
    ("cross_attention.heads", 1, lambda d, s: d.randint(1, 6), translates),
    ("cross_attention.head_dim", 1, lambda d, s: d.randint(1, 40),
     translates),
    ("cross_attention.kv_heads", 1,
     lambda d, s: d.choice(divisors(s["cross_attention.heads"])), translates),
    ("cross_attention.value_dim", 0.3, lambda d, s: d.randint(1, 40),
     translates),
    ("cross_attention.bias", 0.5,
     lambda d, s: d.choice([True, ["query", "value"], ["key", "output"]]),
     translates),
    ("cross_attention.scale", 0.2, lambda d, s: round(d.uniform(0.05, 0.6), 3),
     translates),
    ("cross_attention.softcap", 0.2, lambda d, s: d.choice([0.5, 5.0]),
     translates),
    ("cross_attention.qk_norm", 0.3,
     lambda d, s: {d.choice(["rms", "layer"]): {"eps": 1.0e-6}}, translates),
    ("cross_attention.position", 0.3, drawn_added, translates),
    ("cross_attention.dtype", 0.3, lambda d, s: d.choice(FORMATS),
     lambda s: "dtype" in s and translates(s)),
    ("mlp.hidden", 1, lambda d, s: d.randint(1, 150)),
    ("mlp.act", 1, lambda d, s: d.choice(list(formulas.ACTIVATIONS))),
    ("mlp.gated", 0.5, lambda d, s: True),
    ("mlp.bias", 0.5, lambda d, s: True),
    ("mlp.dtype", 0.3, lambda d, s: d.choice(FORMATS),
     lambda s: "dtype" in s),
    ("moe.experts", 0.25, lambda d, s: d.randint(1, 40),
     lambda s: "mlp" in str(BLOCKS[s["block"]])),
    ("moe.top_k", 1, lambda d, s: d.randint(1, min(s["moe.experts"], 5)),
     mixes),
    ("moe.router", 0.4, lambda d, s: "sigmoid", mixes),
    ("moe.correction", 0.3, lambda d, s: True, mixes),
    ("moe.groups", 0.3, drawn_groups, mixes),
    ("moe.normalise", 0.5, lambda d, s: True, mixes),
    ("moe.scale", 0.3, lambda d, s: round(d.uniform(0.3, 3), 2), mixes),
    ("moe.shared", 0.4, lambda d, s: d.randint(1, 90), mixes),
    ("moe.shared_gate", 0.5, lambda d, s: True, lambda s: "moe.shared" in s),
    ("norm.kind", 1, lambda d, s: d.choice(["layer", "rms"])),
    ("norm.eps", 1, lambda d, s: d.choice([1.0e-6, 1.0e-5])),
    ("norm.offset", 0.15, lambda d, s: 1.0, lambda s: s["norm.kind"] == "rms"),
    ("norm.bias", 0.15, lambda d, s: False,
     lambda s: s["norm.kind"] == "layer"),
    ("norm.weight", 0.1, lambda d, s: False,
     lambda s: "norm.offset" not in s and "norm.bias" not in s),
    ("embed.scale", 0.2, lambda d, s: round(d.uniform(0.3, 6), 2)),
    ("table", 0.4, lambda d, s: "learned"),
    ("table", 0.2, lambda d, s: "sinusoidal", lambda s: s["dim"] % 2 == 0),
    ("logits.tied", 0.5, lambda d, s: True,
     lambda s: has_tokens(s) and not detects(s)),
    ("logits.bias", 0.2, lambda d, s: True),
    ("logits.scale", 0.2, lambda d, s: round(d.uniform(0.3, 2), 2)),
    ("logits.softcap", 0.15, lambda d, s: d.choice([2.5, 30.0])),
    ("outputs", 0.3, lambda d, s: d.randint(1, 20),
     lambda s: not has_tokens(s) or "pool" in s or detects(s)),
    ("input.stride", 0.4,
     lambda d, s: d.randint(1, s["input"]["patch"]["size"]), cuts_freely),
    ("input.pad", 0.4,
     lambda d, s: d.randint(0, s["input"]["patch"]["size"] - 1), cuts_freely),
    ("attention.reduce", 0.3,
     lambda d, s: {"rows": d.randint(1, 40)}, may_reduce),
    ("attention.reduce", 0.3, lambda d, s: {"size": d.choice([1, 2, 3])},
     lambda s: may_reduce(s) and is_image(s) and "prepend" not in s
     and min(s["input"]["patch"]["image"][1:])
     >= 3 * s["input"]["patch"]["size"]),
    ("conv.size", 0.3, lambda d, s: d.randint(1, 5),
     lambda s: (sees_all(s) or translates(s)) and not (
         in_tiles(s) or "size" in s.get("attention.reduce", ()))),
    ("attention.tap", 0.2, drawn_taps),
    ("cross_attention.tap", 0.2, lambda d, s: d.choice(
        ["weights", ["scores", "keys"], ["queries", "values", "weights"]]),
     translates),
    ("conv.pad", 1, drawn_pad, convolves),
    ("conv.stride", 0.7, lambda d, s: d.randint(1, 3), convolves),
    ("conv.groups", 0.5, lambda d, s: d.choice(
        [s["dim"], d.choice(divisors(s["dim"]))]), convolves),
    ("conv.bias", 0.5, lambda d, s: True, convolves),
    ("conv.act", 0.5, lambda d, s: d.choice(list(formulas.ACTIVATIONS)),
     convolves),
    ("exit", 0.4, lambda d, s: d.choice([0, "none", "between", "between"]),
     may_leave),
)
NAMES = [name for name, *_ in KNOBS]
REPEATED = {name for name in NAMES if NAMES.count(name) > 1}
ALWAYS = {name for name, chance, *_ in KNOBS if chance == 1} - REPEATED
