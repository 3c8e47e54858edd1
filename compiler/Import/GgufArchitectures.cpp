// What llama.cpp calls an architecture, the family that it is, and the fields
// of its config.json that the conversion left in other places.
#include "compiler/Import/GgufArchitectures.h"
#include "compiler/Weights/Fail.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr StringRef twoNorms[] = {"attn_norm", "ffn_norm"};
constexpr StringRef fourNorms[] = {"attn_norm", "post_attention_norm",
                                   "ffn_norm", "post_ffw_norm"};
constexpr StringRef normsBehind[] = {"post_attention_norm", "post_ffw_norm"};
constexpr StringRef bertNorms[] = {"attn_output_norm", "layer_output_norm"};
/// The first is there where attention and MLP have a norm each.
constexpr StringRef falconNorms[] = {"attn_norm_2", "attn_norm"};
/// An encoder's blocks have the first and the last of them.
constexpr StringRef threeNorms[] = {"attn_norm", "cross_attn_norm", "ffn_norm"};

constexpr Key bloomKeys[] = {
    {"context_length", "seq_length"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};
constexpr Key chatGlmKeys[] = {
    {"context_length", "seq_length"},
    {"block_count", "num_layers"},
    {"feed_forward_length", "ffn_hidden_size"},
    {"attention.head_count_kv", "multi_query_group_num"},
    {"attention.layer_norm_rms_epsilon", "layernorm_epsilon"},
};
constexpr Key deepSeekKeys[] = {
    {"attention.q_lora_rank", "q_lora_rank"},
    {"attention.kv_lora_rank", "kv_lora_rank"},
    {"rope.dimension_count", "qk_rope_head_dim"},
    {"leading_dense_block_count", "first_k_dense_replace"},
    {"expert_count", "n_routed_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_shared_count", "n_shared_experts"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"expert_weights_scale", "routed_scaling_factor"},
    {"expert_weights_norm", "norm_topk_prob"},
    {"expert_group_count", "n_group"},
    {"expert_group_used_count", "topk_group"},
};
constexpr Key falconKeys[] = {
    {"feed_forward_length", "ffn_hidden_size"},
    {"attention.head_count_kv", "num_kv_heads"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};
constexpr Key gemma2Keys[] = {
    {"attn_logit_softcapping", "attn_logit_softcapping"},
    {"final_logit_softcapping", "final_logit_softcapping"},
};
constexpr Key gpt2Keys[] = {
    {"context_length", "n_positions"},
    {"embedding_length", "n_embd"},
    {"block_count", "n_layer"},
    {"feed_forward_length", "n_inner"},
    {"attention.head_count", "n_head"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};
constexpr Key llamaKeys[] = {
    {"expert_count", "num_local_experts"},
    {"expert_used_count", "num_experts_per_tok"},
};
constexpr Key mptKeys[] = {
    {"context_length", "max_seq_len"},
    {"embedding_length", "d_model"},
    {"block_count", "n_layers"},
    {"attention.head_count", "n_heads"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};
constexpr Key neoxKeys[] = {
    {"use_parallel_residual", "use_parallel_residual"},
};
constexpr Key qwenKeys[] = {
    {"attention.layer_norm_rms_epsilon", "layer_norm_epsilon"},
};
constexpr Key qwenMoeKeys[] = {
    {"expert_count", "num_experts"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_feed_forward_length", "moe_intermediate_size"},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
    {"expert_weights_norm", "norm_topk_prob"},
};
constexpr Key t5Keys[] = {
    {"context_length", "n_positions"},
    {"embedding_length", "d_model"},
    {"feed_forward_length", "d_ff"},
    {"block_count", "num_layers"},
    {"decoder_block_count", "num_decoder_layers"},
    {"attention.head_count", "num_heads"},
    {"attention.key_length", "d_kv"},
    {"attention.layer_norm_rms_epsilon", "layer_norm_epsilon"},
    {"attention.relative_buckets_count", "relative_attention_num_buckets"},
    {"decoder_start_token_id", "decoder_start_token_id"},
};

int64_t depthOf(const GgufModel &model) {
  return model.integer("block_count").value_or(0);
}

/// The head is what the pooling makes of it, not what was trained with it.
Error addBert(const GgufModel &model, json::Object &config) {
  const weights::GgufValue *causal = model.find("attention.causal");
  if (causal && causal->flag() != false)
    return model.refuse("attention.causal", "expected false");
  const weights::Tensor *types = model.tensor("token_types.weight");
  bool several = types && types->shape.size() == 2;
  config["type_vocab_size"] = several ? types->shape.front() : 1;
  config["architectures"] = json::Array{"BertModel"};
  const weights::Tensor *classes = model.tensor("cls.output.weight");
  if (model.integer("pooling_type") == 4 && classes) {
    config["architectures"] = json::Array{"BertForSequenceClassification"};
    config["num_labels"] =
        classes->shape.size() == 2 ? classes->shape.front() : 1;
  }
  return Error::success();
}

/// By llama.cpp's numbers: none, mean, the first row, the last, a classifier.
Error adaptBert(const GgufModel &model, Import &import) {
  spec::Layers &layers = import.spec.layers;
  int64_t kind = model.integer("pooling_type").value_or(0);
  auto endsWithLabels = [&] {
    return model.has("cls.weight") && model.has("cls.output.weight");
  };
  if (kind == 4 && endsWithLabels())
    return Error::success();
  constexpr spec::PoolKind kinds[] = {
      spec::PoolKind::Mean, spec::PoolKind::First, spec::PoolKind::Last};
  if (kind < 0 || kind > 3)
    return model.refuse("pooling_type",
                        std::to_string(kind) +
                            " is not supported, expected 0 (none), 1 (mean), 2 "
                            "(first row), 3 (last row), or 4 with the tensors "
                            "'cls.weight' and 'cls.output.weight'");
  layers.pop_back();
  if (kind == 0)
    layers.pop_back();
  else
    std::get<spec::Pool>(layers.back().body).kind = kinds[kind - 1];
  return Error::success();
}

/// The base of the rotation, which contains the ratio; the vocabulary.
Error addChatGlm(const GgufModel &model, json::Object &config) {
  int64_t heads = model.integer("attention.head_count").value_or(0);
  if (heads > 0)
    config["kv_channels"] =
        model.integer("attention.key_length")
            .value_or(model.integer("embedding_length").value_or(0) / heads);
  config["rope_ratio"] =
      model.number("rope.freq_base").value_or(10000.0) / 10000.0;
  config["padded_vocab_size"] = config["vocab_size"];
  return Error::success();
}

/// The sizes of a head: newer files have those that meet in the latent space
/// under the usual keys, and the model's own under keys of their own.
Error addDeepSeek(const GgufModel &model, json::Object &config) {
  auto length = [&](StringRef key) {
    return model.integer((key + "_mla").str())
        .value_or(model.integer(key).value_or(0));
  };
  config["qk_nope_head_dim"] =
      length("attention.key_length") -
      model.integer("rope.dimension_count").value_or(64);
  config["v_head_dim"] = length("attention.value_length");
  config["num_hidden_layers"] =
      depthOf(model) - model.integer("nextn_predict_layers").value_or(0);
  config.try_emplace("n_group", 1);
  config.try_emplace("topk_group", 1);
  int64_t gating = model.integer("expert_gating_func").value_or(1);
  if (gating != 1 && gating != 2)
    return model.refuse("expert_gating_func",
                        std::to_string(gating) +
                            " is not supported, expected 1 (softmax) or 2 "
                            "(sigmoid)");
  if (gating == 2)
    config["model_type"] = "deepseek_v3";
  else if (config["n_group"] != json::Value(1))
    config["topk_method"] = "group_limited_greedy";
  return Error::success();
}

Error addFalcon(const GgufModel &model, json::Object &config) {
  config["new_decoder_architecture"] = true;
  config["num_ln_in_parallel_attn"] =
      model.has("blk.0.attn_norm_2.weight") ? 2 : 1;
  return Error::success();
}

/// Scores are divided by the root of a head's size, of the models of 27B, which
/// their depth tells, by that of the rows' share of each head.
Error addGemma(const GgufModel &model, json::Object &config) {
  int64_t heads = model.integer("attention.head_count").value_or(0);
  bool largest = depthOf(model) == 46 || depthOf(model) == 62;
  config["query_pre_attn_scalar"] =
      largest && heads > 0
          ? model.integer("embedding_length").value_or(0) / heads
          : model.integer("attention.key_length").value_or(256);
  return Error::success();
}

/// Factors where the config has numbers that they are made of.
Error addMiniCpm(const GgufModel &model, json::Object &config) {
  double depth = double(depthOf(model));
  double width = double(model.integer("embedding_length").value_or(1));
  double residual =
      model.number("residual_scale").value_or(1.4 / std::sqrt(depth));
  double logits = model.number("logit_scale").value_or(width / 256);
  double base = std::round(width / logits);
  if (!(base >= 1 && base <= INT32_MAX))
    return model.refuse("logit_scale",
                        "expected a factor of up to embedding_length");
  config["scale_emb"] =
      shortest(float(model.number("embedding_scale").value_or(12.0)));
  config["scale_depth"] = residual * std::sqrt(depth);
  config["dim_model_base"] = int64_t(base);
  return Error::success();
}

Error addMpt(const GgufModel &model, json::Object &config) {
  std::optional<int64_t> groups = model.integer("attention.head_count_kv");
  if (groups && groups != model.integer("attention.head_count"))
    return model.refuse("attention.head_count_kv",
                        "expected as many as attention.head_count");
  if (model.anyBlockHas("ffn_act.scales"))
    return weights::fail(
        "{}: tensors 'ffn_act.scales': an activation's scales are not "
        "supported",
        model.path().str());
  config["no_bias"] = !model.has("blk.0.attn_norm.bias");
  double most = model.number("attention.max_alibi_bias").value_or(0.0);
  json::Object attention{{"alibi", most > 0}};
  if (most > 0)
    attention["alibi_bias_max"] = most;
  attention["qk_ln"] = model.anyBlockHas("attn_q_norm.weight");
  config["attn_config"] = std::move(attention);
  return Error::success();
}

/// OLMo 3 goes by this name, too.
Error addOlmo2(const GgufModel &model, json::Object &) {
  if (model.integer("attention.sliding_window").value_or(0) != 0)
    return model.refuse("attention.sliding_window",
                        "a window is not supported");
  return Error::success();
}

/// The share of a head that turns, which all of its factors are for; half a
/// value more, as the family takes whole ones of it.
Error addPhi(const GgufModel &model, json::Object &config) {
  int64_t heads = model.integer("attention.head_count").value_or(0);
  int64_t size = model.integer("embedding_length").value_or(0);
  std::optional<int64_t> turned = model.integer("rope.dimension_count");
  if (turned && heads > 0 && size >= heads)
    config["partial_rotary_factor"] =
        (double(*turned) + 0.5) / double(size / heads);
  return Error::success();
}

/// Beyond the length of its training the model turns and scales otherwise; the
/// file has the larger of the two lengths.
Error addQwen(const GgufModel &model, json::Object &config) {
  int64_t heads = model.integer("attention.head_count").value_or(0);
  config["seq_length"] =
      std::min<int64_t>(model.integer("context_length").value_or(8192), 8192);
  if (heads > 0)
    config["kv_channels"] =
        model.integer("embedding_length").value_or(0) / heads;
  return Error::success();
}

/// The blocks that have no experts, as their tensors say.
void addDenseBlocks(const GgufModel &model, json::Object &config) {
  json::Array dense;
  for (int64_t i = 0; i < depthOf(model); ++i)
    if (!model.has(fmt::format("blk.{}.ffn_gate_inp.weight", i)))
      dense.push_back(i);
  config["mlp_only_layers"] = std::move(dense);
}

Error addQwen2Moe(const GgufModel &model, json::Object &config) {
  addDenseBlocks(model, config);
  config.try_emplace("norm_topk_prob", false);
  return Error::success();
}

Error addQwen3Moe(const GgufModel &model, json::Object &config) {
  addDenseBlocks(model, config);
  config.try_emplace("norm_topk_prob", true);
  return Error::success();
}

/// Whatever the key says of newer files, blocks with one norm are parallel.
Error addStableLm(const GgufModel &model, json::Object &config) {
  config["use_parallel_residual"] = !model.anyBlockHas("ffn_norm.weight");
  config["qk_layernorm"] = model.anyBlockHas("attn_q_norm.weight");
  return Error::success();
}

Error addT5(const GgufModel &model, json::Object &config) {
  config["feed_forward_proj"] =
      model.anyBlockHas("ffn_gate.weight") ? "gated-gelu" : "relu";
  if (const auto *end = model.findOfFile("tokenizer.ggml.eos_token_id"))
    config["eos_token_id"] = end->integer().value_or(1);
  return Error::success();
}

} // namespace

ArrayRef<Architecture> architectures() {
  using enum spec::RotaryLayout;
  static const Architecture table[] = {
      {"baichuan", "baichuan", "", Pairs, twoNorms},
      {"bert", "bert", "", Halves, bertNorms, {}, addBert, adaptBert},
      {"bloom", "bloom", "", Halves, twoNorms, bloomKeys},
      {"chatglm", "chatglm", "", Pairs, twoNorms, chatGlmKeys, addChatGlm},
      {"deepseek2", "", "deepseek_v2", Pairs, twoNorms, deepSeekKeys,
       addDeepSeek},
      {"falcon", "falcon", "", Halves, falconNorms, falconKeys, addFalcon},
      {"gemma", "gemma", "", Halves, twoNorms},
      {"gemma2", "gemma2", "", Halves, fourNorms, gemma2Keys, addGemma},
      {"gemma3", "gemma3_text", "", Halves, fourNorms, {}, addGemma},
      {"gpt2", "gpt2", "", Halves, twoNorms, gpt2Keys},
      {"gptneox", "gpt_neox", "", Halves, twoNorms, neoxKeys},
      {"internlm2", "internlm2", "", Pairs, twoNorms},
      {"llama", "llama", "mixtral", Pairs, twoNorms, llamaKeys},
      {"minicpm", "minicpm", "", Pairs, twoNorms, {}, addMiniCpm},
      {"mpt", "mpt", "", Halves, twoNorms, mptKeys, addMpt},
      {"olmo", "olmo", "", Pairs, {}},
      {"olmo2", "olmo2", "", Halves, normsBehind, {}, addOlmo2},
      {"phi2", "phi", "", Halves, twoNorms, {}, addPhi},
      {"phi3", "phi3", "", Halves, twoNorms, {}, addPhi},
      {"qwen", "qwen", "", Halves, twoNorms, qwenKeys, addQwen},
      {"qwen2", "qwen2", "", Halves, twoNorms},
      {"qwen2moe", "", "qwen2_moe", Halves, twoNorms, qwenMoeKeys, addQwen2Moe},
      {"qwen3", "qwen3", "", Halves, twoNorms},
      {"qwen3moe", "", "qwen3_moe", Halves, twoNorms, qwenMoeKeys, addQwen3Moe},
      {"stablelm", "stablelm", "", Halves, twoNorms, {}, addStableLm},
      {"t5", "t5", "", Halves, threeNorms, t5Keys, addT5},
  };
  return table;
}

} // namespace importer
