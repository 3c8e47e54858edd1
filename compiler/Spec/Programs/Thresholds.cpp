// A mean of n whole numbers is a multiple of 1/n, and n is at most the context:
// so it differs from a constant a/b by at least 1/(n b), or not at all.
#include "compiler/Spec/Programs/Thresholds.h"
#include "compiler/Spec/Numbers.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace llvm;

namespace spec {

using Kind = Expression::Kind;
using Operator = Expression::Operator;

static Affine combine(Affine a, const Affine &b, double factor) {
  for (const auto &[stream, weight] : b.terms)
    a.terms[stream] += factor * weight;
  a.constant += factor * b.constant;
  return a;
}

std::optional<Affine> asAffine(const Expression &e) {
  if (e.kind == Kind::Number)
    return Affine{{}, e.number};
  if (e.kind == Kind::Stream && e.stream->isReal())
    return Affine{{{e.stream, 1.0}}, 0.0};
  if (e.kind == Kind::Negate)
    if (std::optional<Affine> inner = asAffine(*e.parts[0]))
      return combine({}, *inner, -1);
  if (e.kind != Kind::Binary)
    return std::nullopt;
  std::optional<Affine> a = asAffine(*e.parts[0]), b = asAffine(*e.parts[1]);
  if (!a || !b)
    return std::nullopt;
  if (e.op == Operator::Add)
    return combine(*a, *b, 1);
  if (e.op == Operator::Subtract)
    return combine(*a, *b, -1);
  if (e.op == Operator::Multiply && b->terms.empty())
    return combine({}, *a, b->constant);
  if (e.op == Operator::Multiply && a->terms.empty())
    return combine({}, *b, a->constant);
  return std::nullopt;
}

int64_t denominatorOf(double value) {
  constexpr int64_t most = 4096;
  for (int64_t denominator = 1; denominator <= most; ++denominator)
    if (double whole = value * double(denominator);
        std::abs(whole - std::round(whole)) < 1e-9 * std::abs(whole) + 1e-300)
      return denominator;
  return 0;
}

Grid gridOf(const Affine &affine) {
  Grid grid;
  grid.grid = denominatorOf(affine.constant);
  grid.bound = std::abs(affine.constant);
  for (const auto &[stream, weight] : affine.terms) {
    double step = double(stream->grid) * double(denominatorOf(weight));
    grid.grid = double(grid.grid) * step > 1e9 ? 0 : grid.grid * int64_t(step);
    grid.means += stream->isMean;
    grid.bound += std::abs(weight) * stream->bound;
  }
  return grid;
}

bool Forms::add(const Expression &comparison, Diagnostics &diagnostics) {
  std::optional<Affine> left = asAffine(*comparison.parts[0]);
  std::optional<Affine> right = asAffine(*comparison.parts[1]);
  if (!left || !right) {
    diagnostics.error(comparison.place,
                      "reals are compared with sums of reals and numbers");
    return false;
  }
  Affine sum = combine(*left, *right, -1);
  erase_if(sum.terms, [](auto &term) { return term.second == 0; });
  if (sum.terms.empty()) {
    diagnostics.error(comparison.place, "compares a real with itself");
    return false;
  }
  double lead = sum.terms.begin()->second;
  for (auto &[stream, weight] : sum.terms)
    weight /= lead;
  auto form = find_if(forms, [&](auto &f) { return f.terms == sum.terms; });
  size_t index = form - forms.begin();
  if (form == forms.end())
    forms.push_back({sum.terms, {}, 0});
  double constant = -sum.constant / lead;
  comparisons[&comparison] = {index, constant, lead < 0};
  std::vector<double> &constants = forms[index].constants;
  if (!is_contained(constants, constant))
    constants.insert(lower_bound(constants, constant), constant);
  return true;
}

bool Forms::collect(const Expression &formula, int64_t context,
                    Diagnostics &diagnostics) {
  size_t before = diagnostics.count();
  Place place = formula.place;
  forEachPart(formula, [&](const Expression &part) {
    if (part.isComparison() && mentionsReal(part))
      add(part, diagnostics);
  });
  for (Form &form : forms) {
    Affine affine{form.terms, 0};
    double steps = 1, bound = 0;
    for (double constant : form.constants) {
      steps *= double(denominatorOf(constant));
      bound = std::max(bound, std::abs(constant));
    }
    Grid grid = gridOf(affine);
    bound += grid.bound;
    steps *= double(grid.grid) * std::pow(double(context), grid.means);
    StringRef name = form.terms.begin()->first->name;
    if (steps == 0)
      diagnostics.error(place, "how close the values of '" + name +
                                   "' can come to each other is not known: no "
                                   "threshold is safe");
    else if (bound * steps > 65536)
      diagnostics.error(place, "values of '" + name +
                                   "' may differ by as little as 1/" +
                                   Twine(int64_t(steps)) + " in a context of " +
                                   Twine(context) + ", too little for float32");
    else
      form.margin = 1 / steps;
  }
  return diagnostics.count() == before;
}

bool Forms::outcome(const Expression &comparison,
                    const std::vector<int64_t> &cells) const {
  const Comparison &known = comparisons.at(&comparison);
  const std::vector<double> &constants = forms[known.form].constants;
  int64_t on =
      2 * (llvm::find(constants, known.constant) - constants.begin()) + 1;
  int64_t cell = cells[known.form];
  int order = cell < on ? -1 : cell > on;
  if (known.flipped)
    order = -order;
  switch (comparison.op) {
  case Operator::Equal:
    return order == 0;
  case Operator::Unequal:
    return order != 0;
  case Operator::Less:
    return order < 0;
  case Operator::NotGreater:
    return order <= 0;
  case Operator::Greater:
    return order > 0;
  default:
    return order >= 0;
  }
}

} // namespace spec
