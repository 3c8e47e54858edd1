// Comparisons of reals as thresholds: how far apart the values of a real can
// be, and the cells into which constants cut them.
#ifndef COMPILER_SPEC_PROGRAMS_THRESHOLDS_H
#define COMPILER_SPEC_PROGRAMS_THRESHOLDS_H

#include "compiler/Spec/Programs/Expression.h"

namespace spec {

/// A sum of real streams times numbers, plus a constant.
struct Affine {
  std::map<const Stream *, double> terms;
  double constant = 0;
};
/// Nothing if the expression is no such sum. Categorical streams are none.
std::optional<Affine> asAffine(const Expression &expression);

/// The least whole number that times the value is whole; 0 if it is above 4096.
int64_t denominatorOf(double value);

/// The grid of an affine sum, as of a stream; 0 when nothing is known.
struct Grid {
  int64_t grid = 1;
  int64_t means = 0; ///< number of terms that are means
  double bound = 0;
};
Grid gridOf(const Affine &affine);

/// One sum that is compared with constants. They cut its values into cells: 0
/// below the first, 1 on it, 2 between it and the second ...
struct Form {
  std::map<const Stream *, double> terms;
  std::vector<double> constants; ///< ascending
  double margin = 0;             ///< values that differ do so by this, or more

  int64_t cells() const { return 2 * constants.size() + 1; }
};

/// All comparisons of reals in a formula.
class Forms {
public:
  /// Reports what has no thresholds; `context` is the most rows of a mean.
  bool collect(const Expression &formula, int64_t context,
               Diagnostics &diagnostics);

  std::vector<Form> forms;
  /// Of a comparison, when form f is in cell cells[f].
  bool outcome(const Expression &comparison,
               const std::vector<int64_t> &cells) const;

private:
  struct Comparison {
    size_t form = 0;
    double constant = 0;
    bool flipped = false; ///< the form is on the other side
  };
  bool add(const Expression &comparison, Diagnostics &diagnostics);

  std::map<const Expression *, Comparison> comparisons;
};

} // namespace spec

#endif // COMPILER_SPEC_PROGRAMS_THRESHOLDS_H
