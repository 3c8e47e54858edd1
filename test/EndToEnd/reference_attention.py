"""Attention of all kinds as reference.py's models have it, in float64 numpy."""
import numpy as np

from formulas import (ACTIVATIONS, FEATURES, alibi, attend, bucket,
                      delta_rule, drawn_segments, faded, fixed_decay,
                      layer_norm,
                      random_features, rms_norm, rotary_frequencies, rotate,
                      short_conv, softmax, weigh, window_attend, windows)


def see_all(q, k, v, scale, softcap, keep, keep_scores):
    """Each row of q sees all rows of k, of which there may be another number;
    as `attend` keeps what its weights are."""
    shared = q.shape[1] // k.shape[1]
    scores = np.einsum("rhd,shd->hrs", q, np.repeat(k, shared, 1)) * scale
    if softcap:
        scores = softcap * np.tanh(scores / softcap)
    shares = softmax(scores)
    keep.extend(shares)
    keep_scores.extend(scores)
    return np.einsum("hrs,she->rhe", shares,
                     np.repeat(v, shared, 1)).reshape(len(q), -1)


def keeps_latents(fields, dtype):
    """Whether a session holds the narrow rows of latent_attention rather than
    keys and values of all heads."""
    value_dim = fields.get("value_dim") or fields["head_dim"] - fields["shared"]
    return fields.get("mask", "none") != "none" and \
        2 * fields["latent"] + fields["shared"] < fields["heads"] * (
            fields["head_dim"] + value_dim) and (
        dtype not in ("int8", "int4")
        or fields["head_dim"] % 32 == fields["latent"] % 32 == 0)


class Attentions:
    """The layers of a model in which rows see each other."""

    def attention(self, x, scope, heads, kv_heads=None, head_dim=None,
                  value_dim=None, mask="none", window=None, sinks=0, position=None,
                  scale=None, softcap=None, qk_norm=None, bias=False,
                  scores="softmax", normalise="none", sources="all",
                  output="map", tap="none", segment=None, memory=0, tile=None,
                  shift=0, reduce=None, random=None, gate="none", **others):
        source = self.reduced(x, scope, **reduce) if reduce else x
        kv_heads = kv_heads or heads
        head_dim = head_dim or x.shape[-1] // heads
        value_dim = value_dim or (x.shape[-1] if output == "sum" else head_dim)
        parts = bias if isinstance(bias, list) else \
            ["query", "key", "value", "output"] if bias else []

        def project(rows, part, count, width):
            y = self.map(rows, f"{scope}.{part}", count * width,
                         part in parts)
            return y.reshape(len(rows), count, width)

        placed = self.placed(x, scope + ".position", position, self.context())
        q = project(placed, "query", heads, head_dim)
        k = project(source if reduce else placed, "key", kv_heads, head_dim)
        v = project(source, "value", kv_heads, value_dim)
        if qk_norm:
            kind, fields = next(iter(qk_norm.items())) \
                if isinstance(qk_norm, dict) else (qk_norm, {})
            norm = {"rms": rms_norm, "layer": layer_norm}[kind]
            eps = fields.get("eps", 1e-6)
            shapes = q.shape, k.shape
            if fields.get("over") == "row":
                q, k = q.reshape(len(x), -1), k.reshape(len(source), -1)
            q = norm(q, self.weight(f"{scope}.query_norm.weight", q.shape[-1]),
                     eps=eps).reshape(shapes[0])
            k = norm(k, self.weight(f"{scope}.key_norm.weight", k.shape[-1]),
                     eps=eps).reshape(shapes[1])
        if position and "rope" in position:
            rope = position["rope"]
            frequencies, magnitude = rotary_frequencies(
                rope.get("theta", 10000), rope.get("dim", head_dim),
                rope.get("scaling"), self.context())
            layout = rope.get("layout", "halves")
            q = rotate(q, frequencies, magnitude, layout)
            k = rotate(k, frequencies, magnitude, layout)
        self.hand_out_heads(scope, tap, queries=q, keys=k, values=v)
        k, v = self.cached(k), self.cached(v)
        scale = scale or head_dim ** -0.5
        weights, kept = [], []
        if reduce:
            mixed = see_all(q, k, v, scale, softcap, weights, kept)
        elif tile:
            side = min(tile, *self.grid)
            table = self.weight(f"{scope}.table.weight", (2 * side - 1) ** 2,
                                heads) if position == "table" else None
            mixed = window_attend(q, k, v, self.grid, tile, shift, scale,
                                  table)
        elif scores == "softmax":
            drawn = drawn_segments(
                random.get("seed", 0), random["segments"], kv_heads, segment,
                memory, others.get("global", 0), self.round) if random else None
            mixed = attend(q, k, v, mask != "none", scale, window, softcap,
                           self.bias(position, scope, len(x), heads, mask),
                           sinks, self.prefix if mask == "prefix" else 0,
                           weights, segment, memory, others.get("global", 0),
                           drawn, kept)
        else:
            mixed = weigh(q, k, v, mask == "causal", scale, scores, normalise,
                          sources == "but_last")
        self.hand_out_pairs(scope, tap, kept, weights)
        if output == "sum":
            return mixed.reshape(len(x), heads, -1).sum(1)
        mixed = self.gated(mixed, x, scope, gate)
        return self.map(mixed, f"{scope}.output", x.shape[-1],
                        "output" in parts)

    def hand_out_heads(self, scope, tap, **parts):
        """Those of queries, keys and values that are wanted."""
        for name, heads in parts.items():
            if name in ([tap] if isinstance(tap, str) else tap):
                self.hand_out(f"{scope}.{name}", heads)

    def hand_out_pairs(self, scope, tap, scores, weights):
        """Likewise of scores and weights, of each head [rows, rows seen]."""
        for name, values in (("scores", scores), ("weights", weights)):
            if values:
                self.hand_out_heads(scope, tap, **{name: np.stack(values, 1)})

    def reduced(self, x, scope, size=None, rows=None, eps=1e-5):
        """Wang et al. 2021 (PVT), or 2020 (Linformer)."""
        if rows:
            mixtures = self.weight(f"{scope}.reduce.weight", rows,
                                   self.context())
            return mixtures[:, :len(x)] @ x
        width = x.shape[-1]
        seen = windows(x.T.reshape(width, *self.grid), size, size, 0)
        y = self.map(seen.reshape(len(seen), -1), f"{scope}.reduce", width,
                     True)
        return layer_norm(y, self.weight(f"{scope}.reduce_norm.weight", width),
                          self.weight(f"{scope}.reduce_norm.bias", width), eps)

    def bias(self, position, scope, rows, heads, mask):
        """What is added to the scores, [heads, rows, rows]."""
        if position == "alibi":
            return alibi(rows, heads)
        if position and "alibi" in position:
            return alibi(rows, heads) * position["alibi"]["scale"]
        if not position or "relative" not in position:
            return None
        relative = position["relative"]
        buckets = relative.get("buckets", 32)
        if relative.get("shared"):
            scope = ".".join(p for p in scope.split(".") if not p.isdigit())
        table = self.weight(f"{scope}.relative.weight", buckets, heads)
        apart = np.arange(rows) - np.arange(rows)[:, None]
        at = bucket(apart, mask == "causal", buckets,
                    relative.get("distance", 128))
        return table[at].transpose(2, 0, 1)

    def cross_attention(self, x, scope, heads, kv_heads=None, head_dim=None,
                        value_dim=None, scale=None, softcap=None,
                        qk_norm=None, bias=False, position=None, tap="none"):
        """Queries of x, keys and values of all rows of the encoder."""
        kv_heads = kv_heads or heads
        head_dim = head_dim or x.shape[-1] // heads
        value_dim = value_dim or head_dim
        parts = bias if isinstance(bias, list) else \
            ["query", "key", "value", "output"] if bias else []

        def project(rows, part, count, width):
            y = self.map(rows, f"{scope}.{part}", count * width, part in parts)
            shape = len(rows), count, width
            if not qk_norm or part == "value":
                return y.reshape(shape)
            kind, fields = next(iter(qk_norm.items()))
            norm = {"rms": rms_norm, "layer": layer_norm}[kind]
            if fields.get("over") != "row":
                y = y.reshape(shape)
            weight = self.weight(f"{scope}.{part}_norm.weight", y.shape[-1])
            return norm(y, weight, eps=fields["eps"]).reshape(shape)

        q = project(self.placed(x, scope + ".query_position", position,
                                self.context()), "query", heads, head_dim)
        keys = self.placed(self.memory, scope + ".key_position", position,
                           self.source_context)
        k = project(keys, "key", kv_heads, head_dim)
        v = project(self.memory, "value", kv_heads, value_dim)
        self.hand_out_heads(scope, tap, queries=q, keys=k, values=v)
        weights, kept = [], []
        seen = see_all(q, self.cached(k), self.cached(v),
                       scale or head_dim ** -0.5, softcap, weights, kept)
        self.hand_out_pairs(scope, tap, kept, weights)
        return self.map(seen, f"{scope}.output", x.shape[-1],
                        "output" in parts)

    def linear_attention(self, x, scope, heads, kv_heads=None, head_dim=None,
                         value_dim=None, mask="none", feature="elu",
                         normalise="rows", decay="none", head_norm=None,
                         gate="none", bias=False, update="add", conv=None,
                         qk_norm="none", scale=1.0, tap="none"):
        """Katharopoulos et al. 2020, by the weights of all pairs of rows; with
        decay, norm and gate the retention of Sun et al. 2023, with the delta
        rule and convolutions that of Yang et al. 2024."""
        kv_heads = kv_heads or heads
        head_dim = head_dim or x.shape[-1] // heads
        value_dim = value_dim or head_dim

        def project(part, count, width):
            y = self.map(x, f"{scope}.{part}", count * width, bias)
            if conv:
                y = self.short(y, f"{scope}.{part}_conv", **conv)
            return y.reshape(len(x), count, width)

        phi = FEATURES.get(str(feature)) or self.random(feature, scope, head_dim)
        q = phi(project("query", heads, head_dim))
        k = phi(project("key", kv_heads, head_dim))
        v = project("value", kv_heads, value_dim)
        if qk_norm != "none":
            eps = qk_norm["l2"]["eps"]
            q, k = (part / np.sqrt((part ** 2).sum(-1, keepdims=True) + eps)
                    for part in (q, k))
        q = scale * q
        self.hand_out_heads(scope, tap, queries=q, keys=k, values=v)
        left = self.left_of(x, scope, decay, kv_heads)
        if update == "delta":
            share = x @ self.weight(f"{scope}.update.weight", kv_heads,
                                    x.shape[-1]).T
            mixed = delta_rule(q, k, v, ACTIVATIONS["sigmoid"](share), left)
        else:
            mixed = weigh(q, k, v, mask != "none", 1, "linear", normalise, False,
                          self.prefix if mask == "prefix" else 0, left)
        if head_norm:
            kind, fields = next(iter(head_norm.items()))
            mixed = {"rms": rms_norm, "layer": layer_norm}[kind](
                mixed.reshape(len(x), heads, value_dim), self.weight(
                    f"{scope}.head_norm.weight", value_dim),
                eps=fields["eps"]).reshape(mixed.shape)
        return self.map(self.gated(mixed, x, scope, gate), f"{scope}.output",
                        x.shape[-1], bias)

    def gated(self, mixed, x, scope, gate):
        return mixed if gate == "none" else mixed * ACTIVATIONS[gate](
            self.map(x, f"{scope}.gate", mixed.shape[-1], False))

    def short(self, x, name, size, act="none", bias=False):
        weight = self.weight(f"{name}.weight", x.shape[-1], size)
        return ACTIVATIONS[act](short_conv(x, weight, self.weight(
            f"{name}.bias", x.shape[-1]) if bias else None))

    def random(self, feature, scope, head_dim):
        weight = self.weight(f"{scope}.feature.weight",
                             feature["random"]["count"], head_dim)
        return lambda x: random_features(x, weight)

    def left_of(self, x, scope, decay, heads):
        """What later rows see of each row, for each head of keys."""
        if decay == "none":
            return None
        if "input" in decay:
            gates = self.map(x, f"{scope}.decay", heads, True)
            power = self.weight(f"{scope}.decay.power", heads) \
                if decay != "input" else 1
            return faded((1 / (1 + np.exp(-gates))) ** power)
        return faded(np.tile(fixed_decay(decay, heads), (len(x), 1)))

    def latent_attention(self, x, scope, heads, head_dim, latent, shared,
                         value_dim=None, query_latent=None, eps=1e-6,
                         mask="none", position=None, scale=None, tap="none"):
        """DeepSeek-AI 2024, equations 37 to 47 of DeepSeek-V2; a head's own
        columns come first."""
        own, value_dim = head_dim - shared, value_dim or head_dim - shared

        def narrow(part, width):
            y = self.map(x, f"{scope}.{part}", width, False)
            return rms_norm(y, self.weight(f"{scope}.{part}_norm.weight",
                                           width), eps)

        def heads_of(rows, part, width):
            y = self.map(rows, f"{scope}.{part}", heads * width, False)
            return y.reshape(len(x), heads, width)

        q = heads_of(narrow("query_latent", query_latent)
                     if query_latent else x, "query", head_dim)
        row = narrow("latent", latent)
        same = self.map(x, f"{scope}.shared_key", shared, False)[:, None]
        if position:
            rope = position["rope"]
            frequencies, _ = rotary_frequencies(
                rope.get("theta", 10000), rope.get("dim", shared),
                rope.get("scaling"), self.context())
            q = np.concatenate([q[..., :own], rotate(
                q[..., own:], frequencies, layout="pairs")], -1)
            same = rotate(same, frequencies, layout="pairs")
        scale, causal = scale or head_dim ** -0.5, mask != "none"
        fields = {"heads": heads, "head_dim": head_dim, "latent": latent,
                  "shared": shared, "value_dim": value_dim, "mask": mask}
        self.hand_out_heads(scope, tap, queries=q)
        weights, kept = [], []
        if self.on_narrow(f"{scope}.key.weight", fields):
            mixed = self.on_latents(scope, fields, q, row, same, causal, scale,
                                    weights, kept)
            self.hand_out_pairs(scope, tap, kept, weights)
            return self.map(mixed, f"{scope}.output", x.shape[-1], False)
        k = np.concatenate([heads_of(row, "key", own),
                            np.repeat(same, heads, 1)], -1)
        v = heads_of(row, "value", value_dim)
        self.hand_out_heads(scope, tap, keys=k, values=v)
        mixed = attend(q, self.cached(k), self.cached(v), causal, scale,
                       prefix=self.prefix if mask == "prefix" else 0,
                       keep=weights, keep_scores=kept)
        self.hand_out_pairs(scope, tap, kept, weights)
        return self.map(mixed, f"{scope}.output", x.shape[-1], False)

    def on_narrow(self, name, fields):
        """Whether caches or rows are rounded, of which there are others then
        where a session keeps the narrow rows."""
        probe = np.array([[[1.0] + [1 / 3] * 31]])
        caches = (self.cached(probe) != probe).any()
        integers = (self.rows(probe[0], name) != probe[0]).any()
        return (caches or integers) and keeps_latents(
            fields, "int8" if integers else None)

    def on_latents(self, scope, fields, q, row, same, causal, scale, weights,
                   kept):
        """The same with the narrow rows as the one key and value of all
        heads."""
        heads, latent = fields["heads"], fields["latent"]
        own = fields["head_dim"] - fields["shared"]
        name = f"{scope}.key.weight"
        met = self.rows(q.reshape(len(q), -1), name).reshape(q.shape)[..., :own]
        matrix = self.weight(name, heads * own, latent)
        queries = np.concatenate([np.einsum(
            "thk,hkl->thl", met, matrix.reshape(heads, own, latent)),
            q[..., own:]], -1)
        keys = self.cached(np.concatenate([row[:, None], same], -1))
        values = self.cached(row[:, None])
        mixed = attend(queries, np.repeat(keys, heads, 1),
                       np.repeat(values, heads, 1), causal, scale,
                       prefix=self.prefix if fields["mask"] == "prefix" else 0,
                       keep=weights, keep_scores=kept)
        name = f"{scope}.value.weight"
        matrix = self.weight(name, heads * fields["value_dim"], latent)
        mixed = self.rows(mixed, name).reshape(len(q), heads, latent)
        return np.einsum("thl,hel->the", mixed,
                         matrix.reshape(heads, -1, latent)).reshape(len(q), -1)
