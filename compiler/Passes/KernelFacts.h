// What a kernel does in numbers: for reports and profiles.
#ifndef COMPILER_PASSES_KERNELFACTS_H
#define COMPILER_PASSES_KERNELFACTS_H

#include "dialects/Kernel/Kernel.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>
#include <vector>

namespace passes {

/// The values of a tc_kernel (runtime/abi.h). Flops are those of multiply-adds;
/// what regions and norms compute besides is not counted.
struct KernelFacts {
  std::string name;
  std::string kind;               ///< the op: "matmul"
  std::string shape;              ///< "768 x 2304 f32"
  std::string schedule;           ///< "8 x 3 x 16", "" if it has none
  kernel::Count count;            ///< what its rows are
  std::optional<kernel::Dot> dot; ///< by which integers are multiplied
  bool pairs = false;             ///< dot products of pairs of bf16
  bool causal = false,
       source = false;     ///< attention: rows see earlier ones only ...
  int64_t window = 0;      ///< ... and of these so many; 0: all
  int64_t weightBytes = 0; ///< read once a call
  int64_t rowFlops = 0, rowBytes = 0; ///< of each row
  int64_t pairFlops = 0;              ///< of a row and a key that it sees
  int64_t keyBytes = 0;               ///< of a key that rows of a step see
};

/// Of all kernels of a module, in order of the text.
std::vector<KernelFacts> factsOf(mlir::ModuleOp module);

} // namespace passes

#endif // COMPILER_PASSES_KERNELFACTS_H
