#!/usr/bin/python3
"""Hugging Face checkpoints of the five families, at reduced size with random
weights, against the reference. The configs are the published ones with depth
and widths edited."""
import json
import os

import numpy as np

import formulas
import harness
from checkpoints import RandomWeights, save
from harness import case, check, close, must
from formulas import ACTIVATIONS, attend, layer_norm, rms_norm, rotate

CONTEXT = 160
LENGTHS = (1, 2, 7, 65, 130)
GPT2 = {"n_embd": 45, "n_head": 3, "n_layer": 3, "n_positions": CONTEXT,
        "n_ctx": CONTEXT, "vocab_size": 131}
LLAMA = {"hidden_size": 60, "intermediate_size": 77, "num_hidden_layers": 3,
         "num_attention_heads": 6, "vocab_size": 131}
LLAMA3 = LLAMA | {"num_key_value_heads": 2, "head_dim": 14}


def gpt2(config, weight, tokens, prefix="transformer."):
    """Radford et al. 2019; HF's Conv1D keeps weights as [in, out]."""
    width, heads = config["n_embd"], config["n_head"]
    hidden = config.get("n_inner") or 4 * width
    eps = config["layer_norm_epsilon"]

    def norm(x, name):
        return layer_norm(x, weight(name + ".weight", width),
                          weight(name + ".bias", width), eps)

    def map(x, name, to):
        return (x @ weight(name + ".weight", x.shape[-1], to)
                + weight(name + ".bias", to))

    table = weight(prefix + "wte.weight", config["vocab_size"], width)
    places = weight(prefix + "wpe.weight", config["n_positions"], width)
    x = table[tokens] + places[:len(tokens)]
    for i in range(config["n_layer"]):
        scope = f"{prefix}h.{i}."
        rows = map(norm(x, scope + "ln_1"), scope + "attn.c_attn", 3 * width)
        q, k, v = (part.reshape(len(x), heads, -1)
                   for part in np.split(rows, 3, -1))
        mixed = attend(q, k, v, True, (width // heads) ** -0.5)
        x = x + map(mixed, scope + "attn.c_proj", width)
        rows = map(norm(x, scope + "ln_2"), scope + "mlp.c_fc", hidden)
        x = x + map(formulas.gelu_tanh(rows), scope + "mlp.c_proj", width)
    if not config.get("tie_word_embeddings", True):
        table = weight("lm_head.weight", config["vocab_size"], width)
    return norm(x, prefix + "ln_f") @ table.T


def frequencies_of(config, head_dim):
    theta = config.get("rope_theta", 10000.0)
    found = config.get("rope_scaling")
    if not found:
        return formulas.rotary_frequencies(theta, head_dim)
    kind = found.get("rope_type") or found["type"]
    fields = dict(found)
    if "original_max_position_embeddings" in found:
        fields["original_context"] = found["original_max_position_embeddings"]
    return formulas.rotary_frequencies(theta, head_dim, {kind: fields})


def llama(config, weight, tokens):
    """Touvron et al. 2023, Jiang et al. 2023 (windows), Qwen 2 (biases of
    query, key and value) and 3 (norms of each head's query and key); with
    experts, Jiang et al. 2024 and those of Qwen."""
    family = config["model_type"]
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups = config.get("num_key_value_heads", heads)
    head_dim = config.get("head_dim") or width // heads
    eps = config["rms_norm_eps"]
    frequencies, magnitude = frequencies_of(config, head_dim)
    window = config.get("sliding_window") \
        if family in ("mistral", "mixtral") else None
    act = ACTIVATIONS[config["hidden_act"]]
    all_biases = config.get("attention_bias", False)

    def map(x, name, to, bias):
        y = x @ weight(name + ".weight", to, x.shape[-1]).T
        return y + weight(name + ".bias", to) if bias else y

    def norm(x, name):
        return rms_norm(x, weight(name + ".weight", x.shape[-1]), eps)

    table = weight("model.embed_tokens.weight", config["vocab_size"], width)
    x = table[tokens]
    for i in range(config["num_hidden_layers"]):
        scope = f"model.layers.{i}."
        y = norm(x, scope + "input_layernorm")

        def project(letter, count):
            rows = map(y, f"{scope}self_attn.{letter}_proj", count * head_dim,
                       all_biases or family in ("qwen2", "qwen2_moe"))
            rows = rows.reshape(len(x), count, head_dim)
            if family in ("qwen3", "qwen3_moe") and letter != "v":
                rows = norm(rows, f"{scope}self_attn.{letter}_norm")
            return rows

        q = rotate(project("q", heads), frequencies, magnitude)
        k = rotate(project("k", groups), frequencies, magnitude)
        mixed = attend(q, k, project("v", groups), True, head_dim ** -0.5,
                       window)
        x = x + map(mixed, scope + "self_attn.o_proj", width, all_biases)
        y = norm(x, scope + "post_attention_layernorm")
        if family == "mixtral" or "moe" in family and (
                i + 1) % config["decoder_sparse_step"] == 0 and \
                i not in config["mlp_only_layers"]:
            x = x + experts(config, weight, y, scope, act)
            continue
        bias, hidden = config.get("mlp_bias", False), config["intermediate_size"]
        gate = map(y, scope + "mlp.gate_proj", hidden, bias)
        up = map(y, scope + "mlp.up_proj", hidden, bias)
        x = x + map(act(gate) * up, scope + "mlp.down_proj", width, bias)
    if not config.get("tie_word_embeddings", False):
        table = weight("lm_head.weight", config["vocab_size"], width)
    return norm(x, "model.norm") @ table.T


def experts(config, weight, x, scope, act):
    """The rows one by one: the best experts' outputs, weighed. Of Mixtral the
    weights of the chosen add up to 1, of Qwen if it says so; Qwen 2 has one
    more expert, weighed by a gate of its own."""
    mixtral = config["model_type"] == "mixtral"
    mlp = scope + ("block_sparse_moe." if mixtral else "mlp.")
    parts = ("w1", "w3", "w2") if mixtral else \
        ("gate_proj", "up_proj", "down_proj")
    count = config["num_local_experts" if mixtral else "num_experts"]
    hidden = config["intermediate_size" if mixtral
                    else "moe_intermediate_size"]

    def expert(name, hidden):
        gate, up, down = (weight(f"{name}.{part}.weight", *shape)
                          for part, shape in zip(parts, (
                              (hidden, x.shape[1]), (hidden, x.shape[1]),
                              (x.shape[1], hidden))))
        return lambda row: down @ (act(gate @ row) * (up @ row))

    router = weight(mlp + "gate.weight", count, x.shape[1])
    all_experts = [expert(f"{mlp}experts.{e}", hidden) for e in range(count)]
    y = np.zeros(x.shape)
    for row, scores in enumerate(formulas.softmax(x @ router.T)):
        best = sorted(range(count), key=lambda e: -scores[e])
        best = best[:config["num_experts_per_tok"]]
        norm = sum(scores[e] for e in best) \
            if mixtral or config["norm_topk_prob"] else 1.0
        for e in best:
            y[row] += scores[e] / norm * all_experts[e](x[row])
    if config["model_type"] == "qwen2_moe":
        shared = expert(mlp + "shared_expert",
                        config["shared_expert_intermediate_size"])
        gate = weight(mlp + "shared_expert_gate.weight", 1, x.shape[1])
        y += [shared(row) / (1 + np.exp(-gate @ row)) for row in x]
    return y


def published(name):
    path = harness.need(os.path.join(harness.MODELS, "configs", name,
                                     "config.json"))
    with open(path) as file:
        return json.load(file)


def save_shards(folder, weights, count):
    """The tensors dealt to so many files, and the index."""
    places, size = {}, 0
    for shard in range(count):
        file = f"model-{shard + 1:05}-of-{count:05}.safetensors"
        tensors = {name: (weights.dtype, value) for i, (name, value)
                   in enumerate(weights.stored.items()) if i % count == shard}
        save(os.path.join(folder, file), tensors)
        places.update(dict.fromkeys(tensors, file))
        size += sum(value.nbytes for _, value in tensors.values())
    with open(os.path.join(folder, "model.safetensors.index.json"),
              "w") as file:
        json.dump({"metadata": {"total_size": size}, "weight_map": places},
                  file)


def directory(name, config, weights, shards=1):
    """A checkpoint as the hub has them."""
    folder = os.path.join(harness.work, name)
    os.makedirs(folder)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)
    if shards > 1:
        save_shards(folder, weights, shards)
    else:
        weights.save(os.path.join(folder, "model.safetensors"))
    return folder


def family(name, config, dtype="F32", shards=1, **options):
    model = gpt2 if config["model_type"] == "gpt2" else llama
    weights = RandomWeights(0, dtype)
    generator = np.random.default_rng(3)
    inputs = [generator.integers(config["vocab_size"], size=n)
              for n in LENGTHS]
    outputs = [model(config, weights, tokens, **options) for tokens in inputs]
    folder = directory(name, config, weights, shards)
    program = harness.Program(folder, name + "/model", f"--context={CONTEXT}")
    for tokens, expected in zip(inputs, outputs):
        close(f"{name}, {len(tokens)} rows", program.logits(tokens), expected)


def printed_spec(name, config):
    """The spec that an importer prints compiles to the same bytes."""
    model = gpt2 if config["model_type"] == "gpt2" else llama
    weights = RandomWeights(0)
    model(config, weights, [0])
    folder = directory(name, config, weights)
    spec = must(harness.compiler, folder, "--emit=spec", "-o", "-").stdout
    # Of the same name, which the header mentions.
    os.makedirs(f"{folder}/printed")
    printed = os.path.join(folder, "printed", name)
    with open(printed, "wb") as file:
        file.write(spec)
    for source, out in ((folder, "one"), (printed, "two")):
        os.makedirs(f"{folder}/{out}")
        must(harness.compiler, source, "-c", "-o", f"{folder}/{out}/m",
             f"--context={CONTEXT}")
    for suffix in ("o", "h", "weights"):
        same = [open(f"{folder}/{out}/m.{suffix}", "rb").read()
                for out in ("one", "two")]
        check(f"{name}, m.{suffix} from the printed spec", same[0] == same[1])


def main():
    config = published("gpt2") | GPT2
    case("gpt2", family, "gpt2", config)
    case("gpt2_bare_names", lambda: family("gpt2_bare_names", config, "F16",
                                           prefix=""))
    case("gpt2_untied", family, "gpt2_untied",
         config | {"tie_word_embeddings": False, "n_inner": 71}, "BF16", 2)

    llama2 = published("llama2_7b") | LLAMA | {"num_key_value_heads": 6}
    case("llama2", family, "llama2", llama2, "F16")
    case("llama2_linear", family, "llama2_linear", llama2 | {
        "rope_scaling": {"type": "linear", "factor": 2.5}})
    case("llama_biases", family, "llama_biases", llama2 | {
        "attention_bias": True, "mlp_bias": True})
    llama3 = published("llama3_2_1b") | LLAMA3
    case("llama3", family, "llama3", llama3, "BF16", 3)
    case("llama3_near", family, "llama3_near", llama3 | {
        "rope_scaling": llama3["rope_scaling"] | {
            "original_max_position_embeddings": 64}, "rope_theta": 700.0})
    case("tinyllama", family, "tinyllama",
         published("tinyllama_1b_chat_v1.0") | LLAMA
         | {"num_key_value_heads": 1})
    case("smollm", family, "smollm", published("smollm_135m") | LLAMA
         | {"num_key_value_heads": 3}, "BF16")

    mistral = published("mistral_7b") | LLAMA | {"num_key_value_heads": 2}
    case("mistral", family, "mistral", mistral, "BF16")
    case("mistral_window", family, "mistral_window",
         mistral | {"sliding_window": 5})

    qwen2 = published("qwen2_0_5b") | LLAMA | {"num_key_value_heads": 2}
    case("qwen2", family, "qwen2", qwen2)
    case("qwen2_yarn", family, "qwen2_yarn", qwen2 | {
        "rope_theta": 1000.0, "rope_scaling": {
            "type": "yarn", "factor": 4.0,
            "original_max_position_embeddings": 64}})
    case("qwen2_yarn_between", family, "qwen2_yarn_between", qwen2 | {
        "rope_theta": 1000.0, "rope_scaling": {
            "type": "yarn", "factor": 6.0, "truncate": False,
            "original_max_position_embeddings": 64}})
    case("qwen2.5", family, "qwen2.5", published("qwen2.5_3b") | LLAMA
         | {"num_key_value_heads": 1}, "BF16", 2)
    qwen3 = published("qwen3_0.6b") | LLAMA3
    case("qwen3", family, "qwen3", qwen3, "BF16")
    case("qwen3_untied", family, "qwen3_untied",
         qwen3 | {"tie_word_embeddings": False})

    mixtral = published("Mixtral-8x7B-v0.1") | LLAMA | {
        "num_key_value_heads": 2, "num_local_experts": 5}
    case("mixtral", family, "mixtral", mixtral, "BF16", 3)
    case("mixtral_window", family, "mixtral_window",
         mixtral | {"sliding_window": 7, "num_experts_per_tok": 3})
    moe = {"num_experts": 6, "num_experts_per_tok": 2,
           "moe_intermediate_size": 29, "decoder_sparse_step": 1,
           "mlp_only_layers": [], "norm_topk_prob": False,
           "shared_expert_intermediate_size": 41}
    case("qwen2_moe", family, "qwen2_moe",
         qwen2 | moe | {"model_type": "qwen2_moe",
                        "architectures": ["Qwen2MoeForCausalLM"]}, "BF16")
    case("qwen3_moe", family, "qwen3_moe",
         qwen3 | moe | {"model_type": "qwen3_moe", "norm_topk_prob": True,
                        "architectures": ["Qwen3MoeForCausalLM"]})

    some = qwen3 | moe | {"model_type": "qwen3_moe",
                          "architectures": ["Qwen3MoeForCausalLM"]}
    for name, sparse, depth in (
            ("second", {"decoder_sparse_step": 2}, 4),
            ("third", {"decoder_sparse_step": 3}, 7),
            ("listed", {"mlp_only_layers": [0, 3, 4, 9]}, 6),
            ("both", {"decoder_sparse_step": 2, "mlp_only_layers": [3]}, 9),
            ("none", {"decoder_sparse_step": 5}, 4)):
        case(f"qwen3_moe_{name}", family, f"qwen3_moe_{name}",
             some | sparse | {"num_hidden_layers": depth})
    case("qwen2_moe_second", family, "qwen2_moe_second", qwen2 | moe | {
        "model_type": "qwen2_moe", "architectures": ["Qwen2MoeForCausalLM"],
        "decoder_sparse_step": 2, "num_hidden_layers": 5}, "BF16")

    case("spec_mixtral", printed_spec, "spec_mixtral", mixtral)
    case("spec_qwen3_moe", printed_spec, "spec_qwen3_moe",
         some | {"decoder_sparse_step": 2, "num_hidden_layers": 5})
    case("spec_gpt2", printed_spec, "spec_gpt2", config)
    case("spec_llama3", printed_spec, "spec_llama3", llama3)
    case("spec_qwen3", printed_spec, "spec_qwen3", qwen3)


if __name__ == "__main__":
    harness.main(main)
