// Any bytes: no crash, and what is taken survives its canonical form. Built
// with -DTRANSFORMER_FUZZERS=ON; run as SpecFuzzer -dict=data/spec.dict CORPUS
// data.
#include "compiler/Spec/Parser.h"

#include <cstdlib>

static std::optional<spec::Spec> parse(llvm::StringRef text) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text, "fuzz.yaml"), llvm::SMLoc());
  sources.setDiagHandler([](const llvm::SMDiagnostic &, void *) {});
  return spec::parseSpec(sources);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  auto first = parse({reinterpret_cast<const char *>(bytes), size});
  if (!first)
    return 0;
  std::string text = spec::printSpec(*first);
  auto second = parse(text);
  if (!second || spec::printSpec(*second) != text ||
      spec::countParameters(*first) != spec::countParameters(*second))
    std::abort();
  return 0;
}
