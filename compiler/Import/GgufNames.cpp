// Our names and those of GGUF tensors. Weights of one block are in tables;
// which of several ways a file stores them, its tensors say.
#include "compiler/Import/GgufArchitectures.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Weights/TensorSource.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>

using namespace llvm;

namespace importer {
namespace {

/// A map or norm of a block, with weights and perhaps biases.
struct Part {
  StringRef ours, theirs;
};

constexpr Part queryKeyValue[] = {
    {"attention.query", "attn_q"},
    {"attention.key", "attn_k"},
    {"attention.value", "attn_v"},
};
constexpr Part fusedQueries[] = {
    {"attention.query", "attn_qkv"},
    {"attention.key", "attn_qkv"},
    {"attention.value", "attn_qkv"},
};
constexpr Part gateUp[] = {
    {"mlp.gate", "ffn_gate"},
    {"mlp.up", "ffn_up"},
};
constexpr Part fusedGates[] = {
    {"mlp.gate", "ffn_up"},
    {"mlp.up", "ffn_up"},
};
constexpr Part common[] = {
    {"attention.output", "attn_output"},
    {"attention.query_norm", "attn_q_norm"},
    {"attention.key_norm", "attn_k_norm"},
    {"mlp.down", "ffn_down"},
    {"moe.router", "ffn_gate_inp"},
    {"moe.shared.gate", "ffn_gate_shexp"},
    {"moe.shared.up", "ffn_up_shexp"},
    {"moe.shared.down", "ffn_down_shexp"},
    {"latent_attention.query_latent", "attn_q_a"},
    {"latent_attention.query_latent_norm", "attn_q_a_norm"},
    {"latent_attention.latent_norm", "attn_kv_a_norm"},
    {"latent_attention.output", "attn_output"},
};
/// A block of an encoder-decoder.
constexpr Part ofStack[] = {
    {"attention.query", "attn_q"},
    {"attention.key", "attn_k"},
    {"attention.value", "attn_v"},
    {"attention.output", "attn_o"},
    {"cross_attention.query", "cross_attn_q"},
    {"cross_attention.key", "cross_attn_k"},
    {"cross_attention.value", "cross_attn_v"},
    {"cross_attention.output", "cross_attn_o"},
    {"mlp.gate", "ffn_gate"},
    {"mlp.up", "ffn_up"},
    {"mlp.down", "ffn_down"},
};

class GgufNames {
public:
  GgufNames(const GgufModel &model, Import import)
      : model(model), import(std::move(import)) {}

  std::map<std::string, spec::WeightSource> map(ArrayRef<StringRef> norms) {
    std::vector<TensorName> ofFamily = std::move(import.names);
    import.names.clear();
    if (import.spec.encoder.empty())
      nameModel(norms, ofFamily);
    else
      nameStacks(norms);
    return mapNames(import, "");
  }

private:
  const char *keep(const Twine &text) {
    return kept.emplace_back(text.str()).c_str();
  }
  TensorName &add(const Twine &ours, const Twine &theirs,
                  Fused fused = Fused::No) {
    return import.names.emplace_back(
        TensorName{keep(ours), keep(theirs), false, fused});
  }
  void addBoth(const Twine &ours, const Twine &theirs,
               Fused fused = Fused::No) {
    for (StringRef part : {".weight", ".bias"})
      add(ours + part, theirs + part, fused);
  }
  void addParts(const Twine &ours, const Twine &theirs, ArrayRef<Part> parts,
                Fused fused = Fused::No) {
    for (const Part &part : parts)
      addBoth(ours + part.ours, theirs + part.theirs, fused);
  }
  void addNorms(const Twine &ours, const Twine &theirs,
                ArrayRef<StringRef> norms) {
    for (auto [i, norm] : enumerate(norms))
      addBoth(ours + (i ? "norm_" + Twine(i + 1) : "norm"), theirs + norm);
  }
  bool ourBlocksHave(StringRef part) const {
    return any_of(spec::listParameters(import.spec), [&](auto &parameter) {
      return StringRef(parameter.name).ends_with(("." + part).str());
    });
  }

  void nameModel(ArrayRef<StringRef> norms, ArrayRef<TensorName> ofFamily);
  void nameBlocks(ArrayRef<StringRef> norms);
  void nameExperts();
  void nameLatent();
  void nameOutside(ArrayRef<TensorName> ofFamily);
  void nameStacks(ArrayRef<StringRef> norms);

  static constexpr StringRef ourBlock = "layers.{i}.", block = "blk.{i}.";
  const GgufModel &model;
  Import import;
  std::deque<std::string> kept; ///< what the import's names point to
};

void GgufNames::nameModel(ArrayRef<StringRef> norms,
                          ArrayRef<TensorName> ofFamily) {
  nameBlocks(norms);
  nameExperts();
  nameLatent();
  nameOutside(ofFamily);
}

void GgufNames::nameBlocks(ArrayRef<StringRef> norms) {
  addParts(ourBlock, block, common);
  if (model.anyBlockHas("attn_qkv.weight"))
    addParts(ourBlock, block, fusedQueries, Fused::Stacked);
  else
    addParts(ourBlock, block, queryKeyValue);
  if (ourBlocksHave("mlp.gate.weight") && !model.anyBlockHas("ffn_gate.weight"))
    addParts(ourBlock, block, fusedGates, Fused::Stacked);
  else
    addParts(ourBlock, block, gateUp);
  // Falcon's second norm is there or not.
  bool both = norms.empty() || norms.front() != "attn_norm_2" ||
              model.anyBlockHas("attn_norm_2.weight");
  addNorms(ourBlock, block, both ? norms : norms.drop_front());
}

/// All in one tensor, or in files of long ago one by one.
void GgufNames::nameExperts() {
  bool apart = model.anyBlockHas("ffn_up.0.weight");
  for (StringRef part : {"gate", "up", "down"})
    add(ourBlock + "moe.experts.{j}." + part + ".weight",
        block + "ffn_" + part +
            (apart ? ".{j}.weight" : "_exps.weight[{j}, :, :]"));
  add(ourBlock + "moe.router.correction", block + "exp_probs_b.bias");
  add(ourBlock + "moe.shared_gate.weight", block + "ffn_gate_inp_shexp.weight")
      .flat = true;
}

/// Keys and values are made by one map for each head in turn, or by one each,
/// of which the keys' is turned.
void GgufNames::nameLatent() {
  const spec::LatentAttention *latent = nullptr;
  weights::forEachLeaf(import.spec.layers, [&](const spec::Layer &layer) {
    if (auto *found = std::get_if<spec::LatentAttention>(&layer.body))
      latent = found;
  });
  if (!latent)
    return;
  std::string ours = (ourBlock + "latent_attention.").str();
  for (StringRef part : {"latent", "shared_key"})
    add(ours + part + ".weight", block + "attn_kv_a_mqa.weight",
        Fused::Stacked);
  add(ours + "query.weight",
      block + (latent->queryLatent ? "attn_q_b.weight" : "attn_q.weight"));
  if (!model.anyBlockHas("attn_k_b.weight")) {
    for (StringRef part : {"key", "value"})
      add(ours + part + ".weight", block + "attn_kv_b.weight", Fused::PerHead);
    return;
  }
  auto size = [](int64_t number) { return std::to_string(number); };
  add(ours + "key.weight",
      block + "attn_k_b.weight.reshape(" + size(latent->heads) + ", " +
          size(latent->latent) + ", " + size(latent->ownDim()) + ").mT");
  add(ours + "value.weight", block + "attn_v_b.weight").flat = true;
}

/// What of the family's own names says more than a name is true here, too.
void GgufNames::nameOutside(ArrayRef<TensorName> ofFamily) {
  auto find = [&](StringRef ours) {
    auto at = find_if(ofFamily, [&](const TensorName &name) {
      return StringRef(name.ours) == ours;
    });
    return at == ofFamily.end() ? nullptr : at;
  };
  const TensorName *position = find("position.weight");
  const TensorName *logits = find("logits.weight");
  bool unit = logits && StringRef(logits->theirs).ends_with(".unit()");
  add("embed.weight", "token_embd.weight");
  TensorName &places = add("position.weight", "position_embd.weight");
  // The only segment, which DistilBERT doesn't have either.
  if (position && position->plus && model.has("token_types.weight"))
    places.plus =
        keep("token_types.weight.reshape(1, " + Twine(import.spec.dim) + ")");
  add("types.weight", "token_types.weight");
  add("logits.weight", unit ? "output.weight.unit()" : "output.weight");
  add("logits.bias", "output.bias");
  addBoth("linear", "cls");
  addBoth("linear_2", "cls.output");
  std::vector<StringRef> norms;
  if (model.has("token_embd_norm.weight"))
    norms.push_back("token_embd_norm");
  if (norms.empty() || model.has("output_norm.weight"))
    norms.push_back("output_norm");
  addNorms("", "", norms);
}

void GgufNames::nameStacks(ArrayRef<StringRef> norms) {
  for (StringRef stack : {"encoder", "decoder"}) {
    std::string ours = (stack + ".").str(),
                theirs = (stack.take_front(3) + ".").str();
    addParts(ours + ourBlock, theirs + block, ofStack);
    StringRef ofEncoder[] = {norms.front(), norms.back()};
    addNorms(ours + ourBlock, theirs + block,
             stack == "encoder" ? ArrayRef(ofEncoder) : norms);
    add(ours + "layers.attention.relative.weight",
        theirs + "blk.0.attn_rel_b.weight");
    add(ours + "embed.weight", "token_embd.weight");
    addBoth(ours + "norm", theirs + "output_norm");
  }
  add("decoder.logits.weight", "output.weight");
}

} // namespace

std::map<std::string, spec::WeightSource>
mapGgufNames(const GgufModel &model, Import import, ArrayRef<StringRef> norms) {
  return GgufNames(model, std::move(import)).map(norms);
}

} // namespace importer
