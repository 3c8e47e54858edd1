/* Asks the CPU, and the system where it must save the registers too. */
#include "runtime/cpu.h"
#include "runtime/abi.h"

#ifdef __linux__
#include <sched.h>
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

#if defined(__x86_64__)
#include <cpuid.h>

static int has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

static uint64_t savedRegisters(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

uint32_t tc_cpu_features(void) {
  enum { OSXSAVE = 1 << 27, YMM = 0x6, ZMM = 0xe6 };
  uint32_t a, b, c, d, b7, c7, d7, features = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, OSXSAVE) ||
      !__get_cpuid_count(7, 0, &a, &b7, &c7, &d7))
    return 0;
  uint32_t a71 = 0, c80 = 0, other;
  if (a >= 1)
    __get_cpuid_count(7, 1, &a71, &other, &other, &other);
  __get_cpuid(0x80000001, &other, &other, &c80, &other);

  /* AVX, FMA, F16C, MOVBE; AVX2, BMI1, BMI2; LZCNT */
  if ((savedRegisters() & YMM) == YMM &&
      has(c, 1u << 28 | 1u << 12 | 1u << 29 | 1u << 22) &&
      has(b7, 1u << 5 | 1u << 3 | 1u << 8) && has(c80, 1u << 5))
    features |= TC_CPU_AVX2_FMA;
  /* F, DQ, CD, BW, VL */
  if (features && (savedRegisters() & ZMM) == ZMM &&
      has(b7, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)) {
    features |= TC_CPU_AVX512;
    if (has(c7, 1u << 11))
      features |= TC_CPU_AVX512_VNNI;
    if (has(a71, 1u << 5))
      features |= TC_CPU_AVX512_BF16;
  }
  return features;
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

uint32_t tc_cpu_features(void) {
  enum { ASIMD = 1 << 1, ASIMDDP = 1 << 20 };
  unsigned long has = getauxval(AT_HWCAP);
  if (!(has & ASIMD))
    return 0;
  return has & ASIMDDP ? TC_CPU_NEON | TC_CPU_NEON_DOTPROD : TC_CPU_NEON;
}

#elif defined(__aarch64__)
uint32_t tc_cpu_features(void) { return TC_CPU_NEON; }
#else
uint32_t tc_cpu_features(void) { return 0; }
#endif

const char *tc_cpu_feature_name(uint32_t features) {
  if (features & TC_CPU_AVX2_FMA)
    return "AVX2 with FMA";
  if (features & TC_CPU_AVX512)
    return "AVX-512";
  if (features & TC_CPU_AVX512_VNNI)
    return "AVX-512 VNNI";
  if (features & TC_CPU_AVX512_BF16)
    return "AVX-512 BF16";
  if (features & TC_CPU_NEON)
    return "NEON";
  if (features & TC_CPU_NEON_DOTPROD)
    return "NEON dot products";
  return "an instruction set unknown to this runtime";
}

int tc_cpu_count(void) {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0 &&
      CPU_COUNT(&allowed) > 0)
    return CPU_COUNT(&allowed);
#endif
#if defined(_SC_NPROCESSORS_ONLN)
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  if (count > 0)
    return (int)count;
#endif
  return 1;
}
