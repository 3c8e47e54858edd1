// The table of vector units, and how a triple and a CPU choose a row of it.
#include "compiler/Target/Target.h"

#include "runtime/abi.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"

#include <fmt/format.h>

using namespace llvm;

namespace {

/// Register tiles are rows x vectors of `lanes` floats; what is left of the
/// registers holds a row of the panel and a broadcast.
struct VectorUnit {
  Triple::ArchType arch;
  const char *needs; ///< LLVM features, as checkFeatures reads them
  uint32_t features; ///< TC_CPU_*
  int64_t lanes;
  int64_t matmul[2], gated[2], attention[2];
};

// The first row that a CPU satisfies is taken: best first.
const VectorUnit units[] = {
    {Triple::x86_64,
     "+avx512f,+avx512vl,+avx512bw,+avx512dq",
     TC_CPU_AVX2_FMA | TC_CPU_AVX512,
     16,
     {8, 3},
     {6, 4},
     {6, 4}},
    {Triple::x86_64, "+avx2,+fma", TC_CPU_AVX2_FMA, 8, {6, 2}, {6, 2}, {6, 2}},
    {Triple::aarch64, "+neon", TC_CPU_NEON, 4, {6, 4}, {6, 4}, {6, 4}},
};

std::string hostFeatures() {
  SubtargetFeatures features;
  for (const auto &[name, has] : sys::getHostCPUFeatures())
    features.AddFeature(name, has);
  return features.getString();
}

Error unknownCpu(const MCSubtargetInfo &info, StringRef cpu,
                 const Triple &triple) {
  StringRef nearest;
  unsigned best = ~0u;
  for (const SubtargetSubTypeKV &entry : info.getAllProcessorDescriptions()) {
    unsigned distance = cpu.edit_distance(StringRef(entry.Key));
    if (distance < best) {
      best = distance;
      nearest = StringRef(entry.Key);
    }
  }
  return createStringError(
      fmt::format("unknown cpu '{}' for {}; did you mean '{}'?", cpu.str(),
                  triple.str(), nearest.str()));
}

} // namespace

Expected<kernel::MachineAttr> target::describe(mlir::MLIRContext &context,
                                               StringRef tripleName,
                                               StringRef cpu) {
  static const bool initialised = [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    return true;
  }();
  (void)initialised;
  bool host = tripleName.empty();
  Triple triple(host ? sys::getDefaultTargetTriple()
                     : Triple::normalize(tripleName));
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  bool supported = llvm::any_of(units, [&](const VectorUnit &unit) {
    return unit.arch == triple.getArch();
  });
  if (!target || !supported)
    return createStringError(
        fmt::format("unsupported target '{}'; supported: x86_64-linux-gnu, "
                    "aarch64-linux-gnu",
                    tripleName.str()));
  std::string features;
  if (cpu == "native") {
    if (triple.getArch() != Triple(sys::getDefaultTargetTriple()).getArch())
      return createStringError(fmt::format("cpu 'native' is not a {} cpu",
                                           triple.getArchName().str()));
    features = hostFeatures();
  }
  std::string name = cpu == "native" ? sys::getHostCPUName().str() : cpu.str();
  if (name.empty())
    name = triple.isX86() ? "x86-64-v3" : "generic";
  std::unique_ptr<MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!info->isCPUStringValid(name))
    return unknownCpu(*info, name, triple);
  info.reset(target->createMCSubtargetInfo(triple, name, features));
  for (const VectorUnit &unit : units)
    if (unit.arch == triple.getArch() && info->checkFeatures(unit.needs))
      return kernel::MachineAttr::get(&context, triple.str(), name, features,
                                      unit.lanes, unit.matmul, unit.gated,
                                      unit.attention);
  return createStringError(
      fmt::format("cpu '{}' has no vector unit that kernels are written for: "
                  "x86-64 needs AVX2 and FMA (x86-64-v3)",
                  name));
}

uint32_t target::requiredFeatures(kernel::MachineAttr machine) {
  Triple triple(machine.getTriple());
  for (const VectorUnit &unit : units)
    if (unit.arch == triple.getArch() && unit.lanes == machine.getLanes())
      return unit.features;
  return 0;
}
