// Steps allocate nothing, and when the system refuses memory or threads, at
// whatever call, that is reported and nothing is left behind. The linker puts
// the functions below in place of the system's (--wrap).
#include "FakeWeights.h"

#include "runtime/memory.h"
#include "runtime/session.h"

#include <gtest/gtest.h>

#include <pthread.h>
#include <sys/mman.h>

namespace {
/// Calls of the runtime so far, which of them fails, and blocks that are held.
int calls, failing = -1, held;
bool refuse() { return calls++ == failing; }
} // namespace

extern "C" {
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void __real_free(void *);
void *__real_mmap(void *, size_t, int, int, int, off_t);
int __real_munmap(void *, size_t);
int __real_pthread_create(pthread_t *, const pthread_attr_t *,
                          void *(*)(void *), void *);

void *__wrap_malloc(size_t bytes) {
  return refuse() ? nullptr : (++held, __real_malloc(bytes));
}
void *__wrap_calloc(size_t count, size_t bytes) {
  return refuse() ? nullptr : (++held, __real_calloc(count, bytes));
}
void __wrap_free(void *block) {
  held -= block != nullptr;
  __real_free(block);
}
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file,
                  off_t offset) {
  if (refuse()) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  ++held;
  return __real_mmap(at, bytes, protection, flags, file, offset);
}
int __wrap_munmap(void *at, size_t bytes) {
  --held;
  return __real_munmap(at, bytes);
}
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*body)(void *), void *state) {
  return refuse() ? EAGAIN
                  : __real_pthread_create(thread, attributes, body, state);
}
}

namespace {

struct AllocationTest : testing::Test {
  TemporaryFolder folder;
  std::string path = folder / "weights";
  AllocationTest() {
    writeFile(path, fakeFile());
    calls = held = 0;
    failing = -1;
  }
  ~AllocationTest() override { failing = -1; }

  /// Everything that allocates, once; the first error.
  tc_status useAll() {
    tc_engine *engine = nullptr;
    tc_session *session = nullptr, *copy = nullptr;
    tc_error error;
    const int32_t tokens[] = {1, 2, 3};
    float row[FAKE_VOCAB];
    tc_status status =
        tc_engine_open(&fake_language_model, path.c_str(), 3, &engine, &error);
    if (!status)
      status = tc_session_create(engine, &session);
    if (!status)
      status = tc_session_append(session, tokens, 3, row);
    if (!status)
      status = tc_session_fork(session, &copy);
    tc_session_destroy(copy);
    tc_session_destroy(session);
    tc_engine_destroy(engine);
    return status;
  }
};

TEST_F(AllocationTest, everyRefusalIsReportedAndLeavesNothing) {
  ASSERT_EQ(useAll(), TC_OK);
  ASSERT_EQ(held, 0);
  int all = calls;
  ASSERT_GT(all, 8);
  for (failing = 0; failing < all; ++failing) {
    calls = 0;
    tc_status status = useAll();
    EXPECT_TRUE(status == TC_NO_MEMORY || status == TC_NO_THREADS)
        << "call " << failing << ": " << tc_status_text(status);
    EXPECT_EQ(held, 0) << "call " << failing;
  }
}

TEST_F(AllocationTest, stepsAllocateNothing) {
  tc_engine *engine;
  tc_session *session;
  ASSERT_EQ(
      tc_engine_open(&fake_language_model, path.c_str(), 2, &engine, nullptr),
      TC_OK);
  ASSERT_EQ(tc_session_create(engine, &session), TC_OK);
  int32_t tokens[FAKE_CONTEXT] = {};
  std::vector<float> rows(FAKE_CONTEXT * FAKE_VOCAB);
  int before = calls;
  for (int run = 0; run < 10; ++run) {
    EXPECT_EQ(tc_session_append_all(session, tokens, FAKE_CONTEXT, &rows[0]),
              TC_OK);
    EXPECT_EQ(tc_session_append(session, tokens, 1, nullptr), TC_CONTEXT_FULL);
    EXPECT_EQ(tc_session_rewind(session, 0), TC_OK);
  }
  EXPECT_EQ(calls, before);
  tc_session_destroy(session);
  tc_engine_destroy(engine);
}

size_t residentPages() {
  size_t size = 0, resident = 0;
  if (FILE *file = fopen("/proc/self/statm", "r")) {
    if (fscanf(file, "%zu %zu", &size, &resident) != 2)
      resident = 0;
    fclose(file);
  }
  return resident;
}

// Sessions come and go; memory stays.
TEST_F(AllocationTest, aLongRunStaysFlat) {
  tc_engine *engine;
  ASSERT_EQ(
      tc_engine_open(&fake_language_model, path.c_str(), 1, &engine, nullptr),
      TC_OK);
  float first[FAKE_VOCAB], row[FAKE_VOCAB];
  size_t pages = 0;
  for (int run = 0; run < 5000; ++run) {
    tc_session *session;
    ASSERT_EQ(tc_session_create(engine, &session), TC_OK);
    for (int32_t i = 0; i < 20; ++i)
      ASSERT_EQ(tc_session_append(session, &i, 1, run ? row : first), TC_OK);
    ASSERT_TRUE(run == 0 || memcmp(first, row, sizeof row) == 0);
    tc_session_destroy(session);
    if (run == 100)
      pages = residentPages();
  }
  EXPECT_LE(residentPages(), pages + 20);
  tc_engine_destroy(engine);
}

TEST_F(AllocationTest, aCopyOfUntouchedMemoryStaysUntouched) {
  size_t bytes = size_t(64) << 20;
  char *from = static_cast<char *>(tc_memory_map(bytes));
  char *copy = static_cast<char *>(tc_memory_map(bytes));
  ASSERT_TRUE(from && copy);
  from[12345] = 1;
  from[bytes - 1] = 2;
  size_t pages = residentPages();
  tc_memory_copy_lazily(copy, from, bytes);
  EXPECT_EQ(copy[12345], 1);
  EXPECT_EQ(copy[bytes - 1], 2);
  EXPECT_EQ(copy[bytes / 2], 0);
  EXPECT_LT(residentPages(), pages + 1000);
  tc_memory_unmap(from, bytes);
  tc_memory_unmap(copy, bytes);
}

} // namespace
