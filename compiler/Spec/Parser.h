// From the text of a spec file to a checked tree.
#ifndef COMPILER_SPEC_PARSER_H
#define COMPILER_SPEC_PARSER_H

#include "compiler/Spec/Spec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SourceMgr.h"

#include <functional>
#include <optional>

namespace spec {

/// Parses and checks the spec in the main buffer of `sources`. Every error goes
/// to the source manager (file:line:col, the line, a caret), all of them in one
/// run; nullopt after any. The result has all defaults and derived sizes
/// filled.
std::optional<Spec> parseSpec(llvm::SourceMgr &sources);

/// Fills derived sizes, scopes and widths of a spec built in memory (importers)
/// and checks it exactly as parseSpec does. Errors go to `report`.
using Report = std::function<void(Place, const std::string &message)>;
bool checkSpec(Spec &spec, const Report &report);

/// Every parameter in the order of the structure; tied ones once.
std::vector<Parameter> listParameters(const Spec &spec);

/// `layers.attention` for `layers.{i}.attention`: where a layer has what all
/// its repetitions share.
std::string sharedScope(llvm::StringRef scope);

/// The parameter count, repetitions included.
int64_t countParameters(const Spec &spec);

/// How the matrices of a layer are stored: as it says itself, else as the model
/// does; f32 for layers without.
Dtype dtypeOf(const Layer &layer, const Spec &spec);

/// Most rows of a sequence that passes the layer, and its number of different
/// tokens: those of the source in an encoder-decoder's encoder.
int64_t contextOf(const Layer &layer, const Spec &spec);
int64_t vocabOf(const Layer &layer, const Spec &spec);

/// The canonical form: every derived size written out, two spaces of
/// indentation. Parsing it again gives the same tree and the same text.
std::string printSpec(const Spec &spec);

} // namespace spec

#endif // COMPILER_SPEC_PARSER_H
