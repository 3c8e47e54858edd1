/* The main function of the programs that transformer-compile makes. */
#ifndef TRANSFORMER_RUNTIME_PROGRAM_PROGRAM_H
#define TRANSFORMER_RUNTIME_PROGRAM_PROGRAM_H

#include "runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the command line; returns what main should: 0, 1 after bad input, 2
 * after wrong use. Weights are those of --weights, or <program>.weights. */
int tc_program_main(const tc_model *model, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
