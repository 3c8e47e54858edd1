// BERT (Devlin et al. 2019) and RoBERTa (Liu et al. 2019): encoders with
// learned positions and norms behind each branch. Where there is one segment
// its vector is added to the table of positions.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName common[] = {
    {"embed.weight", "embeddings.word_embeddings.weight"},
    {"types.weight", "embeddings.token_type_embeddings.weight"},
    {"norm.weight", "embeddings.LayerNorm.weight"},
    {"norm.bias", "embeddings.LayerNorm.bias"},
    {"layers.{i}.attention.query.weight",
     "encoder.layer.{i}.attention.self.query.weight"},
    {"layers.{i}.attention.query.bias",
     "encoder.layer.{i}.attention.self.query.bias"},
    {"layers.{i}.attention.key.weight",
     "encoder.layer.{i}.attention.self.key.weight"},
    {"layers.{i}.attention.key.bias",
     "encoder.layer.{i}.attention.self.key.bias"},
    {"layers.{i}.attention.value.weight",
     "encoder.layer.{i}.attention.self.value.weight"},
    {"layers.{i}.attention.value.bias",
     "encoder.layer.{i}.attention.self.value.bias"},
    {"layers.{i}.attention.output.weight",
     "encoder.layer.{i}.attention.output.dense.weight"},
    {"layers.{i}.attention.output.bias",
     "encoder.layer.{i}.attention.output.dense.bias"},
    {"layers.{i}.norm.weight",
     "encoder.layer.{i}.attention.output.LayerNorm.weight"},
    {"layers.{i}.norm.bias",
     "encoder.layer.{i}.attention.output.LayerNorm.bias"},
    {"layers.{i}.mlp.up.weight", "encoder.layer.{i}.intermediate.dense.weight"},
    {"layers.{i}.mlp.up.bias", "encoder.layer.{i}.intermediate.dense.bias"},
    {"layers.{i}.mlp.down.weight", "encoder.layer.{i}.output.dense.weight"},
    {"layers.{i}.mlp.down.bias", "encoder.layer.{i}.output.dense.bias"},
    {"layers.{i}.norm_2.weight", "encoder.layer.{i}.output.LayerNorm.weight"},
    {"layers.{i}.norm_2.bias", "encoder.layer.{i}.output.LayerNorm.bias"},
};

constexpr const char onlySegment[] =
    "embeddings.token_type_embeddings.weight[0:1, :]";

/// Where the weights of a head are.
constexpr TensorName bertScores[] = {
    {"linear.weight", "/cls.predictions.transform.dense.weight"},
    {"linear.bias", "/cls.predictions.transform.dense.bias"},
    {"norm_2.weight", "/cls.predictions.transform.LayerNorm.weight"},
    {"norm_2.bias", "/cls.predictions.transform.LayerNorm.bias"},
    {"logits.bias", "/cls.predictions.bias"},
};
constexpr TensorName robertaScores[] = {
    {"linear.weight", "/lm_head.dense.weight"},
    {"linear.bias", "/lm_head.dense.bias"},
    {"norm_2.weight", "/lm_head.layer_norm.weight"},
    {"norm_2.bias", "/lm_head.layer_norm.bias"},
    {"logits.bias", "/lm_head.bias"},
};
constexpr TensorName bertPooled[] = {
    {"linear.weight", "pooler.dense.weight"},
    {"linear.bias", "pooler.dense.bias"},
    {"linear_2.weight", "/classifier.weight"},
    {"linear_2.bias", "/classifier.bias"},
};
constexpr TensorName robertaClasses[] = {
    {"linear.weight", "/classifier.dense.weight"},
    {"linear.bias", "/classifier.dense.bias"},
    {"linear_2.weight", "/classifier.out_proj.weight"},
    {"linear_2.bias", "/classifier.out_proj.bias"},
};

Import importEncoder(Config &config, bool roberta) {
  refuseQuantised(config);
  StringRef head = readHead(config, {"Model", "ForMaskedLM", "ForPreTraining",
                                     "ForSequenceClassification"});
  if (config.text("position_embedding_type", "absolute") != "absolute")
    config.refuse("position_embedding_type",
                  "'" + config.text("position_embedding_type", "") + "'",
                  "expected absolute");
  expectFlag(config, "is_decoder", false);
  Import result;
  result.names.assign(std::begin(common), std::end(common));
  int64_t segments = config.size("type_vocab_size", 2);
  // RoBERTa's positions begin after two rows that we don't have.
  result.names.push_back(
      {"position.weight", "embeddings.position_embeddings.weight", false,
       Fused::No, roberta ? 2 : 0, segments > 1 ? nullptr : onlySegment});
  result.prefixes = roberta ? std::vector<StringRef>{"roberta.", ""}
                            : std::vector<StringRef>{"bert.", ""};
  result.anchor = "embeddings.word_embeddings.weight";

  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec.context = config.size("max_position_embeddings") - (roberta ? 2 : 0);
  if (spec.context < 1)
    config.problem("max_position_embeddings", "expected at least 3");
  spec.vocab = config.size("vocab_size");
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-12);
  spec::Attention attention;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "gelu");
  mlp.bias = true;
  spec.layers = beginTyped(segments);
  for (spec::Layer &layer :
       layersOf(norm, repeatOf(config.size("num_hidden_layers"),
                               layersOf(residualOf(attention), norm,
                                        residualOf(mlp), norm))))
    spec.layers.push_back(std::move(layer));
  if (head == "ForMaskedLM" || head == "ForPreTraining") {
    addMaskedHead(spec, spec.dim, norm, mlp.act, true);
    for (const TensorName &name : roberta ? robertaScores : bertScores)
      result.names.push_back(name);
    return result;
  }
  addPooledHead(spec, spec.dim, spec::Activation::Tanh,
                head == "Model" ? 0 : readLabels(config));
  for (const TensorName &name :
       roberta &&head != "Model" ? robertaClasses : bertPooled)
    result.names.push_back(name);
  return result;
}

} // namespace

spec::Layers beginTyped(int64_t segments) {
  if (segments < 2)
    return layersOf(spec::Embed(), spec::Position());
  spec::Types types;
  types.count = segments;
  return layersOf(spec::Embed(), types, spec::Position());
}

void addMaskedHead(spec::Spec &spec, int64_t width, const spec::Norm &norm,
                   spec::Activation act, bool tied) {
  spec::Linear linear;
  linear.to = width;
  linear.act = act;
  linear.bias = true;
  spec::Logits logits;
  logits.tied = tied;
  logits.bias = true;
  for (spec::Layer &layer : layersOf(linear, norm, logits))
    spec.layers.push_back(std::move(layer));
}

void addPooledHead(spec::Spec &spec, int64_t width, spec::Activation act,
                   int64_t labels) {
  spec::Linear linear, classes;
  linear.to = width;
  linear.act = act;
  linear.bias = classes.bias = true;
  classes.to = labels;
  for (spec::Layer &layer : layersOf(spec::Pool(), linear))
    spec.layers.push_back(std::move(layer));
  if (labels)
    spec.layers.push_back(makeLayer(classes));
}

int64_t readLabels(Config &config) {
  if (!config.has("num_labels") && config.has("id2label"))
    return config.entries("id2label");
  return config.size("num_labels", 2);
}

Import importBert(Config &config) { return importEncoder(config, false); }
Import importRoberta(Config &config) { return importEncoder(config, true); }

} // namespace importer
