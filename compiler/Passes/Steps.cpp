// Where layers change the number of rows, kernels read one step and write
// another.
#include "compiler/Passes/Steps.h"

using namespace mlir;

Value passes::stepOf(Operation *kernel) {
  if (auto unfold = dyn_cast<kernel::UnfoldOp>(kernel))
    return unfold.getMade();
  if (auto depthwise = dyn_cast<kernel::DepthwiseOp>(kernel))
    return depthwise.getMade();
  if (auto mix = dyn_cast<kernel::MixOp>(kernel))
    return mix.getMade();
  for (Value operand : kernel->getOperands())
    if (isa<kernel::StepType>(operand.getType()))
      return operand;
  return {};
}
