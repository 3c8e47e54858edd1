// The reference runs up to three times: as the weights are given; as formats
// hold them, where some do; and with roundings for the error model.
#include "compiler/Verify/Verify.h"

#include "compiler/Verify/Rounding.h"
#include "compiler/Verify/Stored.h"
#include "dialects/Kernel/Kernel.h"
#include "dialects/Transformer/Transformer.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

using namespace llvm;
using reference::Matrix;

namespace verify {

/// Long enough for several tiles of attention, odd for their remainders.
constexpr int64_t sequenceLength = 61;
constexpr int64_t imageCount = 3;
/// Of an encoder-decoder: another than its own.
constexpr int64_t sourceLength = 43;

static int64_t numberOf(mlir::func::FuncOp model, StringRef attribute) {
  return model->getAttrOfType<mlir::IntegerAttr>(attribute).getInt();
}

static int64_t lengthOf(mlir::func::FuncOp model, int64_t most) {
  return std::min(numberOf(model, "transformer.context"), most);
}

static std::vector<int32_t> makeTokens(mlir::func::FuncOp model, int64_t length,
                                       std::mt19937 &random) {
  std::vector<int32_t> tokens(lengthOf(model, length));
  for (int32_t &token : tokens)
    token = random() % numberOf(model, "transformer.vocab");
  return tokens;
}

static std::vector<float> makeReals(int64_t count, std::mt19937 &random) {
  std::vector<float> values(count);
  for (float &value : values)
    value = static_cast<float>(random() / 0x1p31 - 1);
  return values;
}

/// A sequence of what the function reads, or some images.
static void fillInput(mlir::func::FuncOp model, int64_t length, int64_t size,
                      std::mt19937 &random,
                      std::vector<std::vector<int32_t>> &tokens,
                      std::vector<std::vector<float>> &rows,
                      std::vector<float> &images) {
  auto type =
      cast<mlir::RankedTensorType>(transformer::inputOf(model).getType());
  if (type.getRank() == 1) {
    tokens.push_back(makeTokens(model, length, random));
  } else if (type.getRank() == 2) {
    rows.push_back(
        makeReals(lengthOf(model, length) * type.getDimSize(1), random));
  } else {
    for (int64_t extent : type.getShape().drop_front())
      size *= extent;
    images = makeReals(size, random);
  }
}

/// A type for each row of the input, where the model tells them apart.
static std::vector<std::vector<int32_t>>
makeTypes(mlir::func::FuncOp model, const reference::Input &input,
          std::mt19937 &random) {
  std::vector<std::vector<int32_t>> types;
  auto ops = model.getBody().front().getOps<transformer::TypesOp>();
  if (ops.empty())
    return types;
  transformer::TypesOp op = *ops.begin();
  int64_t count = op.getTable().getType().getDimSize(0) + op.getReplace();
  auto image =
      cast<mlir::RankedTensorType>(transformer::inputOf(model).getType());
  for (const auto &tokens : input.sequences)
    types.emplace_back(tokens.size());
  for (const auto &rows : input.rows)
    types.emplace_back(rows.size() / image.getDimSize(1));
  if (image.getRank() == 4)
    types.resize(imageCount, std::vector<int32_t>(
                                 transformer::contextOf(op.getRows()) -
                                 transformer::prependedTo(op.getRows(), op)));
  for (std::vector<int32_t> &sequence : types)
    for (int32_t &type : sequence)
      type = random() % count;
  return types;
}

static reference::Input makeInput(mlir::func::FuncOp model) {
  std::mt19937 random(1);
  reference::Input input;
  if (transformer::inputOf(model))
    fillInput(model, sequenceLength, imageCount, random, input.sequences,
              input.rows, input.images);
  if (mlir::func::FuncOp encoder = transformer::encoderOf(model))
    fillInput(encoder, sourceLength,
              transformer::inputOf(model) ? 1 : imageCount, random,
              input.sources, input.sourceRows, input.sourceImages);
  input.types = makeTypes(model, input, random);
  if (model->hasAttr("transformer.prefix"))
    input.prefixes.push_back(lengthOf(model, sequenceLength) / 2);
  return input;
}

/// The rows at each cut.
static Expected<std::vector<Matrix>>
evaluateCuts(mlir::func::FuncOp model, ArrayRef<Cut> cuts,
             const reference::Weights &weights, const reference::Input &input,
             reference::Activations activations,
             reference::Cached cached = reference::Cached::Exact) {
  std::vector<Matrix> rows(cuts.size());
  auto keep = [&](mlir::Operation *op, ArrayRef<int64_t> iteration,
                  const Matrix &result) {
    for (size_t i = 0; i < cuts.size(); ++i)
      if (cuts[i].source == op && iteration == ArrayRef(cuts[i].iteration))
        rows[i] = result;
  };
  Expected<Matrix> output =
      reference::evaluate(model, weights, input, keep, activations, cached);
  if (!output)
    return output.takeError();
  // With the rows of sequences that have left before the last op.
  for (size_t i = 0; i < cuts.size(); ++i)
    if (cuts[i].whole)
      rows[i] = *output;
  return rows;
}

template <class T>
static double errorOf(ArrayRef<T> values, ArrayRef<double> exact) {
  double difference = 0, largest = 0;
  for (auto [value, right] : zip_equal(values, exact)) {
    double error = std::abs(value - right);
    if (!(error <= difference)) // also for NaN, which then stays
      difference = error;
    if (std::isnan(error))
      return error;
    largest = std::max(largest, std::abs(right));
  }
  return difference == 0 ? 0 : difference / largest;
}

static int64_t countAgreeing(ArrayRef<float> values, const Matrix &exact) {
  int64_t agreeing = 0;
  for (int64_t row = 0; row < exact.rows(); ++row) {
    ArrayRef<float> ours = values.slice(row * exact.width, exact.width);
    ArrayRef<double> theirs(exact.row(row), exact.width);
    agreeing += max_element(ours) - ours.begin() ==
                max_element(theirs) - theirs.begin();
  }
  return agreeing;
}

bool Report::passes() const {
  return !findings.empty() &&
         all_of(findings, [](const Finding &f) { return f.passes(); });
}

namespace {

/// The rows at each cut, by three ways to compute them.
struct Evaluations {
  std::vector<Matrix> f32, formats, rounded;
};

} // namespace

/// Rows are rounded where they meet integers, and with --compute=bf16 bf16,
/// too.
static bool roundsToBf16(mlir::func::FuncOp model) {
  auto module = model->getParentOfType<mlir::ModuleOp>();
  return module->hasAttr(kernel::computeAttrName);
}

static reference::Cached cacheOf(mlir::func::FuncOp model) {
  auto module = model->getParentOfType<mlir::ModuleOp>();
  auto format =
      module->getAttrOfType<kernel::FormatAttr>(kernel::cacheAttrName);
  if (!format)
    return reference::Cached::Exact;
  return format.getValue() == kernel::Format::Bf16 ? reference::Cached::Bf16
                                                   : reference::Cached::Int8;
}

static Expected<Evaluations> evaluateAll(mlir::func::FuncOp model,
                                         ArrayRef<Cut> cuts,
                                         const reference::Weights &exact,
                                         const reference::Input &input) {
  using reference::Activations;
  auto f32 = evaluateCuts(model, cuts, exact, input, Activations::Exact);
  if (!f32)
    return f32.takeError();
  Evaluations all{std::move(*f32), {}, {}};
  auto activations =
      roundsToBf16(model) ? Activations::RoundedToBf16 : Activations::Rounded;
  reference::Weights stored = exact;
  all.formats = all.f32;
  reference::Cached cached = cacheOf(model);
  bool rounds = cached != reference::Cached::Exact;
  if (hasFormats(model) || rounds) {
    stored = asStored(model, exact);
    auto rows = evaluateCuts(model, cuts, stored, input, activations, cached);
    if (!rows)
      return rows.takeError();
    all.formats = std::move(*rows);
  }
  bool hasTies = hasIntegers(model) || roundsToBf16(model) || rounds;
  auto rounded = evaluateCuts(
      model, cuts, withRoundings(stored, hasTies ? tieRoundoff : unitRoundoff),
      input, activations, cached);
  if (!rounded)
    return rounded.takeError();
  all.rounded = std::move(*rounded);
  return all;
}

/// Adds the findings of one function of the model to the report.
static Error verifyFunction(mlir::func::FuncOp model, Compile compile,
                            const weights::TensorSource &packed,
                            const reference::Weights &exact, Report &report) {
  std::vector<Cut> cuts = findCuts(model);
  reference::Input input = makeInput(model);
  auto all = evaluateAll(model, cuts, exact, input);
  if (!all)
    return all.takeError();
  for (auto [cut, f32, right, rounded] :
       zip_equal(cuts, all->f32, all->formats, all->rounded)) {
    Expected<Compiled> compiled = compile(makePrefix(model, cut));
    if (!compiled)
      return compiled.takeError();
    auto values = run(*compiled, packed, input, right.rows());
    if (!values)
      return values.takeError();
    double deviation =
        errorOf(ArrayRef(rounded.values), ArrayRef(right.values));
    report.findings.push_back(
        {cut.name, errorOf(ArrayRef(*values), ArrayRef(f32.values)),
         errorOf(ArrayRef(*values), ArrayRef(right.values)),
         allowedError(deviation)});
    report.rows = right.rows();
    report.agreeing = countAgreeing(*values, f32);
  }
  return Error::success();
}

/// The encoder of an encoder-decoder as a model of its own.
static mlir::OwningOpRef<mlir::ModuleOp>
encoderAlone(mlir::func::FuncOp encoder, mlir::func::FuncOp model) {
  mlir::OwningOpRef<mlir::ModuleOp> copy =
      model->getParentOfType<mlir::ModuleOp>().clone();
  copy->lookupSymbol(model.getName())->erase();
  auto alone = copy->lookupSymbol<mlir::func::FuncOp>(encoder.getName());
  alone.setName(model.getName());
  return copy;
}

Expected<Report> verify(mlir::func::FuncOp model, Compile compile,
                        const weights::TensorSource &packed,
                        const reference::Weights &exact) {
  Report report;
  report.formats =
      hasFormats(model) || cacheOf(model) != reference::Cached::Exact;
  if (mlir::func::FuncOp encoder = transformer::encoderOf(model)) {
    auto module = encoderAlone(encoder, model);
    auto alone = *module->getOps<mlir::func::FuncOp>().begin();
    if (Error error = verifyFunction(alone, compile, packed, exact, report))
      return error;
    if (!report.findings.empty())
      report.findings.back().layer = "output of the encoder";
  }
  if (Error error = verifyFunction(model, compile, packed, exact, report))
    return error;
  return report;
}

void print(const Report &report, raw_ostream &os) {
  size_t width = strlen("layer");
  for (const Finding &finding : report.findings)
    width = std::max(width, finding.layer.size());
  auto cost = [&](const std::string &text) {
    return report.formats ? fmt::format("  {:>11}", text) : std::string();
  };
  os << fmt::format("{:<{}}{}  {:>8}  {:>8}\n", "layer", width,
                    cost("against f32"), "error", "allowed");
  for (const Finding &finding : report.findings)
    os << fmt::format("{:<{}}{}  {:>8.1e}  {:>8.1e}{}\n", finding.layer, width,
                      cost(fmt::format("{:.1e}", finding.againstF32)),
                      finding.error, finding.allowed,
                      finding.passes() ? "" : "  too large");
  os << fmt::format("output: the largest value is in the same place {}in {} of "
                    "{} rows\n{}\n",
                    report.formats ? "as in f32 " : "", report.agreeing,
                    report.rows, report.passes() ? "verified" : "not verified");
}

} // namespace verify
