"""The functions of the papers, in float64 numpy: norms, activations, positions,
attention. What shares nothing with the compiler, as reference.py says."""
import functools
import math

import numpy as np
from scipy.special import erf


# Vaswani et al. 2017; Hendrycks and Gimpel 2016; Ramachandran et al. 2017;
# So et al. 2021.
def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi)
                                  * (x + 0.044715 * x ** 3)))


ACTIVATIONS = {
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "relu2": lambda x: np.maximum(x, 0) ** 2,
    "gelu": lambda x: 0.5 * x * (1 + erf(x / math.sqrt(2))),
    "gelu_tanh": gelu_tanh,
    "silu": lambda x: x / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "quick_gelu": lambda x: x / (1 + np.exp(-1.702 * x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}


FEATURES = {
    "none": lambda x: x,
    "elu": lambda x: np.where(x > 0, x + 1, np.exp(np.minimum(x, 0))),
    "relu": ACTIVATIONS["relu"],
    "exp": np.exp,
    "silu": ACTIVATIONS["silu"],
}


def random_features(x, weight):
    """Choromanski et al. 2021, lemma 1, of x / D^(1/4)."""
    y = x / x.shape[-1] ** 0.25
    exponents = y @ weight.T - (y ** 2).sum(-1, keepdims=True) / 2
    return np.exp(exponents) / np.sqrt(len(weight))


def fixed_decay(decay, heads):
    """Sun et al. 2023, equation 8, or as said."""
    factors = 1 - 2.0 ** (-5 - np.arange(heads))
    if decay != "fixed":
        factors[:] = decay["fixed"]["factors"]
    return factors


def faded(decay):
    """What is left in row r of row s, of decays [rows, heads]: [heads, r, s]."""
    rows, heads = decay.shape
    left = np.zeros((heads, rows, rows))
    for row in range(rows):
        left[:, row, :row] = left[:, row - 1, :row] * decay[row][:, None]
        left[:, row, row] = 1
    return left


def short_conv(x, weight, bias=None):
    """Each column by itself; what lies before the first row is 0."""
    y = np.stack([np.convolve(column, each[::-1])[:len(x)]
                  for column, each in zip(x.T, weight)], -1)
    return y if bias is None else y + bias


def delta_rule(q, k, v, share, left=None):
    """Yang et al. 2024: what all rows write into the sums solves a triangular
    system. `share` [rows, kv_heads], `left` as of `faded`."""
    rows, heads, _ = q.shape
    group = heads // k.shape[1]
    outputs = []
    for head in range(heads):
        g = head // group
        fade = np.tril(np.ones((rows, rows))) if left is None else left[g]
        meets = np.tril(k[:, g] @ k[:, g].T * fade, -1)
        written = np.linalg.solve(
            np.eye(rows) + share[:, g, None] * meets,
            share[:, g, None] * v[:, g])
        outputs.append((q[:, head] @ k[:, g].T * fade) @ written)
    return np.concatenate(outputs, -1)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def layer_norm(x, weight, bias=None, eps=1e-5):
    """Ba et al. 2016."""
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    y = (x - mean) / np.sqrt(variance + eps) * weight
    return y if bias is None else y + bias


def rms_norm(x, weight, eps=1e-6):
    """Zhang and Sennrich 2019."""
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * weight


def sinusoids(rows, width, inclusive=False):
    """Vaswani et al. 2017, section 3.5; inclusive as in their tensor2tensor,
    where the last frequency is 1/10000 itself."""
    pair = np.arange(width // 2)
    angle = np.arange(rows)[:, None] / 10000 ** (
        pair / (width // 2 - 1) if inclusive else 2 * pair / width)
    table = np.empty((rows, width))
    table[:, 0::2], table[:, 1::2] = np.sin(angle), np.cos(angle)
    return table


def rotary_frequencies(theta, dim, scaling=None, context=0):
    """Su et al. 2021, as (angular frequencies, magnitude of the rotation).
    Scalings: linear, Chen et al. 2023; yarn, Peng et al. 2023; llama3, as
    published with Llama 3.1; ntk, bloc97 2023; longrope, Ding et al. 2024, in
    a model of that context. `scaling` is {kind: fields}."""
    frequency = theta ** (-np.arange(0, dim, 2) / dim)
    if not scaling or scaling == "none":
        return frequency, 1.0
    (kind, fields), = scaling.items()
    factor = fields["factor"]
    if kind == "linear":
        return frequency / factor, 1.0
    if kind == "ntk":
        theta *= factor ** (dim / (dim - 2))
        return theta ** (-np.arange(0, dim, 2) / dim), 1.0
    original = fields["original_context"]
    if kind == "longrope":
        divisors = fields["long" if context > original else "short"]
        magnitude = fields.get("attention_factor") or (
            math.sqrt(1 + math.log(factor) / math.log(original))
            if factor > 1 else 1.0)
        return frequency / np.array(divisors), magnitude
    if kind == "llama3":
        low = fields.get("low_freq_factor", 1)
        high = fields.get("high_freq_factor", 4)
        turns = original * frequency / (2 * math.pi)
        # Between the two, a mixture; outside, all or nothing.
        keep = np.clip((turns - low) / (high - low), 0, 1)
        return keep * frequency + (1 - keep) * frequency / factor, 1.0
    assert kind == "yarn", kind

    def dimension_of(turns):
        """The pair that makes so many turns over the original context."""
        return (dim * math.log(original / (turns * 2 * math.pi))
                / (2 * math.log(theta)))

    low = dimension_of(fields.get("beta_fast", 32))
    high = dimension_of(fields.get("beta_slow", 1))
    if fields.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, dim - 1)
    ramp = (np.arange(dim // 2) - low) / max(high - low, 0.001)
    keep = 1 - np.clip(ramp, 0, 1)
    magnitude = fields.get("attention_factor") or (
        0.1 * math.log(factor) + 1 if factor > 1 else 1.0)
    return keep * frequency + (1 - keep) * frequency / factor, magnitude


def rotate(x, frequencies, magnitude=1.0, layout="halves"):
    """Rotates the leading part of each head; x is [rows, heads, head_dim]."""
    pairs = len(frequencies)
    angle = np.arange(len(x))[:, None, None] * frequencies
    turn = magnitude * np.exp(1j * angle)
    y = x.copy()
    if layout == "pairs":
        first, second = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
    else:
        first, second = slice(0, pairs), slice(pairs, 2 * pairs)
    z = (x[..., first] + 1j * x[..., second]) * turn
    y[..., first], y[..., second] = z.real, z.imag
    return y


def alibi(rows, heads):
    """Press et al. 2022, as its authors' code has it for any number of heads;
    [heads, queries, keys]."""
    def slopes(n):
        if math.log2(n).is_integer():
            start = 2 ** (-2 ** -(math.log2(n) - 3))
            return [start * start ** i for i in range(n)]
        power = 2 ** math.floor(math.log2(n))
        return slopes(power) + slopes(2 * power)[0::2][:n - power]
    distance = np.abs(np.arange(rows)[:, None] - np.arange(rows))
    return -np.array(slopes(heads))[:, None, None] * distance


def bucket(relative, causal, buckets, distance):
    """Raffel et al. 2020, appendix; `relative` is key minus query."""
    first = 0
    if not causal:
        buckets //= 2
        first = buckets * (relative > 0)
        n = np.abs(relative)
    else:
        n = np.maximum(-relative, 0)
    exact = buckets // 2
    # In single precision, as all implementations have it.
    share = (np.log(np.maximum(n, 1).astype(np.float32) / np.float32(exact))
             / np.float32(math.log(distance / exact)))
    far = exact + (share * np.float32(buckets - exact)).astype(int)
    return first + np.where(n < exact, n, np.minimum(far, buckets - 1))


def attend(q, k, v, causal, scale, window=None, softcap=None, bias=None,
           sinks=0, prefix=0, keep=None, segment=None, memory=0, all_seeing=0,
           drawn=None, keep_scores=None):
    """Vaswani et al. 2017 with grouped queries (Ainslie et al. 2023): q is
    [rows, heads, D], k and v [rows, kv_heads, D and E], the bias [heads, rows,
    rows]. `keep` receives the weights of each head, `keep_scores` what they are
    made of. `drawn` says which segments a head of keys and one of them sees
    beside those near it."""
    rows, heads, _ = q.shape
    group = heads // k.shape[1]
    distance = np.arange(rows)[:, None] - np.arange(rows)
    seen = distance >= 0 if causal else np.ones((rows, rows), bool)
    seen[:, :prefix] |= np.arange(rows)[:, None] < prefix
    place = np.arange(rows)
    if window:
        seen &= (abs(distance) < window) | (place < sinks)
    if segment:  # by the segments' bounds (Dai et al. 2019)
        begin = (place // segment * segment)[:, None]
        seen &= ((place >= begin - memory) & (place < begin + segment + memory)
                 | (place < sinks))
    seen |= (place < all_seeing) | (place[:, None] < all_seeing)
    outputs = []
    for head in range(heads):
        scores = q[:, head] @ k[:, head // group].T * scale
        if softcap:
            scores = softcap * np.tanh(scores / softcap)
        if bias is not None:
            scores = scores + bias[head]
        shown = seen
        if drawn:
            shown = seen | np.stack([np.isin(place // segment, drawn(
                head // group, x // segment, rows)) for x in range(rows)])
        scores = np.where(shown, scores, -np.inf)
        shares = softmax(scores)
        if keep is not None:
            keep.append(shares)
        if keep_scores is not None:
            keep_scores.append(scores)
        outputs.append(shares @ v[:, head // group])
    return np.concatenate(outputs, -1)


def drawn_segments(seed, wanted, groups, length, memory, all_seeing, round):
    """As the documentation says it: numbers of splitmix64 (Steele et al. 2014)
    choose among the segments that are neither near nor all of them seen by all,
    by Floyd's algorithm (Bentley 1987)."""
    whole = (1 << 64) - 1

    def number(n):
        z = (seed + (n + 1) * 0x9e3779b97f4a7c15) & whole
        z = ((z ^ z >> 30) * 0xbf58476d1ce4e5b9) & whole
        z = ((z ^ z >> 27) * 0x94d049bb133111eb) & whole
        return z ^ z >> 31

    @functools.lru_cache(None)
    def drawn(group, segment, rows):
        left = [c for c in range(-(-rows // length))
                if abs(c - segment) > memory // length
                and (c + 1) * length > all_seeing]
        first, found = max(len(left) - wanted, 0), []
        for i, top in enumerate(range(first, len(left))):
            u = number(((round * groups + group) << 40) + segment * wanted + i)
            pick = u % (top + 1)
            found.append(top if pick in found else pick)
        return [left[n] for n in found]
    return drawn


def weigh(q, k, v, causal, scale, scores, normalise, but_last, prefix=0,
          left=None):
    """Attention without softmax: linear (von Oswald et al. 2023; Ahn et al.
    2023), relu, and the mean over the best rows. Shapes as of `attend`; `left`
    [kv_heads, rows, rows] multiplies the weights."""
    rows, heads, _ = q.shape
    group = heads // k.shape[1]
    seen = np.ones((rows, rows), bool)
    if causal:
        seen = np.tril(seen)
    seen[:prefix, :prefix] = True
    if but_last:
        seen[:, -1] = False
    outputs = []
    for head in range(heads):
        s = q[:, head] @ k[:, head // group].T * scale
        if scores == "hard":
            s = np.where(seen, s, -np.inf)
            s = (s == s.max(-1, keepdims=True)) & seen
            normalise = "rows"
        elif scores == "relu":
            s = np.maximum(s, 0)
        s = np.where(seen, s, 0.0)
        if left is not None:
            s = s * left[head // group]
        divisor = {"none": np.ones(rows), "rows": s.sum(-1),
                   "1/n": seen.sum(-1)}[normalise]
        s = s / np.where(divisor == 0, 1, divisor)[:, None]
        outputs.append(s @ v[:, head // group])
    return np.concatenate(outputs, -1)


def window_attend(q, k, v, grid, size, shift, scale, table=None):
    """Liu et al. 2021, as their code has it: the grid is rolled up and left by
    the shift, cut into windows, and a mask keeps apart what came from opposite
    edges. Shapes as of `attend`; the table is [(2 size - 1)^2, heads]."""
    height, width = grid
    if min(grid) <= size:
        size, shift = min(grid), 0
    heads = q.shape[1]

    def windows(x):
        """[places, ...] as [windows, size * size, ...]."""
        x = x.reshape(height // size, size, width // size, size, *x.shape[1:])
        return np.swapaxes(x, 1, 2).reshape(-1, size * size, *x.shape[4:])

    def rolled(x, by):
        at = np.roll(np.arange(height * width).reshape(grid), (by, by), (0, 1))
        return x[at.ravel()]

    regions = np.zeros(grid, int)
    if shift:
        parts = slice(0, -size), slice(-size, -shift), slice(-shift, None)
        for number, (down, across) in enumerate(
                (down, across) for down in parts for across in parts):
            regions[down, across] = number
    regions = windows(regions.ravel())
    apart = regions[:, :, None] != regions[:, None]
    q, k, v = (windows(rolled(x, -shift)) for x in (q, k, v))
    places = np.indices((size, size)).reshape(2, -1)
    down, across = places[:, :, None] - places[:, None] + size - 1
    mixed = np.empty((*q.shape[:3], v.shape[-1]))
    for head in range(heads):
        group = head * k.shape[2] // heads
        scores = q[:, :, head] @ np.swapaxes(k[:, :, group], 1, 2) * scale
        if table is not None:
            scores = scores + table[down * (2 * size - 1) + across, head]
        mixed[:, :, head] = softmax(
            np.where(apart, -np.inf, scores)) @ v[:, :, group]
    # Windows beside each other as a grid again.
    mixed = mixed.reshape(height // size, width // size, size, size, -1)
    mixed = np.swapaxes(mixed, 1, 2).reshape(height * width, -1)
    return rolled(mixed, shift)


def windows(values, size, stride, pad):
    """Of [C, H, W] (or [C, W]) what each window sees, [places, C, size, size]
    (or [places, C, size]), zeros outside."""
    sides = values.ndim - 1
    values = np.pad(values, [(0, 0)] + [(pad, pad)] * sides)
    seen = np.lib.stride_tricks.sliding_window_view(
        values, (size,) * sides, tuple(range(1, sides + 1)))
    every = slice(None, None, stride)
    seen = seen[(slice(None),) + (every,) * sides]
    return np.moveaxis(seen, 0, sides).reshape(
        -1, values.shape[0], *(size,) * sides)


def made(places, size, stride, pad):
    """How many windows lie on so many places in a line."""
    return (places + 2 * pad - size) // stride + 1


def patches(image, size, stride=None, pad=0):
    """Rows of channels, lines and columns of square patches."""
    seen = windows(image, size, stride or size, pad)
    return seen.reshape(len(seen), -1)


def rounded(x, columns=32):
    """Rows as matrices of integers see them: so many neighbours are multiples,
    up to 127, of a step of their own."""
    y = x.copy()
    for begin in range(0, x.shape[-1], columns):
        part = y[..., begin:begin + columns]
        step = np.abs(part).max(-1, keepdims=True) / 127
        part[:] = np.rint(part / np.where(step == 0, 1, step)) * step
    return y
