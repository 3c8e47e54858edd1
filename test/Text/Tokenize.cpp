// tokenize FILE: opens a tokenizer as made programs do, then encodes and
// decodes what it is told, for tests in other languages. Standard input is a
// row of texts, each behind its length as 4 bytes; behind the first bit of the
// length lies whether the ids around every text are wanted. Standard output has
// for each the number of ids, the ids, the number of bytes they decode to, and
// these.
#include "compiler/Text/Convert.h"
#include "runtime/text/text.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

static void put(const void *data, uint32_t count, size_t size) {
  std::fwrite(&count, sizeof count, 1, stdout);
  std::fwrite(data, size, count, stdout);
}

static bool encode(const tc_tokenizer *tokenizer, uint32_t length) {
  std::string text(length >> 1, '\0');
  if (std::fread(text.data(), 1, text.size(), stdin) != text.size())
    return false;
  ptrdiff_t count =
      tc_encode(tokenizer, text.data(), text.size(), length & 1, nullptr, 0);
  if (count < 0)
    return false;
  std::vector<int32_t> ids(count);
  tc_encode(tokenizer, text.data(), text.size(), length & 1, ids.data(),
            ids.size());
  std::string decoded;
  int32_t previous = -1;
  for (int32_t id : ids) {
    size_t at = decoded.size();
    size_t bytes = tc_decode_piece(tokenizer, previous, id, nullptr, 0);
    decoded.resize(at + bytes);
    tc_decode_piece(tokenizer, previous, id, decoded.data() + at, bytes);
    previous = id;
  }
  put(ids.data(), ids.size(), sizeof(int32_t));
  put(decoded.data(), decoded.size(), 1);
  return true;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tokenize FILE\n");
    return 2;
  }
  llvm::Expected<std::string> blob = text::convertTokenizer(argv[1]);
  if (!blob) {
    std::fprintf(stderr, "%s\n", llvm::toString(blob.takeError()).c_str());
    return 1;
  }
  std::vector<uint32_t> memory(blob->size() / 4 + 1);
  std::memcpy(memory.data(), blob->data(), blob->size());
  tc_tokenizer *tokenizer;
  int status = tc_tokenizer_open(memory.data(), blob->size(), &tokenizer);
  if (status) {
    std::fprintf(stderr, "%s: %s\n", argv[1], tc_text_error(status));
    return 1;
  }
  uint32_t length;
  while (std::fread(&length, sizeof length, 1, stdin) == 1)
    if (!encode(tokenizer, length))
      return 1;
  tc_tokenizer_close(tokenizer);
  return 0;
}
