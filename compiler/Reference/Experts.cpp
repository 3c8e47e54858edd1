// Mixtures of experts, row by row.
#include "compiler/Reference/Layers.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace reference {

using Row = std::vector<double>;

/// The places of as many largest values, these first; of equal ones the first.
static std::vector<int64_t> largest(Row values, int64_t count) {
  std::vector<int64_t> places;
  while (int64_t(places.size()) < count) {
    auto most = std::max_element(values.begin(), values.end());
    places.push_back(most - values.begin());
    *most = -std::numeric_limits<double>::infinity();
  }
  return places;
}

/// What each score weighs before the chosen are divided by a sum.
static Row weightsOf(transformer::RouteOp op, const Row &scores) {
  Row p(scores.size());
  bool softmax = op.getRouter() == transformer::Router::Softmax;
  double most = *std::max_element(scores.begin(), scores.end()), sum = 0;
  for (size_t e = 0; e < p.size(); ++e)
    sum += p[e] =
        softmax ? std::exp(scores[e] - most) : 1 / (1 + std::exp(-scores[e]));
  if (softmax)
    for (double &weight : p)
      weight /= sum;
  return p;
}

/// Leaves the best groups of what is compared; none of the others is taken.
static void keepGroups(transformer::RouteOp op, Row &compared) {
  size_t groups = op.getGroups(), size = compared.size() / groups;
  Row best;
  for (size_t g = 0; g < groups; ++g) {
    Row members(compared.begin() + g * size, compared.begin() + (g + 1) * size);
    double sum = 0;
    for (int64_t e : largest(members, op.getTwoBest() ? 2 : 1))
      sum += members[e];
    best.push_back(sum);
  }
  Row left(compared.size(), -std::numeric_limits<double>::infinity());
  for (int64_t g : largest(best, op.getTopGroups()))
    std::copy_n(compared.begin() + g * size, size, left.begin() + g * size);
  compared = left;
}

static void routeRow(transformer::RouteOp op, const Row &scores,
                     const Weight *correction, double *gates) {
  Row p = weightsOf(op, scores), compared = p;
  if (correction)
    for (size_t e = 0; e < p.size(); ++e)
      compared[e] += correction->values[e];
  keepGroups(op, compared);
  std::vector<int64_t> chosen = largest(compared, op.getTopK());
  double norm = 1;
  if (op.getNormalise()) {
    norm = 0;
    for (int64_t e : chosen)
      norm += p[e];
  }
  for (int64_t e : chosen)
    gates[e] = op.getScale() * p[e] / norm;
}

Matrix route(transformer::RouteOp op, const Matrix &scores,
             const Weight *correction) {
  Matrix gates{scores.width, scores.lengths,
               std::vector<double>(scores.values.size())};
  for (int64_t r = 0; r < scores.rows(); ++r)
    routeRow(op, Row(scores.row(r), scores.row(r) + scores.width), correction,
             gates.row(r));
  return gates;
}

Matrix chosenRows(const Matrix &x, const Matrix &gates, int64_t expert) {
  Matrix chosen{x.width, {}, {}};
  int64_t row = 0;
  for (int64_t length : x.lengths) {
    int64_t before = chosen.rows();
    for (int64_t i = 0; i < length; ++i, ++row)
      if (gates.row(row)[expert] != 0)
        chosen.values.insert(chosen.values.end(), x.row(row),
                             x.row(row) + x.width);
    chosen.lengths.push_back(chosen.rows() - before);
  }
  return chosen;
}

void addChosen(Matrix &y, const Matrix &theirs, const Matrix &gates,
               int64_t expert) {
  const double *from = theirs.values.data();
  for (int64_t row = 0; row < y.rows(); ++row) {
    double gate = gates.row(row)[expert];
    if (gate == 0)
      continue;
    for (int64_t m = 0; m < y.width; ++m)
      y.row(row)[m] += gate * *from++;
  }
}

} // namespace reference
