#!/usr/bin/python3
"""Encoders of texts and images at reduced size with random weights: the
published configs with depth and widths edited, against the equations of each
family in float64."""
import numpy as np

import harness
from checkpoints import RandomWeights
from decoders import Maps, heads_of
from families import directory, published
from harness import case, close
from formulas import ACTIVATIONS, attend, patches, window_attend

LENGTHS = (1, 2, 7, 41)
GELU = ACTIVATIONS["gelu"]


def block(maps, x, heads, hidden, eps, names, act=GELU):
    """Attention and MLP with a norm behind each."""
    query, key, value, output, first, up, down, second = names
    width = x.shape[-1]
    q, k, v = (heads_of(maps.map(x, name, width), heads)
               for name in (query, key, value))
    y = attend(q, k, v, False, (width // heads) ** -0.5)
    x = maps.layer_norm(x + maps.map(y, output, width), first, eps)
    y = maps.map(act(maps.map(x, up, hidden)), down, width)
    return maps.layer_norm(x + y, second, eps)


def segments_of(tokens, kinds):
    """Rows for tokens of two segments: the second half is the second's."""
    return kinds[(2 * np.arange(len(tokens)) >= len(tokens)) % len(kinds)]


def bert_table(config, weight):
    return weight(config["model_type"] + ".embeddings.word_embeddings.weight",
                  config["vocab_size"], config["hidden_size"])


def bert_rows(config, weight, tokens):
    """Without a head."""
    maps, roberta = Maps(weight), config["model_type"] == "roberta"
    prefix = config["model_type"] + "."
    width, eps = config["hidden_size"], config["layer_norm_eps"]
    scope = prefix + "embeddings."
    table = bert_table(config, weight)
    places = weight(scope + "position_embeddings.weight",
                    config["max_position_embeddings"], width)
    kinds = weight(scope + "token_type_embeddings.weight",
                   config["type_vocab_size"], width)
    skip = 2 if roberta else 0
    x = table[tokens] + places[skip:skip + len(tokens)] \
        + segments_of(tokens, kinds)
    x = maps.layer_norm(x, scope + "LayerNorm", eps)
    for i in range(config["num_hidden_layers"]):
        scope = f"{prefix}encoder.layer.{i}."
        inner = scope + "attention."
        x = block(maps, x, config["num_attention_heads"],
                  config["intermediate_size"], eps,
                  [inner + "self.query", inner + "self.key",
                   inner + "self.value", inner + "output.dense",
                   inner + "output.LayerNorm", scope + "intermediate.dense",
                   scope + "output.dense", scope + "output.LayerNorm"])
    return x


def bert(config, weight, tokens):
    maps, roberta = Maps(weight), config["model_type"] == "roberta"
    prefix = config["model_type"] + "."
    width, eps = config["hidden_size"], config["layer_norm_eps"]
    x = bert_rows(config, weight, tokens)
    head = config["architectures"][0]
    if head.endswith("Model"):
        return np.tanh(maps.map(x[:1], prefix + "pooler.dense", width))
    if head.endswith("Classification"):
        name = "classifier.dense" if roberta else prefix + "pooler.dense"
        x = np.tanh(maps.map(x[:1], name, width))
        name = "classifier.out_proj" if roberta else "classifier"
        return maps.map(x, name, len(config["id2label"]))
    scope = "lm_head." if roberta else "cls.predictions."
    dense, norm = ("dense", "layer_norm") if roberta else (
        "transform.dense", "transform.LayerNorm")
    x = maps.layer_norm(GELU(maps.map(x, scope + dense, width)), scope + norm,
                        eps)
    return (x @ bert_table(config, weight).T
            + weight(scope + "bias", config["vocab_size"]))


def distilbert_table(config, weight):
    return weight("distilbert.embeddings.word_embeddings.weight",
                  config["vocab_size"], config["dim"])


def distilbert_rows(config, weight, tokens):
    """Without a head."""
    maps, width = Maps(weight), config["dim"]
    scope = "distilbert.embeddings."
    table = distilbert_table(config, weight)
    places = weight(scope + "position_embeddings.weight",
                    config["max_position_embeddings"], width)
    x = maps.layer_norm(table[tokens] + places[:len(tokens)],
                        scope + "LayerNorm", 1e-12)
    for i in range(config["n_layers"]):
        scope = f"distilbert.transformer.layer.{i}."
        x = block(maps, x, config["n_heads"], config["hidden_dim"], 1e-12,
                  [scope + "attention.q_lin", scope + "attention.k_lin",
                   scope + "attention.v_lin", scope + "attention.out_lin",
                   scope + "sa_layer_norm", scope + "ffn.lin1",
                   scope + "ffn.lin2", scope + "output_layer_norm"])
    return x


def distilbert(config, weight, tokens):
    maps, width = Maps(weight), config["dim"]
    x = distilbert_rows(config, weight, tokens)
    x = GELU(maps.map(x, "vocab_transform", width))
    return (maps.layer_norm(x, "vocab_layer_norm", 1e-12)
            @ distilbert_table(config, weight).T
            + weight("vocab_projector.bias", config["vocab_size"]))


def albert(config, weight, tokens):
    maps, width = Maps(weight), config["hidden_size"]
    narrow, eps = config["embedding_size"], config["layer_norm_eps"]
    scope = "albert.embeddings."
    table = weight(scope + "word_embeddings.weight", config["vocab_size"],
                   narrow)
    places = weight(scope + "position_embeddings.weight",
                    config["max_position_embeddings"], narrow)
    kinds = weight(scope + "token_type_embeddings.weight", 2, narrow)
    x = maps.layer_norm(table[tokens] + places[:len(tokens)]
                        + segments_of(tokens, kinds),
                        scope + "LayerNorm", eps)
    x = maps.map(x, "albert.encoder.embedding_hidden_mapping_in", width)
    scope = "albert.encoder.albert_layer_groups.0.albert_layers.0."
    act = ACTIVATIONS["gelu_tanh"]
    for _ in range(config["num_hidden_layers"]):
        inner = scope + "attention."
        x = block(maps, x, config["num_attention_heads"],
                  config["intermediate_size"], eps,
                  [inner + "query", inner + "key", inner + "value",
                   inner + "dense", inner + "LayerNorm", scope + "ffn",
                   scope + "ffn_output", scope + "full_layer_layer_norm"], act)
    if config["architectures"][0].endswith("Model"):
        return np.tanh(maps.map(x[:1], "albert.pooler", width))
    x = act(maps.map(x, "predictions.dense", narrow))
    return (maps.layer_norm(x, "predictions.LayerNorm", eps) @ table.T
            + weight("predictions.bias", config["vocab_size"]))


class WithConvolution:
    """Weights whose patches are a convolution in the file."""

    def __init__(self, dtype="F32"):
        self.weights = RandomWeights(0, dtype)
        self.dtype = dtype

    def __call__(self, name, *shape):
        return self.weights(name, *shape)

    @property
    def stored(self):
        return self.weights.stored

    def save(self, path):
        for name, value in self.weights.stored.items():
            if name.endswith(("patch_embeddings.projection.weight",
                              "patch_embedding.weight")):
                self.weights.stored[name] = value.reshape(
                    len(value), *self.kernel)
            elif name.endswith(("_token", "position_embeddings")):
                self.weights.stored[name] = value[None]
        self.weights.save(path)


def vit(config, weight, image):
    maps, family = Maps(weight), config["model_type"]
    prefix, width = family + ".", config["hidden_size"]
    size, eps = config["patch_size"], config["layer_norm_eps"]
    heads, hidden = config["num_attention_heads"], config["intermediate_size"]
    weight.kernel = (config["num_channels"], size, size)
    scope = prefix + "embeddings."
    x = maps.map(patches(image, size),
                 scope + "patch_embeddings.projection", width)
    rows = [weight(scope + "cls_token", 1, width)]
    if family == "deit":
        rows.append(weight(scope + "distillation_token", 1, width))
    x = np.concatenate(rows + [x])
    x = x + weight(scope + "position_embeddings", len(x), width)
    for i in range(config["num_hidden_layers"]):
        scope = f"{prefix}encoder.layer.{i}."
        y = maps.layer_norm(x, scope + "layernorm_before", eps)
        q, k, v = (heads_of(maps.map(
            y, f"{scope}attention.attention.{part}", width,
            config["qkv_bias"]), heads) for part in ("query", "key", "value"))
        y = attend(q, k, v, False, (width // heads) ** -0.5)
        x = x + maps.map(y, scope + "attention.output.dense", width)
        y = maps.layer_norm(x, scope + "layernorm_after", eps)
        y = GELU(maps.map(y, scope + "intermediate.dense", hidden))
        x = x + maps.map(y, scope + "output.dense", width)
    x = maps.layer_norm(x, prefix + "layernorm", eps)[:1]
    if config["architectures"][0].endswith("Model"):
        return np.tanh(maps.map(x, prefix + "pooler.dense", width))
    return maps.map(x, "classifier", config["num_labels"])


def swin(config, weight, image):
    """Liu et al. 2021."""
    maps, size = Maps(weight), config["patch_size"]
    eps, window = config["layer_norm_eps"], config["window_size"]
    weight.kernel = (config["num_channels"], size, size)
    grid = image.shape[1] // size, image.shape[2] // size
    scope, width = "swin.embeddings.", config["embed_dim"]
    x = maps.map(patches(image, size), scope + "patch_embeddings.projection",
                 width)
    x = maps.layer_norm(x, scope + "norm")
    for stage, (depth, heads) in enumerate(zip(config["depths"],
                                               config["num_heads"])):
        scope = f"swin.encoder.layers.{stage}."
        for i in range(depth):
            x = swin_block(config, maps, x, f"{scope}blocks.{i}.", heads, grid,
                           window, window // 2 if i % 2 else 0)
        if stage + 1 == len(config["depths"]):
            break
        # Of each 2 x 2 rows: (0, 0), (1, 0), (0, 1), (1, 1).
        x = x.reshape(*grid, -1)
        x = np.concatenate([x[0::2, 0::2], x[1::2, 0::2], x[0::2, 1::2],
                            x[1::2, 1::2]], -1)
        grid, width = x.shape[:2], 2 * width
        x = maps.layer_norm(x.reshape(grid[0] * grid[1], -1),
                            scope + "downsample.norm")
        x = maps.map(x, scope + "downsample.reduction", width, False)
    x = maps.layer_norm(x, "swin.layernorm", eps).mean(0, keepdims=True)
    if config["architectures"][0].endswith("Model"):
        return x
    return maps.map(x, "classifier", config["num_labels"])


def swin_block(config, maps, x, scope, heads, grid, window, shift):
    width, eps = x.shape[-1], config["layer_norm_eps"]
    y = maps.layer_norm(x, scope + "layernorm_before", eps)
    q, k, v = (heads_of(maps.map(
        y, f"{scope}attention.self.{part}", width,
        config["qkv_bias"]), heads) for part in ("query", "key", "value"))
    table = maps.weight(scope + "attention.self.relative_position_bias_table",
                        (2 * window - 1) ** 2, heads)
    y = window_attend(q, k, v, grid, window, shift, (width // heads) ** -0.5,
                      table)
    x = x + maps.map(y, scope + "attention.output.dense", width)
    y = maps.layer_norm(x, scope + "layernorm_after", eps)
    y = GELU(maps.map(y, scope + "intermediate.dense",
                      int(config["mlp_ratio"] * width)))
    return x + maps.map(y, scope + "output.dense", width)


def clip_blocks(config, maps, x, scope, causal):
    width, heads = config["hidden_size"], config["num_attention_heads"]
    eps = config["layer_norm_eps"]
    act = ACTIVATIONS[config["hidden_act"]]
    for i in range(config["num_hidden_layers"]):
        layer = f"{scope}encoder.layers.{i}."
        y = maps.layer_norm(x, layer + "layer_norm1", eps)
        q, k, v = (heads_of(maps.map(y, f"{layer}self_attn.{letter}_proj",
                                     width), heads) for letter in "qkv")
        y = attend(q, k, v, causal, (width // heads) ** -0.5)
        x = x + maps.map(y, layer + "self_attn.out_proj", width)
        y = maps.layer_norm(x, layer + "layer_norm2", eps)
        y = act(maps.map(y, layer + "mlp.fc1", config["intermediate_size"]))
        x = x + maps.map(y, layer + "mlp.fc2", width)
    return x


def clip_text(config, weight, tokens):
    maps, scope, width = Maps(weight), "text_model.", config["hidden_size"]
    x = weight(scope + "embeddings.token_embedding.weight",
               config["vocab_size"], width)[tokens]
    x = x + weight(scope + "embeddings.position_embedding.weight",
                   config["max_position_embeddings"], width)[:len(x)]
    x = clip_blocks(config, maps, x, scope, True)
    x = maps.layer_norm(x, scope + "final_layer_norm",
                        config["layer_norm_eps"])[-1:]
    return maps.map(x, "text_projection", config["projection_dim"], False)


def clip_vision(config, weight, image):
    maps, scope, width = Maps(weight), "vision_model.", config["hidden_size"]
    size, eps = config["patch_size"], config["layer_norm_eps"]
    weight.kernel = (config["num_channels"], size, size)
    rows = maps.map(patches(image, size),
                    scope + "embeddings.patch_embedding", width, False)
    x = np.concatenate(
        [weight(scope + "embeddings.class_embedding", width)[None], rows])
    x = x + weight(scope + "embeddings.position_embedding.weight", len(x),
                   width)
    x = maps.layer_norm(x, scope + "pre_layrnorm", eps)
    x = clip_blocks(config, maps, x, scope, False)[:1]
    x = maps.layer_norm(x, scope + "post_layernorm", eps)
    return maps.map(x, "visual_projection", config["projection_dim"], False)


def towers(name, config):
    """Both towers of one folder."""
    weights = WithConvolution()
    text, vision = config["text_config"], config["vision_config"]
    generator = np.random.default_rng(7)
    sentences = [generator.integers(text["vocab_size"], size=n)
                 for n in LENGTHS]
    side = vision["image_size"]
    pictures = generator.standard_normal(
        (3, vision["num_channels"], side, side)).astype(np.float32)
    right = {
        "text": [clip_text(text, weights, tokens) for tokens in sentences],
        "vision": [clip_vision(vision, weights, image.astype(float))
                   for image in pictures]}
    folder = directory(name, config, weights)
    program = harness.Program(folder, name + "/text", "--tower=text")
    close(f"{name}, texts", program.logits(*sentences),
          np.concatenate(right["text"]))
    program = harness.Program(folder, name + "/vision", "--tower=vision")
    close(f"{name}, images", program.run(pictures),
          np.concatenate(right["vision"]))


def texts(name, model, config, dtype="F32"):
    weights = RandomWeights(0, dtype)
    generator = np.random.default_rng(5)
    inputs = [generator.integers(config["vocab_size"], size=n)
              for n in LENGTHS]
    outputs = [model(config, weights, tokens) for tokens in inputs]
    program = harness.Program(directory(name, config, weights),
                              name + "/model")
    flags = [] if config.get("type_vocab_size", 1) == 1 else [
        "--types", harness.ids(*((2 * np.arange(n) >= n).astype(int) for n in map(
            len, inputs)))]
    close(name, program.logits(*inputs, *flags), np.concatenate(outputs))


def images(name, config, dtype="F32", model=vit):
    weights = WithConvolution(dtype)
    side = config["image_size"]
    values = np.random.default_rng(6).standard_normal(
        (3, config["num_channels"], side, side)).astype(np.float32)
    outputs = [model(config, weights, image.astype(float)) for image in values]
    program = harness.Program(directory(name, config, weights),
                              name + "/model")
    close(name, program.run(values), np.concatenate(outputs))


SMALL = {"hidden_size": 60, "intermediate_size": 77, "num_hidden_layers": 3,
         "num_attention_heads": 6, "vocab_size": 131,
         "max_position_embeddings": 45}


def small_distilbert():
    return published("distilbert-base-uncased") | {
        "dim": 60, "hidden_dim": 77, "n_heads": 6, "n_layers": 2,
        "vocab_size": 131, "max_position_embeddings": 45}


def main():
    base = published("bert-base-uncased") | SMALL
    case("bert", texts, "bert", bert, base)
    case("bert_masked", texts, "bert_masked", bert,
         base | {"architectures": ["BertForMaskedLM"]}, "F16")
    labels = {"id2label": {"0": "no", "1": "yes", "2": "perhaps"}}
    case("bert_classes", texts, "bert_classes", bert,
         base | labels | {"architectures": ["BertForSequenceClassification"]})
    roberta = published("roberta-base") | SMALL
    case("roberta", texts, "roberta", bert, roberta, "BF16")
    case("roberta_classes", texts, "roberta_classes", bert, roberta | labels
         | {"architectures": ["RobertaForSequenceClassification"]})
    case("distilbert", texts, "distilbert", distilbert, small_distilbert())
    narrow = base | {"model_type": "albert", "embedding_size": 22,
                     "hidden_act": "gelu_new"}
    case("albert", texts, "albert", albert,
         narrow | {"architectures": ["AlbertForMaskedLM"]})
    case("albert_pooled", texts, "albert_pooled", albert,
         narrow | {"architectures": ["AlbertModel"]}, "F16")
    small = published("vit-base-patch16-224") | {
        "hidden_size": 60, "intermediate_size": 77, "num_hidden_layers": 2,
        "num_attention_heads": 6, "image_size": 20, "patch_size": 5,
        "num_labels": 13}
    small.pop("id2label", None)
    case("vit", images, "vit", small)
    case("vit_model", images, "vit_model",
         small | {"architectures": ["ViTModel"], "qkv_bias": False}, "F16")
    clip = published("clip-vit-base-patch32")
    clip["text_config"] |= SMALL
    clip["vision_config"] |= {
        "hidden_size": 66, "intermediate_size": 77, "num_hidden_layers": 2,
        "num_attention_heads": 6, "image_size": 20, "patch_size": 5,
        "layer_norm_eps": 1e-4}
    for part in ("text_config", "vision_config"):
        clip[part]["projection_dim"] = 29
    case("clip", towers, "clip", clip)
    case("deit", images, "deit", small | {
        "model_type": "deit",
        "architectures": ["DeiTForImageClassification"]})
    # Windows of 4 on grids of 16, 8 and, alone on it, of 4.
    small = published("negative/swin-tiny-patch4-window7-224") | {
        "embed_dim": 15, "depths": [2, 4, 2], "num_heads": [3, 5, 2],
        "image_size": 48, "patch_size": 3, "window_size": 4, "num_labels": 13}
    case("swin", images, "swin", small, model=swin)
    case("swin_model", images, "swin_model", small | {
        "architectures": ["SwinModel"], "qkv_bias": False, "mlp_ratio": 2.5,
        "depths": [4, 2], "num_heads": [1, 3], "image_size": 28,
        "patch_size": 2, "window_size": 7}, "F16", swin)


if __name__ == "__main__":
    harness.main(main)
