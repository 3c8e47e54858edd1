/* The contract between generated code, the weights file and whoever calls them.
 * Plain C11 data, no functions: an object needs nothing but this to be used,
 * also without an operating system. */
#ifndef TRANSFORMER_RUNTIME_ABI_H
#define TRANSFORMER_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TC_ABI_VERSION = 6,
  TC_ALIGN = 64, /* of weights, caches and scratch */
  TC_WEIGHTS_VERSION = 1,
  TC_WEIGHTS_DATA = 4096 /* offset of the data section in the weights file */
};

/* Calls body(state, begin, end) over disjoint ranges that cover [0, n) and
 * returns when all are done. How the ranges are cut never changes a bit. */
typedef void (*tc_parallel_for)(void *pool, size_t n,
                                void (*body)(void *state, size_t begin,
                                             size_t end),
                                void *state);

/* Called by the thread that runs the step when a kernel begins (end = 0) and
 * when all of its work is done (end = 1). `kernel` counts in
 * tc_model.kernels. */
typedef struct tc_step tc_step;
typedef void (*tc_report)(const tc_step *step, uint32_t kernel, uint32_t end);

/* One step of generated code: `rows` rows (tokens, patches) of `sequences`
 * sequences. Rows of one sequence are adjacent and in order of position. */
struct tc_step {
  const void *weights;      /* data section of the weights file */
  void *scratch;            /* tc_model.scratch_bytes */
  const int32_t *tokens;    /* [rows]; null when the input is real-valued */
  const float *input;       /* [rows][row's size] of rows, or
                               [sequences][input_size]; null with tokens */
  const int32_t *positions; /* [rows]: place in its sequence, from 0 */
  void *const *caches;      /* [rows]: the cache of the row's sequence */
  const int32_t *starts;    /* [sequences + 1]: first row of each, then rows */
  const int32_t *tiles;     /* [tile_count][4]: first row, number of rows (at
                               most tile_rows, all of one sequence), number of
                               rows that the sequence holds after this step,
                               index of the sequence */
  const int32_t *outputs;   /* [output_count]: rows whose output is wanted, of
                               those that come out; unused when the model
                               pools */
  float *output;            /* [output_count][output_dim] */
  size_t rows, sequences, tile_count, output_count;
  tc_parallel_for parallel_for; /* null: the calling thread alone */
  void *pool;
  tc_report report; /* of objects compiled with a profile; null: none wanted */
  void *report_state;
  const int32_t *sources; /* [sequences]: rows of each one's source; null for
                             models without an encoder */
  float *const
      *taps; /* [taps of the function][most rows of a call]: where what
                a tap hands out of a row goes, [rounds][heads][columns]; null:
                nowhere. Of taps of rows that are made each sequence's first row
                has the place for all of its */
  const int32_t *limits; /* [rows]: how many rows of its sequence each sees, of
                            TC_PREFIX models; not falling within a sequence */
  const int32_t *types;  /* [rows]: below tc_model.types; null: the model does
                            not tell rows apart */
};

/* What the rows of a kernel are. */
typedef enum tc_count {
  TC_COUNT_ROWS = 0,
  TC_COUNT_OUTPUTS = 1,
  TC_COUNT_SEQUENCES = 2
} tc_count;

/* By what a kernel multiplies. */
typedef enum tc_arithmetic {
  TC_FMA = 0,      /* fused multiply-adds of f32, or as quick integer code */
  TC_DOT_BF16 = 1, /* vdpbf16ps */
  TC_DOT_INT8 = 2  /* vpdpbusd, sdot */
} tc_arithmetic;
enum { TC_ARITHMETICS = 3 };

/* A kernel of a profile. Flops are those of multiply-adds. */
typedef struct tc_kernel {
  const char *name;     /* of its layer: "layers.mlp.up" */
  const char *kind;     /* "matmul", "attention", "norm" ... */
  const char *shape;    /* for people */
  const char *schedule; /* rows x vectors x lanes of its register tile, or "" */
  uint64_t weight_bytes;         /* read once a call */
  uint64_t row_flops, row_bytes; /* of each row */
  uint64_t pair_flops;           /* of each row and each key that it sees */
  uint64_t key_bytes;            /* of each key that rows of a step see */
  uint64_t window;               /* most keys a row sees; 0: all */
  uint32_t causal;               /* 1: keys up to the row's own position */
  uint32_t count;                /* tc_count */
  uint32_t arithmetic;           /* tc_arithmetic */
  uint32_t source;               /* 1: keys are all rows of the source */
} tc_kernel;

/* What a model hands out of each row beside the output, if one asks. */
typedef struct tc_tap {
  const char *name; /* of its layer: "layers.stream" */
  uint32_t rounds;  /* repetitions of the layer */
  uint32_t heads;   /* of attention's weights; 0: values of the row */
  uint32_t columns; /* values; or of each head weights of that many rows */
  uint32_t made;    /* reals: how many rows it has of each input (of `encode`
                       of each source; not of rows of queries); others: how
                       many of tc_model.windows its rows are behind, 0: they
                       are those that go in */
} tc_tap;

/* A named part of each output row. */
typedef struct tc_part {
  const char *name;
  uint32_t first, size; /* columns */
} tc_part;

/* Windows of `size` rows, `stride` apart, with `pad` of zeros at both ends of a
 * sequence: each makes one row. */
typedef struct tc_windows {
  uint32_t size, stride, pad;
} tc_windows;

/* What one reads: a sequence of tokens, an array of reals of a fixed shape, or
 * a sequence of rows of reals. */
typedef enum tc_input {
  TC_INPUT_TOKENS = 0,
  TC_INPUT_REALS = 1,
  TC_INPUT_ROWS = 2
} tc_input;

typedef enum tc_causality {
  TC_WHOLE = 0,  /* a sequence is whole in one step */
  TC_CAUSAL = 1, /* rows see earlier ones; sequences may be cut into steps */
  TC_PREFIX = 2  /* so they may behind the rows of a prefix, which see each
                    other and are whole in one step */
} tc_causality;

/* Instruction sets an object may need; tc_model.features is their sum. */
enum {
  TC_CPU_AVX2_FMA = 1, /* AVX2, FMA, BMI2, F16C: x86-64-v3 */
  TC_CPU_AVX512 = 2,   /* AVX-512 F, BW, CD, DQ, VL: x86-64-v4 */
  TC_CPU_AVX512_VNNI = 4,
  TC_CPU_AVX512_BF16 = 8,
  TC_CPU_NEON = 16,        /* AArch64 baseline */
  TC_CPU_NEON_DOTPROD = 32 /* AArch64 sdot */
};

/* A compiled model: constant data in the object, `<name>_model` in C. */
typedef struct tc_model {
  uint32_t abi_version;   /* TC_ABI_VERSION */
  uint32_t features;      /* TC_CPU_* the code needs */
  uint64_t layout_hash;   /* of the weights file that fits */
  uint64_t weights_bytes; /* of its data section */
  uint64_t cache_bytes;   /* of one sequence */
  uint64_t scratch_bytes; /* of one running step */
  uint32_t input;         /* tc_input */
  uint32_t causal;        /* tc_causality */
  uint32_t pooled;        /* 1: one output row a sequence */
  uint32_t vocab;         /* 0 without tokens */
  uint32_t context;       /* most rows of one sequence */
  uint32_t max_rows;      /* most rows of one step */
  uint32_t max_outputs;   /* most output rows of one step */
  uint32_t tile_rows;     /* most rows of one attention tile */
  uint32_t output_dim;
  uint32_t input_dims; /* reals: number of dimensions of one input; rows: 1 */
  uint64_t input_shape[4];
  uint32_t rows_per_input; /* reals: rows that one input makes */
  uint32_t kernel_count;   /* with a profile */
  uint64_t parameters;     /* number of parameters */
  const char *name;        /* C identifier */
  const char *target;      /* triple and CPU, for messages */
  void (*step)(const tc_step *step);
  const tc_kernel *kernels; /* null: compiled without a profile */
  /* For people: how matrices are stored ("int8, f32"), what they are
   * multiplied in, how caches hold keys and values. */
  const char *weights_formats, *compute_format, *cache_format;
  /* Encoder-decoders; null and zeros in other models. A source is whole in one
   * call, whose rows are the source's; it puts what the decoder reads of the
   * source into the cache and forgets nothing else there. */
  void (*encode)(const tc_step *step);
  uint32_t source_vocab;    /* number of different tokens of sources */
  uint32_t source_context;  /* most rows of one source */
  uint32_t source_max_rows; /* most rows of one call */
  uint32_t source_dim;      /* width of the rows that `encode` puts out */
  int32_t start_token;      /* of the decoder; -1: not known */
  int32_t end_token;        /* likewise */
  const tc_tap *taps;
  uint32_t tap_count;
  uint32_t recurrent; /* 1: caches hold sums over all rows of a sequence, so
                         that sessions cannot go back but to their beginning */
  /* What `encode` reads, as input, input_dims and input_shape say it of the
   * model itself. An image makes source_context rows. */
  uint32_t source_input; /* tc_input */
  uint32_t source_dims;
  uint64_t source_shape[4];
  /* Rows of the decoder, of each input that `encode` has read; the model's
   * input is then its encoder's, and steps have none. 0: the decoder has an
   * input. */
  uint32_t queries;
  uint32_t part_count;
  const tc_part *parts; /* of outputs with names */
  /* How many rows come out of a sequence where it is not as many as go in:
   * `outputs` of a step count these. */
  uint32_t rows_made;     /* reals: of each input; 0: rows_per_input */
  uint32_t windows_count; /* others: what makes them, in order; of the encoder,
                             if there is one */
  const tc_windows *windows;
  uint32_t max_sequences; /* most of one step, or one call of the encoder; 0: as
                             many as rows */
  uint32_t types;         /* of rows that the caller tells apart; 0: none */
  uint32_t typed_rows;  /* reals: the last rows of an input, which have types */
  uint32_t source_taps; /* the last of `taps`: those of `encode` */
} tc_model;

/* The first TC_WEIGHTS_DATA bytes of a weights file, little-endian, the rest of
 * them zero. Then `data_bytes` bytes of data, then `metadata_bytes` of UTF-8
 * JSON that says what is where (for people and tools; the runtime skips it),
 * then, at the next multiple of TC_ALIGN, the tokenizer (runtime/text). */
typedef struct tc_weights_header {
  char magic[8];         /* "TCWEIGHT" */
  uint32_t version;      /* TC_WEIGHTS_VERSION */
  uint32_t header_bytes; /* sizeof(tc_weights_header) */
  uint64_t layout_hash;
  uint64_t data_bytes;
  uint64_t data_checksum; /* tc_checksum of the data section */
  uint64_t metadata_bytes;
  uint64_t tokenizer_bytes; /* 0: none; follows the metadata, 64-byte aligned */
  uint64_t header_checksum; /* of this struct with this field zero */
} tc_weights_header;

#ifdef __cplusplus
}
#endif
#endif
