// ViT (Dosovitskiy et al. 2021) and DeiT (Touvron et al. 2021): patches of an
// image after a class row, and for DeiT a distillation row.
#include "compiler/Import/Families.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"patch.weight", "embeddings.patch_embeddings.projection.weight"},
    {"patch.bias", "embeddings.patch_embeddings.projection.bias"},
    {"position.weight", "embeddings.position_embeddings"},
    {"layers.{i}.norm.weight", "encoder.layer.{i}.layernorm_before.weight"},
    {"layers.{i}.norm.bias", "encoder.layer.{i}.layernorm_before.bias"},
    {"layers.{i}.attention.query.weight",
     "encoder.layer.{i}.attention.attention.query.weight"},
    {"layers.{i}.attention.query.bias",
     "encoder.layer.{i}.attention.attention.query.bias"},
    {"layers.{i}.attention.key.weight",
     "encoder.layer.{i}.attention.attention.key.weight"},
    {"layers.{i}.attention.key.bias",
     "encoder.layer.{i}.attention.attention.key.bias"},
    {"layers.{i}.attention.value.weight",
     "encoder.layer.{i}.attention.attention.value.weight"},
    {"layers.{i}.attention.value.bias",
     "encoder.layer.{i}.attention.attention.value.bias"},
    {"layers.{i}.attention.output.weight",
     "encoder.layer.{i}.attention.output.dense.weight"},
    {"layers.{i}.attention.output.bias",
     "encoder.layer.{i}.attention.output.dense.bias"},
    {"layers.{i}.norm_2.weight", "encoder.layer.{i}.layernorm_after.weight"},
    {"layers.{i}.norm_2.bias", "encoder.layer.{i}.layernorm_after.bias"},
    {"layers.{i}.mlp.up.weight", "encoder.layer.{i}.intermediate.dense.weight"},
    {"layers.{i}.mlp.up.bias", "encoder.layer.{i}.intermediate.dense.bias"},
    {"layers.{i}.mlp.down.weight", "encoder.layer.{i}.output.dense.weight"},
    {"layers.{i}.mlp.down.bias", "encoder.layer.{i}.output.dense.bias"},
    {"norm.weight", "layernorm.weight"},
    {"norm.bias", "layernorm.bias"},
};
constexpr TensorName vitRows[] = {
    {"prepend.weight", "embeddings.cls_token"},
};
/// The row that is put first stands behind the one that is put next.
constexpr TensorName deitRows[] = {
    {"prepend.weight", "embeddings.distillation_token"},
    {"prepend_2.weight", "embeddings.cls_token"},
};
constexpr TensorName classes[] = {
    {"linear.weight", "/classifier.weight"},
    {"linear.bias", "/classifier.bias"},
};
constexpr TensorName pooled[] = {
    {"linear.weight", "pooler.dense.weight"},
    {"linear.bias", "pooler.dense.bias"},
};

Import importImages(Config &config, bool distilled) {
  refuseQuantised(config);
  StringRef head = readHead(config, {"ForImageClassification", "Model"});
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  ArrayRef<TensorName> rows =
      distilled ? ArrayRef(deitRows) : ArrayRef(vitRows);
  result.names.insert(result.names.end(), rows.begin(), rows.end());
  result.prefixes = distilled ? std::vector<StringRef>{"deit.", ""}
                              : std::vector<StringRef>{"vit.", ""};
  result.anchor = "embeddings.cls_token";
  spec::Spec &spec = result.spec;
  spec.dim = config.size("hidden_size");
  spec::Patch patch;
  patch.channels = config.size("num_channels", 3);
  patch.height = patch.width = config.size("image_size", 224);
  patch.window.size = config.size("patch_size", 16);
  patch.bias = true;
  spec::Norm norm;
  norm.eps = config.positive("layer_norm_eps", 1e-12);
  spec::Attention attention;
  attention.heads = config.size("num_attention_heads");
  attention.headDim = readHeadDim(config, spec.dim, attention.heads,
                                  "hidden_size", "num_attention_heads");
  attention.queryBias = attention.keyBias = attention.valueBias =
      config.flag("qkv_bias", true);
  attention.outputBias = true;
  spec::Mlp mlp;
  mlp.hidden = config.size("intermediate_size");
  mlp.act = readActivation(config, "hidden_act", "gelu");
  mlp.bias = true;
  auto add = [&](spec::LayerBody body) {
    spec.layers.push_back(makeLayer(std::move(body)));
  };
  add(patch);
  if (distilled) {
    spec::Prepend row;
    row.what = "distillation";
    add(row);
  }
  add(spec::Prepend());
  add(spec::Position());
  add(repeatOf(config.size("num_hidden_layers"),
               layersOf(residualOf(norm, attention), residualOf(norm, mlp))));
  add(norm);
  add(spec::Pool());
  spec::Linear linear;
  linear.bias = true;
  bool classify = head == "ForImageClassification";
  linear.to = classify ? readLabels(config) : spec.dim;
  if (!classify)
    linear.act = spec::Activation::Tanh;
  add(linear);
  ArrayRef<TensorName> more = classify ? ArrayRef(classes) : ArrayRef(pooled);
  result.names.insert(result.names.end(), more.begin(), more.end());
  return result;
}

} // namespace

Import importVit(Config &config) { return importImages(config, false); }
Import importDeit(Config &config) { return importImages(config, true); }

} // namespace importer
