// Layers as text, for the canonical form and for comparing definitions.
#ifndef COMPILER_SPEC_PRINTER_H
#define COMPILER_SPEC_PRINTER_H

#include "compiler/Spec/Spec.h"

#include <string>

namespace spec {

/// The list of layers, each line indented by `indent` spaces.
std::string printLayers(const Layers &layers, unsigned indent);

} // namespace spec

#endif // COMPILER_SPEC_PRINTER_H
