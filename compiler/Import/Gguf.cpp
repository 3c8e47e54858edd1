// GGUF: the metadata becomes the config.json that the model was converted from,
// and the family's function makes the spec of it. What the conversion changed
// (rotary partners, norm weights, fused matrices) is in the table of
// architectures; which biases and matrices there are, the tensors say.
#include "compiler/Weights/Gguf.h"
#include "compiler/Import/Families.h"
#include "compiler/Import/Formats.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <cmath>

using namespace llvm;
using weights::fail;

namespace importer {
namespace {

/// A key of the metadata, below the architecture's name, and its field.
struct Key {
  StringRef theirs, field;
};

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
constexpr Key gpt2Keys[] = {
    {"context_length", "n_positions"},
    {"embedding_length", "n_embd"},
    {"block_count", "n_layer"},
    {"feed_forward_length", "n_inner"},
    {"attention.head_count", "n_head"},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon"},
};

/// The norms of a block, in the order of our layers.
constexpr StringRef twoNorms[] = {"attn_norm", "ffn_norm"};
constexpr StringRef fourNorms[] = {"attn_norm", "post_attention_norm",
                                   "ffn_norm", "post_ffw_norm"};
constexpr Key gemma2Keys[] = {
    {"attn_logit_softcapping", "attn_logit_softcapping"},
    {"final_logit_softcapping", "final_logit_softcapping"},
};
constexpr Key neoxKeys[] = {
    {"use_parallel_residual", "use_parallel_residual"},
};

struct Architecture {
  StringRef name, modelType;
  spec::RotaryLayout layout; ///< that the conversion made
  ArrayRef<Key> keys;        ///< besides the common ones
  ArrayRef<StringRef> norms;
};

ArrayRef<Architecture> architectures() {
  using spec::RotaryLayout;
  static const Architecture table[] = {
      {"gemma", "gemma", RotaryLayout::Halves, {}, twoNorms},
      {"gemma2", "gemma2", RotaryLayout::Halves, gemma2Keys, fourNorms},
      {"gemma3", "gemma3_text", RotaryLayout::Halves, {}, fourNorms},
      {"gpt2", "gpt2", RotaryLayout::Halves, gpt2Keys, twoNorms},
      {"gptneox", "gpt_neox", RotaryLayout::Halves, neoxKeys, twoNorms},
      {"llama", "llama", RotaryLayout::Pairs, {}, twoNorms},
      {"phi2", "phi", RotaryLayout::Halves, {}, twoNorms},
      {"phi3", "phi3", RotaryLayout::Halves, {}, twoNorms},
      {"qwen2", "qwen2", RotaryLayout::Halves, {}, twoNorms},
      {"qwen3", "qwen3", RotaryLayout::Halves, {}, twoNorms},
      {"stablelm", "stablelm", RotaryLayout::Halves, {}, twoNorms},
  };
  return table;
}

/// Names without the block's norms. Fused tensors come last: they count where
/// the separate ones are missing.
constexpr TensorName names[] = {
    {"embed.weight", "token_embd.weight"},
    {"position.weight", "position_embd.weight"},
    {"layers.{i}.attention.query.weight", "blk.{i}.attn_q.weight"},
    {"layers.{i}.attention.query.bias", "blk.{i}.attn_q.bias"},
    {"layers.{i}.attention.key.weight", "blk.{i}.attn_k.weight"},
    {"layers.{i}.attention.key.bias", "blk.{i}.attn_k.bias"},
    {"layers.{i}.attention.value.weight", "blk.{i}.attn_v.weight"},
    {"layers.{i}.attention.value.bias", "blk.{i}.attn_v.bias"},
    {"layers.{i}.attention.output.weight", "blk.{i}.attn_output.weight"},
    {"layers.{i}.attention.output.bias", "blk.{i}.attn_output.bias"},
    {"layers.{i}.attention.query_norm.weight", "blk.{i}.attn_q_norm.weight"},
    {"layers.{i}.attention.key_norm.weight", "blk.{i}.attn_k_norm.weight"},
    {"layers.{i}.mlp.gate.weight", "blk.{i}.ffn_gate.weight"},
    {"layers.{i}.mlp.gate.bias", "blk.{i}.ffn_gate.bias"},
    {"layers.{i}.mlp.up.weight", "blk.{i}.ffn_up.weight"},
    {"layers.{i}.mlp.up.bias", "blk.{i}.ffn_up.bias"},
    {"layers.{i}.mlp.down.weight", "blk.{i}.ffn_down.weight"},
    {"layers.{i}.mlp.down.bias", "blk.{i}.ffn_down.bias"},
    {"norm.weight", "output_norm.weight"},
    {"norm.bias", "output_norm.bias"},
    {"logits.weight", "output.weight"},
    {"logits.bias", "output.bias"},
};
constexpr TensorName fusedQueries[] = {
    {"layers.{i}.attention.query.weight", "blk.{i}.attn_qkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.query.bias", "blk.{i}.attn_qkv.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.weight", "blk.{i}.attn_qkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.key.bias", "blk.{i}.attn_qkv.bias", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.weight", "blk.{i}.attn_qkv.weight", false,
     Fused::Stacked},
    {"layers.{i}.attention.value.bias", "blk.{i}.attn_qkv.bias", false,
     Fused::Stacked},
};
constexpr TensorName fusedGates[] = {
    {"layers.{i}.mlp.gate.weight", "blk.{i}.ffn_up.weight", false,
     Fused::Stacked},
    {"layers.{i}.mlp.up.weight", "blk.{i}.ffn_up.weight", false,
     Fused::Stacked},
};

class Importer {
public:
  Importer(StringRef path, const weights::Gguf &gguf) : path(path), gguf(gguf) {
    for (const weights::Tensor &tensor : gguf.tensors)
      tensors.try_emplace(tensor.name, &tensor);
  }

  Expected<spec::Spec> import();

private:
  Expected<const Architecture *> findArchitecture();
  const weights::GgufValue *find(StringRef key) const {
    return gguf.find((arch + "." + key).str());
  }
  Error addFields(ArrayRef<Key> keys);
  Error addField(const Key &key);
  Error addVocabulary();
  Error addScaling();
  Error addFrequencyFactors(const weights::Tensor &factors);
  Error refuse(StringRef key, StringRef what) {
    return fail("{}: {}.{}: {}", path.str(), arch.str(), key.str(), what.str());
  }
  void adapt(spec::Spec &spec, spec::RotaryLayout layout) const;
  void nameTensors(Import &import, ArrayRef<StringRef> norms);
  spec::Dtype formatOf(StringRef scope, const spec::Spec &spec) const;
  void chooseFormats(spec::Spec &spec) const;
  bool has(StringRef tensor) const { return tensors.contains(tensor); }

  StringRef path, arch;
  const weights::Gguf &gguf;
  StringMap<const weights::Tensor *> tensors;
  json::Object config;
  /// Names of norms, which the table's entries point to.
  std::vector<std::string> normNames;
};

Expected<const Architecture *> Importer::findArchitecture() {
  const weights::GgufValue *value = gguf.find("general.architecture");
  std::optional<StringRef> name = value ? value->string() : std::nullopt;
  if (!name)
    return fail("{}: general.architecture: missing, expected a string",
                path.str());
  arch = *name;
  std::vector<StringRef> known;
  for (const Architecture &each : architectures()) {
    if (each.name == arch)
      return &each;
    known.push_back(each.name);
  }
  return fail("{}: general.architecture: '{}' is not supported, nearest: {}",
              path.str(), arch.str(), nearest(arch, known));
}

/// Numbers are as short as their float allows: 1e-5 and not 9.99999975e-6.
json::Value fieldOf(const weights::GgufValue &value) {
  if (std::optional<bool> flag = value.flag())
    return *flag;
  if (std::optional<int64_t> whole = value.integer())
    return *whole;
  if (std::optional<double> number = value.number()) {
    double shortest;
    if (StringRef(fmt::format("{}", float(*number))).getAsDouble(shortest))
      shortest = *number;
    return shortest;
  }
  return nullptr;
}

Error Importer::addField(const Key &key) {
  const weights::GgufValue *value = find(key.theirs);
  if (!value)
    return Error::success();
  if (value->isArray())
    return refuse(key.theirs, "another number for each block is not supported");
  json::Value field = fieldOf(*value);
  if (field.kind() == json::Value::Null)
    return refuse(key.theirs, "expected a number");
  config[key.field] = std::move(field);
  return Error::success();
}

Error Importer::addFields(ArrayRef<Key> keys) {
  for (StringRef key : {"context_length", "embedding_length", "block_count",
                        "attention.head_count"})
    if (!find(key))
      return refuse(key, "missing, expected a positive integer");
  for (ArrayRef<Key> list : {ArrayRef(commonKeys), keys})
    for (const Key &key : list)
      if (Error error = addField(key))
        return error;
  std::optional<int64_t> blocks = find("block_count")->integer();
  if (blocks && *blocks > int64_t(gguf.tensors.size()))
    return refuse("block_count", fmt::format("{} blocks of {} tensors", *blocks,
                                             gguf.tensors.size()));
  if (const weights::GgufValue *experts = find("expert_count"))
    if (experts->integer() != 0)
      return refuse("expert_count", "mixtures of experts are not supported");
  return Error::success();
}

Error Importer::addVocabulary() {
  auto at = tensors.find("token_embd.weight");
  if (at == tensors.end())
    return fail("{}: no tensor 'token_embd.weight'", path.str());
  config["vocab_size"] = at->second->shape.front();
  config["tie_word_embeddings"] = !has("output.weight");
  return Error::success();
}

/// LLaMA 3's scaling comes as the factors that it makes of its four settings,
/// of which only the first has ever changed.
Error Importer::addFrequencyFactors(const weights::Tensor &factors) {
  double theta = 10000.0, most = 1.0, original = 8192.0;
  if (const json::Value *value = config.get("rope_theta"))
    theta = value->getAsNumber().value_or(theta);
  if (factors.dtype != weights::DType::F32)
    return fail("{}: tensor 'rope_freqs.weight' has type {}, expected F32",
                path.str(), factors.dtypeName.str());
  std::vector<float> values(size_t(factors.bytes) / 4);
  std::memcpy(values.data(), factors.data, values.size() * 4);
  for (float value : values)
    most = std::max(most, double(value));
  for (size_t i = 0; i < values.size(); ++i) {
    double frequency = std::pow(theta, -double(i) / double(values.size()));
    double turns = original * frequency / (2 * M_PI);
    double keep = std::clamp((turns - 1.0) / (4.0 - 1.0), 0.0, 1.0);
    double factor = 1.0 / (keep + (1.0 - keep) / most);
    if (!(std::abs(values[i] - factor) <= 1e-4 * factor))
      return fail("{}: tensor 'rope_freqs.weight': value {} is {}, LLaMA 3's "
                  "scaling by {} has {}",
                  path.str(), i, values[i], most, factor);
  }
  config["rope_scaling"] =
      json::Object{{"rope_type", "llama3"},
                   {"factor", most},
                   {"low_freq_factor", 1.0},
                   {"high_freq_factor", 4.0},
                   {"original_max_position_embeddings", int64_t(original)}};
  return Error::success();
}

Error Importer::addScaling() {
  if (auto at = tensors.find("rope_freqs.weight"); at != tensors.end())
    return addFrequencyFactors(*at->second);
  for (StringRef longRope :
       {"rope_factors_long.weight", "rope_factors_short.weight"})
    if (has(longRope))
      return fail("{}: tensor '{}': longrope scaling is not supported",
                  path.str(), longRope.str());
  json::Object scaling;
  const weights::GgufValue *kind = find("rope.scaling.type");
  StringRef type = "none";
  if (kind)
    type = kind->string().value_or("");
  if (type == "none")
    return Error::success();
  if (type != "linear" && type != "yarn")
    return refuse("rope.scaling.type",
                  "'" + type.str() +
                      "' is not supported, expected none, linear or yarn");
  scaling["type"] = type;
  constexpr Key keys[] = {{"rope.scaling.factor", "factor"},
                          {"rope.scaling.original_context_length",
                           "original_max_position_embeddings"}};
  for (const Key &key : keys)
    if (const weights::GgufValue *value = find(key.theirs))
      scaling[key.field] = fieldOf(*value);
  config["rope_scaling"] = std::move(scaling);
  return Error::success();
}

/// What the conversion changed, and what the tensors tell better.
void Importer::adapt(spec::Spec &spec, spec::RotaryLayout layout) const {
  bool fused = has("blk.0.attn_qkv.weight");
  auto biased = [&](StringRef part) {
    return has(fused ? "blk.0.attn_qkv.bias"
                     : ("blk.0.attn_" + part + ".bias").str());
  };
  editLeaves(spec.layers, [&](spec::Layer &layer) {
    if (auto *attention = std::get_if<spec::Attention>(&layer.body)) {
      attention->queryBias = biased("q");
      attention->keyBias = biased("k");
      attention->valueBias = biased("v");
      attention->outputBias = has("blk.0.attn_output.bias");
      if (attention->rotary)
        attention->rotary->layout = layout;
      const weights::GgufValue *dim = find("rope.dimension_count");
      if (attention->rotary && dim)
        attention->rotary->dim = dim->integer().value_or(0);
    } else if (auto *mlp = std::get_if<spec::Mlp>(&layer.body)) {
      mlp->bias = has("blk.0.ffn_down.bias");
    } else if (auto *norm = std::get_if<spec::Norm>(&layer.body)) {
      norm->offset = 0.0;
    }
  });
}

void Importer::nameTensors(Import &import, ArrayRef<StringRef> norms) {
  auto isFusedAway = [&](const TensorName &name) {
    StringRef theirs = name.theirs;
    if (has("blk.0.attn_qkv.weight") &&
        (theirs.starts_with("blk.{i}.attn_q.") ||
         theirs.starts_with("blk.{i}.attn_k.") ||
         theirs.starts_with("blk.{i}.attn_v.")))
      return true;
    return !has("blk.0.ffn_gate.weight") &&
           StringRef(name.ours).starts_with("layers.{i}.mlp.gate.");
  };
  import.names.clear();
  for (const TensorName &name : names)
    if (!isFusedAway(name))
      import.names.push_back(name);
  if (has("blk.0.attn_qkv.weight"))
    llvm::append_range(import.names, fusedQueries);
  bool gated = any_of(spec::listParameters(import.spec), [](auto &parameter) {
    return StringRef(parameter.name).ends_with("mlp.gate.weight");
  });
  if (gated && !has("blk.0.ffn_gate.weight")) {
    llvm::erase_if(import.names, [](const TensorName &name) {
      return StringRef(name.ours) == "layers.{i}.mlp.up.weight";
    });
    llvm::append_range(import.names, fusedGates);
  }
  for (size_t i = 0; i < norms.size(); ++i)
    for (StringRef part : {"weight", "bias"}) {
      std::string number = i ? fmt::format("_{}", i + 1) : "";
      normNames.push_back(
          fmt::format("layers.{{i}}.norm{}.{}", number, part.str()));
      normNames.push_back(
          fmt::format("blk.{{i}}.{}.{}", norms[i].str(), part.str()));
    }
  for (size_t i = 0; i < normNames.size(); i += 2)
    import.names.push_back({normNames[i].c_str(), normNames[i + 1].c_str()});
}

/// The format that keeps the values of all matrices of the layer `scope` as the
/// file has them, if they are all of one type that is one of our formats.
spec::Dtype Importer::formatOf(StringRef scope, const spec::Spec &spec) const {
  StringRef type;
  for (const spec::Parameter &parameter : spec::listParameters(spec)) {
    auto source = spec.weights->names.find(parameter.name);
    if (!StringRef(parameter.name).starts_with((scope + ".").str()) ||
        parameter.shape.size() != 2 || source == spec.weights->names.end())
      continue;
    bool mixed = false;
    weights::forEachIndex(parameter.repeats, [&](ArrayRef<int64_t> index) {
      auto at = tensors.find(weights::substitute(source->second.tensor, index));
      if (at == tensors.end())
        return;
      mixed |= !type.empty() && type != at->second->dtypeName;
      type = at->second->dtypeName;
    });
    if (mixed)
      return spec::Dtype::F32;
  }
  return weights::ggufFormat(type).value_or(spec::Dtype::F32);
}

/// The model's format is that of most layers, and where that is not f32, others
/// say their own. Tied logits read the embedding's table.
void Importer::chooseFormats(spec::Spec &spec) const {
  std::map<std::string, spec::Dtype> formats;
  std::map<spec::Dtype, int> votes;
  auto visit = [&](function_ref<void(const std::string &scope,
                                     std::optional<spec::Dtype> &dtype)>
                       body) {
    editLeaves(spec.layers, [&](spec::Layer &layer) {
      std::visit(
          [&](auto &leaf) {
            if constexpr (requires { leaf.dtype; })
              body(layer.scope, leaf.dtype);
          },
          layer.body);
    });
  };
  visit([&](const std::string &scope, std::optional<spec::Dtype> &) {
    bool tied = scope == "logits" && !has("output.weight");
    spec::Dtype format = formatOf(tied ? "embed" : scope, spec);
    formats[scope] = format;
    ++votes[format];
  });
  for (auto [format, count] : votes)
    if (count > votes[spec.dtype])
      spec.dtype = format;
  if (spec.dtype == spec::Dtype::F32)
    return;
  visit([&](const std::string &scope, std::optional<spec::Dtype> &dtype) {
    if (formats[scope] != spec.dtype)
      dtype = formats[scope];
  });
}

Expected<spec::Spec> Importer::import() {
  Expected<const Architecture *> found = findArchitecture();
  if (!found)
    return found.takeError();
  const Architecture &architecture = **found;
  if (Error error = addFields(architecture.keys))
    return error;
  if (Error error = addVocabulary())
    return error;
  if (Error error = addScaling())
    return error;
  Config fields = Config::of(path, std::move(config));
  const Family *family = find_if(families(), [&](const Family &each) {
    return each.modelType == architecture.modelType;
  });
  Import import = family->import(fields);
  if (Error error = fields.takeProblems())
    return error;
  spec::Spec &spec = import.spec;
  adapt(spec, architecture.layout);
  spec.model = modelName(sys::path::stem(path), arch);
  spec.path = path.str();
  if (Error error = finish(spec, path))
    return error;
  nameTensors(import, architecture.norms);
  spec::WeightFiles files;
  files.files = {absolutePath(path)};
  files.names = mapNames(import, "");
  spec.weights = std::move(files);
  chooseFormats(spec);
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
  return Importer(path, *gguf).import();
}

} // namespace importer
