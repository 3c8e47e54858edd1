/* Pages from the system where it has them, calloc elsewhere. */
#include "runtime/memory.h"
#include "runtime/abi.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>

void *tc_memory_map(size_t bytes) {
  if (bytes > PTRDIFF_MAX)
    return NULL;
  void *block = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return block == MAP_FAILED ? NULL : block;
}

void tc_memory_unmap(void *block, size_t bytes) {
  if (block)
    munmap(block, bytes ? bytes : 1);
}

#else

/* The address that calloc gave lies just before the block. */
void *tc_memory_map(size_t bytes) {
  if (bytes > PTRDIFF_MAX - 2 * TC_ALIGN)
    return NULL;
  char *raw = calloc(1, bytes + 2 * TC_ALIGN);
  if (!raw)
    return NULL;
  uintptr_t block = ((uintptr_t)raw + 2 * TC_ALIGN - 1) / TC_ALIGN * TC_ALIGN;
  ((void **)block)[-1] = raw;
  return (void *)block;
}

void tc_memory_unmap(void *block, size_t bytes) {
  (void)bytes;
  if (block)
    free(((void **)block)[-1]);
}

#endif

static int isZero(const char *bytes, size_t count) {
  return count == 0 ||
         (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

void tc_memory_copy_lazily(void *fresh, const void *from, size_t bytes) {
  enum { PAGE = 4096 };
  for (size_t begin = 0; begin < bytes; begin += PAGE) {
    size_t count = bytes - begin < PAGE ? bytes - begin : PAGE;
    if (!isZero((const char *)from + begin, count))
      memcpy((char *)fresh + begin, (const char *)from + begin, count);
  }
}
