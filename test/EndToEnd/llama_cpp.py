"""Checkpoints of Hugging Face as llama.cpp's convert_hf_to_gguf.py writes them:
names, what it reorders, splits and stacks, and the metadata."""
import re

import numpy as np

# From Hugging Face's names to llama.cpp's, one after the other.
NAMES = [(r"^model\.embed_tokens|^transformer\.wte|^gpt_neox\.embed_in",
          "token_embd"),
         (r"^transformer\.wpe", "position_embd"),
         (r"^model\.norm|^transformer\.ln_f|^gpt_neox\.final_layer_norm",
          "output_norm"),
         (r"^lm_head|^embed_out", "output"),
         (r"^(model\.layers|transformer\.h|gpt_neox\.layers)\.", "blk."),
         (r"input_layernorm|ln_1", "attn_norm"), (r"ln_2", "ffn_norm"),
         (r"self_attn\.(q|k|v)_proj", r"attn_\1"),
         (r"self_attn\.(q|k)_norm", r"attn_\1_norm"),
         (r"attn\.c_attn|self_attn\.qkv_proj|attention\.query_key_value",
          "attn_qkv"),
         (r"self_attn\.o_proj|attn\.c_proj|attention\.dense", "attn_output"),
         (r"mlp\.gate_proj", "ffn_gate"),
         (r"mlp\.up_proj|mlp\.c_fc|mlp\.gate_up_proj|mlp\.dense_h_to_4h",
          "ffn_up"),
         (r"mlp\.down_proj|mlp\.c_proj|mlp\.dense_4h_to_h", "ffn_down"),
         (r"pre_feedforward_layernorm", "ffn_norm"),
         (r"post_feedforward_layernorm", "post_ffw_norm")]

EXPERTS = [(r"mlp\.gate\.e_score_correction_bias", "exp_probs_b.bias"),
           (r"(mlp|block_sparse_moe)\.gate\.", "ffn_gate_inp."),
           (r"mlp\.shared_expert_gate", "ffn_gate_inp_shexp"),
           (r"mlp\.shared_experts?\.(gate|up|down)_proj", r"ffn_\1_shexp"),
           (r"(mlp|block_sparse_moe)\.experts\.(gate|up|down)_proj",
            r"ffn_\2_exps")]
BLOOM = [(r"^transformer\.word_embeddings_layernorm", "token_embd_norm"),
         (r"^transformer\.word_embeddings", "token_embd"),
         (r"self_attention\.query_key_value", "attn_qkv"),
         (r"self_attention\.dense", "attn_output"),
         (r"ln_attn", "attn_norm_2"), (r"ln_mlp", "attn_norm")]
# Before those; by architecture.
OWN_NAMES = {
    "bert": [(r"^(bert|roberta|distilbert)\.", ""),
             (r"^embeddings\.word_embeddings", "token_embd"),
             (r"^embeddings\.position_embeddings", "position_embd"),
             (r"^embeddings\.token_type_embeddings", "token_types"),
             (r"^embeddings\.LayerNorm", "token_embd_norm"),
             (r"^encoder\.layer\.", "blk."),
             (r"^transformer\.layer\.", "blk."),
             (r"attention\.(q|k|v)_lin", r"attn_\1"),
             (r"attention\.out_lin", "attn_output"),
             (r"sa_layer_norm", "attn_output_norm"),
             (r"ffn\.lin1", "ffn_up"), (r"ffn\.lin2", "ffn_down"),
             (r"(?<=\d\.)output_layer_norm", "layer_output_norm"),
             (r"attention\.self\.(q|k|v)\w+", r"attn_\1"),
             (r"attention\.output\.dense", "attn_output"),
             (r"attention\.output\.LayerNorm", "attn_output_norm"),
             (r"intermediate\.dense", "ffn_up"),
             (r"(?<=\d\.)output\.dense", "ffn_down"),
             (r"(?<=\d\.)output\.LayerNorm", "layer_output_norm"),
             (r"^classifier\.out_proj", "cls.output"),
             (r"^classifier\.dense", "cls")],
    "bloom": BLOOM, "falcon": BLOOM,
    "chatglm": [(r"^transformer\.embedding\.word_embeddings", "token_embd"),
                (r"^transformer\.encoder\.final_layernorm", "output_norm"),
                (r"^transformer\.output_layer", "output"),
                (r"^transformer\.encoder\.layers\.", "blk."),
                (r"self_attention\.query_key_value", "attn_qkv"),
                (r"self_attention\.dense", "attn_output")],
    "deepseek2": EXPERTS + [
        (r"self_attn\.(q|kv)_a_layernorm", r"attn_\1_a_norm"),
        (r"self_attn\.kv_a_proj_with_mqa", "attn_kv_a_mqa"),
        (r"self_attn\.(q_a|q_b|kv_b|k_b|v_b)_proj", r"attn_\1")],
    "internlm2": [(r"^model\.tok_embeddings", "token_embd"),
                  (r"attention_norm", "attn_norm"),
                  (r"attention\.wo", "attn_output"),
                  (r"feed_forward\.w1", "ffn_gate"),
                  (r"feed_forward\.w2", "ffn_down"),
                  (r"feed_forward\.w3", "ffn_up")],
    "llama": EXPERTS,
    "mpt": [(r"^transformer\.norm_f", "output_norm"),
            (r"^transformer\.blocks\.", "blk."), (r"norm_1", "attn_norm"),
            (r"norm_2", "ffn_norm"), (r"attn\.Wqkv", "attn_qkv"),
            (r"attn\.out_proj", "attn_output"),
            (r"ffn\.(up|down)_proj", r"ffn_\1")],
    "qwen": [(r"mlp\.w1", "ffn_up"), (r"mlp\.w2", "ffn_gate")],
    "phi2": [(r"self_attn\.dense", "attn_output"),
             (r"mlp\.fc1", "ffn_up"), (r"mlp\.fc2", "ffn_down"),
             (r"^model\.final_layernorm", "output_norm")],
    "qwen2moe": EXPERTS, "qwen3moe": EXPERTS,
    "t5": [(r"^shared", "token_embd"),
           (r"^(enc|dec)oder\.final_layer_norm", r"\1.output_norm"),
           (r"^(enc|dec)oder\.block\.", r"\1.blk."),
           (r"layer\.0\.SelfAttention\.relative_attention_bias", "attn_rel_b"),
           (r"layer\.0\.layer_norm", "attn_norm"),
           (r"layer\.0\.SelfAttention\.", "attn_"),
           (r"(^dec.*)layer\.1\.layer_norm", r"\1cross_attn_norm"),
           (r"layer\.1\.EncDecAttention\.", "cross_attn_"),
           (r"layer\.[12]\.layer_norm", "ffn_norm"),
           (r"layer\.[12]\.DenseReluDense\.wi_0", "ffn_gate"),
           (r"layer\.[12]\.DenseReluDense\.wi(_1)?", "ffn_up"),
           (r"layer\.[12]\.DenseReluDense\.wo", "ffn_down")],
}


def first(config, *names):
    return next(config[name] for name in names if name in config)


def heads_of(config):
    return first(config, "num_attention_heads", "n_head", "n_heads",
                 "num_heads")


def paired(rows, heads):
    """Partners of a rotation side by side."""
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(
        rows.shape)


def turned(config, tensors):
    """Queries and keys, of maps apart."""
    counts = {"q": heads_of(config)}
    counts["k"] = config.get("num_key_value_heads", counts["q"])
    for name in tensors:
        found = re.search(r"([qk])_proj\.", name)
        if found:
            tensors[name] = paired(tensors[name], counts[found[1]])
    return tensors


def stacked(config, tensors):
    """The experts of a block in one tensor, with names as Qwen's."""
    result, parts = {}, {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}
    for name, value in tensors.items():
        found = re.fullmatch(r"(.*\.experts\.)\d+\.(\w+)(\.weight)", name)
        if not found:
            result[name] = value
            continue
        scope, part, kind = found.groups()
        result.setdefault(scope + parts.get(part, part) + kind, []).append(
            value)
    return {name: np.stack(value) if isinstance(value, list) else value
            for name, value in result.items()}


def apart(config, tensors):
    """Experts one by one, as files of long ago have them."""
    parts = {"w1": "gate", "w2": "down", "w3": "up"}
    return {re.sub(r"block_sparse_moe\.experts\.(\d+)\.(w\d)",
                   lambda found: f"ffn_{parts[found[2]]}.{found[1]}",
                   name): value for name, value in tensors.items()}


def ungrouped(tensors, pattern, groups, heads):
    """All queries, then all keys, then all values, that stood together for
    each head of keys; by the matched names."""
    for name, value in tensors.items():
        if re.search(pattern, name):
            each = value.reshape(groups, heads // groups + 2, -1,
                                 *value.shape[1:])
            tensors[name] = np.concatenate([
                part.reshape(-1, *value.shape[1:])
                for part in (each[:, :-2], each[:, -2], each[:, -1])])
    return tensors


def fused_heads(config, tensors):
    heads = heads_of(config)
    groups = config.get("num_kv_heads", heads)
    if config["model_type"] == "falcon" and not config[
            "new_decoder_architecture"]:
        groups = 1 if config["multi_query"] else heads
    return ungrouped(tensors, "query_key_value", groups, heads)


def bloom(config, tensors):
    tensors = fused_heads(config, tensors)
    return tensors | {
        "lm_head.weight": tensors["transformer.word_embeddings.weight"]}


def split(config, tensors):
    """Queries, keys and values of one matrix in three, and turned."""
    heads = heads_of(config)
    groups = config["num_key_value_heads"]
    result = {}
    for name, value in ungrouped(tensors, "wqkv", groups, heads).items():
        found = re.fullmatch(r"(.*)(attention\.wqkv|self_attn\.W_pack)\.weight",
                             name)
        if not found:
            result[name] = value
            continue
        size = len(value) // (heads + 2 * groups)
        parts = np.split(value, [heads * size, (heads + groups) * size])
        result |= {f"{found[1]}self_attn.{letter}_proj.weight": part
                   for letter, part in zip("qkv", parts)}
    return turned(config, result)


def latent(config, tensors):
    """Keys and values of the latent rows by a map each, the keys' turned for
    each head."""
    result = {}
    for name, value in stacked(config, tensors).items():
        if "kv_b_proj" not in name:
            result[name] = value
            continue
        each = value.reshape(config["num_attention_heads"], -1, value.shape[-1])
        keys, values = np.split(each, [config["qk_nope_head_dim"]], 1)
        result[name.replace("kv_b", "k_b")] = keys.swapaxes(1, 2)
        result[name.replace("kv_b", "v_b")] = values
    return result


def gpt2(config, tensors):
    return {name: value.T if ".c_" in name else value
            for name, value in tensors.items()}


def gemma(config, tensors):
    return {name: value + np.float32(name.endswith("norm.weight"))
            for name, value in tensors.items()}


def bert(config, tensors):
    """Without the rows before RoBERTa's first position, and without heads that
    are not a sentence's."""
    skip = 2 if config["model_type"] == "roberta" else 0
    kept = r"position_embeddings"
    return {name: value[skip:] if re.search(kept, name) else value
            for name, value in tensors.items() if "pooler" not in name}


CHANGES = {
    "baichuan": split, "bert": bert, "bloom": bloom, "deepseek2": stacked,
    "falcon": fused_heads, "gemma": gemma, "gemma2": gemma,
    "gemma3": gemma, "gpt2": gpt2,
    "gptneox": fused_heads, "internlm2": split,
    "llama": lambda config, tensors: turned(config, stacked(config, tensors)),
    "minicpm": turned, "olmo": turned, "qwen2moe": stacked,
    "qwen3moe": stacked,
}


def tensors_of(config, arch, weights, change=None):
    """What a GGUF file holds of the weights, by name."""
    tensors = {name: np.asarray(value, "<f4")
               for name, value in weights.stored.items()}
    change = change or CHANGES.get(arch, lambda config, tensors: tensors)
    behind = "post_attention_norm" if arch in ("gemma2", "gemma3", "olmo2") \
        else "ffn_norm"
    result = {}
    for name, value in change(config, tensors).items():
        for pattern, to in OWN_NAMES.get(arch, []) + NAMES:
            name = re.sub(pattern, to, name)
        name = name.replace("post_attention_layernorm", behind)
        # Vectors that are matrices of one row lose it.
        if value.ndim == 2 and len(value) == 1:
            value = value[0]
        result[name] = 0, value.shape, value
    return result


def metadata_of(arch, config, **metadata):
    keys = {"general.architecture": arch,
            f"{arch}.context_length": 160,
            f"{arch}.embedding_length": first(config, "n_embd", "hidden_size",
                                              "d_model", "dim"),
            f"{arch}.block_count": first(config, "n_layer", "n_layers",
                                         "num_hidden_layers", "num_layers"),
            f"{arch}.attention.head_count": heads_of(config)}
    usual = {"4": 4 * keys[f"{arch}.embedding_length"]}
    keys[f"{arch}.feed_forward_length"] = first(
        usual | config, "intermediate_size", "hidden_dim", "ffn_hidden_size",
        "d_ff", "4")
    for key in ("num_key_value_heads", "multi_query_group_num"):
        if key in config:
            keys[f"{arch}.attention.head_count_kv"] = config[key]
    return keys | {f"{arch}.{key.replace('__', '.')}": value
                   for key, value in metadata.items()}
