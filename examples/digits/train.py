#!/usr/bin/python3
"""Trains the digits model on scikit-learn's 8x8 digits: a vision transformer
with a class token. A few minutes on one core make digits.safetensors and the
held-out images and labels beside this script.

Needs Debian's python3-sklearn, python3-torch, libopenblas0-openmp."""
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.dirname(HERE))
import checkpoint

DIM, LAYERS, HEADS, HIDDEN = 48, 3, 4, 96
SIZE, PATCH, CLASSES, EPS = 8, 2, 10, 1e-6
ROWS = (SIZE // PATCH) ** 2 + 1
EPOCHS, BATCH, PEAK_RATE = 120, 32, 3e-3


def shapes():
    """Every weight under the name that the compiler derives from the spec."""
    def linear(name, rows, columns):
        return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}

    def norm(name):
        return {f"{name}.weight": (DIM,), f"{name}.bias": (DIM,)}

    result = linear("patch", DIM, PATCH * PATCH)
    result["prepend.weight"] = (1, DIM)
    result["position.weight"] = (ROWS, DIM)
    for i in range(LAYERS):
        result.update(norm(f"layers.{i}.norm"))
        for part in ("query", "key", "value", "output"):
            result.update(linear(f"layers.{i}.attention.{part}", DIM, DIM))
        result.update(norm(f"layers.{i}.norm_2"))
        result.update(linear(f"layers.{i}.mlp.up", HIDDEN, DIM))
        result.update(linear(f"layers.{i}.mlp.down", DIM, HIDDEN))
    result.update(norm("norm"))
    result.update(linear("linear", CLASSES, DIM))
    return result


def initial(name, shape):
    if name.split(".")[-2].startswith("norm"):
        return torch.full(shape, float(name.endswith("weight")))
    if name.endswith("bias"):
        return torch.zeros(shape)
    return torch.randn(shape) * (0.02 if shape[0] in (1, ROWS)
                                 else shape[1] ** -0.5)


def model(weights, images):
    """Scores of the classes, one row an image [N, 1, 8, 8]."""
    def linear(name, x):
        return F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(name, x):
        return F.layer_norm(x, (DIM,), weights[f"{name}.weight"],
                            weights[f"{name}.bias"], EPS)

    def attention(scope, x):
        def heads(part):
            rows = linear(f"{scope}.{part}", x)
            return rows.view(len(x), ROWS, HEADS, -1).transpose(1, 2)

        q, k, v = heads("query"), heads("key"), heads("value")
        shares = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).softmax(-1)
        return linear(f"{scope}.output",
                      (shares @ v).transpose(1, 2).reshape(x.shape))

    side = SIZE // PATCH
    patches = images.view(-1, 1, side, PATCH, side, PATCH)
    patches = patches.permute(0, 2, 4, 1, 3, 5).reshape(len(images), -1,
                                                        PATCH * PATCH)
    x = linear("patch", patches)
    x = torch.cat((weights["prepend.weight"].expand(len(x), 1, DIM), x), 1)
    x = x + weights["position.weight"]
    for i in range(LAYERS):
        scope = f"layers.{i}"
        x = x + attention(f"{scope}.attention", norm(f"{scope}.norm", x))
        up = linear(f"{scope}.mlp.up", norm(f"{scope}.norm_2", x))
        x = x + linear(f"{scope}.mlp.down", F.gelu(up))
    return linear("linear", norm("norm", x)[:, 0])


def noisy(images, generator):
    return images + 0.1 * torch.randn(images.shape, generator=generator)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    split = train_test_split(images, digits.target, test_size=360,
                             stratify=digits.target, random_state=0)
    learnt, held_out, labels, held_out_labels = map(torch.from_numpy, split)
    np.save(os.path.join(HERE, "images.npy"), held_out.numpy())
    np.save(os.path.join(HERE, "labels.npy"),
            held_out_labels.numpy().astype(np.int32))

    weights = {name: torch.nn.Parameter(initial(name, shape))
               for name, shape in shapes().items()}
    count = sum(value.numel() for value in weights.values())
    print(f"{count:,} parameters, {len(learnt)} images to learn")
    optimizer = torch.optim.AdamW(weights.values(), weight_decay=0.05)
    steps = EPOCHS * (len(learnt) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, total_steps=steps, pct_start=0.1)
    generator = torch.Generator().manual_seed(1)
    started = time.time()
    for epoch in range(EPOCHS):
        order = torch.randperm(len(learnt), generator=generator)
        for batch in order[:steps // EPOCHS * BATCH].split(BATCH):
            scores = model(weights, noisy(learnt[batch], generator))
            loss = F.cross_entropy(scores, labels[batch], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        if epoch % 20 == 19:
            with torch.no_grad():
                right = model(weights, held_out).argmax(1) == held_out_labels
            print(f"epoch {epoch + 1} loss {loss.item():.4f} held out "
                  f"{right.float().mean():.2%} {time.time() - started:.0f} s",
                  flush=True)
    checkpoint.save(os.path.join(HERE, "digits.safetensors"), "F32",
                    {name: value.detach().numpy()
                     for name, value in weights.items()})


if __name__ == "__main__":
    main()
