// A file that comes into being whole or not at all.
#ifndef COMPILER_WEIGHTS_OUTPUTFILE_H
#define COMPILER_WEIGHTS_OUTPUTFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

#include <cstdint>
#include <optional>
#include <string>

namespace weights {

/// Written beside `path` under another name; keep() syncs and renames it. It is
/// removed if it isn't kept, also when a signal ends the process.
class OutputFile {
public:
  /// An error right away if the disk has no room for `bytes`.
  static llvm::Expected<OutputFile> create(llvm::StringRef path,
                                           uint64_t bytes);
  OutputFile(OutputFile &&other);
  ~OutputFile();

  /// At the offset, all of it.
  llvm::Error write(uint64_t offset, llvm::ArrayRef<char> bytes);
  llvm::Error keep();

private:
  OutputFile(llvm::StringRef path, llvm::sys::fs::TempFile temporary)
      : path(path), temporary(std::move(temporary)) {}
  std::string path;
  std::optional<llvm::sys::fs::TempFile> temporary;
};

} // namespace weights

#endif // COMPILER_WEIGHTS_OUTPUTFILE_H
