/* Everything a program needs to run compiled models, but for text. */
#ifndef TRANSFORMER_RUNTIME_RUNTIME_H
#define TRANSFORMER_RUNTIME_RUNTIME_H

#include "runtime/abi.h"
#include "runtime/cpu.h"
#include "runtime/pool.h"
#include "runtime/session.h"
#include "runtime/status.h"
#include "runtime/weights.h"

#endif
