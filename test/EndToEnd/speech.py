#!/usr/bin/python3
"""Whisper at reduced size with random weights against its equations in float64
by PyTorch's functions (Radford et al. 2022)."""
import json
import os

import numpy as np

import harness
from checkpoints import RandomWeights
from families import directory
from harness import MODELS, case, close, need

try:
    import torch
    from torch.nn import functional
except ImportError:
    torch = None

# Frames of the spectrogram, and tokens.
LENGTHS = ((58, 1), (1, 7), (2, 3), (33, 41), (40, 2))


def whisper(config, weight, features, tokens):
    """Scores of the tokens that follow; features [frames, mel bins]."""
    width, bins = config["d_model"], config["num_mel_bins"]
    prefix = "" if config["architectures"][0] == "WhisperModel" else "model."

    def tensor(name, *shape):
        return torch.from_numpy(np.asarray(weight(prefix + name, *shape)))

    def kernel(name, inputs):
        value = tensor(name + ".weight", width, inputs * 3)
        stored = weight.stored[f"{prefix}{name}.weight"]
        weight.stored[f"{prefix}{name}.weight"] = stored.reshape(
            width, inputs, 3)
        return value.reshape(width, inputs, 3), tensor(name + ".bias", width)

    def linear(x, name, to, bias=True):
        return functional.linear(
            x, tensor(name + ".weight", to, x.shape[-1]),
            tensor(name + ".bias", to) if bias else None)

    def norm(x, name):
        return functional.layer_norm(
            x, (width,), tensor(name + ".weight", width),
            tensor(name + ".bias", width), 1e-5)

    def attention(name, x, rows, heads, causal=False):
        q = linear(x, name + ".q_proj", width) * (width // heads) ** -0.5
        k = linear(rows, name + ".k_proj", width, bias=False)
        v = linear(rows, name + ".v_proj", width)
        q, k, v = (y.reshape(len(y), heads, -1).transpose(0, 1)
                   for y in (q, k, v))
        scores = q @ k.transpose(1, 2)
        if causal:
            scores = scores + torch.full(
                scores.shape[1:], -np.inf).triu(1).double()
        mixed = torch.softmax(scores, -1) @ v
        return linear(mixed.transpose(0, 1).reshape(len(x), width),
                      name + ".out_proj", width)

    def block(x, name, stack, memory=None):
        heads = config[stack + "_attention_heads"]
        y = norm(x, name + "self_attn_layer_norm")
        x = x + attention(name + "self_attn", y, y, heads, memory is not None)
        if memory is not None:
            y = norm(x, name + "encoder_attn_layer_norm")
            x = x + attention(name + "encoder_attn", y, memory, heads)
        y = norm(x, name + "final_layer_norm")
        y = functional.gelu(linear(y, name + "fc1",
                                   config[stack + "_ffn_dim"]))
        return x + linear(y, name + "fc2", width)

    x = torch.from_numpy(features.T)[None]
    for name, inputs, stride in (("encoder.conv1", bins, 1),
                                 ("encoder.conv2", width, 2)):
        x = functional.gelu(functional.conv1d(
            x, *kernel(name, inputs), stride=stride, padding=1))
    x = x[0].T
    x = x + tensor("encoder.embed_positions.weight",
                   config["max_source_positions"], width)[:len(x)]
    for i in range(config["encoder_layers"]):
        x = block(x, f"encoder.layers.{i}.", "encoder")
    memory = norm(x, "encoder.layer_norm")
    table = tensor("decoder.embed_tokens.weight", config["vocab_size"], width)
    scale = width ** 0.5 if config["scale_embedding"] else 1.0
    x = table[torch.from_numpy(tokens)] * scale + tensor(
        "decoder.embed_positions.weight", config["max_target_positions"],
        width)[:len(tokens)]
    for i in range(config["decoder_layers"]):
        x = block(x, f"decoder.layers.{i}.", "decoder", memory)
    x = norm(x, "decoder.layer_norm")
    return (x @ table.T if prefix else x).numpy(), memory.numpy()


def family(name, config, dtype="F32"):
    weights = RandomWeights(0, dtype)
    draw = np.random.default_rng(5)
    inputs = [(np.float32(draw.standard_normal(
        (frames, config["num_mel_bins"]))).astype(float),
        draw.integers(config["vocab_size"], size=count))
        for frames, count in LENGTHS]
    right = [whisper(config, weights, *pair) for pair in inputs]
    program = harness.Program(directory(name, config, weights),
                              name + "/model")
    for (features, tokens), (scores, rows) in zip(inputs, right):
        what = f"{name}, {len(features)} frames"
        close(what, program.logits(tokens, "--source",
                                   program.said(features)), scores)
        close(what + ": rows of the encoder", program.encoded(features), rows)


def main():
    if torch is None:
        harness.skip("PyTorch is absent")
    with open(need(os.path.join(MODELS, "configs", "whisper-tiny",
                                "config.json"))) as file:
        config = json.load(file)
    small = config | {
        "d_model": 60, "vocab_size": 131, "max_source_positions": 29,
        "max_target_positions": 45, "num_mel_bins": 11, "encoder_layers": 2,
        "decoder_layers": 3, "encoder_attention_heads": 6,
        "decoder_attention_heads": 5, "encoder_ffn_dim": 77,
        "decoder_ffn_dim": 53, "bos_token_id": 5, "eos_token_id": 5,
        "decoder_start_token_id": 6, "pad_token_id": 5}
    case("whisper", family, "whisper", small)
    case("whisper_scaled", family, "whisper_scaled",
         small | {"scale_embedding": True}, "F16")
    case("whisper_rows", family, "whisper_rows", small | {
        "architectures": ["WhisperModel"]}, "BF16")


if __name__ == "__main__":
    harness.main(main)
