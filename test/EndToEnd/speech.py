#!/usr/bin/python3
"""Whisper at reduced size with random weights against its equations in float64
by PyTorch's functions (Radford et al. 2022), and the text that it hears."""
import json
import os

import numpy as np

import harness
from checkpoints import RandomWeights
from families import directory
from harness import MODELS, case, check, close, need

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


def greedy(config, weights, features, start, count):
    """The likeliest tokens behind `start`, up to the end token."""
    tokens = list(start)
    while len(tokens) < len(start) + count:
        scores, _ = whisper(config, weights, features, np.array(tokens))
        best = int(scores[-1].argmax())
        if best == config["eos_token_id"]:
            break
        tokens.append(best)
    return tokens[len(start):]


def tokenizer(config):
    """Each token's bytes, none of marks, and the same as tokenizer.json: single
    bytes, that are no characters alone, and a word of two, of which every third
    is a mark, such as a time, and not always said to be special."""
    codes = [*range(33, 127), *range(161, 173), *range(174, 256)]
    pieces = [chr(code).encode("latin-1") for code in codes]
    spelled = [chr(code) for code in codes]
    pieces[4], spelled[4] = b" a", "\u0120a"
    marks = [id for id in range(config["vocab_size"])
             if id % 3 == 0 or id in (5, config["decoder_start_token_id"])]
    added = [{"id": id, "content": f"<|{id / 50:.2f}|>", "special": id % 2 == 0}
             for id in marks]
    kept = [id for id in range(config["vocab_size"]) if id not in marks]
    single = [{"SpecialToken": {"id": "<|0.12|>", "type_id": 0}},
              {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "<|0.10|>", "type_id": 0}}]
    level = {"type": "ByteLevel", "add_prefix_space": False,
             "trim_offsets": True, "use_regex": True}
    file = {"version": "1.0", "added_tokens": added, "normalizer": None,
            "pre_tokenizer": level, "decoder": level, "post_processor": {
                "type": "TemplateProcessing", "single": single,
                "pair": single, "special_tokens": {
                    token["content"]: {"id": token["content"],
                                       "ids": [token["id"]],
                                       "tokens": [token["content"]]}
                    for token in added if token["id"] in (5, 6)}},
            "model": {"type": "BPE", "vocab": {spelled[id]: id for id in kept},
                      "merges": []}}
    return {id: pieces[id] if id in kept else b""
            for id in range(config["vocab_size"])}, file


def heard(name, config):
    """A tokenizer beside the checkpoint makes a text of what was ids."""
    weights = RandomWeights(7)
    draw = np.random.default_rng(9)
    inputs = [np.float32(draw.standard_normal(
        (frames, config["num_mel_bins"]))).astype(float)
        for frames, _ in LENGTHS]
    starts = [[config["decoder_start_token_id"], *more]
              for more in ((), (9,), (1, 12), (20,), (33, 7))]
    right = [greedy(config, weights, *pair, 12)
             for pair in zip(inputs, starts)]
    folder = directory(name, config, weights)
    ids = harness.Program(folder, name + "/ids")
    texts, file = tokenizer(config)
    for path, content in (("tokenizer.json", json.dumps(file)),
                          ("vocab.json", json.dumps(file["model"]["vocab"])),
                          ("merges.txt", "#version: 0.2\n")):
        with open(os.path.join(folder, path), "w") as out:
            out.write(content)
    readers = [("text", harness.Program(folder, name + "/text")),
               ("text by vocab.json", harness.Program(
                   folder, name + "/pair",
                   f"--tokenizer={folder}/vocab.json"))]
    for features, start, tokens in zip(inputs, starts, right):
        words = ["translate", "--source", ids.said(features), "-n", 12]
        if len(start) > 1:
            words += ["--tokens", harness.ids(np.array(start))]
        what = f"{name}, {len(features)} frames from {start}"
        check(what + ": ids", ids(*words).stdout.decode().strip()
              == ",".join(map(str, tokens)))
        for kind, program in readers:
            check(f"{what}: {kind}", program(*words).stdout
                  == b"".join(texts[id] for id in tokens) + b"\n")
    seen = [texts[id] != b"" for tokens in right for id in tokens]
    check(f"{name}: marks and words", any(seen) and not all(seen))


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
    case("whisper_text", heard, "whisper_text", small)


if __name__ == "__main__":
    harness.main(main)
