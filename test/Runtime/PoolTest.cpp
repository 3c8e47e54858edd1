// The pool covers every index once, for any size, after any pause.
#include "runtime/pool.h"
#include "runtime/cpu.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <sched.h>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

struct Counts {
  std::vector<std::atomic<int>> seen;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  explicit Counts(size_t n) : seen(n) {}
};

void count(void *state, size_t begin, size_t end) {
  auto *counts = static_cast<Counts *>(state);
  for (size_t i = begin; i < end; ++i)
    ++counts->seen[i];
  std::lock_guard lock(counts->mutex);
  counts->threads.insert(std::this_thread::get_id());
}

void expectCovers(tc_pool *pool, size_t n) {
  Counts counts(n);
  tc_pool_run(pool, n, count, &counts);
  for (size_t i = 0; i < n; ++i)
    ASSERT_EQ(counts.seen[i], 1) << i << " of " << n;
}

struct PoolTest : testing::TestWithParam<std::pair<int, tc_pinning>> {
  tc_pool *pool = nullptr;
  void SetUp() override {
    auto [threads, pinning] = GetParam();
    ASSERT_EQ(tc_pool_create(threads, pinning, &pool), TC_OK);
    ASSERT_EQ(tc_pool_threads(pool), threads);
  }
  void TearDown() override { tc_pool_destroy(pool); }
};

TEST_P(PoolTest, coversEveryIndexOnce) {
  for (size_t n = 0; n < 40; ++n)
    expectCovers(pool, n);
  expectCovers(pool, 100003);
}

TEST_P(PoolTest, manyRegionsInARow) {
  std::atomic<size_t> sum = 0;
  for (int i = 0; i < 3000; ++i)
    tc_pool_run(
        pool, 64,
        [](void *state, size_t begin, size_t end) {
          *static_cast<std::atomic<size_t> *>(state) += end - begin;
        },
        &sum);
  EXPECT_EQ(sum, 3000u * 64);
}

TEST_P(PoolTest, wakesAfterPauses) {
  for (int pause : {0, 50, 500, 5000}) {
    std::this_thread::sleep_for(std::chrono::microseconds(pause));
    expectCovers(pool, 1000);
  }
}

struct Slow {
  std::thread::id caller = std::this_thread::get_id();
  std::chrono::milliseconds others; ///< that they sleep, the caller one
  std::atomic<size_t> byCaller = 0, byOthers = 0;

  explicit Slow(int milliseconds) : others(milliseconds) {}

  static void body(void *state, size_t begin, size_t end) {
    auto *slow = static_cast<Slow *>(state);
    bool calls = std::this_thread::get_id() == slow->caller;
    std::this_thread::sleep_for(calls ? std::chrono::milliseconds(1)
                                      : slow->others);
    (calls ? slow->byCaller : slow->byOthers) += end - begin;
  }
};

// The others sleep in what they take: the caller must too while it waits.
TEST_P(PoolTest, waitsForSlowThreads) {
  for (int run = 0; run < 3; ++run) {
    Slow slow(9);
    tc_pool_run(pool, 100, Slow::body, &slow);
    EXPECT_EQ(slow.byCaller + slow.byOthers, 100u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, PoolTest,
    testing::Values(std::pair{1, TC_PIN_NONE}, std::pair{2, TC_PIN_NONE},
                    std::pair{2, TC_PIN_WORKERS}, std::pair{2, TC_PIN_ALL},
                    std::pair{3, TC_PIN_ALL}, std::pair{7, TC_PIN_NONE}));

TEST(Pool, usesAllThreads) {
  tc_pool *pool;
  ASSERT_EQ(tc_pool_create(3, TC_PIN_NONE, &pool), TC_OK);
  Counts counts(300);
  tc_pool_run(
      pool, 300,
      [](void *state, size_t begin, size_t end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        count(state, begin, end);
      },
      &counts);
  EXPECT_EQ(counts.threads.size(), 3u);
  EXPECT_TRUE(counts.threads.count(std::this_thread::get_id()));
  tc_pool_destroy(pool);
}

// A thread that lost its CPU in what it took holds up no more than that.
TEST(Pool, othersTakeWhatASlowThreadLeaves) {
  tc_pool *pool;
  ASSERT_EQ(tc_pool_create(2, TC_PIN_NONE, &pool), TC_OK);
  Slow slow(200);
  tc_pool_run(pool, 100, Slow::body, &slow);
  EXPECT_EQ(slow.byCaller + slow.byOthers, 100u);
  EXPECT_LE(slow.byOthers, 25u); // its first part: a quarter
  tc_pool_destroy(pool);
}

TEST(Pool, refusesImpossibleNumbers) {
  tc_pool *pool = nullptr;
  for (int threads : {0, -1, TC_MAX_THREADS + 1})
    EXPECT_EQ(tc_pool_create(threads, TC_PIN_NONE, &pool), TC_BAD_ARGUMENT);
  EXPECT_EQ(tc_pool_create(1, TC_PIN_NONE, nullptr), TC_BAD_ARGUMENT);
  tc_pool_destroy(nullptr);
}

TEST(Pool, takesAThousandThreads) {
  tc_pool *pool;
  ASSERT_EQ(tc_pool_create(1000, TC_PIN_ALL, &pool), TC_OK);
  expectCovers(pool, 5000);
  tc_pool_destroy(pool);
}

TEST(Pool, givesTheCallerItsCpusBack) {
  int before = tc_cpu_count();
  tc_pool *pool;
  ASSERT_EQ(tc_pool_create(2, TC_PIN_ALL, &pool), TC_OK);
  tc_pool_destroy(pool);
  EXPECT_EQ(tc_cpu_count(), before);
}

TEST(Pool, isRecognisedInAForkedProcess) {
  tc_pool *pool;
  ASSERT_EQ(tc_pool_create(2, TC_PIN_NONE, &pool), TC_OK);
  EXPECT_TRUE(tc_pool_usable(pool));
  pid_t child = fork();
  if (child == 0) {
    int usable = tc_pool_usable(pool);
    tc_pool_destroy(pool);
    _exit(usable);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  expectCovers(pool, 100);
  tc_pool_destroy(pool);
}

// A child with no room for threads; the limit on memory also holds for root.
TEST(Pool, reportsThreadsThatCannotStart) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need the address space";
#endif
  pid_t child = fork();
  if (child == 0) {
    size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlim_t bytes = pages * sysconf(_SC_PAGESIZE) + (100 << 20);
    rlimit limit = {bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
    tc_pool *pool;
    tc_status status = tc_pool_create(1000, TC_PIN_NONE, &pool);
    tc_status small = tc_pool_create(2, TC_PIN_NONE, &pool);
    _exit(status == TC_NO_THREADS && small == TC_OK ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

} // namespace
