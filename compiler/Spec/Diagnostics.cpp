// Collects, orders and prints errors, and finds the word that was meant.
#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Tree.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace spec {

/// A file that is wrong everywhere gets this many errors and a count.
static constexpr size_t mostPrinted = 50;
static constexpr size_t longestLine = 400;
/// Bounds the memory of a run on a hostile file.
static constexpr size_t mostKept = 1000;

void Diagnostics::error(Place place, const Twine &message) {
  ++calls;
  if (errors.size() < mostKept)
    errors.emplace(place.line, place.column, message.str());
}

/// With the line and a caret, unless the line is too long to help.
static SMDiagnostic locate(SourceMgr &sources, Place place,
                           SourceMgr::DiagKind kind, StringRef message) {
  unsigned file = sources.getMainFileID();
  const MemoryBuffer *buffer = sources.getMemoryBuffer(file);
  if (!place.line)
    place = {1, 1};
  // To find a place in a huge file would take as much again.
  if (buffer->getBufferSize() <= mostBytes) {
    SMLoc loc = sources.FindLocForLineAndColumn(file, place.line, place.column);
    SMDiagnostic full = sources.GetMessage(loc, kind, message);
    if (loc.isValid() && full.getLineContents().size() < longestLine)
      return full;
  }
  return SMDiagnostic(sources, SMLoc::getFromPointer(buffer->getBufferStart()),
                      buffer->getBufferIdentifier(), place.line,
                      place.column - 1, kind, message, /*LineStr=*/"",
                      /*Ranges=*/{});
}

void Diagnostics::print(SourceMgr &sources) const {
  size_t printed = 0;
  for (const auto &[line, column, message] : errors) {
    if (printed++ == mostPrinted) {
      std::string rest = "more errors follow; the first " +
                         std::to_string(mostPrinted) + " are shown";
      sources.PrintMessage(
          errs(), locate(sources, {line, column}, SourceMgr::DK_Note, rest));
      break;
    }
    sources.PrintMessage(
        errs(), locate(sources, {line, column}, SourceMgr::DK_Error, message));
  }
}

std::string didYouMean(StringRef word, ArrayRef<StringRef> known) {
  unsigned best = std::max<unsigned>(1, (word.size() + 1) / 3) + 1;
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
