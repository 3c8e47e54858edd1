#!/usr/bin/python3
"""The trained examples: scripture's greedy text is the reference's, digits
reads each held-out image as PyTorch does."""
import importlib.util
import json
import os
import string

import numpy as np

import formulas
import harness
import reference
from checkpoints import load
from harness import EXAMPLES, case, check, close

PROMPT = "And it came to pass in those days,"
# What scripture.yaml says.
SCRIPTURE = {
    "dim": 192, "context": 256, "vocab": 2048,
    "defaults": {"norm": {"kind": "rms", "eps": 1.0e-5},
                 "attention": {"heads": 6, "kv_heads": 2, "mask": "causal",
                               "position": {"rope": {"theta": 10000}}},
                 "mlp": {"hidden": 512, "act": "silu", "gated": True}},
    "layers": ["embed",
               {"repeat": 4, "layers": [{"residual": ["norm", "attention"]},
                                        {"residual": ["norm", "mlp"]}]},
               "norm", {"logits": {"tied": True}}]}


def module(path):
    spec = importlib.util.spec_from_file_location("loaded", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def tokenizer():
    bpe = module(os.path.join(EXAMPLES, "scripture", "bpe.py"))
    with open(os.path.join(EXAMPLES, "scripture", "tokenizer.json")) as file:
        merges = json.load(file)["model"]["merges"]
    return bpe.Tokenizer([tuple(merge.split(" ")) for merge in merges])


def scripture():
    folder = os.path.join(EXAMPLES, "scripture")
    program = harness.Program(os.path.join(folder, "scripture.yaml"),
                              "scripture")
    tensors = load(os.path.join(folder, "scripture.safetensors"))
    model = reference.Model(SCRIPTURE, lambda name, *shape: tensors[name])
    text = tokenizer()
    ids = text.encode(PROMPT)
    margins = []
    for _ in range(60):
        last = model.run(ids)[-1]
        first = np.sort(last)
        margins.append(first[-1] - first[-2])
        ids.append(int(last.argmax()))
    close("scripture's logits", program.logits(ids), model.run(ids))
    written = program("generate", PROMPT, "-n", 60, "--temperature", 0,
                      "--threads", 2).stdout.decode().strip()
    expected = text.decode(ids).strip()
    check("scripture's greedy text", written == expected,
          f"smallest lead {min(margins):.4f}" if written == expected
          else f"{written!r}, not {expected!r}")


def perplexity():
    """On held-out chapters: that of the reference in f32, the same in bf16
    (whose values the weights are), close to it in int8 and int4."""
    folder = os.path.join(EXAMPLES, "scripture")
    held_out = os.path.join(folder, "held-out.txt")

    def measured(dtype, path=held_out):
        program = harness.Program(os.path.join(folder, "scripture.yaml"),
                                  f"scripture_{dtype}", f"--weights={dtype}")
        return json.loads(program("perplexity", "--text", path, "--threads", 2,
                                  "--json").stdout)

    with open(held_out) as file:
        start = file.read()[:1500]
    short = os.path.join(harness.work, "short.txt")
    with open(short, "w") as file:
        file.write(start)
    tensors = load(os.path.join(folder, "scripture.safetensors"))
    model = reference.Model(SCRIPTURE, lambda name, *shape: tensors[name])
    ids, losses = tokenizer().encode(start), []
    for begin in range(0, len(ids), SCRIPTURE["context"]):
        chunk = ids[begin:begin + SCRIPTURE["context"]]
        shares = formulas.softmax(model.run(chunk))
        losses += [-np.log(shares[i, chunk[i + 1]])
                   for i in range(len(chunk) - 1)]
    got = measured("f32", short)
    check("perplexity is the reference's", got["tokens"] == len(losses) and
          abs(got["loss"] - np.mean(losses)) < 1e-4,
          f"{got['loss']} and {np.mean(losses):.6f} nats")
    f32 = measured("f32")["perplexity"]
    for dtype, most in (("bf16", 0), ("int8", 0.01), ("int4", 0.06)):
        more = measured(dtype)["perplexity"] / f32 - 1
        check(f"perplexity of {dtype} within {most:.0%} of f32's",
              abs(more) <= most, f"{f32:.4f} {more:+.2%}")


def prose():
    """Sampled text is of the words of the training text."""
    program = harness.Program(
        os.path.join(EXAMPLES, "scripture", "scripture.yaml"), "prose")
    outputs = [program("generate", PROMPT, "-n", 200, "--temperature", 0.8,
                       "--seed", seed, "--threads", threads).stdout
               for seed, threads in ((1, 1), (1, 2), (2, 1))]
    check("the same seed gives the same text", outputs[0] == outputs[1])
    check("another seed gives another", outputs[0] != outputs[2])
    text = outputs[0].decode()
    known = {token.strip("\u0120") for token in tokenizer().tokens}
    words = [word.strip(string.punctuation) for word in text.split()]
    share = sum(word in known for word in words) / max(len(words), 1)
    check("reads as its language", len(words) > 80 and share > 0.5,
          f"{share:.0%} of {len(words)} words are whole tokens: {text[:200]!r}")


def digits():
    import torch
    folder = os.path.join(EXAMPLES, "digits")
    program = harness.Program(os.path.join(folder, "digits.yaml"), "digits")
    images = np.load(os.path.join(folder, "images.npy"))
    labels = np.load(os.path.join(folder, "labels.npy"))
    got = program.run(images, "--threads", 2)
    torch.set_num_threads(1)
    train = module(os.path.join(folder, "train.py"))
    tensors = load(os.path.join(folder, "digits.safetensors"))
    weights = {name: torch.from_numpy(value)
               for name, value in tensors.items()}
    expected = train.model(weights, torch.from_numpy(images).double()).numpy()
    close("digits' scores", got, expected)
    check("digits read as PyTorch reads them",
          np.array_equal(got.argmax(1), expected.argmax(1)))
    right = (got.argmax(1) == labels).mean()
    check("digits read right", right >= 0.97, f"{right:.2%}")


def main():
    case("scripture", scripture)
    case("perplexity", perplexity)
    case("prose", prose)
    case("digits", digits)


if __name__ == "__main__":
    harness.main(main)
