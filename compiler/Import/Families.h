// The model families that a config.json may name, one function each.
#ifndef COMPILER_IMPORT_FAMILIES_H
#define COMPILER_IMPORT_FAMILIES_H

#include "compiler/Import/Config.h"
#include "compiler/Spec/Spec.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace importer {

/// Weights of ours that are one tensor of theirs.
enum class Fused {
  No,
  Stacked, ///< one after the other, in the order of the table
  Grouped, ///< for each key head its queries, the key, the value
  PerHead, ///< for each head its rows of one, then its rows of the next
};

/// One of our weights among theirs. `ours` names it in a block of its own:
/// where a repeat holds several blocks, the others' names follow.
struct TensorName {
  const char *ours;
  /// Below the prefix; "/lm_head.weight" has none, "1" is a number. {run} is
  /// the number of the Run, from 0 on.
  const char *theirs;
  bool transposed = false;
  Fused fused = Fused::No;
  int64_t skip = 0; ///< leading rows of theirs that we don't have
  /// What is added: a tensor, as a spec's `names` has it, or a number.
  const char *plus = nullptr;
  bool flat = false; ///< theirs has more dimensions, of 1
};

/// A repeat of ours among the numbered blocks of theirs: `period` blocks with
/// each repetition, from number `first` on.
struct Run {
  int64_t first = 0, period = 1, count = 0;
};

/// What a family's function makes of a config.
struct Import {
  spec::Spec spec;
  std::vector<TensorName> names; ///< those that the spec doesn't have ignored
  /// Prefixes of all their names, the usual one first.
  std::vector<llvm::StringRef> prefixes;
  llvm::StringRef anchor; ///< a name that is there, to find the prefix by
  std::vector<Run> runs = {Run()}; ///< `layers`, `layers_2`, ...
};

/// Where each parameter of the import's spec is among tensors with this prefix.
std::map<std::string, spec::WeightSource> mapNames(const Import &import,
                                                   llvm::StringRef prefix);

/// The blocks of BART's encoder and decoder, which Whisper's are called after.
llvm::ArrayRef<TensorName> bartBlockNames();

/// The maps of BLOOM's tensors, which Falcon's are called after; without norms.
llvm::ArrayRef<TensorName> bloomNames();

struct Family {
  llvm::StringRef modelType;
  Import (*import)(Config &config);
};
llvm::ArrayRef<Family> families();

/// The words, those nearest to `word` first, with commas between.
std::string nearest(llvm::StringRef word, std::vector<llvm::StringRef> known);

Import importAlbert(Config &config);
Import importBaichuan(Config &config);
Import importBart(Config &config);
Import importBert(Config &config);
Import importBloom(Config &config);
Import importChatGlm(Config &config);
Import importClipText(Config &config);
Import importClipVision(Config &config);
Import importDeepSeekV2(Config &config);
Import importDeepSeekV3(Config &config);
Import importDeit(Config &config);
Import importDistilBert(Config &config);
Import importFalcon(Config &config);
Import importGemma(Config &config);
Import importGemma2(Config &config);
Import importGemma3(Config &config);
Import importGpt2(Config &config);
Import importGptNeoX(Config &config);
Import importInternLm(Config &config);
Import importInternLm2(Config &config);
Import importLlama(Config &config);
Import importMarian(Config &config);
Import importMbart(Config &config);
Import importMiniCpm(Config &config);
Import importMistral(Config &config);
Import importMixtral(Config &config);
Import importMpt(Config &config);
Import importOlmo(Config &config);
Import importOlmo2(Config &config);
Import importOpt(Config &config);
Import importPhi(Config &config);
Import importPhi3(Config &config);
Import importPhiMsft(Config &config);
Import importQwen(Config &config);
Import importQwen2(Config &config);
Import importQwen2Moe(Config &config);
Import importQwen3(Config &config);
Import importQwen3Moe(Config &config);
Import importRoberta(Config &config);
Import importStableLm(Config &config);
Import importSwin(Config &config);
Import importT5(Config &config);
Import importVit(Config &config);
Import importWhisper(Config &config);

/// The sizes and the tensors' names that decoders share with LLaMA, and names
/// of their own in place of some of these. Without a `context` that holds where
/// the config has none, it must have one.
Import beginLikeLlama(Config &config, llvm::ArrayRef<TensorName> own,
                      std::optional<int64_t> context = std::nullopt);
/// LLaMA's MLP, without biases.
spec::Mlp readGatedMlp(Config &config);
/// Which blocks have experts, of models that have them not in all of the
/// `num_hidden_layers`; a problem where these are too many to tell them apart.
std::vector<bool> readKinds(Config &config,
                            llvm::function_ref<bool(int64_t block)> isSparse);
/// Names of a router and experts in the place of that MLP.
llvm::ArrayRef<TensorName> expertNames();
/// The entries of `own` in place of those of the same names.
void replaceNames(Import &import, llvm::ArrayRef<TensorName> own);

/// The layers of a decoder: embedding, the blocks, a last norm, logits.
spec::Layers decoderOf(int64_t depth, spec::Layers block,
                       const spec::Norm &norm, const spec::Logits &logits);

spec::Norm rmsNorm(double eps);
/// A problem with that field unless its heads of keys are shared evenly.
void checkSharing(Config &config, llvm::StringRef key,
                  const spec::Attention &attention);

/// What begins an encoder: tokens, their segments where there are several, and
/// learned positions.
spec::Layers beginTyped(int64_t segments);
/// What ends an encoder: scores of the tokens that a mask hides (dense, norm,
/// logits), or the first row (dense and, with labels, their scores).
void addMaskedHead(spec::Spec &spec, int64_t width, const spec::Norm &norm,
                   spec::Activation act, bool tied);
void addPooledHead(spec::Spec &spec, int64_t width, spec::Activation act,
                   int64_t labels);
/// Of a classifier: num_labels, or as many as id2label names.
int64_t readLabels(Config &config);

/// Families that the spec can't say, and what it would take.
struct Unsupported {
  llvm::StringRef modelType, missing;
};
llvm::ArrayRef<Unsupported> unsupportedFamilies();

/// Rotary positions from rope_theta and rope_scaling, or rope_parameters, or
/// the older rotary_emb_base and rotary_pct. `share` of a head is rotated
/// unless the config says another.
spec::Rotary readRotary(Config &config, int64_t headDim, int64_t context,
                        double share = 1.0);
/// DeepSeek's: what the scores are multiplied by where yarn stretches the
/// rotation; 1 without.
double readScoreGrowth(Config &config);

/// The activation of that name, Identity after a problem.
spec::Activation readActivation(Config &config, llvm::StringRef key,
                                llvm::StringRef otherwise);

/// Problems for settings that no family of ours has.
void refuseCommon(Config &config);
/// A problem unless the first of `architectures` is one of these names' ends;
/// the one it is, the first if the config doesn't say.
llvm::StringRef readHead(Config &config, llvm::ArrayRef<llvm::StringRef> ends);
/// Quantised checkpoints.
void refuseQuantised(Config &config);
/// Problems where a setting has another value than the only one we do.
void expectFlag(Config &config, llvm::StringRef key, bool value);

/// The size of a head, hidden size and heads as the config names them.
int64_t readHeadDim(Config &config, int64_t width, int64_t heads,
                    llvm::StringRef widthKey, llvm::StringRef headsKey);

/// The first one; null if there is none.
const spec::Attention *findAttention(const spec::Layers &layers);

/// Calls `body` with every layer that is no combinator, to change it.
void editLeaves(spec::Layers &layers,
                llvm::function_ref<void(spec::Layer &)> body);

spec::Layer makeLayer(spec::LayerBody body);

template <class... Bodies> spec::Layers layersOf(Bodies... bodies) {
  spec::Layers layers;
  (layers.push_back(makeLayer(std::move(bodies))), ...);
  return layers;
}

/// x + f(x) of these in order.
template <class... Bodies> spec::Residual residualOf(Bodies... bodies) {
  return {layersOf(std::move(bodies)...)};
}

/// A branch of a parallel, the layers in order.
template <class... Bodies> spec::Sequence branchOf(Bodies... bodies) {
  return {"", layersOf(std::move(bodies)...)};
}

template <class... Bodies> spec::Parallel parallelOf(Bodies... bodies) {
  return {layersOf(std::move(bodies)...)};
}

spec::Repeat repeatOf(int64_t count, spec::Layers layers);

/// Behind the import's layers a decoder's blocks of two kinds, in repeats,
/// which become its runs.
void addBlocks(Import &import, const std::vector<bool> &kinds,
               llvm::function_ref<spec::Layers(bool kind)> blockOf);

} // namespace importer

#endif // COMPILER_IMPORT_FAMILIES_H
