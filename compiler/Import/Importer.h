// Models of other programs as specs: what they compute, and which of their
// tensors is which of our weights.
#ifndef COMPILER_IMPORT_IMPORTER_H
#define COMPILER_IMPORT_IMPORTER_H

#include "compiler/Spec/Spec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace importer {

/// Whether `path` is something to import rather than a spec: a folder, a
/// config.json, a `.gguf`, or a `.bin` of llama2.c or CTranslate2.
bool isImportable(llvm::StringRef path);

/// Reads a Hugging Face folder (config.json, and model.safetensors or
/// model.safetensors.index.json), one of CTranslate2 (model.bin), a `.gguf` or
/// a `.bin` into a checked spec.
/// A folder of config.json alone gives a spec without `weights:`. The names in
/// `weights.files` are absolute, so that the printed spec works in any folder.
/// `tower` chooses one of a model that has two, CLIP's `text` or `vision`.
llvm::Expected<spec::Spec> importModel(llvm::StringRef path,
                                       llvm::StringRef tower = "");

} // namespace importer

#endif // COMPILER_IMPORT_IMPORTER_H
