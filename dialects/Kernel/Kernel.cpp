// Registration of the `kernel` dialect.
#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace kernel;

#include "dialects/Kernel/KernelDialect.cpp.inc"
#include "dialects/Kernel/KernelEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/Kernel/KernelAttrs.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/Kernel/KernelTypes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/Kernel/KernelOps.cpp.inc"

void KernelDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/Kernel/KernelAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/Kernel/KernelTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/Kernel/KernelOps.cpp.inc"
      >();
}

MachineAttr kernel::targetOf(Operation *op) {
  auto module =
      isa<ModuleOp>(op) ? cast<ModuleOp>(op) : op->getParentOfType<ModuleOp>();
  auto target = module->getAttrOfType<MachineAttr>(targetAttrName);
  if (!target)
    op->emitError() << "the module has no '" << targetAttrName
                    << "' attribute: schedules need a target";
  return target;
}

void MapOp::build(OpBuilder &b, OperationState &state, Count count, Value step,
                  Value input, Target target, ValueRange inits, Value slot,
                  CacheAttr cache) {
  SmallVector<Type> results;
  for (Value init : inits)
    if (isa<TensorType>(init.getType()))
      results.push_back(init.getType());
  int64_t columns = cast<ShapedType>(input.getType()).getDimSize(1);
  build(b, state, results, count, step, input, ValueRange(), slot, inits,
        columns, target, b.getArrayAttr({}), cache, IntegerAttr(),
        IntegerAttr());
  OpBuilder::InsertionGuard guard(b);
  Block &body = state.regions[0]->emplaceBlock();
  b.setInsertionPointToEnd(&body);
  YieldOp::create(b, state.location,
                  body.addArgument(b.getF32Type(), state.location));
}

bool kernel::agreeOnPeriod(Operation *x, Operation *y) {
  // The period of an op's tables, null if it repeats none.
  auto periodOf = [](Operation *op) -> std::optional<Attribute> {
    auto accesses = op->getAttrOfType<ArrayAttr>("accesses");
    bool positions = llvm::any_of(accesses, [](Attribute access) {
      return cast<AccessAttr>(access).getValue() == Access::Positions;
    });
    if (!positions)
      return std::nullopt;
    return op->getAttr("period");
  };
  auto first = periodOf(x), second = periodOf(y);
  return !first || !second || *first == *second;
}
