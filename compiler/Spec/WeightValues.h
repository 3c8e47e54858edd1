// Small parameters that the spec itself says: `values: {query.weight:
// identity}`.
#ifndef COMPILER_SPEC_WEIGHTVALUES_H
#define COMPILER_SPEC_WEIGHTVALUES_H

#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Spec.h"
#include "compiler/Spec/Tree.h"

namespace spec {

/// Reads the `values` of a leaf: a number (everywhere), `identity`, a list of
/// numbers or of rows, or a map from places to numbers, zero elsewhere.
void readWeightValues(const Node &node, Layer &layer, Diagnostics &diagnostics);

/// The canonical text, in pieces between which a line may end.
std::vector<std::string> writeWeightValues(const WeightValues &values);

/// Why the values are none of a parameter of that shape, or "".
std::string valuesFault(const WeightValues &values,
                        const std::vector<int64_t> &shape);

/// Builds values entry by entry, in any order.
class ValuesBuilder {
public:
  void set(int64_t row, int64_t column, double value) {
    if (value != 0)
      entries[{row, column}] = value;
  }
  bool empty() const { return entries.empty(); }
  ValuesPointer take() const;

private:
  std::map<std::pair<int64_t, int64_t>, double> entries;
};

} // namespace spec

#endif // COMPILER_SPEC_WEIGHTVALUES_H
