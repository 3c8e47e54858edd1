// The written header compiles without warnings in the languages it is meant
// for, and what it declares works.
#include "FakeWeights.h"

#include "compiler/Emit/Header.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

emit::HeaderInfo languageInfo() {
  emit::HeaderInfo info;
  info.name = "fake_language";
  info.source = "a */ b.yaml";
  info.target = "C";
  info.causal = TC_CAUSAL;
  info.vocab = info.outputDim = FAKE_VOCAB;
  info.context = FAKE_CONTEXT;
  info.maxRows = FAKE_MAX_ROWS;
  info.parameters = UINT64_C(1) << 40;
  info.weightsBytes = 200;
  return info;
}

emit::HeaderInfo imageInfo() {
  emit::HeaderInfo info;
  info.name = "fake_image";
  info.target = "C";
  info.input = TC_INPUT_REALS;
  info.pooled = true;
  info.inputShape = {2, 3, 3};
  info.rowsPerInput = 10;
  info.outputDim = 5;
  return info;
}

emit::HeaderInfo encoderInfo() {
  emit::HeaderInfo info;
  info.name = "fake_encoder";
  info.target = "C";
  info.vocab = FAKE_VOCAB;
  info.context = 12;
  info.outputDim = 3;
  return info;
}

emit::HeaderInfo translatorInfo() {
  emit::HeaderInfo info = languageInfo();
  info.name = "fake_translator";
  info.sourceVocab = FAKE_SOURCE_VOCAB;
  info.sourceContext = FAKE_SOURCE_CONTEXT;
  return info;
}

emit::HeaderInfo readerInfo() {
  emit::HeaderInfo info = languageInfo();
  info.name = "fake_reader";
  info.sourceContext = FAKE_SOURCE_CONTEXT;
  info.sourceInput = TC_INPUT_ROWS;
  info.sourceShape = {FAKE_ROW};
  return info;
}

emit::HeaderInfo detectorInfo() {
  emit::HeaderInfo info;
  info.name = "fake_detector";
  info.target = "C";
  info.input = TC_INPUT_REALS;
  info.inputShape = {1, 2, 2};
  info.rowsPerInput = FAKE_IMAGE_ROWS;
  info.queries = FAKE_QUERIES;
  info.outputDim = 2;
  info.parts = {{"sum", 0, 1}, {"rows", 1, 1}};
  return info;
}

emit::HeaderInfo rowsInfo(bool causal) {
  emit::HeaderInfo info;
  info.name = causal ? "fake_rows" : "whole_rows";
  info.target = "C";
  info.input = TC_INPUT_ROWS;
  info.causal = causal ? TC_CAUSAL : TC_WHOLE;
  info.inputShape = {FAKE_ROW};
  info.context = FAKE_CONTEXT;
  info.maxRows = FAKE_MAX_ROWS;
  info.outputDim = 1;
  return info;
}

struct HeaderTest : testing::Test {
  TemporaryFolder folder;

  /// Writes the headers and a program, compiles and links it, and runs it.
  void expectRuns(const std::string &compiler, const std::string &extension,
                  const std::string &program) {
    for (const emit::HeaderInfo &info :
         {languageInfo(), imageInfo(), encoderInfo(), translatorInfo(),
          readerInfo(), detectorInfo(), rowsInfo(true), rowsInfo(false)})
      writeFile(folder / (info.name + ".h"), emit::writeHeader(info));
    writeFile(folder / "weights", fakeFile());
    writeFile(folder / ("use." + extension), program);
    std::string compile = compiler + " -Wall -Wextra -pedantic -Werror -I" +
                          folder.path + " -I" + TC_SOURCE_DIR + " " +
                          folder / ("use." + extension) + " " +
                          TC_FAKE_LIBRARIES + " -lpthread -o " + folder / "use";
    ASSERT_EQ(std::system(compile.c_str()), 0) << compile;
    EXPECT_EQ(std::system((folder / "use " + folder / "weights").c_str()), 0);
  }
};

/// C and C++: each wrong answer has its own exit code.
const char *const use = R"(
#include "fake_detector.h"
#include "fake_encoder.h"
#include "fake_image.h"
#include "fake_language.h"
#include "fake_reader.h"
#include "fake_rows.h"
#include "fake_translator.h"
#include "whole_rows.h" /* to compile */

static int useLanguage(const char *weights) {
  static float row[FAKE_LANGUAGE_OUTPUT_DIM], again[FAKE_LANGUAGE_OUTPUT_DIM];
  static float rows[3 * FAKE_LANGUAGE_OUTPUT_DIM];
  const int32_t prompt[3] = {1, 2, 3};
  fake_language_engine *engine;
  fake_language_session *session, *copy;
  tc_error error;
  if (fake_language_open("/missing", 2, &engine, &error) != TC_NO_FILE) return 1;
  if (engine || fake_language_open(weights, 2, &engine, &error)) return 2;
  if (fake_language_begin(engine, &session)) return 3;
  if (fake_language_prefill(session, prompt, 3, NULL)) return 4;
  if (fake_language_fork(session, &copy)) return 5;
  if (fake_language_decode(session, 4, row)) return 6;
  if (fake_language_decode(copy, 4, again) || row[7] != again[7]) return 7;
  if (fake_language_length(copy) != 4 || fake_language_rewind(copy, 0)) return 8;
  if (fake_language_score(copy, prompt, 3, rows)) return 9;
  if (fake_language_decode(copy, FAKE_LANGUAGE_VOCAB, row) != TC_BAD_TOKEN) return 10;
  if (tc_engine_model(fake_language_runtime(engine)) != &fake_language_model) return 11;
  fake_language_end(copy);
  fake_language_end(session);
  fake_language_close(engine);
  return 0;
}

static int useImage(const char *weights) {
  static float input[FAKE_IMAGE_INPUT_SIZE], output[FAKE_IMAGE_OUTPUT_SIZE];
  fake_image_engine *engine;
  if (fake_image_open(weights, 1, &engine, NULL)) return 20;
  if (fake_image_run(engine, input, 1, output)) return 21;
  fake_image_close(engine);
  return 0;
}

static int useEncoder(const char *weights) {
  static float rows[2 * FAKE_ENCODER_OUTPUT_DIM];
  const int32_t tokens[2] = {5, 6};
  fake_encoder_engine *engine;
  if (fake_encoder_open(weights, 1, &engine, NULL)) return 30;
  if (fake_encoder_encode(engine, tokens, 2, rows) || rows[5] != 1) return 31;
  fake_encoder_close(engine);
  return 0;
}

static int useTranslator(const char *weights) {
  static float row[FAKE_TRANSLATOR_OUTPUT_DIM];
  const int32_t source[FAKE_TRANSLATOR_SOURCE_CONTEXT] = {5, 6};
  fake_translator_engine *engine;
  fake_translator_session *session;
  if (fake_translator_open(weights, 1, &engine, NULL)) return 40;
  if (fake_translator_begin(engine, &session)) return 41;
  if (fake_translator_decode(session, 1, row) != TC_NO_SOURCE) return 42;
  if (fake_translator_encode(session, source, FAKE_TRANSLATOR_SOURCE_CONTEXT)) return 43;
  if (fake_translator_decode(session, 1, row)) return 44;
  fake_translator_end(session);
  fake_translator_close(engine);
  return 0;
}

static int useReader(const char *weights) {
  static float row[FAKE_READER_OUTPUT_DIM];
  static float source[FAKE_READER_SOURCE_CONTEXT * FAKE_READER_SOURCE_DIM];
  fake_reader_engine *engine;
  fake_reader_session *session;
  if (fake_reader_open(weights, 1, &engine, NULL)) return 60;
  if (fake_reader_begin(engine, &session)) return 61;
  if (fake_reader_encode(session, source, FAKE_READER_SOURCE_CONTEXT)) return 62;
  if (fake_reader_decode(session, 1, row)) return 63;
  fake_reader_end(session);
  fake_reader_close(engine);
  return 0;
}

static int useDetector(const char *weights) {
  static const float image[FAKE_DETECTOR_INPUT_SIZE] = {1, 2, 3, 4};
  static float rows[FAKE_DETECTOR_QUERIES][FAKE_DETECTOR_OUTPUT_DIM];
  fake_detector_engine *engine;
  if (sizeof rows != FAKE_DETECTOR_OUTPUT_SIZE * sizeof(float)) return 70;
  if (fake_detector_open(weights, 1, &engine, NULL)) return 71;
  if (fake_detector_run(engine, image, 1, &rows[0][0])) return 72;
  if (rows[2][FAKE_DETECTOR_SUM_FIRST] != 12) return 73;
  if (rows[2][FAKE_DETECTOR_ROWS_FIRST] != 5) return 74;
  fake_detector_close(engine);
  return FAKE_DETECTOR_ROWS_COUNT != 1;
}

static int useRows(const char *weights) {
  static const float rows[2 * FAKE_ROWS_INPUT_DIM] = {1, 2, 3, 4, 5, 6};
  static float result[2 * FAKE_ROWS_OUTPUT_DIM];
  fake_rows_engine *engine;
  fake_rows_session *session;
  if (fake_rows_open(weights, 1, &engine, NULL)) return 50;
  if (fake_rows_begin(engine, &session)) return 51;
  if (fake_rows_append_all(session, rows, 2, result) || result[1] != 22) return 52;
  if (fake_rows_rewind(session, 1)) return 53;
  if (fake_rows_append(session, rows, 1, result) || result[0] != 13) return 54;
  if (fake_rows_append(session, rows, 1, NULL) || fake_rows_length(session) != 3) return 55;
  fake_rows_end(session);
  fake_rows_close(engine);
  return 0;
}

int main(int argc, char **argv) {
  int wrong = argc == 2 ? useLanguage(argv[1]) : 99;
  if (!wrong) wrong = useImage(argv[1]);
  if (!wrong) wrong = useEncoder(argv[1]);
  if (!wrong) wrong = useTranslator(argv[1]);
  if (!wrong) wrong = useRows(argv[1]);
  if (!wrong) wrong = useReader(argv[1]);
  if (!wrong) wrong = useDetector(argv[1]);
  return wrong;
}
)";

TEST_F(HeaderTest, worksInC99) { expectRuns(TC_CC " -std=c99", "c", use); }
TEST_F(HeaderTest, worksInC11) { expectRuns(TC_CC " -std=c11", "c", use); }
TEST_F(HeaderTest, worksInCpp11) {
  expectRuns(TC_CXX " -std=c++11", "cpp", use);
}
TEST_F(HeaderTest, worksInCpp20) {
  expectRuns(TC_CXX " -std=c++20", "cpp", use);
}

TEST_F(HeaderTest, isTheSameEveryTime) {
  EXPECT_EQ(emit::writeHeader(languageInfo()),
            emit::writeHeader(languageInfo()));
}

TEST_F(HeaderTest, saysTheSizes) {
  std::string header = emit::writeHeader(imageInfo());
  for (const char *line :
       {"FAKE_IMAGE_INPUT_SIZE = 18, /* floats in an input: 2 x 3 x 3 */",
        "FAKE_IMAGE_OUTPUT_SIZE = 5 /* floats in an output: one row */",
        "fake_image_run("})
    EXPECT_NE(header.find(line), std::string::npos) << header;
  EXPECT_EQ(header.find("decode"), std::string::npos);
  EXPECT_EQ(header.find('@'), std::string::npos);
  header = emit::writeHeader(rowsInfo(false));
  EXPECT_NE(header.find("whole sequence: as many rows."), std::string::npos);
  EXPECT_EQ(header.find("session *"), std::string::npos);
  emit::HeaderInfo image = translatorInfo();
  image.sourceInput = TC_INPUT_REALS;
  image.sourceShape = {3, 8, 9};
  header = emit::writeHeader(image);
  for (const char *line :
       {"FAKE_TRANSLATOR_SOURCE_SIZE = 216 /* floats in a source: 3 x 8 x 9 */",
        "fake_translator_session *session, const float *image)",
        "fake_translator_encode(session, image);"})
    EXPECT_NE(header.find(line), std::string::npos) << header;
  emit::HeaderInfo tapped = rowsInfo(true);
  tapped.taps = {{"start", 1, 0, 8}, {"layers.attention.weights", 3, 2, 9}};
  header = emit::writeHeader(tapped);
  for (const char *line : {" *   0  start: floats [rows][8]\n",
                           " *   1  layers.attention.weights: floats "
                           "[rows][3][2][9]\n",
                           "enum { FAKE_ROWS_TAPS = 2 };"})
    EXPECT_NE(header.find(line), std::string::npos) << header;
  EXPECT_EQ(header.find("_run_taps"), std::string::npos);
  tapped = imageInfo();
  tapped.taps = {{"layers.attention.weights", 3, 2, 10, 10}};
  header = emit::writeHeader(tapped);
  for (const char *line : {"What tc_engine_run_taps of",
                           " *   0  layers.attention.weights: floats "
                           "[inputs][10][3][2][10]\n",
                           "fake_image_run_taps("})
    EXPECT_NE(header.find(line), std::string::npos) << header;
  tapped = image; // a translator of images
  tapped.taps = {{"decoder.start", 1, 0, 8}, {"encoder.start", 1, 0, 8, 30}};
  tapped.sourceTaps = 1;
  header = emit::writeHeader(tapped);
  for (const char *line : {" *   0  decoder.start: floats [rows][8]\n",
                           " *   1  encoder.start: floats [sources][30][8]\n"})
    EXPECT_NE(header.find(line), std::string::npos) << header;
  tapped = detectorInfo();
  tapped.taps = {{"decoder.start", 1, 0, 8}, {"encoder.start", 1, 0, 8, 5}};
  tapped.sourceTaps = 1;
  header = emit::writeHeader(tapped);
  for (const char *line : {" *   0  decoder.start: floats [inputs][3][8]\n",
                           " *   1  encoder.start: floats [inputs][5][8]\n"})
    EXPECT_NE(header.find(line), std::string::npos) << header;
}

} // namespace
