// The compiler's command: options, one compilation, an exit code.
#include "compiler/tools/Compilation.h"

#include "llvm/Support/InitLLVM.h"

#include <csignal>

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // A file over the size limit is an error of write, not a crash.
  std::signal(SIGXFSZ, SIG_IGN);
  int exitCode = 0;
  auto options = tool::readCommandLine(argc, argv, exitCode);
  if (!options)
    return exitCode;
  return tool::Compilation(*options).run();
}
