#!/usr/bin/python3
"""What models of images hand out beside their output, and those in which
convolutions or merged patches change the number of rows on the way, against
the reference; and that nothing else changes for it."""
import numpy as np

import differential
import harness
from cases import LAYER, RMS
from harness import case, check, close, same_bits
from taps import ALL, HEADS, PRE, without_taps

ROPE = {"rope": {"dim": 4}}
REDUCED = ["queries", "scores", "weights"]
HEAD = [{"norm": {"as": "last"}}, {"pool": "first"}, {"linear": {"to": 7}}]


def tap(name):
    return {"tap": name}


def model(first, *layers, attention, norm=LAYER, dim=36, **more):
    return {"model": "seen", "dim": dim, **more, "defaults": {
        "norm": norm, "attention": {"heads": 6, "mask": "none", "tap": ALL,
                                    **attention},
        "mlp": {"hidden": 61, "act": "gelu"}}, "layers": [first, *layers]}


def blocks(count, *layers):
    return {"repeat": count, "layers": [*(layers or PRE), tap("stream")]}


def vision(image, size, *layers, attention=(), **more):
    return model({"patch": {"image": image, "size": size, "bias": True}},
                 *layers, attention=dict(attention), **more)


def tiled(**fields):
    return {"residual": ["norm", {"attention": {
        "tile": 3, "tap": HEADS, **fields}}]}


def merged(*layers):
    """Every second row of each direction is left, twice as wide."""
    return ["merge", tap("merged"), {"norm": {"as": "merging"}},
            {"linear": {"to": 40}}, *layers]


WIDE = {"attention": {"heads": 4, "kv_heads": 2}}
IMAGES = {
    "vit": vision([3, 20, 28], 4, tap("patches"), {"prepend": "class"},
                  {"position": "learned"}, tap("start"), blocks(3), *HEAD),
    "registers": vision(
        [1, 15, 12], 3, {"prepend": "class"}, tap("one"),
        {"prepend": {"what": "registers", "rows": 3}}, blocks(1),
        {"linear": {"to": 5}},
        attention={"kv_heads": 3, "head_dim": 10, "value_dim": 7,
                   "position": ROPE, "qk_norm": {"rms": {"eps": 1e-6}},
                   "softcap": 2.0}, norm=RMS),
    "nested": vision([1, 10, 10], 2, {"repeat": 2, "layers": [blocks(2)]},
                     {"pool": "mean"}),
    "shared": vision([2, 6, 9], 3, {"repeat": 3, "share": True,
                                    "layers": PRE + [tap("stream")]}, *HEAD),
    "swin": vision([2, 24, 36], 2,
                   blocks(2, tiled(position="table"), tiled(shift=1)),
                   *merged(blocks(2, {"residual": ["norm", WIDE]}, PRE[1])),
                   *HEAD),
    "stem": vision([1, 21, 15], 1, tap("pixels"),
                   {"conv": {"to": 20, "size": 3, "stride": 2, "pad": 1}},
                   tap("half"), {"conv": {"to": 36, "size": 4, "stride": 3}},
                   tap("few"), {"prepend": "class"}, blocks(2), *HEAD),
    "grows": vision([1, 4, 5], 1, {"conv": {"to": 36, "size": 2, "pad": 1}},
                    tap("more"), blocks(1), {"pool": "mean"}),
    "pvt": vision([1, 12, 20], 2, blocks(2), *HEAD,
                  attention={"reduce": {"size": 2}, "tap": REDUCED}),
}


def sequences(first, *layers, attention=(), **more):
    return model(first, *layers, attention=dict(attention), context=70, **more)


ROWS = {
    "speech": sequences(
        {"rows": {"dim": 5}}, tap("start"),
        {"conv": {"to": 36, "size": 3, "pad": 1, "act": "gelu"}}, tap("same"),
        {"conv": {"to": 36, "size": 3, "stride": 2, "pad": 1, "act": "gelu"}},
        tap("half"), {"position": "sinusoidal"}, blocks(2),
        {"conv": {"to": 20, "size": 5, "stride": 3}}, tap("few"),
        {"linear": {"to": 3}}, attention={"kv_heads": 2}),
    "mixtures": sequences(
        {"rows": {"dim": 36}}, blocks(2),
        attention={"reduce": {"rows": 9}, "kv_heads": 2, "tap": REDUCED}),
    "pooled": sequences(
        {"rows": {"dim": 36}}, {"conv": {"to": 36, "size": 2, "pad": 1}},
        blocks(1), {"pool": "mean"}, norm=RMS),
}


def compiled(name, spec):
    """The program, the same without taps, and the reference."""
    first = spec["layers"][0]
    shape = first["patch"]["image"] if "patch" in first else \
        (spec["context"], first["rows"]["dim"])
    expected = differential.reference_of(spec)
    expected.run(np.zeros(shape))
    program, plain = (
        differential.built(folder, model, expected.weight)
        for folder, model in ((name, spec),
                              (name + "_plain", without_taps(spec))))
    return program, plain, expected


def expected_taps(expected, data):
    """Of each name [rows, repetitions, ...], without a dimension for one."""
    expected.run(data)
    stacked = {name: np.stack(values, 1)
               for name, values in expected.taps.items()}
    return {name: values[:, 0] if values.shape[1] == 1 else values
            for name, values in stacked.items()}


def tapped(program, values, name, *flags):
    path = program.path + ".tap.npy"
    rows = program.run(values, *flags, "--tap", f"{name}={path}")
    return rows, np.load(path)


def same(what, name, got, right):
    """Weights sum to 1, too."""
    sums = name.endswith(".weights")
    close(f"{what}: {name}", got[..., :right.shape[-1]], right,
          1e-5 if sums else 1e-4)
    if sums:
        off = np.abs(got.sum(-1, dtype=float) - 1).max()
        check(f"{what}: {name} sum to 1", off <= 1e-6 and (got >= 0).all()
              and not got[..., right.shape[-1]:].any(), f"off by {off:.1e}")


def images(name, spec):
    program, plain, expected = compiled(name, spec)
    shape = spec["layers"][0]["patch"]["image"]
    values = np.random.default_rng(0).standard_normal(
        (40, *shape)).astype(np.float32)
    right = plain.run(values)
    wanted = [expected_taps(expected, image.astype(float))
              for image in values[:3]]
    check(f"{name}, images: info names its taps", all(
        f"tap         {what}, " in program("info").stdout.decode()
        for what in wanted[0]))
    for what in wanted[0]:
        rows, got = tapped(program, values, what)
        same_bits(f"{name}, images: the output beside {what}", rows, right)
        same(f"{name}, images", what, got[:3],
             np.stack([one[what] for one in wanted]))
        for flags in ((), ("--threads", 3)):
            _, alone = tapped(program, values[39], what, *flags)
            same_bits(f"{name}, an image: {what} {' '.join(map(str, flags))}",
                      alone, got[39])


def rows(name, spec):
    program, plain, expected = compiled(name, spec)
    dim = spec["layers"][0]["rows"]["dim"]
    draw = np.random.default_rng(0)
    lengths = 70, 12, 41, 19
    values = [draw.standard_normal((n, dim)).astype(np.float32)
              for n in lengths]
    wanted = [expected_taps(expected, x.astype(float)) for x in values]
    for what in wanted[0]:
        alone = []
        for x, right in zip(values, wanted):
            got, handed = tapped(program, x, what)
            same_bits(f"{name}, {len(x)} rows: the output beside {what}", got,
                      plain.run(x))
            seen = right[what].shape[-1]
            if what.endswith(".scores"):
                check(f"{name}, {len(x)} rows: {what} that are not there",
                      np.isneginf(handed[..., seen:]).all())
            same(f"{name}, {len(x)} rows", what, handed, right[what])
            alone.append(handed)
        for flags in ((), ("--threads", 3)):
            _, together = tapped(
                program, np.concatenate(values), what, "--lengths",
                ",".join(map(str, lengths)), *flags)
            same_bits(f"{name}: {what}, four at once "
                      + " ".join(map(str, flags)), together,
                      np.concatenate(alone))


def refused():
    program, _ = differential.compiled("refused", IMAGES["nested"])
    out = program.path + ".npy"
    np.save(program.path + ".in.npy", np.zeros((1, 10, 10), np.float32))
    for what, text in (("none=other.npy", "has no tap 'none'"),
                       ("layers.layers.stream=" + out, "both write")):
        result = harness.shell(program.path, "run", "--input",
                               program.path + ".in.npy", "-o", out, "--tap",
                               what)
        check(f"refused: --tap {what.split('=')[0]}", result.returncode == 2
              and text in result.stderr.decode())


def main():
    for name, spec in IMAGES.items():
        case(name, images, name, spec)
    for name, spec in ROWS.items():
        case(name, rows, name, spec)
    case("refused", refused)


if __name__ == "__main__":
    harness.main(main)
