// cl::opt lives here and nowhere else.
#include "compiler/tools/Options.h"

#include "compiler/Spec/Diagnostics.h"
#include "compiler/Spec/Words.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace tool;

static cl::OptionCategory category("transformer-compile options");

static cl::opt<std::string> input(cl::Positional, cl::desc("INPUT"),
                                  cl::cat(category));
static cl::opt<std::string>
    output("o", cl::value_desc("NAME"), cl::cat(category),
           cl::desc("Program to make; NAME.weights lies beside it"));
static cl::opt<bool>
    objectOnly("c", cl::cat(category),
               cl::desc("Stop at NAME.o, with NAME.h and NAME.weights"));
static cl::opt<std::string> emitWhat(
    "emit", cl::value_desc("LEVEL"), cl::cat(category), cl::init("exe"),
    cl::desc("What to write: spec (in canonical form), transformer (what is "
             "computed), kernel (fused kernels on tensors), loops (scf, vector "
             "and memref), llvm, asm, obj (as -c) or exe (default)"));
static cl::opt<std::string>
    until("until", cl::value_desc("STAGE"), cl::cat(category),
          cl::desc("Stop after simplify-model, choose-kernels, assign-memory, "
                   "emit-loops or lower-to-llvm and write the IR"));
static cl::opt<int64_t>
    context("context", cl::value_desc("N"), cl::cat(category),
            cl::desc("Most rows of a sequence, instead of the model's own"));
static cl::opt<std::string>
    tower("tower", cl::value_desc("text|vision"), cl::cat(category),
          cl::desc("Which tower of a model that has two (CLIP)"));
static cl::opt<uint64_t>
    seed("seed", cl::value_desc("N"), cl::cat(category),
         cl::desc("Of pseudo-random weights for a spec without any"));
static cl::opt<std::string> dtype(
    "weights", cl::value_desc("FORMAT"), cl::cat(category),
    cl::desc("How matrices are stored, instead of the model's own dtype: f32, "
             "bf16, int8 or int4; layers that say a dtype keep it"));
static cl::opt<std::string> compute(
    "compute", cl::value_desc("FORMAT"), cl::cat(category), cl::init("f32"),
    cl::desc("How bf16 matrices are multiplied: f32 (default), or bf16: both "
             "sides rounded, twice as fast on CPUs with AVX512-BF16; makes "
             "--weights bf16 unless it is given"));
static cl::opt<std::string> cache(
    "cache", cl::value_desc("FORMAT"), cl::cat(category), cl::init("f32"),
    cl::desc("How sessions hold keys and values: f32 (default), bf16 or int8, "
             "with a scale for each head of a row"));
static cl::opt<std::string>
    tokenizer("tokenizer", cl::value_desc("FILE"), cl::cat(category),
              cl::desc("Tokenizer, instead of the one beside INPUT"));
static cl::opt<std::string>
    cpu("mcpu", cl::value_desc("CPU"), cl::cat(category), cl::init("native"),
        cl::desc("native, x86-64-v3, x86-64-v4 or a name that LLVM knows"));
static cl::opt<std::string>
    triple("target", cl::value_desc("TRIPLE"), cl::cat(category),
           cl::desc("Such as aarch64-linux-gnu; this machine's by default"));
static cl::opt<bool>
    verify("verify", cl::cat(category),
           cl::desc("Run the compiled model here and compare its layers with a "
                    "float64 evaluation; exit code 1, and nothing written, if "
                    "they differ by more than rounding. Without -o, -c, --emit "
                    "and --until nothing else is done"));
static cl::opt<std::string>
    text("text", cl::value_desc("FILE"), cl::cat(category),
         cl::desc("With --verify: perplexity of the compiled model on this "
                  "text, and of the same model in f32"));
static cl::opt<std::string> schedule(
    "schedule", cl::value_desc("FILE"), cl::cat(category),
    cl::desc("Register tiles by kernel, such as 'layers.mlp.up: {rows: 8, "
             "vectors: 3}', instead of the target's"));
static cl::opt<bool> report(
    "report", cl::cat(category),
    cl::desc("Print a line for each kernel: its size, schedule and work"));
static cl::opt<bool> profile(
    "profile", cl::cat(category),
    cl::desc("Let kernels report their times: for NAME bench --profile"));
static cl::opt<bool> verbose("v", cl::cat(category),
                             cl::desc("Print the time of each stage"));

static void printVersion(raw_ostream &os) {
  os << "transformer-compile " TRANSFORMER_VERSION " (LLVM " LLVM_VERSION_STRING
        ")\n";
}

/// One line and a hint; the exit code of wrong usage.
static std::optional<Options> usage(const Twine &message, int &exitCode) {
  errs() << "transformer-compile: error: " << message
         << "; see transformer-compile --help\n";
  exitCode = 2;
  return std::nullopt;
}

/// LLVM's first complaint in one line, with the nearest of our options: its own
/// guess is a single letter where an unknown option begins with one.
static std::string complaintOf(StringRef text) {
  StringRef line = text.trim().split('\n').first;
  size_t colon = line.find(": ");
  StringRef what = colon == StringRef::npos ? line : line.substr(colon + 2);
  what = what.split(".  Try: ").first;
  if (what.empty()) // told already
    return "wrong use";
  auto [before, quoted] = what.split("'--");
  StringRef name =
      quoted.take_until([](char c) { return c == '=' || c == '\''; });
  StringRef nearest;
  unsigned best = 3; // letters that may differ
  for (const auto &[known, option] : cl::getRegisteredOptions())
    if (unsigned distance = name.edit_distance(known);
        distance < best && known.size() > 1) {
      best = distance;
      nearest = known;
    }
  if (name.empty() || nearest.empty())
    return what.str();
  return (what + "; did you mean '--" + nearest + "'?").str();
}

static std::string defaultOutput() {
  StringRef name = sys::path::stem(StringRef(input).rtrim('/'));
  return (name.empty() ? StringRef("model") : name).str();
}

static std::string librariesOf(const char *program) {
  static int anchor;
  SmallString<256> path(sys::fs::getMainExecutable(program, &anchor));
  sys::path::remove_filename(path);
  sys::path::append(path, "..", "lib");
  return path.str().str();
}

/// What of the output's place is wrong, if anything.
static std::string checkOutput(StringRef path) {
  if (sys::fs::is_directory(path))
    return ("output '" + path + "' is a directory").str();
  StringRef folder = sys::path::parent_path(path);
  if (folder.empty() || sys::fs::is_directory(folder))
    return "";
  return ("output directory '" + folder + "' does not exist").str();
}

/// The words of --emit.
static constexpr std::pair<StringLiteral, Emit> levels[] = {
    {"spec", Emit::Spec},     {"transformer", Emit::Transformer},
    {"kernel", Emit::Kernel}, {"loops", Emit::Loops},
    {"llvm", Emit::Llvm},     {"asm", Emit::Asm},
    {"obj", Emit::Obj},       {"exe", Emit::Exe}};

static std::optional<Emit> levelOf(StringRef word) {
  for (const auto &[name, level] : levels)
    if (name == word)
      return level;
  return std::nullopt;
}

static StringRef nearestLevel(StringRef word) {
  return llvm::min_element(levels,
                           [&](const auto &x, const auto &y) {
                             return word.edit_distance(x.first) <
                                    word.edit_distance(y.first);
                           })
      ->first;
}

/// The number format of that word.
static std::optional<spec::Dtype> dtypeOf(StringRef word) {
  spec::Words words = spec::wordsOf(spec::Dtype());
  const auto *found = llvm::find(words, word);
  if (found == words.end())
    return std::nullopt;
  return static_cast<spec::Dtype>(found - words.begin());
}

std::optional<Options> tool::readCommandLine(int argc, char **argv,
                                             int &exitCode) {
  cl::HideUnrelatedOptions(category);
  cl::SetVersionPrinter(printVersion);
  std::string complaint;
  raw_string_ostream complaints(complaint);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "Compiles a transformer ahead of time.\n\n  INPUT is a spec (.yaml), "
          "a Hugging Face directory, a .gguf or a llama2.c .bin\n",
          &complaints)) {
    return usage(complaintOf(complaint), exitCode);
  }
  Options options;
  if (input.empty())
    return usage("no input", exitCode);
  if (context.getNumOccurrences() && context <= 0)
    return usage("--context is " + Twine(context) + ", expected 1 or more",
                 exitCode);
  if (until.getNumOccurrences()) {
    options.until = pipeline::stageOf(until);
    if (!options.until)
      return usage("unknown stage '" + until + "'", exitCode);
  }
  options.input = input;
  std::optional<Emit> level = levelOf(emitWhat);
  if (!level)
    return usage("unknown level '" + emitWhat + "' of --emit; did you mean '" +
                     nearestLevel(emitWhat) + "'?",
                 exitCode);
  options.emit = objectOnly ? Emit::Obj : *level;
  if (verify && options.emit == Emit::Spec)
    return usage("--verify compiles the model, --emit=spec does not", exitCode);
  if (!text.empty() && !verify)
    return usage("--text is for --verify", exitCode);
  options.text = text;
  options.verify = verify;
  options.verifyOnly = verify && output.empty() && !objectOnly &&
                       !emitWhat.getNumOccurrences() && !options.until;
  bool named = !options.until && !options.verifyOnly &&
               (options.emit == Emit::Obj || options.emit == Emit::Exe);
  options.output = output.empty() ? (named ? defaultOutput() : "-") : output;
  if (named && StringRef(options.output).ends_with(".o"))
    options.output.resize(options.output.size() - 2);
  if (std::string problem = checkOutput(options.output); !problem.empty()) {
    errs() << "transformer-compile: error: " << problem << '\n';
    exitCode = 1;
    return std::nullopt;
  }
  if (dtype.getNumOccurrences()) {
    options.dtype = dtypeOf(dtype);
    if (!options.dtype)
      return usage("--weights is '" + dtype + "', expected " +
                       spec::listWords(spec::wordsOf(spec::Dtype()), "or"),
                   exitCode);
  }
  std::optional<spec::Dtype> cached = dtypeOf(cache);
  if (!cached || *cached == spec::Dtype::Int4)
    return usage("--cache is '" + cache + "', expected f32, bf16 or int8",
                 exitCode);
  options.cache = *cached;
  if (compute != "f32" && compute != "bf16")
    return usage("--compute is '" + compute + "', expected f32 or bf16",
                 exitCode);
  options.pairs = compute == "bf16";
  if (options.pairs && !options.dtype)
    options.dtype = spec::Dtype::Bf16;
  if (options.pairs && options.dtype != spec::Dtype::Bf16)
    return usage("--compute=bf16 multiplies matrices of bf16, but --weights is "
                 "'" +
                     dtype + "'",
                 exitCode);
  options.tokenizer = tokenizer;
  options.cpu = triple.empty() || cpu.getNumOccurrences() ? cpu : std::string();
  options.triple = triple;
  options.context = context;
  options.tower = tower;
  options.seed = seed;
  options.verbose = verbose;
  options.profile = profile;
  options.report = report;
  options.schedule = schedule;
  options.libraries = librariesOf(argv[0]);
  return options;
}
