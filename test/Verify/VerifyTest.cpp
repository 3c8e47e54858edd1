// The check itself: it passes right models, and each way of being wrong fails.
#include "compiler/Verify/Verify.h"
#include "compiler/Verify/Rounding.h"
#include "compiler/Verify/Stored.h"

#include "compiler/Layers/BuildModel.h"
#include "compiler/Passes/Passes.h"
#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Spec/Parser.h"
#include "compiler/Target/Target.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

#include <map>

using namespace llvm;

namespace {

const char text[] = R"(
model: tested
dim: 24
context: 64
vocab: 31
defaults:
  norm: {kind: rms, eps: 1.0e-6}
  attention: {heads: 3, mask: causal, position: {rope: {theta: 10000}}}
layers:
  - embed
  - repeat: 2
    layers:
      - residual: [norm, attention]
  - norm
  - logits
)";

/// The weights of a seed, but for one parameter of another seed.
class Damaged : public weights::TensorSource {
public:
  Damaged(const spec::Spec &spec, StringRef name)
      : right(weights::makeSeededWeights(spec, 1)),
        wrong(weights::makeSeededWeights(spec, 2)), name(name) {}
  Expected<std::unique_ptr<weights::RowReader>>
  get(StringRef wanted, int64_t rows, int64_t cols) const override {
    return (wanted == name ? wrong : right)->get(wanted, rows, cols);
  }

private:
  std::unique_ptr<weights::TensorSource> right, wrong;
  std::string name;
};

class Verify : public testing::Test {
protected:
  Verify()
      : context(
            [] {
              mlir::DialectRegistry registry;
              pipeline::registerDialects(registry);
              return registry;
            }(),
            mlir::MLIRContext::Threading::DISABLED) {
    context.loadAllAvailableDialects();
    SourceMgr sources;
    sources.AddNewSourceBuffer(MemoryBuffer::getMemBuffer(text), SMLoc());
    model = *spec::parseSpec(sources);
    machine = cantFail(target::describe(context, "", "native"));
    module = layers::buildModel(context, model);
    (*module)->setAttr(kernel::targetAttrName, machine);
  }

  /// Only the weights differ from test to test: an object is made once.
  Expected<verify::Compiled> compileOnce(mlir::ModuleOp prefix) {
    static std::map<std::string, verify::Compiled> made;
    std::string key;
    raw_string_ostream stream(key);
    prefix.print(stream);
    if (auto found = made.find(key); found != made.end())
      return found->second;
    auto compiled = compile(prefix);
    if (compiled)
      made[key] = *compiled;
    return compiled;
  }

  Expected<verify::Compiled> compile(mlir::ModuleOp prefix) {
    mlir::PassManager pm(&context);
    for (int stage = 0; stage < int(pipeline::Stage::LowerToLLVM); ++stage)
      pipeline::buildStage(pm, pipeline::Stage(stage));
    if (failed(pm.run(prefix)))
      return createStringError("the pipeline fails");
    verify::Compiled compiled;
    compiled.layout = passes::layoutOf(prefix);
    emit::ModelDescription &of = compiled.model;
    auto step = prefix.lookupSymbol<mlir::func::FuncOp>("tested_step");
    auto number = [&](StringRef name) {
      return step->getAttrOfType<mlir::IntegerAttr>(name).getInt();
    };
    of.name = "tested";
    of.layoutHash = compiled.layout.hash();
    of.weightsBytes = compiled.layout.bytes;
    of.cacheBytes = number("kernel.cache_bytes");
    of.scratchBytes = number(passes::scratchBytesAttrName);
    of.causal = TC_CAUSAL;
    of.vocab = model.vocab;
    of.context = model.context;
    of.maxRows = of.maxOutputs = number("kernel.rows");
    of.tileRows = machine.getAttention()[0];
    of.outputDim = number("kernel.output_dim");
    mlir::PassManager last(&context);
    pipeline::buildStage(last, pipeline::Stage::LowerToLLVM);
    if (failed(last.run(prefix)))
      return createStringError("the last stage fails");
    LLVMContext llvmContext;
    auto code = emit::translate(prefix, machine, of, llvmContext);
    if (!code)
      return code.takeError();
    auto object = emit::generate(**code, machine, emit::FileKind::Object);
    if (!object)
      return object.takeError();
    compiled.object = std::move(*object);
    return compiled;
  }

  verify::Report report(const weights::TensorSource &packed) {
    auto exact = weights::makeSeededWeights(model, 1);
    auto report = verify::verify(
        function(), [&](auto prefix) { return compileOnce(*prefix); }, packed,
        [&](StringRef name, int64_t rows, int64_t columns) {
          return exact->getAll(name, rows, columns);
        });
    if (report)
      return *report;
    ADD_FAILURE() << toString(report.takeError());
    return {};
  }

  mlir::func::FuncOp function() {
    return *module->getOps<mlir::func::FuncOp>().begin();
  }

  mlir::MLIRContext context;
  spec::Spec model;
  kernel::MachineAttr machine;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

std::string failing(const verify::Report &report) {
  std::string layers;
  for (const verify::Finding &finding : report.findings)
    if (!finding.passes())
      layers += finding.layer + ";";
  return layers;
}

TEST_F(Verify, PassesARightModel) {
  verify::Report right = report(*weights::makeSeededWeights(model, 1));
  EXPECT_TRUE(right.passes()) << failing(right);
  EXPECT_EQ(right.rows, 61);
  EXPECT_EQ(right.agreeing, 61);
  ASSERT_EQ(right.findings.size(), 5u);
  for (const verify::Finding &finding : right.findings)
    EXPECT_LT(finding.allowed, 2e-5) << finding.layer;
}

TEST_F(Verify, FailsOnTheWeightsOfAnotherSeed) {
  verify::Report wrong = report(*weights::makeSeededWeights(model, 2));
  EXPECT_FALSE(wrong.passes());
  EXPECT_FALSE(wrong.findings.front().passes());
  EXPECT_FALSE(wrong.findings.back().passes());
}

TEST_F(Verify, NamesTheFirstLayerThatIsWrong) {
  EXPECT_EQ(failing(report(Damaged(model, "logits.weight"))), "output;");
  EXPECT_EQ(failing(report(Damaged(model, "layers.1.attention.value.weight"))),
            "repeat (line 11), 2 of 2;norm (line 14);output;");
}

/// Matrices that have a format lose what it does not hold; the rest is as
/// given.
TEST_F(Verify, StoresMatricesInTheirFormats) {
  auto exact = weights::makeSeededWeights(model, 1);
  auto weights = [&](StringRef name, int64_t rows, int64_t columns) {
    return exact->getAll(name, rows, columns);
  };
  double last = -1;
  for (spec::Dtype dtype : {spec::Dtype::F32, spec::Dtype::Bf16,
                            spec::Dtype::Int8, spec::Dtype::Int4}) {
    model.dtype = dtype;
    auto built = layers::buildModel(context, model);
    auto function = *built->getOps<mlir::func::FuncOp>().begin();
    EXPECT_EQ(verify::hasFormats(function), dtype != spec::Dtype::F32);
    EXPECT_EQ(verify::hasIntegers(function), dtype >= spec::Dtype::Int8);
    auto stored = verify::asStored(function, weights);
    auto values = cantFail(stored("layers.1.attention.key.weight", 24, 24));
    auto given = cantFail(weights("layers.1.attention.key.weight", 24, 24));
    double moved = 0;
    for (auto [value, right] : zip(values, given))
      moved += std::abs(value - right);
    EXPECT_TRUE(dtype == spec::Dtype::F32 ? moved == 0 : moved > last);
    last = moved;
    EXPECT_EQ(cantFail(stored("norm.weight", 24, 1)),
              cantFail(weights("norm.weight", 24, 1)));
  }
  EXPECT_LT(last / (24 * 24), 0.1 * 0.02); // seeds have a deviation of 0.02
}

TEST(Rounding, ChangesAWeightByThePlacesOfASum) {
  auto ones = [](StringRef, int64_t rows, int64_t columns) {
    return Expected<std::vector<float>>(std::vector<float>(rows * columns, 1));
  };
  auto rounded = cantFail(verify::withRoundings(ones)("w", 100, 4096));
  double first = 0, last = 0;
  for (size_t row = 0; row < 100; ++row) {
    first += std::abs(rounded[row * 4096] - 1.0);
    last += std::abs(rounded[row * 4096 + 4095] - 1.0);
  }
  // A walk of 4096 steps goes about 64 times as far as one step.
  EXPECT_LT(last / 100, 2 * verify::unitRoundoff);
  EXPECT_GT(first / 100, 15 * verify::unitRoundoff);
  EXPECT_LT(first / 100, 64 * verify::unitRoundoff);
}

} // namespace
