"""Specs of odd sizes and of every knob, by name."""
import formulas


def model(dim, vocab, norm, attention, mlp, layers=None, context=131, **more):
    """A spec of the usual arrangement, or of the layers given."""
    defaults = {"norm": norm, "attention": attention, "mlp": mlp}
    layers = layers or [
        "embed",
        {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                 {"residual": ["norm", "mlp"]}]},
        "norm", "logits"]
    text = str([layers, more])
    return {"model": "tested", "dim": dim, "context": context, "vocab": vocab,
            "defaults": {k: v for k, v in defaults.items()
                         if v is not None and f"'{k}'" in text},
            **more, "layers": layers}


def rope(**fields):
    return {"rope": fields}


LAYER = {"kind": "layer", "eps": 1.0e-5}
RMS = {"kind": "rms", "eps": 1.0e-6}
PLAIN = {"heads": 3, "mask": "causal"}
SWIGLU = {"hidden": 61, "act": "silu", "gated": True}


def attention_cases():
    """One knob of the attention each."""
    body = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]}]}

    def with_attention(dim=36, **fields):
        return model(dim, 67, RMS, {**PLAIN, **fields}, None,
                     ["embed", body, "norm", "logits"])

    def scaled(**scaling):
        return with_attention(
            dim=48, position=rope(theta=500.0, scaling=scaling))

    yield "one_head", with_attention(dim=34, heads=1, position=rope())
    yield "five_heads", with_attention(dim=40, heads=5, position=rope())
    yield "head_dim_6", with_attention(dim=37, head_dim=6, position=rope())
    yield "head_dim_40", with_attention(dim=30, head_dim=40, kv_heads=1,
                                        position=rope())
    yield "odd_head_dim", with_attention(dim=33, head_dim=11)
    yield "grouped", with_attention(heads=6, kv_heads=2, position=rope())
    yield "one_group", with_attention(dim=40, heads=5, kv_heads=1,
                                      position=rope(layout="pairs"))
    yield "value_dim", with_attention(value_dim=7, position=rope())
    yield "wide_value", with_attention(head_dim=8, value_dim=21)
    yield "pairs", with_attention(position=rope(layout="pairs", theta=100.0))
    yield "partial_halves", with_attention(position=rope(dim=6))
    yield "partial_pairs", with_attention(position=rope(dim=4,
                                                        layout="pairs"))
    yield "linear_scaling", scaled(linear={"factor": 4.0})
    yield "llama3_scaling", scaled(llama3={
        "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_context": 64})
    yield "yarn_scaling", scaled(yarn={
        "factor": 4.0, "original_context": 32, "beta_fast": 8.0,
        "beta_slow": 1.0})
    yield "yarn_between", scaled(yarn={
        "factor": 6.0, "original_context": 32, "beta_fast": 8.0,
        "truncate": False})
    yield "yarn_magnitude", scaled(yarn={
        "factor": 4.0, "original_context": 32, "attention_factor": 1.25})
    yield "ntk_scaling", scaled(ntk={"factor": 4.0})
    divisors = {"short": [1 + i / 16 for i in range(8)],
                "long": [1 + i * i / 3 for i in range(8)]}
    yield "longrope_scaling", scaled(longrope={
        "factor": 4.0, "original_context": 32, **divisors})
    yield "shortrope_scaling", scaled(longrope={
        "factor": 4.0, "original_context": 131, "attention_factor": 1.25,
        **divisors})

    def latent(dim=40, **fields):
        spec = model(dim, 61, RMS, None, SWIGLU, ["embed", {
            "repeat": 2, "layers": [
                {"residual": ["norm", "latent_attention"]},
                {"residual": ["norm", "mlp"]}]}, "norm", "logits"])
        spec["defaults"]["latent_attention"] = {"mask": "causal", **fields}
        return spec

    # Sessions keep keys and values of all heads, or the narrow rows.
    yield "latent_wide", latent(heads=2, head_dim=10, latent=25, shared=4,
                                position=rope())
    yield "latent", latent(heads=3, head_dim=14, latent=17, shared=4,
                           position=rope())
    yield "latent_queries", latent(
        heads=5, head_dim=13, value_dim=10, latent=33, query_latent=21,
        shared=5, eps=1.0e-3, scale=0.4)
    yield "latent_encoder", latent(
        heads=2, head_dim=48, value_dim=19, latent=16, query_latent=16,
        shared=16, mask="none", position=rope(dim=10, scaling={"yarn": {
            "factor": 4.0, "original_context": 32, "attention_factor": 1.0}}))
    yield "latent_int8", latent(dim=70, heads=3, head_dim=22, latent=40,
                                shared=6, position=rope()) | {"dtype": "int8"}
    for dtype in ("bf16", "int8", "int4"):
        yield f"latent_heads_{dtype}", latent(
            heads=4, head_dim=64, value_dim=19, latent=64, shared=18,
            position=rope()) | {"dtype": dtype}
    yield "window_1", with_attention(window=1)
    yield "window_5", with_attention(window=5, position=rope())
    yield "window_64", with_attention(window=64, position=rope())
    yield "sinks_1", with_attention(window=3, sinks=1)
    yield "sinks_70", with_attention(window=9, sinks=70, position="alibi")
    yield "sinks_4", with_attention(window=20, sinks=4, position=rope())
    yield "segment_1", with_attention(segment=1, memory=4, position=rope())
    yield "segment_16", with_attention(segment=16, memory=16, position="alibi")
    yield "segment_7", with_attention(
        segment=7, position={"relative": {"distance": 65}})
    yield "segment_sinks", with_attention(segment=19, memory=70, sinks=3)
    yield "softcap", with_attention(softcap=1.5)
    yield "scale_given", with_attention(scale=0.61)
    yield "scale_none", with_attention(dim=38, head_dim=5, scale=1.0)
    yield "scale_by_size", with_attention(dim=38, head_dim=13)
    yield "sharp", with_attention(scale=8.0)
    yield "qk_rms", with_attention(qk_norm={"rms": {"eps": 1.0e-6}},
                                   position=rope())
    yield "qk_rms_row", with_attention(
        kv_heads=1, qk_norm={"rms": {"over": "row"}}, position=rope())
    yield "qk_layer_row", with_attention(
        head_dim=11, qk_norm={"layer": {"eps": 1.0e-5, "over": "row"}})
    yield "qk_layer", with_attention(qk_norm={"layer": {"eps": 1.0e-5}})
    yield "qkv_bias", with_attention(bias=["query", "key", "value"],
                                     position=rope())
    yield "output_bias", with_attention(bias=["output"])
    yield "alibi", with_attention(dim=40, heads=5, position="alibi")
    yield "alibi_12_heads", with_attention(dim=36, heads=12, kv_heads=4,
                                           position="alibi")
    yield "alibi_softcap", with_attention(position="alibi", softcap=1.5,
                                          window=70)
    yield "alibi_scaled", with_attention(
        head_dim=11, position={"alibi": {"scale": 0.3}})
    yield "relative", with_attention(position={"relative": {}})
    yield "relative_7", with_attention(
        head_dim=11, position={"relative": {"buckets": 7, "distance": 33}})
    yield "relative_far", with_attention(
        dim=40, heads=5, kv_heads=1,
        position={"relative": {"buckets": 10, "distance": 1000}})
    yield "relative_shared", with_attention(
        position={"relative": {"shared": True, "distance": 65}}, window=100)
    yield "linear_scores", with_attention(scores="linear", scale=0.3)
    yield "linear_rows", with_attention(scores="linear", normalise="1/n",
                                        kv_heads=1, value_dim=5)
    yield "relu_scores", with_attention(scores="relu", bias=["query", "key"])
    yield "relu_rows", with_attention(scores="relu", normalise="rows",
                                      position=rope())
    yield "hard_scores", with_attention(scores="hard")
    yield "gated_heads", with_attention(gate="sigmoid", position=rope())
    yield "gated_groups", with_attention(
        dim=40, heads=5, kv_heads=1, value_dim=7, gate="silu",
        scores="relu", normalise="rows")
    yield "gated_int4", with_attention(gate="sigmoid", bias=True) | {
        "dtype": "int4"}
    yield "sum_of_heads", with_attention(dim=18, heads=2, head_dim=5,
                                         output="sum")
    yield "linear_sum", with_attention(dim=19, heads=3, head_dim=4,
                                       scores="linear", output="sum")


def linear_cases():
    """Attention by a running sum: features, masks, divisors, odd sizes."""
    body = {"repeat": 2, "layers": [{"residual": ["norm",
                                                  "linear_attention"]}]}

    def features(count):
        return {"random": {"count": count}}

    def summed(dim=33, mask="causal", **fields):
        spec = model(dim, 67, RMS, None, None,
                     ["embed", body, "norm", "logits"])
        spec["defaults"]["linear_attention"] = {
            "heads": 3, "mask": mask, **fields}
        return spec

    for feature in formulas.FEATURES:
        for mask in ("causal", "none"):
            # Without a feature a sum of weights may be next to 0.
            normalise = "1/n" if feature == "none" else "rows"
            yield f"sums_{feature}_{mask}", summed(
                feature=feature, mask=mask, normalise=normalise)
    yield "sums_undivided", summed(normalise="none", head_dim=2)
    yield "sums_grouped", summed(dim=40, heads=6, kv_heads=2, head_dim=18,
                                 value_dim=7, bias=True)
    yield "sums_one_group", summed(dim=40, heads=5, kv_heads=1, head_dim=16,
                                   value_dim=33, feature="relu")
    yield "sums_int8", summed() | {"dtype": "int8"}
    for mask in ("causal", "none"):
        yield f"sums_random_{mask}", summed(mask=mask, feature=features(37))
    yield "sums_random_grouped", summed(
        dim=40, heads=6, kv_heads=2, head_dim=9, value_dim=7,
        feature=features(65))
    yield "sums_random_undivided", summed(normalise="none", head_dim=5,
                                          feature=features(64))
    yield "sums_random_counted", summed(normalise="1/n", head_dim=1,
                                        feature=features(1))
    for decay in ("fixed", "input"):
        yield f"sums_decay_{decay}", summed(decay=decay)
        yield f"sums_decay_{decay}_undivided", summed(
            decay=decay, dim=40, heads=6, kv_heads=2, head_dim=18, value_dim=7,
            feature="none", normalise="none")
        yield f"sums_decay_{decay}_random", summed(
            decay=decay, kv_heads=1, feature=features(21))
    yield "sums_decay_factors", summed(
        decay={"fixed": {"factors": [0.5, 0.9375, 1]}})
    yield "sums_decay_factor", summed(decay={"fixed": {"factors": [0.984375]}})
    yield "sums_decay_int8", summed(decay="input") | {"dtype": "int8"}
    unit = {"l2": {"eps": 1.0e-6}}

    def corrected(**fields):
        return summed(**{"update": "delta", "qk_norm": unit,
                         "feature": "silu", "normalise": "none", **fields})

    yield "delta", corrected()
    yield "delta_grouped", corrected(dim=40, heads=6, kv_heads=2, head_dim=18,
                                     value_dim=70, bias=True, scale=0.25)
    for decay in ("fixed", "input"):
        yield f"delta_decay_{decay}", corrected(decay=decay, kv_heads=1,
                                                value_dim=128)
    yield "delta_bf16", corrected(decay="input") | {"dtype": "bf16"}
    yield "delta_int8", corrected(gate="silu") | {"dtype": "int8"}
    yield "delta_conv", corrected(
        dim=42, feature="none", conv={"size": 4, "act": "silu"}, gate="silu",
        decay={"input": {"power": True}}, head_norm={"rms": {"eps": 1.0e-5}}, scale=14 ** -0.5)
    yield "delta_conv_bias", corrected(
        kv_heads=1, feature="none", conv={"size": 2, "bias": True})
    yield "sums_conv", summed(conv={"size": 7, "act": "sigmoid"},
                              feature="relu")
    yield "sums_unit", summed(qk_norm={"l2": {"eps": 0.1}}, scale=0.7,
                              normalise="1/n", mask="none")
    yield "sums_wide", summed(value_dim=131, kv_heads=1)
    yield "sums_decay_power", summed(decay={"input": {"power": True}},
                                     kv_heads=1)
    yield "sums_gated", summed(gate="sigmoid", value_dim=17, bias=True)
    yield "sums_normed", summed(kv_heads=1, value_dim=17,
                                head_norm={"layer": {"eps": 1.0e-5}})
    yield "sums_retention", summed(
        dim=42, feature="none", normalise="none", decay="fixed", gate="silu",
        head_norm={"rms": {"eps": 1.0e-3}}, value_dim=25)
    yield "sums_retention_int4", summed(
        dim=42, feature="none", normalise="none", decay="fixed", gate="silu",
        head_norm={"rms": {"eps": 1.0e-5}}, value_dim=25) | {"dtype": "int4"}


def other_cases():
    """Norms, activations, arrangements, positions and the two ends."""
    for act in formulas.ACTIVATIONS:
        gated = {"mlp": {"gated": True, "bias": True}}
        yield act, model(
            29, 43, LAYER, None, {"hidden": 53, "act": act},
            ["embed", {"residual": ["norm", "mlp"]},
             {"residual": ["norm", gated]}, "norm", "logits"])

    for depth in (1, 2, 3):
        hidden = [{"linear": {"to": to, "act": "gelu", "bias": True}}
                  for to in (53, 22, 37)[:depth]]
        yield f"hidden_layers_{depth}", model(
            29, 43, LAYER, None, None, ["embed", {"repeat": 2, "layers": [
                {"residual": ["norm", *hidden, {"linear": {"to": 29}}]}]},
                "norm", "logits"])

    def arranged(*layers, **more):
        return model(30, 59, LAYER, PLAIN | {"position": rope()},
                     {"hidden": 41, "act": "gelu", "bias": True},
                     ["embed", *layers, "logits"], **more)

    attention, mlp = {"residual": ["attention"]}, {"residual": ["mlp"]}
    before = [{"residual": ["norm", "attention"]}, {"residual": ["norm", "mlp"]}]
    def shortly(size, width=30, **fields):
        return {"conv": {"to": width, "groups": width, "size": size,
                         "causal": True, **fields}}

    yield "short_conv", arranged(
        {"residual": [shortly(4)]}, *before, {"residual": [
            "norm", shortly(3, act="silu", bias=True), "mlp"]})
    yield "short_conv_alone", arranged({"repeat": 3, "layers": [
        {"residual": ["norm", {"linear": {"to": 77}},
                      shortly(2, 77, act="gelu"), {"linear": {"to": 30}}]}]})
    yield "short_conv_encoder", model(
        30, 59, LAYER, {"heads": 3, "mask": "none"}, None,
        ["embed", {"residual": [shortly(5)]},
         {"residual": ["norm", "attention"]}, {"pool": "mean"},
         {"linear": {"to": 7}}])
    yield "short_conv_long", arranged({"residual": [shortly(70)]}, *before)
    yield "post_norm", arranged(
        {"repeat": 2, "layers": [attention, "norm", mlp, "norm"]})
    yield "sandwich", arranged(
        {"repeat": 2, "layers": [{"residual": ["norm", "attention", "norm"]},
                                 {"residual": ["norm", "mlp", "norm"]}]})
    yield "parallel_one_norm", arranged(
        {"repeat": 2, "layers": [
            {"residual": ["norm", {"parallel": ["attention", "mlp"]}]}]})
    yield "parallel_two_norms", arranged(
        {"repeat": 2, "layers": [{"residual": [{"parallel": [
            ["norm", "attention"], ["norm", "mlp"]]}]}]})
    yield "parallel_added", arranged(
        {"repeat": 2, "layers": [{"residual": ["norm", {"parallel": [
            {"attention": {"position": {"added": {"shared": False}}}},
            "mlp"]}]}]})
    yield "shared", arranged({"repeat": 3, "share": True, "layers": before})
    yield "nested", arranged(
        {"repeat": 2, "layers": [
            {"repeat": 2, "layers": [before[0]]}, before[1]]})
    yield "nested_shared", arranged(
        {"repeat": 2, "share": True, "layers": [
            {"repeat": 2, "layers": before}]})
    yield "two_repeats", arranged({"repeat": 1, "layers": before},
                                  {"repeat": 2, "layers": [attention, "norm"]})
    yield "no_repeat", arranged(*before)
    yield "attention_only", arranged({"repeat": 3, "layers": [before[0]]})
    yield "mlp_only", arranged({"repeat": 3, "layers": [before[1]]})
    yield "no_residual", arranged("norm", "attention", "norm", "mlp")
    yield "only_embed", arranged("norm")
    yield "defined", arranged({"repeat": 2, "layers": ["block"]},
                              define={"block": before})
    yield "linear_inside", arranged(
        {"linear": {"to": 45, "act": "tanh", "bias": True}}, "norm",
        {"linear": {"to": 30}})

    def ended(norm, *layers, **more):
        return model(27, 71, norm, PLAIN, SWIGLU, list(layers), **more)

    body = {"repeat": 2, "layers": before}
    yield "learned", ended(LAYER, "embed", {"position": "learned"}, body,
                           "norm", {"logits": {"tied": True}})
    yield "sinusoidal", model(28, 71, LAYER, PLAIN | {"head_dim": 5}, SWIGLU,
                              ["embed", {"position": "sinusoidal"}, body,
                               "norm", "logits"])
    for layout in ("pairs", "halves"):
        for inclusive in (False, True):
            yield f"sinusoidal_{layout}_{inclusive}", model(
                30, 71, LAYER, PLAIN, SWIGLU, ["embed", {"position": {
                    "kind": "sinusoidal", "layout": layout, "first": 2,
                    "inclusive": inclusive}}, body, "norm", "logits"])
    yield "offset", ended({"kind": "rms", "eps": 1.0e-6, "offset": 1.0},
                          {"embed": {"scale": 5.19}}, body, "norm",
                          {"logits": {"tied": True}})
    yield "layer_without_bias", ended(
        {"kind": "layer", "eps": 1.0e-3, "bias": False}, "embed", body, "norm",
        "logits")
    for kind in ("layer", "rms"):
        yield f"{kind}_without_weight", ended(
            {"kind": kind, "eps": 1.0e-3, "weight": False}, "embed", body,
            "norm", "logits")
    yield "layer_scale", arranged(
        {"repeat": 2, "layers": [{"residual": ["norm", "attention", "scale"]},
                                 {"residual": ["norm", "mlp", "scale"]}]})
    yield "deep_norm", arranged(
        {"scale": 2.5}, {"repeat": 2, "layers": [
            {"parallel": [{"scale": 1.7}, "attention"]}, "norm",
            {"parallel": [{"scale": {"by": 1.7}}, "mlp"]}, "norm"]})
    yield "capped_rows", arranged(
        *before, {"softcap": 0.7}, {"residual": ["mlp", {"softcap": 0.1}]})
    yield "capped", ended(RMS, "embed", body, "norm",
                          {"logits": {"softcap": 2.5, "scale": 0.7}})
    yield "logits_bias", ended(RMS, "embed", body, "norm",
                               {"logits": {"bias": True, "tied": True}})
    yield "wide_vocab", ended(LAYER, "embed", body, "norm", "logits",
                              ) | {"vocab": 1031}
    yield "tiny", model(1, 2, RMS, {"heads": 1, "mask": "causal"},
                        {"hidden": 1, "act": "relu"})

    def encoder(*layers):
        return model(26, 47, LAYER, {"heads": 2, "mask": "none", "bias": True},
                     {"hidden": 39, "act": "gelu", "bias": True},
                     ["embed", {"position": "learned"}, body, *layers])

    yield "encoder", encoder("norm", "logits")
    biased = [{"repeat": 2, "layers": [
        {"residual": ["norm", {"attention": {"position": position}}]},
        {"residual": ["norm", "mlp"]}]} for position in (
            "alibi", {"relative": {}},
            {"relative": {"buckets": 14, "distance": 9, "shared": True}})]
    for name, layers in zip(("alibi", "relative", "relative_14"), biased):
        yield f"encoder_{name}", model(
            26, 47, LAYER, {"heads": 2, "mask": "none"},
            {"hidden": 39, "act": "gelu"}, ["embed", layers, "norm", "logits"])
    for name, fields in (
            ("both_sides_1", {"window": 1}), ("both_sides_9", {"window": 9}),
            ("blocks_16", {"segment": 16, "memory": 16}),
            ("global_3", {"segment": 5, "memory": 11, "global": 3}),
            ("global_70", {"window": 20, "global": 70, "kv_heads": 1,
                           "position": "alibi"}),
            ("random_16", {"segment": 16, "random": {"segments": 3}}),
            ("random_64", {"segment": 64, "global": 64, "random": {
                "segments": 1, "seed": 5}, "position": "alibi"}),
            ("random_5", {"kv_heads": 1, "head_dim": 6, "segment": 5, "memory": 11,
                          "global": 3, "position": rope(),
                          "random": {"segments": 7, "seed": 123456789}}),
            ("random_1", {"segment": 1, "softcap": 2.0, "random": {
                "segments": 30, "seed": 1}}),
            ("random_all", {"segment": 9, "random": {"segments": 200},
                            "position": {"relative": {}}})):
        yield name, model(
            26, 47, RMS, {"heads": 2, "mask": "none", **fields},
            {"hidden": 39, "act": "gelu"}, ["embed", body, "norm", "logits"])
    for scores in ("linear", "relu", "hard"):
        yield f"{scores}_but_last", model(
            26, 47, RMS, {"heads": 2, "mask": "none", "scores": scores,
                          "sources": "but_last"},
            {"hidden": 39, "act": "gelu"}, ["embed", body, "norm", "logits"])
    for pool in ("first", "last", "mean"):
        yield f"pool_{pool}", encoder(
            "norm", {"pool": pool},
            {"linear": {"to": 13, "act": "tanh", "bias": True}})


def mixture_cases():
    """Mixtures of experts: routers, how many, and shared ones."""
    attention = PLAIN | {"head_dim": 6}

    def mixture(dim=37, layers=None, **fields):
        moe = {"moe": {"hidden": 29, "act": "silu", **fields}}
        body = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                        {"residual": ["norm", moe]}]}
        layers = layers(moe) if layers else [body]
        return model(dim, 53, RMS, attention, SWIGLU,
                     ["embed", *layers, "norm", "logits"])

    yield "first_of_3", mixture(experts=3, top_k=1, act="relu", bias=True)
    yield "two_of_5", mixture(experts=5, top_k=2, normalise=True, gated=True)
    yield "six_of_37", mixture(dim=32, experts=37, top_k=6, hidden=7)
    yield "all_of_4", mixture(experts=4, top_k=4, gated=True, bias=True)
    yield "sigmoid", mixture(experts=17, top_k=3, router="sigmoid", scale=0.4)
    yield "sigmoid_normalised", mixture(experts=16, top_k=2, router="sigmoid",
                                        normalise=True, scale=2.5)
    yield "shared_expert", mixture(experts=6, top_k=2, shared=45, gated=True)
    yield "shared_gate", mixture(experts=3, top_k=2, shared=33,
                                 shared_gate=True, bias=True)
    yield "no_repeat", mixture(layers=lambda moe: [
        {"residual": ["norm", moe]}, moe], experts=4, top_k=2)
    yield "nested", mixture(layers=lambda moe: [
        {"repeat": 2, "layers": [{"repeat": 3, "layers": [
            {"residual": ["norm", moe]}]}, {"residual": ["norm", "attention"]}
        ]}], experts=4, top_k=2)
    yield "shared_weights", mixture(layers=lambda moe: [
        {"repeat": 3, "share": True, "layers": [{"residual": ["norm", moe]}]}],
        experts=4, top_k=2)
    yield "correction", mixture(experts=9, top_k=2, correction=True,
                                router="sigmoid", normalise=True, scale=2.5)
    yield "softmax_correction", mixture(experts=19, top_k=4, correction=True)
    yield "best_groups", mixture(experts=12, top_k=3, groups={
        "best": {"count": 4, "top_k": 2}}, scale=4.0, gated=True)
    yield "two_best", mixture(experts=21, top_k=5, groups={
        "two_best": {"count": 3, "top_k": 1}})
    yield "all_groups", mixture(experts=10, top_k=3, router="sigmoid", groups={
        "best": {"count": 5, "top_k": 5}}, correction=True)
    yield "dense_first", mixture(layers=lambda moe: [
        {"repeat": 2, "layers": [{"residual": ["norm", "mlp"]}]},
        {"repeat": 3, "layers": [{"residual": ["norm", "attention"]},
                                 {"residual": ["norm", moe]}]}],
        experts=20, top_k=4, router="sigmoid", correction=True, groups={
            "two_best": {"count": 5, "top_k": 3}}, normalise=True, scale=2.5,
        shared=58, gated=True)


def image_cases():
    def vision(dim, image, size, *layers, heads=3, attention={}, **mlp):
        defaults = {"norm": {"kind": "layer", "eps": 1.0e-6},
                    "attention": {"heads": heads, "mask": "none",
                                  "bias": True} | attention,
                    "mlp": {"hidden": 51, "act": "gelu", "bias": True} | mlp}
        body = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                        {"residual": ["norm", "mlp"]}]}
        layers = [body if layer == "body" else layer for layer in layers]
        return {"model": "seen", "dim": dim, "defaults": defaults, "layers": [
            {"patch": {"image": image, "size": size, "bias": True}}, *layers]}

    head = {"linear": {"to": 11, "bias": True}}
    learned = {"position": "learned"}
    yield "class_token", vision(33, [3, 12, 8], 4, {"prepend": "class"},
                                learned, "body", "norm", {"pool": "first"},
                                head)
    yield "mean_of_patches", vision(36, [1, 9, 15], 3, learned, "body",
                                    "norm", {"pool": "mean"}, head)
    yield "registers", vision(21, [2, 10, 10], 5, learned,
                              {"prepend": {"what": "registers", "rows": 3}},
                              "body", "norm", {"pool": "last"}, head)
    yield "many_patches", vision(35, [1, 26, 20], 2, {"prepend": "class"},
                                 learned, "body", {"pool": "first"}, "norm",
                                 head, heads=5)
    yield "sinusoidal_patches", vision(
        30, [1, 8, 8], 2, {"position": "sinusoidal"}, "body", "norm",
        {"pool": "mean"}, head, act="relu2")
    mean = "body", "norm", {"pool": "mean"}, head
    for name, dim, image, size, fields in (
            ("tiles", 33, [3, 16, 12], 2, {"tile": 2}),
            ("tiles_shifted", 33, [1, 8, 12], 1, {"tile": 4, "shift": 2}),
            ("tiles_table", 36, [1, 12, 9], 1, {
                "tile": 3, "shift": 1, "position": "table"}),
            ("tiles_of_7", 30, [1, 28, 14], 1, {
                "tile": 7, "shift": 3, "position": "table"}),
            ("tiles_grouped", 42, [2, 10, 20], 1, {
                "heads": 6, "kv_heads": 2, "head_dim": 19, "value_dim": 35,
                "tile": 5, "shift": 4, "position": "table"}),
            ("tiles_of_12", 18, [1, 24, 24], 1, {
                "tile": 12, "shift": 6, "position": "table"}),
            # No smaller than the grid in one direction or both.
            ("tiles_whole", 33, [1, 5, 5], 1, {
                "tile": 5, "shift": 2, "position": "table"}),
            ("tiles_larger", 33, [1, 8, 4], 1, {
                "tile": 7, "shift": 3, "position": "table"})):
        yield name, vision(dim, image, size, *mean, attention=fields)


def rows_cases():
    """Rows of reals, as wide as the model and mapped; continued and whole."""
    body = {"repeat": 2, "layers": [{"residual": ["norm", "attention"]},
                                    {"residual": ["norm", "mlp"]}]}

    def real(dim, rows, *layers, mask="causal", **more):
        attention = {"heads": 2, "head_dim": 9, "mask": mask}
        return {k: v for k, v in model(
            dim, 1, LAYER, attention, {"hidden": 43, "act": "gelu"},
            [{"rows": rows}, *layers], **more).items() if k != "vocab"}

    yield "rows_causal", real(19, {"dim": 19}, body, "norm",
                              {"linear": {"to": 3, "bias": True}})
    yield "rows_mapped", real(34, {"dim": 7}, {"position": "learned"}, body)
    yield "rows_mapped_bias", real(21, {"dim": 40, "bias": True}, body, "norm",
                                   mask="none")
    yield "rows_one", real(6, {"dim": 1, "bias": True},
                           {"position": "sinusoidal"}, body,
                           {"linear": {"to": 1}})
    yield "rows_pooled", real(23, {"dim": 5}, body, {"pool": "mean"},
                              {"linear": {"to": 4}}, mask="none")
    yield "rows_alone", real(13, {"dim": 13}, "norm")
    yield "rows_int8", real(37, {"dim": 33}, body, {"linear": {"to": 5}},
                            dtype="int8")
