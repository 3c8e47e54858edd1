// One folder a test, so that tests can run side by side.
#include "ProgramRun.h"

#include <filesystem>
#include <sys/wait.h>

ProgramRun::ProgramRun() {
  for (const char *model : {"language", "text", "image", "encoder",
                            "translator", "rows", "reader", "detector"}) {
    std::string name = std::string("fake_") + model;
    std::filesystem::create_symlink(TC_PROGRAMS "/" + name, folder / name);
  }
  writeFile(folder / "weights", fakeFile());
}

Outcome ProgramRun::shell(const std::string &command) {
  std::string line = "cd " + folder.path + " && (" + command +
                     ") > .output 2> .errors < /dev/null";
  int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          readFile(folder / ".output"), readFile(folder / ".errors")};
}

Outcome ProgramRun::run(const std::string &model,
                        const std::string &arguments) {
  return shell("./fake_" + model + " --weights weights " + arguments);
}

void ProgramRun::python(const std::string &code) {
  writeFile(folder / "check.py", "import numpy as np\n" + code);
  Outcome outcome = shell("/usr/bin/python3 check.py");
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
}

bool ProgramRun::hasNumpy() {
  return shell("/usr/bin/python3 -c 'import numpy'").code == 0;
}

void ProgramRun::expectFails(const Outcome &outcome, int code,
                             const char *message) {
  EXPECT_EQ(outcome.code, code) << outcome.errors;
  EXPECT_NE(outcome.errors.find(message), std::string::npos) << outcome.errors;
  EXPECT_EQ(outcome.output, "");
}
