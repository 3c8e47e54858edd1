// Whisper (Radford et al. 2022): an encoder of the rows of a spectrogram, two
// convolutions before its blocks, and a decoder of tokens.
#include "compiler/Import/Families.h"

#include <cmath>

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"encoder.conv.weight", "encoder.conv1.weight", false, Fused::No, 0,
     nullptr, /*flat=*/true},
    {"encoder.conv.bias", "encoder.conv1.bias"},
    {"encoder.conv_2.weight", "encoder.conv2.weight", false, Fused::No, 0,
     nullptr, /*flat=*/true},
    {"encoder.conv_2.bias", "encoder.conv2.bias"},
    {"encoder.position.weight", "encoder.embed_positions.weight"},
    {"encoder.norm.weight", "encoder.layer_norm.weight"},
    {"encoder.norm.bias", "encoder.layer_norm.bias"},
    {"decoder.embed.weight", "decoder.embed_tokens.weight"},
    {"decoder.position.weight", "decoder.embed_positions.weight"},
    {"decoder.norm.weight", "decoder.layer_norm.weight"},
    {"decoder.norm.bias", "decoder.layer_norm.bias"},
    {"decoder.logits.weight", "/proj_out.weight"},
};

/// Keys have no bias.
void addBiases(spec::HeadMaps &heads) {
  heads.queryBias = heads.valueBias = heads.outputBias = true;
}

/// What both stacks have behind their beginnings.
spec::Layers blocksOf(Config &config, const std::string &stack) {
  int64_t width = config.size("d_model");
  std::string headsKey = stack + "_attention_heads";
  spec::Norm norm;
  spec::Attention attention;
  attention.heads = config.size(headsKey);
  attention.headDim =
      readHeadDim(config, width, attention.heads, "d_model", headsKey);
  addBiases(attention);
  spec::CrossAttention cross;
  cross.heads = attention.heads;
  cross.headDim = attention.headDim;
  addBiases(cross);
  spec::Mlp mlp;
  mlp.hidden = config.size(stack + "_ffn_dim");
  mlp.act = readActivation(config, "activation_function", "gelu");
  mlp.bias = true;
  bool decodes = stack == "decoder";
  if (decodes)
    attention.mask = spec::Mask::Causal;
  spec::Layers block = layersOf(residualOf(norm, attention));
  if (decodes)
    block.push_back(makeLayer(residualOf(norm, cross)));
  block.push_back(makeLayer(residualOf(norm, mlp)));
  return layersOf(repeatOf(config.size(stack + "_layers"), std::move(block)),
                  norm);
}

spec::Conv convOf(int64_t width, int64_t stride) {
  spec::Conv conv;
  conv.to = width;
  conv.window = {3, stride, 1};
  conv.act = spec::Activation::Gelu;
  conv.bias = true;
  return conv;
}

/// The layers of one list behind those of another.
spec::Layers joined(spec::Layers first, spec::Layers then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

} // namespace

Import importWhisper(Config &config) {
  refuseQuantised(config);
  StringRef head = readHead(config, {"ForConditionalGeneration", "Model"});
  Import result;
  result.names.assign(std::begin(names), std::end(names));
  ArrayRef<TensorName> blocks = bartBlockNames();
  result.names.insert(result.names.end(), blocks.begin(), blocks.end());
  result.prefixes = {"model.", ""};
  result.anchor = "encoder.conv1.weight";

  spec::Spec &spec = result.spec;
  spec.dim = config.size("d_model");
  spec.context = config.size("max_target_positions");
  spec.vocab = config.size("vocab_size");
  spec.source.context = 2 * config.size("max_source_positions");
  for (auto [key, token] :
       {std::pair("decoder_start_token_id", &spec.source.start),
        std::pair("eos_token_id", &spec.source.end)})
    if (config.has(key))
      *token = config.count(key, 0);

  spec::Rows rows;
  rows.dim = config.size("num_mel_bins");
  rows.map = false;
  spec.encoder = joined(layersOf(rows, convOf(spec.dim, 1), convOf(spec.dim, 2),
                                 spec::Position()),
                        blocksOf(config, "encoder"));
  spec::Embed embed;
  if (config.flag("scale_embedding", false))
    embed.scale = std::sqrt(double(spec.dim));
  spec.layers =
      joined(layersOf(embed, spec::Position()), blocksOf(config, "decoder"));
  if (head == "Model")
    return result;
  spec::Logits logits;
  logits.tied = config.flag("tie_word_embeddings", true);
  spec.layers.push_back(makeLayer(logits));
  return result;
}

} // namespace importer
