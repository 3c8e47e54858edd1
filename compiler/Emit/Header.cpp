// Chooses the pieces of a model's header and fills them in.
#include "compiler/Emit/Header.h"

#include "compiler/Emit/HeaderText.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace emit {
namespace {

using Words = std::map<std::string, std::string>;

std::string fill(const std::string &text, const Words &words) {
  std::string filled;
  for (size_t at = 0; at < text.size();) {
    size_t open = text.find('@', at);
    size_t close = open == std::string::npos ? open : text.find('@', open + 1);
    if (close == std::string::npos)
      return filled + text.substr(at);
    filled += text.substr(at, open - at);
    filled += words.at(text.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return filled;
}

std::string capitals(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return name;
}

/// No text from outside may end the comment that it stands in.
std::string quote(std::string text) {
  for (size_t at = 0; (at = text.find("*/", at)) != std::string::npos;)
    text.replace(at, 2, "*|");
  for (char &c : text)
    c = std::iscntrl(static_cast<unsigned char>(c)) ? ' ' : c;
  return text;
}

std::string product(const std::vector<int64_t> &shape, int64_t &size) {
  std::string text;
  size = 1;
  for (int64_t dimension : shape) {
    text += (text.empty() ? "" : " x ") + std::to_string(dimension);
    size *= dimension;
  }
  return text;
}

bool hasSessions(const HeaderInfo &info) {
  return info.input != TC_INPUT_REALS && info.causal && !info.pooled;
}

/// The first dimensions of what a tap hands out: its rows, of real-valued
/// inputs for each of them.
std::string rowsOfTap(const HeaderInfo &info, size_t number) {
  bool ofSource = number + info.sourceTaps >= info.taps.size();
  uint32_t made = info.taps[number].made;
  if (info.queries && !ofSource)
    made = info.queries;
  bool sources = ofSource && !info.queries;
  tc_input input = sources ? info.sourceInput : info.input;
  std::string of = sources ? "sources" : "inputs";
  if (input == TC_INPUT_REALS)
    return "[" + of + "][" + std::to_string(made) + "]";
  if (info.queries && !ofSource)
    return "[" + std::to_string(made) + "]";
  return sources ? "[rows of the source]" : "[rows]";
}

/// The place of each tap in tc_entry.taps, and what is there.
std::string listTaps(const HeaderInfo &info) {
  std::string text;
  for (size_t i = 0; i < info.taps.size(); ++i) {
    const Tap &tap = info.taps[i];
    text += " *   " + std::to_string(i) + "  " + tap.name + ": floats " +
            rowsOfTap(info, i);
    for (uint32_t size :
         {tap.rounds > 1 ? tap.rounds : 0, tap.heads, tap.columns})
      text += size ? "[" + std::to_string(size) + "]" : "";
    text += "\n";
  }
  return text;
}

/// Where each part of an output row begins, and how long it is.
std::string listParts(const HeaderInfo &info) {
  std::string text;
  for (const Part &part : info.parts) {
    std::string name = capitals(info.name) + "_" + capitals(part.name);
    text += "  " + name + "_FIRST = " + std::to_string(part.first) + ",\n  " +
            name + "_COUNT = " + std::to_string(part.size) +
            (&part == &info.parts.back() ? "\n" : ",\n");
  }
  return text;
}

Words collectWords(const HeaderInfo &info) {
  int64_t size = 0, sourceSize = 0;
  std::string shape = product(info.inputShape, size);
  std::string sourceShape = product(info.sourceShape, sourceSize);
  uint64_t rows = info.pooled    ? 1
                  : info.queries ? info.queries
                                 : info.rowsPerInput;
  bool tokens = info.input == TC_INPUT_TOKENS;
  std::string elements = tokens ? "tokens" : "rows";
  return {
      {"name", info.name},
      {"NAME", capitals(info.name)},
      {"from", info.source.empty() ? "" : " from " + quote(info.source)},
      {"target", quote(info.target)},
      {"cuts", hasSessions(info) ? "in\n * any batch and for any cut of the " +
                                       elements + " into calls"
                                 : "in\n * any batch"},
      {"batches", hasSessions(info) ? ": many sessions in one call"
                  : info.input != TC_INPUT_REALS
                      ? ": many sequences in one call"
                      : ""},
      {"elements", elements},
      {"rewinds", info.recurrent ? ": none, or as many as there are" : ""},
      {"tapCount", std::to_string(info.taps.size())},
      {"tapList", listTaps(info)},
      {"tapsWhere",
       info.input == TC_INPUT_REALS ? "tc_engine_run_taps" : "tc_entry.taps"},
      {"types", std::to_string(info.types)},
      {"typesWhere", info.input == TC_INPUT_REALS
                         ? "see tc_engine_run_types, " +
                               std::to_string(info.typedRows) + " an input"
                         : "see tc_entry.types"},
      {"vocab", std::to_string(info.vocab)},
      {"context", std::to_string(info.context)},
      {"sourceVocab", std::to_string(info.sourceVocab)},
      {"sourceContext", std::to_string(info.sourceContext)},
      {"rows", std::to_string(info.maxRows)},
      {"output", std::to_string(info.outputDim)},
      {"scores", info.outputDim == info.vocab ? ": one score a token" : ""},
      {"scored", info.causal ? "Appends tokens" : "Takes a whole sequence"},
      {"partList", listParts(info)},
      {"queries", std::to_string(info.queries)},
      {"sourceSize", std::to_string(sourceSize)},
      {"sourceShape", sourceShape},
      {"encoded", info.queries          ? std::to_string(rows) + " rows"
                  : info.pooled         ? "one row"
                  : info.makesOtherRows ? "tc_made_rows(model, count) rows"
                  : tokens              ? "one row a token"
                                        : "as many rows"},
      {"shape", shape},
      {"size", std::to_string(size)},
      {"outputs", std::to_string(rows * info.outputDim)},
      {"outputRows", rows == 1 ? "one row" : std::to_string(rows) + " rows"},
      {"parameters", std::to_string(info.parameters)},
      {"weights", std::to_string(info.weightsBytes)},
      {"cache", std::to_string(info.cacheBytes)},
      {"scratch", std::to_string(info.scratchBytes)},
  };
}

} // namespace

std::string writeHeader(const HeaderInfo &info) {
  Words words = collectWords(info);
  const char *example = realExample, *constants = realConstants;
  std::string functions = realFunctions;
  bool tokens = info.input == TC_INPUT_TOKENS;
  std::string sizes;
  if (info.sourceContext) {
    bool image = info.sourceInput == TC_INPUT_REALS;
    example = info.causal ? translatorExample : wholeExample;
    sizes = info.sourceInput == TC_INPUT_TOKENS ? sourceTokens
            : image                             ? sourceImage
                                                : sourceRows;
    constants = translatorConstants;
    words["source"] = image ? "image" : "source, source_length";
    functions = std::string(sessionFunctions) +
                (info.sourceInput == TC_INPUT_TOKENS ? encodeTokens
                 : image                             ? encodeImage
                                                     : encodeRows) +
                (info.causal ? growthFunctions : "") + scoreFunction +
                (info.causal ? lengthFunctions : "");
  } else if (hasSessions(info)) {
    example = tokens ? languageExample : rowsSessionExample;
    constants = tokens ? languageConstants : rowsConstants;
    functions = std::string(sessionFunctions) +
                (tokens ? std::string(growthFunctions) + scoreFunction
                        : std::string(rowsSessionFunctions)) +
                lengthFunctions;
  } else if (info.input == TC_INPUT_ROWS) {
    example = rowsExample;
    constants = rowsConstants;
    functions = rowsFunctions;
  } else if (tokens) {
    example = encoderExample;
    constants = encoderConstants;
    functions = encoderFunctions;
  }
  words["example"] = fill(example, words);
  return fill(std::string(beginning) + sizes + constants +
                  (info.queries ? queryConstants : "") +
                  (info.parts.empty() ? "" : partConstants) +
                  (info.types ? typed : "") + (info.taps.empty() ? "" : taps) +
                  opening + functions +
                  (info.input == TC_INPUT_REALS && !info.taps.empty()
                       ? tapFunction
                       : "") +
                  (info.causal == TC_PREFIX ? prefixFunction : "") + ending,
              words);
}

} // namespace emit
