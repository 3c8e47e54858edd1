// One layer at a time, against numbers that variants.py computes in numpy.
#include "Models.h"

#include <gtest/gtest.h>

using reference::Matrix;

namespace {

constexpr int D = 8, K = 4, F = 16, V = 7;

/// The weights of variants.py; a shared key/value head is the first of two.
WeightMap variantWeights(bool grouped) {
  size_t kv = (grouped ? 1 : 2) * K * D;
  WeightMap map{
      {"embed.weight", byFormula(31, V * D, 2)},
      {"attention.query.weight", byFormula(1, 2 * K * D, 2)},
      {"attention.key.weight", byFormula(2, kv, 2)},
      {"attention.value.weight", byFormula(3, kv, 1)},
      {"attention.output.weight", byFormula(4, D * 2 * K, 1)},
      {"attention.query_norm.weight", byFormula(32, K, 2)},
      {"attention.key_norm.weight", byFormula(33, K, 2)},
      {"attention.relative.weight", byFormula(41, 8 * 2, 2)},
      {"norm.weight", byFormula(9, D, 0.5)},
      {"scale.weight", byFormula(29, D, 1)},
      {"mlp.gate.weight", byFormula(5, F * D, 1)},
      {"mlp.gate.bias", byFormula(6, F, 0.5)},
      {"mlp.up.weight", byFormula(23, F * D, 1)},
      {"mlp.up.bias", byFormula(34, F, 0.5)},
      {"mlp.down.weight", byFormula(7, D * F, 0.5)},
      {"mlp.down.bias", byFormula(8, D, 0.5)},
      {"logits.weight", byFormula(20, V * D, 2)},
      {"logits.bias", byFormula(35, V, 1)},
      {"linear.weight", byFormula(20, V * D, 2)},
      {"patch.weight", byFormula(38, D * 2 * 2 * 2, 1)},
      {"patch.bias", byFormula(39, D, 1)},
      {"prepend.weight", byFormula(21, D, 1)},
      {"position.weight", byFormula(36, 8 * D, 1)},
  };
  return map;
}

void expectNumbers(const Matrix &x, double first, double last, double sum,
                   double squares) {
  double itsSum = 0, itsSquares = 0;
  for (double value : x.values) {
    itsSum += value;
    itsSquares += value * value;
  }
  EXPECT_NEAR(x.values.front(), first, 1e-10);
  EXPECT_NEAR(x.values.back(), last, 1e-10);
  EXPECT_NEAR(itsSum, sum, 1e-10);
  EXPECT_NEAR(itsSquares, squares, 1e-10);
}

struct Case {
  const char *name;
  const char *layers; ///< after `embed`, one a line
  double first, last, sum, squares;
  const char *embed = "";
};

class Variants : public testing::TestWithParam<Case> {};

TEST_P(Variants, HaveTheNumbersOfNumpy) {
  const Case &c = GetParam();
  std::string text =
      std::string("model: variant\ndim: 8\ncontext: 8\nvocab: 7\n"
                  "layers:\n  - embed") +
      c.embed + "\n  - " + c.layers + "\n";
  bool grouped = text.find("kv_heads: 1") != std::string::npos;
  WeightMap weights = variantWeights(grouped);
  if (text.find("over: row") != std::string::npos) {
    weights["attention.query_norm.weight"] = byFormula(32, 2 * K, 2);
    weights["attention.key_norm.weight"] = byFormula(33, 2 * K, 2);
  }
  reference::Input input;
  input.sequences = {{0, 1, 2, 3, 4}};
  Matrix x = Model(parse(text)).evaluate(fromMap(weights), input);
  expectNumbers(x, c.first, c.last, c.sum, c.squares);
}

INSTANTIATE_TEST_SUITE_P(
    OfLayers, Variants,
    testing::Values(
        Case{"grouped",
             "residual: [{attention: {heads: 2, kv_heads: 1, mask: causal}}]",
             0.287190791401, -1.079458530824, -8.270299418739, 15.704031490791},
        Case{"softcap",
             "residual: [{attention: {heads: 2, softcap: 0.5, mask: causal}}]",
             0.332501123425, -0.937926925043, -8.832585972241, 20.222140095361},
        Case{"qk_norm",
             "residual: [{attention: {heads: 2, mask: causal, qk_norm: rms}}]",
             0.332501123425, -0.888554673883, -8.796798333403, 20.779544982073},
        Case{"qk_layer_norm",
             "residual: [{attention: {heads: 2, mask: causal, "
             "qk_norm: {layer: {eps: 1.0e-5}}}}]",
             0.332501123425, -0.847133843636, -8.610057305880, 20.899308278115},
        Case{"pairs",
             "residual: [{attention: {heads: 2, mask: causal, "
             "position: {rope: {theta: 100, layout: pairs}}}}]",
             0.332501123425, -0.610314641783, -7.894006144523, 20.418413516377},
        Case{"partial",
             "residual: [{attention: {heads: 2, mask: causal, "
             "position: {rope: {dim: 2}}}}]",
             0.332501123425, -0.607058618072, -7.794592334429, 20.131574225477},
        Case{"norm_then_rotary",
             "residual: [{attention: {heads: 2, mask: causal, "
             "qk_norm: rms, position: {rope: {theta: 10000}}}}]",
             0.332501123425, -0.870815104957, -8.887836385811, 20.841776120740},
        Case{"yarn",
             "residual: [{attention: {heads: 2, mask: causal, "
             "position: {rope: {theta: 100, scaling: {yarn: {factor: 4, "
             "beta_fast: 2, beta_slow: 0.25, original_context: 16}}}}}}]",
             0.332501123425, -1.020547795158, -8.739102222094, 20.139775010209},
        Case{"window",
             "residual: [{attention: {heads: 2, mask: causal, window: 3}}]",
             0.332501123425, -0.784852674351, -8.907039137760, 21.237797521831},
        Case{"alibi",
             "residual: [{attention: {heads: 2, mask: causal, "
             "position: alibi}}]",
             0.332501123425, -1.046183015174, -8.952250032631, 20.366364830460},
        Case{"alibi_both_sides",
             "residual: [{attention: {heads: 2, position: alibi}}]",
             0.106538426183, -1.046183015174, -8.958609935369, 20.251711633687},
        Case{"relative",
             "residual: [{attention: {heads: 2, mask: causal, "
             "position: {relative: {buckets: 8, distance: 5}}}}]",
             0.332501123425, -1.057776197417, -8.992532649083, 21.101846785436},
        Case{"relative_both_sides",
             "residual: [{attention: {heads: 2, softcap: 0.5, "
             "position: {relative: {buckets: 8, distance: 5}}}}]",
             0.096945267110, -0.960441159539, -8.817745711812, 19.706748353728},
        Case{"sinks",
             "residual: [{attention: {heads: 2, mask: causal, window: 2, "
             "sinks: 1}}]",
             0.332501123425, -1.123898475298, -8.165166681697, 20.106665436964},
        Case{"both_sides", "residual: [{attention: {heads: 2, window: 2}}]",
             0.198169524338, -0.924853283507, -9.982688512723, 21.006116536974},
        Case{"segments",
             "residual: [{attention: {heads: 2, mask: causal, segment: 3, "
             "memory: 1}}]",
             0.332501123425, -0.784852674351, -8.702324779538, 21.275296565128},
        Case{"global",
             "residual: [{attention: {heads: 2, segment: 2, global: 1}}]",
             0.105250970722, -1.118475484420, -8.241878314248, 18.973447964003},
        Case{"qk_norm_row",
             "residual: [{attention: {heads: 2, mask: causal, "
             "qk_norm: {rms: {over: row}}}}]",
             0.332501123425, -0.834365305883, -8.681019175310, 20.921380816256},
        Case{"ntk",
             "residual: [{attention: {heads: 2, mask: causal, position: {rope: "
             "{theta: 100, scaling: {ntk: {factor: 4}}}}}}]",
             0.332501123425, -1.009438725520, -8.821602487983, 20.205687229992},
        Case{
            "longrope",
            "residual: [{attention: {heads: 2, mask: causal, position: {rope: "
            "{theta: 100, scaling: {longrope: {factor: 4, original_context: 7, "
            "short: [5, 5], long: [2, 3]}}}}}}]",
            0.332501123425, -1.058040026817, -8.684008025095, 20.222558012548},
        Case{"scale",
             "residual: [{attention: {heads: 2, mask: causal}}, scale]",
             0.212473409990, -1.009964661540, -9.919879075188, 15.342580403714},
        Case{"capped", "scale: 1.5\n  - softcap: 0.7", 0.149017843012,
             -0.679582312005, -8.769886125316, 11.484068086650},
        Case{"plain", "norm: {weight: false}", 0.186938382388, -0.688855006333,
             -0.000000000000, 39.996691257335},
        Case{"quick_gelu", "linear: {to: 7, act: quick_gelu}", 1.305084446642,
             1.952312260281, 5.810718082341, 10.307456822673},
        Case{"sigmoid", "linear: {to: 7, act: sigmoid}", 0.805534897310,
             0.882416545623, 16.018345253797, 8.704878211660},
        Case{"offset", "norm: {kind: rms, eps: 1.0e-5, offset: 1}",
             0.161180522228, -1.405455168069, -15.314658862764,
             40.745068380202},
        Case{"gated",
             "residual: [{mlp: {hidden: 16, act: silu, gated: true, "
             "bias: true}}]",
             0.039501247588, -0.411930063484, -11.145328953952,
             16.625003830620},
        Case{"bilinear",
             "residual: [{mlp: {hidden: 16, act: none, gated: true}}]",
             -0.057222691104, -0.528891195487, -12.156785805277,
             17.424047414521},
        Case{"learned", "position: learned", 0.224338006228, -2.167972058058,
             -24.846462928923, 94.832712402770, ": {scale: 2.5}"},
        Case{"sinusoidal", "position: sinusoidal", 0.100888147950,
             0.016927288917, 5.714126376104, 30.170381786119},
        Case{"scores", "logits: {bias: true, scale: 0.5, softcap: 3}",
             0.785771380716, 1.046620511630, -2.930406005531, 10.445064043460},
        Case{"tied", "logits: {tied: true}", 2.524871174858, 0.982301496081,
             16.389161201250, 121.527409115388},
        Case{"tanh", "linear: {to: 7, act: tanh}", 0.889860192626,
             0.965107549717, -4.623551981107, 12.560416303500}),
    [](const auto &info) { return info.param.name; });

/// A picture of two channels, 4 x 6, as six patches.
Matrix look(const std::string &layers) {
  WeightMap weights = variantWeights(false);
  weights["position.weight"] = byFormula(40, 7 * D, 1);
  std::vector<double> image = byFormula(37, 2 * 4 * 6, 2);
  reference::Input input;
  input.images.assign(image.begin(), image.end());
  return Model(parse("model: picture\ndim: 8\nlayers:\n  - patch: "
                     "{image: [2, 4, 6], size: 2, bias: true}\n" +
                     layers))
      .evaluate(fromMap(weights), input);
}

/// A strided convolution.
TEST(Pictures, BecomePatches) {
  Matrix x = look("");
  EXPECT_EQ(x.rows(), 6);
  expectNumbers(x, 0.921272355454, -0.825407803029, -5.275051269830,
                16.521561260984);
}

constexpr const char *body = "  - prepend: class\n  - position: learned\n"
                             "  - residual: [{attention: {heads: 2}}]\n";

TEST(Pictures, AreClassifiedByAToken) {
  Matrix x = look(std::string(body) + "  - pool: first\n  - linear: {to: 7}\n");
  expectNumbers(x, -1.057147567389, 0.006745192744, -0.897387696304,
                2.802641666797);
}

TEST(Pictures, HaveALastRow) {
  Matrix x = look(std::string(body) + "  - pool: last\n");
  expectNumbers(x, 0.820149205660, -0.934560110049, 0.623679097306,
                4.652223432828);
}

} // namespace
