// The compiler's command: options, one compilation, an exit code.
#include "compiler/tools/Compilation.h"

#include "llvm/Support/InitLLVM.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  int exitCode = 0;
  auto options = tool::readCommandLine(argc, argv, exitCode);
  if (!options)
    return exitCode;
  return tool::Compilation(*options).run();
}
