// Turner, "An Introduction to Transformers" (arXiv 2304.10557): two blocks of
// width 8 with weights by formula, against numbers from numpy programs written
// from the paper's equations. His tokens are columns; ours are rows.
#include "Models.h"

#include <gtest/gtest.h>

#include <cmath>

using reference::Matrix;

namespace {

constexpr int D = 8, N = 5, heads = 2, K = 4, F = 16;

/// [heads][D][K] as one matrix [D][heads * K]: heads side by side.
std::vector<double> sideBySide(const std::vector<double> &maps) {
  std::vector<double> matrix(maps.size());
  for (int h = 0; h < heads; ++h)
    for (int d = 0; d < D; ++d)
      for (int k = 0; k < K; ++k)
        matrix[(d * heads + h) * K + k] = maps[(h * D + d) * K + k];
  return matrix;
}

std::vector<double> transpose(const std::vector<double> &matrix, int rows,
                              int columns) {
  std::vector<double> result(matrix.size());
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c)
      result[c * rows + r] = matrix[r * columns + c];
  return result;
}

std::vector<double> aroundOne(std::vector<double> values) {
  for (double &value : values)
    value += 1;
  return values;
}

/// Both blocks have the same weights, and the tokens 0 to 4 are his X0.
WeightMap turnerWeights() {
  std::string at = "layers.";
  return {
      {"embed.weight", transpose(byFormula(13, D * N, 2), D, N)},
      {at + "attention.query.weight", byFormula(1, heads * K * D, 2)},
      {at + "attention.key.weight", byFormula(2, heads * K * D, 2)},
      {at + "attention.value.weight", byFormula(3, heads * K * D, 1)},
      {at + "attention.output.weight",
       sideBySide(byFormula(4, heads * D * K, 1))},
      {at + "mlp.up.weight", byFormula(5, F * D, 1)},
      {at + "mlp.up.bias", byFormula(6, F, 0.5)},
      {at + "mlp.down.weight", byFormula(7, D * F, 0.5)},
      {at + "mlp.down.bias", byFormula(8, D, 0.5)},
      {at + "norm.weight", aroundOne(byFormula(9, D, 0.5))},
      {at + "norm.bias", byFormula(10, D, 0.5)},
      {at + "norm_2.weight", aroundOne(byFormula(11, D, 0.5))},
      {at + "norm_2.bias", byFormula(12, D, 0.5)},
      {"prepend.weight", byFormula(21, D, 1)},
      {"linear.weight", byFormula(20, 7 * D, 2)},
      {"logits.weight", byFormula(20, 7 * D, 2)},
  };
}

struct Case {
  const char *name;
  const char *norm, *attention, *mlp;
  const char *block;
  double first, sum, squares;
};

constexpr const char *preNorm = "residual: [norm, attention]\n"
                                "      - residual: [norm, mlp]";
constexpr const char *postNorm = "residual: [attention]\n"
                                 "      - norm\n"
                                 "      - residual: [mlp]\n"
                                 "      - norm";
constexpr const char *noNorm = "residual: [attention]\n"
                               "      - residual: [mlp]";
constexpr const char *parallel = "residual: [norm, parallel: [attention, mlp]]";

std::string specOf(const Case &c, const std::string &before = "",
                   const std::string &after = "", int blocks = 2) {
  bool hasNorm = std::string(c.block).find("norm") != std::string::npos;
  return std::string("model: turner\ndim: 8\ncontext: 8\nvocab: 7\n"
                     "defaults:\n") +
         (hasNorm ? std::string("  norm: {") + c.norm + "}\n" : "") +
         "  attention: {heads: 2, " + c.attention + "}\n" +
         "  mlp: {hidden: 16, bias: true, " + c.mlp + "}\n" +
         "layers:\n  - embed\n" + before +
         "  - repeat: " + std::to_string(blocks) +
         "\n    share: true\n    layers:\n      - " + c.block + "\n" + after;
}

Matrix run(const std::string &text, int tokens = N,
           WeightMap weights = turnerWeights()) {
  weights["embed.weight"].resize(7 * D); // of a vocabulary of 7, 5 are used
  reference::Input input;
  input.sequences.emplace_back();
  for (int token = 0; token < tokens; ++token)
    input.sequences.back().push_back(token);
  return Model(parse(text)).evaluate(fromMap(weights), input);
}

class Turner : public testing::TestWithParam<Case> {};

/// Weights are floats here and doubles there.
void expectNumbers(const Matrix &x, const Case &c) {
  ASSERT_EQ(x.rows(), N);
  double sum = 0, squares = 0;
  for (double value : x.values) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(x.row(0)[0], c.first, 3e-6);
  EXPECT_NEAR(sum, c.sum, 2e-5);
  EXPECT_NEAR(squares, c.squares, 2e-4);
}

TEST_P(Turner, HasThePublishedNumbers) {
  expectNumbers(run(specOf(GetParam())), GetParam());
}

constexpr const char *eps0 = "kind: layer, eps: 0", *eps5 = "eps: 1.0e-5";
constexpr const char *plain = "scale: 1", *half = "mask: none";
constexpr const char *relu = "act: relu";

INSTANTIATE_TEST_SUITE_P(
    Variants, Turner,
    testing::Values(
        Case{"pre", eps0, plain, relu, preNorm, 1.387983, 23.694233, 86.138221},
        Case{"causal", eps0, "scale: 1, mask: causal", relu, preNorm, .268985,
             18.259184, 81.095347},
        Case{"scaled", eps0, half, relu, preNorm, 1.338598, 25.065762,
             89.479986},
        Case{"eps", eps5, plain, relu, preNorm, 1.387965, 23.694078, 86.136484},
        Case{"post", eps0, plain, relu, postNorm, .819096, -4.082110,
             35.929768},
        Case{"none", eps0, plain, relu, noNorm, .922481, 14.469394, 41.327655},
        Case{"parallel", eps0, plain, relu, parallel, 1.873230, 16.141863,
             70.616364},
        Case{"gelu", eps0, plain, "act: gelu", preNorm, 1.322428, 22.560554,
             82.033539},
        Case{"gelu_tanh", eps0, plain, "act: gelu_tanh", preNorm, 1.322293,
             22.558710, 82.028663},
        Case{"base", eps5, half, relu, preNorm, 1.338579, 25.065493, 89.477837},
        Case{"causal_scaled", eps5, "mask: causal", relu, preNorm, .268987,
             18.717301, 82.849224},
        Case{"window", eps5, "mask: causal, window: 2", relu, preNorm, .268987,
             18.398945, 81.389416},
        Case{"rms", "kind: rms, eps: 1.0e-5", half, relu, preNorm, 1.136842,
             17.578516, 68.964514},
        Case{"relu2", eps5, half, "act: relu2", preNorm, 1.193088, 31.205861,
             108.672095},
        Case{"rotary", eps5, "mask: causal, position: {rope: {theta: 10000}}",
             relu, preNorm, .268987, 17.595927, 85.109464}),
    [](const auto &info) { return info.param.name; });

/// silu(W1 x + b1) * (Wg x): only the map under the silu has a bias.
TEST(Turner, HasTheGatedNumbers) {
  WeightMap weights = turnerWeights();
  weights["layers.mlp.gate.weight"] = weights["layers.mlp.up.weight"];
  weights["layers.mlp.gate.bias"] = weights["layers.mlp.up.bias"];
  weights["layers.mlp.up.weight"] = byFormula(23, F * D, 1);
  weights["layers.mlp.up.bias"] = std::vector<double>(F);
  Case gated{"gated", eps5,    half,      "act: silu, gated: true",
             preNorm, .696824, 14.764618, 61.726481};
  expectNumbers(run(specOf(gated), N, weights), gated);
}

constexpr Case pre{"pre", eps0, plain, relu, preNorm, 0, 0, 0};
constexpr Case causal{
    "causal", eps0, "scale: 1, mask: causal", relu, preNorm, 0, 0, 0};

/// The class token of one block, classified by a matrix of 7 rows.
TEST(Turner, ClassifiesByAToken) {
  Matrix y = run(specOf(pre, "  - prepend: class\n",
                        "  - pool: first\n  - linear: {to: 7}\n", 1));
  ASSERT_EQ(y.rows(), 1);
  double expected[] = {-2.847518, 1.961906, .878273, .077835};
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(y.row(0)[i], expected[i], 3e-6);
}

TEST(Turner, ClassifiesByTheMean) {
  Matrix y = run(specOf(pre, "", "  - pool: mean\n  - linear: {to: 7}\n", 1));
  ASSERT_EQ(y.rows(), 1);
  double expected[] = {-2.310896, 1.641163, 2.315841, -.570553};
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(y.row(0)[i], expected[i], 3e-6);
}

/// p(w | five tokens) by the causal model.
TEST(Turner, PredictsTheNextToken) {
  Matrix y = run(specOf(causal, "", "  - logits\n"));
  double expected[] = {.000713, .523037, .269503, .042569,
                       .006590, .102355, .055233};
  double sum = 0;
  for (int i = 0; i < 7; ++i)
    sum += std::exp(y.row(N - 1)[i]);
  for (int i = 0; i < 7; ++i)
    EXPECT_NEAR(std::exp(y.row(N - 1)[i]) / sum, expected[i], 2e-6);
}

TEST(Turner, SeesNoLaterToken) {
  Matrix all = run(specOf(causal)), three = run(specOf(causal), 3);
  for (int i = 0; i < 3 * D; ++i)
    EXPECT_EQ(all.values[i], three.values[i]);
}

} // namespace
