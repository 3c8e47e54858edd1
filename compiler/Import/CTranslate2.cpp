// Models of CTranslate2: encoder-decoders and decoders of the original
// transformer. What a converter leaves out holds as in its C++ code.
#include "compiler/Weights/CTranslate2.h"
#include "compiler/Import/Families.h"
#include "compiler/Import/Formats.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/Fail.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <cmath>
#include <set>

using namespace llvm;

namespace importer {
namespace {

/// Sinusoids have no end; `--context` says another.
constexpr int64_t usualContext = 512;

class Reader {
public:
  Reader(StringRef path, const weights::CTranslate2Model &model)
      : path(path), model(model) {}

  Expected<spec::Spec> read() {
    StringRef name = model.spec;
    bool translates = name == "TransformerBase" || name == "TransformerBig" ||
                      name == "TransformerSpec";
    if (!translates && !isAlone())
      return weights::fail("{}: a model of the kind '{}', expected a "
                           "TransformerSpec or a TransformerDecoderSpec",
                           path.str(), model.spec);
    if (translates)
      spec.encoder =
          readStack("encoder", spec.source.context, spec.source.vocab);
    spec.layers = readStack("decoder", spec.context, spec.vocab);
    finishSettings();
    if (!problem.empty())
      return weights::fail("{}: {}", path.str(), problem);
    if (translates) {
      spec.source.start = tokenNumber("<s>");
      spec.source.end = tokenNumber("</s>");
    }
    return std::move(spec);
  }

private:
  using Shape = std::vector<int64_t>;

  /// A decoder that reads no source.
  bool isAlone() const { return model.spec == "TransformerDecoderSpec"; }
  /// What our names of a stack begin with.
  std::string below(const std::string &stack) const {
    return isAlone() ? "" : stack + ".";
  }

  void fail(const std::string &why) {
    if (problem.empty())
      problem = why;
  }

  double setting(const std::string &name, double otherwise) {
    known.insert(name);
    auto found = model.settings.find(name);
    return found == model.settings.end() ? otherwise : found->second;
  }

  /// Settings that change what is computed must be at rest.
  void finishSettings() {
    for (const auto &[name, value] : model.settings) {
      StringRef last = StringRef(name).rsplit('/').second;
      bool idle = value == 0 || last.starts_with("alignment") ||
                  last == "alibi_use_positive_positions";
      if (!known.count(name) && !idle)
        fail(fmt::format("the setting '{}' is {}, which is not supported", name,
                         value));
    }
    for (const weights::Tensor &tensor : model.file.tensors())
      if (StringRef(tensor.name).contains("relative_position"))
        fail(fmt::format("'{}': relative positions are not supported",
                         tensor.name));
  }

  Shape shapeOf(const std::string &name) {
    const weights::Tensor *tensor = model.file.find(name);
    if (tensor && tensor->shape.size() == 2)
      return tensor->shape;
    fail(fmt::format("there is no matrix '{}'", name));
    return {1, 1};
  }

  bool has(const std::string &name) const { return model.file.find(name); }

  /// `ours` is `theirs`, or its rows from `begin` to `end`.
  void map(const std::string &ours, const std::string &theirs,
           int64_t begin = 0, int64_t end = 0) {
    spec::WeightSource source;
    source.tensor = theirs;
    if (end) {
      source.slices.push_back({begin, end});
      if (StringRef(theirs).ends_with("weight"))
        source.slices.emplace_back();
    }
    names[ours] = source;
  }
  void mapLinear(const std::string &ours, const std::string &theirs,
                 int64_t begin = 0, int64_t end = 0) {
    map(ours + ".weight", theirs + "/weight", begin, end);
    map(ours + ".bias", theirs + "/bias", begin, end);
  }
  void mapNorm(const std::string &ours, const std::string &theirs) {
    map(ours + ".weight", theirs + "/gamma");
    map(ours + ".bias", theirs + "/beta");
  }

  spec::Layers readStack(const std::string &stack, int64_t &context,
                         int64_t &vocab);
  spec::Position readPosition(const std::string &stack, int64_t &context);
  spec::Layers readBlock(const std::string &stack, bool decodes, bool preNorm);
  spec::Logits readLogits(const std::string &ours);
  spec::Activation readAct(const std::string &name);
  std::optional<int64_t> tokenNumber(StringRef word) const;

  StringRef path;
  const weights::CTranslate2Model &model;
  spec::Spec spec;
  std::set<std::string> known; ///< settings that were read
  std::string problem;

public:
  /// Some of which the model may not have.
  std::map<std::string, spec::WeightSource> names;
};

spec::Activation Reader::readAct(const std::string &name) {
  switch (int(setting(name, 0))) {
  case 0:
    return spec::Activation::Relu;
  case 1:
    return spec::Activation::GeluTanh;
  case 2:
    return spec::Activation::Silu;
  case 3:
    return spec::Activation::Gelu;
  case 5:
    return spec::Activation::Tanh;
  }
  fail(fmt::format("'{}' is no activation that is supported", name));
  return spec::Activation::Relu;
}

spec::Position Reader::readPosition(const std::string &stack,
                                    int64_t &context) {
  spec::Position position;
  std::string table = stack + "/position_encodings/encodings";
  if (has(table)) {
    context = shapeOf(table)[0];
    map(below(stack) + "position.weight", table);
    return position;
  }
  context = usualContext;
  position.kind = spec::PositionKind::Sinusoidal;
  position.layout = spec::RotaryLayout::Halves;
  position.first = 1;
  position.inclusive = true;
  return position;
}

/// Query, key and value are one map in self-attention, key and value in
/// cross-attention.
spec::Layers Reader::readBlock(const std::string &stack, bool decodes,
                               bool preNorm) {
  std::string ours = below(stack) + "layers.{i}.";
  std::string theirs = stack + "/layer_{i}/";
  std::string first = stack + "/layer_0/";
  spec::Norm norm;
  spec::Attention attention;
  spec::CrossAttention cross;
  int64_t heads = int64_t(
      setting(stack + "/num_heads", model.spec == "TransformerBig" ? 16 : 8));
  attention.heads = cross.heads = heads;
  attention.mask = stack == "decoder" ? spec::Mask::Causal : spec::Mask::None;
  attention.queryBias = attention.keyBias = attention.valueBias =
      attention.outputBias = has(first + "self_attention/linear_0/bias");
  cross.queryBias = cross.keyBias = cross.valueBias = cross.outputBias =
      attention.queryBias;
  int64_t width = spec.dim;
  if (shapeOf(first + "self_attention/linear_0/weight")[0] != 3 * width)
    fail("heads that share keys are not supported");
  spec::Mlp mlp;
  mlp.hidden = shapeOf(first + "ffn/linear_0/weight")[0];
  mlp.act = readAct(stack + "/activation");
  mlp.bias = has(first + "ffn/linear_0/bias");
  if (has(first + "ffn/linear_0_noact/weight"))
    fail("gated maps are not supported");

  const char *parts[] = {"query", "key", "value"};
  for (int64_t i = 0; i < 3; ++i)
    mapLinear(ours + "attention." + parts[i],
              theirs + "self_attention/linear_0", i * width, (i + 1) * width);
  mapLinear(ours + "attention.output", theirs + "self_attention/linear_1");
  mapNorm(ours + "norm", theirs + "self_attention/layer_norm");
  if (decodes) {
    mapLinear(ours + "cross_attention.query", theirs + "attention/linear_0");
    for (int64_t i = 0; i < 2; ++i)
      mapLinear(ours + "cross_attention." + parts[i + 1],
                theirs + "attention/linear_1", i * width, (i + 1) * width);
    mapLinear(ours + "cross_attention.output", theirs + "attention/linear_2");
    mapNorm(ours + "norm_2", theirs + "attention/layer_norm");
  }
  mapNorm(ours + (decodes ? "norm_3" : "norm_2"), theirs + "ffn/layer_norm");
  mapLinear(ours + "mlp.up", theirs + "ffn/linear_0");
  mapLinear(ours + "mlp.down", theirs + "ffn/linear_1");

  spec::Layers block;
  auto add = [&](spec::LayerBody body) {
    if (preNorm)
      block.push_back(makeLayer(spec::Residual{layersOf(norm, body)}));
    else {
      block.push_back(makeLayer(spec::Residual{layersOf(body)}));
      block.push_back(makeLayer(norm));
    }
  };
  add(attention);
  if (decodes)
    add(cross);
  add(mlp);
  return block;
}

spec::Logits Reader::readLogits(const std::string &ours) {
  spec::Logits logits;
  auto alias = model.aliases.find("decoder/projection/weight");
  logits.tied = alias != model.aliases.end() &&
                StringRef(alias->second).contains("decoder/embeddings");
  logits.bias = has("decoder/projection/bias");
  mapLinear(ours + "logits", "decoder/projection");
  if (alias != model.aliases.end() && !logits.tied)
    map(ours + "logits.weight", alias->second);
  return logits;
}

spec::Layers Reader::readStack(const std::string &stack, int64_t &context,
                               int64_t &vocab) {
  std::string ours = below(stack);
  std::string embeddings = stack + "/embeddings";
  if (!has(embeddings + "/weight") && has(embeddings + "_0/weight"))
    embeddings += "_0";
  Shape table = shapeOf(embeddings + "/weight");
  vocab = table[0];
  spec.dim = table[1];
  map(ours + "embed.weight", embeddings + "/weight");
  spec::Embed embed;
  double scale = setting(stack + "/scale_embeddings", 1);
  embed.scale = scale == 1   ? std::sqrt(double(spec.dim))
                : scale == 0 ? 1.0
                             : scale;
  spec::Layers layers = layersOf(embed, readPosition(stack, context));
  bool preNorm = setting(stack + "/pre_norm", 1) != 0;
  int64_t count = 0;
  while (has(fmt::format("{}/layer_{}/ffn/linear_0/weight", stack, count)))
    ++count;
  spec::Norm norm;
  int norms = 0;
  if (has(stack + "/layernorm_embedding/gamma")) {
    layers.push_back(makeLayer(norm));
    mapNorm(ours + (norms++ ? "norm_2" : "norm"),
            stack + "/layernorm_embedding");
  }
  bool crosses = stack == "decoder" && !isAlone();
  layers.push_back(
      makeLayer(repeatOf(count, readBlock(stack, crosses, preNorm))));
  if (has(stack + "/layer_norm/gamma")) {
    layers.push_back(makeLayer(norm));
    mapNorm(ours + (norms++ ? "norm_2" : "norm"), stack + "/layer_norm");
  }
  if (stack == "decoder")
    layers.push_back(makeLayer(readLogits(ours)));
  return layers;
}

/// The place of a word in the vocabulary of the decoder, beside the model.
std::optional<int64_t> Reader::tokenNumber(StringRef word) const {
  for (StringRef file : {"target_vocabulary", "shared_vocabulary"})
    for (StringRef ending : {".json", ".txt"}) {
      SmallString<256> name(sys::path::parent_path(path));
      sys::path::append(name, file + ending);
      auto buffer = MemoryBuffer::getFile(name);
      if (!buffer)
        continue;
      StringRef text = (*buffer)->getBuffer();
      SmallVector<StringRef> words;
      text.split(words, '\n');
      if (ending == ".txt") {
        auto place = find(words, word);
        return place == words.end()
                   ? std::nullopt
                   : std::optional<int64_t>(place - words.begin());
      }
      Expected<json::Value> list = json::parse(text);
      if (!list)
        return consumeError(list.takeError()), std::nullopt;
      if (const json::Array *array = list->getAsArray())
        for (auto [i, value] : enumerate(*array))
          if (value.getAsString() == word)
            return int64_t(i);
    }
  return std::nullopt;
}

} // namespace

Expected<spec::Spec> importCTranslate2(StringRef path) {
  auto model = weights::readCTranslate2Model(path);
  if (!model)
    return model.takeError();
  Reader reader(path, *model);
  Expected<spec::Spec> spec = reader.read();
  if (!spec)
    return spec.takeError();
  std::string absolute = absolutePath(path);
  StringRef folder = sys::path::parent_path(absolute);
  spec->model = modelName(sys::path::filename(folder), "ctranslate2");
  spec->path = path.str();
  if (Error error = finish(*spec, path))
    return error;
  spec::WeightFiles &files = spec->weights.emplace();
  files.files = {absolute};
  for (const spec::Parameter &parameter : spec::listParameters(*spec))
    if (auto name = reader.names.find(parameter.name);
        name != reader.names.end())
      files.names.insert(*name);
  return spec;
}

} // namespace importer
