// The object is linked in memory; the weights go through a temporary file, as
// in a program.
#include "compiler/Verify/Run.h"

#include "compiler/Weights/WeightsFile.h"
#include "runtime/program/predict.h"
#include "runtime/runtime.h"

#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/TargetSelect.h"

#include <fmt/format.h>

using namespace llvm;

namespace verify {

/// So many rows at the end of a sequence are appended one by one.
constexpr size_t singleRows = 4;

namespace {

/// A name in the system's folder for temporary files; the file is removed.
class TemporaryFile {
public:
  static Expected<TemporaryFile> create() {
    SmallString<128> path;
    if (std::error_code code =
            sys::fs::createTemporaryFile("transformer-verify", "weights", path))
      return createStringError(
          fmt::format("no temporary file for weights: {}", code.message()));
    sys::RemoveFileOnSignal(path);
    return TemporaryFile(path.str().str());
  }
  TemporaryFile(TemporaryFile &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryFile() {
    if (path.empty())
      return;
    sys::fs::remove(path);
    sys::DontRemoveFileOnSignal(path);
  }

  std::string path;

private:
  explicit TemporaryFile(std::string path) : path(std::move(path)) {}
};

struct CloseEngine {
  void operator()(tc_engine *engine) const { tc_engine_destroy(engine); }
};
struct CloseSession {
  void operator()(tc_session *session) const { tc_session_destroy(session); }
};
using Engine = std::unique_ptr<tc_engine, CloseEngine>;
using Session = std::unique_ptr<tc_session, CloseSession>;

} // namespace

static Error failure(tc_status status) {
  return status ? createStringError(fmt::format("the compiled model: {}",
                                                tc_status_text(status)))
                : Error::success();
}

static Expected<std::unique_ptr<orc::LLJIT>> load(const Compiled &compiled) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  if (Error error = (*jit)->addObjectFile(MemoryBuffer::getMemBufferCopy(
          compiled.object, compiled.model.name + ".o")))
    return error;
  return std::move(*jit);
}

/// Has the session read the input's source of that number.
static tc_status readSource(tc_session *session, const tc_model *model,
                            const reference::Input &input, size_t number) {
  size_t size = tc_source_size(model);
  if (model->source_input == TC_INPUT_REALS)
    return tc_session_encode_reals(
        session, input.sourceImages.data() + number * size, 1);
  if (model->source_input == TC_INPUT_ROWS) {
    const std::vector<float> &rows = input.sourceRows[number];
    return tc_session_encode_reals(session, rows.data(), rows.size() / size);
  }
  const std::vector<int32_t> &tokens = input.sources[number];
  return tc_session_encode(session, tokens.data(), tokens.size());
}

static Error runSequence(tc_engine *engine, const reference::Input &input,
                         size_t number, tc_entry entry) {
  const tc_model *model = tc_engine_model(engine);
  if (!tc_has_sessions(model))
    return failure(tc_engine_step(engine, &entry, 1));
  tc_session *made = nullptr;
  if (tc_status status = tc_session_create(engine, &made))
    return failure(status);
  Session session(made);
  size_t prefix = number < input.prefixes.size() ? input.prefixes[number] : 0;
  if (prefix)
    if (tc_status status = tc_session_set_prefix(made, prefix))
      return failure(status);
  if (tc_has_sources(model))
    if (tc_status status = readSource(made, model, input, number))
      return failure(status);
  entry.session = made;
  for (size_t left = entry.count; left; left -= entry.count) {
    entry.count = !model->causal      ? left
                  : left > singleRows ? left - singleRows
                                      : 1;
    if (tc_session_length(made) == 0)
      entry.count = std::max(entry.count, prefix);
    if (tc_status status = tc_engine_step(engine, &entry, 1))
      return failure(status);
    if (entry.tokens)
      entry.tokens += entry.count;
    else
      entry.rows += entry.count * tc_input_size(model);
    if (entry.types)
      entry.types += entry.count;
    entry.output += entry.count * model->output_dim;
  }
  return Error::success();
}

/// The input's sequences, all of whose rows are wanted.
static std::vector<tc_entry> sequencesOf(const tc_model *model,
                                         const reference::Input &input) {
  std::vector<tc_entry> entries;
  const bool queries = model->queries;
  for (const std::vector<int32_t> &tokens :
       queries ? input.sources : input.sequences)
    entries.push_back({nullptr, tokens.data(), tokens.size(), TC_WANT_ALL,
                       nullptr, nullptr, nullptr, nullptr});
  for (const std::vector<float> &rows : queries ? input.sourceRows : input.rows)
    entries.push_back({nullptr, nullptr, rows.size() / tc_input_size(model),
                       TC_WANT_ALL, nullptr, rows.data(), nullptr, nullptr});
  for (auto [entry, types] : zip(entries, input.types))
    entry.types = types.data();
  return entries;
}

static ArrayRef<float> imagesOf(const tc_model *model,
                                const reference::Input &input) {
  return model->queries ? input.sourceImages : input.images;
}

/// How many rows the runtime writes for the input.
static int64_t countRows(const tc_model *model, const reference::Input &input,
                         ArrayRef<tc_entry> sequences) {
  if (model->input == TC_INPUT_REALS)
    return imagesOf(model, input).size() / tc_input_size(model) *
           tc_output_rows(model);
  int64_t rows = 0;
  for (const tc_entry &entry : sequences)
    rows += tc_entry_outputs(model, entry.count);
  return rows;
}

static Expected<std::vector<float>>
runInput(tc_engine *engine, const reference::Input &input, int64_t rows) {
  const tc_model *model = tc_engine_model(engine);
  std::vector<tc_entry> sequences = sequencesOf(model, input);
  if (int64_t made = countRows(model, input, sequences); made != rows)
    return createStringError(fmt::format(
        "the compiled model makes {} rows, the reference {}", made, rows));
  std::vector<float> output(size_t(rows) * model->output_dim);
  if (model->input == TC_INPUT_REALS) {
    ArrayRef<float> images = imagesOf(model, input);
    size_t count = images.size() / tc_input_size(model);
    std::vector<int32_t> types;
    for (const std::vector<int32_t> &image : input.types)
      types.insert(types.end(), image.begin(), image.end());
    if (Error error = failure(tc_engine_run_types(
            engine, images.data(), types.empty() ? nullptr : types.data(),
            count, output.data())))
      return error;
    return output;
  }
  float *to = output.data();
  for (auto [i, entry] : enumerate(sequences)) {
    entry.output = to;
    to += tc_entry_outputs(model, entry.count) * model->output_dim;
    if (Error error = runSequence(engine, input, i, entry))
      return error;
  }
  return output;
}

/// Calls `use` with an engine of the model.
static Error withEngine(const Compiled &compiled,
                        const weights::TensorSource &source,
                        function_ref<Error(tc_engine *)> use) {
  auto jit = load(compiled);
  if (!jit)
    return jit.takeError();
  auto symbol = (*jit)->lookup(compiled.model.name + "_model");
  if (!symbol)
    return symbol.takeError();
  auto file = TemporaryFile::create();
  if (!file)
    return file.takeError();
  if (Error error = weights::writeWeightsFile(
          file->path, compiled.layout, source, /*tokenizer=*/"",
          {{"model", compiled.model.name}}, [](uint64_t, uint64_t) {}))
    return error;
  tc_error error;
  tc_engine *made = nullptr;
  if (tc_engine_open(symbol->toPtr<const tc_model *>(), file->path.c_str(),
                     /*threads=*/1, &made, &error))
    return createStringError(error.text);
  Engine engine(made);
  return use(engine.get());
}

Expected<std::vector<float>> run(const Compiled &compiled,
                                 const weights::TensorSource &source,
                                 const reference::Input &input, int64_t rows) {
  std::vector<float> output;
  Error error = withEngine(compiled, source, [&](tc_engine *engine) -> Error {
    auto made = runInput(engine, input, rows);
    if (!made)
      return made.takeError();
    output = std::move(*made);
    return Error::success();
  });
  if (error)
    return error;
  return output;
}

Expected<Prediction> predict(const Compiled &compiled,
                             const weights::TensorSource &source,
                             ArrayRef<int32_t> tokens) {
  tc_prediction made;
  Error error = withEngine(compiled, source, [&](tc_engine *engine) {
    return failure(
        tc_engine_predict(engine, tokens.data(), tokens.size(), &made));
  });
  if (error)
    return error;
  return Prediction{made.tokens, made.perplexity};
}

} // namespace verify
