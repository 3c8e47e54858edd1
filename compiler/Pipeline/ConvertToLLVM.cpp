// In: functions of cf, arith, math, vector, memref and kernel's reads of the
// step. Out: the LLVM dialect. Buffers are bare pointers of static shape.
#include "compiler/Pipeline/ConvertToLLVM.h"

#include "dialects/Kernel/Kernel.h"
#include "runtime/abi.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/LoweringOptions.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace {

int64_t fieldOf(kernel::Buffer pointer) {
  switch (pointer) {
  case kernel::Buffer::Weights:
    return offsetof(tc_step, weights);
  case kernel::Buffer::Scratch:
    return offsetof(tc_step, scratch);
  case kernel::Buffer::Tokens:
    return offsetof(tc_step, tokens);
  case kernel::Buffer::Input:
    return offsetof(tc_step, input);
  case kernel::Buffer::Positions:
    return offsetof(tc_step, positions);
  case kernel::Buffer::Caches:
    return offsetof(tc_step, caches);
  case kernel::Buffer::Starts:
    return offsetof(tc_step, starts);
  case kernel::Buffer::Tiles:
    return offsetof(tc_step, tiles);
  case kernel::Buffer::Outputs:
    return offsetof(tc_step, outputs);
  case kernel::Buffer::Output:
    return offsetof(tc_step, output);
  case kernel::Buffer::Sources:
    return offsetof(tc_step, sources);
  case kernel::Buffer::Limits:
    return offsetof(tc_step, limits);
  case kernel::Buffer::Types:
    return offsetof(tc_step, types);
  }
  llvm_unreachable("every pointer is above");
}

int64_t fieldOf(kernel::Count count) {
  switch (count) {
  case kernel::Count::Rows:
  case kernel::Count::Chosen:
    return offsetof(tc_step, rows);
  case kernel::Count::Outputs:
    return offsetof(tc_step, output_count);
  case kernel::Count::Sequences:
    return offsetof(tc_step, sequences);
  case kernel::Count::Tiles:
    return offsetof(tc_step, tile_count);
  }
  llvm_unreachable("every count is above");
}

/// LLVM ops at a place; pointers and 64-bit integers.
struct Low {
  OpBuilder &b;
  Location loc;
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type word = b.getI64Type();

  Value constant(int64_t v) {
    return LLVM::ConstantOp::create(b, loc, word, b.getI64IntegerAttr(v));
  }
  Value at(Value base, Value bytes) {
    return LLVM::GEPOp::create(b, loc, pointer, b.getI8Type(), base,
                               ArrayRef<LLVM::GEPArg>{bytes});
  }
  Value at(Value base, int64_t bytes) {
    return LLVM::GEPOp::create(
        b, loc, pointer, b.getI8Type(), base,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(bytes)});
  }
  // The step is constant while a model runs, so its fields are too.
  LLVM::LoadOp field(Value step, int64_t offset, Type type) {
    auto load = LLVM::LoadOp::create(b, loc, type, at(step, offset));
    load.setInvariant(true);
    return load;
  }
  /// What an array of pointers, a field of the step, has for the row.
  Value ofRow(Value list, Value row) {
    Value place = LLVM::GEPOp::create(b, loc, pointer, pointer, list,
                                      ArrayRef<LLVM::GEPArg>{row});
    return field(place, 0, pointer);
  }
};

/// Whether a step is not written in the same function.
bool isWhole(Value step, Value converted) {
  return !isa_and_present<kernel::MadeStepOp, kernel::SourceStepOp,
                          kernel::RemainingStepOp>(step.getDefiningOp()) &&
         !converted.getDefiningOp<LLVM::AllocaOp>();
}

/// A copy of the step on the stack of the function, not of a loop in it.
Value copyStep(ConversionPatternRewriter &rewriter, Operation *op, Value step) {
  Low low{rewriter, op->getLoc()};
  Value copy;
  {
    OpBuilder::InsertionGuard guard(rewriter);
    rewriter.setInsertionPointToStart(&op->getParentRegion()->front());
    copy = LLVM::AllocaOp::create(rewriter, op->getLoc(), low.pointer,
                                  rewriter.getI8Type(),
                                  low.constant(sizeof(tc_step)), 8);
  }
  LLVM::MemcpyOp::create(rewriter, op->getLoc(), copy, step,
                         low.constant(sizeof(tc_step)), /*isVolatile=*/false);
  return copy;
}

/// The buffer that a pointer is.
template <class Op>
void replaceByBuffer(ConversionPatternRewriter &rewriter,
                     const LLVMTypeConverter &converter, Op op, Value pointer) {
  rewriter.replaceOp(op, {MemRefDescriptor::fromStaticShape(
                             rewriter, op.getLoc(), converter,
                             cast<MemRefType>(op.getType()), pointer)});
}

struct BufferPattern : ConvertOpToLLVMPattern<kernel::BufferOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::BufferOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    LLVM::LoadOp base =
        low.field(adaptor.getStep(), fieldOf(op.getPointer()), low.pointer);
    base.setInvariant(isWhole(op.getStep(), adaptor.getStep()));
    replaceByBuffer(rewriter, *getTypeConverter(), op,
                    low.at(base, adaptor.getOffset()));
    return success();
  }
};

struct RowCachePattern : ConvertOpToLLVMPattern<kernel::RowCacheOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::RowCacheOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    Value list =
        low.field(adaptor.getStep(), offsetof(tc_step, caches), low.pointer);
    Value base = low.ofRow(list, adaptor.getRow());
    replaceByBuffer(rewriter, *getTypeConverter(), op,
                    low.at(base, adaptor.getOffset()));
    return success();
  }
};

struct RowTapPattern : ConvertOpToLLVMPattern<kernel::RowTapOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::RowTapOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    Value list =
        low.field(adaptor.getStep(), offsetof(tc_step, taps), low.pointer);
    int64_t before = op.getTap().getNumber() * op.getCapacity();
    list = low.at(list, before * int64_t(sizeof(void *)));
    Value place = low.ofRow(list, adaptor.getRow());
    if (Value behind = adaptor.getBehind()) {
      auto shape = op.getType();
      Value bytes = low.constant(shape.getNumElements() * sizeof(float));
      place = low.at(place,
                     LLVM::MulOp::create(rewriter, op.getLoc(), behind, bytes));
    }
    replaceByBuffer(rewriter, *getTypeConverter(), op, place);
    return success();
  }
};

struct CountPattern : ConvertOpToLLVMPattern<kernel::CountOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::CountOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    auto count = low.field(adaptor.getStep(), fieldOf(op.getCount()), low.word);
    count.setInvariant(isWhole(op.getStep(), adaptor.getStep()) &&
                       op.getCount() !=
                           kernel::Count::Chosen); // of each expert in turn
    rewriter.replaceOp(op, count);
    return success();
  }
};

struct ChosenStepPattern : ConvertOpToLLVMPattern<kernel::ChosenStepOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::ChosenStepOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    Value copy = copyStep(rewriter, op, adaptor.getStep());
    LLVM::StoreOp::create(rewriter, op.getLoc(), adaptor.getRows(),
                          low.at(copy, offsetof(tc_step, rows)));
    rewriter.replaceOp(op, copy);
    return success();
  }
};

struct MadeStepPattern : ConvertOpToLLVMPattern<kernel::MadeStepOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::MadeStepOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Low low{rewriter, loc};
    Value copy = copyStep(rewriter, op, adaptor.getStep());
    auto set = [&](int64_t offset, Value value) {
      LLVM::StoreOp::create(rewriter, loc, value, low.at(copy, offset));
    };
    auto array = [&](int64_t offset, Value buffer, Value from) {
      set(offset,
          MemRefDescriptor(buffer).bufferPtr(rewriter, loc, *getTypeConverter(),
                                             cast<MemRefType>(from.getType())));
    };
    set(offsetof(tc_step, rows), adaptor.getRows());
    set(offsetof(tc_step, tile_count), adaptor.getTileCount());
    array(offsetof(tc_step, positions), adaptor.getPositions(),
          op.getPositions());
    array(offsetof(tc_step, starts), adaptor.getStarts(), op.getStarts());
    array(offsetof(tc_step, tiles), adaptor.getTiles(), op.getTiles());
    array(offsetof(tc_step, caches), adaptor.getCaches(), op.getCaches());
    array(offsetof(tc_step, sources), adaptor.getSources(), op.getSources());
    rewriter.replaceOp(op, copy);
    return success();
  }
};

struct SourceStepPattern : ConvertOpToLLVMPattern<kernel::SourceStepOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::SourceStepOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Low low{rewriter, op.getLoc()};
    Value copy = copyStep(rewriter, op, adaptor.getStep());
    int64_t sources = offsetof(tc_step, sources);
    LLVM::LoadOp list = low.field(adaptor.getMade(), sources, low.pointer);
    list.setInvariant(false);
    LLVM::StoreOp::create(rewriter, op.getLoc(), list, low.at(copy, sources));
    rewriter.replaceOp(op, copy);
    return success();
  }
};

struct RemainingStepPattern : ConvertOpToLLVMPattern<kernel::RemainingStepOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;
  LogicalResult
  matchAndRewrite(kernel::RemainingStepOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Low low{rewriter, loc};
    Value copy = copyStep(rewriter, op, adaptor.getStep());
    Value left = MemRefDescriptor(adaptor.getLeft())
                     .bufferPtr(rewriter, loc, *getTypeConverter(),
                                cast<MemRefType>(op.getLeft().getType()));
    constexpr kernel::Count counts[] = {
        kernel::Count::Rows, kernel::Count::Sequences, kernel::Count::Tiles};
    for (auto [i, count] : llvm::enumerate(counts)) {
      Value word = LLVM::LoadOp::create(rewriter, loc, rewriter.getI32Type(),
                                        low.at(left, 4 * int64_t(i)));
      LLVM::StoreOp::create(rewriter, loc,
                            LLVM::ZExtOp::create(rewriter, loc, low.word, word),
                            low.at(copy, fieldOf(count)));
    }
    rewriter.replaceOp(op, copy);
    return success();
  }
};

/// A function of the module's own: its entry block is the insertion point.
LLVM::LLVMFuncOp internalFunction(ConversionPatternRewriter &rewriter,
                                  Operation *op, StringRef name,
                                  ArrayRef<Type> arguments) {
  rewriter.setInsertionPointToEnd(op->getParentOfType<ModuleOp>().getBody());
  auto none = LLVM::LLVMVoidType::get(op->getContext());
  auto function = LLVM::LLVMFuncOp::create(
      rewriter, op->getLoc(), name,
      LLVM::LLVMFunctionType::get(none, arguments), LLVM::Linkage::Internal);
  rewriter.setInsertionPointToStart(function.addEntryBlock(rewriter));
  return function;
}

/// A range function gets a C entry (state, begin, end); the captures travel in
/// an array of words on the caller's stack.
struct ParallelForPattern : ConvertOpToLLVMPattern<kernel::ParallelForOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  static LLVM::LLVMFuncOp entryFor(ConversionPatternRewriter &rewriter,
                                   kernel::ParallelForOp op, TypeRange types) {
    Low low{rewriter, op.getLoc()};
    OpBuilder::InsertionGuard guard(rewriter);
    auto entry = internalFunction(rewriter, op, (op.getBody() + "_entry").str(),
                                  {low.pointer, low.word, low.word});
    Block *block = &entry.getBody().front();
    SmallVector<Value> arguments;
    for (auto [i, type] : llvm::enumerate(types))
      arguments.push_back(low.field(block->getArgument(0), i * 8, type));
    arguments.push_back(block->getArgument(1));
    arguments.push_back(block->getArgument(2));
    LLVM::CallOp::create(rewriter, op.getLoc(), TypeRange(), op.getBodyAttr(),
                         arguments);
    LLVM::ReturnOp::create(rewriter, op.getLoc(), ValueRange());
    return entry;
  }

  /// What stands in for a null parallel_for: body(state, 0, n).
  static LLVM::LLVMFuncOp serialFor(ConversionPatternRewriter &rewriter,
                                    kernel::ParallelForOp op) {
    constexpr llvm::StringLiteral name = "serial_for";
    auto module = op->getParentOfType<ModuleOp>();
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
      return known;
    Low low{rewriter, op.getLoc()};
    OpBuilder::InsertionGuard guard(rewriter);
    auto serial = internalFunction(
        rewriter, op, name, {low.pointer, low.word, low.pointer, low.pointer});
    Block *block = &serial.getBody().front();
    auto body =
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(op.getContext()),
                                    {low.pointer, low.word, low.word});
    LLVM::CallOp::create(rewriter, op.getLoc(), body,
                         ValueRange{block->getArgument(2),
                                    block->getArgument(3), low.constant(0),
                                    block->getArgument(1)});
    LLVM::ReturnOp::create(rewriter, op.getLoc(), ValueRange());
    return serial;
  }

  LogicalResult
  matchAndRewrite(kernel::ParallelForOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Low low{rewriter, loc};
    ValueRange captures = adaptor.getCaptures();
    auto entry = entryFor(rewriter, op, captures.getTypes());
    Value state;
    {
      // One slot for the whole call, however often the loop around comes by.
      OpBuilder::InsertionGuard guard(rewriter);
      Region *body = op->getParentRegion();
      rewriter.setInsertionPointToStart(&body->front());
      state = LLVM::AllocaOp::create(rewriter, loc, low.pointer, low.word,
                                     low.constant(captures.size()), 8);
    }
    for (auto [i, capture] : llvm::enumerate(captures))
      LLVM::StoreOp::create(rewriter, loc, capture, low.at(state, i * 8));
    Value step = adaptor.getStep();
    Value pool = low.field(step, offsetof(tc_step, pool), low.pointer);
    Value run = low.field(step, offsetof(tc_step, parallel_for), low.pointer);
    Value function = LLVM::AddressOfOp::create(rewriter, loc, entry);
    Value null = LLVM::ZeroOp::create(rewriter, loc, low.pointer);
    Value alone =
        LLVM::ICmpOp::create(rewriter, loc, LLVM::ICmpPredicate::eq, run, null);
    Value serial =
        LLVM::AddressOfOp::create(rewriter, loc, serialFor(rewriter, op));
    run = LLVM::SelectOp::create(rewriter, loc, alone, serial, run);
    auto none = LLVM::LLVMVoidType::get(op.getContext());
    auto type = LLVM::LLVMFunctionType::get(
        none, {low.pointer, low.word, low.pointer, low.pointer});
    LLVM::CallOp::create(
        rewriter, loc, type,
        ValueRange{run, pool, adaptor.getN(), function, state});
    rewriter.eraseOp(op);
    return success();
  }
};

/// Calls `report_kernel`, which looks whether the step wants to know.
struct ReportPattern : ConvertOpToLLVMPattern<kernel::ReportOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  static LLVM::LLVMFuncOp reporterFor(ConversionPatternRewriter &rewriter,
                                      kernel::ReportOp op) {
    constexpr llvm::StringLiteral name = "report_kernel";
    auto module = op->getParentOfType<ModuleOp>();
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
      return known;
    Low low{rewriter, op.getLoc()};
    OpBuilder::InsertionGuard guard(rewriter);
    auto reporter = internalFunction(
        rewriter, op, name,
        {low.pointer, rewriter.getI32Type(), rewriter.getI32Type()});
    reporter.setNoInline(true);
    Block *block = &reporter.getBody().front();
    Block *wanted = rewriter.createBlock(&reporter.getBody());
    Block *done = rewriter.createBlock(&reporter.getBody());
    rewriter.setInsertionPointToStart(block);
    Value run = low.field(block->getArgument(0), offsetof(tc_step, report),
                          low.pointer);
    Value null = LLVM::ZeroOp::create(rewriter, op.getLoc(), low.pointer);
    Value none = LLVM::ICmpOp::create(rewriter, op.getLoc(),
                                      LLVM::ICmpPredicate::eq, run, null);
    LLVM::CondBrOp::create(rewriter, op.getLoc(), none, done, wanted);
    rewriter.setInsertionPointToStart(wanted);
    SmallVector<Value> arguments{run};
    llvm::append_range(arguments, block->getArguments());
    LLVM::CallOp::create(rewriter, op.getLoc(), reporter.getFunctionType(),
                         arguments);
    LLVM::BrOp::create(rewriter, op.getLoc(), done);
    rewriter.setInsertionPointToStart(done);
    LLVM::ReturnOp::create(rewriter, op.getLoc(), ValueRange());
    return reporter;
  }

  LogicalResult
  matchAndRewrite(kernel::ReportOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto number = [&](int64_t value) -> Value {
      return LLVM::ConstantOp::create(
          rewriter, op.getLoc(), rewriter.getI32Type(),
          rewriter.getI32IntegerAttr(static_cast<int32_t>(value)));
    };
    rewriter.replaceOpWithNewOp<LLVM::CallOp>(
        op, reporterFor(rewriter, op),
        ValueRange{adaptor.getStep(), number(op.getKernel()),
                   number(op.getMoment() == kernel::Moment::End)});
    return success();
  }
};

struct ConvertToLLVM : PassWrapper<ConvertToLLVM, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertToLLVM)
  StringRef getArgument() const override { return "convert-kernel-to-llvm"; }
  StringRef getDescription() const override {
    return "Lower loops and kernel's reads of the step to the LLVM dialect";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect>();
  }

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    LowerToLLVMOptions options(context);
    options.useBarePtrCallConv = true;
    LLVMTypeConverter types(context, options);
    types.addConversion([&](kernel::StepType) -> Type {
      return LLVM::LLVMPointerType::get(context);
    });
    RewritePatternSet patterns(context);
    populateFuncToLLVMConversionPatterns(types, patterns);
    arith::populateArithToLLVMConversionPatterns(types, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
    populateMathToLLVMConversionPatterns(types, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(types, patterns);
    vector::populateVectorMaskMaterializationPatterns(
        patterns, /*force32BitVectorIndices=*/true);
    vector::populateVectorMaskOpLoweringPatterns(patterns);
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    populateVectorToLLVMConversionPatterns(types, patterns);
    patterns.add<BufferPattern, RowCachePattern, RowTapPattern, CountPattern,
                 ChosenStepPattern, MadeStepPattern, SourceStepPattern,
                 RemainingStepPattern, ParallelForPattern, ReportPattern>(
        types);
    LLVMConversionTarget target(*context);
    target.addLegalOp<ModuleOp>();
    if (failed(
            applyFullConversion(getOperation(), target, std::move(patterns))))
      return signalPassFailure();
    getOperation().walk([](LLVM::LLVMFuncOp func) {
      if (!func.isExternal())
        func.setLinkage(LLVM::Linkage::Internal);
    });
  }
};

} // namespace

std::unique_ptr<Pass> pipeline::createConvertToLLVM() {
  return std::make_unique<ConvertToLLVM>();
}
