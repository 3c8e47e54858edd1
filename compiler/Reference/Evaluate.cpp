// Walks a function op by op. Values live as long as the function is evaluated:
// the models that one compares this way are small.
#include "compiler/Reference/Evaluate.h"
#include "compiler/Reference/Layers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <map>

using namespace mlir;
using namespace transformer;
using llvm::Error;
using llvm::Expected;

namespace reference {

static Error fail(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

namespace {

class Evaluator {
public:
  Evaluator(const Weights &weights, const Input &input,
            const Observer &observer, Activations activations, Cached cached)
      : weights(weights), input(input), observer(observer),
        activations(activations), cached(cached) {}

  Error run(Block &block);
  /// What the encoder has made of the sources.
  void setMemory(Value value, Matrix rows) {
    sources = int64_t(rows.lengths.size());
    matrices[value] = std::move(rows);
  }
  /// With the scores of the sequences that have left for their rows.
  Expected<Matrix> output(const Matrix &result) const;
  /// Null if the value is no rows or not known.
  Matrix *rowsOf(Value value) {
    auto found = matrices.find(value);
    return found == matrices.end() ? nullptr : &found->second;
  }

private:
  Error run(Operation &op);
  Error run(scf::ForOp loop);
  Error run(ExpertsOp op);
  Error load(WeightOp op);
  Error checkTokens(const Weight &table) const;
  Error checkImages(ArrayRef<int64_t> shape) const;
  Error checkRows(int64_t width) const;
  Error checkOperands(Operation &op) const;
  /// The result of an op that makes rows.
  Expected<Matrix> compute(Operation &op);
  Expected<Matrix> computePosition(PositionOp op);
  Expected<Matrix> computeUnfold(UnfoldOp op);
  Expected<Matrix> computeMix(MixOp op);
  void leave(ExitOp op);
  Matrix rowsFor(Value rows, Value weight);
  Matrix cachedRows(Value rows, int64_t heads);

  const Weight *weightOf(Value value) {
    auto found = tables.find(value);
    return found == tables.end() ? nullptr : &found->second;
  }

  const Weights &weights;
  const Input &input;
  const Observer &observer;
  const Activations activations;
  const Cached cached;
  int64_t sources = 0; ///< of an encoder-decoder
  std::map<int64_t, std::vector<double>>
      scores; ///< of sequences that have left
  llvm::DenseMap<Value, Matrix> matrices;
  llvm::DenseMap<Value, Weight> tables;
  llvm::DenseMap<Value, int64_t> numbers; ///< of the loops that are running
  SmallVector<int64_t> indices;           ///< likewise, the outermost first
  int64_t round = 0; ///< the repetition of these, counted through
};

} // namespace

Error Evaluator::run(Block &block) {
  for (Operation &op : block.without_terminator())
    if (Error error = run(op))
      return error;
  return Error::success();
}

Error Evaluator::run(Operation &op) {
  if (auto weight = dyn_cast<WeightOp>(op))
    return load(weight);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return run(loop);
  if (isa<arith::ConstantOp, AlibiOp>(op))
    return Error::success();
  if (Error error = checkOperands(op))
    return error;
  if (isa<RelativeOp>(op)) // a part of attention
    return Error::success();
  if (auto experts = dyn_cast<ExpertsOp>(op))
    return run(experts);
  Expected<Matrix> result = compute(op);
  if (!result)
    return result.takeError();
  Matrix &kept = matrices[op.getResult(0)] = std::move(*result);
  if (observer)
    observer(&op, SmallVector<int64_t>(llvm::reverse(indices)), kept);
  return Error::success();
}

Error Evaluator::run(scf::ForOp loop) {
  auto first = getConstantIntValue(loop.getLowerBound());
  auto end = getConstantIntValue(loop.getUpperBound());
  auto step = getConstantIntValue(loop.getStep());
  Matrix *initial =
      loop.getNumResults() == 1 ? rowsOf(loop.getInitArgs()[0]) : nullptr;
  if (!first || !end || !step || *step <= 0 || !initial)
    return fail("a loop must have constant bounds and carry rows alone");
  Value carried = loop.getRegionIterArg(0);
  matrices[carried] = Matrix(*initial);
  const int64_t outer = round;
  const int64_t rounds = (*end - *first + *step - 1) / *step;
  for (int64_t index = *first; index < *end; index += *step) {
    round = outer * rounds + (index - *first) / *step;
    numbers[loop.getInductionVar()] = index;
    indices.push_back(index);
    if (Error error = run(*loop.getBody()))
      return error;
    indices.pop_back();
    Matrix *next = rowsOf(loop.getYieldedValues()[0]);
    if (!next)
      return fail("a loop must yield rows");
    matrices[carried] = Matrix(*next);
  }
  round = outer;
  matrices[loop.getResult(0)] = Matrix(matrices[carried]);
  return Error::success();
}

/// Every expert in turn on the rows that chose it.
Error Evaluator::run(ExpertsOp op) {
  const Matrix x = *rowsOf(op.getX()), gates = *rowsOf(op.getGates());
  Matrix sum{x.width, x.lengths, std::vector<double>(x.values.size())};
  Block &body = op.getBody().front();
  for (int64_t expert = 0; expert < op.count(); ++expert) {
    numbers[body.getArgument(1)] = expert;
    matrices[body.getArgument(0)] = chosenRows(x, gates, expert);
    for (Operation &inner : body.without_terminator())
      if (Error error = run(inner))
        return error;
    Value result = cast<transformer::YieldOp>(body.getTerminator()).getRows();
    addChosen(sum, *rowsOf(result), gates, expert);
  }
  Matrix &kept = matrices[op.getResult()] = std::move(sum);
  if (observer)
    observer(op, SmallVector<int64_t>(llvm::reverse(indices)), kept);
  return Error::success();
}

Error Evaluator::load(WeightOp op) {
  std::string name = op.getName().str();
  for (auto [letter, index] : llvm::enumerate(op.getIndices())) {
    std::string place = {'{', char('i' + letter), '}'};
    size_t at = name.find(place);
    auto number = numbers.find(index);
    if (at == std::string::npos || number == numbers.end())
      return fail("'" + op.getName() + "' has no " + place +
                  " for the index of a loop");
    name.replace(at, place.size(), std::to_string(number->second));
  }
  auto shape = op.getType().getShape();
  Weight weight{shape[0], shape.size() == 2 ? shape[1] : 1, {}};
  Expected<std::vector<float>> values =
      weights(name, weight.rows, weight.columns);
  if (!values)
    return values.takeError();
  if (int64_t(values->size()) != weight.rows * weight.columns)
    return fail("'" + name + "' has " + llvm::Twine(values->size()) +
                " values, the model needs " +
                llvm::Twine(weight.rows * weight.columns));
  weight.values = std::move(*values);
  tables[op] = std::move(weight);
  return Error::success();
}

/// Ops whose first operand is the model's input.
static bool readsInput(Operation &op) {
  return isa<EmbedOp, PatchesOp, InputOp>(op);
}

Error Evaluator::checkOperands(Operation &op) const {
  if (!isa_and_nonnull<TransformerDialect>(op.getDialect()) &&
      !isa<arith::AddFOp, arith::MulFOp>(op))
    return fail("'" + op.getName().getStringRef() + "' cannot be evaluated");
  for (auto [place, operand] : llvm::enumerate(op.getOperands())) {
    if ((readsInput(op) && place == 0) || isa<RowsType>(operand.getType()) ||
        isa_and_present<AlibiOp, RelativeOp>(operand.getDefiningOp()))
      continue;
    bool known = transformer::areRows(operand) ? matrices.contains(operand)
                                               : tables.contains(operand);
    if (!known)
      return fail("operand " + llvm::Twine(place) + " of '" +
                  op.getName().getStringRef() +
                  "' cannot be evaluated: it comes from no layer or weight");
  }
  return Error::success();
}

Error Evaluator::checkTokens(const Weight &table) const {
  for (const std::vector<int32_t> &sequence : input.sequences) {
    if (sequence.empty())
      return fail("a sequence has no tokens");
    for (int32_t token : sequence)
      if (token < 0 || token >= table.rows)
        return fail("token " + llvm::Twine(token) +
                    " lies outside the vocabulary of " +
                    llvm::Twine(table.rows));
  }
  return Error::success();
}

Error Evaluator::checkImages(ArrayRef<int64_t> shape) const {
  int64_t pixels = shape[1] * shape[2] * shape[3];
  if (input.images.size() % pixels != 0)
    return fail(llvm::Twine(input.images.size()) +
                " values are no whole number of images of " +
                llvm::Twine(pixels));
  return Error::success();
}

Error Evaluator::checkRows(int64_t width) const {
  for (const std::vector<float> &sequence : input.rows)
    if (sequence.empty() || sequence.size() % width != 0)
      return fail("a sequence of " + llvm::Twine(sequence.size()) +
                  " values is no whole number of rows of " +
                  llvm::Twine(width));
  return Error::success();
}

Expected<Matrix> Evaluator::computePosition(PositionOp op) {
  const Matrix &x = *rowsOf(op.getX());
  const Weight *table = op.getTable() ? weightOf(op.getTable()) : nullptr;
  for (int64_t length : x.lengths)
    if (table && length > table->rows)
      return fail("a sequence of " + llvm::Twine(length) +
                  " rows is longer than the table of " +
                  llvm::Twine(table->rows) + " positions");
  return position(op, x, table);
}

Expected<Matrix> Evaluator::computeMix(MixOp op) {
  const Matrix &x = *rowsOf(op.getX());
  const Weight &table = *weightOf(op.getTable());
  for (int64_t length : x.lengths)
    if (length > table.columns)
      return fail("a sequence of " + llvm::Twine(length) +
                  " rows is longer than mixtures of " +
                  llvm::Twine(table.columns));
  return mix(x, table);
}

Expected<Matrix> Evaluator::computeUnfold(UnfoldOp op) {
  const Matrix &x = *rowsOf(op.getX());
  for (int64_t length : x.lengths) {
    if (op.getGrid() && length != (*op.getGrid())[0] * (*op.getGrid())[1])
      return fail("a sequence of " + llvm::Twine(length) +
                  " rows does not fill the grid");
    if (op.madeOf(length) == 0)
      return fail("a sequence of " + llvm::Twine(length) +
                  " rows is shorter than a window of " +
                  llvm::Twine(op.getSize()));
  }
  return unfold(op, x);
}

/// Behind an exit it is evaluated for all sequences, to the same result.
void Evaluator::leave(ExitOp op) {
  const Matrix &made = *rowsOf(op.getScores());
  for (int64_t s = 0; s < made.rows(); ++s)
    if (surest(made, s) >= op.getAbove())
      scores.try_emplace(s, made.row(s), made.row(s) + made.width);
}

Expected<Matrix> Evaluator::output(const Matrix &result) const {
  Matrix rows = result;
  for (const auto &[sequence, left] : scores) {
    if (sequence >= rows.rows() || int64_t(left.size()) != rows.width)
      return fail("the scores of an exit are no rows of the result");
    llvm::copy(left, rows.row(sequence));
  }
  return rows;
}

/// The rows that a matrix meets, as its format makes them.
Matrix Evaluator::rowsFor(Value rows, Value weight) {
  const Matrix &x = *rowsOf(rows);
  auto format = weight.getDefiningOp<WeightOp>().getFormat();
  if (!format || activations == Activations::Exact)
    return x;
  if (*format != Format::Bf16)
    return rounded(x);
  return activations == Activations::RoundedToBf16 ? roundedToBf16(x) : x;
}

/// Keys or values, as the cache holds them.
Matrix Evaluator::cachedRows(Value rows, int64_t heads) {
  const Matrix &x = *rowsOf(rows);
  switch (cached) {
  case Cached::Exact:
    return x;
  case Cached::Bf16:
    return roundedToBf16(x);
  case Cached::Int8:
    return rounded(x, x.width / heads);
  }
  llvm_unreachable("every format is above");
}

Expected<Matrix> Evaluator::compute(Operation &op) {
  auto rows = [&](Value value) -> const Matrix & { return *rowsOf(value); };
  auto weight = [&](Value value) { return weightOf(value); };
  auto optional = [&](Value value) {
    return value ? weightOf(value) : nullptr;
  };
  using Result = Expected<Matrix>;
  return llvm::TypeSwitch<Operation *, Result>(&op)
      .Case([&](EmbedOp e) -> Result {
        if (Error error = checkTokens(*weight(e.getTable())))
          return error;
        return embed(input, *weight(e.getTable()), e.getScale());
      })
      .Case([&](PatchesOp p) -> Result {
        if (Error error = checkImages(p.getImages().getType().getShape()))
          return error;
        return patches(input, p);
      })
      .Case([&](UnfoldOp u) -> Result { return computeUnfold(u); })
      .Case([&](MixOp m) -> Result { return computeMix(m); })
      .Case([&](InputOp i) -> Result {
        int64_t width = i.getReals().getType().getDimSize(1);
        if (Error error = checkRows(width))
          return error;
        return rowsOfInput(input, width);
      })
      .Case([&](PositionOp p) { return computePosition(p); })
      .Case([&](QueriesOp q) -> Result {
        return queries(sources, *weight(q.getTable()));
      })
      .Case([&](TypesOp t) -> Result {
        return types(t, rows(t.getX()), input, *weight(t.getTable()));
      })
      .Case([&](PrependOp p) -> Result {
        return prepend(rows(p.getX()), *weight(p.getTable()));
      })
      .Case([&](NormOp n) -> Result {
        return norm(n, rows(n.getX()), optional(n.getWeight()),
                    optional(n.getBias()));
      })
      .Case([&](LinearOp l) -> Result {
        return linear(rowsFor(l.getX(), l.getWeight()), *weight(l.getWeight()),
                      optional(l.getBias()));
      })
      .Case([&](HeadLinearOp l) -> Result {
        return headLinear(l, rowsFor(l.getX(), l.getWeight()),
                          *weight(l.getWeight()), optional(l.getBias()));
      })
      .Case([&](DepthwiseOp d) -> Result {
        return depthwise(rows(d.getX()), *weight(d.getWeight()),
                         optional(d.getBias()));
      })
      .Case([&](ShortConvOp c) -> Result {
        return shortConv(rows(c.getX()), *weight(c.getWeight()),
                         optional(c.getBias()));
      })
      .Case([&](ActivationOp a) -> Result {
        return activation(a.getKind(), rows(a.getX()));
      })
      .Case([&](ScaleOp s) -> Result {
        return scale(rows(s.getX()), s.getFactor());
      })
      .Case([&](GainOp g) -> Result {
        return gain(rows(g.getX()), *weight(g.getWeight()));
      })
      .Case([&](JoinHeadsOp j) -> Result {
        return joinHeads(rows(j.getOwn()), rows(j.getRest()), j.getHeads(),
                         j.getFrom());
      })
      .Case([&](SoftcapOp s) -> Result {
        return softcap(rows(s.getX()), s.getCap());
      })
      .Case([&](RouteOp r) -> Result {
        return route(r, rows(r.getScores()), optional(r.getCorrection()));
      })
      .Case([&](RotaryOp r) -> Result { return rotary(r, rows(r.getX())); })
      .Case([&](AttentionOp a) -> Result {
        const Weight *buckets = nullptr;
        if (a.getBias())
          if (auto relative = a.getBias().getDefiningOp<RelativeOp>())
            buckets = weight(relative.getTable());
        return attention(a, rows(a.getQ()),
                         cachedRows(a.getK(), a.getKvHeads()),
                         cachedRows(a.getV(), a.getKvHeads()), buckets,
                         input.prefixes, round);
      })
      .Case([&](CrossAttentionOp a) -> Result {
        return crossAttention(a, rows(a.getQ()),
                              cachedRows(a.getK(), a.getKvHeads()),
                              cachedRows(a.getV(), a.getKvHeads()));
      })
      .Case([&](GridAttentionOp a) -> Result {
        int64_t places = a.getGrid()[0] * a.getGrid()[1];
        for (int64_t length : rows(a.getQ()).lengths)
          if (length != places)
            return fail("a sequence of " + llvm::Twine(length) +
                        " rows is no grid of " + llvm::Twine(places));
        return gridAttention(a, rows(a.getQ()), rows(a.getK()), rows(a.getV()),
                             optional(a.getTable()));
      })
      .Case([&](ScoreAttentionOp a) -> Result {
        return scoreAttention(a, rows(a.getQ()),
                              cachedRows(a.getK(), a.getKvHeads()),
                              cachedRows(a.getV(), a.getKvHeads()));
      })
      .Case([&](TapOp t) -> Result { return rows(t.getX()); })
      .Case([&](ExitOp e) -> Result {
        leave(e);
        return rows(e.getX());
      })
      .Case([&](RandomFeaturesOp f) -> Result {
        return randomFeatures(f, rows(f.getX()), *weight(f.getWeight()));
      })
      .Case([&](LinearAttentionOp a) -> Result {
        Matrix decay;
        if (Value by = a.getDecay(); by && areRows(by))
          decay = rows(by);
        else if (by)
          decay = {weight(by)->rows,
                   {1},
                   {weight(by)->values.begin(), weight(by)->values.end()}};
        if (Value delta = a.getDelta())
          return deltaAttention(a, rows(a.getQ()), rows(a.getK()),
                                rows(a.getV()), decay, rows(delta));
        return linearAttention(a, rows(a.getQ()), rows(a.getK()),
                               rows(a.getV()), decay, input.prefixes);
      })
      .Case(
          [&](PoolOp p) -> Result { return pool(p.getKind(), rows(p.getX())); })
      .Case([&](OutputsOp o) -> Result {
        return outputs(input.outputs, rows(o.getX()));
      })
      .Case([&](arith::AddFOp a) -> Result {
        return add(rows(a.getLhs()), rows(a.getRhs()));
      })
      .Case([&](arith::MulFOp m) -> Result {
        return multiply(rows(m.getLhs()), rows(m.getRhs()));
      })
      .Default([](Operation *) -> Result {
        llvm_unreachable("an op of the dialect that has no formula");
      });
}

Expected<Matrix> evaluate(func::FuncOp function, const Weights &weights,
                          const Input &input, const Observer &observer,
                          Activations activations, Cached cached) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return fail("'" + function.getName() + "' has no body of one block");
  Evaluator evaluator(weights, input, observer, activations, cached);
  Block &body = function.getBody().front();
  if (func::FuncOp encoder = transformer::encoderOf(function)) {
    Input source;
    source.sequences = input.sources;
    source.rows = input.sourceRows;
    source.images = input.sourceImages;
    Expected<Matrix> memory =
        evaluate(encoder, weights, source, Observer(), activations, cached);
    if (!memory)
      return memory.takeError();
    size_t sources = memory->lengths.size();
    if (transformer::inputOf(function) && sources != input.sequences.size())
      return fail(llvm::Twine(input.sequences.size()) + " sequences have " +
                  llvm::Twine(sources) + " sources");
    evaluator.setMemory(transformer::memoryOf(function), std::move(*memory));
  }
  if (Error error = evaluator.run(body))
    return error;
  Operation *end = body.getTerminator();
  Matrix *result = end->getNumOperands() == 1
                       ? evaluator.rowsOf(end->getOperand(0))
                       : nullptr;
  if (!result)
    return fail("'" + function.getName() + "' must return rows");
  return evaluator.output(*result);
}

} // namespace reference
