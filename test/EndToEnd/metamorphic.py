#!/usr/bin/python3
"""What must hold between two outputs, whatever the weights: rows without
positions may be permuted, rows added later change nothing, two ways to say the
same model agree."""
import numpy as np

import differential
import harness
import reference
from checkpoints import RandomWeights
from cases import LAYER, PLAIN, RMS, SWIGLU, model, rope
from harness import case, check, close, same_bits

VOCAB = 97
BLOCK = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
RELATIVE = {"relative": {"buckets": 12, "distance": 20}}


class Edited(RandomWeights):
    """Random weights, of which `edit(name, value)` makes others."""

    def __init__(self, edit, seed=0):
        super().__init__(seed)
        self.edit = edit

    def __call__(self, name, *shape):
        if name not in self.values:
            value = self.edit(name, super().__call__(name, *shape))
            self.stored[name] = value.astype("<f4")
            self.values[name] = self.stored[name].astype(float)
        return self.values[name]


def program(name, spec, edit=None, *flags):
    weights = Edited(edit) if edit else RandomWeights(
        0, "F32", differential.formats(spec))
    reference.Model(spec, weights).run(*differential.some_pair(spec))
    return differential.built(name, spec, weights, *flags)


def some_tokens(length, seed=1):
    return np.random.default_rng(seed).integers(VOCAB, size=length)


def distance(one, two):
    """The largest difference, relative to the largest value."""
    return np.abs(one - two).max() / np.abs(two).max()


def encoder(places=(), layers=(), end=("norm", "logits"), block=None,
            **attention):
    """Layers whose rows see each other, 44 columns unless others follow."""
    return model(44, VOCAB, LAYER, {"heads": 4, "mask": "none", **attention},
                 SWIGLU, ["embed", *places, *layers,
                          {"repeat": 2, "layers": block or BLOCK}, *end])


def permuted(name, spec):
    """Permuting rows permutes the output (to rounding: sums are reordered)."""
    compiled, tokens = program(name, spec), some_tokens(41)
    order = np.random.default_rng(2).permutation(41)
    rows = compiled.logits(tokens)
    close(f"{name}: permuted rows", compiled.logits(tokens[order]),
          rows[order] if len(rows) > 1 else rows, 1e-5)


def broken(name, spec):
    """With positions the same permutation gives something else, and it is
    what the reference says."""
    compiled, expected = differential.compiled(name, spec)
    tokens = some_tokens(41)
    order = np.random.default_rng(2).permutation(41)
    other = compiled.logits(tokens[order])
    close(f"{name}: the order counts", other, expected.run(tokens[order]))
    apart = distance(other, compiled.logits(tokens)[order])
    check(f"{name}: the order counts as much as", apart > 0.01,
          f"{apart:.2f} of the largest value")


def concatenated(name):
    """[token; place] mapped to the rows is what the sum of two tables with
    zeros beside their columns is mapped to."""
    width, places, dim = 19, 14, 44
    spec = encoder([{"position": "learned"}], [{"linear": {"to": dim}}])
    spec["dim"] = width + places

    def edit(name, value):
        if name in ("embed.weight", "position.weight"):
            value = value.copy()
            value[:, width:] *= name != "embed.weight"
            value[:, :width] *= name != "position.weight"
        return value
    compiled, weight = program(name, spec, edit), Edited(edit)
    tokens = some_tokens(41)
    both = np.concatenate(
        [weight("embed.weight", VOCAB, width + places)[tokens, :width],
         weight("position.weight", spec["context"], width + places)[
             :41, width:]], 1)
    rows = both @ weight("linear.weight", dim, width + places).T
    rest = reference.Model(spec | {"dim": dim, "layers": [
        {"rows": {"dim": dim}}, *spec["layers"][3:]]}, weight)
    got = compiled.logits(tokens)
    close(f"{name}: the order counts as concatenated rows", got,
          rest.run(rows))
    order = np.random.default_rng(2).permutation(41)
    apart = distance(compiled.logits(tokens[order]), got[order])
    check(f"{name}: the order counts as much as", apart > 0.01,
          f"{apart:.2f} of the largest value")


def shifted(name, position, window, far):
    """In one layer with a window, a row sees what is in it; where only
    distances count, the same tokens further on give the same row."""
    spec = model(48, VOCAB, RMS, {
        "heads": 4, "mask": "causal", "window": window, **position}, SWIGLU,
        ["embed", *far, *BLOCK, "norm", "logits"])
    compiled = program(name, spec)
    last, rows = some_tokens(window, 3), []
    for before in (0, 2, 100):
        tokens = np.concatenate([some_tokens(before, before), last])
        rows.append(compiled.logits(tokens)[-1:])
    if far:
        apart = distance(rows[1], rows[0])
        check(f"{name}: places count, not only distances", apart > 0.01,
              f"{apart:.2f} of the largest value")
        return
    for before, row in zip((2, 100), rows[1:]):
        close(f"{name}: only distances count, {before} rows further on", row,
              rows[0], 1e-5)


def causal(**attention):
    dtype = attention.pop("dtype", "f32")
    return model(48, VOCAB, RMS, PLAIN | attention, SWIGLU, dtype=dtype)


CAUSAL = {
    "rope": causal(position=rope(), heads=4, kv_heads=2),
    "alibi": causal(position="alibi"),
    "relative": causal(position=RELATIVE),
    "window": causal(window=9, position=rope()),
    "one_group": causal(heads=6, kv_heads=1, softcap=3.0),
    "linear": causal(scores="linear", normalise="1/n"),
    "bf16": causal(dtype="bf16", position=rope()),
    "int8": causal(dtype="int8", position=rope()),
    "int4": causal(dtype="int4", position=rope()),
    "learned": model(45, VOCAB, LAYER, PLAIN, SWIGLU, [
        "embed", {"position": "learned"}, {"repeat": 2, "layers": BLOCK},
        "norm", {"logits": {"tied": True}}]),
}


def added(name, spec, *flags):
    """A token more leaves the rows before it as they are, to the bit; what
    differs from it on does differ."""
    compiled = program(name, spec, None, *flags)
    tokens = some_tokens(131)
    rows = compiled.logits(tokens)
    for length in (1, 2, 15, 16, 17, 64, 65, 130):
        same_bits(f"{name}: {length} rows, then others",
                  compiled.logits(tokens[:length]), rows[:length])
    other = tokens.copy()
    other[33:] = (other[33:] + 1) % VOCAB
    changed = compiled.logits(other)
    same_bits(f"{name}: 33 rows, other rows later", changed[:33], rows[:33])
    check(f"{name}: they do change later rows",
          not np.any(np.all(changed[33:] == rows[33:], -1)))


def agree(name, one, two, edits=(None, None), exact=True):
    """Two ways to say one model."""
    tokens = some_tokens(65)
    rows = [program(f"{name}_{i}", spec, edit).logits(tokens)
            for i, (spec, edit) in enumerate(zip((one, two), edits))]
    if exact:
        same_bits(f"{name}: two ways agree", *rows)
    else:
        close(f"{name}: two ways agree", *rows, 1e-5)


def identities():
    heads = {"heads": 6, "mask": "causal", "position": rope()}

    def of(layers=None, **more):
        return model(48, VOCAB, RMS, heads | more, SWIGLU, layers)

    def repeated(groups):
        """The heads of keys and values of `groups`, one for each query."""
        def edit(name, value):
            if ".key." not in name and ".value." not in name:
                return value
            few = value.reshape(6, 8, 48)[:groups]
            return np.repeat(few, 6 // groups, 0).reshape(48, 48)
        return edit

    def first(groups):
        """The first heads of what all six would be."""
        def edit(name, value):
            if ".key." not in name and ".value." not in name:
                return value
            return RandomWeights(0)(name, 48, 48)[:groups * 8]
        return edit

    for groups in (1, 2, 3):
        case(f"groups_{groups}", agree, f"groups_{groups}",
             of(kv_heads=groups), of(), (first(groups), repeated(groups)))

    def rotated(name, value):
        """Other queries and keys with the same products: one orthogonal
        matrix before both, of each head."""
        if ".query." not in name and ".key." not in name:
            return value
        turn, _ = np.linalg.qr(np.random.default_rng(4).standard_normal((8, 8)))
        return (turn @ value.reshape(6, 8, 48)).reshape(48, 48)
    case("gauge", agree, "gauge", of(position="none"), of(position="none"),
         (None, rotated), exact=False)

    def shifted_keys(name, value):
        return value + 0.7 if name.endswith("key.bias") else value
    case("key_bias", agree, "key_bias", of(position="none", bias=True),
         of(position="none", bias=True), (None, shifted_keys), exact=False)
    case("wide_window", agree, "wide_window", of(), of(window=131))
    shared = of(["embed", {"repeat": 3, "share": True, "layers": BLOCK},
                 "norm", "logits"])
    copies = of(["embed", {"repeat": 3, "layers": BLOCK}, "norm", "logits"])

    def one_copy(name, value):
        parts = [p for p in name.split(".") if not p.isdigit()]
        return RandomWeights(0)(".".join(parts), *value.shape)
    case("shared", agree, "shared", shared, copies, (None, one_copy))
    named = of(["embed", {"repeat": 2, "layers": BLOCK}, "norm", "logits"])
    inner = model(48, VOCAB, RMS, heads, SWIGLU, [
        "embed", {"repeat": 2, "layers": ["block"]}, "norm", "logits"],
        define={"block": BLOCK})
    case("defined", agree, "defined", named, inner)

    def silent(name, value):
        """Branches that add nothing."""
        return 0 * value if ".output." in name or ".down." in name else value
    case("identity", agree, "identity", named,
         of(["embed", "norm", "logits"]), (silent, None))


def row_by_row(name):
    """Without attention a row follows from its token alone, to the bit."""
    deep = [{"linear": {"to": 61, "act": "gelu", "bias": True}},
            {"linear": {"to": 35, "act": "relu"}}, {"linear": {"to": 44}}]
    compiled = program(name, encoder(block=[
        {"residual": ["norm", "mlp"]}, {"residual": ["norm", *deep]}]))
    table = compiled.logits(np.arange(VOCAB))
    tokens = some_tokens(131)
    same_bits(f"{name}: the same MLP for all rows", compiled.logits(tokens),
              table[tokens])


def large_scores(name):
    """Scores in the thousands make a hard choice, not NaN."""
    compiled = program(name, causal(scale=1000.0))
    rows = compiled.logits(some_tokens(131))
    check(f"{name}: finite", bool(np.isfinite(rows).all()))


def main():
    post = [{"residual": ["attention"]}, "norm", {"residual": ["mlp"]}, "norm"]
    parallel = [{"residual": ["norm", {"parallel": ["attention", "mlp"]}]}]
    for name, spec in {
            "set": encoder(), "set_post_norm": encoder(block=post),
            "set_parallel": encoder(block=parallel),
            "set_groups": encoder(kv_heads=1, bias=True),
            "set_linear": encoder(scores="linear", normalise="rows",
                                  scale=0.02),
            "set_relu": encoder(scores="relu"),
            "set_mean": encoder(end=["norm", {"pool": "mean"},
                                     {"linear": {"to": 13}}])}.items():
        case(name, permuted, name, spec)
    for name, spec in {
            "learned": encoder([{"position": "learned"}]),
            "sinusoidal": encoder([{"position": "sinusoidal"}]),
            "rotary": encoder(head_dim=10, position=rope()),
            "distances": encoder(position="alibi"),
            "relative": encoder(position=RELATIVE)}.items():
        case(f"order_{name}", broken, f"order_{name}", spec)
    case("order_concatenated", concatenated, "order_concatenated")
    for name, position in {"none": {}, "rope": {"position": rope()},
                           "alibi": {"position": "alibi"},
                           "relative": {"position": RELATIVE}}.items():
        case(f"shift_{name}", shifted, f"shift_{name}", position, 6, [])
    for kind in ("learned", "sinusoidal"):
        case(f"shift_{kind}", shifted, f"shift_{kind}", {}, 6,
             [{"position": kind}])
    for name, spec in CAUSAL.items():
        case(f"added_{name}", added, f"added_{name}", spec)
    for cache in ("bf16", "int8"):
        case(f"added_cache_{cache}", added, f"added_cache_{cache}",
             CAUSAL["rope"], f"--cache={cache}")
    case("row_by_row", row_by_row, "row_by_row")
    identities()
    case("large_scores", large_scores, "large_scores")


if __name__ == "__main__":
    harness.main(main)
