// Measures register tiles on this machine: compiles a model once for each
// candidate, with a profile, and times every kernel against the target's own
// tiles in the same minutes. What is gained goes to a file for --schedule.
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <chrono>
#include <map>

using namespace llvm;

static cl::OptionCategory category("transformer-tune options");
static cl::opt<std::string> input(cl::Positional, cl::Required,
                                  cl::desc("INPUT"), cl::cat(category));
static cl::opt<std::string> output("o", cl::value_desc("FILE"), cl::Required,
                                   cl::cat(category),
                                   cl::desc("Schedules to write"));
static cl::opt<int> threads("j", cl::init(1), cl::value_desc("N"),
                            cl::cat(category),
                            cl::desc("Threads to measure with (1)"));
static cl::opt<int> prefill("prefill", cl::init(128), cl::cat(category),
                            cl::desc("Tokens of the prompt (128)"));
static cl::opt<int> decode("decode", cl::init(32), cl::cat(category),
                           cl::desc("Tokens one by one after it (32)"));
static cl::opt<double> budget("seconds", cl::init(60), cl::cat(category),
                              cl::desc("Time to measure in, without "
                                       "compiling (60)"));
static cl::list<std::string>
    passed(cl::ConsumeAfter, cl::cat(category),
           cl::desc("[options of transformer-compile]"));

namespace {

struct Tile {
  int rows, vectors;
};

struct Kernel {
  int lanes;
  Tile tile; ///< the target's
  bool integers;
};

using Times = std::map<std::string, std::vector<double>>; // by kernel

struct Tuner {
  std::string compiler;
  SmallString<128> folder;
  std::map<std::string, Kernel> kernels;
  std::map<std::string, Tile> best;
  std::map<std::string, double> gains; ///< of the best so far

  Error tune();
  Error readKernels(const json::Object &figures);
  Error tryTile(int vectors, double seconds);
  Expected<bool> build(StringRef name, std::map<std::string, Tile> &tiles,
                       bool mayDrop);
  Expected<json::Object> run(StringRef program);
  Error compare(StringRef program, double seconds, Times &mine, Times &known);
  Error confirm();
  std::string path(const Twine &name) { return (folder + "/" + name).str(); }
};

Error failure(const Twine &message) { return createStringError(message.str()); }

Expected<std::string> readText(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return failure(path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

double median(std::vector<double> values) {
  llvm::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

std::string textOf(const std::map<std::string, Tile> &tiles) {
  std::string text;
  for (const auto &[name, tile] : tiles)
    text += fmt::format("{}: {{rows: {}, vectors: {}}}\n", name, tile.rows,
                        tile.vectors);
  return text;
}

/// Compiles with these tiles. A kernel for which one is impossible keeps the
/// target's: the compiler names its line. False if none is left.
Expected<bool> Tuner::build(StringRef name, std::map<std::string, Tile> &tiles,
                            bool mayDrop) {
  for (;;) {
    std::string file = path(name + ".yaml"), log = path(name + ".log");
    {
      std::error_code code;
      raw_fd_ostream(file, code) << textOf(tiles);
      if (code)
        return failure(file + ": " + code.message());
    }
    std::string schedule = "--schedule=" + file, program = path(name);
    SmallVector<StringRef> words{compiler, input,    "-o",
                                 program,  schedule, "--profile"};
    llvm::append_range(words, passed);
    int code = sys::ExecuteAndWait(compiler, words, std::nullopt,
                                   {std::nullopt, log, log});
    if (code == 0)
      return true;
    auto text = readText(log);
    if (!text)
      return text.takeError();
    SmallVector<std::string> names;
    for (const auto &[kernel, tile] : tiles)
      names.push_back(kernel);
    bool dropped = false;
    SmallVector<StringRef> lines;
    StringRef(*text).split(lines, '\n');
    for (StringRef line : lines) {
      unsigned number;
      if (line.consume_front(file + ":") && !line.consumeInteger(10, number) &&
          number >= 1 && number <= names.size())
        dropped |= tiles.erase(names[number - 1]) != 0;
    }
    if (!dropped || !mayDrop)
      return failure("cannot compile '" + input + "':\n" + *text);
    if (tiles.empty())
      return false;
  }
}

Expected<json::Object> Tuner::run(StringRef program) {
  std::string file = path("figures.json"), errors = path("errors");
  std::string executable = path(program);
  sys::fs::remove(file); // what runs into a longer file leaves its end
  std::string count = std::to_string(threads), rows = std::to_string(prefill),
              tokens = std::to_string(decode);
  SmallVector<StringRef> words{executable,  "bench", "--json",    "--profile",
                               "--repeat",  "1",     "--threads", count,
                               "--prefill", rows,    "--decode",  tokens};
  if (sys::ExecuteAndWait(executable, words, std::nullopt,
                          {std::nullopt, file, errors})) {
    auto text = readText(errors);
    return failure("cannot measure: " + (text ? *text : ""));
  }
  auto text = readText(file);
  if (!text)
    return text.takeError();
  auto value = json::parse(*text);
  if (!value)
    return value.takeError();
  return *value->getAsObject();
}

/// Seconds of each kernel: the prompt and all tokens after it.
void addTimes(const json::Object &figures, Times &times) {
  std::map<std::string, double> sums;
  for (const json::Value &value : *figures.getArray("profile")) {
    const json::Object &phase = *value.getAsObject();
    double repeats = *phase.getString("phase") == "decode" ? decode : 1;
    for (const json::Value &entry : *phase.getArray("kernels")) {
      const json::Object &kernel = *entry.getAsObject();
      sums[kernel.getString("name")->str()] +=
          repeats * *kernel.getNumber("seconds");
    }
    sums[""] += repeats * *phase.getNumber("seconds");
  }
  for (const auto &[name, seconds] : sums)
    times[name].push_back(seconds);
}

/// Measures a program and the one with the target's tiles in turn.
Error Tuner::compare(StringRef program, double seconds, Times &mine,
                     Times &known) {
  auto start = std::chrono::steady_clock::now();
  for (int round = 0;; ++round) {
    for (auto [name, times] :
         {std::pair(StringRef("target"), &known), std::pair(program, &mine)}) {
      auto figures = run(name);
      if (!figures)
        return figures.takeError();
      addTimes(*figures, *times);
    }
    std::chrono::duration<double> passed =
        std::chrono::steady_clock::now() - start;
    if (round >= 2 && passed.count() > seconds)
      return Error::success();
  }
}

Error Tuner::readKernels(const json::Object &figures) {
  for (const json::Value &phase : *figures.getArray("profile"))
    for (const json::Value &entry : *phase.getAsObject()->getArray("kernels")) {
      const json::Object &kernel = *entry.getAsObject();
      if (*kernel.getString("kind") != "matmul")
        continue;
      SmallVector<StringRef> numbers;
      kernel.getString("schedule")->split(numbers, " x ");
      Kernel known;
      if (numbers.size() != 3 || numbers[0].getAsInteger(10, known.tile.rows) ||
          numbers[1].getAsInteger(10, known.tile.vectors) ||
          numbers[2].getAsInteger(10, known.lanes))
        return failure("a kernel has no schedule");
      known.integers = kernel.getString("shape")->contains(" int");
      kernels[kernel.getString("name")->str()] = known;
    }
  return Error::success();
}

/// As many rows as the registers hold, for every kernel.
Error Tuner::tryTile(int vectors, double seconds) {
  std::map<std::string, Tile> tiles;
  for (const auto &[name, kernel] : kernels) {
    int registers = kernel.lanes == 8 ? 16 : 32;
    int rows = (registers - vectors - 1) / vectors / (kernel.integers ? 2 : 1);
    if (rows > 0 &&
        (rows != kernel.tile.rows || vectors != kernel.tile.vectors))
      tiles[name] = {rows, vectors};
  }
  auto built = tiles.empty() ? Expected<bool>(false)
                             : build("candidate", tiles, /*mayDrop=*/true);
  if (!built || !*built)
    return built.takeError();
  Times mine, known;
  if (Error error = compare("candidate", seconds, mine, known))
    return error;
  for (const auto &[name, tile] : tiles) {
    double gain = median(known[name]) / median(mine[name]);
    outs() << fmt::format("{:<44} {:>2} x {}: {:+.1f} %\n", name, tile.rows,
                          tile.vectors, 100 * (gain - 1));
    outs().flush();
    auto [entry, first] = gains.try_emplace(name, 1.02); // less is noise
    if (gain > entry->second) {
      entry->second = gain;
      best[name] = tile;
    }
  }
  return Error::success();
}

/// All that was chosen together, against the target's tiles.
Error Tuner::confirm() {
  if (best.empty()) {
    outs() << "the target's tiles are the quickest\n";
    return Error::success();
  }
  auto built = build("candidate", best, /*mayDrop=*/true);
  if (!built)
    return built.takeError();
  Times mine, known;
  if (Error error = compare("candidate", budget / 5, mine, known))
    return error;
  double before = median(known[""]), after = median(mine[""]);
  outs() << fmt::format("all: {:.3f} ms, {:.3f} ms with the target's tiles: "
                        "{:+.1f} %\n",
                        1e3 * after, 1e3 * before, 100 * (before / after - 1));
  if (after >= before)
    best.clear();
  return Error::success();
}

Error Tuner::tune() {
  std::map<std::string, Tile> none;
  auto built = build("target", none, /*mayDrop=*/false);
  if (!built)
    return built.takeError();
  auto figures = run("target");
  if (!figures)
    return figures.takeError();
  if (Error error = readKernels(*figures))
    return error;
  for (int vectors : {2, 3, 4, 6})
    if (Error error = tryTile(vectors, budget / 5))
      return error;
  if (Error error = confirm())
    return error;
  std::error_code code;
  raw_fd_ostream file(output, code);
  file << "# Measured by transformer-tune: for transformer-compile "
          "--schedule.\n"
       << textOf(best);
  return code ? failure(output + ": " + code.message()) : Error::success();
}

} // namespace

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv, "Measures register tiles of a model on this machine.\n");
  static int anchor;
  SmallString<256> compiler(sys::fs::getMainExecutable(argv[0], &anchor));
  sys::path::remove_filename(compiler);
  sys::path::append(compiler, "transformer-compile");
  Tuner tuner;
  tuner.compiler = compiler.str().str();
  Error error = Error::success();
  if (auto code =
          sys::fs::createUniqueDirectory("transformer-tune", tuner.folder))
    error = joinErrors(std::move(error), failure(code.message()));
  else
    error = joinErrors(std::move(error), tuner.tune());
  sys::fs::remove_directories(tuner.folder);
  if (!error)
    return 0;
  errs() << "transformer-tune: error: " << toString(std::move(error)) << '\n';
  return 1;
}
