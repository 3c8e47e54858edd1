#!/usr/bin/python3
"""Trains the scripture language model on the King James Bible: a LLaMA-style
transformer with a byte-pair vocabulary of its own. One run on one core makes
tokenizer.json and scripture.safetensors beside this script.

Needs Debian's bible-kjv, python3-torch, python3-numpy, libopenblas0-openmp."""
import argparse
import math
import os
import re
import subprocess
import sys
import time

# Debian's OpenBLAS and PyTorch take narrower kernels unless told.
os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))
import bpe
import checkpoint

VOCAB, CONTEXT = 2048, 256
DIM, LAYERS, HIDDEN = 192, 4, 512
HEADS, KV_HEADS, HEAD_DIM = 6, 2, 32
THETA, EPS = 10000.0, 1e-5
BATCH, PEAK_RATE, WARMUP = 8, 3e-3, 100


def chapters():
    """The text, one string a chapter, one line a verse."""
    lines = subprocess.run(["bible", "-f", "gen1:1-rev22:21"], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    result, last = [], None
    for line in lines:
        chapter, verse = re.match(r"(\w+):\d+ +(.*)", line).groups()
        if chapter != last:
            result.append("")
            last = chapter
        result[-1] += verse + "\n"
    return result


class Model(torch.nn.Module):
    """Weights are kept under the names that the compiler derives from the
    spec, so that saving needs no table."""

    def __init__(self):
        super().__init__()
        self.weights = torch.nn.ParameterDict()
        self.add("embed", VOCAB, DIM)
        branch = 0.02 / math.sqrt(2 * LAYERS)
        for i in range(LAYERS):
            self.add(f"layers.{i}.norm", DIM)
            self.add(f"layers.{i}.attention.query", HEADS * HEAD_DIM, DIM)
            self.add(f"layers.{i}.attention.key", KV_HEADS * HEAD_DIM, DIM)
            self.add(f"layers.{i}.attention.value", KV_HEADS * HEAD_DIM, DIM)
            self.add(f"layers.{i}.attention.output", DIM, HEADS * HEAD_DIM,
                     std=branch)
            self.add(f"layers.{i}.norm_2", DIM)
            self.add(f"layers.{i}.mlp.gate", HIDDEN, DIM)
            self.add(f"layers.{i}.mlp.up", HIDDEN, DIM)
            self.add(f"layers.{i}.mlp.down", DIM, HIDDEN, std=branch)
        self.add("norm", DIM)
        angle = torch.outer(torch.arange(CONTEXT).double(), THETA ** (
            -torch.arange(0, HEAD_DIM, 2).double() / HEAD_DIM))
        self.register_buffer("cos", angle.cos().float(), persistent=False)
        self.register_buffer("sin", angle.sin().float(), persistent=False)
        mask = torch.full((CONTEXT, CONTEXT), -math.inf).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def add(self, name, *shape, std=0.02):
        value = torch.ones(shape) if len(shape) == 1 \
            else torch.randn(shape) * std
        # ParameterDict keys can't hold dots.
        self.weights[name.replace(".", "/")] = torch.nn.Parameter(value)

    def get(self, name):
        return self.weights[name.replace(".", "/")]

    def named(self):
        return {name.replace("/", ".") + ".weight": value
                for name, value in self.weights.items()}

    def norm(self, name, x):
        scale = (x.square().mean(-1, keepdim=True) + EPS).rsqrt()
        return x * scale * self.get(name)

    def rotate(self, x, length):
        a, b = x.chunk(2, -1)
        cos, sin = self.cos[:length], self.sin[:length]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def attention(self, scope, x):
        batch, length, _ = x.shape

        def heads(name, count):
            rows = F.linear(x, self.get(f"{scope}.{name}"))
            return rows.view(batch, length, count, HEAD_DIM).transpose(1, 2)

        group = HEADS // KV_HEADS
        q = self.rotate(heads("query", HEADS), length) * HEAD_DIM ** -0.5
        k = self.rotate(heads("key", KV_HEADS), length)
        v = heads("value", KV_HEADS)
        q = q.reshape(batch, KV_HEADS, group * length, HEAD_DIM)
        scores = (q @ k.transpose(-1, -2)).view(
            batch, KV_HEADS, group, length, length)
        shares = torch.softmax(scores + self.mask[:length, :length], -1)
        mixed = shares.view(batch, KV_HEADS, group * length, length) @ v
        mixed = mixed.view(batch, HEADS, length, HEAD_DIM).transpose(1, 2)
        return F.linear(mixed.reshape(batch, length, HEADS * HEAD_DIM),
                        self.get(f"{scope}.output"))

    def forward(self, tokens):
        x = F.embedding(tokens, self.get("embed"))
        for i in range(LAYERS):
            x = x + self.attention(f"layers.{i}.attention",
                                   self.norm(f"layers.{i}.norm", x))
            y = self.norm(f"layers.{i}.norm_2", x)
            gate = F.silu(F.linear(y, self.get(f"layers.{i}.mlp.gate")))
            up = F.linear(y, self.get(f"layers.{i}.mlp.up"))
            x = x + F.linear(gate * up, self.get(f"layers.{i}.mlp.down"))
        return F.linear(self.norm("norm", x), self.get("embed"))


@torch.no_grad()
def loss_on(model, ids):
    """Mean loss in nats a token, over windows of half a context each time
    seen with at least as many tokens before."""
    total, count = 0.0, 0
    for begin in range(0, len(ids) - CONTEXT - 1, CONTEXT // 2):
        window = ids[begin:begin + CONTEXT + 1]
        logits = model(window[None, :-1])[0]
        losses = F.cross_entropy(logits, window[1:], reduction="none")
        losses = losses if begin == 0 else losses[CONTEXT // 2:]
        total, count = total + losses.sum().item(), count + len(losses)
    return total / count


@torch.no_grad()
def sample(model, tokenizer, prompt, length, temperature):
    generator = torch.Generator().manual_seed(1)
    ids = tokenizer.encode(prompt)
    for _ in range(length):
        logits = model(torch.tensor([ids[-CONTEXT:]]))[0, -1]
        shares = torch.softmax(logits / temperature, -1)
        ids.append(torch.multinomial(shares, 1, generator=generator).item())
    return tokenizer.decode(ids)


def rounded(weights):
    """A model of the weights as they are saved."""
    model = Model()
    with torch.no_grad():
        for name, value in model.weights.items():
            value.copy_(weights[name].bfloat16().float())
    return model


def report(name, averages, tokenizer, held_out, size):
    model = rounded(averages)
    # To the nearest, ties to even.
    checkpoint.save(os.path.join(HERE, "scripture.safetensors"), "BF16",
                    {name: value.detach().bfloat16().view(torch.int16).numpy()
                     for name, value in model.named().items()})
    loss = loss_on(model, held_out)
    print(f"{name}: held-out loss {loss:.4f} nats a token, "
          f"{loss / math.log(2) * len(held_out) / size:.4f} bits a byte")
    print(sample(model, tokenizer, "And it came to pass", 120, 0.7),
          flush=True)


def rate(step, steps):
    """Warm up, stay, and fall to nothing over the last half."""
    return PEAK_RATE * min((step + 1) / WARMUP, 1, 2 * (steps - step) / steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--every", type=int, default=500,
                        help="save the weights each so many steps")
    steps, every = vars(parser.parse_args()).values()
    torch.manual_seed(0)
    torch.set_num_threads(1)

    texts = chapters()
    training = [t for i, t in enumerate(texts) if i % 40 != 20]
    testing = [t for i, t in enumerate(texts) if i % 40 == 20]
    tokenizer = bpe.Tokenizer(bpe.learn(training, VOCAB))
    tokenizer.save(os.path.join(HERE, "tokenizer.json"))

    def ids(parts):
        return torch.tensor([i for part in parts for i in
                             [tokenizer.end] + tokenizer.encode(part)])

    learnt, held_out = ids(training), ids(testing)
    assert tokenizer.decode(learnt[:9999].tolist()) in "".join(training)
    model = Model()
    print(f"{sum(v.numel() for v in model.parameters()):,} parameters, "
          f"{len(learnt):,} tokens to learn, {len(held_out):,} held out",
          flush=True)

    matrices = [v for v in model.parameters() if v.dim() == 2]
    vectors = [v for v in model.parameters() if v.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1},
         {"params": vectors, "weight_decay": 0.0}], betas=(0.9, 0.98))
    averages = {n: v.detach().clone() for n, v in model.weights.items()}
    started, recent = time.time(), 0.0
    for step in range(steps):
        begins = torch.randint(len(learnt) - CONTEXT - 1, (BATCH,))
        windows = torch.stack([learnt[b:b + CONTEXT + 1] for b in begins])
        loss = F.cross_entropy(model(windows[:, :-1]).flatten(0, 1),
                               windows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        optimizer.step()
        with torch.no_grad():
            keep = min(0.99, step / (step + 10))
            for name, value in model.weights.items():
                averages[name].lerp_(value, 1 - keep)
        recent += loss.item() / 50
        if step % 50 == 49:
            print(f"step {step + 1} loss {recent:.3f} "
                  f"{time.time() - started:.0f} s", flush=True)
            recent = 0.0
        if (step + 1) % every == 0 or step + 1 == steps:
            report(f"step {step + 1}", averages, tokenizer, held_out,
                   sum(map(len, testing)))


if __name__ == "__main__":
    main()
