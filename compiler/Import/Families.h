// The model families that a config.json may name, one function each.
#ifndef COMPILER_IMPORT_FAMILIES_H
#define COMPILER_IMPORT_FAMILIES_H

#include "compiler/Import/Config.h"
#include "compiler/Spec/Spec.h"

namespace importer {

/// One of our weights among theirs. Of a fused matrix, `third` is which of its
/// three equal parts.
struct TensorName {
  const char *ours, *theirs;
  bool transposed = false;
  int third = -1;
};

/// What a family's function makes of a config.
struct Import {
  spec::Spec spec;
  std::vector<TensorName> names; ///< those that the spec doesn't have ignored
  /// Prefixes of all their names but `lm_head.`, the usual one first.
  std::vector<llvm::StringRef> prefixes;
  llvm::StringRef anchor; ///< a name that is there, to find the prefix by
};

struct Family {
  llvm::StringRef modelType;
  Import (*import)(Config &config);
};
llvm::ArrayRef<Family> families();

Import importGpt2(Config &config);
Import importLlama(Config &config);
Import importMistral(Config &config);
Import importQwen2(Config &config);
Import importQwen3(Config &config);

/// Rotary positions from rope_theta and rope_scaling, or rope_parameters.
spec::Rotary readRotary(Config &config, int64_t headDim, int64_t context);

/// The activation of that name, Identity after a problem.
spec::Activation readActivation(Config &config, llvm::StringRef key,
                                llvm::StringRef otherwise);

/// Problems for settings that no family of ours has.
void refuseCommon(Config &config);

spec::Layer makeLayer(spec::LayerBody body);
spec::Layer makeResidual(spec::LayerBody first, spec::LayerBody second);

} // namespace importer

#endif // COMPILER_IMPORT_FAMILIES_H
