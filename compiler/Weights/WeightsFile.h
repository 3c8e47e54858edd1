// Writes the weights file of a compiled model: header, data, metadata and
// tokenizer as runtime/abi.h says.
#ifndef COMPILER_WEIGHTS_WEIGHTSFILE_H
#define COMPILER_WEIGHTS_WEIGHTSFILE_H

#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

#include <string>
#include <utility>

namespace weights {

/// Called now and then, by one thread at a time, and at the end with done =
/// total (bytes of data).
using Progress = llvm::function_ref<void(uint64_t done, uint64_t total)>;

/// Keys and texts for the metadata: model, compiler, ... No paths or times:
/// the same inputs give the same bytes.
using Metadata = std::vector<std::pair<std::string, std::string>>;

/// Packs every weight of `layout` from `source` and writes the file: to a
/// temporary one in the same folder that replaces `path` when it is complete
/// and synced. Memory stays at a few buffers whatever the model's size.
llvm::Error writeWeightsFile(llvm::StringRef path, const Layout &layout,
                             const TensorSource &source,
                             llvm::StringRef tokenizer,
                             const Metadata &metadata, Progress progress);

/// The metadata section: what is where, as JSON.
std::string describeLayout(const Layout &layout, const Metadata &metadata);

} // namespace weights

#endif // COMPILER_WEIGHTS_WEIGHTSFILE_H
