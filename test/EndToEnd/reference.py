"""What transformers compute, in float64 numpy, written from the papers. It
shares nothing with the compiler: neither code nor weight layout nor the order
of any sum.

A model is a spec as plain Python data (what its YAML says), and a function
that gives the weight of a name and shape."""
import re

import numpy as np

from formulas import (ACTIVATIONS, layer_norm, made, patches, rms_norm,
                      sinusoids, softmax, windows)
from reference_attention import Attentions


class Model(Attentions):
    """Walks a spec. `weight(name, *shape)` gives an array, `rows(x, name)` what
    a matrix of that name makes of the rows that it meets, `cached(x)` what a
    cache makes of keys or values, [rows, kv_heads, D]."""

    def __init__(self, spec, weight, rows=lambda x, name: x,
                 cached=lambda x: x):
        self.spec, self.weight = spec, weight
        self.rows, self.cached = rows, cached
        self.prefix = 0  # first rows that see each other, with such a mask
        self.taps = {}
        self.row_types = None  # of the input's rows; all 0
        self.round = 0  # the repetition of all repeats around, counted through

    def run(self, data, source=None):
        """Token ids [rows], rows of reals, or an image [C, H, W]. With a source, which
        is such data too, what the decoder makes of the data."""
        self.taps = {}
        if source is not None:
            self.memory = self.encode(source)
            self.source_context = self.context()
        self.data, self.sizes = np.asarray(data), self.spec
        self.left, self.sure = None, []  # by an exit; how sure all have been
        self.stage = 0
        self.grid = None  # lines and columns whose places the rows are
        self.stack = self.spec.get("decoder") or self.spec["layers"]
        if source is None:
            rows = self.layers(self.stack, None, "", {})
            return rows if self.left is None else self.left
        if "queries" in self.stack[0]:
            self.sizes = {**self.spec,
                          "context": self.stack[0]["queries"]["rows"]}
        return self.layers(self.stack, None, "decoder.", {})

    def encode(self, source):
        """The encoder's rows."""
        self.data = np.asarray(source)
        self.sizes = {**self.spec, **self.spec.get("source", {})}
        self.stack, self.stage, self.grid = self.spec["encoder"], 0, None
        if "patch" in self.stack[0]:
            self.sizes.pop("context", None)
        return self.layers(self.spec["encoder"], None, "encoder.", {})

    def context(self):
        """Most rows of a sequence, of images patches and prepended rows, behind
        as many leaves that change their number."""
        return self.stages()[self.stage]

    def stages(self):
        found, rows, grid = [], self.sizes.get("context", 0), None
        for layer in self.stack:
            name, fields = self.fields(layer)
            if name == "prepend":
                rows += fields.get("rows", 1) if grid else 0
            if name not in ("patch", "conv", "merge"):
                continue
            size, stride, pad = self.window(name, fields)
            if name == "patch":
                grid = fields["image"][1:]
            elif made(size, size, stride, pad) != size:
                found.append(rows)
            if grid:
                grid = [made(side, size, stride, pad) for side in grid]
                rows = grid[0] * grid[1]
            else:
                rows = made(rows, size, stride, pad)
        return found + [rows]

    @staticmethod
    def window(name, fields):
        size = fields.get("size", 2)
        stride = 1 if name == "conv" else size
        return size, fields.get("stride", stride), fields.get("pad", 0)

    def fields(self, item):
        """The name of a leaf or combinator and what is in it."""
        name, fields = next(iter(item.items())) if isinstance(item, dict) \
            else (item, {})
        if isinstance(fields, list) or name == "repeat":
            return name, fields
        if not isinstance(fields, dict):
            word = {"prepend": "what", "tap": "as", "scale": "by",
                    "softcap": "at"}
            fields = {word.get(name, "kind"): fields}
        return name, {**self.spec.get("defaults", {}).get(name, {}), **fields}

    def layers(self, items, x, prefix, counts):
        for item in items:
            x = self.layer(item, x, prefix, counts)
        return x

    def layer(self, item, x, prefix, counts):
        if isinstance(item, list):
            return self.layers(item, x, prefix, counts)
        if isinstance(item, dict) and "repeat" in item:
            return self.repeat(item, x, prefix, counts)
        name, fields = self.fields(item)
        if name == "residual":
            return x + self.layers(fields, x, prefix, counts)
        if name == "outputs":
            return np.concatenate([self.layers(f, x, f"{prefix}{part}.", {})
                                   for part, f in fields.items()], -1)
        if name == "parallel":
            return sum(self.layer(f, x, prefix, counts) for f in fields)
        if name in self.spec.get("define", {}):
            return self.layers(self.spec["define"][name], x, prefix, counts)
        fields.pop("dtype", None)
        scope = prefix + fields.pop("as", self.numbered(name, counts))
        method = {"rows": "reals"}.get(name, name)
        return getattr(self, method)(x, scope, **fields)

    @staticmethod
    def numbered(name, counts):
        counts[name] = counts.get(name, 0) + 1
        return name if counts[name] == 1 else f"{name}_{counts[name]}"

    def repeat(self, item, x, prefix, counts):
        scope = prefix + item.get("as", self.numbered("layers", counts)) + "."
        outer = self.round
        for i in range(item["repeat"]):
            self.round = outer * item["repeat"] + i
            inner = scope if item.get("share") else f"{scope}{i}."
            x = self.layers(item["layers"], x, inner, {})
        self.round = outer
        return x

    def exit(self, x, scope, above, layers):
        """Teerapittayanon et al. 2016 (BranchyNet), Xin et al. 2020
        (DeeBERT), by the largest probability."""
        scores = self.layers(layers, x, f"{scope}.", {})
        self.sure.append(softmax(scores).max())
        if self.left is None and above != "none" and self.sure[-1] >= above:
            self.left = scores
        return x

    def map(self, x, scope, to, bias):
        matrix = self.weight(f"{scope}.weight", to, x.shape[-1])
        y = self.rows(x, f"{scope}.weight") @ matrix.T
        return y + self.weight(f"{scope}.bias", to) if bias else y

    def embed(self, x, scope, scale=1.0):
        self.table_name = f"{scope}.weight"
        self.table = self.weight(f"{scope}.weight", self.sizes["vocab"],
                                 self.spec["dim"])
        return self.table[self.data] * scale

    def patch(self, x, scope, image, size, stride=None, pad=0, bias=False):
        assert list(self.data.shape) == image
        self.grid = [made(side, size, stride or size, pad)
                     for side in image[1:]]
        return self.map(patches(self.data, size, stride, pad), scope,
                        self.spec["dim"], bias)

    def seen(self, x, size, stride, pad):
        """What windows see of the grid, or the sequence."""
        kept = made(size, size, stride, pad) == size
        shape = self.grid or [len(x)]
        found = windows(x.T.reshape(x.shape[1], *shape), size, stride, pad)
        if self.grid:
            self.grid = [made(side, size, stride, pad) for side in self.grid]
        self.stage += not kept
        return found

    def conv(self, x, scope, to, size, stride=1, pad=0, groups=1, act="none",
             bias=False, causal=False):
        if causal:
            return self.short(x, scope, size, act, bias)
        seen = self.seen(x, size, stride, pad)
        if groups == 1:
            return ACTIVATIONS[act](self.map(seen.reshape(len(seen), -1),
                                             scope, to, bias))
        parts = seen.reshape(len(seen), groups, -1)
        name = f"{scope}.weight"
        each = self.weight(name, to, parts.shape[-1]).reshape(
            groups, to // groups, -1)
        y = np.concatenate([self.rows(parts[:, g], name) @ each[g].T
                            for g in range(groups)], -1)
        return ACTIVATIONS[act](
            y + self.weight(f"{scope}.bias", to) if bias else y)

    def merge(self, x, scope, size=2, stride=None, pad=0, order="columns"):
        """Liu et al. 2021: the neighbours of a column one after the other."""
        seen = self.seen(x, size, stride or size, pad)
        axes = {"channels": (0, 1, 2, 3), "rows": (0, 2, 3, 1),
                "columns": (0, 3, 2, 1)}[order]
        return seen.transpose(axes).reshape(len(seen), -1)

    def reals(self, x, scope, dim, bias=False, map=True):
        assert self.data.shape[1] == dim
        return self.data if dim == self.spec["dim"] or not map else \
            self.map(self.data, scope, self.spec["dim"], bias)

    def queries(self, x, scope, rows):
        return self.weight(f"{scope}.weight", rows, self.spec["dim"])

    def placed(self, x, scope, position, context):
        """What queries and keys are made of (Carion et al. 2020)."""
        if not position or "added" not in position:
            return x
        if isinstance(position, dict) and position["added"]["shared"]:
            scope = ".".join(p for p in scope.split(".") if not p.isdigit())
        return x + self.weight(f"{scope}.weight", context,
                               x.shape[-1])[:len(x)]

    def types(self, x, scope, count, use="add"):
        """Segments, Devlin et al. 2019; mask tokens, Bao et al. 2022."""
        table = self.weight(f"{scope}.weight", count, x.shape[-1])
        types = np.zeros(len(x), int) if self.row_types is None \
            else np.asarray(self.row_types)
        if use == "add":
            return x + table[types]
        return np.where(types[:, None] > 0, table[types - 1], x)

    def prepend(self, x, scope, what="class", rows=1):
        self.grid = None
        return np.concatenate(
            [self.weight(f"{scope}.weight", rows, x.shape[-1]), x])

    def position(self, x, scope, kind="learned", layout="pairs", first=0,
                 inclusive=False):
        if kind == "none":
            return x
        if kind == "sinusoidal":
            pairs = sinusoids(first + len(x), x.shape[-1], inclusive)[first:]
            return x + (pairs if layout == "pairs" else np.concatenate(
                [pairs[:, 0::2], pairs[:, 1::2]], -1))
        table = self.weight(f"{scope}.weight", self.context(), x.shape[-1])
        return x + table[:len(x)]

    def scale(self, x, scope, by=None):
        """LayerScale, Touvron et al. 2021."""
        return x * (by or self.weight(f"{scope}.weight", x.shape[-1]))

    def softcap(self, x, scope, at):
        return at * np.tanh(x / at)

    def norm(self, x, scope, kind="layer", eps=1e-5, weight=True, bias=True,
             offset=0.0):
        w = self.weight(f"{scope}.weight", x.shape[-1]) + offset \
            if weight else 1.0
        if kind == "rms":
            return rms_norm(x, w, eps)
        return layer_norm(x, w, self.weight(
            f"{scope}.bias", x.shape[-1]) if bias and weight else None, eps)

    def tap(self, x, scope):
        self.hand_out(scope, x)
        return x

    def hand_out(self, scope, value):
        """One array for each repetition of the loops around."""
        name = re.sub(r"\.\d+(?=\.)", "", scope)
        self.taps.setdefault(name, []).append(value)

    def mlp(self, x, scope, hidden, act="gelu", gated=False, bias=False):
        act = ACTIVATIONS[act]
        y = self.map(x, f"{scope}.up", hidden, bias)
        if gated:
            y = act(self.map(x, f"{scope}.gate", hidden, bias)) * y
        else:
            y = act(y)
        return self.map(y, f"{scope}.down", x.shape[-1], bias)

    def moe(self, x, scope, experts, top_k, hidden, router="softmax",
            correction=False, groups="none", normalise=False, scale=1.0,
            shared=None, shared_gate=False, **fields):
        """Shazeer et al. 2017; Fedus et al. 2021 (one expert), Lepikhin et al.
        2020 (two); a shared expert as in Dai et al. 2024; the best of groups as
        in DeepSeek-AI 2024a (V2), the two best and a correction as in 2024b."""
        scores = x @ self.weight(f"{scope}.router.weight", experts,
                                 x.shape[-1]).T
        weights = softmax(scores) if router == "softmax" \
            else 1 / (1 + np.exp(-scores))
        compared = weights
        if correction:
            compared = weights + self.weight(f"{scope}.router.correction",
                                             experts)
        if groups != "none":
            (kind, group), = groups.items()
            parts = compared.reshape(len(x), group["count"], -1)
            best = np.sort(parts)[..., -1 if kind == "best" else -2:].sum(-1)
            out = np.argsort(-best, -1, kind="stable")[:, group["top_k"]:]
            compared = np.where(
                (np.arange(group["count"]) == out[..., None]).any(1)[..., None],
                -np.inf, parts).reshape(scores.shape)
        best = np.argsort(-compared, axis=-1, kind="stable")[:, :top_k]
        chosen = np.zeros(scores.shape)
        np.put_along_axis(chosen, best, 1.0, -1)
        gates = chosen * weights
        if normalise:
            gates = gates / gates.sum(-1, keepdims=True)
        y = sum(scale * gates[:, e:e + 1]
                * self.mlp(x, f"{scope}.experts.{e}", hidden, **fields)
                for e in range(experts))
        if shared:
            z = self.mlp(x, f"{scope}.shared", shared, **fields)
            if shared_gate:
                z = z / (1 + np.exp(-x @ self.weight(
                    f"{scope}.shared_gate.weight", 1, x.shape[-1]).T))
            y = y + z
        return y

    def linear(self, x, scope, to, act="none", bias=False):
        return ACTIVATIONS[act](self.map(x, scope, to, bias))

    def pool(self, x, scope, kind="first"):
        return {"first": x[:1], "last": x[-1:],
                "mean": x.mean(0, keepdims=True)}[kind]

    def logits(self, x, scope, tied=False, bias=False, scale=1.0,
               softcap=None):
        vocab = self.spec["vocab"]
        table = self.table if tied else \
            self.weight(f"{scope}.weight", vocab, x.shape[-1])
        name = self.table_name if tied else f"{scope}.weight"
        y = self.rows(x, name) @ table.T
        if bias:
            y = y + self.weight(f"{scope}.bias", vocab)
        y = y * scale
        return softcap * np.tanh(y / softcap) if softcap else y
