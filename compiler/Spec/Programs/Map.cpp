// `map`: a function of each row's streams as a small perceptron.
//
// Categories and comparisons of reals make a table: one relu unit for each
// combination of values that gives something, fed by 0/1 indicators. Those of
// categories are there as one-hot columns; those of reals are made by a first
// layer of steep tanh units, whose results are exactly -1 and 1. A formula that
// is a sum of reals is a linear map.
#include "compiler/Spec/Programs/Derive.h"
#include "compiler/Spec/Programs/Thresholds.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>
#include <numeric>

using namespace llvm;

namespace spec {

namespace {

/// Combinations in a table.
constexpr int64_t mostCombinations = 4096;

/// What a row gives for one combination: a number for a real, the place of a
/// value otherwise; nothing when it is none of the target's values.
struct Outcome {
  std::vector<int64_t> combination; ///< of categories, then cells of forms
  double value = 0;
};

class Table {
public:
  Table(const Expression &formula, const Stream &target, Forms forms)
      : formula(formula), target(target), forms(std::move(forms)) {
    forEachPart(formula, [&](const Expression &part) {
      if (part.kind == Expression::Kind::Stream && !part.stream->isReal() &&
          !is_contained(categories, part.stream))
        categories.push_back(part.stream);
    });
  }

  /// Number of combinations, or more than there may be.
  double size() const {
    double product = 1;
    for (const Stream *stream : categories)
      product *= double(stream->size);
    for (const Form &form : forms.forms)
      product *= double(form.cells());
    return product;
  }

  void fill() {
    std::vector<int64_t> sizes;
    for (const Stream *stream : categories)
      sizes.push_back(stream->size);
    for (const Form &form : forms.forms)
      sizes.push_back(form.cells());
    std::vector<int64_t> at(sizes.size(), 0);
    for (bool more = true; more;) {
      if (std::optional<double> value = outcome(at))
        outcomes.push_back({at, *value});
      more = false;
      for (size_t i = 0; i != at.size() && !more; ++i) {
        more = ++at[i] < sizes[i];
        if (!more)
          at[i] = 0;
      }
    }
  }

  Layers layers(Place place, int64_t dim) const {
    DerivedLinear results;
    results.to = dim;
    Layers list;
    if (categories.size() + forms.forms.size() == 0) {
      for (const Outcome &outcome : outcomes)
        write(results.bias, 0, outcome);
    } else if (categories.size() == 1 && forms.forms.empty()) {
      for (const Outcome &outcome : outcomes)
        write(results.weight, categories[0]->column + outcome.combination[0],
              outcome);
    } else {
      DerivedLinear units =
          forms.forms.empty() ? readCategories() : readThresholds(place, list);
      units.act = Activation::Relu;
      units.to = std::max<int64_t>(outcomes.size(), 1);
      list.push_back(units.make(place));
      for (auto [unit, outcome] : enumerate(outcomes))
        write(results.weight, unit, outcome);
    }
    list.push_back(results.make(place));
    return list;
  }

  std::vector<Outcome> outcomes;

private:
  std::optional<double> outcome(const std::vector<int64_t> &at) const {
    std::vector<int64_t> cells(at.begin() + categories.size(), at.end());
    Environment given;
    given.valueOf = [&](const Stream &stream, Side) {
      return at[llvm::find(categories, &stream) - categories.begin()];
    };
    given.outcomeOf = [&](const Expression &comparison) {
      return forms.outcome(comparison, cells);
    };
    Value value = evaluate(formula, given);
    if (target.isReal())
      return value.number == 0 ? std::nullopt : std::optional(value.number);
    double place = value.number;
    if (value.word)
      place = llvm::find(target.words, *value.word) - target.words.begin();
    bool isValue =
        place == std::round(place) && place >= 0 && place < double(target.size);
    return isValue ? std::optional(place) : std::nullopt;
  }

  void write(ValuesBuilder &to, int64_t column, const Outcome &outcome) const {
    if (target.isReal())
      to.set(target.column, column, outcome.value);
    else
      to.set(target.column + int64_t(outcome.value), column, 1);
  }

  /// relu(sum of n indicators - n + 1) over one-hot columns.
  DerivedLinear readCategories() const {
    DerivedLinear units;
    for (auto [unit, outcome] : enumerate(outcomes)) {
      for (auto [stream, value] : zip(categories, outcome.combination))
        units.weight.set(unit, stream->column + value, 1);
      units.bias.set(unit, 0, 1 - double(categories.size()));
    }
    return units;
  }

  /// The same over the first layer's results t = -1 or 1, put into `list`: a
  /// category's indicator is (1 + t) / 2, a cell's (t - next t) / 2.
  DerivedLinear readThresholds(Place place, Layers &list) const {
    DerivedLinear first;
    first.act = Activation::Tanh;
    std::vector<int64_t> begins;
    for (const Stream *stream : categories) {
      begins.push_back(first.to);
      for (int64_t value = 0; value < stream->size; ++value, ++first.to) {
        first.weight.set(first.to, stream->column + value, 2 * saturated);
        first.bias.set(first.to, 0, -saturated);
      }
    }
    for (const Form &form : forms.forms) {
      begins.push_back(first.to);
      double steepness = 2 * saturated / form.margin;
      for (double constant : form.constants)
        for (double side : {-0.5, 0.5}) {
          for (const auto &[stream, weight] : form.terms)
            first.weight.set(first.to, stream->column, steepness * weight);
          first.bias.set(first.to++, 0,
                         -steepness * (constant + side * form.margin));
        }
    }
    list.push_back(first.make(place));
    DerivedLinear units;
    for (auto [unit, outcome] : enumerate(outcomes)) {
      double constant = 1 - double(begins.size());
      for (auto [i, value] : enumerate(outcome.combination)) {
        bool isCategory = i < categories.size();
        int64_t last =
            isCategory ? 0 : forms.forms[i - categories.size()].cells() - 1;
        if (isCategory || value > 0)
          units.weight.set(unit, begins[i] + value - !isCategory, 0.5);
        if (!isCategory && value < last)
          units.weight.set(unit, begins[i] + value, -0.5);
        if (isCategory || value == 0 || value == last)
          constant += 0.5;
      }
      units.bias.set(unit, 0, constant);
    }
    return units;
  }

  const Expression &formula;
  const Stream &target;
  Forms forms;
  std::vector<const Stream *> categories;
};

/// Words that the formula gives must be values of the target.
class ResultCheck {
public:
  ResultCheck(const Stream &target, Diagnostics &diagnostics)
      : target(target), diagnostics(diagnostics) {}

  void check(const Expression &e) {
    if (e.kind == Expression::Kind::If) {
      check(*e.parts[1]);
      return check(*e.parts[2]);
    }
    if (e.kind == Expression::Kind::Word) {
      SmallVector<StringRef> known(target.words.begin(), target.words.end());
      if (!is_contained(target.words, e.word))
        diagnostics.error(e.place, "'" + e.word +
                                       "' is neither a stream nor a value of "
                                       "'" +
                                       target.name + "'" +
                                       didYouMean(e.word, known));
      return;
    }
    bool isWord =
        e.kind == Expression::Kind::Stream && !e.stream->words.empty();
    if (isWord != !target.words.empty())
      diagnostics.error(e.place, "'" + target.name + "' takes " +
                                     (isWord ? "numbers" : "words"));
    if (isWord)
      for (const std::string &word : e.stream->words)
        if (!target.words.empty() && !is_contained(target.words, word))
          return diagnostics.error(
              e.place, "'" + word + "' of '" + e.stream->name +
                           "' is no value of '" + target.name + "'");
  }

private:
  const Stream &target;
  Diagnostics &diagnostics;
};

/// Whether reals are anywhere but in comparisons.
bool usesRealValue(const Expression &e) {
  if (e.isComparison())
    return false;
  if (e.kind == Expression::Kind::Stream)
    return e.stream->isReal();
  return any_of(e.parts, [](auto &part) { return usesRealValue(*part); });
}

/// The grid of what a table gives.
void describe(Stream &target, const std::vector<Outcome> &outcomes) {
  target.grid = 1;
  for (const Outcome &outcome : outcomes) {
    int64_t denominator = denominatorOf(outcome.value);
    target.grid =
        denominator && target.grid ? std::lcm(target.grid, denominator) : 0;
    target.bound = std::max(target.bound, std::abs(outcome.value));
    if (target.grid > mostSize)
      target.grid = 0;
  }
}

Layer mapSum(const Affine &sum, Stream &target, int64_t dim, Place place) {
  DerivedLinear map;
  map.to = dim;
  for (const auto &[stream, weight] : sum.terms)
    map.weight.set(target.column, stream->column, weight);
  map.bias.set(target.column, 0, sum.constant);
  Grid grid = gridOf(sum);
  target.grid = grid.means > 1 ? 0 : grid.grid;
  target.isMean = grid.means;
  target.bound = grid.bound;
  Layers inside;
  inside.push_back(map.make(place));
  return makeResidual(place, std::move(inside));
}

/// A sum that is a whole number becomes the category of that number.
Layer mapWhole(const Affine &sum, const Stream &target, int64_t dim,
               Place place) {
  std::map<int64_t, double> columns;
  for (const auto &[stream, weight] : sum.terms)
    columns[stream->column] = weight;
  Layers inside;
  appendOneHot(columns, sum.constant, target, dim, place, inside);
  return makeResidual(place, std::move(inside));
}

} // namespace

void appendOneHot(const std::map<int64_t, double> &columns, double constant,
                  const Stream &target, int64_t dim, Place place, Layers &to) {
  DerivedLinear above, differences;
  above.to = target.size + 1;
  above.act = Activation::Tanh;
  differences.to = dim;
  for (int64_t i = 0; i < above.to; ++i) {
    for (auto [column, weight] : columns)
      above.weight.set(i, column, 2 * saturated * weight);
    above.bias.set(i, 0, 2 * saturated * (constant - double(i) + 0.5));
  }
  for (int64_t value = 0; value < target.size; ++value) {
    differences.weight.set(target.column + value, value, 0.5);
    differences.weight.set(target.column + value, value + 1, -0.5);
  }
  to.push_back(above.make(place));
  to.push_back(differences.make(place));
}

void Streams::readMap(const Entry &entry, Layers &to) {
  if (entry.value.entries.size() != 1)
    return diagnostics.error(entry.place, "a map has one stream and its "
                                          "formula: {STREAM: FORMULA}");
  const Entry &field = entry.value.entries.front();
  if (!field.value.isScalar())
    return (void)ValueReader(diagnostics)
        .mistaken(field.key, "a formula", field.value);
  size_t before = diagnostics.count();
  ExpressionPointer formula = readExpression(
      field.value, /*isPredicate=*/false,
      [&](StringRef name) { return named(name); }, diagnostics);
  if (formula)
    forEachPart(*formula, [&](const Expression &part) {
      if (part.kind == Expression::Kind::Stream)
        findSource(part.stream->name, part.place);
    });
  Stream *target = findTarget(field.key, field.place);
  if (diagnostics.count() != before)
    return;
  ResultCheck(*target, diagnostics).check(*formula);
  if (diagnostics.count() != before)
    return;
  if (usesRealValue(*formula)) {
    std::optional<Affine> sum = asAffine(*formula);
    if (sum && target->isReal())
      return to.push_back(mapSum(*sum, *target, dim, entry.place));
    Grid grid = sum ? gridOf(*sum) : Grid();
    if (sum && grid.grid == 1 && !grid.means)
      return to.push_back(mapWhole(*sum, *target, dim, entry.place));
    return diagnostics.error(
        formula->place, "reals are compared, or added to make a real or, when "
                        "they are whole numbers, a category; nothing else is "
                        "supported");
  }
  Forms forms;
  if (!forms.collect(*formula, context, diagnostics))
    return;
  Table table(*formula, *target, std::move(forms));
  if (table.size() > double(mostCombinations))
    return diagnostics.error(formula->place,
                             "the formula's table has more than " +
                                 Twine(mostCombinations) + " combinations");
  table.fill();
  if (target->isReal())
    describe(*target, table.outcomes);
  to.push_back(makeResidual(entry.place, table.layers(entry.place, dim)));
}

} // namespace spec
