// Functions for the pieces of a kernel: what they need of the step function is
// computed again inside, so that only the step and loop variables are passed.
#include "compiler/Kernels/Emitter.h"

#include "mlir/Dialect/LLVMIR/LLVMAttrs.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace kernels;

void kernels::collectLeaves(ValueRange values, SmallVectorImpl<Value> &leaves) {
  for (Value value : values) {
    Operation *def = value.getDefiningOp();
    if (def && isPure(def) && def->getNumRegions() == 0)
      collectLeaves(def->getOperands(), leaves);
    else if (!llvm::is_contained(leaves, value))
      leaves.push_back(value);
  }
}

Value kernels::rematerialise(OpBuilder &b, Value value, IRMapping &map) {
  if (Value known = map.lookupOrNull(value))
    return known;
  Operation *def = value.getDefiningOp();
  for (Value operand : def->getOperands())
    rematerialise(b, operand, map);
  b.clone(*def, map);
  return map.lookup(value);
}

std::string kernels::functionName(Operation *kernel, StringRef suffix) {
  auto func = kernel->getParentOfType<func::FuncOp>();
  auto module = func->getParentOfType<ModuleOp>();
  std::string base = (func.getName() + "_" + suffix).str(), name = base;
  for (int i = 2; module.lookupSymbol(name); ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

KernelFunction::KernelFunction(Operation *kernel, StringRef suffix,
                               ValueRange values, unsigned extraIndices)
    : b(kernel->getContext()) {
  collectLeaves(values, leaves);
  SmallVector<Type> types;
  for (Value leaf : leaves)
    types.push_back(leaf.getType());
  types.append(extraIndices, b.getIndexType());
  auto module = kernel->getParentOfType<ModuleOp>();
  Location loc = kernel->getLoc();
  OpBuilder atEnd = OpBuilder::atBlockEnd(module.getBody());
  func = func::FuncOp::create(atEnd, loc, functionName(kernel, suffix),
                              b.getFunctionType(types, {}));
  func.setPrivate();
  func->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
  Block *entry = func.addEntryBlock();
  b.setInsertionPointToEnd(entry);
  auto ret = func::ReturnOp::create(b, loc);
  b.setInsertionPoint(ret);
  for (auto [leaf, argument] : llvm::zip(leaves, entry->getArguments()))
    map.map(leaf, argument);
  for (Value value : values)
    rematerialise(b, value, map);
}

Value KernelFunction::extra(unsigned i) {
  return func.getArgument(leaves.size() + i);
}

Value KernelFunction::operator[](Value value) { return map.lookup(value); }

void KernelFunction::call(Emitter &e, ValueRange extras) {
  SmallVector<Value> arguments(leaves);
  llvm::append_range(arguments, extras);
  func::CallOp::create(e.b, e.loc, func, arguments);
}

void kernels::forRows(
    Operation *op, StringRef name, kernel::Count count, Value step,
    ArrayRef<Value> buffers,
    llvm::function_ref<void(Emitter &, KernelFunction &, Value)> body) {
  OpBuilder b(op);
  Emitter e(b, op->getLoc());
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, buffers);
  KernelFunction f(op, name, values, 1);
  Emitter inside(f.builder(), op->getLoc());
  body(inside, f, f.extra(0));
  Value n =
      kernel::CountOp::create(b, op->getLoc(), b.getIndexType(), count, step);
  e.parallel(n, [&](Value row) { f.call(e, {row}); });
  op->erase();
}
