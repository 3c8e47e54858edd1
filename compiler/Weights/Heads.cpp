// The whole tensor is read at once: rows of a transposed head are all over it.
#include "compiler/Weights/Heads.h"

using namespace llvm;

namespace weights {
namespace {

class HeadsReader : public RowReader {
public:
  HeadsReader(const Part &part, std::vector<float> values)
      : padded(part.headDim), rows(part.headRows), cols(part.cols),
        transposed(part.origin == Origin::HeadsTransposed),
        values(std::move(values)) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    for (int64_t r = 0; r < count; ++r) {
      int64_t head = (begin + r) / padded, row = (begin + r) % padded;
      for (int64_t c = 0; c < cols; ++c)
        block.data[r * block.rowStride + c * block.colStride] =
            row < rows ? values[size_t(at(head, row, c))] : 0.0f;
    }
  }

private:
  int64_t at(int64_t head, int64_t row, int64_t col) const {
    return transposed ? (head * cols + col) * rows + row
                      : (head * rows + row) * cols + col;
  }

  int64_t padded, rows, cols;
  bool transposed;
  std::vector<float> values;
};

} // namespace

Expected<std::unique_ptr<RowReader>> makeHeads(const Part &part, StringRef name,
                                               const TensorSource &source) {
  int64_t heads = part.rows / part.headDim;
  Expected<std::vector<float>> values =
      part.origin == Origin::HeadsTransposed
          ? source.getAll(name, heads * part.cols, part.headRows)
          : source.getAll(name, heads * part.headRows, part.cols);
  if (!values)
    return values.takeError();
  return std::make_unique<HeadsReader>(part, std::move(*values));
}

} // namespace weights
