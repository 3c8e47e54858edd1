#!/usr/bin/python3
"""Models of real rows whose weights follow from a paper: examples/in_context
and variants of them, against the algorithm that they carry out."""
import os

import numpy as np

import harness
from harness import EXAMPLES, case, check, close

FOLDER = os.path.join(EXAMPLES, "in_context")
TASKS = 1000


def example(name, *changes):
    """The program of an example, after replacements in its text."""
    with open(os.path.join(FOLDER, name + ".yaml")) as file:
        text = file.read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path = os.path.join(harness.work, f"{name}_{len(os.listdir(harness.work))}")
    with open(path + ".yaml", "w") as file:
        file.write(text)
    return harness.Program(path + ".yaml", os.path.basename(path))


def tasks(count, pairs, x_dim, y_dim=1, seed=0):
    """Linear regressions: x [count, pairs + 1, x_dim] and y, whose last row is
    what is asked for."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(-1, 1, (count, pairs + 1, x_dim)).astype(np.float32)
    w = draw.standard_normal((count, y_dim, x_dim))
    y = np.einsum("tyx,tnx->tny", w, x).astype(np.float32)
    return x, y


def rows_of(x, y, start=None):
    """Rows (x, y); of the last one y is minus what W = start predicts."""
    y = y.copy()
    y[:, -1] = 0 if start is None else -(x[:, -1].astype(float) @ start.T)
    return np.concatenate([x, y], -1)


def descend(x, y, rate, steps, start=None):
    """What W predicts for the last x, after steps on |W x - y|^2 / 2N."""
    x, y = x.astype(float), y.astype(float)
    count, rows, x_dim = x.shape
    w = np.zeros((count, y.shape[-1], x_dim)) if start is None else \
        np.broadcast_to(start, (count, *start.shape))
    for _ in range(steps):
        errors = x[:, :-1] @ w.transpose(0, 2, 1) - y[:, :-1]
        w = w - rate / (rows - 1) * errors.transpose(0, 2, 1) @ x[:, :-1]
    return np.einsum("tyx,tx->ty", w, x[:, -1])


def gradient_descent():
    x, y = tasks(TASKS, 20, 10)
    for steps in range(1, 21):
        program = example("gradient_descent",
                          ("repeat: 5", f"repeat: {steps}"))
        close(f"gradient_descent: {steps} steps, {TASKS} tasks",
              program.run(rows_of(x, y)), descend(x, y, 0.7, steps), 1e-5)
    # The number of pairs is not in the weights.
    program = example("gradient_descent")
    for pairs in (1, 7, 63):
        x, y = tasks(50, pairs, 10, seed=pairs)
        close(f"gradient_descent: {pairs} pairs", program.run(rows_of(x, y)),
              descend(x, y, 0.7, 5), 1e-5)


def without_the_mask():
    """That the row that asks is no source matters from the second step on."""
    x, y = tasks(50, 20, 10)
    program = example("gradient_descent", ("sources: but_last, ", ""))
    right = descend(x, y, 0.7, 5)
    off = np.abs(program.run(rows_of(x, y)) - right).max() / np.abs(right).max()
    check("gradient_descent: the mask matters", off > 0.01, f"off by {off:.2f}")


def other_starts():
    """Three values of y; W that does not start at 0."""
    start = np.random.default_rng(4).standard_normal((3, 5))
    start = start.astype(np.float32).astype(float)
    rate = 0.5
    for name, first in (("zero", None), ("random", start)):
        value = np.zeros((8, 8))
        value[5:, 5:] = -rate * np.eye(3)
        if first is not None:
            value[5:, :5] = rate * first
        spec = {"model": "descent", "dim": 8, "context": 16, "layers": [
            {"rows": {"dim": 8}},
            {"residual": [{"attention": {
                "heads": 1, "head_dim": 5, "scores": "linear",
                "normalise": "1/n", "sources": "but_last", "scale": 1,
                "output": "sum", "values": {
                    "query.weight": "identity", "key.weight": "identity",
                    "value.weight": value.tolist()}}}]},
            {"pool": "last"}]}
        path = os.path.join(harness.work, f"start_{name}.yaml")
        harness.write_spec(path, spec)
        program = harness.Program(path, f"start_{name}")
        x, y = tasks(300, 15, 5, 3)
        got = -program.run(rows_of(x, y, first))[:, 5:]
        close(f"descent from {name}: 300 tasks of 3 values", got,
              descend(x, y, rate, 1, first), 1e-5)


def curvature():
    """GD++: X becomes (I - 0.4/N X X') X and y what is left of it."""
    x, y = tasks(TASKS, 20, 10)
    program = example("curvature")
    right = []
    for a, b in zip(x.astype(float), rows_of(x, y)[:, :, 10:].astype(float)):
        for _ in range(4):
            known = a[:-1]
            b = b - 0.7 / 20 * (a @ known.T) @ b[:-1]
            a = a @ (np.eye(10) - 0.4 / 20 * known.T @ known)
        right.append(-b[-1])
    close(f"curvature: {TASKS} tasks", program.run(rows_of(x, y)),
          np.array(right), 1e-5)


def one_step():
    """P and Q at random; then the example, whose expected loss is known."""
    draw = np.random.default_rng(0)
    n, d = 20, 5
    for layers in (1, 2, 3, 4):
        maps = draw.standard_normal((layers, 2, d + 1, d + 1)) * 0.4
        maps = maps.astype(np.float32).astype(float)
        spec = {"model": "attends", "dim": d + 1, "context": 32, "layers": [
            {"rows": {"dim": d + 1}}, *[{"residual": [{"attention": {
                "heads": 1, "head_dim": d + 1, "scores": "linear",
                "normalise": "1/n", "sources": "but_last", "scale": 1,
                "output": "sum", "values": {
                    "query.weight": q.tolist(), "key.weight": "identity",
                    "value.weight": p.tolist()}}}]} for p, q in maps]]}
        path = os.path.join(harness.work, f"attends_{layers}.yaml")
        harness.write_spec(path, spec)
        program = harness.Program(path, f"attends_{layers}")
        rows = draw.standard_normal((200, n + 1, d + 1)).astype(np.float32)
        rows[:, -1, d] = 0
        z = rows.astype(float).transpose(0, 2, 1)  # the paper's: columns
        mask = np.diag([1.0] * n + [0.0])
        for p, q in maps:
            z = z + p @ z @ mask @ (z.transpose(0, 2, 1) @ q @ z) / n
        close(f"linear attention: {layers} layers", program.run(rows),
              z.transpose(0, 2, 1), 1e-5)
    x = draw.standard_normal((50000, n + 1, d)).astype(np.float32)
    w = draw.standard_normal((50000, d, 1))
    y = (x @ w).astype(np.float32)
    rows = rows_of(x, y)
    got = example("one_step").run(rows)[:, 0]
    losses = (got - y[:, -1, 0]) ** 2
    error = losses.std() / len(losses) ** 0.5
    expected = d * (d + 1) / (n + d + 1)
    check("one_step: loss of 50000 prompts",
          abs(losses.mean() - expected) < 4 * error,
          f"{losses.mean():.4f} +- {error:.4f}, expected {expected:.4f}")


def ask(program, points, f, asked):
    rows = np.zeros((len(points) + len(asked), 3))
    rows[:len(points)] = np.stack([points, f(points), np.ones(len(points))], 1)
    rows[len(points):, 0] = asked
    return program.run(rows)[len(points):, 0]


def nearest_point():
    program = example("nearest_point")
    t = np.linspace(0, 1, 4001)
    f = lambda t: np.sin(2 * np.pi * t)
    for m, known in ((16, 0.1951), (32, 0.0980), (64, 0.0491), (128, 0.0245)):
        got = ask(program, (np.arange(m) + 0.5) / m, f, t)
        error = np.abs(got - f(t)).max()
        check(f"nearest_point: {m} points of sin",
              abs(error - known) < 1e-4 and error < np.pi / m * 1.01,
              f"largest error {error:.4f}, expected {known}")


def blurred_borders():
    """With scores 1000/d^2 as sharp, d between points, the largest error is
    known; a border is blurred then."""
    x = np.linspace(-1, 1, 4001)
    f = lambda x: x + np.cbrt(x)
    for k, known in ((5, 0.875842), (10, 0.498985), (20, 0.347454),
                     (80, 0.165843)):
        sharp = 1000 * ((k - 1) / 2) ** 2
        program = example("nearest_point", ("33554432", str(2 * sharp)),
                          ("-16777216", str(-sharp)))
        points = np.linspace(-1, 1, k)
        got = ask(program, points, f, x)
        error = np.abs(got - f(x)).max()
        # Away from borders exactly the stored values.
        cell = (x + 1) * (k - 1) / 2
        inside = np.abs(cell - np.floor(cell) - 0.5) > 0.02
        exact = f(points).astype(np.float32)[np.rint(cell).astype(int)]
        off = np.abs(got - exact)[inside].max()
        check(f"nearest_point: {k} points of x + cbrt x",
              abs(error - known) < 1e-3 and off < 1e-6,
              f"largest error {error:.6f}, expected {known}; inside cells off "
              f"by {off:.1e}")


def main():
    for test in (gradient_descent, without_the_mask, other_starts, curvature,
                 one_step, nearest_point, blurred_borders):
        case(test.__name__, test)


if __name__ == "__main__":
    harness.main(main)
