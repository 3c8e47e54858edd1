// Which ids begin and end a text is seldom in the tokenizer itself; the files
// that model directories hold beside it say so, the most specific first.
#include "compiler/Text/Tokenizer.h"

#include "compiler/Weights/Fail.h"
#include "compiler/Weights/Json.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace text {
namespace {

/// Ends of texts in the vocabularies of well-known families.
constexpr StringRef wellKnownEnds[] = {
    "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>",
    "<|eom_id|>",    "<|im_end|>",      "<|return|>",
    "</s>",          "<eos>",           "<end_of_turn>"};

class BeginAndEnd {
public:
  BeginAndEnd(StringRef directory, Tokenizer &tokenizer)
      : directory(directory), tokenizer(tokenizer) {}

  Error read() {
    std::vector<int32_t> own = std::exchange(tokenizer.ends, {});
    for (StringRef file :
         {"generation_config.json", "config.json", "tokenizer_config.json"}) {
      Expected<json::Object> object = load(file);
      if (!object)
        return object.takeError();
      use(*object);
    }
    if (tokenizer.ends.empty())
      tokenizer.ends = own;
    if (tokenizer.ends.empty())
      for (StringRef token : wellKnownEnds)
        if (std::optional<int32_t> id = addedToken(token))
          tokenizer.ends.push_back(*id);
    if (tokenizer.bos < 0 && !tokenizer.opening.empty())
      tokenizer.bos = tokenizer.opening[0];
    /// It stands between texts: what ends one begins the next.
    if (tokenizer.bos < 0)
      tokenizer.bos = addedToken("<|endoftext|>").value_or(-1);
    return Error::success();
  }

private:
  /// Empty if there is no such file.
  Expected<json::Object> load(StringRef file) {
    SmallString<128> path(directory);
    sys::path::append(path, file);
    auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
    if (!buffer)
      return json::Object();
    Expected<json::Value> value =
        weights::parseJson((*buffer)->getBuffer(), path);
    if (!value)
      return value.takeError();
    if (json::Object *object = value->getAsObject())
      return std::move(*object);
    return weights::fail("{}: expected an object", path.str().str());
  }

  /// What an earlier file has said stays.
  void use(const json::Object &object) {
    if (tokenizer.ends.empty()) {
      addIds(object.get("eos_token_id"), tokenizer.ends);
      if (std::optional<int32_t> id = named(object.get("eos_token")))
        tokenizer.ends.push_back(*id);
    }
    if (tokenizer.bos < 0) {
      std::vector<int32_t> ids;
      addIds(object.get("bos_token_id"), ids);
      if (std::optional<int32_t> id = named(object.get("bos_token")))
        ids.push_back(*id);
      if (!ids.empty())
        tokenizer.bos = ids[0];
    }
    if (object.getBoolean("add_bos_token") == false)
      tokenizer.opening.clear();
  }

  /// A number or a list of numbers; those that are no ids are left out.
  void addIds(const json::Value *value, std::vector<int32_t> &ids) {
    if (!value)
      return;
    if (const json::Array *array = value->getAsArray()) {
      for (const json::Value &element : *array)
        if (!element.getAsArray())
          addIds(&element, ids);
      return;
    }
    std::optional<int64_t> id = value->getAsInteger();
    if (id && *id >= 0 && *id < int64_t(tokenizer.texts.size()) &&
        !is_contained(ids, *id))
      ids.push_back(*id);
  }

  /// A token's text, bare or in an object's "content".
  std::optional<int32_t> named(const json::Value *value) {
    if (!value)
      return std::nullopt;
    if (const json::Object *object = value->getAsObject())
      value = object->get("content");
    std::optional<StringRef> name;
    if (value)
      name = value->getAsString();
    return name ? addedToken(*name) : std::nullopt;
  }

  std::optional<int32_t> addedToken(StringRef text) {
    for (const AddedToken &token : tokenizer.added)
      if (tokenizer.texts[token.id] == text)
        return token.id;
    return std::nullopt;
  }

  StringRef directory;
  Tokenizer &tokenizer;
};

} // namespace

Error readBeginAndEnd(StringRef directory, Tokenizer &tokenizer) {
  return BeginAndEnd(directory, tokenizer).read();
}

} // namespace text
