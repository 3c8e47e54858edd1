#!/usr/bin/python3
"""ChatGLM 2 and 3 and GLM-4 at reduced size with random weights, against their
equations in float64."""
import numpy as np

import harness
from decoders import Maps, compare
from families import published
from formulas import ACTIVATIONS, attend, rotary_frequencies, rotate
from harness import case


def glm(config, weight, tokens):
    maps, act, prefix = Maps(weight), ACTIVATIONS["silu"], "transformer."
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups, dim = config["multi_query_group_num"], config["kv_channels"]
    eps, all_biased = config["layernorm_epsilon"], config["add_bias_linear"]
    base = 10000.0 * config.get("rope_ratio", 1)
    # Rotary vectors of half a head, of which each frequency turns two values.
    frequencies, _ = rotary_frequencies(base, dim // 2)
    sizes = [heads * dim, groups * dim, groups * dim]

    def turn(part):
        return rotate(part, frequencies, layout="pairs")

    x = weight(prefix + "embedding.word_embeddings.weight",
               config["padded_vocab_size"], width)[tokens]
    for i in range(config["num_layers"]):
        scope = f"{prefix}encoder.layers.{i}."
        y = maps.rms(x, scope + "input_layernorm", eps)
        y = maps.map(y, scope + "self_attention.query_key_value", sum(sizes),
                     all_biased or config["add_qkv_bias"])
        q, k, v = (part.reshape(len(x), -1, dim)
                   for part in np.split(y, np.cumsum(sizes)[:-1], -1))
        y = attend(turn(q), turn(k), v, True, dim ** -0.5)
        x = x + maps.map(y, scope + "self_attention.dense", width, all_biased)
        y = maps.rms(x, scope + "post_attention_layernorm", eps)
        y = maps.map(y, scope + "mlp.dense_h_to_4h",
                     2 * config["ffn_hidden_size"], all_biased)
        gate, up = np.split(y, 2, -1)
        x = x + maps.map(act(gate) * up, scope + "mlp.dense_4h_to_h", width,
                         all_biased)
    return maps.map(maps.rms(x, prefix + "encoder.final_layernorm", eps),
                    prefix + "output_layer", config["padded_vocab_size"], False)


def small(**more):
    return published("chatglm") | {
        "hidden_size": 72, "ffn_hidden_size": 77, "num_layers": 3,
        "num_attention_heads": 6, "kv_channels": 12, "vocab_size": 131,
        "padded_vocab_size": 131} | more


def main():
    case("chatglm", compare, "chatglm", glm, small(hidden_size=60), "F16")
    case("chatglm_biases", compare, "chatglm_biases", glm, small(
        add_bias_linear=True, multi_query_group_num=3))
    # Its base is told from older models' by the size of the vocabulary.
    case("glm4", compare, "glm4", glm, small(
        rope_ratio=500, hidden_size=12, num_layers=1, vocab_size=151552,
        padded_vocab_size=151552), "BF16")


if __name__ == "__main__":
    harness.main(main)
