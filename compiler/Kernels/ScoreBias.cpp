// Neighbouring keys have neighbouring columns of the table, so that a vector of
// biases is one load and no function of the distance is computed in a step.
#include "compiler/Kernels/ScoreBias.h"

using namespace mlir;
using namespace kernel;
using namespace kernels;

// The table ends in 16 columns alike on either side: where the keys lie beyond
// its end, so do the columns that are taken instead.
Value kernels::loadBias(Emitter &e, Value table, int64_t zero, Value head,
                        Value position, Value key) {
  int64_t columns = cast<MemRefType>(table.getType()).getDimSize(1);
  Value column = e.add(e.sub(key, position), e.index(zero));
  column = e.min(column, e.index(columns - partials));
  column = e.max(column, e.index(0));
  return e.load(table, {head, column}, partials);
}
