// Named tensors in files of others: what all formats share.
#include "compiler/Weights/TensorFile.h"
#include "compiler/Weights/CTranslate2.h"
#include "compiler/Weights/Fail.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace weights {

const Tensor *TensorFile::find(StringRef name) const {
  auto place = places.find(name);
  return place == places.end() ? nullptr : &list[place->second];
}

bool TensorFile::add(Tensor tensor) {
  if (!places.try_emplace(tensor.name, list.size()).second)
    return false;
  list.push_back(std::move(tensor));
  return true;
}

Expected<StringRef> TensorFile::map(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = mapFile(path);
  if (!buffer)
    return buffer.takeError();
  mappings.push_back(std::move(*buffer));
  return mappings.back()->getBuffer();
}

const char *TensorFile::keep(std::vector<float> values) {
  kept.push_back(std::move(values));
  return reinterpret_cast<const char *>(kept.back().data());
}

Expected<std::unique_ptr<MemoryBuffer>> mapFile(StringRef path) {
  sys::fs::file_status status;
  if (std::error_code code = sys::fs::status(path, status))
    return fail("{}: {}", path.str(), code.message());
  if (!sys::fs::is_regular_file(status))
    return fail("{}: not a regular file", path.str());
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail("{}: {}", path.str(), buffer.getError().message());
  return std::move(*buffer);
}

Expected<TensorFile> openTensorFile(StringRef path) {
  if (path.ends_with(".safetensors"))
    return readSafetensors(path);
  if (path.ends_with(".index.json"))
    return readShardedSafetensors(path);
  if (path.ends_with(".gguf"))
    return readGguf(path);
  if (path.ends_with(".bin"))
    return isCTranslate2(path) ? readCTranslate2(path) : readLlama2c(path);
  return fail("{}: expected a name ending in .safetensors, "
              ".safetensors.index.json, .gguf or .bin (llama2.c, CTranslate2)",
              path.str());
}

} // namespace weights
