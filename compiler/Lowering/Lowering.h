// transformer -> kernel, op by op: what each lowering shares.
#ifndef COMPILER_LOWERING_LOWERING_H
#define COMPILER_LOWERING_LOWERING_H

#include "dialects/Kernel/Kernel.h"
#include "dialects/Transformer/Transformer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/Pass.h"

namespace lowering {

/// A step function being written from a model function.
class Lowering {
public:
  Lowering(mlir::func::FuncOp model, kernel::MachineAttr machine,
           int64_t capacity);

  /// Writes the step function beside the model and erases the model.
  mlir::LogicalResult run();
  /// The same for the encoder of `decoder`, by the name NAME_encode: its rows
  /// and, in the cache, what the decoder's layers read of them. Erases nothing.
  mlir::LogicalResult runEncoder(mlir::func::FuncOp decoder);

  mlir::OpBuilder b;
  mlir::func::FuncOp model;
  kernel::MachineAttr machine;
  /// Of the op that is being lowered: its rows are those of the step, or what
  /// windows have made of them.
  int64_t capacity; ///< most rows of a step
  int64_t context;  ///< most rows of a sequence
  mlir::Value step;
  bool recurrent = false; ///< a cache holds sums over rows, not rows

  /// The rows in a value of the model, and how many of them there are.
  mlir::Value rows(mlir::Value value) { return map.lookup(value); }
  kernel::Count countOf(mlir::Value value);
  void replace(mlir::Operation *op, mlir::Value by, kernel::Count count);
  /// Reports an op whose input is not all rows of the sequences.
  mlir::LogicalResult needAllRows(mlir::Operation *op, mlir::Value x);
  /// Whether the model reads images, all of whose sequences are as long.
  bool readsImages() const;
  /// Whether sequences may leave before the end.
  bool hasExits() const { return static_cast<bool>(left); }

  /// The stage that an unfold is at becomes that of its rows; what the kernel
  /// needs beside its input.
  struct Windows {
    mlir::Value from, made, firsts; ///< no firsts: the same step
    kernel::WindowsAttr windows;
  };
  Windows enterWindows(transformer::UnfoldOp op);
  /// Of the unfolds before: what is behind one may read its input itself.
  llvm::DenseMap<mlir::Operation *, Windows> windowsOf;
  /// The same of mixtures; the step that they make.
  mlir::Value enterMixtures(transformer::MixOp op);
  /// The keys and values of attention over rows that are made of its own go
  /// into the cache; the step by which queries see them.
  mlir::Value intoCacheOfMade(transformer::CrossAttentionOp op,
                              mlir::Value slot, kernel::CacheAttr cache);

  /// An empty destination of capacity x width.
  mlir::Value destination(mlir::Location loc, int64_t width);
  mlir::Type rowsType(int64_t width);

  /// The name of a weight, with the numbers of repetitions that are known.
  static std::string nameOf(transformer::WeightOp weight);
  /// The part that a weight of the model is, and the kernel.weight op for it.
  kernel::PartAttr part(transformer::WeightOp weight, int64_t rows,
                        int64_t cols, double offset = 0);
  mlir::Value packed(mlir::Value weight, kernel::PartAttr part,
                     mlir::MemRefType type, int64_t panel,
                     kernel::Format format = kernel::Format::F32);
  /// A matrix of the model in the panels that a matmul reads.
  mlir::Value panelWeight(mlir::Value weight);
  /// How the model says that a matrix is stored.
  static kernel::Format formatOf(mlir::Value weight);
  /// Rows in the form that a matmul with such weights takes.
  mlir::Value factorRows(mlir::Location loc, mlir::Value value,
                         kernel::Format format);
  /// A vector of the model (bias, norm weight), padded for whole vectors.
  mlir::Value vectorWeight(mlir::Value weight, double offset = 0);
  /// A table of the model, one row after the other.
  mlir::Value tableWeight(mlir::Value weight);
  /// A generated table of `context` rows.
  mlir::Value generatedTable(mlir::Location loc, kernel::PartAttr part);

  /// What attention adds to its scores: a table, and its column of no distance.
  struct Bias {
    mlir::Value table;
    int64_t zero;
  };
  Bias bias(transformer::AttentionOp op);

  /// Where a tap's rows lie that are not those of the caller's step, as
  /// kernel.tap has it.
  struct TapRows {
    int64_t made = 0, skip = 0;
    llvm::SmallVector<mlir::Value> firsts;
    mlir::IntegerAttr capacity;
  };
  /// Of the rows that the op reads as x; reports those that it cannot have.
  mlir::FailureOr<TapRows> tapRows(mlir::Operation *op, mlir::Value x);
  /// A new tap of so many columns for each of `heads` (0: of the row), and the
  /// repetition of the loops around, counted through.
  kernel::TapAttr addTap(llvm::StringRef name, int64_t heads, int64_t columns,
                         const TapRows &rows);
  /// Calls create(tap, rows, scores) for what the attention hands out of its
  /// scores and weights, so many columns for each head.
  template <class Op>
  mlir::LogicalResult
  tapWeights(Op op, int64_t columns,
             llvm::function_ref<void(kernel::TapAttr, const TapRows &,
                                     mlir::UnitAttr scores)>
                 create) {
    if (!op.getTap() && !op.getTapScores())
      return mlir::success();
    mlir::FailureOr<TapRows> at = tapRows(op, op.getQ());
    if (failed(at))
      return mlir::failure();
    if (op.getTapScores())
      create(addTap(*op.getTapScores(), op.getHeads(), columns, *at), *at,
             b.getUnitAttr());
    if (op.getTap())
      create(addTap(*op.getTap(), op.getHeads(), columns, *at), *at,
             mlir::UnitAttr());
    return mlir::success();
  }
  mlir::Value round(mlir::Location loc);

  /// Byte offset of a share of the cache of so many bytes; counts them up.
  mlir::Value takeSlot(mlir::Location loc, int64_t bytes);
  kernel::StateAttr stateOf(transformer::LinearAttentionOp attention);
  int64_t slotBytes(transformer::ShortConvOp op); ///< of its last rows
  kernel::Format cacheFormat();                   ///< as the module asks for
  kernel::CacheAttr cacheOf(transformer::AttentionOp attention);
  kernel::CacheAttr cacheOf(transformer::ScoreAttentionOp attention);
  kernel::CacheAttr cacheOf(transformer::CrossAttentionOp attention);
  /// Keys and values go into the cache at that offset.
  void intoCache(mlir::Location loc, mlir::Value k, mlir::Value v,
                 mlir::Value slot, kernel::CacheAttr cache);

  /// Whether rows of a decoder follow from its encoder's alone: NAME_encode
  /// makes them, once for a source.
  mlir::LogicalResult checkMemory(transformer::CrossAttentionOp op) const;
  bool areOfMemory(mlir::Value value) const { return ofMemory.contains(value); }

  using Region =
      llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::ValueRange)>;
  /// A map of `input` and extras by `region`.
  kernel::MapOp mapRows(mlir::Location loc, mlir::Value input,
                        mlir::ValueRange extras,
                        llvm::ArrayRef<kernel::Access> accesses,
                        kernel::Count count, int64_t period, Region region);

private:
  /// Rows of one kind: the step's own, of an expert, behind windows.
  struct Stage {
    mlir::Value step;
    int64_t capacity, context;
    mlir::Value firsts;  ///< of rows that windows made
    unsigned from = 0;   ///< the stage that they made them of
    bool isOver = false; ///< some of its sequences may have left
  };
  void enter(unsigned number);
  unsigned makeStage(unsigned from, kernel::WindowsAttr windows,
                     int64_t context);

  mlir::LogicalResult lowerBlock(mlir::Block &block);
  mlir::LogicalResult checkOperands(mlir::Operation *op);
  mlir::LogicalResult lowerOp(mlir::Operation *op);
  mlir::LogicalResult lowerLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult lowerMemory(mlir::Block &block);
  mlir::LogicalResult lowerMemoryOp(mlir::Operation *op);
  /// A loop of as many rounds; `body` fills it.
  mlir::LogicalResult
  repeat(mlir::scf::ForOp loop, mlir::ValueRange inits,
         llvm::function_ref<mlir::LogicalResult(mlir::scf::ForOp copy)> body);
  mlir::LogicalResult lowerExperts(transformer::ExpertsOp op);
  mlir::Value lowerExpert(transformer::ExpertsOp op, mlir::Value number,
                          mlir::Value lists, mlir::Value sum);
  /// Begins with a copy of the step from which sequences may leave, if there
  /// are exits.
  void beginExits();
  mlir::LogicalResult lowerExit(transformer::ExitOp op);
  /// From here on there are only rows of the sequences that are left.
  void enterRemaining(mlir::Location loc);
  /// Reports what reads rows that may be gone, or those of the caller.
  mlir::LogicalResult checkExits(mlir::Operation *op);
  /// The last sequences leave with these rows.
  mlir::LogicalResult endExits(mlir::Value result);
  mlir::LogicalResult findRotations();
  void findMemory(mlir::func::FuncOp decoder);
  int64_t cacheBytes(mlir::Block &block);
  int64_t ownBytes(mlir::Operation &op); ///< of the cache, by itself
  mlir::LogicalResult checkResults() const;
  mlir::func::FuncOp begin(llvm::StringRef name);
  void end(mlir::func::FuncOp function, mlir::Value output,
           kernel::Count count);
  void putOut(mlir::Value output);
  void describeRows(mlir::func::FuncOp function);

  mlir::IRMapping map;
  llvm::DenseMap<mlir::Value, kernel::Count> counts;
  llvm::SmallVector<Stage> stages;               ///< the step's own first
  llvm::DenseMap<mlir::Value, unsigned> stageOf; ///< 0 where nothing is said
  /// The stages that windows make of another.
  llvm::DenseMap<std::pair<unsigned, mlir::Attribute>, unsigned> unfolded;
  /// Steps of a stage that see another one.
  llvm::DenseMap<std::pair<unsigned, unsigned>, mlir::Value> seeing;
  int64_t mostSequences = std::numeric_limits<int32_t>::max(); ///< of a step
  unsigned stage = 0; ///< where the op is that is being lowered
  /// Head and rotated size of weights whose rows become rotary pairs.
  llvm::DenseMap<mlir::Operation *, std::pair<int64_t, int64_t>> rotations;
  llvm::DenseSet<mlir::Value> ofMemory; ///< in a decoder
  /// Later steps read what this one puts into the cache: each round of a loop
  /// has a share of its own.
  bool keepsRows = true;
  llvm::SmallVector<int64_t>
      tripCounts; ///< of the loops around, outermost first
  llvm::SmallVector<mlir::Value> inductions; ///< likewise
  llvm::SmallVector<mlir::Attribute> taps;
  mlir::Value whole, left; ///< with exits: the copy of the step, who is left
  mlir::Value cacheBase;   ///< byte offset of this block's share of the cache
  int64_t cacheUsed = 0;   ///< by the block so far
};

/// One file per op or family of ops.
mlir::LogicalResult lowerEmbed(Lowering &l, transformer::EmbedOp op);
mlir::LogicalResult lowerPosition(Lowering &l, transformer::PositionOp op);
mlir::LogicalResult lowerPatches(Lowering &l, transformer::PatchesOp op);
mlir::LogicalResult lowerUnfold(Lowering &l, transformer::UnfoldOp op);
mlir::LogicalResult lowerDepthwise(Lowering &l, transformer::DepthwiseOp op);
mlir::LogicalResult lowerShortConv(Lowering &l, transformer::ShortConvOp op);
mlir::LogicalResult lowerMix(Lowering &l, transformer::MixOp op);
mlir::LogicalResult lowerInput(Lowering &l, transformer::InputOp op);
mlir::LogicalResult lowerJoinHeads(Lowering &l, transformer::JoinHeadsOp op);
mlir::LogicalResult lowerQueries(Lowering &l, transformer::QueriesOp op);
mlir::LogicalResult lowerTypes(Lowering &l, transformer::TypesOp op);
mlir::LogicalResult lowerPrepend(Lowering &l, transformer::PrependOp op);
mlir::LogicalResult lowerOutputs(Lowering &l, transformer::OutputsOp op);
mlir::LogicalResult lowerPool(Lowering &l, transformer::PoolOp op);
mlir::LogicalResult lowerTap(Lowering &l, transformer::TapOp op);
mlir::LogicalResult lowerNorm(Lowering &l, transformer::NormOp op);
mlir::LogicalResult lowerLinear(Lowering &l, transformer::LinearOp op);
mlir::LogicalResult lowerHeadLinear(Lowering &l, transformer::HeadLinearOp op);
mlir::LogicalResult lowerRoute(Lowering &l, transformer::RouteOp op);
mlir::LogicalResult lowerActivation(Lowering &l, transformer::ActivationOp op);
mlir::LogicalResult lowerRotary(Lowering &l, transformer::RotaryOp op);
mlir::LogicalResult lowerScale(Lowering &l, transformer::ScaleOp op);
mlir::LogicalResult lowerGain(Lowering &l, transformer::GainOp op);
mlir::LogicalResult lowerSoftcap(Lowering &l, transformer::SoftcapOp op);
mlir::LogicalResult lowerBinary(Lowering &l, mlir::Operation *op);
mlir::LogicalResult lowerAttention(Lowering &l, transformer::AttentionOp op);
mlir::LogicalResult lowerCrossAttention(Lowering &l,
                                        transformer::CrossAttentionOp op);
mlir::LogicalResult lowerRandomFeatures(Lowering &l,
                                        transformer::RandomFeaturesOp op);
mlir::LogicalResult lowerLinearAttention(Lowering &l,
                                         transformer::LinearAttentionOp op);
mlir::LogicalResult lowerGridAttention(Lowering &l,
                                       transformer::GridAttentionOp op);
mlir::LogicalResult lowerScoreAttention(Lowering &l,
                                        transformer::ScoreAttentionOp op);

/// Whether sequences may leave in it.
bool holdsExits(mlir::Operation *op);

kernel::Divisor divisorOf(transformer::Normalise normalise);
kernel::Mask maskOf(transformer::Mask mask);

/// Columns of a matrix of the model.
inline int64_t width(mlir::Value matrix) {
  return llvm::cast<mlir::RankedTensorType>(matrix.getType()).getDimSize(1);
}

/// The pass `lower-to-kernel`: every model function becomes a step function.
std::unique_ptr<mlir::Pass> createLowerToKernel();

} // namespace lowering

#endif // COMPILER_LOWERING_LOWERING_H
