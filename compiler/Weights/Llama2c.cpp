// Checkpoints of llama2.c, version 0 of its export: seven numbers, then float32
// values in a fixed order. Tensors get the names of its PyTorch model.
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/TensorFile.h"

#include "llvm/Support/Endian.h"

using namespace llvm;

namespace weights {
namespace {

constexpr uint64_t headerBytes = 7 * 4;
constexpr uint32_t laterMagic = 0x616b3432; // "ak42" of versions 1 and 2

Error checkHeader(StringRef path, const Llama2cHeader &header) {
  const std::pair<StringRef, int64_t> fields[] = {
      {"dim", header.dim},
      {"hidden_dim", header.hidden},
      {"n_layers", header.layers},
      {"n_heads", header.heads},
      {"n_kv_heads", header.kvHeads},
      {"vocab_size", header.vocab},
      {"max_seq_len", header.context}};
  for (const auto &[name, value] : fields)
    if (value <= 0)
      return fail("{}: header: {} is {}, expected a positive number",
                  path.str(), name.str(), value);
  if (header.dim % header.heads != 0 || header.dim / header.heads % 2 != 0)
    return fail("{}: header: dim {} does not give {} heads of an even size",
                path.str(), header.dim, header.heads);
  if (header.heads % header.kvHeads != 0)
    return fail("{}: header: {} heads cannot share {} kv heads evenly",
                path.str(), header.heads, header.kvHeads);
  return Error::success();
}

Expected<Llama2cHeader> parseHeader(StringRef path, StringRef file) {
  if (file.size() >= 8 && support::endian::read32le(file.data()) == laterMagic)
    return fail("{}: llama2.c file of version {}, only version 0 (float32) is "
                "read",
                path.str(), support::endian::read32le(file.data() + 4));
  if (file.starts_with("PK\3\4") || file.starts_with("\x80\2"))
    return fail("{}: a PyTorch pickle, not a llama2.c file; save the model as "
                "safetensors",
                path.str());
  if (file.size() < headerBytes)
    return fail("{}: {} bytes are no llama2.c file", path.str(), file.size());
  auto field = [&](int i) {
    return int64_t(int32_t(support::endian::read32le(file.data() + 4 * i)));
  };
  Llama2cHeader header{field(0), field(1), field(2), field(3),
                       field(4), field(5), field(6), true};
  if (header.vocab < 0) {
    header.vocab = -header.vocab;
    header.tied = false;
  }
  if (Error error = checkHeader(path, header))
    return error;
  return header;
}

/// Walks the values in the order of the file.
class Cursor {
public:
  Cursor(TensorFile &file, StringRef data) : file(file), data(data) {}

  /// `count` tensors of that shape, {i} in the name counting them.
  void take(StringRef name, int64_t count, std::vector<int64_t> shape) {
    __int128 bytes = 4;
    for (int64_t dim : shape)
      bytes *= dim; // at most two factors below 2^31, or one below 2^62
    for (int64_t i = 0; i < count && !short_; ++i) {
      if (bytes > __int128(data.size())) {
        short_ = true;
        return;
      }
      Tensor tensor{replaceIndex(name, i), DType::F32,    "F32", shape,
                    data.data(),           int64_t(bytes)};
      file.add(std::move(tensor));
      data = data.drop_front(size_t(bytes));
    }
  }
  void skip(int64_t rows, int64_t cols) {
    __int128 bytes = __int128(4) * rows * cols;
    if (bytes > __int128(data.size()))
      short_ = true;
    else
      data = data.drop_front(size_t(bytes));
  }
  bool isShort() const { return short_; }
  size_t left() const { return data.size(); }

private:
  static std::string replaceIndex(StringRef name, int64_t i) {
    size_t at = name.find("{i}");
    if (at == StringRef::npos)
      return name.str();
    return fmt::format("{}{}{}", name.take_front(at).str(), i,
                       name.drop_front(at + 3).str());
  }

  TensorFile &file;
  StringRef data;
  bool short_ = false;
};

} // namespace

Expected<Llama2cHeader> readLlama2cHeader(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  return parseHeader(path, (*buffer)->getBuffer());
}

Expected<TensorFile> readLlama2c(StringRef path) {
  TensorFile file(path);
  Expected<StringRef> bytes = file.map(path);
  if (!bytes)
    return bytes.takeError();
  Expected<Llama2cHeader> header = parseHeader(path, *bytes);
  if (!header)
    return header.takeError();

  const auto &[dim, hidden, layers, heads, kvHeads, vocab, context, tied] =
      *header;
  int64_t kvDim = dim / heads * kvHeads;
  Cursor cursor(file, bytes->drop_front(headerBytes));
  cursor.take("tok_embeddings.weight", 1, {vocab, dim});
  cursor.take("layers.{i}.attention_norm.weight", layers, {dim});
  cursor.take("layers.{i}.attention.wq.weight", layers, {dim, dim});
  cursor.take("layers.{i}.attention.wk.weight", layers, {kvDim, dim});
  cursor.take("layers.{i}.attention.wv.weight", layers, {kvDim, dim});
  cursor.take("layers.{i}.attention.wo.weight", layers, {dim, dim});
  cursor.take("layers.{i}.ffn_norm.weight", layers, {dim});
  cursor.take("layers.{i}.feed_forward.w1.weight", layers, {hidden, dim});
  cursor.take("layers.{i}.feed_forward.w2.weight", layers, {dim, hidden});
  cursor.take("layers.{i}.feed_forward.w3.weight", layers, {hidden, dim});
  cursor.take("norm.weight", 1, {dim});
  cursor.skip(context, dim / heads); // cosines and sines
  if (!tied)
    cursor.take("output.weight", 1, {vocab, dim});
  if (cursor.isShort())
    return fail("{}: truncated: {} bytes are fewer than its header says",
                path.str(), bytes->size());
  if (cursor.left() != 0)
    return fail("{}: {} bytes after the last tensor that its header says",
                path.str(), cursor.left());
  return file;
}

} // namespace weights
