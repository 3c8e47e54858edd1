// A progress bar, on terminals only.
#ifndef COMPILER_TOOLS_PROGRESS_H
#define COMPILER_TOOLS_PROGRESS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace tool {

class Progress {
public:
  explicit Progress(llvm::StringRef what);
  /// Leaves an empty line behind.
  ~Progress();
  void show(uint64_t done, uint64_t total);

private:
  llvm::StringRef what;
  bool terminal;
  int percent = -1;
};

} // namespace tool

#endif // COMPILER_TOOLS_PROGRESS_H
