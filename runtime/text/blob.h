/* What a tokenizer looks like in a weights file: a header, then arrays that are
 * read where they lie. The compiler writes it, tc_tokenizer_open checks it.
 * Little-endian; every array starts at a multiple of 4. */
#ifndef TRANSFORMER_RUNTIME_TEXT_BLOB_H
#define TRANSFORMER_RUNTIME_TEXT_BLOB_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { TC_BLOB_VERSION = 3 };

/* How a text is cut into words; merges stay within a word. Some cut in stages,
 * each what the ones before it have left. */
enum {
  TC_PATTERN_WHOLE = 0,  /* one word */
  TC_PATTERN_SPACES = 1, /* before each space */
  TC_PATTERN_GPT2 = 2,   /* GPT-2's expression */
  TC_PATTERN_DIGITS = 3, /* each digit apart, GPT-2's expression between */
  TC_PATTERN_CL100K = 4, /* LLaMA 3: up to three digits together */
  TC_PATTERN_QWEN2 = 5,  /* the same with each digit apart */
  TC_PATTERN_O200K = 6,  /* words also end where a capital follows */
  TC_PATTERN_BERT = 7,   /* punctuation and ideographs stand alone */
  TC_PATTERN_TEKKEN = 8, /* Mistral: O200K's words, each digit apart */
  TC_PATTERN_FALCON = 9,
  TC_PATTERN_BLOOM = 10,
  TC_PATTERN_DEEPSEEK_CODER = 11,
  TC_PATTERN_DEEPSEEK_LLM = 12,
  TC_PATTERN_DEEPSEEK_V2 = 13, /* the same with each digit apart */
  TC_PATTERN_DEEPSEEK_V3 = 14,
  TC_PATTERN_COUNT
};

/* Where a space is put before the text is cut. A text is a row of sections with
 * an added token between each two. */
enum {
  TC_PREFIX_NONE = 0,
  TC_PREFIX_TEXT = 1,     /* before the text, unless it is empty */
  TC_PREFIX_FIRST = 2,    /* before a section that opens the text */
  TC_PREFIX_SECTIONS = 3, /* before every section that is not empty */
  TC_PREFIX_COUNT
};

enum {
  /* Symbols begin as bytes (byte_ids); otherwise as characters (lookup), whose
     bytes stand in where the character has no token. */
  TC_TOKENIZER_BYTES = 1,
  /* No space is put before one that is there. */
  TC_TOKENIZER_PREFIX_ONCE = 2,
  /* Decoding drops the space that encoding put. */
  TC_TOKENIZER_STRIP = 4,
  /* A word that is a token stays whole, whatever the merges say. */
  TC_TOKENIZER_WHOLE_WORDS = 8,
  /* Neighbouring unknown symbols become one. */
  TC_TOKENIZER_FUSE_UNKNOWN = 16,
  /* Text is brought into Unicode's normal form C. */
  TC_TOKENIZER_NFC = 32,
  /* Words are cut from the left into the longest tokens there are (WordPiece),
     not merged; the first one's text begins with a space. White space is
     dropped, and a word that can't be cut is unknown as a whole. */
  TC_TOKENIZER_WORD_PIECES = 64,
  /* Each character becomes what `decompositions` says, nothing if that is
     empty. */
  TC_TOKENIZER_FOLD = 128,
  /* Hangul syllables become their letters, too. */
  TC_TOKENIZER_FOLD_HANGUL = 256,
  /* Words are cut into the tokens whose scores have the largest sum, not
     merged; of equal sums, the last token is the longest (unigram). */
  TC_TOKENIZER_UNIGRAM = 512,
  /* Sums of scores are rounded to single precision, as SentencePiece does. */
  TC_TOKENIZER_SINGLE_SUMS = 1024,
  /* Spaces that open or close a section are dropped; runs become one. */
  TC_TOKENIZER_TRIM_LEFT = 2048,
  TC_TOKENIZER_TRIM_RIGHT = 4096,
  TC_TOKENIZER_ONE_SPACE = 8192,
  /* ... and white space of any kind becomes a space before that. */
  TC_TOKENIZER_WHITE_SPACE = 16384
};

/* An array: bytes from the start of the blob, number of elements. */
typedef struct tc_blob_array {
  uint32_t offset, count;
} tc_blob_array;

/* `left` (by whose id merges are grouped) and `right` become `result`; the
 * lowest rank goes first, then the leftmost pair. */
typedef struct tc_blob_merge {
  int32_t right;
  uint32_t rank;
  int32_t result;
} tc_blob_merge;

enum {
  TC_ADDED_STRIP_LEFT = 1, /* spaces beside it belong to it */
  TC_ADDED_STRIP_RIGHT = 2,
  /* Not cut out: it is a word like others, but rules leave it as it is. */
  TC_ADDED_VERBATIM = 4
};

/* A token recognised in the text before anything else; the longest wins.
 * Sorted by first byte, then longest first. */
typedef struct tc_blob_added {
  int32_t id;
  uint32_t flags; /* TC_ADDED_* */
} tc_blob_added;

/* Character classes that patterns tell apart, beyond ASCII. */
enum {
  TC_CLASS_OTHER = 0,
  TC_CLASS_UPPER = 1,  /* Lu, Lt */
  TC_CLASS_LOWER = 2,  /* Ll */
  TC_CLASS_LETTER = 3, /* Lm, Lo */
  TC_CLASS_MARK = 4,   /* M */
  TC_CLASS_NUMBER = 5, /* N */
  TC_CLASS_SPACE = 6,  /* white space but line ends; never in the blob */
  TC_CLASS_LINE = 7,   /* carriage return, line feed; never in the blob */
  TC_CLASS_ALONE = 8,  /* punctuation, ideographs; in blobs of BERT's alone */
  TC_CLASS_PUNCTUATION = 9, /* P; beyond ASCII in blobs of patterns that ask */
  TC_CLASS_SIGN = 10,       /* S; the same */
  TC_CLASS_COUNT
};

/* Characters first to last; sorted, apart. */
typedef struct tc_blob_range {
  uint32_t first, last, value;
} tc_blob_range;

/* Canonical decomposition, complete, or what a character is folded to; zeros
 * after the end. Sorted. */
typedef struct tc_blob_decomposition {
  uint32_t character, to[4];
} tc_blob_decomposition;

/* Sorted by first, then second. */
typedef struct tc_blob_composition {
  uint32_t first, second, composed;
} tc_blob_composition;

/* Rules of normalisation, as SentencePiece compiles them: a double array (that
 * of darts-clone) from what a text may hold to where in `rule_text` begins what
 * it becomes, up to a zero. The longest rule wins. */
enum { TC_RULE_LONGEST = 256 /* bytes; longer ones do not apply */ };

typedef struct tc_blob_header {
  char magic[8];          /* "TCTOKENS" */
  uint32_t version;       /* TC_BLOB_VERSION */
  uint32_t bytes;         /* of the whole blob */
  uint32_t size;          /* number of ids */
  uint32_t pattern;       /* TC_PATTERN_* */
  uint32_t prefix;        /* TC_PREFIX_* */
  uint32_t flags;         /* TC_TOKENIZER_* */
  int32_t unknown;        /* id of what has no token; -1: it is left out */
  int32_t bos;            /* -1: none */
  tc_blob_array spans;    /* uint32[size + 1]: where the text of an id begins */
  tc_blob_array text;     /* char: what ids decode to, one after the other */
  tc_blob_array lookup;   /* int32: ids by their text, sorted as bytes */
  tc_blob_array byte_ids; /* int32[256]: id of a byte; -1: none */
  tc_blob_array merge_starts; /* uint32[size + 1]: first merge of a left id */
  tc_blob_array merges;       /* tc_blob_merge, sorted by left, then right */
  tc_blob_array added;        /* tc_blob_added */
  tc_blob_array opening;      /* int32: ids put before every text */
  tc_blob_array ends;         /* int32: ids that end a text */
  tc_blob_array classes;      /* tc_blob_range of TC_CLASS_* */
  tc_blob_array combining;    /* tc_blob_range of combining classes, 1-255 */
  tc_blob_array decompositions;
  tc_blob_array compositions;
  tc_blob_array closing; /* int32: ids put behind every text */
  tc_blob_array scores;  /* double[size + 1], if unigram; the last is that of a
                            character without a token */
  tc_blob_array rules;   /* uint32: units of a double array */
  tc_blob_array rule_text; /* char, the last of them 0 */
} tc_blob_header;

#ifdef __cplusplus
}
#endif
#endif
