// Rows and tiles of a sequence, as the runtime would write them.
#include "compiler/Kernels/StepArrays.h"

using namespace mlir;
using namespace kernels;

Value StepArrays::put(Emitter &e, const Sequence &of, Value first,
                      llvm::function_ref<void(Value)> each) const {
  Value zero = e.index(0), one = e.index(1);
  e.loop(zero, of.rows, 1, [&](Value i) {
    Value at = e.add(of.first, i);
    if (each)
      each(at);
    e.store(e.asWord(i), positions, {at});
    e.store(of.low, caches, {at, zero});
    e.store(of.high, caches, {at, one});
  });
  auto putTile = [&](Value i, ValueRange next) -> SmallVector<Value> {
    Value count = e.min(e.sub(of.rows, i), e.index(tile));
    for (auto [k, word] : llvm::enumerate(
             SmallVector<Value>{e.add(of.first, i), count, of.rows, of.number}))
      e.store(e.asWord(word), tiles, {next[0], e.index(int64_t(k))});
    return {e.add(next[0], 1)};
  };
  return e.loop(zero, of.rows, tile, {first}, putTile)[0];
}
