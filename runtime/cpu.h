/* Which instruction sets this CPU and its system offer. */
#ifndef TRANSFORMER_RUNTIME_CPU_H
#define TRANSFORMER_RUNTIME_CPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sum of TC_CPU_*. */
uint32_t tc_cpu_features(void);

/* Name of the lowest feature of a nonempty sum: "AVX-512". */
const char *tc_cpu_feature_name(uint32_t features);

/* Number of CPUs that this process may run on, at least 1. */
int tc_cpu_count(void);

#ifdef __cplusplus
}
#endif
#endif
