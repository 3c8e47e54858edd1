// Tables that follow from a model's sizes: computed in double, rounded once.
#ifndef COMPILER_WEIGHTS_TABLES_H
#define COMPILER_WEIGHTS_TABLES_H

#include "compiler/Weights/Layout.h"
#include "compiler/Weights/TensorSource.h"

namespace weights {

/// Rows of the table that a part with a generated origin stands for. The part
/// must outlive the reader.
std::unique_ptr<RowReader> makeTable(const Part &part);

} // namespace weights

#endif // COMPILER_WEIGHTS_TABLES_H
