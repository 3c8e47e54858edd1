/* Maps a weights file and refuses it with a reason if it does not fit. */
#include "runtime/weights.h"
#include "runtime/checksum.h"
#include "runtime/cpu.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#if defined(__unix__) || defined(__APPLE__)
#define TC_MAP_FILES 1
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define TC_MAP_FILES 0
#endif

_Static_assert(sizeof(tc_weights_header) == 64, "the header is as on disk");

struct tc_weights {
  const unsigned char *contents;
  size_t bytes;
  int file;     /* kept open while its contents are mapped; -1: not ours */
  char path[1]; /* for messages */
};

/* ---- Checks -------------------------------------------------------------- */

static tc_status checkObject(const tc_model *model, tc_error *error) {
  if (model->abi_version != TC_ABI_VERSION)
    return tc_fail(error, TC_BAD_OBJECT,
                   "model '%s' was compiled for version %" PRIu32
                   " of the runtime, this is version %d; compile it again",
                   model->name, model->abi_version, TC_ABI_VERSION);
  uint32_t missing = model->features & ~tc_cpu_features();
  if (missing)
    return tc_fail(error, TC_BAD_CPU,
                   "model '%s' was compiled for %s, this CPU lacks %s; compile "
                   "it again with --mcpu=native or an older CPU",
                   model->name, model->target, tc_cpu_feature_name(missing));
  return TC_OK;
}

static tc_status checkHeader(const tc_weights *weights, tc_error *error) {
  const char *path = weights->path;
  tc_weights_header header;
  if (weights->bytes < 8 || memcmp(weights->contents, "TCWEIGHT", 8) != 0)
    return tc_fail(error, TC_NOT_WEIGHTS,
                   "%s: not a weights file; pass the .weights file that was "
                   "written beside the compiled model",
                   path);
  if (weights->bytes < TC_WEIGHTS_DATA)
    return tc_fail(error, TC_TRUNCATED,
                   "%s: only %zu bytes, its header alone has %d; copy or "
                   "compile it again",
                   path, weights->bytes, TC_WEIGHTS_DATA);
  memcpy(&header, weights->contents, sizeof header);
  if (header.version != TC_WEIGHTS_VERSION ||
      header.header_bytes != sizeof header)
    return tc_fail(error, TC_NOT_WEIGHTS,
                   "%s: weights file of version %" PRIu32
                   ", this runtime reads version %d; compile the model again",
                   path, header.version, TC_WEIGHTS_VERSION);
  uint64_t said = header.header_checksum;
  header.header_checksum = 0;
  uint64_t found = tc_checksum(&header, sizeof header);
  if (found != said)
    return tc_fail(error, TC_DAMAGED,
                   "%s: header is damaged: its checksum is %016" PRIx64
                   ", it says %016" PRIx64 "; copy or compile it again",
                   path, found, said);
  return TC_OK;
}

static tc_status checkModel(const tc_weights *weights, const tc_model *model,
                            tc_error *error) {
  const tc_weights_header *header = tc_weights_head(weights);
  if (header->layout_hash != model->layout_hash ||
      header->data_bytes != model->weights_bytes)
    return tc_fail(error, TC_OTHER_MODEL,
                   "%s: weights of another model: layout %016" PRIx64
                   ", %" PRIu64 " bytes; '%s' needs layout %016" PRIx64
                   ", %" PRIu64 " bytes; compile both in one run",
                   weights->path, header->layout_hash, header->data_bytes,
                   model->name, model->layout_hash, model->weights_bytes);
  return TC_OK;
}

/* End of the last section; SIZE_MAX if the sum overflows. */
static size_t neededBytes(const tc_weights_header *header) {
  size_t end = TC_WEIGHTS_DATA;
  const uint64_t sections[] = {header->data_bytes, header->metadata_bytes};
  for (int i = 0; i < 2; ++i) {
    if (sections[i] > SIZE_MAX / 2 - end)
      return SIZE_MAX;
    end += (size_t)sections[i];
  }
  if (header->tokenizer_bytes == 0)
    return end;
  end = (end + TC_ALIGN - 1) / TC_ALIGN * TC_ALIGN;
  if (header->tokenizer_bytes > SIZE_MAX - end)
    return SIZE_MAX;
  return end + (size_t)header->tokenizer_bytes;
}

static tc_status checkSize(const tc_weights *weights, tc_error *error) {
  size_t needed = neededBytes(tc_weights_head(weights));
  if (weights->bytes < needed)
    return tc_fail(error, TC_TRUNCATED,
                   "%s: incomplete: %zu bytes, its header says %zu; copy or "
                   "compile it again",
                   weights->path, weights->bytes, needed);
  return TC_OK;
}

tc_status tc_weights_check_data(const tc_weights *weights, tc_error *error) {
  const tc_weights_header *header = tc_weights_head(weights);
  uint64_t found =
      tc_checksum(tc_weights_data(weights), (size_t)header->data_bytes);
  if (found != header->data_checksum)
    return tc_fail(error, TC_DAMAGED,
                   "%s: data is damaged: its checksum is %016" PRIx64
                   ", the header says %016" PRIx64 "; copy or compile it again",
                   weights->path, found, header->data_checksum);
  return TC_OK;
}

static tc_status checkAll(const tc_weights *weights, const tc_model *model,
                          int check, tc_error *error) {
  tc_status status = checkHeader(weights, error);
  if (!status)
    status = checkModel(weights, model, error);
  if (!status)
    status = checkSize(weights, error);
  if (!status && (check & TC_CHECK_DATA))
    status = tc_weights_check_data(weights, error);
  return status;
}

/* ---- Opening ------------------------------------------------------------- */

static tc_weights *allocate(const char *path) {
  size_t length = strlen(path);
  tc_weights *weights = malloc(sizeof *weights + length);
  if (!weights)
    return NULL;
  memset(weights, 0, sizeof *weights);
  weights->file = -1;
  memcpy(weights->path, path, length + 1);
  return weights;
}

static tc_status mapFile(tc_weights *weights, tc_error *error) {
#if TC_MAP_FILES
  do
    weights->file = open(weights->path, O_RDONLY | O_CLOEXEC);
  while (weights->file < 0 && errno == EINTR);
  struct stat info;
  if (weights->file < 0 || fstat(weights->file, &info) != 0)
    return tc_fail(error, TC_NO_FILE, "%s: cannot be opened: %s", weights->path,
                   strerror(errno));
  if (!S_ISREG(info.st_mode))
    return tc_fail(error, TC_NO_FILE, "%s: not a regular file", weights->path);
  if (info.st_size == 0)
    return tc_fail(error, TC_TRUNCATED, "%s: empty", weights->path);
  if ((uintmax_t)info.st_size > SIZE_MAX)
    return tc_fail(error, TC_NO_MEMORY, "%s: too large for this machine",
                   weights->path);
  void *contents =
      mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, weights->file, 0);
  if (contents == MAP_FAILED)
    return tc_fail(error, TC_NO_MEMORY, "%s: cannot be mapped: %s",
                   weights->path, strerror(errno));
  weights->contents = contents;
  weights->bytes = (size_t)info.st_size;
  madvise(contents, weights->bytes, MADV_WILLNEED);
  return TC_OK;
#else
  return tc_fail(error, TC_NO_FILE,
                 "%s: this system has no mapped files; read it and use "
                 "tc_weights_wrap",
                 weights->path);
#endif
}

tc_status tc_weights_open(const tc_model *model, const char *path, int check,
                          tc_weights **out, tc_error *error) {
  if (!model || !path || !out)
    return tc_fail(error, TC_BAD_ARGUMENT,
                   "tc_weights_open needs a model, a path and a result");
  *out = NULL;
  tc_status status = checkObject(model, error);
  if (status)
    return status;
  tc_weights *weights = allocate(path);
  if (!weights)
    return tc_fail(error, TC_NO_MEMORY, "%s: out of memory", path);
  status = mapFile(weights, error);
  if (!status)
    status = checkAll(weights, model, check, error);
  if (status) {
    tc_weights_close(weights);
    return status;
  }
  *out = weights;
  return TC_OK;
}

tc_status tc_weights_wrap(const tc_model *model, const void *contents,
                          size_t bytes, int check, tc_weights **out,
                          tc_error *error) {
  if (!model || !contents || !out || (uintptr_t)contents % TC_ALIGN)
    return tc_fail(error, TC_BAD_ARGUMENT,
                   "tc_weights_wrap needs a model, contents aligned to %d "
                   "bytes and a result",
                   TC_ALIGN);
  *out = NULL;
  tc_status status = checkObject(model, error);
  if (status)
    return status;
  tc_weights *weights = allocate("weights in memory");
  if (!weights)
    return tc_fail(error, TC_NO_MEMORY, "weights in memory: out of memory");
  weights->contents = contents;
  weights->bytes = bytes;
  status = checkAll(weights, model, check, error);
  if (status) {
    tc_weights_close(weights);
    return status;
  }
  *out = weights;
  return TC_OK;
}

void tc_weights_close(tc_weights *weights) {
  if (!weights)
    return;
#if TC_MAP_FILES
  if (weights->file >= 0) {
    if (weights->contents)
      munmap((void *)weights->contents, weights->bytes);
    close(weights->file);
  }
#endif
  free(weights);
}

/* ---- Parts --------------------------------------------------------------- */

const tc_weights_header *tc_weights_head(const tc_weights *weights) {
  return (const tc_weights_header *)weights->contents;
}

const void *tc_weights_data(const tc_weights *weights) {
  return weights->contents + TC_WEIGHTS_DATA;
}

size_t tc_weights_bytes(const tc_weights *weights) { return weights->bytes; }

const char *tc_weights_metadata(const tc_weights *weights, size_t *bytes) {
  const tc_weights_header *header = tc_weights_head(weights);
  *bytes = (size_t)header->metadata_bytes;
  return (const char *)weights->contents + TC_WEIGHTS_DATA + header->data_bytes;
}

const void *tc_weights_tokenizer(const tc_weights *weights, size_t *bytes) {
  const tc_weights_header *header = tc_weights_head(weights);
  *bytes = (size_t)header->tokenizer_bytes;
  if (header->tokenizer_bytes == 0)
    return NULL;
  return weights->contents + neededBytes(header) - *bytes;
}

int tc_weights_intact(const tc_weights *weights) {
#if TC_MAP_FILES
  struct stat info;
  return weights->file < 0 || (fstat(weights->file, &info) == 0 &&
                               (uintmax_t)info.st_size >= weights->bytes);
#else
  (void)weights;
  return 1;
#endif
}
