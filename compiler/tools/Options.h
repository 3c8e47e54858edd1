// The command line of transformer-compile.
#ifndef COMPILER_TOOLS_OPTIONS_H
#define COMPILER_TOOLS_OPTIONS_H

#include "compiler/Pipeline/Pipeline.h"
#include "compiler/Spec/Spec.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tool {

/// What is written, by the words of --emit.
enum class Emit { Spec, Transformer, Kernel, Loops, Llvm, Asm, Obj, Exe };

struct Options {
  std::string input, output, tokenizer, text, cpu, triple, libraries;
  Emit emit = Emit::Exe;
  std::optional<pipeline::Stage> until;
  std::optional<spec::Dtype> dtype; ///< instead of the model's own
  bool pairs = false;               ///< --compute=bf16
  spec::Dtype cache = spec::Dtype::F32;
  int64_t context = 0; ///< 0: the model's own
  std::string tower;   ///< of an imported model that has two
  uint64_t seed = 0;
  bool verbose = false, verify = false;
  std::string schedule;    ///< file of register tiles
  bool report = false;     ///< a line for each kernel
  bool profile = false;    ///< kernels report their times
  bool verifyOnly = false; ///< nothing to write was named
};

/// Reads the command line. On --help, --version or wrong usage it prints what
/// is due and sets `exitCode`; then there are no options.
std::optional<Options> readCommandLine(int argc, char **argv, int &exitCode);

} // namespace tool

#endif // COMPILER_TOOLS_OPTIONS_H
