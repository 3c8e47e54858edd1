/* A made program around one of the fake models. */
#include "FakeModel.h"

#include "runtime/program/program.h"

int main(int argc, char **argv) {
  return tc_program_main(&FAKE_MODEL, argc, argv);
}
