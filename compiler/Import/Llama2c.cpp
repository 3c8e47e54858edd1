// Checkpoints of llama2.c: LLaMA whose rotary partners are neighbours, with
// everything that its header doesn't say as in its run.c.
#include "compiler/Import/Families.h"
#include "compiler/Import/Formats.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/TensorFile.h"

#include "llvm/Support/Path.h"

using namespace llvm;

namespace importer {
namespace {

constexpr TensorName names[] = {
    {"embed.weight", "tok_embeddings.weight"},
    {"layers.{i}.norm.weight", "layers.{i}.attention_norm.weight"},
    {"layers.{i}.attention.query.weight", "layers.{i}.attention.wq.weight"},
    {"layers.{i}.attention.key.weight", "layers.{i}.attention.wk.weight"},
    {"layers.{i}.attention.value.weight", "layers.{i}.attention.wv.weight"},
    {"layers.{i}.attention.output.weight", "layers.{i}.attention.wo.weight"},
    {"layers.{i}.norm_2.weight", "layers.{i}.ffn_norm.weight"},
    {"layers.{i}.mlp.gate.weight", "layers.{i}.feed_forward.w1.weight"},
    {"layers.{i}.mlp.down.weight", "layers.{i}.feed_forward.w2.weight"},
    {"layers.{i}.mlp.up.weight", "layers.{i}.feed_forward.w3.weight"},
    {"norm.weight", "norm.weight"},
    {"logits.weight", "output.weight"},
};

spec::Spec makeSpec(const weights::Llama2cHeader &header) {
  spec::Attention attention;
  attention.heads = header.heads;
  attention.kvHeads = header.kvHeads;
  attention.mask = spec::Mask::Causal;
  attention.rotary = spec::Rotary();
  attention.rotary->layout = spec::RotaryLayout::Pairs;

  spec::Mlp mlp;
  mlp.hidden = header.hidden;
  mlp.act = spec::Activation::Silu;
  mlp.gated = true;

  spec::Norm norm = rmsNorm(1e-5);

  spec::Repeat repeat;
  repeat.count = header.layers;
  repeat.layers.push_back(makeLayer(residualOf(norm, attention)));
  repeat.layers.push_back(makeLayer(residualOf(norm, mlp)));

  spec::Logits logits;
  logits.tied = header.tied;

  spec::Spec spec;
  spec.dim = header.dim;
  spec.context = header.context;
  spec.vocab = header.vocab;
  spec.layers.push_back(makeLayer(spec::Embed()));
  spec.layers.push_back(makeLayer(std::move(repeat)));
  spec.layers.push_back(makeLayer(norm));
  spec.layers.push_back(makeLayer(logits));
  return spec;
}

} // namespace

Expected<spec::Spec> importLlama2c(StringRef path) {
  Expected<weights::Llama2cHeader> header = weights::readLlama2cHeader(path);
  if (!header)
    return header.takeError();
  Expected<weights::TensorFile> file = weights::readLlama2c(path);
  if (!file)
    return file.takeError();

  spec::Spec spec = makeSpec(*header);
  spec.model = modelName(sys::path::stem(path), "llama2c");
  spec.path = path.str();
  spec::WeightFiles files;
  files.files = {absolutePath(path)};
  for (const TensorName &name : names)
    if (file->find(name.theirs) || StringRef(name.theirs).contains("{i}"))
      files.names[name.ours].tensor = name.theirs;
  spec.weights = std::move(files);
  if (Error error = finish(spec, path))
    return error;
  return spec;
}

} // namespace importer
