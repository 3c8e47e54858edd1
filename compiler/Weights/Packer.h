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

/// Packs one copy piece by piece, in order: panels, or some rows at a time.
class Packer {
public:
  /// Opens every part; {i} and {j} in their names are `indices`.
  static llvm::Expected<Packer> open(const PackedWeight &weight,
                                     const TensorSource &source,
                                     llvm::ArrayRef<int64_t> indices);

  struct Piece {
    llvm::ArrayRef<char> bytes; ///< of one of:
    std::vector<float> values;
    std::vector<char> encoded;
  };

  int64_t pieces() const;
  /// Packs piece `k`. Pieces may be packed at the same time. An error if the
  /// weight's format cannot hold a value.
  llvm::Error pack(int64_t k, Piece &piece) const;

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
  void packRows(int64_t begin, int64_t count, const Block &block) const;

  const PackedWeight *weight;
  std::vector<std::unique_ptr<RowReader>> readers;
  std::vector<int64_t> starts; ///< first packed row of each part
  int64_t rowsPerPiece = 1;
};

} // namespace weights

#endif // COMPILER_WEIGHTS_PACKER_H
