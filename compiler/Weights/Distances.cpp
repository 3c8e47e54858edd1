// Which bucket a distance is in depends on a logarithm that must not be
// rounded: distance d is in bucket e + k or above if
//
//   log(d / e) / log(reach / e) * (n - e) >= k, or
//   d^(n - e) * e^k >= reach^k * e^(n - e),
//
// which integers decide.
#include "compiler/Weights/Distances.h"

#include "llvm/ADT/APInt.h"

#include <algorithm>
#include <cstdlib>

using namespace llvm;

namespace weights {
namespace {

/// base^exponent * factor; all fit `bits`.
APInt power(int64_t base, int64_t exponent, APInt factor) {
  for (int64_t k = 0; k < exponent; ++k)
    factor *= APInt(factor.getBitWidth(), uint64_t(base));
  return factor;
}

class AlibiReader : public RowReader {
public:
  explicit AlibiReader(const Part &part) : part(part) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    for (int64_t r = 0; r < count; ++r)
      for (int64_t c = 0; c < part.cols; ++c) {
        double distance = double(std::abs(c - part.distances.zero));
        block.data[r * block.rowStride + c * block.colStride] =
            float(-part.distances.slopes[size_t(begin + r)] * distance);
      }
  }

private:
  const Part &part;
};

class BucketReader : public RowReader {
public:
  BucketReader(const Part &part, std::vector<float> values)
      : heads(part.rows), values(std::move(values)) {
    const DistanceTable &table = part.distances;
    int64_t side = table.causal ? table.buckets : table.buckets / 2;
    std::vector<int64_t> starts = bucketStarts(side, table.reach);
    for (int64_t c = 0; c < part.cols; ++c) {
      int64_t distance = c - table.zero;
      bool later = distance > 0;
      if (later && table.causal)
        distance = 0;
      auto next =
          std::upper_bound(starts.begin(), starts.end(), std::abs(distance));
      buckets.push_back(next - starts.begin() - 1 +
                        (later && !table.causal ? side : 0));
    }
  }

  void read(int64_t begin, int64_t count, const Block &block) const override {
    for (int64_t r = 0; r < count; ++r)
      for (size_t c = 0; c < buckets.size(); ++c)
        block.data[r * block.rowStride + int64_t(c) * block.colStride] =
            values[size_t(buckets[c] * heads + begin + r)];
  }

private:
  int64_t heads;
  std::vector<float> values;    ///< [buckets][heads]
  std::vector<int64_t> buckets; ///< of each column
};

class OffsetReader : public RowReader {
public:
  OffsetReader(const Part &part, std::vector<float> values)
      : side(part.distances.reach), heads(part.rows / (side * side)),
        cols(part.cols), values(std::move(values)) {}

  void read(int64_t begin, int64_t count, const Block &block) const override {
    int64_t rows = side * side, apart = 2 * side - 1;
    for (int64_t r = 0; r < count; ++r) {
      int64_t head = (begin + r) / rows, query = (begin + r) % rows;
      for (int64_t key = 0; key < cols; ++key) {
        int64_t down = query / side - key / side + side - 1;
        int64_t across = query % side - key % side + side - 1;
        block.data[r * block.rowStride + key * block.colStride] =
            key < rows ? values[size_t((down * apart + across) * heads + head)]
                       : 0.0f;
      }
    }
  }

private:
  int64_t side, heads, cols;
  std::vector<float> values; ///< [offsets][heads]
};

} // namespace

std::vector<int64_t> bucketStarts(int64_t buckets, int64_t reach) {
  const int64_t exact = buckets / 2, wide = buckets - exact;
  std::vector<int64_t> starts;
  for (int64_t distance = 0; distance <= exact; ++distance)
    starts.push_back(distance);
  const APInt one(unsigned(32 * (wide + buckets)), 1);
  for (int64_t k = 1; k < wide; ++k) {
    const APInt bound = power(reach, k, power(exact, wide, one));
    const APInt factor = power(exact, k, one);
    int64_t low = starts.back(), high = reach; // `high` is far enough
    while (low < high) {
      int64_t middle = low + (high - low) / 2;
      if (power(middle, wide, factor).ult(bound))
        low = middle + 1;
      else
        high = middle;
    }
    starts.push_back(low);
  }
  return starts;
}

std::unique_ptr<RowReader> makeAlibi(const Part &part) {
  return std::make_unique<AlibiReader>(part);
}

Expected<std::unique_ptr<RowReader>>
makeBuckets(const Part &part, StringRef name, const TensorSource &source) {
  Expected<std::vector<float>> values =
      source.getAll(name, part.distances.buckets, part.rows);
  if (!values)
    return values.takeError();
  return std::make_unique<BucketReader>(part, std::move(*values));
}

Expected<std::unique_ptr<RowReader>>
makeOffsets(const Part &part, StringRef name, const TensorSource &source) {
  int64_t side = part.distances.reach;
  Expected<std::vector<float>> values =
      source.getAll(name, part.distances.buckets, part.rows / (side * side));
  if (!values)
    return values.takeError();
  return std::make_unique<OffsetReader>(part, std::move(*values));
}

} // namespace weights
