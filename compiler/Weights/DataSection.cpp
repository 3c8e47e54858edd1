// Every core takes the next chunk, packs it and writes it. Only the checksum
// runs from the first byte to the last: it takes a chunk in its turn.
#include "compiler/Weights/DataSection.h"
#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Packer.h"
#include "runtime/abi.h"
#include "runtime/checksum.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <mutex>

using namespace llvm;

namespace weights {
namespace {

constexpr uint64_t chunkBytes = 1 << 20; // about: what the caches hold
constexpr uint64_t page = 4096;

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

/// Pieces [first, end) of a copy, at `at` of the data section.
struct Run {
  std::shared_ptr<Packer> packer;
  int64_t first, end;
  uint64_t at;
};

/// Some bytes of the data section, zeros where no run is.
struct Chunk {
  uint64_t number = 0, begin = 0, bytes = 0;
  std::vector<Run> runs;
};

/// Cuts the data section into chunks, between pieces.
class Cutter {
public:
  Cutter(std::vector<Copy> copies, uint64_t total, const TensorSource &source)
      : copies(std::move(copies)), total(total), source(source) {}

  /// The next one; of no bytes if there is none. Numbered in any case.
  Error next(Chunk &chunk);

private:
  Error openCopy();
  void takePieces(Chunk &chunk, uint64_t end);

  std::vector<Copy> copies;
  uint64_t total;
  const TensorSource &source;
  uint64_t number = 0, position = 0;
  size_t copy = 0;                ///< the next to be opened
  std::shared_ptr<Packer> packer; ///< of the one before it; null at its end
  int64_t piece = 0;
};

Error Cutter::next(Chunk &chunk) {
  chunk = {number++, position, 0, {}};
  uint64_t end = std::min(position + chunkBytes, total);
  while (position < end) {
    if (!packer) {
      uint64_t start =
          copy < copies.size() ? uint64_t(copies[copy].offset) : total;
      position = std::min(start, end);
      if (position == end)
        break;
      if (Error error = openCopy())
        return error;
    }
    takePieces(chunk, end);
    if (packer)
      break; // the next piece is another chunk's
  }
  chunk.bytes = position - chunk.begin;
  return Error::success();
}

Error Cutter::openCopy() {
  const Copy &opened = copies[copy++];
  Expected<Packer> made = Packer::open(*opened.weight, source, opened.index);
  if (!made)
    return made.takeError();
  packer = std::make_shared<Packer>(std::move(*made));
  piece = 0;
  return Error::success();
}

/// Those that end before `end`, but at least one in a chunk.
void Cutter::takePieces(Chunk &chunk, uint64_t end) {
  Run run = {packer, piece, piece, position};
  for (; run.end < packer->pieces(); ++run.end) {
    uint64_t bytes = uint64_t(packer->bytes(run.end));
    if (position > chunk.begin && position + bytes > end)
      break;
    position += bytes;
  }
  piece = run.end;
  if (piece == packer->pieces())
    packer = nullptr;
  if (run.end > run.first)
    chunk.runs.push_back(std::move(run));
}

/// What one core needs to pack chunks.
class Room {
public:
  /// The chunk's bytes; they live until the next call.
  Expected<ArrayRef<char>> pack(const Chunk &chunk);

private:
  std::unique_ptr<WritableMemoryBuffer> buffer;
  std::vector<float> scratch;
};

Expected<ArrayRef<char>> Room::pack(const Chunk &chunk) {
  // Copies into the page cache from addresses just off a page are several
  // times slower on some processors: bytes are in a page where they will be.
  uint64_t inPage = chunk.begin % page;
  if (!buffer || buffer->getBufferSize() < inPage + chunk.bytes)
    buffer = WritableMemoryBuffer::getNewUninitMemBuffer(
        page + std::max(chunkBytes, chunk.bytes), "", Align(page));
  char *first = buffer->getBufferStart() + inPage, *out = first;
  auto zerosUntil = [&](uint64_t position) {
    char *end = first + (position - chunk.begin);
    std::fill(out, end, 0);
    out = end;
  };
  for (const Run &run : chunk.runs) {
    zerosUntil(run.at);
    for (int64_t k = run.first; k < run.end; ++k) {
      if (Error error = run.packer->pack(k, out, scratch))
        return error;
      out += run.packer->bytes(k);
    }
  }
  zerosUntil(chunk.begin + chunk.bytes);
  return ArrayRef(first, chunk.bytes);
}

class Writer {
public:
  Writer(OutputFile &file, Cutter cutter, uint64_t total, Progress progress)
      : file(file), cutter(std::move(cutter)), total(total),
        progress(progress) {
    tc_checksum_begin(&checksum);
  }

  /// The checksum, or the error of the first chunk with one.
  Expected<uint64_t> run() {
    parallelFor(0, parallel::strategy.compute_thread_count(),
                [&](size_t) { work(); });
    if (failure)
      return std::move(failure);
    return tc_checksum_end(&checksum);
  }

private:
  /// What each core does.
  void work() {
    Room room;
    Chunk chunk;
    do {
      Error error = take(chunk);
      if (!error && chunk.bytes == 0)
        return;
      ArrayRef<char> bytes;
      if (!error)
        error = room.pack(chunk).moveInto(bytes);
      if (!error)
        error = file.write(TC_WEIGHTS_DATA + chunk.begin, bytes);
      finish(chunk, bytes, std::move(error));
    } while (!stopped);
  }

  Error take(Chunk &chunk) {
    std::lock_guard lock(mutex);
    return cutter.next(chunk);
  }

  /// Waits until all chunks before this one are finished; so every chunk that
  /// is taken must be.
  void finish(const Chunk &chunk, ArrayRef<char> bytes, Error error) {
    std::unique_lock lock(mutex);
    turns.wait(lock, [&] { return turn == chunk.number; });
    lock.unlock();
    if (stopped) {
      consumeError(std::move(error));
    } else if (error) {
      failure = joinErrors(std::move(failure), std::move(error));
      stopped = true;
    } else {
      tc_checksum_add(&checksum, bytes.data(), bytes.size());
      if (progress)
        progress(chunk.begin + chunk.bytes, total);
    }
    lock.lock();
    ++turn;
    turns.notify_all();
  }

  OutputFile &file;
  std::mutex mutex; ///< of `cutter` and `turn`
  Cutter cutter;
  std::condition_variable turns;
  uint64_t turn = 0; ///< the chunk to be finished next; its core has these:
  tc_checksum_state checksum;
  uint64_t total;
  Progress progress;
  Error failure = Error::success();
  std::atomic<bool> stopped = false;
};

} // namespace

Expected<uint64_t> writeData(OutputFile &file, const Layout &layout,
                             const TensorSource &source, Progress progress) {
  Expected<std::vector<Copy>> copies = orderCopies(layout);
  if (!copies)
    return copies.takeError();
  uint64_t total = uint64_t(layout.bytes);
  return Writer(file, Cutter(std::move(*copies), total, source), total,
                progress)
      .run();
}

} // namespace weights
