// A file that comes into being whole or not at all.
#include "compiler/Weights/OutputFile.h"
#include "compiler/Weights/Fail.h"

#include "llvm/Support/Errno.h"

#include <cerrno>
#include <unistd.h>

using namespace llvm;

namespace weights {

Expected<OutputFile> OutputFile::create(StringRef path, uint64_t bytes) {
  // Renaming onto a device would replace it.
  sys::fs::file_status status;
  if (!sys::fs::status(path, status) && !sys::fs::is_regular_file(status))
    return fail("{}: exists and is not a regular file", path.str());
  Expected<sys::fs::TempFile> temporary =
      sys::fs::TempFile::create(path + ".tmp%%%%%%");
  if (!temporary)
    return fail("{}: {}", path.str(), toString(temporary.takeError()));
  OutputFile file(path, std::move(*temporary));
  ErrorOr<sys::fs::space_info> space =
      sys::fs::disk_space(file.temporary->TmpName);
  if (space && space->available < bytes)
    return fail("{}: takes {} bytes, {} are free on its disk", path.str(),
                bytes, space->available);
  return file;
}

OutputFile::OutputFile(OutputFile &&other)
    : path(std::move(other.path)), temporary(std::move(other.temporary)) {
  other.temporary.reset(); // moved from, but still there
}

OutputFile::~OutputFile() {
  if (temporary)
    consumeError(temporary->discard());
}

Error OutputFile::write(uint64_t offset, ArrayRef<char> bytes) {
  while (!bytes.empty()) {
    ssize_t count = sys::RetryAfterSignal(
        -1, ::pwrite, temporary->FD, bytes.data(), bytes.size(), off_t(offset));
    if (count < 0)
      return fail("{}: {}", path, sys::StrError());
    bytes = bytes.drop_front(size_t(count));
    offset += uint64_t(count);
  }
  return Error::success();
}

Error OutputFile::keep() {
  if (sys::RetryAfterSignal(-1, ::fsync, temporary->FD) != 0)
    return fail("{}: {}", path, sys::StrError());
  Error error = temporary->keep(path);
  temporary.reset();
  if (error)
    return fail("{}: {}", path, toString(std::move(error)));
  return Error::success();
}

} // namespace weights
