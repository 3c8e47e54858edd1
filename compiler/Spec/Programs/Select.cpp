// `select`: attention whose heads compare one-hot streams.
//
// A literal is a 0/1 matrix between the values of a key stream and of a query
// stream, so its score is a dot product that is exactly 0 or 1. `take` and
// `mean` add the literals up, times 128: selected rows tie at the highest score
// and in float32 the softmax weighs all others 0. `count` takes relu(sum of n
// literals - n + 1), which is 1 for selected rows and 0 for others, and adds
// these weights without normalising them: an exact whole number.
#include "compiler/Spec/Programs/Derive.h"
#include "compiler/Spec/Programs/Predicate.h"
#include "compiler/Spec/Values.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace spec {

namespace {

/// The query and key maps of the heads, one alternative each.
class Heads {
public:
  Heads(std::vector<Conjunction> alternatives, bool isCount)
      : alternatives(std::move(alternatives)), isCount(isCount) {
    causal = all_of(this->alternatives, [](const Conjunction &conjunction) {
      return any_of(conjunction, impliesCausal);
    });
    for (Conjunction &conjunction : this->alternatives) {
      if (causal)
        erase_if(conjunction, isCausal);
      int64_t size = isCount && conjunction.size() != 1;
      for (const Literal &literal : conjunction)
        size += std::min(literal.keys(), literal.queries());
      dim = std::max(dim, size);
    }
    for (auto [head, conjunction] : enumerate(this->alternatives))
      add(head, conjunction);
  }

  /// Attention that has `values` rows of `width` a head.
  Layer make(Place place, int64_t width, const ValuesBuilder &value,
             const ValuesBuilder &valueBias, const ValuesBuilder &output) {
    Attention attention;
    attention.heads = attention.kvHeads = alternatives.size();
    attention.headDim = dim;
    attention.valueDim = width;
    attention.mask = causal ? Mask::Causal : Mask::None;
    attention.scores = isCount ? Scores::Relu : Scores::Softmax;
    attention.scale = isCount ? 1.0 : 128.0;
    Layer layer;
    layer.place = place;
    auto set = [&](const char *name, const ValuesBuilder &values) {
      layer.values[std::string(name) + ".weight"] = values.take();
    };
    auto setBias = [&](const char *name, const ValuesBuilder &values) {
      if (!values.empty())
        layer.values[std::string(name) + ".bias"] = values.take();
      return !values.empty();
    };
    set("query", query);
    set("key", key);
    set("value", value);
    set("output", output);
    attention.queryBias = setBias("query", queryBias);
    attention.keyBias = setBias("key", keyBias);
    attention.valueBias = setBias("value", valueBias);
    layer.body = attention;
    return layer;
  }

  int64_t count() const { return alternatives.size(); }

private:
  void add(int64_t head, const Conjunction &conjunction) {
    int64_t row = head * dim;
    for (const Literal &literal : conjunction)
      row = add(row, literal);
    if (isCount && conjunction.size() != 1) {
      queryBias.set(row, 0, 1);
      keyBias.set(row, 0, 1 - double(conjunction.size()));
    }
  }

  /// One-hot on the side with fewer values, the table on the other.
  int64_t add(int64_t row, const Literal &literal) {
    bool byKey = literal.keys() <= literal.queries();
    const Stream *few = byKey ? literal.key : literal.query;
    const Stream *many = byKey ? literal.query : literal.key;
    ValuesBuilder &one = byKey ? key : query, &table = byKey ? query : key;
    ValuesBuilder &oneBias = byKey ? keyBias : queryBias;
    int64_t rows = few ? few->size : 1, columns = many ? many->size : 1;
    for (int64_t i = 0; i < rows; ++i, ++row) {
      if (few)
        one.set(row, few->column + i, 1);
      else
        oneBias.set(row, 0, 1);
      for (int64_t j = 0; j < columns; ++j)
        if (literal.holds(byKey ? i : j, byKey ? j : i))
          table.set(row, many->column + j, 1);
    }
    return row;
  }

  std::vector<Conjunction> alternatives;
  bool isCount, causal = false;
  int64_t dim = 1;
  ValuesBuilder query, key, queryBias, keyBias;
};

/// What a select does with the rows: one of three.
struct Action {
  const Entry *what = nullptr, *into = nullptr, *when = nullptr;
};

} // namespace

static Action readAction(const Entry &entry, Diagnostics &diagnostics) {
  Action action;
  for (const Entry &field : entry.value.entries) {
    if (field.key == "when")
      action.when = &field;
    else if (field.key == "into")
      action.into = &field;
    else if (field.key != "take" && field.key != "mean" && field.key != "count")
      diagnostics.error(
          field.place,
          "unknown field '" + field.key + "' of 'select'" +
              didYouMean(field.key, {"when", "take", "mean", "count", "into"}));
    else if (action.what)
      diagnostics.error(field.place, "'" + field.key + "' beside '" +
                                         action.what->key +
                                         "': a select does one thing");
    else
      action.what = &field;
  }
  if (!action.when)
    diagnostics.error(entry.place, "'select' needs 'when', its predicate");
  if (!action.what)
    diagnostics.error(entry.place, "'select' needs 'take', 'mean' or 'count'");
  else if (action.what->key == "count" && action.into)
    diagnostics.error(action.into->place, "'count: STREAM' says already where "
                                          "it goes");
  else if (action.what->key != "count" && !action.into)
    diagnostics.error(entry.place, "'" + action.what->key +
                                       "' needs 'into', the stream to write");
  return action;
}

/// How many rows each row selects: heads add 1 for each.
static Layers countRows(Heads &heads, Stream &target, int64_t dim,
                        int64_t context, Place place) {
  ValuesBuilder value, valueBias, output;
  // One-hot counts are made of what the attention leaves in column 0.
  int64_t row = target.isReal() ? target.column : 0;
  for (int64_t head = 0; head < heads.count(); ++head) {
    valueBias.set(head, 0, 1);
    output.set(row, head, 1);
  }
  Layers layers;
  layers.push_back(heads.make(place, 1, value, valueBias, output));
  if (!target.isReal())
    appendOneHot({{0, 1.0}}, 0, target, dim, place, layers);
  target.grid = 1;
  target.bound = double(context);
  return layers;
}

/// The value of the selected row.
static Layer takeRow(Heads &heads, const Stream &source, Stream &target,
                     Place place) {
  ValuesBuilder value, output;
  for (int64_t i = 0; i < source.width(); ++i) {
    value.set(i, source.column + i, 1);
    output.set(target.column + i, i, 1);
  }
  target.grid = source.grid;
  target.isMean = source.isMean;
  target.bound = source.bound;
  return heads.make(place, source.width(), value, {}, output);
}

/// The mean of the selected rows' numbers.
static Layer meanOfRows(Heads &heads, const Stream &source, Stream &target,
                        Place place) {
  ValuesBuilder value, output;
  for (int64_t i = 0; i < source.width(); ++i)
    value.set(0, source.column + i, source.isReal() ? 1 : double(i));
  output.set(target.column, 0, 1);
  target.grid = !source.isReal() ? 1 : source.isMean ? 0 : source.grid;
  target.isMean = true;
  target.bound = source.isReal() ? source.bound : double(source.size);
  return heads.make(place, 1, value, {}, output);
}

/// Why the source cannot be taken or averaged into the target, or "".
static std::string streamsFault(bool isTake, const Stream &source,
                                const Stream &target) {
  if (isTake)
    return source.size == target.size && source.words == target.words
               ? ""
               : "'" + target.name + "' and '" + source.name +
                     "' have different values";
  if (!target.isReal())
    return "a mean is real, '" + target.name + "' is not";
  return source.words.empty() ? "" : "'" + source.name + "' has no numbers";
}

std::vector<Conjunction> Streams::readPredicate(const Node &when,
                                                bool isCount) {
  if (!when.isScalar()) {
    ValueReader(diagnostics).mistaken("when", "a predicate", when);
    return {};
  }
  ExpressionPointer predicate = readExpression(
      when, /*isPredicate=*/true, [&](StringRef name) { return named(name); },
      diagnostics);
  if (!predicate)
    return {};
  std::vector<Conjunction> list = alternativesOf(*predicate, diagnostics);
  if (isCount || list.size() <= 1)
    return list;
  diagnostics.error(when.place, "'or' over several streams is for 'count': "
                                "'take' and 'mean' have one head");
  return {};
}

void Streams::readSelect(const Entry &entry, Layers &to) {
  size_t before = diagnostics.count();
  Action action = readAction(entry, diagnostics);
  if (diagnostics.count() != before)
    return;
  const std::string &verb = action.what->key;
  const Node &what = action.what->value;
  bool isCount = verb == "count", isTake = verb == "take";
  std::vector<Conjunction> alternatives =
      readPredicate(action.when->value, isCount);
  const Node &into = isCount ? what : action.into->value;
  const Stream *source = isCount ? nullptr : findSource(what.text, what.place);
  Stream *target = findTarget(into.text, into.place);
  if (!target || (!isCount && !source) || alternatives.empty())
    return;
  Heads heads(std::move(alternatives), isCount);
  Layers inside;
  if (isCount)
    inside = countRows(heads, *target, dim, context, entry.place);
  else if (std::string fault = streamsFault(isTake, *source, *target);
           !fault.empty())
    return diagnostics.error(into.place, fault);
  else if (isTake)
    inside.push_back(takeRow(heads, *source, *target, entry.place));
  else
    inside.push_back(meanOfRows(heads, *source, *target, entry.place));
  to.push_back(makeResidual(entry.place, std::move(inside)));
}

} // namespace spec
