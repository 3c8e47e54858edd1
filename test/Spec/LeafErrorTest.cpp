// The messages of the leaves' own checks, with their places.
#include "ParseText.h"

namespace {

TEST(LeafError, LatentAttention) {
  auto layer = [](const std::string &fields) {
    return tokens("  - embed\n  - latent_attention: {" + fields + "}\n");
  };
  expectErrors(layer("heads: 2, head_dim: 6, shared: 6, latent: 3"),
               {"7:47: 6 shared columns leave none of the 6 of a key (line 7) "
                "to the heads"});
  expectErrors(layer("heads: 2, head_dim: 6, shared: 2"),
               {"7:5: 'latent_attention' needs 'latent'"});
  expectErrors(layer("heads: 2, head_dim: 6, shared: 2, latent: 3, mask: "
                     "causal, tap: [keys, scores]"),
               {"7:83: 'tap: keys' where a session keeps narrow rows is not "
                "supported yet"});
  expectErrors(layer("heads: 2, head_dim: 7, shared: 2, latent: 3, position: "
                     "{rope: {layout: halves, scaling: {yarn: {factor: 2, "
                     "original_context: 4}}}}"),
               {"7:47: the columns before the rotated ones, 7 - 2, must be "
                "even",
                "7:87: 'latent_attention' rotates 'pairs': 'halves' is not "
                "supported yet",
                "7:103: 'latent_attention' takes 'attention_factor: 1.0' "
                "alone; 'scale' multiplies the scores"});
}

TEST(LeafError, Sinusoids) {
  expectErrors(tokens("  - embed\n  - position: {kind: learned, layout: "
                      "halves, first: 1, inclusive: true}\n"),
               {"7:31: 'layout' is for sinusoidal positions",
                "7:47: 'first' is for sinusoidal positions",
                "7:57: 'inclusive' is for sinusoidal positions"});
}

TEST(LeafError, ScoreBiases) {
  auto attention = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, " + fields + "}\n");
  };
  expectErrors(attention("position: {relative: {buckets: 3}}"),
               {"7:49: 3 buckets are not an even number from 4 to 512"});
  expectErrors(attention("position: {relative: {buckets: 514}}"),
               {"7:49: 514 buckets are not an even number from 4 to 512"});
  expectErrors(attention("mask: causal, position: {relative: {buckets: 1}}"),
               {"7:63: 1 buckets are not from 2 to 256"});
  expectErrors(
      attention("position: {relative: {distance: 8}}"),
      {"7:49: a distance of 8 is not above the 8 distances that have a "
       "bucket each"});
  expectErrors(attention("position: {alibi: {slopes: 8}}"),
               {"7:46: unknown field 'slopes' of 'alibi'"});
  expectErrors(attention("scores: relu, position: alibi"),
               {"7:41: a bias of the scores is for softmax scores"});
}

TEST(LeafError, Prefix) {
  expectErrors(
      tokens("  - embed\n"
             "  - attention: {heads: 2, mask: prefix, window: 3}\n"
             "  - attention: {heads: 2, mask: prefix, scores: relu}\n"),
      {"7:41: 'window' needs 'mask: causal' or 'mask: none'",
       "8:27: 'mask: prefix' is for softmax scores"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, mask: prefix}\n"
                      "  - attention: {heads: 2}\n"),
               {"5:1: 'mask: prefix' is for models of tokens or rows without "
                "'mask: none' and 'pool'"});
}

TEST(LeafError, Sinks) {
  auto attention = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, " + fields + "}\n");
  };
  expectErrors(attention("mask: causal, sinks: 4"),
               {"7:41: without a window all rows are seen: 'sinks' needs "
                "'window' or 'segment' and 'mask: causal'"});
  expectErrors(attention("mask: causal, window: 9, sinks: 1025"),
               {"7:52: 1025 rows seen by all are more than 1024"});
  expectErrors(attention("window: 9, sinks: 3"),
               {"7:38: without a window all rows are seen: 'sinks' needs "
                "'window' or 'segment' and 'mask: causal'"});
}

TEST(LeafError, Types) {
  expectErrors(tokens("  - embed\n  - types\n  - types: {count: 2, use: swap}\n"
                      "  - residual: [types: {count: 2}]\n"),
               {"7:5: 'types' needs 'count'",
                "8:28: 'use' takes add or replace, not 'swap'",
                "9:16: 'types' tells apart rows of the input: it must stand in "
                "the model's own list of layers"});
  expectErrors(tokens("  - embed\n  - types: {count: 2}\n"
                      "  - types: {count: 2, use: replace}\n"),
               {"8:13: rows have 3 types here and 2 in a layer before"});
  auto image = [](const std::string &layers) {
    return "model: m\ndim: 8\nlayers:\n"
           "  - patch: {image: [1, 8, 6], size: 2}\n" +
           layers + "  - types: {count: 2}\n";
  };
  expectErrors(image("  - prepend: class\n"),
               {"6:5: 'types' tells apart rows of the input: it must stand "
                "before 'prepend' (line 5)"});
  expectErrors(image("  - conv: {to: 8, size: 3, stride: 2, pad: 1}\n"),
               {"6:5: 'types' tells apart rows of the input: it must stand "
                "before what changes their number"});
  EXPECT_EQ(parseGood(image("  - conv: {to: 8, size: 3, pad: 1}\n")).typedRows,
            12);
}

TEST(LeafError, Segments) {
  auto attention = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, " + fields + "}\n");
  };
  expectErrors(attention("window: 9, segment: 3"),
               {"7:38: rows have a 'window' or a 'segment'"});
  expectErrors(attention("memory: 3"), {"7:27: 'memory' needs 'segment'"});
  expectErrors(attention("global: 3"),
               {"7:27: 'global' needs 'window' or 'segment' and "
                "'mask: none'"});
  expectErrors(attention("segment: 4, global: 1025"),
               {"7:39: 1025 rows seen by all are more than 1024"});
  expectErrors(attention("segment: 4, scores: relu"),
               {"7:27: 'segment' is for softmax scores"});
}

TEST(LeafError, OddHeadsOfRope) {
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, head_dim: 7, "
                      "position: {rope: {dim: 4}}}\n"),
               {"7:27: 'rope' in heads of an odd number of columns, 7, is not "
                "supported yet"});
  expectErrors(tokens("  - embed\n  - latent_attention: {heads: 2, head_dim: "
                      "11, latent: 4, shared: 5, position: {rope: {dim: 4}}}"
                      "\n"),
               {"7:34: 'rope' in heads of an odd number of columns, 11, is not "
                "supported yet"});
  parseGood(tokens("  - embed\n  - attention: {heads: 1, head_dim: 7, "
                   "position: {rope: {dim: 4}}}\n"));
}

TEST(LeafError, RandomSegments) {
  auto attention = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, " + fields + "}\n");
  };
  expectErrors(attention("segment: 4, random: {seed: 3}"),
               {"7:39: 'random' needs 'segments'"});
  expectErrors(attention("window: 4, random: {segments: 3}"),
               {"7:38: 'random' needs 'segment' and 'mask: none'"});
  expectErrors(attention("mask: causal, segment: 4, random: {segments: 3}"),
               {"7:53: 'random' needs 'segment' and 'mask: none'"});
  expectErrors(attention("segment: 4, random: {segments: 257}"),
               {"7:48: 257 drawn segments are more than 256"});
  expectErrors(attention("segment: 4, random: 3"),
               {"7:47: 'random' takes a map of fields, not '3'"});
}

TEST(LeafError, NormsWithoutWeights) {
  expectErrors(tokens("  - embed\n  - norm: {weight: false, offset: 1}\n"
                      "  - norm: {weight: false, bias: true}\n"),
               {"7:27: a norm without a weight has nothing to add to",
                "8:27: a norm without a weight has no bias"});
}

TEST(LeafError, ScaleAndSoftcap) {
  expectErrors(tokens("  - embed\n  - scale: 0\n  - softcap\n"
                      "  - scale: [2]\n"),
               {"7:12: 'by' must be positive, not 0",
                "8:5: 'softcap' needs 'at', the number that no value exceeds",
                "9:12: 'scale' takes a word or a map of fields, not a list"});
}

TEST(LeafError, LongRope) {
  auto scaling = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, position: {rope: "
                  "{scaling: {longrope: {" +
                  fields + "}}}}}\n");
  };
  expectErrors(scaling("factor: 2, original_context: 9, short: [1, 1], "
                       "long: [1]"),
               {"7:45: 1 factors for 2 pairs: 'longrope' scaling needs 'short' "
                "and 'long', a number for each pair"});
  expectErrors(scaling("short: [1, 1], long: [1, 0]"),
               {"7:91: 'long' must be positive, not 0"});
  expectErrors(scaling("short: 1, long: [1, 1]"),
               {"7:73: 'short' takes a list of numbers, not '1'"});
}

TEST(LeafError, Experts) {
  expectErrors(
      tokens(
          "  - embed\n  - moe\n"
          "  - moe: {experts: 8, top_k: 9, hidden: 4}\n"
          "  - moe: {experts: 2, top_k: 1, hidden: 4, shared_gate: true}\n"
          "  - moe: {experts: 2, top_k: 1, hidden: 4, router: hash}\n"
          "  - moe: {experts: 0, top_k: 1, hidden: 4, scale: 0}\n"
          "  - moe: {experts: 2, top_k: 1, hidden: 4, active: 2}\n"
          "  - moe: {experts: 8, top_k: 5, hidden: 4, groups: {best: {count: "
          "4, top_k: 2}}}\n"
          "  - moe: {experts: 8, top_k: 1, hidden: 4, groups: {best: {count: "
          "3, top_k: 2}}}\n"
          "  - moe: {experts: 8, top_k: 1, hidden: 4, groups: {best: {count: "
          "4, top_k: 5}}}\n"
          "  - moe: {experts: 8, top_k: 1, hidden: 4, groups: {two_best: "
          "{count: 8, top_k: 2}}}\n"
          "  - moe: {experts: 8, top_k: 1, hidden: 4, groups: best}\n"),
      {"7:5: 'moe' needs 'experts'", "7:5: 'moe' needs 'hidden'",
       "7:5: 'moe' needs 'top_k'", "8:23: top_k is 9, but there are 8 experts",
       "9:44: 'shared_gate' needs a 'shared' expert",
       "10:52: 'router' takes softmax or sigmoid, not 'hash'",
       "11:20: 'experts' must be from 1 to 2147483647, not 0",
       "11:51: 'scale' must be positive, not 0",
       "12:44: unknown field 'active' of 'moe'",
       "13:23: top_k is 5, but there are 4 experts in the groups that a row "
       "takes",
       "14:60: 8 experts do not fall into 3 groups evenly",
       "15:70: top_k is 5, but there are 4 groups",
       "16:64: groups of 1 expert have no two best",
       "17:5: 'moe' needs 'groups.best.count'",
       "17:5: 'moe' needs 'groups.best.top_k'"});
}

TEST(LeafError, Attention) {
  expectErrors(
      tokens("  - embed\n  - attention\n  - attention: {heads: 3}\n"
             "  - attention: {heads: 4, kv_heads: 3}\n"
             "  - attention: {heads: 4, window: 0}\n"
             "  - attention: {heads: 4, window: 3}\n"),
      {
          "7:5: 'attention' needs 'heads'",
          "8:17: 3 heads do not divide the width 8 (line 2); say 'head_dim'",
          "9:27: 4 heads (line 9) cannot share 3 kv_heads evenly",
          "10:35: 'window' must be from 1 to 2147483647, not 0",
      });
}

TEST(LeafError, Rotary) {
  auto rope = [](const std::string &attention, const std::string &rope) {
    return tokens("  - embed\n  - attention: {heads: 2, " + attention +
                  "position: {rope: {" + rope + "}}}\n");
  };
  expectErrors(rope("", "dim: 6"),
               {"7:45: a rotated part of 6 is wider than the head of 4"});
  expectErrors(rope("head_dim: 2, ", "dim: 6"),
               {"7:58: a rotated part of 6 is wider than the head of 2 (line "
                "7)"});
  expectErrors(rope("", "dim: 3"),
               {"7:45: the rotated part of a head must be even, not 3"});
  expectErrors(rope("head_dim: 5, ", ""),
               {"7:27: the rotated part of a head must be even, not 5"});
  expectErrors(rope("", "scaling: {llama3: {factor: 8, low_freq_factor: 4}}"),
               {"7:45: 'llama3' scaling needs 'original_context'",
                "7:45: low_freq_factor must be below high_freq_factor"});
  expectErrors(rope("", "scaling: {yarn: {original_context: 9, beta_slow: "
                        "32}}"),
               {"7:45: beta_slow must be below beta_fast"});
  expectErrors(rope("", "scaling: {linear: {low_freq_factor: 1}}"),
               {"7:64: unknown field 'low_freq_factor' of 'linear'"});
  expectErrors(rope("", "scaling: {linear: 2}"),
               {"7:63: 'linear' takes a map of fields, not '2'"});
  expectErrors(rope("", "scaling: {linear: {}, yarn: {}}"),
               {"7:54: 'scaling' takes one of none, linear, llama3, yarn, ntk "
                "or longrope, not a map"});
}

TEST(LeafError, Logits) {
  expectErrors("model: m\ndim: 8\nlayers:\n"
               "  - patch: {image: [1, 8, 8], size: 4}\n"
               "  - logits: {tied: true}\n",
               {"5:5: 'logits' needs the model's 'vocab'",
                "5:14: tied logits need an 'embed'"});
  expectErrors(tokens("  - embed\n  - linear: {to: 6}\n"
                      "  - logits: {tied: true}\n"),
               {"8:14: tied logits of width 6 cannot use the table of width 8 "
                "(line 6)"});
}

TEST(LeafError, Images) {
  auto image = [](const std::string &layers) {
    return "model: m\ndim: 8\ncontext: 5\nlayers:\n" + layers;
  };
  parseGood(image("  - patch: {image: [1, 8, 8], size: 4}\n"
                  "  - prepend: class\n"));
  expectErrors(image("  - patch: {image: [1, 8, 8], size: 4}\n"),
               {"3:1: the context is said to be 5, the image makes 4 rows, "
                "prepended ones included"});
  expectErrors(image("  - patch: {image: [1, 8, 8], size: 3}\n"),
               {"5:31: patches of 3 do not divide the image of 8 x 8 (line "
                "5)"});
  expectErrors(image("  - patch: {image: [1, 8], size: 4}\n"),
               {"5:20: 'image' takes a list of 3 whole numbers, not a list"});
  expectErrors(image("  - patch: {size: 4}\n"), {"5:5: 'patch' needs 'image'"});
  expectErrors(image("  - patch: {image: [1, 8, 8]}\n"),
               {"5:5: 'patch' needs 'size'"});
  expectErrors(image("  - patch: {image: [2147483647, 2147483647, 2147483647], "
                     "size: 2147483647}\n"),
               {"5:58: a patch has more than 2147483647 values"});
  expectErrors("vocab: 4\n" + image("  - patch: {image: [1, 8, 8], size: 4}\n"
                                    "  - prepend: class\n"),
               {"1:1: no layer uses 'vocab'"});
  expectErrors("model: m\ndim: 8\nlayers:\n  - patch: {image: [1, 2147483647, "
               "2147483647], size: 1}\n",
               {"3:1: the rows of an image must be from 1 to 2147483647, not "
                "4611686014132420609"});
}

TEST(LeafError, Windows) {
  auto image = [](const std::string &layers) {
    return "model: m\ndim: 8\nlayers:\n"
           "  - patch: {image: [1, 8, 6], size: 2}\n" +
           layers;
  };
  expectErrors(image("  - conv: {size: 3}\n  - conv: {to: 4}\n"
                     "  - conv: {to: 4, size: 3, pad: 3}\n"
                     "  - conv: {to: 4, size: 7, pad: 1}\n"),
               {"5:5: 'conv' needs 'to'", "6:5: 'conv' needs 'size'",
                "7:19: windows of 3 with a pad of 3 would see nothing but "
                "zeros: the pad must be smaller",
                "8:19: windows of 7 with a pad of 1 do not fit 4 x 3"});
  expectErrors(
      image("  - conv: {to: 9, size: 3, pad: 1, groups: 3}\n"
            "  - conv: {to: 5, size: 3, pad: 1, groups: 3}\n"
            "  - conv: {to: 5, size: 1, groups: 5, dtype: bf16}\n"
            "  - conv: {to: 10, size: 3, pad: 1, groups: 5, dtype: int8}\n"
            "  - conv: {to: 5, size: 3, pad: 1, groups: 0}\n"),
      {"5:36: 3 groups cannot share the 8 columns of a row evenly",
       "6:36: 3 groups cannot share 5 columns of 'to' evenly",
       "7:39: 'bf16' is of matrices: a depthwise convolution has none",
       "8:48: 'int8' is for groups that see a multiple of 32 values, these see "
       "9",
       "9:44: 'groups' must be from 1 to 2147483647, not 0"});
  parseGood(image("  - conv: {to: 8, size: 2, groups: 1, dtype: int8}\n"
                  "  - conv: {to: 8, size: 2, groups: 8, dtype: f32}\n"
                  "  - conv: {to: 16, size: 1, groups: 4, dtype: bf16}\n"));
  expectErrors(image("  - merge\n"),
               {"5:5: neighbours of 2 do not divide the grid of 4 x 3"});
  expectErrors(image("  - residual: [conv: {to: 8, size: 3, stride: 2, pad: "
                     "1}]\n"),
               {"5:16: 'conv' changes the number of rows: it must stand in the "
                "model's own list of layers, or have stride 1 and a pad of "
                "half its size"});
  expectErrors(image("  - prepend: class\n  - conv: {to: 4, size: 3, pad: 1}\n"
                     "  - merge\n"),
               {"6:5: 'conv' needs rows that lie on the grid of an image: "
                "'prepend' (line 5) puts rows before them that have no place "
                "there",
                "7:5: 'merge' needs rows that lie on the grid of an image: "
                "'prepend' (line 5) puts rows before them that have no place "
                "there"});
  expectErrors(image("  - attention: {heads: 2}\n  - prepend: class\n"),
               {"6:5: 'prepend' behind layers whose rows see each other is not "
                "supported yet"});
  parseGood(image("  - attention: {heads: 2}\n"
                  "  - conv: {to: 4, size: 2}\n  - prepend: class\n"));
  expectErrors(image("  - pool: mean\n  - conv: {to: 4, size: 3, pad: 1}\n"),
               {"6:5: 'conv' after 'pool': one row a sequence is left"});
  expectErrors(tokens("  - embed\n  - merge\n"
                      "  - conv: {to: 8, size: 5, pad: 0}\n"
                      "  - conv: {to: 8, size: 2}\n"),
               {"7:5: 'merge' needs rows that lie on the grid of an image: the "
                "rows of this model are no patches of an image",
                "8:19: windows of 5 with a pad of 0 do not fit 4 rows"});
  expectErrors("model: m\ndim: 8\nlayers:\n"
               "  - patch: {image: [1, 8, 6], size: 9, pad: 1}\n",
               {"4:31: patches of 9 with a pad of 1 do not fit 8 x 6"});
  expectErrors(stacks("embed, conv: {to: 8, size: 3, pad: 1}",
                      "embed, conv: {to: 8, size: 3, pad: 1}, "
                      "cross_attention: {heads: 2}"),
               {"6:18: 'conv' in a decoder, whose rows come one after the "
                "other"});
}

TEST(LeafError, Reduce) {
  auto image = [](const std::string &attention) {
    return "model: m\ndim: 8\nlayers:\n"
           "  - patch: {image: [1, 8, 6], size: 2}\n"
           "  - attention: {heads: 2, " +
           attention + "}\n";
  };
  parseGood(image("reduce: {size: 2}"));
  expectErrors(image("reduce: {}"), {"5:27: 'reduce' needs 'size' or 'rows'"});
  expectErrors(image("reduce: 2"),
               {"5:35: 'reduce' takes a map of fields, not '2'"});
  expectErrors(image("reduce: {size: 2, rows: 3}"),
               {"5:45: 'reduce' takes 'size' or 'rows', not both"});
  expectErrors(image("reduce: {rows: 3, eps: 1}"),
               {"5:45: 'eps' is of the norm behind the convolution of 'size'"});
  expectErrors(image("reduce: {size: 4}"),
               {"5:36: windows of 4 with a pad of 0 do not fit 4 x 3"});
  expectErrors(image("mask: causal, position: rope, reduce: {size: 2}"),
               {"5:27: 'reduce' makes rows of earlier and later ones: it needs "
                "'mask: none'",
                "5:41: keys that 'reduce' makes have no positions like those "
                "of queries"});
  expectErrors(image("scores: relu, reduce: {rows: 2}"),
               {"5:27: 'reduce' is for softmax scores"});
  expectErrors(tokens("  - embed\n"
                      "  - attention: {heads: 2, reduce: {size: 2}}\n"),
               {"7:5: 'attention' needs rows that lie on the grid of an image: "
                "the rows of this model are no patches of an image"});
}

TEST(LeafError, RestOfTheLeaves) {
  expectErrors(tokens("  - embed\n  - norm: {kind: rms, bias: true}\n  - mlp\n"
                      "  - linear: {to: 7}\n  - position: sinusoidal\n"),
               {"7:23: an rms norm has no bias", "8:5: 'mlp' needs 'hidden'",
                "10:15: sinusoidal positions need an even width, not 7"});
  expectErrors(tokens("  - embed\n  - prepend: {rows: 4}\n"
                      "  - attention: {heads: 2}\n"),
               {"7:15: 4 prepended rows leave no room for others in a context "
                "of 4"});
  expectErrors(tokens("  - embed\n  - prepend: class\n"
                      "  - attention: {heads: 2, mask: causal}\n"),
               {"7:5: 'prepend' in a model that is causal throughout is not "
                "supported yet"});
}

TEST(LeafError, Rows) {
  expectErrors("model: m\ndim: 8\nlayers:\n  - rows\n",
               {"4:5: 'rows' needs 'dim'",
                "4:5: a model of rows needs 'context', the most rows of a "
                "sequence"});
  expectErrors("model: m\ndim: 8\ncontext: 4\nlayers:\n"
               "  - rows: {dim: 8, bias: true, dtype: int8}\n"
               "  - rows: {dim: 3}\n",
               {"5:20: rows of 8 are as wide as the model (line 2): without a "
                "map there is no 'bias'",
                "5:32: rows of 8 are as wide as the model (line 2): without a "
                "map there is no 'dtype'",
                "6:5: 'rows' takes real vectors as rows: it must be the first "
                "layer"});
  expectErrors("model: m\ndim: 8\ncontext: 4\nlayers:\n"
               "  - rows: {dim: 3, map: false, bias: true}\n",
               {"5:32: without a map there is no 'bias'"});
}

TEST(LeafError, Taps) {
  expectErrors(tokens("  - embed\n  - tap: here\n  - pool: first\n"
                      "  - tap: there\n"),
               {"9:5: 'tap' after 'pool': one row a sequence is left"});
  expectErrors(tokens("  - embed\n  - tap: norm\n  - norm\n  - logits\n"),
               {"8:5: two layers are named 'norm' (line 7)"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, scores: relu, tap: "
                      "weights}\n"),
               {"7:41: 'tap: weights' needs 'scores: softmax'"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, scores: hard, tap: "
                      "[scores, keys]}\n"),
               {"7:41: 'tap: scores' needs 'scores: softmax'"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, tap: [queries, "
                      "keys], reduce: {rows: 3}}\n"),
               {"7:27: 'tap: keys' beside 'reduce' is not supported yet"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, tap: [keys, key, "
                      "keys]}\n"),
               {"7:39: 'tap' takes queries, keys, values, scores or weights, "
                "not 'key'; did you mean 'keys'?",
                "7:44: 'keys' is said twice"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, tap: {keys: "
                      "true}}\n"),
               {"7:32: 'tap' takes queries, keys, values, scores or weights, "
                "not a map"});
  expectErrors("model: m\ndim: 8\nlayers:\n"
               "  - patch: {image: [1, 8, 8], size: 4}\n  - tap: x\n"
               "  - attention: {heads: 2, tile: 2, tap: [keys, weights]}\n",
               {"6:36: 'tap: weights' beside 'tile' is not supported yet"});
  expectErrors(stacks("embed, attention: {heads: 2, tap: weight}",
                      "embed, cross_attention: {heads: 2, tap: [weights, "
                      "weights]}"),
               {"5:45: 'tap' takes queries, keys, values, scores or weights, "
                "not 'weight'; did you mean 'weights'?",
                "6:61: 'weights' is said twice"});
}

TEST(LeafError, LinearAttention) {
  expectErrors(tokens("  - embed\n  - linear_attention: {heads: 3}\n"
                      "  - linear_attention: {heads: 4, kv_heads: 3}\n"
                      "  - linear_attention: {feature: elu}\n"),
               {"7:24: 3 heads do not divide the width 8 (line 2); say "
                "'head_dim'",
                "8:34: 4 heads (line 8) cannot share 3 kv_heads evenly",
                "9:5: 'linear_attention' needs 'heads'"});
  expectErrors(
      tokens("  - embed\n"
             "  - linear_attention: {heads: 2, feature: random}\n"
             "  - linear_attention: {heads: 2, feature: {elu: {count: 3}}}\n"
             "  - linear_attention: {heads: 2, feature: {random: {count: 0}}}\n"
             "  - linear_attention: {heads: 2, gate: relu}\n"),
      {"7:5: 'linear_attention' needs 'feature.random.count'",
       "8:50: unknown field 'count' of 'elu'",
       "9:60: 'count' must be from 1 to 2147483647, not 0",
       "10:40: 'gate' takes none, silu or sigmoid, not 'relu'"});
}

TEST(LeafError, DeltaRuleAndConvolutionsOfSums) {
  auto sums = [](const char *fields) {
    return tokens("  - embed\n  - linear_attention: {heads: 4, " +
                  std::string(fields) + "}\n");
  };
  expectErrors(sums("update: delta"),
               {"7:34: 'update: delta' needs 'mask: causal'",
                "7:34: sums that 'update: delta' makes are not those of "
                "weights: it needs 'normalise: none'"});
  expectErrors(sums("update: subtract"),
               {"7:42: 'update' takes add or delta, not 'subtract'"});
  expectErrors(sums("mask: causal, conv: {act: silu}"),
               {"7:48: 'conv' needs 'size'"});
  expectErrors(sums("mask: causal, conv: {size: 1}"),
               {"7:55: a window of 1 row sees no other"});
  expectErrors(sums("conv: {size: 3}"),
               {"7:34: 'conv' sees earlier rows alone: it needs "
                "'mask: causal'"});
  expectErrors(sums("qk_norm: l2, feature: {random: {count: 3}}"),
               {"7:34: 'qk_norm' is for features of single values, not for "
                "'feature: random'"});
  expectErrors(sums("scale: 0"), {"7:41: 'scale' must be positive, not 0"});
}

TEST(LeafError, CausalConvolution) {
  auto conv = [](const char *fields) {
    return tokens("  - embed\n  - conv: {to: 8, causal: true, " +
                  std::string(fields) + "}\n");
  };
  parseGood(conv("size: 3, groups: 8"));
  EXPECT_TRUE(parseGood(conv("size: 3, groups: 8")).causal);
  expectErrors(conv("size: 3, groups: 2"),
               {"7:19: a causal convolution is depthwise: it needs 'to' and "
                "'groups' of 8, the width of its rows"});
  expectErrors(conv("size: 1, groups: 8"),
               {"7:33: a causal window of 1 row sees no other"});
  expectErrors(conv("size: 3, groups: 8, pad: 1"),
               {"7:53: a causal convolution has zeros before the first row, as "
                "many as it sees: it takes no 'pad'"});
  expectErrors(conv("size: 3, groups: 8, stride: 2"),
               {"7:53: a causal convolution leaves as many rows as there are: "
                "it needs 'stride: 1'"});
}

TEST(LeafError, DecayOfSums) {
  auto decays = [](const char *fields) {
    return tokens("  - embed\n  - linear_attention: {heads: 4, " +
                  std::string(fields) + "}\n");
  };
  expectErrors(decays("decay: fixed"), {"7:34: 'decay' needs 'mask: causal'"});
  expectErrors(decays("mask: prefix, decay: input"),
               {"7:48: 'decay' needs 'mask: causal'"});
  expectErrors(decays("mask: causal, normalise: 1/n, decay: input"),
               {"7:64: 'decay' leaves no number of rows to divide by: it "
                "needs 'normalise: none' or 'normalise: rows'"});
  expectErrors(decays("mask: causal, decay: {fixed: {factors: [0.5, 1.5]}}"),
               {"7:64: 2 factors for 4 kv_heads (line 7)",
                "7:64: a decay by 1.5 grows"});
  expectErrors(decays("kv_heads: 2, mask: causal, decay: {fixed: {factors: "
                      "[0.5, 0.5, 0.5]}}"),
               {"7:77: 3 factors for 2 kv_heads (line 7)"});
  expectErrors(decays("mask: causal, decay: {fixed: {factors: [0]}}"),
               {"7:74: 'factors' must be positive, not 0"});
  expectErrors(tokens("  - embed\n  - linear_attention: {heads: 2000, "
                      "head_dim: 1, mask: causal, decay: fixed}\n"),
               {"7:64: 2000 kv_heads with a factor each are more than 1024"});
}

std::string image(const std::string &attention, const char *rest = "") {
  return std::string("model: m\ndim: 8\nlayers:\n"
                     "  - patch: {image: [1, 24, 16], size: 2}\n") +
         rest + "  - attention: {heads: 2, " + attention + "}\n";
}

/// The grid is 12 x 8.
TEST(LeafError, Tiles) {
  expectErrors(image("tile: 5"),
               {"5:27: tiles of 5 do not divide the grid of 12 x 8 rows"});
  expectErrors(image("tile: 9"),
               {"5:27: tiles of 8 do not divide the grid of 12 x 8 rows"});
  expectErrors(image("tile: 2, shift: 2"),
               {"5:36: tiles of 2 (line 5) cannot begin 2 lines into the "
                "grid"});
  expectErrors(
      image("shift: 1, position: table"),
      {"5:27: 'shift' needs 'tile'", "5:37: 'position: table' needs 'tile'"});
  expectErrors(image("tile: 4, mask: causal, position: alibi, softcap: 2.0"),
               {"5:36: the rows of a tile see each other: 'tile' needs "
                "'mask: none'",
                "5:50: positions in a tile are 'table' or 'none'",
                "5:67: 'softcap' beside 'tile' is not supported yet"});
  expectErrors(image("tile: 4, scores: relu, position: table"),
               {"5:36: 'tile' is for softmax scores",
                "5:50: a bias of the scores is for softmax scores"});
  expectErrors(image("tile: 4", "  - prepend: class\n"),
               {"6:27: 'tile' is for rows that are a grid, as 'patch' makes "
                "them, without prepended ones"});
  expectErrors(tokens("  - embed\n  - attention: {heads: 2, tile: 4}\n"),
               {"7:27: 'tile' is for rows that are a grid, as 'patch' makes "
                "them"});
  expectErrors("model: m\ndim: 8\nlayers:\n"
               "  - patch: {image: [1, 128, 128], size: 1}\n"
               "  - attention: {heads: 2, head_dim: 99, tile: 32}\n",
               {"5:41: a tile of 32 x 32 rows has more than 65536 keys and "
                "values of a head"});
}

} // namespace
