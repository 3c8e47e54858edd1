// What a model.bin of CTranslate2 says besides its tensors.
#ifndef COMPILER_WEIGHTS_CTRANSLATE2_H
#define COMPILER_WEIGHTS_CTRANSLATE2_H

#include "compiler/Weights/TensorFile.h"

#include <map>

namespace weights {

struct CTranslate2Model {
  explicit CTranslate2Model(llvm::StringRef path) : file(path) {}

  TensorFile file;  ///< matrices of integers as f32
  std::string spec; ///< "TransformerBase", "TransformerSpec" ...
  uint32_t revision = 0;
  std::map<std::string, double> settings;     ///< single numbers, by name
  std::map<std::string, std::string> aliases; ///< other names of tensors
};

llvm::Expected<CTranslate2Model> readCTranslate2Model(llvm::StringRef path);

/// Whether the file begins as one of CTranslate2.
bool isCTranslate2(llvm::StringRef path);

} // namespace weights

#endif // COMPILER_WEIGHTS_CTRANSLATE2_H
