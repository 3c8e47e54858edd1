// Draws roundings for weights.
#include "compiler/Verify/Rounding.h"

#include "llvm/Support/xxhash.h"

#include <random>

using namespace llvm;

namespace verify {

reference::Weights withRoundings(reference::Weights weights, double unit) {
  return [unit, weights = std::move(weights)](
             StringRef name, int64_t rows,
             int64_t columns) -> Expected<std::vector<float>> {
    Expected<std::vector<float>> values = weights(name, rows, columns);
    if (!values)
      return values.takeError();
    // The name as the seed: a weight has the same roundings wherever it is
    // read, and a vector of one column other ones than its neighbour.
    std::minstd_rand random(xxh3_64bits(name) % 2147483646 + 1);
    for (int64_t row = 0; row < rows; ++row) {
      double factor = 1;
      for (int64_t column = columns; column-- > 0;) {
        double draw = (random() / 2147483647.0 - 0.5) * 2;
        factor *= 1 + draw * unit;
        float &value = (*values)[row * columns + column];
        value = value * factor;
      }
    }
    return values;
  };
}

} // namespace verify
