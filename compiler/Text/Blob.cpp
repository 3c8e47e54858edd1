// Puts a tokenizer down as one block of memory: the header, then each array.
#include "compiler/Text/Tokenizer.h"
#include "compiler/Text/WordPatterns.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstring>
#include <tuple>

using namespace llvm;

namespace text {
namespace {

class BlobWriter {
public:
  explicit BlobWriter(const Tokenizer &tokenizer) : tokenizer(tokenizer) {}

  std::string write() {
    bytes.resize(sizeof header);
    std::memcpy(header.magic, "TCTOKENS", 8);
    header.version = TC_BLOB_VERSION;
    header.size = tokenizer.texts.size();
    header.pattern = tokenizer.pattern;
    header.prefix = tokenizer.prefix;
    header.flags = tokenizer.flags;
    header.unknown = tokenizer.unknown;
    header.bos = tokenizer.bos;
    writeTexts();
    header.lookup = append(sortedWords());
    header.byte_ids = append(tokenizer.byteIds);
    writeMerges();
    header.added = append(sortedAdded());
    header.opening = append(tokenizer.opening);
    header.closing = append(tokenizer.closing);
    header.ends = append(tokenizer.ends);
    writeUnicode();
    header.scores = append(allScores());
    header.rules = append(tokenizer.rules);
    header.rule_text = append(tokenizer.ruleText);
    header.bytes = bytes.size();
    std::memcpy(bytes.data(), &header, sizeof header);
    return std::move(bytes);
  }

private:
  template <typename Array> tc_blob_array append(const Array &array) {
    tc_blob_array place = {uint32_t(bytes.size()), uint32_t(array.size())};
    bytes.append(reinterpret_cast<const char *>(array.data()),
                 array.size() * sizeof(*array.data()));
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return place;
  }

  void writeTexts() {
    std::vector<uint32_t> spans = {0};
    std::string all;
    for (const std::string &text : tokenizer.texts) {
      all += text;
      spans.push_back(all.size());
    }
    header.spans = append(spans);
    header.text = append(all);
  }

  /// Of words with one text the first is found.
  std::vector<int32_t> sortedWords() {
    std::vector<int32_t> words = tokenizer.words;
    auto text = [&](int32_t id) { return StringRef(tokenizer.texts[id]); };
    llvm::sort(words, [&](int32_t a, int32_t b) {
      return std::pair(text(a), a) < std::pair(text(b), b);
    });
    auto end =
        std::unique(words.begin(), words.end(),
                    [&](int32_t a, int32_t b) { return text(a) == text(b); });
    words.erase(end, words.end());
    return words;
  }

  /// Of merges of one pair the last holds.
  void writeMerges() {
    std::vector<Merge> sorted = tokenizer.merges;
    auto pair = [](const Merge &m) { return std::pair(m.left, m.right); };
    llvm::sort(sorted, [&](const Merge &a, const Merge &b) {
      return std::pair(pair(a), a.rank) < std::pair(pair(b), b.rank);
    });
    std::vector<uint32_t> starts;
    std::vector<tc_blob_merge> merges;
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (i + 1 < sorted.size() && pair(sorted[i]) == pair(sorted[i + 1]))
        continue;
      while (int64_t(starts.size()) <= sorted[i].left)
        starts.push_back(merges.size());
      merges.push_back({sorted[i].right, sorted[i].rank, sorted[i].result});
    }
    starts.resize(tokenizer.texts.size() + 1, merges.size());
    header.merge_starts = append(starts);
    header.merges = append(merges);
  }

  /// Added tokens have none, as texts are not made of them.
  std::vector<double> allScores() {
    std::vector<double> scores = tokenizer.scores;
    if (tokenizer.flags & TC_TOKENIZER_UNIGRAM) {
      scores.resize(tokenizer.texts.size());
      scores.push_back(tokenizer.unknownScore);
    }
    return scores;
  }

  /// By first byte, then the longest first.
  std::vector<tc_blob_added> sortedAdded() {
    std::vector<tc_blob_added> added;
    for (const AddedToken &token : tokenizer.added)
      added.push_back({token.id, token.flags});
    auto key = [&](const tc_blob_added &token) {
      const std::string &text = tokenizer.texts[token.id];
      return std::tuple((unsigned char)text[0], -int64_t(text.size()),
                        token.id);
    };
    llvm::sort(added, [&](const tc_blob_added &a, const tc_blob_added &b) {
      return key(a) < key(b);
    });
    return added;
  }

  /// Only what this tokenizer asks for.
  void writeUnicode() {
    header.classes = append(classesFor(tokenizer.pattern));
    Normalization tables;
    if (tokenizer.flags & TC_TOKENIZER_NFC)
      tables = normalization();
    if (tokenizer.flags & TC_TOKENIZER_FOLD)
      tables.decompositions = folding(tokenizer.foldsCase);
    header.combining = append(tables.combining);
    header.decompositions = append(tables.decompositions);
    header.compositions = append(tables.compositions);
  }

  const Tokenizer &tokenizer;
  std::string bytes;
  tc_blob_header header = {};
};

} // namespace

std::string writeBlob(const Tokenizer &tokenizer) {
  return BlobWriter(tokenizer).write();
}

} // namespace text
