// The formats that we import from, one file each.
#ifndef COMPILER_IMPORT_FORMATS_H
#define COMPILER_IMPORT_FORMATS_H

#include "compiler/Spec/Spec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace importer {

/// A folder with config.json and safetensors, given as `folder`, of a model of
/// one tower, or with the one to take.
llvm::Expected<spec::Spec> importHuggingFace(llvm::StringRef folder,
                                             llvm::StringRef tower);

/// llama.cpp's format: what a config.json says is in the metadata.
llvm::Expected<spec::Spec> importGguf(llvm::StringRef path);

/// A model.bin of CTranslate2.
llvm::Expected<spec::Spec> importCTranslate2(llvm::StringRef path);

/// A llama2.c checkpoint.
llvm::Expected<spec::Spec> importLlama2c(llvm::StringRef path);

/// Derives and checks what importers leave out; problems begin with `path`.
llvm::Error finish(spec::Spec &spec, llvm::StringRef path);

/// A C identifier out of a file name.
std::string modelName(llvm::StringRef fileName, llvm::StringRef otherwise);

std::string absolutePath(llvm::StringRef path);

} // namespace importer

#endif // COMPILER_IMPORT_FORMATS_H
