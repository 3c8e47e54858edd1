// Array files that are broken anywhere are read as arrays or refused, never
// beyond their end.
#include "FakeWeights.h"

extern "C" {
#include "runtime/program/npy.h"
}

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

namespace {

std::string validArray() {
  std::string path = testing::TempDir() + "npy-valid";
  FILE *file = fopen(path.c_str(), "wb");
  const size_t shape[] = {2, 3};
  const float values[] = {1, -2, 3.5f, 4, 5, 6};
  EXPECT_EQ(writeArrayHeader(file, shape, 2) % 64, 0u);
  fwrite(values, sizeof *values, 6, file);
  fclose(file);
  return readFile(path);
}

TEST(Npy, readsWhatItWrites) {
  TemporaryFolder folder;
  writeFile(folder / "a.npy", validArray());
  array array;
  tc_error error;
  ASSERT_TRUE(readArray((folder / "a.npy").c_str(), &array, &error))
      << error.text;
  EXPECT_EQ(array.dimensions, 2u);
  EXPECT_EQ(array.shape[0], 2u);
  EXPECT_EQ(array.shape[1], 3u);
  EXPECT_EQ(array.values[2], 3.5f);
  EXPECT_EQ(array.values[5], 6);
  free(array.values);
}

TEST(Npy, survivesRandomChanges) {
  TemporaryFolder folder;
  std::string valid = validArray(), path = folder / "a.npy";
  std::mt19937 random(1);
  int read = 0;
  for (int run = 0; run < 400; ++run) {
    std::string file = valid;
    for (int i = random() % 4; i >= 0; --i)
      file[random() % 90] = "0123456789(),'<>f:\0\xff x"[random() % 22];
    if (random() % 4 == 0)
      file.resize(random() % file.size());
    writeFile(path, file);
    array array;
    tc_error error = {};
    if (readArray(path.c_str(), &array, &error)) {
      ++read;
      EXPECT_LE(array.size, file.size());
      free(array.values);
    } else {
      EXPECT_EQ(array.values, nullptr);
      EXPECT_NE(error.text[0], 0);
    }
  }
  EXPECT_GT(read, 0);
}

} // namespace
