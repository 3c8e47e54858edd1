// What is around the data section: header, metadata and tokenizer.
#include "compiler/Weights/WeightsFile.h"
#include "compiler/Weights/DataSection.h"
#include "runtime/abi.h"
#include "runtime/checksum.h"

#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace llvm;

namespace weights {
namespace {

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
  Expected<uint64_t> checksum = writeData(*file, layout, source, progress);
  if (!checksum)
    return checksum.takeError();

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
  header.data_checksum = *checksum;
  header.metadata_bytes = description.size();
  header.tokenizer_bytes = tokenizer.size();
  if (Error error = writeHeader(*file, header))
    return error;
  return file->keep();
}

} // namespace weights
