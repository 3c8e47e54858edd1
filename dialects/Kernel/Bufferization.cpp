// Kernel ops under one-shot bufferization: the same op on buffers. What reads
// and writes the same row or element may share a buffer.
#include "dialects/Kernel/Kernel.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace {

/// Whether writing a destination may overwrite this operand on the way: the
/// kernel reads of it only what it then writes in that place.
bool isReadInStep(Operation *op, OpOperand &operand) {
  auto dst = cast<DestinationStyleOpInterface>(op);
  if (dst.isDpsInit(&operand))
    return true;
  unsigned index = operand.getOperandNumber();
  if (auto matmul = dyn_cast<kernel::MatmulOp>(op)) {
    auto [first, count] = matmul.getODSOperandIndexAndLength(4);
    return index >= first && index < first + count;
  }
  return isa<kernel::MapOp, kernel::NormOp>(op);
}

template <typename Op>
struct KernelModel
    : DstBufferizableOpInterfaceExternalModel<KernelModel<Op>, Op> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return isa<kernel::PrependOp, kernel::TypesOp, kernel::AddRowsOp,
               kernel::LeaveOp>(op) ||
           !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &,
                                     ArrayRef<OpOperand *> operands) const {
    return llvm::all_of(operands,
                        [&](OpOperand *o) { return isReadInStep(op, *o); });
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    OperationState newOp(op->getLoc(), op->getName(), operands, TypeRange(),
                         op->getAttrs());
    newOp.propertiesAttr = op->getPropertiesAsAttribute();
    for (Region &region : op->getRegions())
      newOp.addRegion()->takeBody(region);
    rewriter.create(newOp);
    auto inits = cast<DestinationStyleOpInterface>(op).getDpsInitsMutable();
    SmallVector<Value> buffers;
    for (OpOperand &init : inits)
      buffers.push_back(operands[init.getOperandNumber()]);
    replaceOpWithBufferizedValues(rewriter, op, buffers);
    return success();
  }
};

template <typename... Ops> void attach(MLIRContext *context) {
  (Ops::template attachInterface<KernelModel<Ops>>(*context), ...);
}

} // namespace

void kernel::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernelDialect *) {
    attach<MatmulOp, HeadMatmulOp, MapOp, NormOp, QuantiseOp, AttentionOp,
           ScoreAttentionOp, RandomFeaturesOp, LinearAttentionOp,
           GridAttentionOp, EmbedOp, PatchesOp, TypesOp, PrependOp, GatherOp,
           PoolOp, UnfoldOp, DepthwiseOp, ShortConvOp, MixOp, JoinHeadsOp,
           TapOp, TapWeightsOp, RouteOp, ListRowsOp, TakeRowsOp, AddRowsOp,
           LeaveOp>(context);
  });
}
