#!/usr/bin/python3
"""Prints the expected numbers of VariantsTest.cpp: the parts that the published
goldens leave out, in numpy from the papers' equations.

Rows are tokens. Weights by formula: see tensor().
"""
import numpy as np


def tensor(t, shape, s):
    x, values = 12345 * t % 2**32, []
    for _ in range(int(np.prod(shape))):
        x = (1664525 * x + 1013904223) % 2**32
        values.append((x / 2**32 - 0.5) * s)
    # The models' weights are floats.
    return np.array(values, np.float32).astype(float).reshape(shape)


D, N, H, K, F, V = 8, 5, 2, 4, 16, 7
E = tensor(31, (V, D), 2)
Wq, Wk, Wv = tensor(1, (H * K, D), 2), tensor(2, (H * K, D), 2), tensor(3, (H * K, D), 1)
Wo = tensor(4, (D, H * K), 1)
Wk1, Wv1 = Wk[:K], Wv[:K]  # of the one head that queries share
gamma = tensor(9, (D,), 0.5)
gq, gk = tensor(32, (K,), 2), tensor(33, (K,), 2)
gate, up, down = tensor(5, (F, D), 1), tensor(23, (F, D), 1), tensor(7, (D, F), 0.5)
bgate, bup, bdown = tensor(6, (F,), 0.5), tensor(34, (F,), 0.5), tensor(8, (D,), 0.5)
G, bG = tensor(20, (V, D), 2), tensor(35, (V,), 1)
P = tensor(36, (8, D), 1)
X0 = E[np.arange(N)]


def layer(x, eps=1e-5):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


def rms(x, eps=1e-6):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps)


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def turn(x, frequencies, pairs, magnitude=1.0):
    """x [N, heads, K]"""
    y, n = x.copy(), len(frequencies)
    for p in range(len(x)):
        for d, f in enumerate(frequencies):
            a, b = (2 * d, 2 * d + 1) if pairs else (d, d + n)
            c, s = magnitude * np.cos(p * f), magnitude * np.sin(p * f)
            y[p, :, a] = x[p, :, a] * c - x[p, :, b] * s
            y[p, :, b] = x[p, :, a] * s + x[p, :, b] * c
    return y


def attend(x, wk=Wk, wv=Wv, heads=lambda q, k: (q, k), scale=K**-0.5,
           cap=None, sees=lambda r, s: s <= r, bias=None):
    q, k, v = (x @ w.T for w in (Wq, wk, wv))
    q, k, v = (a.reshape(len(x), -1, K) for a in (q, k, v))
    q, k = heads(q, k)
    g = H // k.shape[1]
    out = np.zeros((len(x), H, K))
    for h in range(H):
        scores = scale * q[:, h] @ k[:, h // g].T
        if cap:
            scores = cap * np.tanh(scores / cap)
        if bias:
            scores = scores + [[bias(h, s - r) for s in range(len(x))]
                               for r in range(len(x))]
        for r in range(len(x)):
            seen = [s for s in range(len(x)) if sees(r, s)]
            out[r, h] = softmax(scores[r, seen]) @ v[seen, h // g]
    return out.reshape(len(x), H * K) @ Wo.T


def show(name, x):
    print(f'{name}: {x[0, 0]:.12f}, {x[-1, -1]:.12f}, {x.sum():.12f}, {np.square(x).sum():.12f}')


silu = lambda x: x / (1 + np.exp(-x))
show('grouped', X0 + attend(X0, Wk1, Wv1))
show('softcap', X0 + attend(X0, cap=0.5))
show('qk_norm', X0 + attend(X0, heads=lambda q, k: (rms(q) * gq, rms(k) * gk)))
show('qk_layer_norm', X0 + attend(X0, heads=lambda q, k: (layer(q) * gq, layer(k) * gk)))
show('pairs', X0 + attend(X0, heads=lambda q, k: [turn(a, [1, 100.0**-0.5], True) for a in (q, k)]))
show('partial', X0 + attend(X0, heads=lambda q, k: [turn(a, [1], False) for a in (q, k)]))
show('norm_then_rotary', X0 + attend(X0, heads=lambda q, k: [turn(rms(a) * w, [1, 0.01], False) for a, w in ((q, gq), (k, gk))]))
# Yarn with the published formula for dim 4, theta 100, 16 rows of training.
turns = lambda n: 4 * np.log(16 / (n * 2 * np.pi)) / (2 * np.log(100))
low, high = max(np.floor(turns(2)), 0), min(np.ceil(turns(0.25)), 3)
ramp = np.clip((np.arange(2) - low) / (high - low), 0, 1)
yarn = np.array([1, 0.1]) * (ramp / 4 + (1 - ramp))
show('yarn', X0 + attend(X0, heads=lambda q, k: [turn(a, yarn, False, 0.1 * np.log(4) + 1) for a in (q, k)]))
show('window', X0 + attend(X0, sees=lambda r, s: r - 3 < s <= r))
# ALiBi; eight buckets up to a distance of 5, on one side and on two.
slopes, buckets = [2.0**-4, 2.0**-8], tensor(41, (8, H), 2)
show('alibi', X0 + attend(X0, bias=lambda h, r: slopes[h] * r))
show('alibi_both_sides', X0 + attend(X0, sees=lambda r, s: True, bias=lambda h, r: -slopes[h] * abs(r)))
one, two = [0, 1, 2, 3, 4], [0, 1, 2, 2, 3]
show('relative', X0 + attend(X0, bias=lambda h, r: buckets[one[max(-r, 0)], h]))
show('relative_both_sides', X0 + attend(X0, sees=lambda r, s: True, cap=0.5, bias=lambda h, r: buckets[4 * (r > 0) + two[abs(r)], h]))
show('sinks', X0 + attend(X0, sees=lambda r, s: s <= r and (s > r - 2 or s < 1)))
show('both_sides', X0 + attend(X0, sees=lambda r, s: abs(r - s) < 2))
show('segments', X0 + attend(X0, sees=lambda r, s: r // 3 * 3 - 1 <= s <= r))
show('global', X0 + attend(X0, sees=lambda r, s: r // 2 == s // 2 or min(r, s) < 1))
layer_scale = tensor(29, (D,), 1)
show('scale', X0 + layer_scale * attend(X0))
show('capped', 0.7 * np.tanh(1.5 * X0 / 0.7))
gq_row, gk_row = tensor(32, (H * K,), 2), tensor(33, (H * K,), 2)
whole = lambda a, w: (rms(a.reshape(len(a), -1)) * w).reshape(a.shape)
show('qk_norm_row', X0 + attend(X0, heads=lambda q, k: (whole(q, gq_row), whole(k, gk_row))))
show('plain', layer(X0))
show('quick_gelu', (lambda y: y / (1 + np.exp(-1.702 * y)))(X0 @ G.T))
show('sigmoid', 1 / (1 + np.exp(-X0 @ G.T)))
show('ntk', X0 + attend(X0, heads=lambda q, k: [turn(a, [1, (100 * 4**2) ** -0.5], False) for a in (q, k)]))
long = np.sqrt(1 + np.log(4) / np.log(7))
show('longrope', X0 + attend(X0, heads=lambda q, k: [turn(a, [0.5, 0.1 / 3], False, long) for a in (q, k)]))
show('offset', rms(X0, 1e-5) * (1 + gamma))
show('gated', X0 + (silu(X0 @ gate.T + bgate) * (X0 @ up.T + bup)) @ down.T + bdown)
show('bilinear', X0 + ((X0 @ gate.T) * (X0 @ up.T)) @ down.T)
show('learned', 2.5 * X0 + P[:N])
pe = np.zeros((N, D))
for p in range(N):
    for m in range(0, D, 2):
        pe[p, m], pe[p, m + 1] = np.sin(p / 10000**(m / D)), np.cos(p / 10000**(m / D))
show('sinusoidal', X0 + pe)
show('scores', 3 * np.tanh(0.5 * (X0 @ G.T + bG) / 3))
show('tied', X0 @ E.T)
show('tanh', np.tanh(X0 @ G.T))

# A picture of two channels, 4 x 6, as six patches of 2 x 2: a strided
# convolution; then a row before them and positions.
image, kernel, bias = tensor(37, (2, 4, 6), 2), tensor(38, (D, 2, 2, 2), 1), tensor(39, (D,), 1)
rows = np.array([[(kernel[d] * image[:, y:y + 2, x:x + 2]).sum() + bias[d] for d in range(D)]
                 for y in range(0, 4, 2) for x in range(0, 6, 2)])
show('patch', rows)
first, places = tensor(21, (1, D), 1), tensor(40, (7, D), 1)
x = np.vstack([first, rows]) + places
x = x + attend(x, sees=lambda r, s: True)
show('picture', x[:1] @ G.T)
show('picture_last', x[-1:])
