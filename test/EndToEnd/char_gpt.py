#!/usr/bin/python3
"""A trained character model of tinyshakespeare, post-norm, by a spec of our
own over its checkpoint's names."""
import os

import numpy as np

import harness
from harness import case, check, close

FOLDER = os.path.join(harness.MODELS, "char-gpt")
SPEC = """\
model: char_gpt
dim: 128
context: 128
vocab: 65
defaults:
  norm: {kind: layer, eps: 1.0e-5}
  attention: {heads: 4, mask: causal, bias: true}
  mlp: {hidden: 512, act: relu, bias: true}
layers:
  - embed
  - position: learned
  - repeat: 4
    layers:
      - residual: [attention]
      - norm
      - residual: [mlp]
      - norm
  - norm
  - logits: {bias: true}
weights:
  files: ["FOLDER/gpt.safetensors"]
  names:
    "embed.weight": "token_embedding.weight"
    "position.weight": "pos_embedding.weight"
"""
PARTS = {"layers.{i}.attention.query": "blocks.{i}.self_attn.W_q",
         "layers.{i}.attention.key": "blocks.{i}.self_attn.W_k",
         "layers.{i}.attention.value": "blocks.{i}.self_attn.W_v",
         "layers.{i}.attention.output": "blocks.{i}.self_attn.W_o",
         "layers.{i}.norm": "blocks.{i}.norm1",
         "layers.{i}.mlp.up": "blocks.{i}.ffn.linear1",
         "layers.{i}.mlp.down": "blocks.{i}.ffn.linear2",
         "layers.{i}.norm_2": "blocks.{i}.norm2",
         "norm": "ln_f", "logits": "lm_head"}


def compare():
    text = SPEC.replace("FOLDER", FOLDER)
    for ours, theirs in PARTS.items():
        for kind in ("weight", "bias"):
            text += f'    "{ours}.{kind}": "{theirs}.{kind}"\n'
    path = os.path.join(harness.work, "char_gpt.yaml")
    with open(path, "w") as file:
        file.write(text)
    program = harness.Program(path, "char_gpt")
    close("logits", program.logits(np.load(f"{FOLDER}/gpt_tokens.npy")),
          np.load(f"{FOLDER}/gpt_logits_f64.npy"))
    with open(f"{harness.MODELS}/text/tinyshakespeare.txt") as file:
        letters = sorted(set(file.read()))
    with open(f"{FOLDER}/gpt_greedy.txt") as file:
        ids = [letters.index(letter) for letter in file.read()]
    start = len("ROMEO:\n")
    chosen = program.logits(ids[:-1])[start - 1:].argmax(-1)
    check("the greedy text", list(chosen) == ids[start:],
          f"{np.sum(chosen == ids[start:])} of {len(chosen)} letters")


def main():
    harness.need(FOLDER)
    case("compare", compare)


if __name__ == "__main__":
    harness.main(main)
