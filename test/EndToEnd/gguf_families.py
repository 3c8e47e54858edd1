#!/usr/bin/python3
"""Families as GGUF files: models at reduced size with random weights, written as
llama.cpp's converter would, against the equations of each family in float64."""
import os

import numpy as np

import chatglm
import decoders
import encoders
import harness
import llama_cpp
import seq2seq
from checkpoints import RandomWeights, save_gguf
from families import GPT2, gpt2, llama, published
from harness import case, check, close
from llama_cpp import metadata_of, tensors_of

CONTEXT = decoders.CONTEXT
RMS = {"attention__layer_norm_rms_epsilon": 1e-6}
LAYER = {"attention__layer_norm_epsilon": 1e-5}
# Heads of another size than the rows divided by their number.
HEADS = {"attention__key_length": 14, "attention__value_length": 14}


def small(name, **more):
    return published(name) | decoders.SMALL | more


def written(name, arch, config, weights, change=None, extra=None, **metadata):
    """The program of a file, which uses all of its tensors."""
    path = os.path.join(harness.work, name + ".gguf")
    tensors = tensors_of(config, arch, weights, change)
    for tensor, values in (extra or {}).items():
        tensors[tensor] = 0, (len(values),), np.asarray(values, "<f4")
    save_gguf(path, metadata_of(arch, config, **metadata), tensors)
    context = min(CONTEXT, metadata.get("context_length", CONTEXT))
    program = harness.Program(path, name, f"--context={context}")
    check(f"{name}: nothing is left or converted", program.notes == "",
          program.notes)
    return program


def converted(name, arch, model, config, **how):
    weights = RandomWeights(0)
    tokens = np.random.default_rng(3).integers(config["vocab_size"], size=23)
    expected = model(config, weights, tokens)
    close(f"{name} as llama.cpp has it",
          written(name, arch, config, weights, **how).logits(tokens), expected)


def text_rows(name, config, pool, kind, **how):
    """BERT up to what its pooling makes of the rows."""
    weights = RandomWeights(0)
    tokens = np.random.default_rng(3).integers(config["vocab_size"], size=23)
    if config["model_type"] == "distilbert":
        expected = pool(encoders.distilbert_rows(config, weights, tokens))
    elif config["architectures"][0].endswith("Model"):
        expected = pool(encoders.bert_rows(config, weights, tokens))
    else:
        expected = encoders.bert(config, weights, tokens)
    how |= {} if kind is None else {"pooling_type": kind}
    program = written(
        name, "bert", config, weights, attention__causal=False,
        attention__layer_norm_epsilon=config.get("layer_norm_eps", 1e-12),
        context_length=43 if config["model_type"] == "roberta" else 45, **how)
    types = ["--types", harness.ids((2 * np.arange(23) >= 23).astype(int))]
    close(f"{name} as llama.cpp has it", program.logits(
        tokens, *(types if config.get("type_vocab_size", 1) > 1 else ())),
        expected)


def translated(name, config, **how):
    weights = RandomWeights(0)
    draw = np.random.default_rng(5)
    source, tokens = (draw.integers(config["vocab_size"], size=n)
                      for n in (17, 9))
    expected = seq2seq.t5(config, weights, source, tokens)
    program = written(
        name, "t5", config, weights, attention__key_length=config["d_kv"],
        decoder_start_token_id=0, decoder_block_count=config[
            "num_decoder_layers"],
        attention__relative_buckets_count=config[
            "relative_attention_num_buckets"], **how, **RMS)
    close(f"{name} as llama.cpp has it", program.logits(
        tokens, "--source", harness.ids(source)), expected)


def plain():
    """Before there were others."""
    case("gpt2", converted, "gpt2", "gpt2", gpt2, published("gpt2") | GPT2,
         **LAYER)
    case("llama", converted, "llama", "llama", llama, small(
        "tinyllama_1b_chat_v1.0", num_key_value_heads=2),
        attention__layer_norm_rms_epsilon=1e-5, rope__dimension_count=10)
    case("qwen3", converted, "qwen3", "qwen3", llama, small(
        "qwen3_0.6b", num_key_value_heads=2, head_dim=14),
        rope__freq_base=1e6, **HEADS, **RMS)
    case("gemma2", converted, "gemma2", "gemma2", decoders.gemma, small(
        "gemma2_2b", num_key_value_heads=2, head_dim=14, num_hidden_layers=5,
        sliding_window=5, query_pre_attn_scalar=14),
        attention__sliding_window=5, attn_logit_softcapping=50.0,
        final_logit_softcapping=30.0, **HEADS, **RMS)
    case("qwen2", converted, "qwen2", "qwen2", llama, small(
        "qwen2_0_5b", num_key_value_heads=2), rope__freq_base=1e6, **RMS)
    case("gemma", converted, "gemma", "gemma", decoders.gemma, small(
        "gemma_2b", num_key_value_heads=1, head_dim=14), **HEADS, **RMS)
    case("gemma3", converted, "gemma3", "gemma3", decoders.gemma, small(
        "gemma3_1b_it", num_key_value_heads=1, head_dim=14,
        num_hidden_layers=8, sliding_window=7, query_pre_attn_scalar=14),
        rope__freq_base=1e6, attention__sliding_window=7, **HEADS, **RMS)
    case("phi2", converted, "phi2", "phi2", decoders.phi, small(
        "phi-3-mini-4k", model_type="phi", partial_rotary_factor=0.4,
        intermediate_size=240), rope__dimension_count=4, **LAYER)
    for name, parallel in (("stablelm", False), ("stablelm_parallel", True)):
        case(name, converted, name, "stablelm", decoders.like_llama, small(
            "stablelm", partial_rotary_factor=0.4, use_qkv_bias=True,
            num_key_value_heads=2, use_parallel_residual=parallel),
            rope__dimension_count=4, use_parallel_residual=True, **LAYER)
    case("gptneox", converted, "gptneox", "gptneox", decoders.neox, small(
        "redpajama_3b_v1", rotary_pct=0.4, use_parallel_residual=True),
        use_parallel_residual=True, rope__dimension_count=4, **LAYER)


def llama3():
    """Its scaling as what it makes of each pair's frequency."""
    config = small("llama3_2_1b", num_key_value_heads=2, head_dim=14)
    scaling = config["rope_scaling"]
    turns = scaling["original_max_position_embeddings"] * config[
        "rope_theta"] ** (-np.arange(7) / 7) / (2 * np.pi)
    keep = np.clip((turns - 1) / (4 - 1), 0, 1)
    case("llama3", converted, "llama3", "llama", llama, config,
         extra={"rope_freqs.weight":
                1 / (keep + (1 - keep) / scaling["factor"])},
         rope__freq_base=config["rope_theta"], rope__dimension_count=14,
         attention__layer_norm_rms_epsilon=1e-5, **HEADS)


def phi3():
    config = small("phi-3-mini-4k", sliding_window=9, num_key_value_heads=3)
    phi = {"attention__layer_norm_rms_epsilon": 1e-5,
           "rope__dimension_count": 10}
    case("phi3", converted, "phi3", "phi3", decoders.like_llama, config,
         attention__sliding_window=9, **phi)
    factors = published("phi-3_5")["rope_scaling"]
    both = {"short_factor": factors["short_factor"][::10],
            "long_factor": factors["long_factor"][::10]}
    for name, original, turned in (("phi3_long", 40, 10),
                                   ("phi3_short", CONTEXT, 10),
                                   ("phi3_part", 40, 6)):
        both = {kind: numbers[:turned // 2] for kind, numbers in both.items()}
        config = small("phi-3_5", original_max_position_embeddings=original,
                       partial_rotary_factor=turned / 10,
                       sliding_window=None,
                       rope_scaling={"type": "longrope"} | both)
        scale = config["max_position_embeddings"] / original
        phi["rope__dimension_count"] = turned
        case(name, converted, name, "phi3", decoders.like_llama, config,
             extra={f"rope_factors_{part}.weight": both[part + "_factor"]
                    for part in ("short", "long")},
             context_length=config["max_position_embeddings"],
             attention__sliding_window=0,
             rope__scaling__original_context_length=original,
             rope__scaling__attn_factor=float(
                 (1 + np.log(scale) / np.log(original)) ** 0.5), **phi)


def mixtures():
    mixtral = small("Mixtral-8x7B-v0.1", num_key_value_heads=2,
                    num_local_experts=5)
    keys = {"expert_count": 5, "expert_used_count": 2,
            "rope__freq_base": 1e6, "attention__layer_norm_rms_epsilon": 1e-5}
    case("mixtral", converted, "mixtral", "llama", llama, mixtral, **keys)
    case("mixtral_apart", converted, "mixtral_apart", "llama", llama, mixtral,
         change=lambda config, tensors: llama_cpp.turned(
             config, llama_cpp.apart(config, tensors)), **keys)
    moe = {"num_experts": 6, "num_experts_per_tok": 2,
           "moe_intermediate_size": 29, "decoder_sparse_step": 1,
           "mlp_only_layers": [], "shared_expert_intermediate_size": 41,
           "norm_topk_prob": False, "num_key_value_heads": 2}
    keys = {"expert_count": 6, "expert_used_count": 2,
            "expert_feed_forward_length": 29, "rope__freq_base": 1e6}
    case("qwen2moe", converted, "qwen2moe", "qwen2moe", llama, small(
        "qwen2_0_5b", **moe, model_type="qwen2_moe",
        tie_word_embeddings=False),
        expert_shared_feed_forward_length=41, **keys, **RMS)
    for name, more in (("qwen3moe", {}), ("qwen3moe_some", {
            "decoder_sparse_step": 2, "num_hidden_layers": 5})):
        case(name, converted, name, "qwen3moe", llama, small(
            "qwen3_0.6b", **moe | more | {"norm_topk_prob": True},
            model_type="qwen3_moe", head_dim=14),
            **keys, **HEADS, **RMS)


def deepseek():
    config = published("deepseek_v2_lite") | {
        "hidden_size": 60, "intermediate_size": 77, "num_hidden_layers": 3,
        "num_attention_heads": 3, "num_key_value_heads": 3, "vocab_size": 131,
        "kv_lora_rank": 34, "qk_nope_head_dim": 10, "qk_rope_head_dim": 6,
        "v_head_dim": 7, "n_routed_experts": 6, "num_experts_per_tok": 2,
        "moe_intermediate_size": 21}
    keys = {"attention__kv_lora_rank": 34, "rope__dimension_count": 6,
            "attention__key_length": 16, "attention__value_length": 7,
            "leading_dense_block_count": 1, "expert_count": 6,
            "expert_used_count": 2, "expert_shared_count": 2,
            "expert_feed_forward_length": 21} | RMS
    yarn = {"rope__scaling__type": "yarn", "rope__scaling__factor": 40.0,
            "rope__scaling__original_context_length": 4096,
            "rope__scaling__yarn_log_multiplier": 0.0707}
    # The keys of newer files: those of one head that all share.
    newer = {"attention__head_count_kv": 1, "attention__key_length": 40,
             "attention__value_length": 34, "attention__key_length_mla": 16,
             "attention__value_length_mla": 7, "change": llama_cpp.latent}
    case("deepseek2", converted, "deepseek2", "deepseek2", decoders.deepseek,
         config, **keys, **yarn)
    case("deepseek2_newer", converted, "deepseek2_newer", "deepseek2",
         decoders.deepseek, config, **keys | yarn | newer)
    case("deepseek2_groups", converted, "deepseek2_groups", "deepseek2",
         decoders.deepseek, config | {
             "q_lora_rank": 19, "topk_method": "group_limited_greedy",
             "n_group": 3, "topk_group": 2, "routed_scaling_factor": 2.5,
             "rope_scaling": None}, **keys | newer, attention__q_lora_rank=19,
         expert_group_count=3, expert_group_used_count=2,
         expert_weights_scale=2.5)
    case("deepseek3", converted, "deepseek3", "deepseek2", decoders.deepseek,
         config | {
             "model_type": "deepseek_v3", "q_lora_rank": 23, "n_group": 2,
             "topk_group": 1, "norm_topk_prob": True,
             "routed_scaling_factor": 2.5, "n_shared_experts": 1,
             "first_k_dense_replace": 2},
         **keys | yarn | newer | {
             "attention__q_lora_rank": 23, "expert_group_count": 2,
             "expert_group_used_count": 1, "expert_weights_norm": True,
             "expert_weights_scale": 2.5, "expert_gating_func": 2,
             "expert_shared_count": 1, "leading_dense_block_count": 2})


def others():
    case("olmo", converted, "olmo", "olmo", decoders.like_llama,
         small("olmo-1b"), **LAYER)
    case("olmo2", converted, "olmo2", "olmo2", decoders.olmo2, small(
        "olmo2_7b", num_key_value_heads=2), rope__freq_base=5e5, **RMS)
    for name, heads, more in (
            ("falcon", 1, {}), ("falcon_40b", 2, {
                "new_decoder_architecture": True, "num_kv_heads": 2})):
        config = small("falcon-7b", **more)
        del config["intermediate_size"], config["num_key_value_heads"]
        case(name, converted, name, "falcon", decoders.falcon, config,
             attention__head_count_kv=heads, **LAYER)
    case("bloom", converted, "bloom", "bloom", decoders.bloom,
         published("bloom-560m") | {"hidden_size": 60, "n_layer": 3,
                                    "n_head": 6, "vocab_size": 131},
         attention__head_count_kv=6, **LAYER)
    mpt = published("mpt-7b") | {"d_model": 56, "n_layers": 3, "n_heads": 4,
                                 "vocab_size": 131}
    for name, bare in (("mpt", True), ("mpt_biases", False)):
        case(name, converted, name, "mpt", decoders.mpt,
             mpt | {"no_bias": bare}, attention__max_alibi_bias=8.0, **LAYER)
    case("internlm2", converted, "internlm2", "internlm2",
         decoders.like_llama, small("internlm2", num_key_value_heads=2),
         rope__freq_base=1e6, attention__layer_norm_rms_epsilon=1e-5)
    config = small("minicpm_2b_sft_bf16", dim_model_base=23)
    case("minicpm", converted, "minicpm", "minicpm", decoders.like_llama,
         config, embedding_scale=12.0, residual_scale=1.4 / 3 ** 0.5,
         logit_scale=60 / 23, rope__dimension_count=10,
         attention__layer_norm_rms_epsilon=1e-5)
    case("chatglm", converted, "chatglm", "chatglm", chatglm.glm,
         chatglm.small(), rope__dimension_count=6, rope__freq_base=1e4,
         attention__layer_norm_rms_epsilon=1e-5)
    config = small("qwen", kv_channels=10, intermediate_size=154)
    del config["num_key_value_heads"]
    case("qwen", converted, "qwen", "qwen", decoders.like_llama, config,
         rope__dimension_count=10, **RMS)
    for name, vocab in (("baichuan", 131), ("baichuan2", 125696)):
        case(name, converted, name, "baichuan", decoders.like_llama,
             small("baichuan", vocab_size=vocab), rope__dimension_count=10,
             **RMS)


def encoded():
    base = published("bert-base-uncased") | encoders.SMALL | {
        "architectures": ["BertModel"]}
    for name, kind, pool in (("bert", None, lambda rows: rows),
                             ("bert_mean", 1, lambda rows: rows.mean(
                                 0, keepdims=True)),
                             ("bert_first", 2, lambda rows: rows[:1])):
        case(name, text_rows, name, base, pool, kind)
    roberta = published("roberta-base") | encoders.SMALL | {
        "architectures": ["RobertaModel"]}
    case("roberta", text_rows, "roberta", roberta, lambda rows: rows[-1:], 3)
    case("roberta_classes", text_rows, "roberta_classes", roberta | {
        "architectures": ["RobertaForSequenceClassification"],
        "id2label": {"0": "no", "1": "yes", "2": "perhaps"}}, None, 4)
    case("distilbert", text_rows, "distilbert", encoders.small_distilbert(),
         lambda rows: rows.mean(0, keepdims=True), 1)
    t5 = seq2seq.small_t5()
    case("t5", translated, "t5", t5)
    case("t5_gated", translated, "t5_gated", t5 | {
        "feed_forward_proj": "gated-gelu", "tie_word_embeddings": False,
        "relative_attention_num_buckets": 8})


def main():
    plain()
    llama3()
    phi3()
    mixtures()
    deepseek()
    others()
    encoded()


if __name__ == "__main__":
    harness.main(main)
