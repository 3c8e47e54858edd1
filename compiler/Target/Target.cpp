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
/// registers holds a row of the panel and a broadcast. Tiles of integers hold
/// as many sums of integers and of floats.
struct VectorUnit {
  Triple::ArchType arch;
  const char *needs;        ///< LLVM features, as checkFeatures reads them
  const char *instructions; ///< the LLVM CPU and
  const char *more;         ///< LLVM features that have what `features` says
  uint32_t features;        ///< TC_CPU_*
  int64_t lanes;
  int64_t matmul[2], gated[2], attention[2];
  kernel::Dot dot;
  int64_t integers[2], gatedIntegers[2];
  bool bf16; ///< dot products of pairs
};

// The first row that a CPU satisfies is taken: best first.
const VectorUnit units[] = {
    {Triple::x86_64,
     "+avx512f,+avx512vl,+avx512bw,+avx512dq,+avx512cd,+avx512vnni,"
     "+avx512bf16",
     "x86-64-v4",
     "+avx512vnni,+avx512bf16",
     TC_CPU_AVX2_FMA | TC_CPU_AVX512 | TC_CPU_AVX512_VNNI | TC_CPU_AVX512_BF16,
     16,
     {8, 3},
     {6, 4},
     {12, 2},
     kernel::Dot::Vpdpbusd,
     {4, 3},
     {3, 4},
     true},
    {Triple::x86_64,
     "+avx512f,+avx512vl,+avx512bw,+avx512dq,+avx512cd,+avx512vnni",
     "x86-64-v4",
     "+avx512vnni",
     TC_CPU_AVX2_FMA | TC_CPU_AVX512 | TC_CPU_AVX512_VNNI,
     16,
     {8, 3},
     {6, 4},
     {12, 2},
     kernel::Dot::Vpdpbusd,
     {4, 3},
     {3, 4},
     false},
    {Triple::x86_64,
     "+avx512f,+avx512vl,+avx512bw,+avx512dq,+avx512cd",
     "x86-64-v4",
     "",
     TC_CPU_AVX2_FMA | TC_CPU_AVX512,
     16,
     {8, 3},
     {6, 4},
     {12, 2},
     kernel::Dot::Pmaddwd,
     {3, 3},
     {2, 4},
     false},
    {Triple::x86_64,
     "+avx2,+fma,+f16c,+bmi,+bmi2,+lzcnt,+movbe",
     "x86-64-v3",
     "",
     TC_CPU_AVX2_FMA,
     8,
     {6, 2},
     {6, 2},
     {6, 2},
     kernel::Dot::Pmaddwd,
     {4, 2},
     {4, 2},
     false},
    {Triple::aarch64,
     "+neon,+dotprod",
     "generic",
     "+dotprod",
     TC_CPU_NEON | TC_CPU_NEON_DOTPROD,
     4,
     {6, 4},
     {6, 4},
     {6, 4},
     kernel::Dot::Sdot,
     {3, 4},
     {3, 4},
     false},
    {Triple::aarch64,
     "+neon",
     "generic",
     "",
     TC_CPU_NEON,
     4,
     {6, 4},
     {6, 4},
     {6, 4},
     kernel::Dot::Saddlp,
     {2, 4},
     {2, 4},
     false},
};

std::string hostFeatures() {
  SubtargetFeatures features;
  for (const auto &[name, has] : sys::getHostCPUFeatures())
    features.AddFeature(name, has);
  return features.getString();
}

/// Objects for Linux with 64-bit pointers; a bare triple is taken for that.
bool isSupported(const Triple &triple) {
  auto environment = triple.getEnvironment();
  return triple.isOSBinFormatELF() &&
         (triple.isOSLinux() || triple.getOS() == Triple::UnknownOS) &&
         (environment == Triple::UnknownEnvironment ||
          environment == Triple::GNU || environment == Triple::Musl) &&
         any_of(units, [&](const VectorUnit &unit) {
           return unit.arch == triple.getArch();
         });
}

const VectorUnit *unitOf(kernel::MachineAttr machine) {
  Triple triple(machine.getTriple());
  for (const VectorUnit &unit : units)
    if (unit.arch == triple.getArch() && unit.lanes == machine.getLanes() &&
        unit.more == machine.getFeatures())
      return &unit;
  return nullptr;
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
  if (!target || !isSupported(triple))
    return createStringError(
        fmt::format("unsupported target '{}'; supported: x86_64-linux-gnu, "
                    "aarch64-linux-gnu",
                    host ? triple.str() : tripleName.str()));
  std::string features;
  if (cpu == "native") {
    Triple here(sys::getDefaultTargetTriple());
    if (triple.getArch() != here.getArch())
      return createStringError(fmt::format(
          "cpu 'native' is this machine's, which is {}, but the target is '{}'",
          here.getArchName().str(), tripleName.str()));
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
      return kernel::MachineAttr::get(
          &context, triple.str(), name, unit.more, unit.lanes, unit.matmul,
          unit.gated, unit.attention,
          kernel::IntegersAttr::get(&context, unit.dot, unit.integers,
                                    unit.gatedIntegers),
          unit.bf16 ? mlir::UnitAttr::get(&context) : mlir::UnitAttr());
  return createStringError(
      fmt::format("cpu '{}' has no vector unit that kernels are written for: "
                  "{}",
                  name,
                  triple.isX86() ? "x86-64 needs AVX2 and FMA (x86-64-v3)"
                                 : "AArch64 needs NEON"));
}

uint32_t target::requiredFeatures(kernel::MachineAttr machine) {
  const VectorUnit *unit = unitOf(machine);
  return unit ? unit->features : 0;
}

StringRef target::instructionSet(kernel::MachineAttr machine) {
  const VectorUnit *unit = unitOf(machine);
  return unit ? StringRef(unit->instructions) : machine.getCpu();
}
