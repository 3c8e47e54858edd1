// Specs built in memory, as importers do, and what the check derives.
#include "ParseText.h"
#include "SameSpec.h"

#include "compiler/Spec/Documentation.h"
#include "compiler/Spec/Numbers.h"

#include <cmath>

using namespace spec;

namespace {

Layer make(LayerBody body) {
  Layer layer;
  layer.body = std::move(body);
  return layer;
}

Spec small() {
  Spec spec;
  spec.model = "m";
  spec.dim = 8;
  spec.context = 4;
  spec.vocab = 5;
  spec.layers.push_back(make(Embed()));
  return spec;
}

std::vector<std::string> check(Spec &spec) {
  std::vector<std::string> errors;
  bool good = checkSpec(spec, [&](Place place, const std::string &message) {
    EXPECT_EQ(place.line, 0u);
    errors.push_back(message);
  });
  EXPECT_EQ(good, errors.empty());
  return errors;
}

TEST(Check, EqualsTheParsed) {
  Spec spec = small();
  spec.layers.push_back(make(Position()));
  Repeat repeat;
  repeat.count = 3;
  Attention attention;
  attention.heads = 4;
  attention.kvHeads = 2;
  attention.mask = Mask::Causal;
  attention.rotary.emplace();
  Residual first, second;
  first.layers = {make(Norm{NormKind::Rms}), make(attention)};
  Mlp mlp;
  mlp.hidden = 16;
  second.layers = {make(Norm()), make(mlp)};
  repeat.layers = {make(first), make(second)};
  spec.layers.push_back(make(repeat));
  Logits logits;
  logits.tied = true;
  spec.layers.push_back(make(logits));
  ASSERT_EQ(check(spec), std::vector<std::string>());

  Spec parsed = parseGood(tokens(
      "  - embed\n  - position: learned\n  - repeat: 3\n    layers:\n"
      "      - residual: [norm: {kind: rms}, attention: {heads: 4, kv_heads: "
      "2, mask: causal, position: rope}]\n"
      "      - residual: [norm, mlp: {hidden: 16}]\n"
      "  - logits: {tied: true}\n"));
  EXPECT_TRUE(same(spec, parsed)) << printSpec(spec);
  EXPECT_TRUE(spec.causal);
  EXPECT_EQ(spec.outputDim, 5);

  // Checking again changes nothing.
  std::string before = printSpec(spec);
  EXPECT_EQ(check(spec), std::vector<std::string>());
  EXPECT_EQ(printSpec(spec), before);
}

TEST(Check, DerivedSizes) {
  Spec spec = parseGood(tokens("  - embed\n  - attention: {heads: 2, position: "
                               "rope}\n"));
  const auto &attention = std::get<Attention>(spec.layers[1].body);
  EXPECT_EQ(attention.kvHeads, 2);
  EXPECT_EQ(attention.headDim, 4);
  EXPECT_EQ(attention.valueDim, 4);
  EXPECT_EQ(attention.rotary->dim, 4);
  EXPECT_EQ(attention.scale, 0.5);
  EXPECT_EQ(spec.layers[1].scope, "attention");
  EXPECT_EQ(spec.layers[1].fields.at("heads").column, 17u);
  EXPECT_EQ(spec.fields.at("vocab").line, 4u);
  EXPECT_EQ(spec.path, "test.yaml");
}

TEST(Check, Causal) {
  auto causal = [](const std::string &layers) {
    return parseGood(tokens("  - embed\n" + layers)).causal;
  };
  std::string see = "  - attention: {heads: 2}\n";
  std::string past = "  - attention: {heads: 2, mask: causal}\n";
  EXPECT_TRUE(causal("  - logits\n"));
  EXPECT_TRUE(causal(past + past + "  - logits\n"));
  EXPECT_FALSE(causal(past + see));
  EXPECT_FALSE(causal(past + "  - pool: last\n"));
  Spec image = parseGood("model: m\ndim: 8\nlayers:\n"
                         "  - patch: {image: [1, 4, 4], size: 2}\n" +
                         past);
  EXPECT_FALSE(image.causal);
  EXPECT_EQ(image.input, InputKind::Image);
  EXPECT_EQ(image.context, 4);
}

TEST(Check, Rows) {
  auto rows = [](const std::string &layers) {
    return parseGood("model: m\ndim: 8\ncontext: 5\nlayers:\n" + layers);
  };
  auto names = [](const Spec &spec) {
    std::string text;
    for (const Parameter &parameter : listParameters(spec)) {
      text += parameter.name;
      for (int64_t size : parameter.shape)
        text += " " + std::to_string(size);
      text += "; ";
    }
    return text;
  };
  Spec same = rows("  - rows: {dim: 8}\n  - linear: {to: 2}\n");
  EXPECT_EQ(same.input, InputKind::Rows);
  EXPECT_TRUE(same.causal);
  EXPECT_EQ(same.outputDim, 2);
  EXPECT_EQ(names(same), "linear.weight 2 8; ");
  Spec mapped = rows("  - rows: {dim: 3, bias: true}\n"
                     "  - attention: {heads: 2, output: sum}\n");
  EXPECT_FALSE(mapped.causal);
  EXPECT_EQ(mapped.layers[1].dimIn, 8);
  EXPECT_EQ(names(rows("  - rows: {dim: 3, bias: true}\n")),
            "rows.weight 8 3; rows.bias 8; ");
}

TEST(Check, TapsAndSumsAreCausal) {
  Spec spec =
      parseGood(tokens("  - embed\n  - tap: start\n  - repeat: 2\n    layers:\n"
                       "      - linear_attention: {heads: 2, mask: causal}\n"
                       "      - tap\n  - logits\n"));
  EXPECT_TRUE(spec.causal);
  EXPECT_EQ(spec.layers[1].scope, "start");
  auto &inner = std::get<Repeat>(spec.layers[2].body).layers;
  EXPECT_EQ(inner[1].scope, "layers.{i}.tap");
  EXPECT_EQ(std::get<LinearAttention>(inner[0].body).valueDim, 4);
  EXPECT_EQ(parseGood(printSpec(spec)).layers[1].scope, "start");
}

TEST(Check, DtypeOfTheLayerElseOfTheModel) {
  Spec spec = parseGood("dtype: int8\ndefaults: {mlp: {dtype: int4}}\n" +
                        tokens("  - embed\n  - norm\n  - mlp: {hidden: 8}\n"
                               "  - mlp: {hidden: 8, dtype: f32}\n"
                               "  - linear: {to: 8}\n"));
  std::vector<Dtype> dtypes;
  for (const Layer &layer : spec.layers)
    dtypes.push_back(dtypeOf(layer, spec));
  EXPECT_EQ(dtypes, (std::vector{Dtype::Int8, Dtype::F32, Dtype::Int4,
                                 Dtype::F32, Dtype::Int8}));
  spec.dtype = Dtype::Bf16; // as --weights does
  EXPECT_EQ(dtypeOf(spec.layers[0], spec), Dtype::Bf16);
  EXPECT_EQ(dtypeOf(spec.layers[2], spec), Dtype::Int4);
}

TEST(Check, TiedTableHasOneDtype) {
  for (const char *layers :
       {"  - embed: {dtype: int8}\n  - logits: {tied: true}\n",
        "  - embed\n  - logits: {tied: true, dtype: int8}\n"}) {
    Spec spec = parseGood(tokens(layers));
    EXPECT_EQ(dtypeOf(spec.layers[0], spec), Dtype::Int8);
    EXPECT_EQ(dtypeOf(spec.layers[1], spec), Dtype::Int8);
  }
  Spec apart = parseGood(
      tokens("  - embed: {dtype: int8}\n  - logits: {dtype: bf16}\n"));
  EXPECT_EQ(dtypeOf(apart.layers[1], apart), Dtype::Bf16);
}

TEST(Check, ErrorsNameTheLayer) {
  Spec spec = small();
  Repeat repeat;
  repeat.count = 2;
  Attention attention;
  attention.heads = 3;
  Mlp mlp;
  mlp.hidden = -4;
  Norm norm;
  norm.eps = std::nan("");
  repeat.layers = {make(attention), make(mlp), make(norm)};
  spec.layers.push_back(make(repeat));
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{
                "layers.{i}.attention: 3 heads do not divide the width 8; say "
                "'head_dim'",
                "layers.{i}.mlp: 'hidden' must be from 1 to 2147483647, not "
                "-4",
                "layers.{i}.norm: 'eps' must be finite, not nan"}));
}

TEST(Check, WholeModel) {
  Spec spec;
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{
                "a spec needs 'model', its name: letters, digits and "
                "underscores, a letter first",
                "a spec needs 'dim', the width of its rows",
                "the model has no layers"}));
  spec = small();
  spec.dim = int64_t(1) << 40;
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{"'dim' must be from 1 to 2147483647, not "
                                      "1099511627776"}));
  spec = small();
  spec.layers.push_back(make(Prepend{"", 1}));
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{
                "prepend: 'what' takes class, distillation, registers or "
                "queries, not this",
            }));
}

TEST(Check, NestingAndNames) {
  Spec spec = small();
  Layer layer = make(Norm());
  for (int i = 0; i != 100; ++i)
    layer = make(Residual{{layer}});
  spec.layers.push_back(layer);
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{"layers are nested more than 24 deep"}));

  spec = small();
  Layer named = make(Norm());
  named.scope = "final";
  named.fields["as"] = {};
  Sequence loose;
  loose.layers = {make(Norm()), named};
  spec.layers.push_back(make(loose));
  EXPECT_EQ(check(spec), std::vector<std::string>());
  EXPECT_EQ(printSpec(spec),
            tokens("  - embed\n"
                   "  - norm: {kind: layer, eps: 1.0e-5, bias: true}\n"
                   "  - norm: {kind: layer, eps: 1.0e-5, bias: true, as: "
                   "final}\n"));
  spec.layers.back().scope = "a b";
  EXPECT_EQ(check(spec),
            (std::vector<std::string>{"'a b' is no name for a layer"}));
}

TEST(Numbers, ReadAndWritten) {
  for (double value : {0.0, 1.0, 12.0, 1e-5, 1.5e-7, 0.1, 1e15, 123456.0, 1e300,
                       5e-324, 0.35355339059327373, -2.5}) {
    std::string text = writeReal(value);
    EXPECT_EQ(readReal(text), value) << text;
  }
  EXPECT_EQ(writeReal(1e-5), "1.0e-5");
  EXPECT_EQ(writeReal(1.5e-7), "1.5e-7");
  EXPECT_EQ(writeReal(10000), "10000");
  EXPECT_EQ(writeReal(1e20), "1.0e+20");
  for (const char *text : {"", "-", "1.", ".5", "1e", "0x10", "1_000", "+1",
                           "01", "1 ", "inf", "nan", "1e+", "--1"})
    EXPECT_FALSE(readReal(text)) << text;
  for (const char *text : {"", "-", "1.0", "1e3", "0x10", "01", "+1", " 1"})
    EXPECT_FALSE(readWhole(text)) << text;
  EXPECT_EQ(readWhole("-12"), -12);
  EXPECT_EQ(readWhole("99999999999999999999"), INT64_MAX);
}

TEST(Documentation, IsInTheReadme) {
  std::string text = readFile(TC_SOURCE_DIR "/compiler/Spec/README.md");
  std::string leaves = documentLeaves();
  ASSERT_GE(text.size(), leaves.size());
  EXPECT_EQ(text.substr(text.size() - leaves.size()), leaves);
}

} // namespace
