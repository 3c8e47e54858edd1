// What the families share.
#include "compiler/Import/Families.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <fmt/format.h>

using namespace llvm;

namespace importer {

ArrayRef<Family> families() {
  static const Family table[] = {{"albert", importAlbert},
                                 {"baichuan", importBaichuan},
                                 {"bart", importBart},
                                 {"bert", importBert},
                                 {"bloom", importBloom},
                                 {"chatglm", importChatGlm},
                                 {"clip_text_model", importClipText},
                                 {"clip_vision_model", importClipVision},
                                 {"deepseek_v2", importDeepSeekV2},
                                 {"deepseek_v3", importDeepSeekV3},
                                 {"deit", importDeit},
                                 {"distilbert", importDistilBert},
                                 {"falcon", importFalcon},
                                 {"gemma", importGemma},
                                 {"gemma2", importGemma2},
                                 {"gemma3_text", importGemma3},
                                 {"gpt2", importGpt2},
                                 {"gpt_neox", importGptNeoX},
                                 {"internlm", importInternLm},
                                 {"internlm2", importInternLm2},
                                 {"llama", importLlama},
                                 {"marian", importMarian},
                                 {"mbart", importMbart},
                                 {"minicpm", importMiniCpm},
                                 {"mistral", importMistral},
                                 {"mixtral", importMixtral},
                                 {"mpt", importMpt},
                                 {"mt5", importT5},
                                 {"olmo", importOlmo},
                                 {"olmo2", importOlmo2},
                                 {"opt", importOpt},
                                 {"phi", importPhi},
                                 {"phi-msft", importPhiMsft},
                                 {"phi3", importPhi3},
                                 {"qwen", importQwen},
                                 {"qwen2", importQwen2},
                                 {"qwen2_moe", importQwen2Moe},
                                 {"qwen3", importQwen3},
                                 {"qwen3_moe", importQwen3Moe},
                                 {"roberta", importRoberta},
                                 {"stablelm", importStableLm},
                                 {"swin", importSwin},
                                 {"t5", importT5},
                                 {"vit", importVit},
                                 {"whisper", importWhisper},
                                 {"xlm-roberta", importRoberta}};
  return table;
}

ArrayRef<Unsupported> unsupportedFamilies() {
  static const Unsupported table[] = {{"gemma3", "images beside text"},
                                      {"mamba", "state space layers"},
                                      {"resnet", "convolutions"}};
  return table;
}

std::string nearest(StringRef word, std::vector<StringRef> known) {
  word = word.take_front(64);
  llvm::sort(known, [&](StringRef a, StringRef b) {
    return std::pair(a.edit_distance(word), a) <
           std::pair(b.edit_distance(word), b);
  });
  std::string list;
  for (StringRef each : known)
    list += (list.empty() ? "" : ", ") + each.str();
  return list;
}

spec::Activation readActivation(Config &config, StringRef key,
                                StringRef otherwise) {
  struct Entry {
    StringRef name;
    spec::Activation act;
  };
  static const Entry table[] = {
      {"gelu", spec::Activation::Gelu},
      {"gelu_new", spec::Activation::GeluTanh},
      {"gelu_pytorch_tanh", spec::Activation::GeluTanh},
      {"gelu_fast", spec::Activation::GeluTanh},
      {"quick_gelu", spec::Activation::QuickGelu},
      {"relu", spec::Activation::Relu},
      {"relu2", spec::Activation::Relu2},
      {"silu", spec::Activation::Silu},
      {"swish", spec::Activation::Silu},
      {"tanh", spec::Activation::Tanh}};
  std::string name = config.text(key, otherwise);
  for (const Entry &entry : table)
    if (entry.name == name)
      return entry.act;
  std::string known;
  for (const Entry &entry : table)
    known += (known.empty() ? "" : ", ") + entry.name.str();
  config.refuse(key, "'" + name + "'", "expected one of " + known);
  return spec::Activation::Identity;
}

void refuseQuantised(Config &config) {
  if (config.has("quantization_config"))
    config.refuse("quantization_config", "a quantised checkpoint",
                  "expected F32, F16 or BF16 weights");
}

StringRef readHead(Config &config, ArrayRef<StringRef> ends) {
  std::vector<std::string> names = config.texts("architectures");
  if (names.empty())
    return ends.front();
  for (StringRef end : ends)
    if (StringRef(names.front()).ends_with(end))
      return end;
  config.refuse("architectures", "'" + names.front() + "'",
                "expected a name that ends in " + join(ends, " or "));
  return ends.front();
}

spec::Layers decoderOf(int64_t depth, spec::Layers block,
                       const spec::Norm &norm, const spec::Logits &logits) {
  return layersOf(spec::Embed(), repeatOf(depth, std::move(block)), norm,
                  logits);
}

spec::Norm rmsNorm(double eps) {
  spec::Norm norm;
  norm.kind = spec::NormKind::Rms;
  norm.bias = false;
  norm.eps = eps;
  return norm;
}

void checkSharing(Config &config, StringRef key,
                  const spec::Attention &attention) {
  if (attention.heads % attention.kvHeads != 0)
    config.problem(key, std::to_string(attention.heads) +
                            " num_attention_heads cannot share " +
                            std::to_string(attention.kvHeads) + " evenly");
}

void refuseCommon(Config &config) {
  refuseQuantised(config);
  readHead(config, {"ForCausalLM", "LMHeadModel"});
}

void expectFlag(Config &config, StringRef key, bool value) {
  if (config.flag(key, value) != value)
    config.refuse(key, value ? "false" : "true",
                  value ? "expected true" : "expected false");
}

int64_t readHeadDim(Config &config, int64_t width, int64_t heads,
                    StringRef widthKey, StringRef headsKey) {
  if (width % heads != 0)
    config.problem(headsKey, std::to_string(heads) + " heads do not divide " +
                                 widthKey.str() + " " + std::to_string(width));
  return std::max<int64_t>(1, width / heads);
}

void editLeaves(spec::Layers &layers, function_ref<void(spec::Layer &)> body) {
  for (spec::Layer &layer : layers) {
    if (auto *residual = std::get_if<spec::Residual>(&layer.body))
      editLeaves(residual->layers, body);
    else if (auto *parallel = std::get_if<spec::Parallel>(&layer.body))
      editLeaves(parallel->branches, body);
    else if (auto *outputs = std::get_if<spec::Outputs>(&layer.body))
      editLeaves(outputs->branches, body);
    else if (auto *exit = std::get_if<spec::Exit>(&layer.body))
      editLeaves(exit->layers, body);
    else if (auto *sequence = std::get_if<spec::Sequence>(&layer.body))
      editLeaves(sequence->layers, body);
    else if (auto *repeat = std::get_if<spec::Repeat>(&layer.body))
      editLeaves(repeat->layers, body);
    else
      body(layer);
  }
}

const spec::Attention *findAttention(const spec::Layers &layers) {
  const spec::Attention *found = nullptr;
  weights::forEachLeaf(layers, [&](const spec::Layer &layer) {
    if (auto *attention = std::get_if<spec::Attention>(&layer.body);
        attention && !found)
      found = attention;
  });
  return found;
}

spec::Layer makeLayer(spec::LayerBody body) {
  spec::Layer layer;
  layer.body = std::move(body);
  return layer;
}

spec::Repeat repeatOf(int64_t count, spec::Layers layers) {
  spec::Repeat repeat;
  repeat.count = count;
  repeat.layers = std::move(layers);
  return repeat;
}

} // namespace importer
