// From a model's parameters to the order in which generated code reads them.
#ifndef COMPILER_WEIGHTS_PACKER_H
#define COMPILER_WEIGHTS_PACKER_H

#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// Rows of the packed matrix, those of zeros between parts included.
int64_t packedRows(const PackedWeight &weight);

/// The largest number of columns of a part.
int64_t packedCols(const PackedWeight &weight);

/// Bytes that one copy needs; PackedWeight.bytes is at least that.
int64_t packedBytes(const PackedWeight &weight);

/// Whether fields contradict each other or the sizes; a wrong layout is a bug
/// of the planner, reported instead of written.
llvm::Error checkWeight(const PackedWeight &weight);

/// Packs one copy piece by piece: panels, or some rows at a time.
class Packer {
public:
  /// Opens every part; {i} and {j} in their names are `indices`.
  static llvm::Expected<Packer> open(const PackedWeight &weight,
                                     const TensorSource &source,
                                     llvm::ArrayRef<int64_t> indices);

  int64_t pieces() const;
  /// Of piece `k`; one follows the other.
  int64_t bytes(int64_t k) const;
  /// Packs piece `k` to `out`, which has room for its bytes and is aligned as
  /// floats are. Pieces may be packed at the same time, each with a `scratch`
  /// of its own. An error if the weight's format cannot hold a value.
  llvm::Error pack(int64_t k, char *out, std::vector<float> &scratch) const;

private:
  explicit Packer(const PackedWeight &weight) : weight(&weight) {}

  /// The part whose row `row` a packed row is; part -1: a row of zeros.
  struct SourceRow {
    int part = -1;
    int64_t row = 0;
    bool operator==(const SourceRow &) const = default;
  };
  SourceRow locate(int64_t packedRow) const;
  void packRun(const SourceRow &origin, int64_t count,
               const Block &block) const;
  void packRows(int64_t begin, llvm::MutableArrayRef<float> values) const;

  const PackedWeight *weight;
  std::vector<std::unique_ptr<RowReader>> readers;
  std::vector<int64_t> starts; ///< first packed row of each part
  int64_t rowsPerPiece = 1;
  int64_t cols = 0; ///< of a row of a piece, before it is encoded
};

} // namespace weights

#endif // COMPILER_WEIGHTS_PACKER_H
