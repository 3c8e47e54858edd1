// Registration of the `kernel` dialect.
#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

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

ScheduleAttr MachineAttr::scheduleOf(Format format,
                                     int64_t accumulators) const {
  auto make = [&](ArrayRef<int64_t> tile, DotAttr dot) {
    return ScheduleAttr::get(getContext(), tile[0], tile[1], getLanes(), dot);
  };
  if (format == Format::F32 || format == Format::Bf16)
    return make(accumulators == 1 ? getMatmul() : getGated(), DotAttr());
  IntegersAttr integers = getIntegers();
  if (!integers)
    return nullptr;
  return make(accumulators == 1 ? integers.getMatmul() : integers.getGated(),
              DotAttr::get(getContext(), integers.getDot()));
}

MemRefType kernel::panelType(MLIRContext *context, Format format,
                             int64_t panels, int64_t columns, int64_t panel) {
  Type word = IntegerType::get(context, 32);
  int64_t groups = llvm::divideCeil(columns, groupColumns);
  int64_t scales = panel / 2;
  switch (format) {
  case Format::F32:
    return MemRefType::get({panels, columns, panel}, Float32Type::get(context));
  case Format::Bf16:
    return MemRefType::get({panels, (columns + 1) / 2, panel}, word);
  case Format::Int8:
    return MemRefType::get({panels, groups, 8 * panel + scales}, word);
  case Format::Int4:
    return MemRefType::get({panels, groups, 4 * panel + scales}, word);
  }
  llvm_unreachable("every format is above");
}

int64_t kernel::panelOf(Format format, MemRefType type) {
  int64_t width = type.getDimSize(2);
  if (format == Format::Int8) // 8 words and half a word for each column
    return width * 2 / 17;
  return format == Format::Int4 ? width * 2 / 9 : width;
}

int64_t kernel::wordsOf(Format format, int64_t columns) {
  return format == Format::Bf16
             ? (columns + 1) / 2
             : llvm::divideCeil(columns, groupColumns) * groupWords;
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

StringRef kernel::nameOf(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>(nameAttrName);
  return name ? name.getValue() : "";
}

bool kernel::isKernel(Operation *op) {
  return isa<DestinationStyleOpInterface>(op) &&
         isa_and_present<KernelDialect>(op->getDialect());
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
