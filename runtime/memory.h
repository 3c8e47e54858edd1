/* Large blocks of zeroed memory that cost nothing until they are touched. */
#ifndef TRANSFORMER_RUNTIME_MEMORY_H
#define TRANSFORMER_RUNTIME_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zeroed and aligned to at least TC_ALIGN; null if there is no more memory.
 * Zero bytes give a block too. */
void *tc_memory_map(size_t bytes);
void tc_memory_unmap(void *block, size_t bytes);

/* Copies a block into a fresh one. Pages of zeros stay untouched in the copy.
 */
void tc_memory_copy_lazily(void *fresh, const void *from, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
