#!/usr/bin/python3
"""Language models of further families at reduced size with random weights: the
published configs with depth and widths edited, against the equations of each
family in float64, written from its reference implementation."""
import numpy as np

import harness
from checkpoints import RandomWeights
from families import CONTEXT, LENGTHS, directory, published
from harness import case, close
from formulas import (ACTIVATIONS, alibi, attend, gelu_tanh, layer_norm,
                      rms_norm, rotary_frequencies, rotate, softmax)


class Maps:
    """Linear maps and norms by the names of their tensors."""

    def __init__(self, weight):
        self.weight = weight

    def map(self, x, name, to, bias=True):
        y = x @ self.weight(name + ".weight", to, x.shape[-1]).T
        return y + self.weight(name + ".bias", to) if bias else y

    def layer_norm(self, x, name, eps=1e-5, bias=True):
        width = x.shape[-1]
        return layer_norm(x, self.weight(name + ".weight", width),
                          self.weight(name + ".bias", width) if bias else None,
                          eps)

    def rms(self, x, name, eps, offset=0.0):
        return rms_norm(x, offset + self.weight(name + ".weight", x.shape[-1]),
                        eps)

    def gated(self, x, name, hidden, act):
        gate = self.map(x, name + "gate_proj", hidden, False)
        up = self.map(x, name + "up_proj", hidden, False)
        return self.map(act(gate) * up, name + "down_proj", x.shape[-1], False)


def heads_of(rows, count):
    return rows.reshape(len(rows), count, -1)


def gemma(config, weight, tokens):
    maps, version = Maps(weight), config["model_type"]
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups, dim = config["num_key_value_heads"], config["head_dim"]
    eps, depth = config["rms_norm_eps"], config["num_hidden_layers"]
    scale = (config["query_pre_attn_scalar"] if version != "gemma"
             else dim) ** -0.5
    table = weight("model.embed_tokens.weight", config["vocab_size"], width)
    x = table[tokens] * width ** 0.5

    def norm(x, name):
        return maps.rms(x, name, eps, 1.0)

    for i in range(depth):
        scope = f"model.layers.{i}."
        theta, window = config["rope_theta"], None
        if version == "gemma2" and i % 2 == 0:
            window = config["sliding_window"]
        if version == "gemma3_text" and (i + 1) % config[
                "sliding_window_pattern"]:
            window = config["sliding_window"]
            theta = config["rope_local_base_freq"]
        frequencies, _ = rotary_frequencies(theta, dim)
        y = norm(x, scope + "input_layernorm")

        def project(letter, count):
            return heads_of(maps.map(y, f"{scope}self_attn.{letter}_proj",
                                     count * dim, False), count)

        q, k = project("q", heads), project("k", groups)
        if version == "gemma3_text":
            q = norm(q, scope + "self_attn.q_norm")
            k = norm(k, scope + "self_attn.k_norm")
        y = attend(rotate(q, frequencies), rotate(k, frequencies),
                   project("v", groups), True, scale, window,
                   config.get("attn_logit_softcapping"))
        y = maps.map(y, scope + "self_attn.o_proj", width, False)
        if version == "gemma":
            x = x + y
            y = norm(x, scope + "post_attention_layernorm")
        else:
            x = x + norm(y, scope + "post_attention_layernorm")
            y = norm(x, scope + "pre_feedforward_layernorm")
        y = maps.gated(y, scope + "mlp.", config["intermediate_size"],
                       gelu_tanh)
        if version != "gemma":
            y = norm(y, scope + "post_feedforward_layernorm")
        x = x + y
    logits = norm(x, "model.norm") @ table.T
    cap = config.get("final_logit_softcapping")
    return cap * np.tanh(logits / cap) if cap else logits


def phi(config, weight, tokens):
    """Both of its forms."""
    maps, own = Maps(weight), config["model_type"] == "phi-msft"
    width = config["n_embd" if own else "hidden_size"]
    heads = config["n_head" if own else "num_attention_heads"]
    turned = config["rotary_dim"] if own else int(
        config["partial_rotary_factor"] * width / heads)
    frequencies, _ = rotary_frequencies(10000.0, turned)
    embed = "transformer.embd.wte" if own else "model.embed_tokens"
    x = weight(embed + ".weight", config["vocab_size"], width)[tokens]
    for i in range(config["n_layer" if own else "num_hidden_layers"]):
        scope = f"transformer.h.{i}." if own else f"model.layers.{i}."
        y = maps.layer_norm(x, scope + ("ln" if own else "input_layernorm"))
        if own:
            rows = np.split(maps.map(y, scope + "mixer.Wqkv", 3 * width), 3, -1)
        else:
            rows = [maps.map(y, f"{scope}self_attn.{letter}_proj", width)
                    for letter in "qkv"]
        q, k, v = (heads_of(part, heads) for part in rows)
        mixed = attend(rotate(q, frequencies), rotate(k, frequencies), v, True,
                       (width // heads) ** -0.5)
        mixed = maps.map(mixed, scope + ("mixer.out_proj" if own
                                         else "self_attn.dense"), width)
        rows = gelu_tanh(maps.map(y, scope + "mlp.fc1", 4 * width))
        x = x + mixed + maps.map(rows, scope + "mlp.fc2", width)
    x = maps.layer_norm(x, "lm_head.ln" if own else "model.final_layernorm")
    return maps.map(x, "lm_head.linear" if own else "lm_head",
                    config["vocab_size"])


def neox(config, weight, tokens):
    maps = Maps(weight)
    width, heads = config["hidden_size"], config["num_attention_heads"]
    dim, hidden = width // heads, config["intermediate_size"]
    frequencies, _ = rotary_frequencies(config["rotary_emb_base"],
                                        int(dim * config["rotary_pct"]))
    x = weight("gpt_neox.embed_in.weight", config["vocab_size"], width)[tokens]
    for i in range(config["num_hidden_layers"]):
        scope = f"gpt_neox.layers.{i}."
        y = maps.layer_norm(x, scope + "input_layernorm")
        rows = maps.map(y, scope + "attention.query_key_value", 3 * width)
        q, k, v = rows.reshape(len(x), heads, 3, dim).transpose(2, 0, 1, 3)
        mixed = attend(rotate(q, frequencies), rotate(k, frequencies), v, True,
                       dim ** -0.5)
        mixed = maps.map(mixed, scope + "attention.dense", width)
        if not config["use_parallel_residual"]:
            x, mixed = x + mixed, 0
        y = maps.layer_norm(x, scope + "post_attention_layernorm")
        y = ACTIVATIONS["gelu"](maps.map(y, scope + "mlp.dense_h_to_4h",
                                         hidden))
        x = x + mixed + maps.map(y, scope + "mlp.dense_4h_to_h", width)
    x = maps.layer_norm(x, "gpt_neox.final_layer_norm")
    return maps.map(x, "embed_out", config["vocab_size"], False)


def opt(config, weight, tokens):
    maps, prefix = Maps(weight), "model.decoder."
    width, heads = config["hidden_size"], config["num_attention_heads"]
    narrow = config["word_embed_proj_dim"]
    table = weight(prefix + "embed_tokens.weight", config["vocab_size"], narrow)
    places = weight(prefix + "embed_positions.weight",
                    config["max_position_embeddings"] + 2, width)
    x = table[tokens]
    if narrow != width:
        x = maps.map(x, prefix + "project_in", width, False)
    x = x + places[2:2 + len(x)]
    before = config["do_layer_norm_before"]
    for i in range(config["num_hidden_layers"]):
        scope = f"{prefix}layers.{i}."
        y = maps.layer_norm(x, scope + "self_attn_layer_norm") if before else x
        q, k, v = (heads_of(maps.map(y, f"{scope}self_attn.{letter}_proj",
                                     width), heads) for letter in "qkv")
        x = x + maps.map(attend(q, k, v, True, (width // heads) ** -0.5),
                         scope + "self_attn.out_proj", width)
        if not before:
            x = maps.layer_norm(x, scope + "self_attn_layer_norm")
        y = maps.layer_norm(x, scope + "final_layer_norm") if before else x
        y = np.maximum(maps.map(y, scope + "fc1", config["ffn_dim"]), 0)
        x = x + maps.map(y, scope + "fc2", width)
        if not before:
            x = maps.layer_norm(x, scope + "final_layer_norm")
    if before:
        x = maps.layer_norm(x, prefix + "final_layer_norm")
    if narrow != width:
        x = maps.map(x, prefix + "project_out", narrow, False)
    return x @ table.T


def falcon(config, weight, tokens):
    maps, newer = Maps(weight), config["new_decoder_architecture"]
    width, heads = config["hidden_size"], config["num_attention_heads"]
    dim, bias = width // heads, config["bias"]
    groups = config["num_kv_heads"] if newer else \
        1 if config["multi_query"] else heads
    frequencies, _ = rotary_frequencies(10000.0, dim)
    table = weight("transformer.word_embeddings.weight", config["vocab_size"],
                   width)
    x = table[tokens]
    for i in range(config["num_hidden_layers"]):
        scope = f"transformer.h.{i}."
        y = maps.layer_norm(x, scope + ("ln_attn" if newer
                                        else "input_layernorm"))
        rows = maps.map(y, scope + "self_attention.query_key_value",
                        (heads + 2 * groups) * dim, bias)
        rows = rows.reshape(len(x), groups, heads // groups + 2, dim)
        q = rows[:, :, :-2].reshape(len(x), heads, dim)
        k, biases = rows[:, :, -2], None
        if config["alibi"]:
            biases = alibi(len(x), heads) / dim ** 0.5
        else:
            q, k = rotate(q, frequencies), rotate(k, frequencies)
        mixed = attend(q, k, rows[:, :, -1], True, dim ** -0.5, bias=biases)
        mixed = maps.map(mixed, scope + "self_attention.dense", width, bias)
        if newer:
            y = maps.layer_norm(x, scope + "ln_mlp")
        elif not config["parallel_attn"]:
            x, mixed = x + mixed, 0
            y = maps.layer_norm(x, scope + "post_attention_layernorm")
        y = ACTIVATIONS["gelu"](maps.map(y, scope + "mlp.dense_h_to_4h",
                                         4 * width, bias))
        x = x + mixed + maps.map(y, scope + "mlp.dense_4h_to_h", width, bias)
    return maps.layer_norm(x, "transformer.ln_f") @ table.T


def bloom(config, weight, tokens):
    maps, prefix = Maps(weight), "transformer."
    width, heads = config["hidden_size"], config["n_head"]
    dim = width // heads
    table = weight(prefix + "word_embeddings.weight", config["vocab_size"],
                   width)
    x = maps.layer_norm(table[tokens], prefix + "word_embeddings_layernorm")
    for i in range(config["n_layer"]):
        scope = f"{prefix}h.{i}."
        y = maps.layer_norm(x, scope + "input_layernorm")
        rows = maps.map(y, scope + "self_attention.query_key_value", 3 * width)
        q, k, v = rows.reshape(len(x), heads, 3, dim).transpose(2, 0, 1, 3)
        mixed = attend(q, k, v, True, dim ** -0.5, bias=alibi(len(x), heads))
        x = x + maps.map(mixed, scope + "self_attention.dense", width)
        y = maps.layer_norm(x, scope + "post_attention_layernorm")
        y = gelu_tanh(maps.map(y, scope + "mlp.dense_h_to_4h", 4 * width))
        x = x + maps.map(y, scope + "mlp.dense_4h_to_h", width)
    return maps.layer_norm(x, prefix + "ln_f") @ table.T


def mpt(config, weight, tokens):
    maps, prefix = Maps(weight), "transformer."
    width, heads = config["d_model"], config["n_heads"]
    bias = not config["no_bias"]
    # Their own way to the slopes: half, a quarter, ... between 1 and 2^-8.
    slopes = 0.5 ** (8 / heads * np.arange(1, heads + 1))
    table = weight(prefix + "wte.weight", config["vocab_size"], width)
    x = table[tokens]
    # Of the distance to the last row, which softmax does not tell apart.
    biases = slopes[:, None, None] * np.arange(1 - len(x), 1)
    biases = np.broadcast_to(biases, (heads, len(x), len(x)))
    for i in range(config["n_layers"]):
        scope = f"{prefix}blocks.{i}."
        y = maps.layer_norm(x, scope + "norm_1", bias=bias)
        rows = maps.map(y, scope + "attn.Wqkv", 3 * width, bias)
        q, k, v = (heads_of(part, heads) for part in np.split(rows, 3, -1))
        mixed = attend(q, k, v, True, (width // heads) ** -0.5, bias=biases)
        x = x + maps.map(mixed, scope + "attn.out_proj", width, bias)
        y = maps.layer_norm(x, scope + "norm_2", bias=bias)
        y = ACTIVATIONS["gelu"](maps.map(
            y, scope + "ffn.up_proj", config["expansion_ratio"] * width, bias))
        x = x + maps.map(y, scope + "ffn.down_proj", width, bias)
    return maps.layer_norm(x, prefix + "norm_f", bias=bias) @ table.T


def olmo2(config, weight, tokens):
    maps, prefix = Maps(weight), "model."
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups, eps = config["num_key_value_heads"], config["rms_norm_eps"]
    dim = width // heads
    frequencies, _ = rotary_frequencies(config["rope_theta"], dim)
    x = weight(prefix + "embed_tokens.weight", config["vocab_size"],
               width)[tokens]
    for i in range(config["num_hidden_layers"]):
        scope = f"{prefix}layers.{i}."
        q, k, v = (maps.map(x, f"{scope}self_attn.{letter}_proj", count * dim,
                            False)
                   for letter, count in zip("qkv", (heads, groups, groups)))
        q = heads_of(maps.rms(q, scope + "self_attn.q_norm", eps), heads)
        k = heads_of(maps.rms(k, scope + "self_attn.k_norm", eps), groups)
        mixed = attend(rotate(q, frequencies), rotate(k, frequencies),
                       heads_of(v, groups), True, dim ** -0.5)
        mixed = maps.map(mixed, scope + "self_attn.o_proj", width, False)
        x = x + maps.rms(mixed, scope + "post_attention_layernorm", eps)
        y = maps.gated(x, scope + "mlp.", config["intermediate_size"],
                       ACTIVATIONS["silu"])
        x = x + maps.rms(y, scope + "post_feedforward_layernorm", eps)
    return maps.map(maps.rms(x, prefix + "norm", eps), "lm_head",
                    config["vocab_size"], False)


def latent(config, maps, x, scope, frequencies, scale):
    """DeepSeek-AI 2024, equations 37 to 47 of DeepSeek-V2."""
    width, eps = config["hidden_size"], config["rms_norm_eps"]
    heads, rank = config["num_attention_heads"], config["kv_lora_rank"]
    own, shared = config["qk_nope_head_dim"], config["qk_rope_head_dim"]
    value = config["v_head_dim"]
    query = "q_proj"
    y = x
    if config.get("q_lora_rank"):
        y = maps.rms(maps.map(x, scope + "q_a_proj", config["q_lora_rank"],
                              False), scope + "q_a_layernorm", eps)
        query = "q_b_proj"
    q = heads_of(maps.map(y, scope + query, heads * (own + shared), False),
                 heads)
    both = maps.map(x, scope + "kv_a_proj_with_mqa", rank + shared, False)
    rows = maps.rms(both[:, :rank], scope + "kv_a_layernorm", eps)
    kv = heads_of(maps.map(rows, scope + "kv_b_proj", heads * (own + value),
                           False), heads)
    turned = rotate(both[:, None, rank:], frequencies, layout="pairs")
    k = np.concatenate([kv[..., :own], np.repeat(turned, heads, 1)], -1)
    q = np.concatenate([q[..., :own], rotate(q[..., own:], frequencies,
                                             layout="pairs")], -1)
    mixed = attend(q, k, kv[..., own:], True, scale)
    return maps.map(mixed, scope + "o_proj", width, False)


def chosen_experts(config, maps, x, scope):
    """Indices and weights [rows, top_k] of the experts that rows take."""
    third, count = "v3" in config["model_type"], config["n_routed_experts"]
    scores = x @ maps.weight(scope + "gate.weight", count, x.shape[-1]).T
    scores = 1 / (1 + np.exp(-scores)) if third else softmax(scores)
    choice = scores
    if third:
        choice = scores + maps.weight(scope + "gate.e_score_correction_bias",
                                      count)
    if third or config["topk_method"] != "greedy":
        groups = np.sort(choice.reshape(len(x), config["n_group"], -1), -1)
        best = groups[..., -2:].sum(-1) if third else groups[..., -1]
        taken = np.argsort(-best, -1, "stable")[:, :config["topk_group"]]
        allowed = np.zeros(best.shape, bool)
        np.put_along_axis(allowed, taken, True, -1)
        choice = np.where(np.repeat(allowed, count // config["n_group"], -1),
                          choice, -np.inf)
    taken = np.argsort(-choice, -1, "stable")[
        :, :config["num_experts_per_tok"]]
    weights = np.take_along_axis(scores, taken, -1)
    if config["norm_topk_prob"]:
        weights = weights / weights.sum(-1, keepdims=True)
    return taken, weights * config["routed_scaling_factor"]


def deepseek(config, weight, tokens):
    """Versions 2 and 3."""
    maps, act = Maps(weight), ACTIVATIONS["silu"]
    width, eps = config["hidden_size"], config["rms_norm_eps"]
    hidden = config["moe_intermediate_size"]
    scale = (config["qk_nope_head_dim"] + config["qk_rope_head_dim"]) ** -0.5
    scaling = config.get("rope_parameters", config.get("rope_scaling"))
    if scaling:
        scale *= (0.1 * scaling["mscale_all_dim"] * np.log(scaling["factor"])
                  + 1) ** 2
        scaling = {"yarn": {
            "factor": scaling["factor"], "attention_factor": 1.0,
            "original_context": scaling["original_max_position_embeddings"],
            "beta_fast": scaling["beta_fast"],
            "beta_slow": scaling["beta_slow"]}}
    theta = config.get("rope_parameters", config)["rope_theta"]
    frequencies, _ = rotary_frequencies(theta, config["qk_rope_head_dim"],
                                        scaling)
    x = weight("model.embed_tokens.weight", config["vocab_size"], width)[tokens]
    for i in range(config["num_hidden_layers"]):
        scope = f"model.layers.{i}."
        y = maps.rms(x, scope + "input_layernorm", eps)
        x = x + latent(config, maps, y, scope + "self_attn.", frequencies,
                       scale)
        y = maps.rms(x, scope + "post_attention_layernorm", eps)
        if i < config["first_k_dense_replace"] or i % config["moe_layer_freq"]:
            x = x + maps.gated(y, scope + "mlp.", config["intermediate_size"],
                               act)
            continue
        taken, weights = chosen_experts(config, maps, y, scope + "mlp.")
        x = x + maps.gated(y, scope + "mlp.shared_experts.",
                           hidden * config["n_shared_experts"], act)
        for j in range(config["n_routed_experts"]):
            part = (weights * (taken == j)).sum(-1, keepdims=True)
            x = x + part * maps.gated(y, f"{scope}mlp.experts.{j}.", hidden,
                                      act)
    return maps.map(maps.rms(x, "model.norm", eps), "lm_head",
                    config["vocab_size"], False)


def like_llama(config, weight, tokens):
    """StableLM, OLMo, Phi-3, InternLM 1 and 2, Baichuan, Qwen 1, MiniCPM: what
    differs from LLaMA is the norm, the part that is rotated, fused matrices,
    and factors."""
    maps, family = Maps(weight), config["model_type"]
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups = config.get("num_key_value_heads", heads)
    dim = config.get("kv_channels", width // heads)
    hidden = config["intermediate_size"] // (2 if family == "qwen" else 1)
    turned = int(dim * config.get("partial_rotary_factor", 1.0))
    long_rope = config.get("rope_scaling")
    if long_rope:
        original = config["original_max_position_embeddings"]
        long_rope = {"longrope": {
            "factor": config["max_position_embeddings"] / original,
            "original_context": original, "short": long_rope["short_factor"],
            "long": long_rope["long_factor"]}}
    frequencies, magnitude = rotary_frequencies(
        config.get("rope_theta", config.get("rotary_emb_base", 10000.0)),
        turned, long_rope, CONTEXT)
    depth = config["num_hidden_layers"]
    added = config.get("scale_depth", depth ** 0.5) / depth ** 0.5
    names = {
        "qwen": ("transformer.", "wte", "h", "ln_1", "ln_2", "ln_f"),
        "internlm2": ("model.", "tok_embeddings", "layers", "attention_norm",
                      "ffn_norm", "norm"),
    }.get(family, ("model.", "embed_tokens", "layers", "input_layernorm",
                   "post_attention_layernorm", "norm"))
    prefix, embed, layers, first, second, last = names
    bias = family == "qwen" or config.get("use_qkv_bias", False) or (
        family == "internlm" and config["bias"])
    fused = {"phi3": "self_attn.qkv_proj", "baichuan": "self_attn.W_pack",
             "qwen": "attn.c_attn"}

    def norm(x, name):
        if family == "olmo":
            return layer_norm(x, 1.0)
        if family == "stablelm":
            return maps.layer_norm(x, name, config["layer_norm_eps"])
        return maps.rms(x, name, config.get(
            "rms_norm_eps", config.get("layer_norm_epsilon")))

    def queries_keys_values(x, scope):
        sizes = [heads * dim, groups * dim, groups * dim]
        if family == "internlm2":
            rows = maps.map(x, scope + "attention.wqkv", sum(sizes), False)
            rows = rows.reshape(len(x), groups, -1, dim)
            return (rows[:, :, :-2].reshape(len(x), heads, dim),
                    rows[:, :, -2], rows[:, :, -1])
        if family in fused:
            rows = maps.map(x, scope + fused[family], sum(sizes), bias)
            parts = np.split(rows, np.cumsum(sizes)[:-1], -1)
        else:
            parts = [maps.map(x, f"{scope}self_attn.{letter}_proj", size, bias)
                     for letter, size in zip("qkv", sizes)]
        return (part.reshape(len(x), -1, dim) for part in parts)

    def mlp(x, scope):
        if family == "phi3":
            rows = maps.map(x, scope + "mlp.gate_up_proj", 2 * hidden, False)
            gate, up = np.split(rows, 2, -1)
            down = "mlp.down_proj"
        else:
            gate_name, up_name, down = {
                "qwen": ("mlp.w2", "mlp.w1", "mlp.c_proj"),
                "internlm2": ("feed_forward.w1", "feed_forward.w3",
                              "feed_forward.w2"),
            }.get(family, ("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"))
            gate = maps.map(x, scope + gate_name, hidden, False)
            up = maps.map(x, scope + up_name, hidden, False)
        return maps.map(ACTIVATIONS["silu"](gate) * up, scope + down, width,
                        False)

    output = {"qwen": "attn.c_proj", "internlm2": "attention.wo"}.get(
        family, "self_attn.o_proj")
    table = weight(prefix + embed + ".weight", config["vocab_size"], width)
    x = table[tokens] * config.get("scale_emb", 1)
    for i in range(depth):
        scope = f"{prefix}{layers}.{i}."
        y = norm(x, scope + first)
        q, k, v = queries_keys_values(y, scope)
        mixed = attend(rotate(q, frequencies, magnitude),
                       rotate(k, frequencies, magnitude), v, True,
                       dim ** -0.5, config.get("sliding_window"))
        mixed = maps.map(mixed, scope + output, width,
                         family == "internlm" and bias)
        if config.get("use_parallel_residual"):
            x = x + mixed + mlp(y, scope)
        else:
            x = x + added * mixed
            x = x + added * mlp(norm(x, scope + second), scope)
    x = norm(x, prefix + last)
    x = x * config.get("dim_model_base", width) / width
    if config.get("tie_word_embeddings"):
        return x @ table.T
    if family == "baichuan" and config["vocab_size"] == 125696:
        scores = weight("lm_head.weight", config["vocab_size"], width)
        return x @ (scores / np.linalg.norm(scores, axis=1)[:, None]).T
    return maps.map(x, "output" if family == "internlm2" else "lm_head",
                    config["vocab_size"], False)


def compare(name, model, config, dtype="F32"):
    weights = RandomWeights(0, dtype)
    generator = np.random.default_rng(3)
    inputs = [generator.integers(config["vocab_size"], size=n)
              for n in LENGTHS]
    outputs = [model(config, weights, tokens) for tokens in inputs]
    folder = directory(name, config, weights)
    program = harness.Program(folder, name + "/model", f"--context={CONTEXT}")
    close(name, program.logits(*inputs), np.concatenate(outputs))


SMALL = {"hidden_size": 60, "intermediate_size": 77, "num_hidden_layers": 3,
         "num_attention_heads": 6, "vocab_size": 131,
         "num_key_value_heads": 6}


def main():
    def small(name, **more):
        return published(name) | SMALL | more

    case("gemma", compare, "gemma", gemma,
         small("gemma_2b", num_key_value_heads=1, head_dim=14))
    case("gemma2", compare, "gemma2", gemma,
         small("gemma2_2b", num_key_value_heads=2, head_dim=14,
               num_hidden_layers=5, sliding_window=5,
               query_pre_attn_scalar=9, attn_logit_softcapping=3.0), "BF16")
    case("gemma3", compare, "gemma3", gemma,
         small("gemma3_1b_it", num_key_value_heads=1, head_dim=14,
               num_hidden_layers=8, sliding_window_pattern=3,
               sliding_window=7, query_pre_attn_scalar=20))
    case("phi2", compare, "phi2", phi, published("phi-2") | {
        "n_embd": 60, "n_head": 6, "n_layer": 3, "rotary_dim": 4,
        "vocab_size": 131})
    case("phi", compare, "phi", phi, small(
        "phi-3-mini-4k", model_type="phi", architectures=["PhiForCausalLM"],
        partial_rotary_factor=0.4, hidden_act="gelu_new",
        intermediate_size=240))
    case("neox", compare, "neox", neox, small("redpajama_3b_v1"))
    case("pythia", compare, "pythia", neox, small(
        "redpajama_3b_v1", rotary_pct=0.4, use_parallel_residual=True), "F16")
    opt_config = small("opt-125m", ffn_dim=77, word_embed_proj_dim=60,
                       max_position_embeddings=CONTEXT)
    case("opt", compare, "opt", opt, opt_config, "F16")
    case("opt_350m", compare, "opt_350m", opt, opt_config | {
        "do_layer_norm_before": False, "word_embed_proj_dim": 33})
    case("falcon", compare, "falcon", falcon, small("falcon-7b"), "BF16")
    case("falcon_rows", compare, "falcon_rows", falcon, small(
        "falcon-7b", multi_query=False, parallel_attn=False, bias=True))
    case("falcon_40b", compare, "falcon_40b", falcon, small(
        "falcon-7b", new_decoder_architecture=True, num_kv_heads=2))
    case("falcon_alibi", compare, "falcon_alibi", falcon, small(
        "falcon-7b", multi_query=False, parallel_attn=False, bias=True,
        alibi=True))
    case("bloom", compare, "bloom", bloom, published("bloom-560m") | {
        "hidden_size": 60, "n_layer": 3, "n_head": 6, "vocab_size": 131}, "F16")
    mpt_config = published("mpt-7b") | {
        "d_model": 56, "n_layers": 3, "n_heads": 4, "vocab_size": 131}
    case("mpt", compare, "mpt", mpt, mpt_config, "BF16")
    case("mpt_biases", compare, "mpt_biases", mpt, mpt_config | {
        "no_bias": False, "expansion_ratio": 2})
    case("olmo2", compare, "olmo2", olmo2, small(
        "olmo2_7b", num_key_value_heads=2), "BF16")
    mixed = {"hidden_size": 60, "intermediate_size": 77,
             "num_hidden_layers": 3, "num_attention_heads": 3,
             "num_key_value_heads": 3, "vocab_size": 131, "kv_lora_rank": 34,
             "qk_nope_head_dim": 10, "qk_rope_head_dim": 6, "v_head_dim": 7,
             "n_routed_experts": 6, "num_experts_per_tok": 2,
             "moe_intermediate_size": 21}
    version2 = published("deepseek_v2_lite") | mixed
    case("deepseek2", compare, "deepseek2", deepseek, version2, "BF16")
    newer = {key: value for key, value in version2.items()
             if key not in ("rope_scaling", "rope_theta")}
    case("deepseek2_parameters", compare, "deepseek2_parameters", deepseek,
         newer | {"rope_parameters": version2["rope_scaling"] | {
             "rope_type": "yarn", "rope_theta": version2["rope_theta"]}})
    case("deepseek2_groups", compare, "deepseek2_groups", deepseek, version2 | {
        "q_lora_rank": 19, "topk_method": "group_limited_greedy", "n_group": 3,
        "topk_group": 2, "routed_scaling_factor": 2.5, "rope_scaling": None,
        "first_k_dense_replace": 0, "moe_layer_freq": 2,
        "num_hidden_layers": 5})
    case("deepseek3", compare, "deepseek3", deepseek, version2 | {
        "model_type": "deepseek_v3", "architectures": [
            "DeepseekV3ForCausalLM"], "q_lora_rank": 23, "n_group": 2,
        "topk_group": 1, "scoring_func": "sigmoid", "topk_method": "noaux_tc",
        "norm_topk_prob": True, "routed_scaling_factor": 2.5,
        "n_shared_experts": 1, "first_k_dense_replace": 2})
    case("minicpm", compare, "minicpm", like_llama, small(
        "minicpm_2b_sft_bf16", dim_model_base=23))
    case("stablelm", compare, "stablelm", like_llama, small(
        "stablelm", partial_rotary_factor=0.4, use_qkv_bias=True,
        num_key_value_heads=2))
    case("stablelm_parallel", compare, "stablelm_parallel", like_llama, small(
        "stablelm", partial_rotary_factor=0.2, use_parallel_residual=True))
    case("olmo", compare, "olmo", like_llama, small("olmo-1b"))
    case("phi3", compare, "phi3", like_llama, small(
        "phi-3-mini-4k", sliding_window=9, num_key_value_heads=3))
    factors = published("phi-3_5")["rope_scaling"]
    for name, original in (("phi3_long", 40), ("phi3_short", CONTEXT)):
        case(name, compare, name, like_llama, small(
            "phi-3_5", original_max_position_embeddings=original,
            rope_scaling={"type": "longrope",
                          "short_factor": factors["short_factor"][::10],
                          "long_factor": factors["long_factor"][::10]}))
    case("baichuan", compare, "baichuan", like_llama, small("baichuan"))
    case("baichuan2", compare, "baichuan2", like_llama, small(
        "baichuan", vocab_size=125696))
    case("internlm", compare, "internlm", like_llama, small("internlm"))
    case("internlm2", compare, "internlm2", like_llama, small(
        "internlm2", num_key_value_heads=2))
    case("qwen1", compare, "qwen1", like_llama, small(
        "qwen", kv_channels=10, intermediate_size=154))


if __name__ == "__main__":
    harness.main(main)
