// Redraws one line of standard error when the percentage has changed.
#include "compiler/tools/Progress.h"

#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <unistd.h>

using namespace tool;

Progress::Progress(llvm::StringRef what)
    : what(what), terminal(isatty(STDERR_FILENO)) {}

Progress::~Progress() {
  if (terminal && percent >= 0)
    llvm::errs() << "\r\033[K";
}

void Progress::show(uint64_t done, uint64_t total) {
  int now = total ? static_cast<int>(done * 100 / total) : 100;
  if (!terminal || now == percent)
    return;
  percent = now;
  llvm::errs() << fmt::format("\r{} [{:<40}] {}%", what.str(),
                              std::string(now * 40 / 100, '#'), now);
  llvm::errs().flush();
}
