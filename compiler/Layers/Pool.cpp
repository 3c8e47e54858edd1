// One row stands for its sequence.
#include "compiler/Layers/LayerBuilder.h"

using namespace mlir;

namespace layers {

Value build(LayerBuilder &at, const spec::Layer &, const spec::Pool &pool,
            Value x) {
  auto kind = pool.kind == spec::PoolKind::First  ? transformer::PoolKind::First
              : pool.kind == spec::PoolKind::Mean ? transformer::PoolKind::Mean
                                                  : transformer::PoolKind::Last;
  return at.create<transformer::PoolOp>(kind, x, at.rows);
}

} // namespace layers
