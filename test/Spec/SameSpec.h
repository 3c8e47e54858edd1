// Equality of two specs but for places, written out field by field so that it
// does not lean on the printer.
#ifndef TEST_SPEC_SAMESPEC_H
#define TEST_SPEC_SAMESPEC_H

#include "compiler/Spec/Spec.h"

bool same(const spec::Spec &a, const spec::Spec &b);

#endif // TEST_SPEC_SAMESPEC_H
