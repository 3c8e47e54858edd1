// Tables of what a score of attention is biased by, from the distance between
// query and key.
#ifndef COMPILER_WEIGHTS_DISTANCES_H
#define COMPILER_WEIGHTS_DISTANCES_H

#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// The least distance of each of the buckets on one side, as Raffel et al. 2020
/// have them; found with integers alone.
std::vector<int64_t> bucketStarts(int64_t buckets, int64_t reach);

/// Rows of a part of the origin Alibi, which must outlive the reader.
std::unique_ptr<RowReader> makeAlibi(const Part &part);

/// Rows of a part of the origin Buckets; `name` is its tensor's in the source.
llvm::Expected<std::unique_ptr<RowReader>>
makeBuckets(const Part &part, llvm::StringRef name, const TensorSource &source);

/// The same of the origin Offsets.
llvm::Expected<std::unique_ptr<RowReader>>
makeOffsets(const Part &part, llvm::StringRef name, const TensorSource &source);

} // namespace weights

#endif // COMPILER_WEIGHTS_DISTANCES_H
