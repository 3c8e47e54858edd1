// Collects, orders and prints errors, and finds the word that was meant.
#include "compiler/Spec/Diagnostics.h"

using namespace llvm;

namespace spec {

/// A file that is wrong everywhere gets this many errors and a count.
static constexpr size_t mostPrinted = 50;
/// Bounds the memory of a run on a hostile file.
static constexpr size_t mostKept = 1000;

void Diagnostics::error(Place place, const Twine &message) {
  ++calls;
  if (errors.size() < mostKept)
    errors.emplace(place.line, place.column, message.str());
}

void Diagnostics::print(SourceMgr &sources) const {
  size_t printed = 0;
  SMLoc loc;
  for (const auto &[line, column, message] : errors) {
    if (printed++ == mostPrinted)
      break;
    loc = sources.FindLocForLineAndColumn(sources.getMainFileID(),
                                          line ? line : 1, line ? column : 1);
    sources.PrintMessage(loc, SourceMgr::DK_Error, message);
  }
  if (errors.size() > mostPrinted)
    sources.PrintMessage(loc, SourceMgr::DK_Note,
                         "more errors follow; the first " + Twine(mostPrinted) +
                             " are shown");
}

std::string didYouMean(StringRef word, ArrayRef<StringRef> known) {
  unsigned best = std::max<unsigned>(1, word.size() / 3) + 1;
  StringRef meant;
  for (StringRef candidate : known) {
    unsigned distance = word.edit_distance_insensitive(
        candidate, /*AllowReplacements=*/true, best);
    if (distance < best) {
      best = distance;
      meant = candidate;
    }
  }
  return meant.empty() ? "" : ("; did you mean '" + meant + "'?").str();
}

std::string listWords(ArrayRef<StringRef> words, StringRef last) {
  std::string text;
  for (size_t i = 0; i != words.size(); ++i) {
    if (i)
      text += i + 1 == words.size() ? (" " + last + " ").str() : ", ";
    text += words[i];
  }
  return text;
}

std::string said(Place place) {
  return place.line ? " (line " + std::to_string(place.line) + ")" : "";
}

} // namespace spec
