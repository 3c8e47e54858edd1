// MPT (MosaicML 2023): ALiBi, one matrix for queries, keys and values, and no
// biases.
#include "compiler/Import/Families.h"

#include "llvm/ADT/bit.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "wte.weight"},
    {"layers.{i}.norm.weight", "blocks.{i}.norm_1.weight"},
    {"layers.{i}.norm.bias", "blocks.{i}.norm_1.bias"},
    {"layers.{i}.attention.query.weight", "blocks.{i}.attn.Wqkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.query.bias", "blocks.{i}.attn.Wqkv.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.weight", "blocks.{i}.attn.Wqkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.bias", "blocks.{i}.attn.Wqkv.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.weight", "blocks.{i}.attn.Wqkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.bias", "blocks.{i}.attn.Wqkv.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.output.weight", "blocks.{i}.attn.out_proj.weight"},
    {"layers.{i}.attention.output.bias", "blocks.{i}.attn.out_proj.bias"},
    {"layers.{i}.norm_2.weight", "blocks.{i}.norm_2.weight"},
    {"layers.{i}.norm_2.bias", "blocks.{i}.norm_2.bias"},
    {"layers.{i}.mlp.up.weight", "blocks.{i}.ffn.up_proj.weight"},
    {"layers.{i}.mlp.up.bias", "blocks.{i}.ffn.up_proj.bias"},
    {"layers.{i}.mlp.down.weight", "blocks.{i}.ffn.down_proj.weight"},
    {"layers.{i}.mlp.down.bias", "blocks.{i}.ffn.down_proj.bias"},
    {"norm.weight", "norm_f.weight"},
    {"norm.bias", "norm_f.bias"},
    {"logits.weight", "/lm_head.weight"},
};

/// Its slopes are those of the paper for powers of two alone.
void readAttention(Config &config, spec::Attention &attention) {
  expectFlag(config, "alibi", true);
  expectFlag(config, "prefix_lm", false);
  expectFlag(config, "qk_ln", false);
  if (std::string type = config.text("attn_type", "multihead_attention");
      type != "multihead_attention")
    config.refuse("attn_type", "'" + type + "'",
                  "expected multihead_attention");
  if (config.has("clip_qkv"))
    config.refuse("clip_qkv", "a limit of queries, keys and values",
                  "expected none");
  if (config.size("alibi_bias_max", 8) != 8)
    config.refuse("alibi_bias_max",
                  std::to_string(config.size("alibi_bias_max", 8)),
                  "expected 8");
  if (config.has("softmax_scale"))
    attention.scale = config.positive("softmax_scale");
}

} // namespace

Import importMpt(Config &config) {
  refuseCommon(config);
  if (config.has("logit_scale"))
    config.refuse("logit_scale", "a scale of the logits", "expected none");
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"transformer.", ""};
  result.anchor = "wte.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("d_model");
  spec.context = config.size("max_seq_len", 2048);
  spec.vocab = config.size("vocab_size");

  bool bias = !config.flag("no_bias", true);
  spec::Norm norm;
  norm.bias = bias;
  norm.eps = config.positive("layer_norm_epsilon", 1e-5);
  if (std::string type = config.text("norm_type", "low_precision_layernorm");
      !StringRef(type).ends_with("layernorm"))
    config.refuse("norm_type", "'" + type + "'", "expected a layernorm");
  spec::Attention attention;
  attention.mask = spec::Mask::Causal;
  attention.heads = attention.kvHeads = config.size("n_heads");
  attention.headDim =
      readHeadDim(config, spec.dim, attention.heads, "d_model", "n_heads");
  if (!has_single_bit(uint64_t(attention.heads)))
    config.refuse("n_heads", std::to_string(attention.heads),
                  "expected a power of two");
  attention.alibi.emplace();
  if (std::optional<Config> own = config.inner("attn_config"))
    readAttention(*own, attention);
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = bias;
  spec::Mlp mlp;
  mlp.hidden = config.size("expansion_ratio", 4) * spec.dim;
  mlp.bias = bias;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);
  spec.layers =
      decoderOf(config.size("n_layers"),
                layersOf(residualOf(norm, attention), residualOf(norm, mlp)),
                norm, logits);
  return result;
}

} // namespace importer
