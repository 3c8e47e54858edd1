"""What the models of specs/ have to do at least: operations and bytes."""

# Width, hidden width, key and value width, layers, maps from width to hidden
# and back, columns of the table that scores.
SHAPES = {
    "gpt2": (768, 3072, 768, 12, 2, 50257),
    "tinyllama": (2048, 5632, 256, 22, 3, 32000),
    "bert": (768, 3072, 768, 12, 2, 0),
    "vit": (768, 3072, 768, 12, 2, 0),
}

# Bytes of one weight: groups of 32 integers share a scale of two bytes.
BYTES = {"f32": 4, "bf16": 2, "int8": 1 + 2 / 32, "int4": 1 / 2 + 2 / 32}


def layer_weights(model):
    width, hidden, kv_width, _, maps, _ = SHAPES[model]
    return 2 * width * (width + kv_width) + maps * width * hidden


def operations(model, rows):
    """Multiplications and additions of one sequence: every map of every row,
    attention to earlier rows only where it is causal, scores of the last
    row."""
    width, _, _, layers, _, vocab = SHAPES[model]
    seen = rows * rows * (1 if vocab else 2)
    ends = {"bert": width * width, "vit": 1000 * width
            + 196 * 3 * 16 * 16 * width}.get(model, vocab * width)
    return layers * (2 * rows * layer_weights(model) + 2 * seen * width) \
        + 2 * ends


def decode_bytes(model, position, weights, cache=4):
    """Bytes read to make one token: every weight once, and the cache."""
    width, _, kv_width, layers, _, vocab = SHAPES[model]
    return BYTES[weights] * (layers * layer_weights(model) + vocab * width) \
        + layers * 2 * kv_width * position * cache
