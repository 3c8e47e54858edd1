"""Blocks of families side by side: all of one width, four of them, 256 rows."""
from race import own_prefill, race
from rows import Row

ROWS, WIDTH, LAYERS, VOCAB = 256, 1024, 4, 256
MLP = 3 * WIDTH * 2816  # gated, or two maps of half as much again

# Weights that a row of a block meets, heads' columns of keys and values added
# up that a pair of rows meets, and how many rows before it a row sees.
GROUPED = 2 * WIDTH * (WIDTH + 256) + MLP
FULL = 4 * WIDTH * WIDTH + MLP
ONE = 2 * WIDTH * (WIDTH + 64) + MLP
LATENT = WIDTH * (16 * 96 + 256 + 32) + 256 * 16 * (64 + 64) \
    + 16 * 64 * WIDTH + MLP
CAUSAL, ALL = (ROWS + 1) / 2, ROWS
FAMILIES = {
    "llama": (GROUPED, 2048, CAUSAL),
    "gpt2": (FULL, 2048, CAUSAL),
    "qwen3": (GROUPED, 2048, CAUSAL),
    # Of every other layer's 256 rows the last 128 see 128.
    "gemma2": (GROUPED, 2048, (CAUSAL + (64.5 + 128) / 2) / 2),
    "olmo2": (FULL, 2048, CAUSAL),
    "phi2": (FULL, 2048, CAUSAL),
    "falcon": (ONE, 2048, CAUSAL),
    "bloom": (FULL, 2048, CAUSAL),
    "t5": (FULL, 2048, ALL),
    "bert": (FULL, 2048, ALL),
    "deepseek": (LATENT, 16 * (96 + 64), CAUSAL),
    "mixtral": (GROUPED + WIDTH * 8, 2048, CAUSAL),
    # A row meets the sums twice, as a key and as a query of each head.
    "retention": (GROUPED + (16 + 4) * 64 * 64, 0, 0),
    # Three times, as it answers its key before; a gate, two narrow maps, and
    # convolutions of what three maps make.
    "deltanet": (FULL + WIDTH * (WIDTH + 2 * 8 + 3 * 4) + 3 * 8 * 128 * 128,
                 0, 0),
    "longformer": (FULL, 2048, None),
}
ENCODERS = {"t5", "bert", "longformer"}


def seen_around(before, first):
    """Rows that a row sees on average of `before` to both sides, and `first`
    ones that see and are seen."""
    total = 0
    for row in range(ROWS):
        near = set(range(max(0, row - before + 1), min(ROWS, row + before)))
        total += ROWS if row < first else len(near | set(range(first)))
    return total / ROWS


def operations(family):
    """Scores are of all rows of an encoder, of the last one of others."""
    weights, columns, seen = FAMILIES[family]
    if seen is None:
        seen = seen_around(64, 8)
    scores = ROWS if family in ENCODERS else 1
    return 2 * LAYERS * ROWS * (weights + columns * seen) \
        + 2 * WIDTH * VOCAB * scores


def families(bench):
    metric = f"prefill_{ROWS}"
    for threads in bench.threads:
        best, _ = race(bench, threads, {
            family: own_prefill(bench, threads, (ROWS,), 5,
                                model=f"families/{family}")
            for family in FAMILIES})
        shares = {family: operations(family) / 1e6 / best[family, metric]
                  / best.limits[family, metric]["gflops"]
                  for family in FAMILIES}
        for family in FAMILIES:
            row = Row(f"4 blocks of {family}, {ROWS} rows, f32", threads,
                      best[family, metric]).limit(
                          shares[family] * best[family, metric])
            if family != "llama":
                row.goal("of LLaMA's share", shares[family] / shares["llama"],
                         0.9, True)
            yield row
