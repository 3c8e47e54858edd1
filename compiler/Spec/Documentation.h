// The reference of leaves and fields, from the table that the parser reads.
#ifndef COMPILER_SPEC_DOCUMENTATION_H
#define COMPILER_SPEC_DOCUMENTATION_H

#include <string>

namespace spec {

/// A Markdown section with a table for each leaf.
std::string documentLeaves();

} // namespace spec

#endif // COMPILER_SPEC_DOCUMENTATION_H
