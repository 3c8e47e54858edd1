// Temporary files, renames, and the one subprocess: the linker.
#include "compiler/Emit/Files.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <fmt/format.h>

#include <unistd.h>

using namespace llvm;

static Error failure(StringRef path, std::error_code code) {
  return createStringError(fmt::format("{}: {}", path.str(), code.message()));
}

/// A name in the same folder, so that a rename moves no bytes.
static Expected<std::string> temporaryBeside(StringRef path, int &fd) {
  SmallString<256> name;
  if (auto code = sys::fs::createUniqueFile(path + ".%%%%%%.tmp", fd, name))
    return failure(path, code);
  sys::RemoveFileOnSignal(name);
  return name.str().str();
}

/// A device or pipe is written to, not replaced.
static Error writeInPlace(StringRef path, StringRef bytes) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  if (!code) {
    stream << bytes;
    stream.flush();
    code = stream.error();
    stream.clear_error();
  }
  return code ? failure(path, code) : Error::success();
}

Error emit::writeFile(StringRef path, StringRef bytes) {
  if (sys::fs::exists(path) && !sys::fs::is_regular_file(path))
    return writeInPlace(path, bytes);
  int fd;
  auto name = temporaryBeside(path, fd);
  if (!name)
    return name.takeError();
  scope_exit discard([&] { sys::fs::remove(*name); });
  std::error_code code;
  {
    raw_fd_ostream stream(fd, /*shouldClose=*/false);
    stream << bytes;
    stream.flush();
    code = stream.error();
    stream.clear_error();
  }
  if (!code && fsync(fd) != 0 && errno != EINVAL)
    code = std::error_code(errno, std::generic_category());
  close(fd);
  if (!code)
    code = sys::fs::setPermissions(
        *name, static_cast<sys::fs::perms>(0666 & ~sys::fs::getUmask()));
  if (!code)
    code = sys::fs::rename(*name, path);
  if (code)
    return failure(path, code);
  discard.release();
  sys::DontRemoveFileOnSignal(*name);
  return Error::success();
}

namespace {
/// What makes a program of objects for a machine.
struct Linker {
  std::string path;
  std::string libraries; ///< the folder of the runtime's
  bool foreign;          ///< programs for another machine than this
};
} // namespace

static Expected<Linker> findLinker(const Triple &triple, StringRef libraries) {
  Triple here(sys::getProcessTriple());
  std::string system = (triple.getArchName() + "-linux-gnu").str();
  Linker linker{"", libraries.str(), triple.getArch() != here.getArch()};
  std::string name = linker.foreign ? system + "-gcc" : "cc";
  auto path = sys::findProgramByName(name);
  if (!path)
    return createStringError(fmt::format(
        "'{}' is needed to link a program for {}; install {}, or stop at the "
        "object with -c",
        name, triple.str(), linker.foreign ? "gcc-" + system : "a C compiler"));
  linker.path = *path;
  if (!linker.foreign)
    return linker;
  linker.libraries += "/" + system;
  if (!sys::fs::exists(linker.libraries + "/libtransformer_runtime.a"))
    return createStringError(fmt::format(
        "no runtime libraries for {} in '{}'; configure and build "
        "transformer-compile again now that '{}' is there, or stop at the "
        "object with -c",
        triple.str(), linker.libraries, name));
  return linker;
}

Error emit::linkProgram(StringRef path, ArrayRef<StringRef> objects,
                        StringRef libraries, kernel::MachineAttr machine) {
  Triple triple(machine.getTriple());
  auto linker = findLinker(triple, libraries);
  if (!linker)
    return linker.takeError();
  SmallVector<std::string> files;
  scope_exit discard([&] {
    for (const std::string &file : files)
      sys::fs::remove(file);
  });
  for (StringRef object : objects) {
    int fd;
    auto name = temporaryBeside(path, fd);
    if (!name)
      return name.takeError();
    files.push_back(*name);
    raw_fd_ostream(fd, /*shouldClose=*/true) << object;
  }
  int fd;
  auto program = temporaryBeside(path, fd);
  if (!program)
    return program.takeError();
  close(fd);
  files.push_back(*program);
  SmallVector<std::string> words{linker->path, "-o", *program};
  // A program for elsewhere brings its C library along.
  if (linker->foreign)
    words.push_back("-static");
  // The objects have the linker's own suffix-independent kind: ELF.
  words.append(files.begin(), files.end() - 1);
  words.push_back(fmt::format("-L{}", linker->libraries));
  for (const char *word : {"-ltransformer_program", "-ltransformer_text",
                           "-ltransformer_runtime", "-lm", "-lpthread"})
    words.push_back(word);
  SmallVector<StringRef> arguments(words.begin(), words.end());
  std::string error;
  int status = sys::ExecuteAndWait(linker->path, arguments, std::nullopt, {}, 0,
                                   0, &error);
  if (status != 0)
    return createStringError(fmt::format("linking {} failed ({}){}", path.str(),
                                         linker->path, error));
  if (auto code = sys::fs::rename(*program, path))
    return failure(path, code);
  files.pop_back();
  return Error::success();
}
