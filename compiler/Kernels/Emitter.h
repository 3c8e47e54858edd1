// What every kernel lowering needs: short names for constants and loops, and
// functions of their own for the pieces that must stay apart.
#ifndef COMPILER_KERNELS_EMITTER_H
#define COMPILER_KERNELS_EMITTER_H

#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"

#include <functional>

namespace kernels {

/// A builder at one location with the few ops that loops are made of.
class Emitter {
public:
  Emitter(mlir::OpBuilder &b, mlir::Location loc) : b(b), loc(loc) {}

  mlir::Value index(int64_t value);
  mlir::Value f32(double value);
  mlir::Value splat(double value, int64_t lanes);
  mlir::Value word(int32_t value); ///< an i32
  mlir::Value splatWord(int32_t value, int64_t lanes);
  mlir::VectorType vectorType(int64_t lanes);

  mlir::Value add(mlir::Value x, mlir::Value y); ///< of indices
  mlir::Value add(mlir::Value x, int64_t y);
  mlir::Value mul(mlir::Value x, int64_t y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, int64_t y);
  mlir::Value rem(mlir::Value x, int64_t y);
  mlir::Value less(mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value asWord(mlir::Value index); ///< as an i32
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);
  /// Both conditions; the second is computed in either case.
  mlir::Value both(mlir::Value x, mlir::Value y);
  mlir::Value larger(mlir::Value x, mlir::Value y); ///< of floats

  mlir::Value broadcast(mlir::Value scalar, int64_t lanes);
  /// The same bits as that many elements of a type.
  mlir::Value cast(mlir::Value vector, int64_t lanes, mlir::Type element);
  mlir::Value fma(mlir::Value x, mlir::Value y, mlir::Value z);
  /// A vector of the buffer's elements.
  mlir::Value load(mlir::Value buffer, mlir::ValueRange at, int64_t lanes);
  mlir::Value loadScalar(mlir::Value buffer, mlir::ValueRange at);
  /// An int32 element as an index.
  mlir::Value loadIndex(mlir::Value buffer, mlir::ValueRange at);
  void store(mlir::Value vector, mlir::Value buffer, mlir::ValueRange at);
  /// Brings the line of an element to a cache: of level 1 with `locality` 3.
  void prefetch(mlir::Value buffer, mlir::ValueRange at, int64_t locality);
  /// The first `valid` lanes of `lanes`.
  mlir::Value mask(mlir::Value valid, int64_t lanes);
  mlir::Value loadMasked(mlir::Value buffer, mlir::ValueRange at,
                         mlir::Value mask, int64_t lanes);
  void storeMasked(mlir::Value vector, mlir::Value buffer, mlir::ValueRange at,
                   mlir::Value mask);

  using Body = llvm::function_ref<void(mlir::Value)>;
  using CarriedBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value, mlir::ValueRange)>;
  void loop(mlir::Value from, mlir::Value to, int64_t step, Body body);
  llvm::SmallVector<mlir::Value> loop(mlir::Value from, mlir::Value to,
                                      int64_t step, mlir::ValueRange carried,
                                      CarriedBody body);
  /// From `first` on, each round's value made of the one before, while that is
  /// `wanted`.
  using Next = llvm::function_ref<mlir::Value(mlir::Value)>;
  void loopWhile(mlir::Value first, Next wanted, Next next);
  /// All iterations are independent; the caller's threads share them.
  void parallel(mlir::Value n, Body body);
  void ifThen(mlir::Value condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise = nullptr);

  /// Calls body(column, mask, lanes) on vectors of 16 that cover `width`
  /// columns from `base`; the mask is null but for a last partial vector.
  using Columns =
      llvm::function_ref<void(mlir::Value column, mlir::Value mask)>;
  void columns(int64_t width, Columns body);
  /// What `term` makes of 16 partial results, `start` at first, and such a
  /// vector of columns, for all of them in turn.
  using Term = llvm::function_ref<mlir::Value(
      mlir::Value partial, mlir::Value column, mlir::Value mask)>;
  mlir::Value foldColumns(int64_t width, mlir::Value start, Term term);
  /// The largest of that many columns, 16 of which `load` gives.
  mlir::Value largestColumn(
      int64_t width,
      llvm::function_ref<mlir::Value(mlir::Value column, mlir::Value mask)>
          load);
  mlir::Value loadColumns(mlir::Value buffer, mlir::ValueRange at,
                          mlir::Value mask);
  void storeColumns(mlir::Value vector, mlir::Value buffer, mlir::ValueRange at,
                    mlir::Value mask);
  void copyRow(mlir::Value from, mlir::Value row, mlir::Value to,
               mlir::Value at);

  mlir::OpBuilder &b;
  mlir::Location loc;
};

/// Row reductions have this many partial results, by column mod 16, on every
/// target: their order is part of the result.
inline constexpr int64_t partials = 16;

/// ((((0+8)+(4+12)) + ...: halves onto halves.
mlir::Value sumTree(Emitter &e, mlir::Value vector);
mlir::Value maxTree(Emitter &e, mlir::Value vector);

/// Polynomials of +, * and fma alone, so that every target rounds alike.
inline constexpr double log2e = 1.44269504088896341;
mlir::Value emitExp(Emitter &e, mlir::Value x);
/// 2^x for x < 127, coarsely below -126; 0 from -127 down.
mlir::Value emitExp2(Emitter &e, mlir::Value x);
/// e^(x - top) of scores up to `top`, by a power of 2.
mlir::Value emitWeight(Emitter &e, mlir::Value x, mlir::Value top);
mlir::Value emitTanh(Emitter &e, mlir::Value x);
mlir::Value emitErf(Emitter &e, mlir::Value x);

inline int64_t dimOf(mlir::Value buffer, unsigned i) {
  return llvm::cast<mlir::MemRefType>(buffer.getType()).getDimSize(i);
}

/// The body of a fused region on vectors of `lanes` elements.
mlir::Value inlineRegion(Emitter &e, mlir::Region &region,
                         mlir::ValueRange arguments, int64_t lanes);

/// A function called from the step function: it is passed the step and the loop
/// variables that `values` are computed from, and computes them again itself.
class KernelFunction {
public:
  KernelFunction(mlir::Operation *kernel, llvm::StringRef suffix,
                 mlir::ValueRange values, unsigned extraIndices);

  /// The builder inside, before the return.
  mlir::OpBuilder &builder() { return b; }
  mlir::Value extra(unsigned i);
  /// `value` of the step function, as computed inside.
  mlir::Value operator[](mlir::Value value);
  /// Calls it with these extra arguments.
  void call(Emitter &e, mlir::ValueRange extras);

  mlir::func::FuncOp func;

private:
  mlir::OpBuilder b;
  llvm::SmallVector<mlir::Value> leaves;
  mlir::IRMapping map;
};

/// Replaces `op` by one parallel loop over `count` whose body is a function of
/// the row, which sees the op's operands and `buffers`.
void forRows(
    mlir::Operation *op, llvm::StringRef name, kernel::Count count,
    mlir::Value step, llvm::ArrayRef<mlir::Value> buffers,
    llvm::function_ref<void(Emitter &, KernelFunction &, mlir::Value row)>
        body);

/// Values outside `region` or ops that `values` depend on, pure ops looked
/// through: arguments of blocks.
void collectLeaves(mlir::ValueRange values,
                   llvm::SmallVectorImpl<mlir::Value> &leaves);
/// `value` computed by clones of the pure ops behind it.
mlir::Value rematerialise(mlir::OpBuilder &b, mlir::Value value,
                          mlir::IRMapping &map);
/// A name for a function of this kernel that no other has.
std::string functionName(mlir::Operation *kernel, llvm::StringRef suffix);

void emitMatmul(kernel::MatmulOp op);
void emitMap(kernel::MapOp op);
void emitNorm(kernel::NormOp op);
void emitQuantise(kernel::QuantiseOp op);
void emitAttention(kernel::AttentionOp op);
void emitRandomFeatures(kernel::RandomFeaturesOp op);
void emitLinearAttention(kernel::LinearAttentionOp op);
void emitGridAttention(kernel::GridAttentionOp op);
void emitHeadMatmul(kernel::HeadMatmulOp op);
void emitScoreAttention(kernel::ScoreAttentionOp op);
void emitEmbed(kernel::EmbedOp op);
void emitPatches(kernel::PatchesOp op);
void emitTypes(kernel::TypesOp op);
void emitUnfold(kernel::UnfoldOp op);
void emitDepthwise(kernel::DepthwiseOp op);
void emitShortConv(kernel::ShortConvOp op);
void emitMix(kernel::MixOp op);
void emitUnfoldedStep(kernel::UnfoldedStepOp op);
void emitPrepend(kernel::PrependOp op);
void emitGather(kernel::GatherOp op);
void emitJoinHeads(kernel::JoinHeadsOp op);
void emitPool(kernel::PoolOp op);
void emitTap(kernel::TapOp op);
void emitTapWeights(kernel::TapWeightsOp op);
void emitRemainAll(kernel::RemainAllOp op);
void emitLeave(kernel::LeaveOp op);
void emitRoute(kernel::RouteOp op);
void emitListRows(kernel::ListRowsOp op);
void emitTakeRows(kernel::TakeRowsOp op);
void emitAddRows(kernel::AddRowsOp op);

} // namespace kernels

#endif // COMPILER_KERNELS_EMITTER_H
