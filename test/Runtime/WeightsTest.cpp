// A weights file that does not fit is refused with the reason, before use.
#include "FakeWeights.h"

#include "runtime/checksum.h"
#include "runtime/cpu.h"
#include "runtime/session.h"
#include "runtime/weights.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <unistd.h>

namespace {

struct WeightsTest : testing::Test {
  TemporaryFolder folder;
  tc_weights *weights = nullptr;
  tc_error error = {};

  ~WeightsTest() override { tc_weights_close(weights); }

  tc_status open(const std::string &contents, int check = TC_CHECK_DATA,
                 const tc_model &model = fake_language_model) {
    writeFile(folder / "w", contents);
    return tc_weights_open(&model, (folder / "w").c_str(), check, &weights,
                           &error);
  }
  /// The status, and a message that has all of `words`.
  void expectRefused(tc_status status, tc_status expected,
                     std::initializer_list<const char *> words) {
    EXPECT_EQ(status, expected) << error.text;
    EXPECT_EQ(error.status, expected);
    EXPECT_EQ(weights, nullptr);
    for (const char *word : words)
      EXPECT_NE(std::string(error.text).find(word), std::string::npos)
          << "'" << word << "' in: " << error.text;
  }
};

TEST_F(WeightsTest, opensWhatFits) {
  ASSERT_EQ(open(fakeFile(nullptr, "tokens!")), TC_OK) << error.text;
  EXPECT_EQ(static_cast<const float *>(tc_weights_data(weights))[3],
            fakeWeight(3));
  size_t bytes;
  const char *metadata = tc_weights_metadata(weights, &bytes);
  EXPECT_EQ(std::string(metadata, bytes), "{\"weights\": []}");
  const void *tokenizer = tc_weights_tokenizer(weights, &bytes);
  EXPECT_EQ(std::string((const char *)tokenizer, bytes), "tokens!");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tokenizer) % TC_ALIGN, 0u);
  EXPECT_TRUE(tc_weights_intact(weights));
}

TEST_F(WeightsTest, hasNoTokenizerWithoutOne) {
  ASSERT_EQ(open(fakeFile()), TC_OK);
  size_t bytes = 1;
  EXPECT_EQ(tc_weights_tokenizer(weights, &bytes), nullptr);
  EXPECT_EQ(bytes, 0u);
}

TEST_F(WeightsTest, opensContentsInMemory) {
  std::string file = fakeFile();
  alignas(TC_ALIGN) static char contents[8192];
  ASSERT_LE(file.size(), sizeof contents);
  file.copy(contents, file.size());
  EXPECT_EQ(tc_weights_wrap(&fake_language_model, contents, file.size(),
                            TC_CHECK_DATA, &weights, &error),
            TC_OK)
      << error.text;
  tc_weights_close(weights);
  weights = nullptr;
  expectRefused(tc_weights_wrap(&fake_language_model, contents + 4,
                                file.size() - 4, 0, &weights, &error),
                TC_BAD_ARGUMENT, {"aligned"});
}

TEST_F(WeightsTest, refusesMissingFilesAndFolders) {
  expectRefused(tc_weights_open(&fake_language_model,
                                (folder / "nothing").c_str(), 0, &weights,
                                &error),
                TC_NO_FILE, {"nothing", "No such file"});
  expectRefused(tc_weights_open(&fake_language_model, folder.path.c_str(), 0,
                                &weights, &error),
                TC_NO_FILE, {"not a regular file"});
}

TEST_F(WeightsTest, refusesOtherFiles) {
  expectRefused(open(""), TC_TRUNCATED, {"empty"});
  expectRefused(open("x"), TC_NOT_WEIGHTS, {"not a weights file"});
  expectRefused(open(std::string(10000, 'x')), TC_NOT_WEIGHTS,
                {"not a weights file", ".weights"});
}

TEST_F(WeightsTest, refusesOtherVersions) {
  expectRefused(open(fakeFile([](tc_weights_header &h) { h.version = 9; })),
                TC_NOT_WEIGHTS, {"version 9", "version 1"});
  expectRefused(
      open(fakeFile([](tc_weights_header &h) { h.header_bytes = 8; })),
      TC_NOT_WEIGHTS, {"version"});
}

TEST_F(WeightsTest, refusesOtherModels) {
  expectRefused(
      open(fakeFile([](tc_weights_header &h) { h.layout_hash = 0x99; })),
      TC_OTHER_MODEL,
      {"0000000000000099", "0000000000001234", "fake_language"});
  expectRefused(open(fakeFile([](tc_weights_header &h) { h.data_bytes = 4; })),
                TC_OTHER_MODEL, {"4 bytes", "200 bytes"});
}

TEST_F(WeightsTest, refusesEveryTruncation) {
  std::string file = fakeFile(nullptr, "tokenizer");
  for (size_t bytes = 8; bytes < file.size(); bytes += 61)
    expectRefused(open(file.substr(0, bytes)), TC_TRUNCATED, {});
  expectRefused(open(file.substr(0, file.size() - 1)), TC_TRUNCATED,
                {"incomplete"});
}

TEST_F(WeightsTest, refusesSizesBeyondTheFile) {
  for (uint64_t size : {UINT64_C(1) << 20, UINT64_MAX, UINT64_MAX / 2}) {
    static uint64_t said;
    said = size;
    expectRefused(
        open(fakeFile([](tc_weights_header &h) { h.metadata_bytes = said; })),
        TC_TRUNCATED, {});
    expectRefused(
        open(fakeFile([](tc_weights_header &h) { h.tokenizer_bytes = said; })),
        TC_TRUNCATED, {});
  }
}

TEST_F(WeightsTest, refusesFlippedBitsOfTheHeader) {
  std::string file = fakeFile();
  for (size_t byte = 0; byte < sizeof(tc_weights_header); ++byte) {
    std::string changed = file;
    changed[byte] ^= 0x10;
    EXPECT_NE(open(changed), TC_OK) << "byte " << byte;
    EXPECT_EQ(weights, nullptr);
  }
}

TEST_F(WeightsTest, refusesFlippedBitsOfTheDataWhenAsked) {
  std::string file = fakeFile();
  file[TC_WEIGHTS_DATA + 100] ^= 1;
  expectRefused(open(file), TC_DAMAGED, {"data is damaged"});
  ASSERT_EQ(open(file, TC_CHECK_HEADER), TC_OK);
  EXPECT_EQ(tc_weights_check_data(weights, &error), TC_DAMAGED);
}

TEST_F(WeightsTest, refusesObjectsForOtherMachines) {
  tc_model model = fake_language_model;
  model.features = TC_CPU_AVX2_FMA | TC_CPU_NEON;
  expectRefused(open(fakeFile(), 0, model), TC_BAD_CPU, {"lacks", "--mcpu"});
  model = fake_language_model;
  model.features = 1u << 20;
  expectRefused(open(fakeFile(), 0, model), TC_BAD_CPU, {"unknown"});
  model = fake_language_model;
  model.abi_version = 7;
  expectRefused(open(fakeFile(), 0, model), TC_BAD_OBJECT, {"7", "again"});
}

TEST_F(WeightsTest, refusesToRunOnAFileCutShort) {
  ASSERT_EQ(open(fakeFile()), TC_OK);
  tc_engine *engine;
  tc_session *session;
  ASSERT_EQ(tc_engine_create(&fake_language_model, weights, nullptr, &engine,
                             nullptr),
            TC_OK);
  ASSERT_EQ(tc_session_create(engine, &session), TC_OK);
  ASSERT_EQ(truncate((folder / "w").c_str(), 100), 0);
  const int32_t token = 1;
  float row[FAKE_VOCAB];
  EXPECT_EQ(tc_session_append(session, &token, 1, row), TC_TRUNCATED);
  EXPECT_EQ(tc_session_length(session), 0u);
  tc_session_destroy(session);
  tc_engine_destroy(engine);
}

// Headers of random fields whose checksum holds: whatever opens lies inside the
// file.
TEST_F(WeightsTest, survivesRandomHeaders) {
  std::mt19937_64 random(1);
  std::string valid = fakeFile(nullptr, "tokenizer");
  for (int run = 0; run < 3000; ++run) {
    std::string file = valid.substr(0, valid.size() - random() % 30);
    tc_weights_header header;
    memcpy(&header, file.data(), sizeof header);
    uint64_t *const sizes[] = {&header.metadata_bytes, &header.tokenizer_bytes,
                               &header.data_bytes, &header.layout_hash};
    for (int i = random() % 3; i >= 0; --i)
      *sizes[random() % 4] = random() >> random() % 64;
    header.header_checksum = 0;
    header.header_checksum = tc_checksum(&header, sizeof header);
    memcpy(&file[0], &header, sizeof header);
    alignas(TC_ALIGN) static char contents[8192];
    file.copy(contents, file.size());
    if (tc_weights_wrap(&fake_language_model, contents, file.size(), 0,
                        &weights, &error) == TC_OK) {
      size_t metadata, tokenizer;
      const char *from = tc_weights_metadata(weights, &metadata);
      const void *blob = tc_weights_tokenizer(weights, &tokenizer);
      const char *begin =
          reinterpret_cast<const char *>(tc_weights_head(weights));
      EXPECT_LE(from + metadata, begin + file.size());
      if (blob)
        EXPECT_LE(static_cast<const char *>(blob) + tokenizer,
                  begin + file.size());
    }
    tc_weights_close(weights);
    weights = nullptr;
  }
}

TEST_F(WeightsTest, takesNullForTheError) {
  EXPECT_EQ(
      tc_weights_open(&fake_language_model, "/nothing", 0, &weights, nullptr),
      TC_NO_FILE);
  EXPECT_EQ(tc_weights_open(nullptr, "/nothing", 0, &weights, nullptr),
            TC_BAD_ARGUMENT);
}

TEST(Cpu, namesEveryFeature) {
  for (uint32_t bit = 1; bit <= TC_CPU_NEON; bit *= 2)
    EXPECT_EQ(std::string(tc_cpu_feature_name(bit)).find("unknown"),
              std::string::npos);
  EXPECT_GE(tc_cpu_count(), 1);
}

#if defined(__x86_64__)
TEST(Cpu, agreesWithTheCompiler) {
  uint32_t features = tc_cpu_features();
  EXPECT_EQ((features & TC_CPU_AVX2_FMA) != 0,
            __builtin_cpu_supports("x86-64-v3") != 0);
  EXPECT_EQ((features & TC_CPU_AVX512) != 0,
            __builtin_cpu_supports("x86-64-v4") != 0);
  EXPECT_EQ((features & TC_CPU_AVX512_VNNI) != 0,
            __builtin_cpu_supports("avx512vnni") != 0);
  EXPECT_EQ((features & TC_CPU_AVX512_BF16) != 0,
            __builtin_cpu_supports("avx512bf16") != 0);
}
#endif

TEST(Status, hasAText) {
  for (int status = TC_OK; status <= TC_BAD_OBJECT; ++status)
    EXPECT_STRNE(tc_status_text((tc_status)status), "unknown status");
  EXPECT_STREQ(tc_status_text((tc_status)999), "unknown status");
}

} // namespace
