// T5 (Raffel et al. 2020) and its version 1.1, also of many languages: no
// positions but learned biases of the scores, which all layers of a stack
// share; scores are not scaled.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"encoder.embed.weight", "shared.weight"},
    {"encoder.layers.attention.relative.weight",
     "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"},
    {"encoder.layers.{i}.norm.weight",
     "encoder.block.{i}.layer.0.layer_norm.weight"},
    {"encoder.layers.{i}.attention.query.weight",
     "encoder.block.{i}.layer.0.SelfAttention.q.weight"},
    {"encoder.layers.{i}.attention.key.weight",
     "encoder.block.{i}.layer.0.SelfAttention.k.weight"},
    {"encoder.layers.{i}.attention.value.weight",
     "encoder.block.{i}.layer.0.SelfAttention.v.weight"},
    {"encoder.layers.{i}.attention.output.weight",
     "encoder.block.{i}.layer.0.SelfAttention.o.weight"},
    {"encoder.layers.{i}.norm_2.weight",
     "encoder.block.{i}.layer.1.layer_norm.weight"},
    {"encoder.norm.weight", "encoder.final_layer_norm.weight"},
    {"decoder.embed.weight", "shared.weight"},
    {"decoder.layers.attention.relative.weight",
     "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"},
    {"decoder.layers.{i}.norm.weight",
     "decoder.block.{i}.layer.0.layer_norm.weight"},
    {"decoder.layers.{i}.attention.query.weight",
     "decoder.block.{i}.layer.0.SelfAttention.q.weight"},
    {"decoder.layers.{i}.attention.key.weight",
     "decoder.block.{i}.layer.0.SelfAttention.k.weight"},
    {"decoder.layers.{i}.attention.value.weight",
     "decoder.block.{i}.layer.0.SelfAttention.v.weight"},
    {"decoder.layers.{i}.attention.output.weight",
     "decoder.block.{i}.layer.0.SelfAttention.o.weight"},
    {"decoder.layers.{i}.norm_2.weight",
     "decoder.block.{i}.layer.1.layer_norm.weight"},
    {"decoder.layers.{i}.cross_attention.query.weight",
     "decoder.block.{i}.layer.1.EncDecAttention.q.weight"},
    {"decoder.layers.{i}.cross_attention.key.weight",
     "decoder.block.{i}.layer.1.EncDecAttention.k.weight"},
    {"decoder.layers.{i}.cross_attention.value.weight",
     "decoder.block.{i}.layer.1.EncDecAttention.v.weight"},
    {"decoder.layers.{i}.cross_attention.output.weight",
     "decoder.block.{i}.layer.1.EncDecAttention.o.weight"},
    {"decoder.layers.{i}.norm_3.weight",
     "decoder.block.{i}.layer.2.layer_norm.weight"},
    {"decoder.norm.weight", "decoder.final_layer_norm.weight"},
    {"decoder.logits.weight", "/lm_head.weight"},
};

constexpr TensorName plainNames[] = {
    {"encoder.layers.{i}.mlp.up.weight",
     "encoder.block.{i}.layer.1.DenseReluDense.wi.weight"},
    {"encoder.layers.{i}.mlp.down.weight",
     "encoder.block.{i}.layer.1.DenseReluDense.wo.weight"},
    {"decoder.layers.{i}.mlp.up.weight",
     "decoder.block.{i}.layer.2.DenseReluDense.wi.weight"},
    {"decoder.layers.{i}.mlp.down.weight",
     "decoder.block.{i}.layer.2.DenseReluDense.wo.weight"},
};
constexpr TensorName gatedNames[] = {
    {"encoder.layers.{i}.mlp.gate.weight",
     "encoder.block.{i}.layer.1.DenseReluDense.wi_0.weight"},
    {"encoder.layers.{i}.mlp.up.weight",
     "encoder.block.{i}.layer.1.DenseReluDense.wi_1.weight"},
    {"encoder.layers.{i}.mlp.down.weight",
     "encoder.block.{i}.layer.1.DenseReluDense.wo.weight"},
    {"decoder.layers.{i}.mlp.gate.weight",
     "decoder.block.{i}.layer.2.DenseReluDense.wi_0.weight"},
    {"decoder.layers.{i}.mlp.up.weight",
     "decoder.block.{i}.layer.2.DenseReluDense.wi_1.weight"},
    {"decoder.layers.{i}.mlp.down.weight",
     "decoder.block.{i}.layer.2.DenseReluDense.wo.weight"},
};

/// "relu", "gated-gelu", whose gelu is the one by tanh, "gated-silu".
spec::Mlp readMlp(Config &config) {
  spec::Mlp mlp;
  mlp.hidden = config.size("d_ff");
  std::string name = config.text("feed_forward_proj", "relu");
  StringRef act = name;
  mlp.gated = act.consume_front("gated-");
  if (act == "relu")
    mlp.act = spec::Activation::Relu;
  else if (act == "silu")
    mlp.act = spec::Activation::Silu;
  else if (act == "gelu" && mlp.gated)
    mlp.act = spec::Activation::GeluTanh;
  else
    config.refuse("feed_forward_proj", "'" + name + "'",
                  "expected relu, gated-relu, gated-gelu or gated-silu");
  return mlp;
}

spec::Attention readAttention(Config &config) {
  spec::Attention attention;
  attention.heads = config.size("num_heads");
  attention.headDim = config.size("d_kv");
  attention.scale = 1.0;
  spec::RelativeBias &bias = attention.relative.emplace();
  bias.buckets = config.size("relative_attention_num_buckets", 32);
  bias.distance = config.size("relative_attention_max_distance", 128);
  bias.shared = true;
  return attention;
}

} // namespace

Import importT5(Config &config) {
  refuseQuantised(config);
  readHead(config, {"ForConditionalGeneration", "WithLMHeadModel"});
  spec::Norm norm = rmsNorm(config.positive("layer_norm_epsilon", 1e-6));
  spec::Attention attention = readAttention(config), causal = attention;
  causal.mask = spec::Mask::Causal;
  spec::CrossAttention cross;
  cross.heads = attention.heads;
  cross.headDim = attention.headDim;
  cross.scale = 1.0;
  spec::Mlp mlp = readMlp(config);
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);
  int64_t layers = config.size("num_layers");

  Import result;
  result.names.assign(std::begin(names), std::end(names));
  auto add = [&](ArrayRef<TensorName> more) {
    result.names.insert(result.names.end(), more.begin(), more.end());
  };
  add(mlp.gated ? ArrayRef(gatedNames) : ArrayRef(plainNames));
  result.prefixes = {""};
  result.anchor = "shared.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("d_model");
  spec.context = config.size("n_positions", 512);
  spec.vocab = config.size("vocab_size");
  spec.source.start = config.count("decoder_start_token_id", 0);
  spec.source.end = config.count("eos_token_id", 1);
  if (logits.tied)
    logits.scale = 1 / std::sqrt(double(spec.dim));
  spec.encoder = layersOf(spec::Embed(),
                          repeatOf(layers, layersOf(residualOf(norm, attention),
                                                    residualOf(norm, mlp))),
                          norm);
  spec.layers = layersOf(
      spec::Embed(),
      repeatOf(config.size("num_decoder_layers", layers),
               layersOf(residualOf(norm, causal), residualOf(norm, cross),
                        residualOf(norm, mlp))),
      norm, logits);
  return result;
}

} // namespace importer
