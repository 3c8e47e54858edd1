// How evaluation deals with sequences, watchers and wrong input.
#include "Models.h"

#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

#include <cmath>

using reference::Input;
using reference::Matrix;

namespace {

constexpr const char *small = "model: small\ndim: 4\ncontext: 3\nvocab: 5\n"
                              "layers:\n"
                              "  - embed\n"
                              "  - position: learned\n"
                              "  - repeat: 2\n"
                              "    layers:\n"
                              "      - residual: [{attention: {heads: 2, "
                              "mask: causal}}]\n"
                              "  - logits\n";

std::vector<std::string> askedFor;

llvm::Expected<std::vector<float>> anyWeight(llvm::StringRef name, int64_t rows,
                                             int64_t columns) {
  askedFor.push_back(name.str());
  std::vector<double> values =
      byFormula(1 + askedFor.size(), rows * columns, 2);
  return std::vector<float>(values.begin(), values.end());
}

Matrix run(const Input &input, const reference::Observer &observer = {}) {
  askedFor.clear();
  return Model(parse(small)).evaluate(anyWeight, input, observer);
}

TEST(Evaluate, KeepsSequencesApart) {
  Matrix both = run({{{0, 1, 2}, {3, 4}}, {}, {}});
  Matrix first = run({{{0, 1, 2}}, {}, {}}), second = run({{{3, 4}}, {}, {}});
  EXPECT_EQ(both.lengths, (std::vector<int64_t>{3, 2}));
  std::vector<double> apart = first.values;
  apart.insert(apart.end(), second.values.begin(), second.values.end());
  EXPECT_EQ(both.values, apart);
}

TEST(Evaluate, GivesLastRowsAlone) {
  Matrix all = run({{{0, 1, 2}, {3, 4}}, {}, {}, reference::Outputs::All});
  Matrix last = run({{{0, 1, 2}, {3, 4}}, {}, {}, reference::Outputs::Last});
  ASSERT_EQ(last.rows(), 2);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(last.row(0)[i], all.row(2)[i]);
    EXPECT_EQ(last.row(1)[i], all.row(4)[i]);
  }
}

TEST(Evaluate, TakesRowsOfReals) {
  Model model(parse("model: m\ndim: 2\ncontext: 3\nlayers:\n"
                    "  - rows: {dim: 2}\n  - pool: mean\n"));
  Input input;
  input.rows = {{1, 2, 5, 8}, {7, 3}};
  auto result = reference::evaluate(model.function(), anyWeight, input);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  EXPECT_EQ(result->values, (std::vector<double>{3, 5, 7, 3}));
  input.rows[1].pop_back();
  auto cut = reference::evaluate(model.function(), anyWeight, input);
  EXPECT_EQ(llvm::toString(cut.takeError()),
            "a sequence of 1 values is no whole number of rows of 2");
}

/// By the first exit that is sure, each sequence for itself; what an exit makes
/// of the others nobody sees.
TEST(Evaluate, LeavesByTheFirstSureExit) {
  Model model(parse("model: m\ndim: 2\ncontext: 2\nlayers:\n"
                    "  - rows: {dim: 2}\n"
                    "  - exit: {above: 0.9, layers: [pool: first]}\n"
                    "  - scale: 0.5\n"
                    "  - exit: {above: 0.7, layers: [pool: last]}\n"
                    "  - pool: mean\n"));
  Input input;
  input.rows = {{1, 0, 0, 1}, {4, 0, 0, 5}, {1, 0, 0, 3}, {2, 2}};
  auto result = reference::evaluate(model.function(), anyWeight, input);
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  EXPECT_EQ(result->values,
            (std::vector<double>{0.25, 0.25, 4, 0, 0, 1.5, 1, 1}));
}

/// Rows that meet int8 matrices have 255 values a group of 32, others are as
/// they were: here of one linear layer, whose matrix picks columns.
TEST(Evaluate, RoundsRowsThatMeetIntegers) {
  for (const char *dtype : {"f32", "bf16", "int8", "int4"}) {
    Model model(parse(std::string("model: m\ndim: 40\ncontext: 3\nvocab: 5\n"
                                  "layers:\n  - embed: {dtype: f32}\n"
                                  "  - linear: {to: 40, dtype: ") +
                      dtype + "}\n"));
    auto weights = [](llvm::StringRef name, int64_t rows,
                      int64_t columns) -> llvm::Expected<std::vector<float>> {
      std::vector<float> values(rows * columns);
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c)
          values[r * columns + c] = name == "embed.weight"
                                        ? std::sin(float(r * columns + c)) * 3
                                        : r == c;
      return values;
    };
    auto result =
        reference::evaluate(model.function(), weights, {{{4}}, {}, {}}, {},
                            reference::Activations::Rounded);
    ASSERT_TRUE(bool(result));
    bool rounds = llvm::StringRef(dtype).starts_with("int");
    for (int group : {0, 32}) {
      double largest = 0;
      for (int k = group; k < std::min(group + 32, 40); ++k)
        largest = std::max(largest, std::fabs(double(std::sin(160.f + k) * 3)));
      for (int k = group; k < std::min(group + 32, 40); ++k) {
        double x = std::sin(float(160 + k)) * 3;
        double steps = std::round(x / largest * 127);
        EXPECT_NEAR(result->values[k], rounds ? steps * largest / 127 : x, 1e-6)
            << dtype << " " << k;
      }
    }
  }
}

TEST(Evaluate, AsksForWeightsByName) {
  run({{{0}}, {}, {}});
  std::vector<std::string> expected = {"embed.weight", "position.weight"};
  for (const char *index : {"0", "1"})
    for (const char *map : {"query", "key", "value", "output"})
      expected.push_back(std::string("layers.") + index + ".attention." + map +
                         ".weight");
  expected.push_back("logits.weight");
  EXPECT_EQ(askedFor, expected);
}

TEST(Evaluate, ShowsEveryResult) {
  std::vector<std::pair<std::string, int64_t>> seen;
  Matrix last;
  Matrix y = run({{{0, 1}}, {}, {}},
                 [&](mlir::Operation *op, llvm::ArrayRef<int64_t> indices,
                     const Matrix &result) {
                   seen.emplace_back(op->getName().stripDialect().str(),
                                     indices.empty() ? -1 : indices.front());
                   last = result;
                 });
  std::vector<std::pair<std::string, int64_t>> expected = {{"embed", -1},
                                                           {"position", -1}};
  for (int64_t i : {0, 1})
    for (const char *name :
         {"linear", "linear", "linear", "attention", "linear", "addf"})
      expected.emplace_back(name, i);
  expected.emplace_back("outputs", -1);
  expected.emplace_back("linear", -1);
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(last.values, y.values);
}

std::string fault(const Input &input, const reference::Weights &weights) {
  spec::Spec spec = parse(small);
  Model model(spec);
  auto result = reference::evaluate(model.function(), weights, input);
  return result ? "" : toString(result.takeError());
}

TEST(Evaluate, RefusesWrongInput) {
  EXPECT_EQ(fault({{{0, 5}}, {}, {}}, anyWeight),
            "token 5 lies outside the vocabulary of 5");
  EXPECT_EQ(fault({{{-1}}, {}, {}}, anyWeight),
            "token -1 lies outside the vocabulary of 5");
  EXPECT_EQ(fault({{{0}, {}}, {}, {}}, anyWeight), "a sequence has no tokens");
  EXPECT_EQ(fault({{{0, 1, 2, 3}}, {}, {}}, anyWeight),
            "a sequence of 4 rows is longer than the table of 3 positions");
}

TEST(Evaluate, RefusesWrongWeights) {
  EXPECT_EQ(fault({{{0}}, {}, {}}, fromMap({})),
            "there is no weight 'embed.weight'");
  auto two = [](llvm::StringRef, int64_t,
                int64_t) -> llvm::Expected<std::vector<float>> {
    return std::vector<float>(2);
  };
  EXPECT_EQ(fault({{{0}}, {}, {}}, two),
            "'embed.weight' has 2 values, the model needs 20");
}

std::string faultOf(const char *body) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<transformer::TransformerDialect,
                      mlir::arith::ArithDialect, mlir::func::FuncDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      std::string("func.func @f(%rows: !transformer.rows, %x: "
                  "tensor<?x4xf32>, %tokens: tensor<?xi32>) -> "
                  "tensor<?x4xf32> {\n") +
          body + "}",
      &context);
  if (!module)
    return "not valid";
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  auto result = reference::evaluate(function, anyWeight, {{{0, 1}}, {}, {}});
  return result ? "" : toString(result.takeError());
}

TEST(Evaluate, RefusesWhatIsNoModel) {
  EXPECT_EQ(faultOf("%y = transformer.softcap %x at 1.0 : tensor<?x4xf32>\n"
                    "return %y : tensor<?x4xf32>\n"),
            "operand 0 of 'transformer.softcap' cannot be evaluated: it comes "
            "from no layer or weight");
  EXPECT_EQ(faultOf("return %x : tensor<?x4xf32>\n"), "'f' must return rows");
  EXPECT_EQ(faultOf("%t = transformer.weight \"t\" : tensor<5x4xf32>\n"
                    "%e = transformer.embed %tokens, %t : tensor<?xi32>, "
                    "tensor<5x4xf32>\n"
                    "%y = arith.subf %e, %e : tensor<?x4xf32>\n"
                    "return %y : tensor<?x4xf32>\n"),
            "'arith.subf' cannot be evaluated");
}

} // namespace
