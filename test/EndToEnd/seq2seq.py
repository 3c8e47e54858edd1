#!/usr/bin/python3
"""Encoder-decoders of other projects: families of Hugging Face at reduced size
with random weights against their equations in float64, and a trained model of
CTranslate2 against a float64 evaluation that is kept beside it."""
import json
import os
import struct

import numpy as np

import harness
import reference
from checkpoints import RandomWeights
from decoders import Maps, heads_of
from families import directory, published
from harness import MODELS, case, check, close, need
from formulas import ACTIVATIONS, bucket, sinusoids, softmax

LENGTHS = ((1, 1), (2, 41), (41, 2), (17, 9))


def mix(q, k, v, causal=False):
    """Every query over every key; [rows, heads, width]."""
    scores = np.einsum("rhd,shd->hrs", q, k) * q.shape[-1] ** -0.5
    if causal:
        scores = np.where(np.tri(len(q), len(k), dtype=bool), scores, -np.inf)
    return np.einsum("hrs,she->rhe", softmax(scores), v).reshape(len(q), -1)


def bart(config, weight, source, tokens):
    """Lewis et al. 2020; Liu et al. 2020 (norms before each branch); Marian
    (sinusoids, all sines before all cosines, no norm of embeddings)."""
    maps, width = Maps(weight), config["d_model"]
    family, act = config["model_type"], ACTIVATIONS[
        {"swish": "silu"}.get(config["activation_function"],
                              config["activation_function"])]
    prefix = "" if config["architectures"][0] == "BartModel" else "model."
    before = config.get("normalize_before", False)
    shared = config.get("share_encoder_decoder_embeddings", True)
    tables = {}

    def attention(name, x, rows, heads, causal=False):
        q = heads_of(maps.map(x, name + ".q_proj", width), heads)
        k = heads_of(maps.map(rows, name + ".k_proj", width), heads)
        v = heads_of(maps.map(rows, name + ".v_proj", width), heads)
        return maps.map(mix(q, k, v, causal), name + ".out_proj", width)

    def branch(x, norm, function):
        if before:
            return x + function(maps.layer_norm(x, norm))
        return maps.layer_norm(x + function(x), norm)

    def stack(side, ids, memory=None):
        scope = f"{prefix}{side}."
        name = prefix + "shared" if shared else scope + "embed_tokens"
        vocab = config["vocab_size"]
        if side == "decoder":
            vocab = config.get("decoder_vocab_size", vocab)
        table = tables[side] = weight(name + ".weight", vocab, width)
        x = table[ids] * (width ** 0.5 if config["scale_embedding"] else 1)
        if family == "marian":
            pairs = sinusoids(len(x), width)
            x = x + np.concatenate([pairs[:, 0::2], pairs[:, 1::2]], -1)
        else:
            places = weight(scope + "embed_positions.weight",
                            config["max_position_embeddings"] + 2, width)
            x = x + places[2:2 + len(x)]
            x = maps.layer_norm(x, scope + "layernorm_embedding")
        heads = config[side + "_attention_heads"]
        for i in range(config[side + "_layers"]):
            inner = f"{scope}layers.{i}."
            x = branch(x, inner + "self_attn_layer_norm", lambda y: attention(
                inner + "self_attn", y, y, heads, side == "decoder"))
            if side == "decoder":
                x = branch(x, inner + "encoder_attn_layer_norm",
                           lambda y: attention(inner + "encoder_attn", y,
                                               memory, heads))
            hidden = config[side + "_ffn_dim"]
            x = branch(x, inner + "final_layer_norm", lambda y: maps.map(
                act(maps.map(y, inner + "fc1", hidden)), inner + "fc2", width))
        return maps.layer_norm(x, scope + "layer_norm") if before else x

    x = stack("decoder", tokens, stack("encoder", source))
    if not prefix:
        return x
    return x @ tables["decoder"].T + weight("final_logits_bias", 1,
                                            len(tables["decoder"]))


def t5(config, weight, source, tokens):
    """Raffel et al. 2020, and version 1.1 with gates."""
    maps, width, heads = Maps(weight), config["d_model"], config["num_heads"]
    inner, eps = heads * config["d_kv"], config["layer_norm_epsilon"]
    kind = config["feed_forward_proj"]
    buckets = config["relative_attention_num_buckets"]
    reach = config.get("relative_attention_max_distance", 128)
    table = weight("shared.weight", config["vocab_size"], width)

    def attention(name, x, rows, bias=0.0):
        q, k, v = (heads_of(maps.map(part, f"{name}.{letter}", inner, False),
                            heads) for part, letter in
                   ((x, "q"), (rows, "k"), (rows, "v")))
        shares = softmax(np.einsum("rhd,shd->hrs", q, k) + bias)
        mixed = np.einsum("hrs,she->rhe", shares, v).reshape(len(x), -1)
        return maps.map(mixed, name + ".o", width, False)

    def mlp(name, x):
        hidden = config["d_ff"]
        if kind == "relu":
            y = np.maximum(maps.map(x, name + ".wi", hidden, False), 0)
        else:
            y = (ACTIVATIONS["gelu_tanh"](
                maps.map(x, name + ".wi_0", hidden, False))
                * maps.map(x, name + ".wi_1", hidden, False))
        return maps.map(y, name + ".wo", width, False)

    def stack(side, ids, layers, memory=None):
        x, rows = table[ids], np.arange(len(ids))
        causal = memory is not None
        learned = weight(f"{side}.block.0.layer.0.SelfAttention."
                         "relative_attention_bias.weight", buckets, heads)
        bias = learned[bucket(rows - rows[:, None], causal, buckets,
                              reach)].transpose(2, 0, 1)
        if causal:
            bias = np.where(np.tri(len(x), dtype=bool), bias, -np.inf)
        for i in range(layers):
            scope = f"{side}.block.{i}.layer."
            y = maps.rms(x, scope + "0.layer_norm", eps)
            x = x + attention(scope + "0.SelfAttention", y, y, bias)
            last = 1
            if causal:
                y = maps.rms(x, scope + "1.layer_norm", eps)
                x = x + attention(scope + "1.EncDecAttention", y, memory)
                last = 2
            y = maps.rms(x, f"{scope}{last}.layer_norm", eps)
            x = x + mlp(f"{scope}{last}.DenseReluDense", y)
        return maps.rms(x, side + ".final_layer_norm", eps)

    depth = config["num_layers"]
    x = stack("decoder", tokens, config.get("num_decoder_layers", depth),
              stack("encoder", source, depth))
    if config.get("tie_word_embeddings", True):
        return x * width ** -0.5 @ table.T
    return x @ weight("lm_head.weight", config["vocab_size"], width).T


def family(name, config, dtype="F32"):
    model = t5 if "t5" in config["model_type"] else bart
    weights = RandomWeights(0, dtype)
    generator = np.random.default_rng(5)
    vocab = config.get("decoder_vocab_size", config["vocab_size"])
    pairs = [(generator.integers(config["vocab_size"], size=rows),
              generator.integers(vocab, size=targets))
             for rows, targets in LENGTHS]
    outputs = [model(config, weights, *pair) for pair in pairs]
    program = harness.Program(directory(name, config, weights),
                              name + "/model")
    sources = harness.ids(*(source for source, _ in pairs))
    close(name, program.logits(*(target for _, target in pairs), "--source",
                               sources), np.concatenate(outputs))


def tensors(path):
    """Those of a model.bin of version 2, divided by their scales."""
    with open(path, "rb") as file:
        data, at = file.read(), 0

    def number(kind):
        nonlocal at
        value, = struct.unpack_from("<" + kind, data, at)
        at += struct.calcsize(kind)
        return value

    def text():
        nonlocal at
        length = number("H")
        at += length
        return data[at - length:at - 1].decode()

    assert number("I") == 2 and text() == "TransformerBase"
    number("I")
    found = {}
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        size, count = number("B"), number("I")
        found[name] = np.frombuffer(data, {4: "<f4", 2: "<i2", 1: "i1"}[size],
                                    count, at).reshape(shape).astype(float)
        at += size * count
    assert at == len(data)
    for name in [name for name in found if name.endswith("_scale")]:
        found[name[:-6]] /= found[name].reshape(-1, 1)
    return found


def aren(folder):
    """The trained model as a spec, with its weights."""
    theirs = tensors(os.path.join(folder, "model.bin"))
    spec = {"dim": 32, "context": 512, "vocab": 43, "source": {"vocab": 50},
            "defaults": {"norm": {"kind": "layer", "eps": 1.0e-5},
                         "attention": {"heads": 8, "bias": True},
                         "cross_attention": {"heads": 8, "bias": True},
                         "mlp": {"hidden": 128, "act": "relu", "bias": True}}}
    spec["source"]["vocab"] = len(theirs["encoder/embeddings/weight"])
    spec["vocab"] = len(theirs["decoder/embeddings/weight"])
    layers = max(int(name.split("/")[1].split("_")[1]) for name in theirs
                 if name.startswith("encoder/layer_")
                 and name.split("/")[1] != "layer_norm") + 1
    for side, mask in (("encoder", "none"), ("decoder", "causal")):
        block = [{"residual": ["norm", {"attention": {"mask": mask}}]},
                 {"residual": ["norm", "cross_attention"]},
                 {"residual": ["norm", "mlp"]}]
        if side == "encoder":
            block.pop(1)
        spec[side] = [
            {"embed": {"scale": 32 ** 0.5}},
            {"position": {"kind": "sinusoidal", "layout": "halves",
                          "first": 1, "inclusive": True}},
            {"repeat": layers, "layers": block}, "norm"]
    spec["decoder"].append({"logits": {"bias": True}})
    places = {"attention.query": ("self_attention/linear_0", 0),
              "attention.key": ("self_attention/linear_0", 1),
              "attention.value": ("self_attention/linear_0", 2),
              "attention.output": ("self_attention/linear_1", 0),
              "cross_attention.query": ("attention/linear_0", 0),
              "cross_attention.key": ("attention/linear_1", 0),
              "cross_attention.value": ("attention/linear_1", 1),
              "cross_attention.output": ("attention/linear_2", 0),
              "mlp.up": ("ffn/linear_0", 0), "mlp.down": ("ffn/linear_1", 0),
              "norm": ("self_attention/layer_norm", 0),
              "norm_2": ("attention/layer_norm", 0),
              "norm_3": ("ffn/layer_norm", 0)}

    def weight(name, *shape):
        side, *rest, kind = name.split(".")
        if rest[0] != "layers":
            inner, part = {"embed": "embeddings", "norm": "layer_norm",
                           "logits": "projection"}[rest[0]], 0
        else:
            ours = ".".join(rest[2:])
            if side == "encoder" and ours == "norm_2":
                ours = "norm_3"
            inner, part = places[ours]
            inner = f"layer_{rest[1]}/{inner}"
        if inner.endswith("layer_norm"):
            kind = {"weight": "gamma", "bias": "beta"}[kind]
        value = theirs[f"{side}/{inner}/{kind}"]
        return value[part * shape[0]:(part + 1) * shape[0]]
    return reference.Model(spec, weight)


def trained(name, folder):
    """Names in Arabic letters become names in Latin ones."""
    here = os.path.join(MODELS, "ctranslate2")
    program = harness.Program(need(os.path.join(here, folder)),
                              folder.replace("-", "_"))
    source, target = (np.load(os.path.join(here, f"aren_{side}_ids.npy"))
                      for side in ("src", "tgt"))
    expected = aren(os.path.join(here, folder))
    rows, logits = expected.encode(source), expected.run(target, source)
    if folder == "aren-transliteration":
        kept = [np.load(os.path.join(here, f"aren_{what}_f64.npy"))
                for what in ("encoder", "logits")]
        check(f"{name}: the reference is the one kept beside it",
              np.allclose(rows, kept[0], rtol=0, atol=1e-12)
              and np.allclose(logits, kept[1], rtol=0, atol=1e-12))
    close(f"{name}: rows of the encoder", program.encoded(source), rows, 1e-5)
    close(f"{name}: logits", program.logits(
        target, "--source", harness.ids(source)), logits, 1e-5)

    def words(side):
        path = os.path.join(here, folder, side + "_vocabulary.txt")
        with open(path, encoding="utf-8", newline="\n") as file:
            return file.read().split("\n")
    with open(os.path.join(here, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)["greedy_and_beam"]
    letters, latin = words("source"), words("target")
    for word, right in expected:
        out = program("translate", "--source", harness.ids(
            [letters.index(letter) for letter in word]))
        got = "".join(latin[int(i)] for i in
                      out.stdout.decode().strip().split(","))
        check(f"{name}: {right}", got == right, got)


def language_model(name):
    """Of OpenNMT, with rows of int8 and words as tokens."""
    here = need(os.path.join(MODELS, "ctranslate2", "opennmt-lm-int8"))
    program = harness.Program(here, "opennmt_lm")
    tokens = np.load(os.path.join(here, "tokens.npy"))
    close(name, program.logits(tokens),
          np.load(os.path.join(here, "logits_f64.npy")))


def small_t5():
    return published("t5-small") | {
        "d_model": 60, "vocab_size": 131, "num_layers": 2, "num_heads": 3,
        "d_kv": 14, "d_ff": 77, "num_decoder_layers": 3}


def main():
    small = {"d_model": 60, "vocab_size": 131, "max_position_embeddings": 45}
    for side, heads, layers, hidden in (("encoder", 6, 2, 77),
                                        ("decoder", 5, 3, 53)):
        small |= {f"{side}_attention_heads": heads, f"{side}_layers": layers,
                  f"{side}_ffn_dim": hidden}
    base = published("bart-base-smiles") | small
    scores = {"architectures": ["BartForConditionalGeneration"]}
    case("bart", family, "bart", base)
    case("bart_scores", family, "bart_scores", base | scores, "F16")
    case("mbart", family, "mbart", base | {
        "architectures": ["MBartForConditionalGeneration"],
        "model_type": "mbart", "normalize_before": True,
        "add_final_layer_norm": True, "scale_embedding": True}, "BF16")
    marian = base | {
        "architectures": ["MarianMTModel"], "model_type": "marian",
        "normalize_embedding": False, "scale_embedding": True,
        "activation_function": "swish"}
    case("marian", family, "marian", marian)
    case("marian_separate", family, "marian_separate", marian | {
        "share_encoder_decoder_embeddings": False, "decoder_vocab_size": 97})
    small = small_t5()
    case("t5", family, "t5", small)
    case("t5_gated", family, "t5_gated", small | {
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
        "relative_attention_num_buckets": 8,
        "relative_attention_max_distance": 21}, "BF16")
    case("mt5", family, "mt5", small | {
        "model_type": "mt5", "feed_forward_proj": "gated-gelu",
        "tie_word_embeddings": False}, "F16")
    for kind in ("", "-i16", "-i8"):
        case("aren" + kind, trained, "aren" + kind,
             "aren-transliteration" + kind)
    case("opennmt_lm", language_model, "opennmt_lm")


if __name__ == "__main__":
    harness.main(main)
