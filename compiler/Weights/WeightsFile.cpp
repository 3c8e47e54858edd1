// The data section is written in one pass from its first byte to its last,
// whatever the order of the weights in the layout.
#include "compiler/Weights/WeightsFile.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/OutputFile.h"
#include "compiler/Weights/Packer.h"
#include "runtime/abi.h"
#include "runtime/checksum.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Parallel.h"

#include <cstring>
#include <future>

using namespace llvm;

namespace weights {
namespace {

constexpr size_t bufferBytes = size_t(4) << 20;

/// The data section: one buffer is filled while the other is summed up and
/// written.
class DataSection {
public:
  DataSection(OutputFile &file, uint64_t total, Progress progress)
      : file(file), total(total), progress(progress) {
    tc_checksum_begin(&checksum);
    // Copies into the page cache from addresses just off a page are several
    // times slower on some processors.
    for (auto &buffer : buffers)
      buffer = WritableMemoryBuffer::getNewUninitMemBuffer(bufferBytes, "",
                                                           Align(4096));
  }
  ~DataSection() {
    if (writing.valid())
      consumeError(writing.get());
  }

  /// Where the next byte goes.
  uint64_t position() const { return flushed + used; }

  Error append(ArrayRef<char> bytes) {
    while (!bytes.empty()) {
      size_t count = std::min(bytes.size(), bufferBytes - used);
      std::memcpy(buffers[0]->getBufferStart() + used, bytes.data(), count);
      used += count;
      bytes = bytes.drop_front(count);
      if (used == bufferBytes)
        if (Error error = flush())
          return error;
    }
    return Error::success();
  }

  Error zerosUntil(uint64_t end) {
    static constexpr char zeros[4096] = {};
    while (position() < end) {
      size_t count = std::min<uint64_t>(sizeof zeros, end - position());
      if (Error error = append(ArrayRef(zeros, count)))
        return error;
    }
    return Error::success();
  }

  /// Writes what is left; nothing is under way afterwards.
  Error finish() {
    if (Error error = flush())
      return error;
    return wait();
  }

  uint64_t sum() const { return tc_checksum_end(&checksum); }

private:
  Error wait() {
    if (writing.valid())
      if (Error error = writing.get())
        return error;
    if (progress)
      progress(flushed, total);
    return Error::success();
  }

  Error flush() {
    if (Error error = wait())
      return error;
    ArrayRef<char> bytes(buffers[0]->getBufferStart(), used);
    writing = std::async([this, bytes, offset = flushed] {
      tc_checksum_add(&checksum, bytes.data(), bytes.size());
      return file.write(TC_WEIGHTS_DATA + offset, bytes);
    });
    flushed += used;
    used = 0;
    std::swap(buffers[0], buffers[1]);
    return Error::success();
  }

  OutputFile &file;
  uint64_t total, flushed = 0;
  Progress progress;
  std::unique_ptr<WritableMemoryBuffer> buffers[2]; ///< the first is filled
  size_t used = 0;
  std::future<Error> writing;
  tc_checksum_state checksum;
};

struct Copy {
  const PackedWeight *weight;
  std::vector<int64_t> index;
  int64_t offset;
};

/// Every copy of every weight in the order of the file, none over another.
Expected<std::vector<Copy>> orderCopies(const Layout &layout) {
  std::vector<Copy> copies;
  for (const PackedWeight &weight : layout.weights) {
    if (Error error = checkWeight(weight))
      return error;
    forEachIndex(weight.repeats, [&](ArrayRef<int64_t> index) {
      int64_t offset = weight.offset;
      for (size_t k = 0; k < index.size(); ++k)
        offset += index[k] * weight.strides[k];
      copies.push_back({&weight, index.vec(), offset});
    });
  }
  llvm::sort(copies,
             [](const Copy &a, const Copy &b) { return a.offset < b.offset; });
  int64_t end = 0;
  for (const Copy &copy : copies) {
    if (copy.offset < end)
      return fail("weight '{}' at {} begins before {}, where the one before it "
                  "ends",
                  copy.weight->name, copy.offset, end);
    end = copy.offset + copy.weight->bytes;
    if (end > layout.bytes)
      return fail("weight '{}' ends at {} of {} bytes", copy.weight->name, end,
                  layout.bytes);
  }
  return copies;
}

/// Some pieces at a time, packed by all cores; `room` is for as many.
Error writeCopy(DataSection &data, const Copy &copy, const TensorSource &source,
                std::vector<Packer::Piece> &room) {
  Expected<Packer> packer = Packer::open(*copy.weight, source, copy.index);
  if (!packer)
    return packer.takeError();
  if (Error error = data.zerosUntil(uint64_t(copy.offset)))
    return error;
  int64_t end = packer->pieces();
  for (int64_t k = 0; k < end; k += int64_t(room.size())) {
    MutableArrayRef<Packer::Piece> pieces(room);
    pieces = pieces.take_front(std::min(room.size(), size_t(end - k)));
    Error error = parallelForEachError(pieces, [&](Packer::Piece &piece) {
      return packer->pack(k + (&piece - pieces.data()), piece);
    });
    if (error)
      return error;
    for (const Packer::Piece &piece : pieces)
      if (Error error = data.append(piece.bytes))
        return error;
  }
  return Error::success();
}

ArrayRef<char> bytesOf(StringRef text) {
  return ArrayRef(text.data(), text.size());
}

Error writeHeader(OutputFile &file, tc_weights_header header) {
  std::vector<char> page(TC_WEIGHTS_DATA, 0);
  header.header_checksum = 0;
  header.header_checksum = tc_checksum(&header, sizeof header);
  std::memcpy(page.data(), &header, sizeof header);
  return file.write(0, page);
}

} // namespace

Error writeWeightsFile(StringRef path, const Layout &layout,
                       const TensorSource &source, StringRef tokenizer,
                       const Metadata &metadata, Progress progress) {
  Expected<OutputFile> file =
      OutputFile::create(path, TC_WEIGHTS_DATA + uint64_t(layout.bytes));
  if (!file)
    return file.takeError();
  Expected<std::vector<Copy>> copies = orderCopies(layout);
  if (!copies)
    return copies.takeError();

  DataSection data(*file, uint64_t(layout.bytes), progress);
  std::vector<Packer::Piece> room(
      2 * size_t(parallel::strategy.compute_thread_count()));
  for (const Copy &copy : *copies)
    if (Error error = writeCopy(data, copy, source, room))
      return error;
  if (Error error = data.zerosUntil(uint64_t(layout.bytes)))
    return error;
  if (Error error = data.finish())
    return error;

  std::string description = describeLayout(layout, metadata);
  uint64_t end = TC_WEIGHTS_DATA + uint64_t(layout.bytes);
  if (Error error = file->write(end, bytesOf(description)))
    return error;
  end = alignTo(end + description.size(), TC_ALIGN);
  if (Error error = file->write(end, bytesOf(tokenizer)))
    return error;

  tc_weights_header header = {};
  std::memcpy(header.magic, "TCWEIGHT", sizeof header.magic);
  header.version = TC_WEIGHTS_VERSION;
  header.header_bytes = sizeof header;
  header.layout_hash = layout.hash();
  header.data_bytes = uint64_t(layout.bytes);
  header.data_checksum = data.sum();
  header.metadata_bytes = description.size();
  header.tokenizer_bytes = tokenizer.size();
  if (Error error = writeHeader(*file, header))
    return error;
  return file->keep();
}

} // namespace weights
