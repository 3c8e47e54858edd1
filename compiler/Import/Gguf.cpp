// GGUF: the metadata becomes the config.json that the model was converted from,
// and the family's function makes the spec of it. What the conversion changed
// (rotary partners, norm weights, fused and stacked matrices) is in the table
// of architectures; which biases and matrices there are, the tensors say.
#include "compiler/Import/Formats.h"
#include "compiler/Import/GgufArchitectures.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using weights::fail;

namespace importer {
namespace {

constexpr Key commonKeys[] = {
    {"context_length", "max_position_embeddings"},
    {"embedding_length", "hidden_size"},
    {"block_count", "num_hidden_layers"},
    {"feed_forward_length", "intermediate_size"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.head_count_kv", "num_key_value_heads"},
    {"attention.key_length", "head_dim"},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps"},
    {"attention.layer_norm_epsilon", "layer_norm_eps"},
    {"attention.sliding_window", "sliding_window"},
    {"rope.freq_base", "rope_theta"},
};

/// What no family reads unless the architecture's keys have it, and the number
/// that changes nothing.
struct Neutral {
  StringRef key;
  double value;
};
constexpr Neutral neutrals[] = {
    {"attention.clamp_kqv", 0.0},
    {"expert_weights_scale", 1.0},
};

Expected<const Architecture *> findArchitecture(StringRef path,
                                                const weights::Gguf &gguf) {
  const weights::GgufValue *value = gguf.find("general.architecture");
  std::optional<StringRef> name = value ? value->string() : std::nullopt;
  if (!name)
    return fail("{}: general.architecture: missing, expected a string",
                path.str());
  std::vector<StringRef> known;
  for (const Architecture &each : architectures()) {
    if (each.name == *name)
      return &each;
    known.push_back(each.name);
  }
  return fail("{}: general.architecture: '{}' is not supported, nearest: {}",
              path.str(), name->str(), nearest(*name, known));
}

Error checkKeys(const GgufModel &model, ArrayRef<Key> own) {
  for (StringRef key : {"context_length", "embedding_length", "block_count",
                        "attention.head_count"})
    if (!model.find(key))
      return model.refuse(key, "missing, expected a positive integer");
  std::optional<int64_t> blocks = model.integer("block_count");
  if (blocks && *blocks > int64_t(model.tensorCount()))
    return model.refuse(
        "block_count",
        fmt::format("{} blocks of {} tensors", *blocks, model.tensorCount()));
  for (const Neutral &each : neutrals) {
    bool known = any_of(own, [&](Key key) { return key.theirs == each.key; });
    std::optional<double> number = model.number(each.key);
    if (number && *number != each.value && !known)
      return model.refuse(each.key, fmt::format("{} is not supported, expected "
                                                "{}",
                                                *number, each.value));
  }
  return Error::success();
}

Error chooseFamily(const GgufModel &model, const Architecture &architecture,
                   json::Object &config) {
  bool mixes = model.integer("expert_count").value_or(0) != 0;
  StringRef type = mixes ? architecture.mixture : architecture.modelType;
  if (type.empty())
    return model.refuse("expert_count",
                        mixes ? "mixtures of experts are not supported"
                              : "expected a mixture of experts");
  config["model_type"] = type;
  return Error::success();
}

Error addVocabulary(const GgufModel &model, json::Object &config) {
  const weights::Tensor *table = model.tensor("token_embd.weight");
  if (!table)
    return fail("{}: no tensor 'token_embd.weight'", model.path().str());
  config["vocab_size"] = table->shape.front();
  config["tie_word_embeddings"] = !model.has("output.weight");
  return Error::success();
}

Expected<json::Object> makeConfig(const GgufModel &model,
                                  const Architecture &architecture) {
  json::Object config;
  if (Error error = checkKeys(model, architecture.keys))
    return error;
  for (ArrayRef<Key> keys : {ArrayRef(commonKeys), architecture.keys})
    if (Error error = model.copy(keys, config))
      return error;
  if (model.integer("attention.sliding_window") == 0)
    config["sliding_window"] = nullptr; // none
  if (Error error = chooseFamily(model, architecture, config))
    return error;
  if (Error error = addVocabulary(model, config))
    return error;
  if (Error error = addScaling(model, config))
    return error;
  if (architecture.addFields)
    if (Error error = architecture.addFields(model, config))
      return error;
  return config;
}

/// What the conversion changed, and what the tensors tell better.
void adapt(const GgufModel &model, spec::Spec &spec,
           spec::RotaryLayout layout) {
  bool fused = model.anyBlockHas("attn_qkv.weight");
  auto biased = [&](StringRef part) {
    return model.anyBlockHas(fused ? "attn_qkv.bias"
                                   : ("attn_" + part + ".bias").str());
  };
  std::optional<int64_t> turned = model.integer("rope.dimension_count");
  editLeaves(spec.layers, [&](spec::Layer &layer) {
    if (auto *attention = std::get_if<spec::Attention>(&layer.body)) {
      attention->queryBias = biased("q");
      attention->keyBias = biased("k");
      attention->valueBias = biased("v");
      attention->outputBias = model.anyBlockHas("attn_output.bias");
      if (attention->rotary)
        attention->rotary->layout = layout;
      if (attention->rotary && turned)
        attention->rotary->dim = *turned;
    } else if (auto *mlp = std::get_if<spec::Mlp>(&layer.body)) {
      mlp->bias = model.anyBlockHas("ffn_down.bias");
    } else if (auto *norm = std::get_if<spec::Norm>(&layer.body)) {
      norm->offset = 0.0;
    }
  });
}

Expected<spec::Spec> makeSpec(const GgufModel &model,
                              const Architecture &architecture) {
  Expected<json::Object> object = makeConfig(model, architecture);
  if (!object)
    return object.takeError();
  Config config = Config::of(model.path(), std::move(*object));
  std::string type = config.text("model_type", "");
  const Family *family = find_if(
      families(), [&](const Family &each) { return each.modelType == type; });
  Import import = family->import(config);
  if (Error error = config.takeProblems())
    return error;
  spec::Spec &spec = import.spec;
  adapt(model, spec, architecture.layout);
  if (architecture.adapt)
    if (Error error = architecture.adapt(model, import))
      return error;
  spec.model = modelName(sys::path::stem(model.path()), model.arch());
  spec.path = model.path().str();
  if (Error error = finish(spec, model.path()))
    return error;
  spec::WeightFiles files;
  files.files = {absolutePath(model.path())};
  files.names = mapGgufNames(model, import, architecture.norms);
  spec.weights = std::move(files);
  chooseFormats(model, spec);
  return std::move(spec);
}

} // namespace

Expected<spec::Spec> importGguf(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = weights::mapFile(path);
  if (!buffer)
    return buffer.takeError();
  Expected<weights::Gguf> gguf =
      weights::parseGguf(path, (*buffer)->getBuffer());
  if (!gguf)
    return gguf.takeError();
  Expected<const Architecture *> architecture = findArchitecture(path, *gguf);
  if (!architecture)
    return architecture.takeError();
  return makeSpec(GgufModel(path, (*architecture)->name, *gguf),
                  **architecture);
}

} // namespace importer
