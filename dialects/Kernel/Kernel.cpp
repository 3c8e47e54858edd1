// Registration and verifiers of the `kernel` dialect.
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

static int64_t countRows(ArrayAttr targets) {
  return llvm::count_if(targets, [](Attribute a) {
    return cast<TargetAttr>(a).getValue() == Target::Rows;
  });
}

LogicalResult MatmulOp::verify() {
  size_t parts = getColumns().size();
  if (getParts().size() != parts || getTargets().size() != parts) // c1
    return emitOpError() << "has " << parts << " parts but "
                         << getParts().size() << " regions and "
                         << getTargets().size() << " targets";
  if (getAccesses().size() != getExtras().size()) // c2
    return emitOpError() << "has " << getExtras().size() << " operands but "
                         << getAccesses().size() << " accesses";
  int64_t wanted = countRows(getTargets()) + (getNorm() ? 1 : 0);
  if (static_cast<int64_t>(getInits().size()) != wanted) // c3
    return emitOpError() << "needs " << wanted << " destinations, has "
                         << getInits().size();
  bool caches = countRows(getTargets()) != static_cast<int64_t>(parts);
  if (caches && (!getSlot() || !getCache())) // c4
    return emitOpError("writes a cache and needs a slot and the cache's shape");
  for (Region &region : getParts())
    if (region.getNumArguments() != getAccumulators() + getExtras().size())
      return emitOpError() << "region has " << region.getNumArguments()
                           << " arguments for " << getAccumulators()
                           << " accumulators and " << getExtras().size()
                           << " operands";
  return success();
}

LogicalResult MapOp::verify() {
  if (getAccesses().size() != getExtras().size())
    return emitOpError() << "has " << getExtras().size() << " operands but "
                         << getAccesses().size() << " accesses";
  bool rows = getTarget() == Target::Rows;
  if (getInits().size() != (rows ? 1u : 0u))
    return emitOpError() << "needs " << (rows ? 1 : 0) << " destinations, has "
                         << getInits().size();
  if (!rows && (!getSlot() || !getCache()))
    return emitOpError("writes a cache and needs a slot and the cache's shape");
  if (getBody().getNumArguments() != 1 + getExtras().size())
    return emitOpError() << "region has " << getBody().getNumArguments()
                         << " arguments for the input and "
                         << getExtras().size() << " operands";
  return success();
}
