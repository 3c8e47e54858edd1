// Specs from text, and their errors as "line:column: message".
#ifndef TEST_SPEC_PARSETEXT_H
#define TEST_SPEC_PARSETEXT_H

#include "compiler/Spec/Parser.h"

#include "gtest/gtest.h"

#include <fstream>
#include <sstream>

struct Parsed {
  std::optional<spec::Spec> spec;
  std::vector<std::string> errors;

  std::string all() const {
    std::string text;
    for (const std::string &error : errors)
      text += error + "\n";
    return text;
  }
};

inline Parsed parse(const std::string &text) {
  Parsed parsed;
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(text, "test.yaml"), llvm::SMLoc());
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic &error, void *errors) {
        static_cast<std::vector<std::string> *>(errors)->push_back(
            std::to_string(error.getLineNo()) + ":" +
            std::to_string(error.getColumnNo() + 1) + ": " +
            error.getMessage().str());
      },
      &parsed.errors);
  parsed.spec = spec::parseSpec(sources);
  return parsed;
}

/// Parses what must be right.
inline spec::Spec parseGood(const std::string &text) {
  Parsed parsed = parse(text);
  EXPECT_TRUE(parsed.spec) << parsed.all() << text;
  return parsed.spec.value_or(spec::Spec());
}

/// A model of tokens around the layers given; they start in line 6, column 3.
inline std::string tokens(const std::string &layers) {
  return "model: m\ndim: 8\ncontext: 4\nvocab: 5\nlayers:\n" + layers;
}

/// A model of an encoder and a decoder, whose lists begin in lines 5 and 6.
inline std::string stacks(const std::string &encoder,
                          const std::string &decoder,
                          const std::string &more = "") {
  return "model: m\ndim: 8\ncontext: 4\nvocab: 5\nencoder: [" + encoder +
         "]\ndecoder: [" + decoder + "]\n" + more;
}

/// Expects exactly these errors.
inline void expectErrors(const std::string &text,
                         const std::vector<std::string> &errors) {
  Parsed parsed = parse(text);
  EXPECT_FALSE(parsed.spec);
  EXPECT_EQ(parsed.errors, errors) << text.substr(0, 1000);
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

#endif // TEST_SPEC_PARSETEXT_H
