// DistilBERT (Sanh et al. 2019): BERT without segments and pooler.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "embeddings.word_embeddings.weight"},
    {"position.weight", "embeddings.position_embeddings.weight"},
    {"norm.weight", "embeddings.LayerNorm.weight"},
    {"norm.bias", "embeddings.LayerNorm.bias"},
    {"layers.{i}.attention.query.weight",
     "transformer.layer.{i}.attention.q_lin.weight"},
    {"layers.{i}.attention.query.bias",
     "transformer.layer.{i}.attention.q_lin.bias"},
    {"layers.{i}.attention.key.weight",
     "transformer.layer.{i}.attention.k_lin.weight"},
    {"layers.{i}.attention.key.bias",
     "transformer.layer.{i}.attention.k_lin.bias"},
    {"layers.{i}.attention.value.weight",
     "transformer.layer.{i}.attention.v_lin.weight"},
    {"layers.{i}.attention.value.bias",
     "transformer.layer.{i}.attention.v_lin.bias"},
    {"layers.{i}.attention.output.weight",
     "transformer.layer.{i}.attention.out_lin.weight"},
    {"layers.{i}.attention.output.bias",
     "transformer.layer.{i}.attention.out_lin.bias"},
    {"layers.{i}.norm.weight", "transformer.layer.{i}.sa_layer_norm.weight"},
    {"layers.{i}.norm.bias", "transformer.layer.{i}.sa_layer_norm.bias"},
    {"layers.{i}.mlp.up.weight", "transformer.layer.{i}.ffn.lin1.weight"},
    {"layers.{i}.mlp.up.bias", "transformer.layer.{i}.ffn.lin1.bias"},
    {"layers.{i}.mlp.down.weight", "transformer.layer.{i}.ffn.lin2.weight"},
    {"layers.{i}.mlp.down.bias", "transformer.layer.{i}.ffn.lin2.bias"},
    {"layers.{i}.norm_2.weight",
     "transformer.layer.{i}.output_layer_norm.weight"},
    {"layers.{i}.norm_2.bias", "transformer.layer.{i}.output_layer_norm.bias"},
    {"norm_2.weight", "/vocab_layer_norm.weight"},
    {"norm_2.bias", "/vocab_layer_norm.bias"},
    {"logits.weight", "/vocab_projector.weight"},
    {"logits.bias", "/vocab_projector.bias"},
};
constexpr TensorName scores[] = {
    {"linear.weight", "/vocab_transform.weight"},
    {"linear.bias", "/vocab_transform.bias"},
};
constexpr TensorName classes[] = {
    {"linear.weight", "/pre_classifier.weight"},
    {"linear.bias", "/pre_classifier.bias"},
    {"linear_2.weight", "/classifier.weight"},
    {"linear_2.bias", "/classifier.bias"},
};

} // namespace

Import importDistilBert(Config &config) {
  refuseQuantised(config);
  StringRef head =
      readHead(config, {"Model", "ForMaskedLM", "ForSequenceClassification"});
  expectFlag(config, "sinusoidal_pos_embds", false);
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  result.prefixes = {"distilbert.", ""};
  result.anchor = "embeddings.word_embeddings.weight";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("dim", 768);
  spec.context = config.size("max_position_embeddings", 512);
  spec.vocab = config.size("vocab_size");
  spec::Norm norm;
  norm.eps = 1e-12;
  spec::Attention attention;
  attention.heads = config.size("n_heads", 12);
  attention.headDim =
      readHeadDim(config, spec.dim, attention.heads, "dim", "n_heads");
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size("hidden_dim", 4 * spec.dim);
  mlp.act = readActivation(config, "activation", "gelu");
  mlp.bias = true;
  spec.layers = layersOf(
      spec::Embed(), spec::Position(), norm,
      repeatOf(config.size("n_layers", 6),
               layersOf(residualOf(attention), norm, residualOf(mlp), norm)));
  if (head == "ForMaskedLM") {
    addMaskedHead(spec, spec.dim, norm, mlp.act,
                  config.flag("tie_word_embeddings", true));
    result.names.insert(result.names.end(), std::begin(scores),
                        std::end(scores));
  } else if (head == "ForSequenceClassification") {
    addPooledHead(spec, spec.dim, spec::Activation::Relu, readLabels(config));
    result.names.insert(result.names.end(), std::begin(classes),
                        std::end(classes));
  }
  return result;
}

} // namespace importer
