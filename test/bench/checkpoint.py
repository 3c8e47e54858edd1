"""A checkpoint of GPT-2 124M's geometry with random weights, to be packed."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "EndToEnd"))
import checkpoints  # noqa: E402
import reference  # noqa: E402

LAYER = {"repeat": 12, "layers": [{"residual": ["norm", "attention"]},
                                  {"residual": ["norm", "mlp"]}]}
SPEC = {"dim": 768, "context": 1024, "vocab": 50257, "defaults": {
            "attention": {"heads": 12, "bias": True, "mask": "causal"},
            "mlp": {"hidden": 3072, "bias": True}},
        "layers": ["embed", {"position": "learned"}, LAYER, "norm",
                   {"logits": {"tied": True}}]}


def save_gpt2(path):
    """Writes it; its size. The reference model asks for each weight by name
    and shape, which is all that it is run for."""
    generator = np.random.default_rng(0)
    base = generator.standard_normal(1 << 22, np.float32) * np.float32(0.02)
    stored = {}

    def weight(name, *shape):
        stored[name] = ("F32", np.resize(base, shape))
        return np.broadcast_to(0.0, shape)

    reference.Model(SPEC, weight).run([0])
    checkpoints.save(path, stored)
    return os.path.getsize(path)
