#!/usr/bin/python3
"""Trains machine.yaml on each of Tomita's languages: LANGUAGE.safetensors
beside this script, some minutes on one core.

    train.py [LANGUAGE...]

The labels of a prefix are whether each suffix of up to three symbols would make
it a string of the language. Half of the 4,096 strings of twelve symbols are
learnt; the loss on the others is printed.

Needs Debian's python3-torch, libopenblas0-openmp."""
import itertools
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))
import checkpoint
from languages import AUTOMATA, MEMBERS, SUFFIXES

DIM, HEADS, HIDDEN, EPS = 32, 4, 128, 1e-5
LENGTH, BEGIN = 12, 2
BATCH = 128
# Epochs, highest rate, seed: counting takes longer.
USUAL = 120, 5e-3, 0
SETTINGS = {"tomita3": (300, 5e-3, 0), "tomita5": (400, 5e-3, 0),
            "tomita6": (300, 2e-3, 1)}


def initial(generator):
    """Every weight under the name that the compiler derives from the spec."""
    weights = {}

    def matrix(name, rows, columns, bias=True):
        weights[f"{name}.weight"] = columns ** -0.5 * torch.randn(
            rows, columns, generator=generator)
        if bias:
            weights[f"{name}.bias"] = torch.zeros(rows)

    matrix("embed", 3, DIM, bias=False)
    matrix("position", LENGTH + 1, DIM, bias=False)
    for part in ("query", "key", "value", "output"):
        matrix(f"attention.{part}", DIM, DIM)
    matrix("mlp.up", HIDDEN, DIM)
    matrix("mlp.down", DIM, HIDDEN)
    matrix("linear", len(SUFFIXES), DIM)
    for name in ("norm", "norm_2", "norm_3"):
        weights[f"{name}.weight"] = torch.ones(DIM)
        weights[f"{name}.bias"] = torch.zeros(DIM)
    return {name: torch.nn.Parameter(value) for name, value in weights.items()}


def model(weights, tokens):
    """Scores of the suffixes [N, T, 15] of prefixes of tokens [N, T]."""
    def linear(name, x):
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name, x):
        return F.layer_norm(x, (DIM,), weights[f"{name}.weight"],
                            weights[f"{name}.bias"], EPS)

    def heads(part, x):
        rows = linear(f"attention.{part}", x)
        return rows.view(*x.shape[:2], HEADS, -1).transpose(1, 2)

    x = weights["embed.weight"][tokens] + weights["position.weight"]
    rows = norm("norm", x)
    query, key = heads("query", rows), heads("key", rows)
    scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
    later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    shares = scores.masked_fill(later, -torch.inf).softmax(-1)
    mixed = (shares @ heads("value", rows)).transpose(1, 2).reshape(x.shape)
    x = x + linear("attention.output", mixed)
    up = F.gelu(linear("mlp.up", norm("norm_2", x)))
    x = x + linear("mlp.down", up)
    return linear("linear", norm("norm_3", x))


def examples(language):
    """All strings of twelve symbols: tokens, and the labels of each prefix."""
    belongs = MEMBERS[language]
    labels = {prefix: [float(bool(belongs(prefix + suffix)))
                       for suffix in SUFFIXES]
              for n in range(LENGTH + 1)
              for prefix in map("".join, itertools.product("01", repeat=n))}
    strings = ["".join(s) for s in itertools.product("01", repeat=LENGTH)]
    tokens = torch.tensor([[BEGIN, *map(int, s)] for s in strings])
    return tokens, torch.tensor([[labels[s[:n]] for n in range(LENGTH + 1)]
                                 for s in strings])


def train(language):
    epochs, rate, seed = SETTINGS.get(language, USUAL)
    generator = torch.Generator().manual_seed(seed)
    tokens, labels = examples(language)
    order = torch.randperm(len(tokens), generator=generator)
    learnt, held_out = order.chunk(2)
    weights = initial(generator)
    steps = epochs * (len(learnt) // BATCH)
    optimizer = torch.optim.AdamW(weights.values(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate,
                                                   total_steps=steps)
    for _ in range(epochs):
        mixed = learnt[torch.randperm(len(learnt), generator=generator)]
        for batch in mixed.split(BATCH):
            loss = F.binary_cross_entropy_with_logits(
                model(weights, tokens[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        scores = model(weights, tokens[held_out])
        wrong = ((scores > 0) != (labels[held_out] > 0)).any(-1).sum()
    print(f"{language}: loss {loss.item():.1e}, held out {wrong} of "
          f"{scores.shape[0] * scores.shape[1]} prefixes wrong", flush=True)
    checkpoint.save(os.path.join(HERE, language + ".safetensors"), "F32",
                    {name: value.detach().numpy()
                     for name, value in weights.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name in sys.argv[1:] or AUTOMATA:
        train(name)
