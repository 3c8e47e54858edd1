#!/usr/bin/python3
"""Trains numerals.yaml: numerals.safetensors beside this script, some minutes
on one core. Prints how many of the held-out numbers are written wrongly.

Needs Debian's python3-torch, libopenblas0-openmp."""
import os
import random
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))
import checkpoint
from numerals import (END, LIMIT, START, WORDS, digits_of, is_held_out,
                      source_of)

DIM, HEADS, HIDDEN, LAYERS, EPS = 48, 4, 96, 2, 1e-5
SOURCE, TARGET = 9, 7                # most words; start and six digits
VOCAB, PAD = 12, -1
BATCH, STEPS, RATE = 128, 3000, 4e-3


def initial(generator):
    """Every weight under the name that the compiler derives from the spec."""
    weights = {}

    def matrix(name, rows, columns, bias=True):
        weights[f"{name}.weight"] = columns ** -0.5 * torch.randn(
            rows, columns, generator=generator)
        if bias:
            weights[f"{name}.bias"] = torch.zeros(rows)

    def norm(name):
        weights[f"{name}.weight"] = torch.ones(DIM)
        weights[f"{name}.bias"] = torch.zeros(DIM)

    for stack, vocab, rows, attentions in (
            ("encoder", len(WORDS), SOURCE, ["attention"]),
            ("decoder", VOCAB, TARGET, ["attention", "cross_attention"])):
        matrix(f"{stack}.embed", vocab, DIM, bias=False)
        matrix(f"{stack}.position", rows, DIM, bias=False)
        for i in range(LAYERS):
            scope = f"{stack}.layers.{i}"
            for attention in attentions:
                for part in ("query", "key", "value", "output"):
                    matrix(f"{scope}.{attention}.{part}", DIM, DIM)
            matrix(f"{scope}.mlp.up", HIDDEN, DIM)
            matrix(f"{scope}.mlp.down", DIM, HIDDEN)
            for n in range(len(attentions) + 1):
                norm(f"{scope}.norm_{n + 1}" if n else f"{scope}.norm")
        norm(f"{stack}.norm")
    matrix("decoder.logits", VOCAB, DIM)
    return {name: torch.nn.Parameter(value) for name, value in weights.items()}


def model(weights, source, target):
    """Scores of the next digit [N, T, 12], of sources [N, S] that are filled
    up with PAD and of targets [N, T]."""
    def linear(name, x):
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name, x):
        return F.layer_norm(x, (DIM,), weights[f"{name}.weight"],
                            weights[f"{name}.bias"], EPS)

    def attention(name, rows, sources, hidden):
        def heads(part, x):
            rows = linear(f"{name}.{part}", x)
            return rows.view(*x.shape[:2], HEADS, -1).transpose(1, 2)

        query, key = heads("query", rows), heads("key", sources)
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        shares = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        mixed = (shares @ heads("value", sources)).transpose(1, 2)
        return linear(f"{name}.output", mixed.reshape(rows.shape))

    def mlp(scope, x):
        return linear(f"{scope}.mlp.down",
                      F.gelu(linear(f"{scope}.mlp.up", x)))

    padding = (source == PAD)[:, None, None]
    x = weights["encoder.embed.weight"][source.clamp(min=0)]
    x = x + weights["encoder.position.weight"][:source.shape[1]]
    for i in range(LAYERS):
        scope = f"encoder.layers.{i}"
        rows = norm(f"{scope}.norm", x)
        x = x + attention(f"{scope}.attention", rows, rows, padding)
        x = x + mlp(scope, norm(f"{scope}.norm_2", x))
    memory = norm("encoder.norm", x)

    later = torch.ones(target.shape[1], target.shape[1],
                       dtype=torch.bool).triu(1)
    y = weights["decoder.embed.weight"][target]
    y = y + weights["decoder.position.weight"][:target.shape[1]]
    for i in range(LAYERS):
        scope = f"decoder.layers.{i}"
        rows = norm(f"{scope}.norm", y)
        y = y + attention(f"{scope}.attention", rows, rows, later)
        rows = norm(f"{scope}.norm_2", y)
        y = y + attention(f"{scope}.cross_attention", rows, memory, padding)
        y = y + mlp(scope, norm(f"{scope}.norm_3", y))
    return linear("decoder.logits", norm("decoder.norm", y))


def batch_of(numbers):
    """Sources, what the decoder is given, what it should write."""
    def filled(rows, width, value):
        return torch.tensor([row + [value] * (width - len(row))
                             for row in rows])

    digits = [digits_of(number) for number in numbers]
    return (filled([source_of(number) for number in numbers], SOURCE, PAD),
            filled([[START, *row] for row in digits], TARGET, 0),
            filled([[*row, END] for row in digits], TARGET, PAD))


def some_number(draw):
    """Of each length often, and none of those held out."""
    while True:
        number = draw.randrange(10 ** draw.randint(1, 6))
        if not is_held_out(number):
            return number


def wrong(weights):
    """Held-out numbers with a digit that is not the first choice."""
    numbers = [n for n in range(LIMIT) if is_held_out(n)]
    count = 0
    with torch.no_grad():
        for begin in range(0, len(numbers), 500):
            source, given, expected = batch_of(numbers[begin:begin + 500])
            first = model(weights, source, given).argmax(-1)
            count += ((first != expected) & (expected != PAD)).any(-1).sum()
    return f"{int(count)} of {len(numbers)}"


def main():
    draw = random.Random(0)
    weights = initial(torch.Generator().manual_seed(0))
    optimizer = torch.optim.AdamW(weights.values(), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE,
                                                   total_steps=STEPS)
    for step in range(STEPS):
        source, given, expected = batch_of(
            [some_number(draw) for _ in range(BATCH)])
        loss = F.cross_entropy(model(weights, source, given).transpose(1, 2),
                               expected, ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 500 == 0:
            print(f"step {step + 1}: loss {loss.item():.1e}, held out "
                  f"{wrong(weights)} wrong", flush=True)
    checkpoint.save(os.path.join(HERE, "numerals.safetensors"), "F32",
                    {name: value.detach().numpy()
                     for name, value in weights.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
