// Which arithmetic a matmul has, and that of f32: k ascending, one fma each;
// what a tile brings of the next panel; tiles for any number of rows.
#include "compiler/Kernels/Multiply.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

SmallVector<Value> Tile::rowIndices(Emitter &e) const {
  SmallVector<Value> indices;
  for (int64_t i = 0; i < rows; ++i)
    indices.push_back(e.add(row, i));
  return indices;
}

Value Tile::column(Emitter &e, Value k) const {
  return first ? e.add(first, k) : k;
}

SmallVector<Value> Tile::zeros(Emitter &e) const {
  return SmallVector<Value>(rows * vectors, e.splat(0, lanes));
}

int64_t kernels::stepsPerIndex(Format format) {
  return format == Format::Int8 ? 8 : format == Format::Int4 ? 4 : 1;
}

// A line of the cache has 16 words. Two a step leave most of the loads to the
// multiplication, and are enough where a panel has two tiles or more.
int64_t Ahead::linesOf(Value weight, Format format) {
  int64_t words = llvm::divideCeil(dimOf(weight, 2), stepsPerIndex(format));
  return std::clamp<int64_t>((words + 8) / 16, 1, 2);
}

Ahead Ahead::of(Emitter &e, Value weight, Format format, Value tile,
                Value tiles) {
  int64_t lines = linesOf(weight, format);
  int64_t ofTile = dimOf(weight, 1) * stepsPerIndex(format) * lines;
  int64_t all = dimOf(weight, 1) * dimOf(weight, 2);
  // Rounded up.
  Value share = arith::DivUIOp::create(
      e.b, e.loc, e.add(tiles, llvm::divideCeil(all, ofTile) - 1), tiles);
  return {e.min(e.mul(tile, e.mul(share, ofTile)), e.index(all)), share, lines};
}

void Tile::fetch(Emitter &e, Value step) const {
  if (!ahead.lines)
    return;
  Value next = e.add(panel, 1), line = e.mul(step, ahead.lines);
  for (int64_t i = 0; i < ahead.lines; ++i) {
    Value at = e.add(ahead.first, e.mul(e.add(line, i), ahead.share));
    e.prefetch(weight, {next, e.index(0), at}, /*locality=*/2);
  }
}

SmallVector<Value> kernels::multiplyF32(Emitter &e, const Tile &t) {
  int64_t depth = cast<MemRefType>(t.weight.getType()).getDimSize(1);
  SmallVector<Value> rows = t.rowIndices(e);
  return e.loop(
      e.index(0), e.index(depth), 1, t.zeros(e), [&](Value k, ValueRange sums) {
        t.fetch(e, k);
        Value column = t.column(e, k);
        SmallVector<Value> next, w;
        for (int64_t j = 0; j < t.vectors; ++j)
          w.push_back(
              e.load(t.weight, {t.panel, k, e.index(j * t.lanes)}, t.lanes));
        for (int64_t i = 0; i < t.rows; ++i) {
          Value x =
              e.broadcast(e.loadScalar(t.input, {rows[i], column}), t.lanes);
          for (int64_t j = 0; j < t.vectors; ++j)
            next.push_back(e.fma(x, w[j], sums[i * t.vectors + j]));
        }
        return next;
      });
}

Multiply kernels::multiplyOf(Format format, Value input) {
  switch (format) {
  case Format::F32:
    return multiplyF32;
  case Format::Bf16:
    return cast<MemRefType>(input.getType()).getElementType().isF32()
               ? multiplyBf16
               : multiplyPairs;
  case Format::Int8:
    return multiplyInt8;
  case Format::Int4:
    return multiplyInt4;
  }
  llvm_unreachable("every format is above");
}

void kernels::forTiles(Emitter &e, Value count, int64_t height,
                       llvm::function_ref<void(int64_t rows, Value row)> body) {
  Value left = e.rem(count, height), full = e.sub(count, left);
  e.loop(e.index(0), full, height, [&](Value row) { body(height, row); });
  if (height == 1)
    return;
  SmallVector<int64_t> cases;
  for (int64_t rows = 1; rows < height; ++rows)
    cases.push_back(rows);
  auto choice = scf::IndexSwitchOp::create(e.b, e.loc, TypeRange(), left, cases,
                                           cases.size());
  OpBuilder::InsertionGuard guard(e.b);
  for (auto [rows, region] : llvm::zip(cases, choice.getCaseRegions())) {
    e.b.setInsertionPointToEnd(&region.emplaceBlock());
    body(rows, full);
    scf::YieldOp::create(e.b, e.loc);
  }
  e.b.setInsertionPointToEnd(&choice.getDefaultRegion().emplaceBlock());
  scf::YieldOp::create(e.b, e.loc);
}
