// Runs made programs as a shell would.
#ifndef TEST_RUNTIME_PROGRAMRUN_H
#define TEST_RUNTIME_PROGRAMRUN_H

#include "FakeWeights.h"

#include <gtest/gtest.h>

struct Outcome {
  int code;
  std::string output, errors;
};

/// A folder with the programs around the fake models and their weights.
struct ProgramRun : testing::Test {
  TemporaryFolder folder;

  ProgramRun();
  Outcome shell(const std::string &command);
  /// One of the programs, with its weights.
  Outcome run(const std::string &model, const std::string &arguments);
  /// Python with NumPy: `code` must end well.
  void python(const std::string &code);
  bool hasNumpy();
  void expectFails(const Outcome &outcome, int code, const char *message);
};

#endif // TEST_RUNTIME_PROGRAMRUN_H
