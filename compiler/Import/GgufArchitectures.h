// The architectures of GGUF files by llama.cpp's names, and what it takes to
// read one: each step of the import in a file of its own.
#ifndef COMPILER_IMPORT_GGUFARCHITECTURES_H
#define COMPILER_IMPORT_GGUFARCHITECTURES_H

#include "compiler/Import/Families.h"
#include "compiler/Import/GgufModel.h"

namespace importer {

struct Architecture {
  llvm::StringRef name;
  /// Of the config.json that it was converted from, without experts and with.
  llvm::StringRef modelType, mixture;
  spec::RotaryLayout layout; ///< that the conversion made
  llvm::ArrayRef<llvm::StringRef>
      norms;                     ///< of a block, as our layers have them
  llvm::ArrayRef<Key> keys = {}; ///< besides the common ones
  /// Fields that are no other name for a key.
  llvm::Error (*addFields)(const GgufModel &model,
                           llvm::json::Object &config) = nullptr;
  /// What the family's function makes of no config.
  llvm::Error (*adapt)(const GgufModel &model, Import &import) = nullptr;
};

llvm::ArrayRef<Architecture> architectures();

/// `rope_scaling`, and what else says how rotary positions are stretched.
llvm::Error addScaling(const GgufModel &model, llvm::json::Object &config);

/// Where each parameter of the spec is among the file's tensors.
std::map<std::string, spec::WeightSource>
mapGgufNames(const GgufModel &model, Import import,
             llvm::ArrayRef<llvm::StringRef> norms);

/// Formats of the layers that keep the values of the file where it has them in
/// one of ours. The model's format is that of most layers, and where that is
/// not f32, others say their own.
void chooseFormats(const GgufModel &model, spec::Spec &spec);

} // namespace importer

#endif // COMPILER_IMPORT_GGUFARCHITECTURES_H
