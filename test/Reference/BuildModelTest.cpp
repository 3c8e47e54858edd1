// What specs become in the transformer dialect.
#include "Models.h"

#include "compiler/Layers/BuildModel.h"
#include "compiler/Layers/RotaryFrequencies.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <gtest/gtest.h>

namespace {

/// The ops of the function in order, with those of loops in brackets.
void list(mlir::Block &block, std::string &text) {
  for (mlir::Operation &op : block.without_terminator()) {
    if (llvm::isa<transformer::WeightOp, mlir::arith::ConstantOp>(op))
      continue;
    text += op.getName().stripDialect().str() + " ";
    if (auto loop = llvm::dyn_cast<mlir::scf::ForOp>(op)) {
      text += "[";
      list(*loop.getBody(), text);
      text += "] ";
    }
  }
}

std::string opsOf(const std::string &text) {
  Model model(parse(text));
  std::string ops;
  list(model.function().front(), ops);
  return ops;
}

std::vector<std::string> weightsOf(Model &model) {
  std::vector<std::string> names;
  model.function().walk([&](transformer::WeightOp op) {
    std::string name = op.getName().str();
    for (mlir::Value index : op.getIndices()) {
      auto loop = llvm::cast<mlir::scf::ForOp>(
          llvm::cast<mlir::BlockArgument>(index).getOwner()->getParentOp());
      auto count = mlir::getConstantIntValue(loop.getUpperBound());
      name += " x" + std::to_string(*count);
    }
    names.push_back(name);
  });
  return names;
}

const std::string tokens = "model: m\ndim: 8\ncontext: 16\nvocab: 32\n";

TEST(BuildModel, KeepsRowsBeforeTheLastRowwiseLayers) {
  EXPECT_EQ(opsOf(tokens + "layers: [embed, {residual: [{mlp: {hidden: 8}}]}, "
                           "norm, {linear: {to: 8}}, logits]\n"),
            "embed linear activation linear addf outputs norm linear linear ");
  EXPECT_EQ(opsOf(tokens + "layers: [embed, logits]\n"),
            "embed outputs linear ");
  EXPECT_EQ(opsOf(tokens + "layers: [embed, {mlp: {hidden: 8}}]\n"),
            "embed linear activation linear outputs ");
}

TEST(BuildModel, KeepsRowsInsideADefinition) {
  EXPECT_EQ(opsOf(tokens + "define:\n  head: [norm, logits]\n"
                           "layers: [embed, head]\n"),
            "embed outputs norm linear ");
}

TEST(BuildModel, LeavesPooledModelsAlone) {
  EXPECT_EQ(opsOf(tokens + "layers: [embed, norm, {pool: mean}, "
                           "{linear: {to: 2, act: tanh}}]\n"),
            "embed norm pool linear activation ");
}

TEST(BuildModel, OrdersAttention) {
  EXPECT_EQ(
      opsOf(tokens + "layers: [embed, {attention: {heads: 2, mask: causal, "
                     "qk_norm: rms, position: rope}}]\n"),
      "embed linear norm rotary linear norm rotary linear attention linear "
      "outputs ");
}

TEST(BuildModel, SaysWhatItIs) {
  Model model(parse(tokens + "layers: [embed, {attention: {heads: 2, mask: "
                             "causal}}, logits]\n"));
  auto function = model.function();
  EXPECT_EQ(function.getName(), "m");
  EXPECT_TRUE(function->hasAttr("transformer.causal"));
  auto number = [&](const char *name) {
    return function->getAttrOfType<mlir::IntegerAttr>(name).getInt();
  };
  EXPECT_EQ(number("transformer.context"), 16);
  EXPECT_EQ(number("transformer.vocab"), 32);
  std::string type;
  llvm::raw_string_ostream(type) << function.getFunctionType();
  EXPECT_EQ(type, "(!transformer.rows, tensor<?xi32>) -> tensor<?x32xf32>");
}

TEST(BuildModel, SaysThatItSeesPictures) {
  Model model(parse("model: m\ndim: 8\nlayers: [{patch: {image: [3, 8, 4], "
                    "size: 4}}]\n"));
  std::string type;
  llvm::raw_string_ostream(type) << model.function().getFunctionType();
  EXPECT_EQ(type,
            "(!transformer.rows, tensor<?x3x8x4xf32>) -> tensor<?x8xf32>");
  EXPECT_FALSE(model.function()->hasAttr("transformer.causal"));
  EXPECT_FALSE(model.function()->hasAttr("transformer.vocab"));
}

/// Innermost first; shared layers have no index of their own.
TEST(BuildModel, NamesRepeatedWeights) {
  Model model(parse(tokens + "layers:\n"
                             "  - embed\n"
                             "  - repeat: 2\n"
                             "    layers:\n"
                             "      - repeat: 3\n"
                             "        layers: [norm]\n"
                             "      - repeat: 4\n"
                             "        share: true\n"
                             "        layers: [norm]\n"
                             "  - repeat: 5\n"
                             "    share: true\n"
                             "    layers: [norm]\n"
                             "  - logits: {tied: true}\n"));
  EXPECT_EQ(weightsOf(model),
            (std::vector<std::string>{
                "embed.weight", "layers.{j}.layers.{i}.norm.weight x3 x2",
                "layers.{j}.layers.{i}.norm.bias x3 x2",
                "layers.{i}.layers_2.norm.weight x2",
                "layers.{i}.layers_2.norm.bias x2", "layers_2.norm.weight",
                "layers_2.norm.bias", "embed.weight"}));
}

TEST(BuildModel, KnowsPlacesInTheSpec) {
  spec::Spec spec = parse(tokens + "layers:\n  - embed\n  - norm\n");
  spec.path = "m.yaml";
  Model model(spec);
  model.function().walk([](transformer::NormOp op) {
    auto place = llvm::cast<mlir::FileLineColLoc>(op.getLoc());
    EXPECT_EQ(place.getFilename(), "m.yaml");
    EXPECT_EQ(place.getLine(), 7u);
  });
}

/// theta 500000 and 128 columns, scaled from 8192 rows to eight times as many:
/// numbers of the published formulas in numpy.
class RotaryFrequencies : public testing::Test {
protected:
  RotaryFrequencies() {
    rotary.theta = 500000;
    rotary.dim = 128;
    rotary.scaling.factor = 8;
    rotary.scaling.originalContext = 8192;
  }

  void expect(spec::RotaryScalingKind kind,
              const std::vector<std::pair<int, double>> &numbers) {
    rotary.scaling.kind = kind;
    std::vector<double> frequencies =
        layers::rotaryFrequencies(rotary, context);
    ASSERT_EQ(frequencies.size(), 64u);
    for (auto [pair, frequency] : numbers)
      EXPECT_NEAR(frequencies[pair] / frequency, 1, 1e-13) << pair;
  }

  spec::Rotary rotary;
  int64_t context = 65536;
};

TEST_F(RotaryFrequencies, FallGeometrically) {
  expect(spec::RotaryScalingKind::None, {{0, 1.0},
                                         {1, 0.8146172338565447},
                                         {30, 0.0021311195369119653},
                                         {63, 2.455140791131609e-06}});
}

TEST_F(RotaryFrequencies, AreDivided) {
  expect(spec::RotaryScalingKind::Linear,
         {{0, 1.0 / 8}, {63, 3.068925988914511e-07}});
  EXPECT_EQ(layers::rotaryMagnitude(rotary.scaling), 1.0);
}

TEST_F(RotaryFrequencies, AreScaledAsInLlama3) {
  expect(spec::RotaryScalingKind::Llama3, {{0, 1.0},
                                           {28, 0.0032114459947525913},
                                           {29, 0.002166570763503359},
                                           {30, 0.0013718935677611381},
                                           {33, 0.00031269375038406517},
                                           {35, 9.556212353964683e-05},
                                           {63, 3.068925988914511e-07}});
  EXPECT_EQ(layers::rotaryMagnitude(rotary.scaling), 1.0);
}

TEST_F(RotaryFrequencies, AreScaledAsInYarn) {
  expect(spec::RotaryScalingKind::Yarn, {{0, 1.0},
                                         {18, 0.024955408670558694},
                                         {19, 0.019282754937831985},
                                         {25, 0.0038003201667920743},
                                         {34, 0.00016561303594542004},
                                         {35, 9.556212353964683e-05}});
  EXPECT_NEAR(layers::rotaryMagnitude(rotary.scaling), 1.2079441541679836,
              1e-15);
  rotary.scaling.attentionFactor = 1.5;
  EXPECT_EQ(layers::rotaryMagnitude(rotary.scaling), 1.5);
}

/// Of the base 500000 * 8^(128/126).
TEST_F(RotaryFrequencies, AreScaledAsInNtk) {
  expect(spec::RotaryScalingKind::Ntk,
         {{0, 1.0}, {1, 0.7881680610894356}, {63, 3.068925988914511e-07}});
  EXPECT_EQ(layers::rotaryMagnitude(rotary.scaling), 1.0);
}

/// By one list within the original context, by the other beyond it.
TEST_F(RotaryFrequencies, AreScaledAsInLongRope) {
  rotary.scaling.shorter.assign(64, 2.0);
  rotary.scaling.longer.assign(64, 4.0);
  expect(spec::RotaryScalingKind::LongRope,
         {{0, 0.25}, {63, 2.455140791131609e-06 / 4}});
  EXPECT_NEAR(layers::rotaryMagnitude(rotary.scaling), 1.1094003924504583,
              1e-15);
  context = 8192;
  expect(spec::RotaryScalingKind::LongRope,
         {{0, 0.5}, {63, 2.455140791131609e-06 / 2}});
  rotary.scaling.attentionFactor = 1.5;
  EXPECT_EQ(layers::rotaryMagnitude(rotary.scaling), 1.5);
}

} // namespace
