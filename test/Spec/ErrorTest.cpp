// Every message of the reader and the checker, with its place.
#include "ParseText.h"

namespace {

TEST(Error, ModelKeys) {
  expectErrors("modle: m\ndim: 8\ncontext: 4\nvocab: 5\n"
               "layers: [embed, logits]\n",
               {"1:1: a spec needs 'model', its name: letters, digits and "
                "underscores, a letter first",
                "1:1: unknown key 'modle'; did you mean 'model'?"});
  expectErrors("model: 5m\nlayers: [embed]\n",
               {"1:1: a spec needs 'dim', the width of its rows",
                "1:8: 'model' takes a name of at most 64 letters, digits and "
                "underscores, a letter first, not '5m'",
                "2:10: 'embed' needs the model's 'vocab'",
                "2:10: a model of tokens needs 'context', the most rows of a "
                "sequence"});
  expectErrors("model: m\ndim: 8\n", {"1:1: a spec needs 'layers'"});
  expectErrors("model: m\ndim: 8\nlayers: []\n",
               {"3:1: the model has no layers"});
  expectErrors("model: m\ndim: 8\nlayers: embed\n",
               {"3:9: 'layers' takes a list of layers, not 'embed'"});
}

TEST(Error, Dtype) {
  expectErrors("dtype: int5\n" + tokens("  - embed: {dtype: f16}\n"),
               {"1:8: 'dtype' takes f32, bf16, int8 or int4, not "
                "'int5'; did you mean 'int8'?",
                "7:20: 'dtype' takes f32, bf16, int8 or int4, not "
                "'f16'; did you mean 'bf16'?"});
  expectErrors("dtype: [f32]\n" + tokens("  - embed\n"),
               {"1:8: 'dtype' takes f32, bf16, int8 or int4, not a "
                "list"});
  expectErrors(tokens("  - embed\n  - norm: {dtype: int8}\n"),
               {"7:12: unknown field 'dtype' of 'norm'"});
  expectErrors(tokens("  - embed: {dtype: bf16}\n  - mlp: {hidden: 8}\n"
                      "  - logits: {tied: true, dtype: int8}\n"),
               {"8:26: tied logits in int8 cannot use the table in bf16 (line "
                "6)"});
}

TEST(Error, OutOfRange) {
  expectErrors(
      "model: m\ndim: 0\ncontext: -1\nvocab: 9223372036854775808\n"
      "layers:\n  - embed\n  - mlp: {hidden: 1e99}\n"
      "  - mlp: {hidden: 2147483648}\n  - norm: {eps: 1e999}\n"
      "  - norm: {eps: .nan}\n  - norm: {eps: -.inf}\n  - norm: {eps: -1}\n"
      "  - norm: {eps: 1e99999999999999999999}\n"
      "  - attention: {heads: 010, scale: 0}\n",
      {"2:6: 'dim' must be from 1 to 2147483647, not 0",
       "3:10: 'context' must be from 1 to 2147483647, not -1",
       "4:8: 'vocab' must be from 1 to 2147483647, not 9223372036854775808",
       "7:19: 'hidden' takes a whole number, not '1e99'",
       "8:19: 'hidden' must be from 1 to 2147483647, not 2147483648",
       "9:17: 'eps' must be finite, not 1e999",
       "10:17: 'eps' takes a number such as 12 or 1.0e-5, not '.nan'",
       "11:17: 'eps' takes a number such as 12 or 1.0e-5, not '-.inf'",
       "12:17: 'eps' must not be negative, not -1",
       "13:17: 'eps' must be finite, not 1e99999999999999999999",
       "14:24: 'heads' takes a whole number, not '010'",
       "14:36: 'scale' must be positive, not 0"});
}

TEST(Error, WrongType) {
  expectErrors(
      tokens("  - embed\n  - attention: {heads: \"2\"}\n"
             "  - mlp: {hidden: [3]}\n  - mlp: 7\n  - norm: {eps: {a: 1}}\n"
             "  - norm:\n  - norm: {bias: yes}\n  - mlp: {act: [gelu]}\n"
             "  - position: [learned]\n  - attention: {bias: maybe}\n"
             "  - attention: {bias: [query, kez, query]}\n"),
      {"7:24: 'heads' takes a whole number, not the text '2'",
       "8:19: 'hidden' takes a whole number, not a list",
       "9:10: 'mlp' takes a map of fields, not '7'",
       "10:17: 'eps' takes a number such as 12 or 1.0e-5, not a map",
       "11:5: 'norm' takes a map of fields, not nothing",
       "12:18: 'bias' takes true or false, not 'yes'",
       "13:16: 'act' takes relu, gelu, gelu_tanh, silu, relu2, tanh, "
       "quick_gelu, sigmoid or none, not a list",
       "14:15: 'position' takes a word or a map of fields, not a list",
       "15:23: 'bias' takes true, false or a list of query, key, value and "
       "output, not 'maybe'",
       "16:31: 'bias' takes query, key, value or output, not 'kez'; did you "
       "mean 'key'?",
       "16:36: 'query' is said twice"});
}

TEST(Error, UnknownNames) {
  expectErrors(
      tokens("  - embed\n  - atention\n  - norm: {epsilon: 1}\n"
             "  - embed: {patch: 4}\n  - mlp: {hidden: 4, act: gelo}\n"
             "  - foobarbaz: {}\n"),
      {"7:5: unknown layer 'atention'; did you mean 'attention'?",
       "8:12: unknown field 'epsilon' of 'norm'",
       "9:13: unknown field 'patch' of 'embed'; did you mean the layer "
       "'patch'?",
       "10:27: 'act' takes relu, gelu, gelu_tanh, silu, relu2, tanh, "
       "quick_gelu, sigmoid or none, not 'gelo'; did you mean 'gelu'?",
       "11:5: unknown layer 'foobarbaz'"});
}

TEST(Error, NotSupportedYet) {
  expectErrors(tokens("  - embed: {project: 2}\n"
                      "  - attention: {heads: 2, gate: true}\n"),
               {"6:13: field 'project' of 'embed' is not supported yet",
                "7:33: 'gate' takes none, silu or sigmoid, not 'true'"});
}

TEST(Error, Stacks) {
  const std::string cross = "embed, {cross_attention: {heads: 2}}";
  expectErrors("model: m\ndim: 8\ncontext: 4\nvocab: 5\nencoder: [embed]\n",
               {"5:1: 'encoder' needs 'decoder', layers that read its rows"});
  expectErrors("model: m\ndim: 8\ncontext: 4\nvocab: 5\ndecoder: [embed]\n",
               {"5:1: 'decoder' needs 'encoder', layers whose rows it reads"});
  expectErrors(stacks("embed", cross, "layers: [embed]\n"),
               {"5:1: 'encoder' beside 'layers': a model has 'layers', or "
                "'encoder' and 'decoder'",
                "6:1: 'decoder' beside 'layers': a model has 'layers', or "
                "'encoder' and 'decoder'"});
  expectErrors(stacks("", cross), {"5:1: the encoder has no layers"});
  expectErrors(stacks("embed", ""), {"6:1: the decoder has no layers"});
  expectErrors(stacks("embed", "embed, norm"),
               {"6:1: the decoder has no 'cross_attention': nothing reads the "
                "encoder's rows"});
  expectErrors(stacks("embed, {attention: {heads: 2, mask: prefix}}", cross),
               {"5:1: 'mask: prefix' in the encoder: its rows are computed "
                "whole, say 'mask: none'"});
  expectErrors(
      stacks("embed", cross + ", {attention: {heads: 2, mask: prefix}}"),
      {"6:1: 'mask: prefix' in a decoder is not supported yet"});
  expectErrors(
      stacks("embed, pool", cross),
      {"5:1: 'pool' in the encoder: the decoder sees all of its rows"});
  expectErrors(stacks("embed, logits", cross),
               {"5:1: 'logits' in the encoder: the decoder reads its rows, "
                "scores are for the decoder"});
  expectErrors(stacks("embed", cross + ", pool"),
               {"6:1: 'pool' in a decoder is not supported yet"});
  expectErrors(stacks("{patch: {image: [1, 4, 4], size: 2}}", cross,
                      "source: {context: 5}\n"),
               {"7:10: the context is said to be 5, the image makes 4 rows, "
                "prepended ones included"});
  expectErrors(stacks("{rows: {dim: 3}}, prepend: class", cross),
               {"5:29: 'prepend' in an encoder of other than images is not "
                "supported yet"});
  expectErrors(stacks("embed, outputs: {a: [norm]}", cross),
               {"5:1: 'outputs' in the encoder: the decoder reads its rows, "
                "parts are for the decoder"});
  expectErrors(
      stacks("embed", "{rows: {dim: 3}}, {cross_attention: {heads: 2}}"),
      {"6:1: the decoder must begin with 'embed' or 'queries'"});
  expectErrors(stacks(cross, cross),
               {"5:19: 'cross_attention' stands in a 'decoder': there is no "
                "encoder here whose rows it could see"});
  expectErrors(tokens("  - embed\n  - cross_attention: {heads: 2}\n"),
               {"7:5: 'cross_attention' stands in a 'decoder': there is no "
                "encoder here whose rows it could see"});
  expectErrors(stacks("embed", "embed, {cross_attention: {heads: 3}}"),
               {"6:37: 3 heads do not divide the width 8 (line 2); say "
                "'head_dim'"});
  expectErrors(stacks("embed", cross, "streams: {a: vocab}\n"),
               {"7:1: 'streams' beside 'encoder' is not supported yet"});
}

TEST(Error, Queries) {
  const std::string cross = ", {cross_attention: {heads: 2}}";
  const std::string model =
      "model: m\ndim: 8\nsource: {context: 4, vocab: 5}\n";
  auto decoder = [&](const std::string &layers) {
    return model + "encoder: [embed]\ndecoder: [" + layers + "]\n";
  };
  expectErrors(decoder("queries" + cross), {"5:11: 'queries' needs 'rows'"});
  expectErrors("context: 7\n" + decoder("queries: {rows: 3}" + cross),
               {"6:21: the context (line 1) is said to be 7, there are 3 rows "
                "of queries; say that of the source in 'source'"});
  expectErrors(decoder("queries: {rows: 3}, queries: {rows: 3}" + cross),
               {"5:31: 'queries' are the rows that a decoder begins with: it "
                "must be the first layer"});
  expectErrors(decoder("queries: {rows: 3}" + cross + ", pool"),
               {"5:1: 'pool' in a decoder is not supported yet"});
  expectErrors("model: m\ndim: 8\nlayers: [queries: {rows: 3}]\n",
               {"3:10: 'queries' stands in a 'decoder': there is no encoder "
                "here that would read the input"});
  expectErrors("model: m\ndim: 8\nencoder: [embed]\ndecoder: [queries: {rows: "
               "3}" +
                   cross + "]\n",
               {"3:11: 'embed' needs the model's 'vocab'",
                "3:11: a model of tokens needs 'context', the most rows of a "
                "sequence"});
}

TEST(Error, Outputs) {
  auto model = [](const std::string &last) {
    return tokens("  - embed\n" + last);
  };
  expectErrors(model("  - outputs: [norm]\n"),
               {"7:14: 'outputs' takes a map of lists of layers, not a list"});
  expectErrors(model("  - outputs\n"),
               {"7:5: 'outputs' needs names of lists of layers"});
  expectErrors(model("  - outputs: {}\n"), {"7:5: 'outputs' has no layers"});
  expectErrors(model("  - outputs: {a: []}\n"),
               {"7:15: the branch has no layers"});
  expectErrors(model("  - outputs: {a: [norm], A: [norm]}\n"),
               {"7:26: two outputs are named 'A'"});
  expectErrors(
      model("  - outputs: {3: [norm]}\n"),
      {"7:15: '3' is no name: letters, digits and underscores, a letter "
       "first"});
  expectErrors(model("  - outputs: {a: [norm]}\n  - norm\n"),
               {"8:5: 'norm' after 'outputs', which must be the last layer"});
  expectErrors(
      model("  - residual: [outputs: {a: [norm]}]\n"),
      {"7:16: 'outputs' must be the last layer of the model's own list "
       "of layers"});
  expectErrors(model("  - outputs: {a: [logits]}\n"),
               {"7:19: 'logits' must be the last layer of the model's own list "
                "of layers"});
}

TEST(Error, Exits) {
  auto model = [](const std::string &layers) {
    return "model: m\ndim: 8\ncontext: 4\nvocab: 5\nlayers:\n  - embed\n" +
           layers;
  };
  const std::string head = "  - pool: first\n  - linear: {to: 2}\n";
  auto exits = [&](const std::string &inside) {
    return model("  - exit: " + inside + "\n" + head);
  };
  expectErrors(model("  - exit\n" + head),
               {"7:5: 'exit' needs 'above' and 'layers'"});
  expectErrors(
      exits("[norm]"),
      {"7:11: 'exit' takes a map of 'above' and 'layers', not a list"});
  expectErrors(exits("{}"),
               {"7:5: 'exit' needs 'above'", "7:5: 'exit' needs 'layers'"});
  for (const char *above : {"1.5", "-0.1", "sure", "[0.5]"})
    expectErrors(
        exits(std::string("{above: ") + above +
              ", layers: [pool: first, linear: {to: 2}]}"),
        {"7:19: 'above' takes a probability, from 0 to 1, or 'none', "
         "not " +
         std::string(above[0] == '['   ? "a list"
                     : above[0] == 's' ? "'sure'"
                                       : "'" + std::string(above) + "'")});
  expectErrors(exits("{above: 1, below: 0, layers: [pool: first]}"),
               {"7:5: 'exit' makes scores of width 8, the model's output has 2",
                "7:22: unknown field 'below' of 'exit'"});
  expectErrors(exits("{above: 1, layers: []}"), {"7:5: 'exit' has no layers"});
  expectErrors(
      exits("{above: 1, layers: [linear: {to: 2}]}"),
      {"7:5: 'exit' has no 'pool': its scores are one row a sequence"});
  expectErrors(
      exits("{above: 1, layers: [attention: {heads: 2}, pool: first, linear: "
            "{to: 2}]}"),
      {"7:31: 'attention' in an 'exit', whose scores 'pool', 'norm', 'linear', "
       "'mlp', 'scale' and 'softcap' make"});
  const std::string exit =
      "exit: {above: 0.5, layers: [pool: first, linear: {to: 2}]}";
  expectErrors(model("  - residual: [" + exit + "]\n" + head),
               {"7:16: 'exit' in 'residual': it must stand in the model's own "
                "list of layers, or in 'repeat'"});
  expectErrors(model(head + "  - " + exit + "\n"),
               {"9:5: 'exit' after 'pool': there is nothing left to skip"});
  expectErrors(model("  - " + exit + "\n  - logits\n"),
               {"7:5: 'exit' needs a model with 'pool': its scores stand for "
                "all that comes out of a sequence, one row"});
  expectErrors(model("  - " + exit + "\n  - types: {count: 2}\n" + head),
               {"8:5: 'types' tells apart rows of the input: it must stand "
                "before 'exit' (line 7)"});
  expectErrors(model("  - tap: a\n  - " + exit + "\n" + head),
               {"7:5: 'tap' in a model with 'exit' (line 8) is not supported "
                "yet"});
  expectErrors(model("  - linear_attention: {heads: 1, tap: keys}\n  - " +
                     exit + "\n" + head),
               {"7:5: 'tap' in a model with 'exit' (line 8) is not supported "
                "yet"});
  expectErrors(
      model("  - " + exit + "\n  - pool: first\n  - outputs: {a: [norm]}\n"),
      {"7:5: 'exit' in a model with 'outputs' is not supported yet"});
  expectErrors(
      stacks("embed, " + exit, "embed, {cross_attention: {heads: 2}}, logits"),
      {"5:18: 'exit' in an encoder-decoder is not supported yet"});
}

TEST(Error, Source) {
  const std::string cross = "embed, {cross_attention: {heads: 2}}";
  expectErrors(
      stacks("embed", cross, "source: {vocab: 0, start: 5, end: -1}\n"),
      {"7:17: 'vocab' must be from 1 to 2147483647, not 0",
       "7:20: token 5 is outside the vocabulary of 5 (line 4)",
       "7:35: 'end' takes the number of a token, not '-1'"});
  expectErrors(stacks("embed", cross, "source: {contexts: 3}\n"),
               {"7:10: unknown field 'contexts' of 'source'; did you mean "
                "'context'?"});
  expectErrors(stacks("embed", cross, "source: 3\n"),
               {"7:9: 'source' takes a map of fields, not '3'"});
  expectErrors(tokens("  - embed\nsource: {vocab: 3}\n"),
               {"7:1: 'source' is for models with an 'encoder'"});
}

TEST(Error, FormOfLayers) {
  expectErrors(
      tokens("  - embed\n  - [\n    ]\n  - {}\n  - [norm]\n  - {norm: {}, mlp: "
             "{}}\n"
             "  - repeat\n  - residual\n  - residual: norm\n"
             "  - {residual: [norm], share: true}\n  - {repeat: 2}\n"
             "  - {repeat: x, layers: [norm]}\n"
             "  - {repeat: 2, layrs: [norm]}\n"),
      {"7:5: a list in a list of layers; only 'parallel' takes lists, as its "
       "branches",
       "9:5: expected a layer, found nothing",
       "10:5: a list in a list of layers; only 'parallel' takes lists, as its "
       "branches",
       "11:16: 'mlp' beside 'norm': a layer has one name, its fields stand "
       "below it",
       "12:5: 'repeat' needs a count and 'layers'",
       "13:5: 'residual' needs a list of layers",
       "14:15: 'residual' takes a list of layers, not 'norm'",
       "15:24: unknown field 'share' of 'residual'",
       "16:6: 'repeat' needs 'layers'",
       "17:14: 'repeat' takes a whole number, not 'x'",
       "18:6: 'repeat' needs 'layers'",
       "18:17: unknown field 'layrs' of 'repeat'; did you mean 'layers'?"});
}

TEST(Error, Order) {
  expectErrors(tokens("  - norm\n  - embed\n"),
               {"6:5: the first layer must be 'embed' (tokens), 'patch' (an "
                "image) or 'rows' (real vectors), not 'norm'",
                "7:5: 'embed' turns token ids into rows: it must be the first "
                "layer"});
  expectErrors(tokens("  - residual: [embed]\n  - logits\n"),
               {"6:16: 'embed' turns token ids into rows: it must be the first "
                "layer"});
  expectErrors(tokens("  - embed\n  - logits\n  - norm\n"),
               {"8:5: 'norm' after 'logits', which must be the last layer"});
  expectErrors(tokens("  - embed\n  - pool: first\n  - logits\n"),
               {"8:5: 'logits' after 'pool': scores are for every row; use "
                "'linear'"});
  expectErrors(
      tokens("  - embed\n  - pool: mean\n  - position: learned\n"
             "  - residual: [{attention: {heads: 2}}]\n  - prepend: class\n"
             "  - pool: last\n"),
      {"8:5: 'position' after 'pool': one row a sequence is left",
       "9:17: 'attention' after 'pool': one row a sequence is left",
       "10:5: 'prepend' after 'pool': one row a sequence is left",
       "11:5: 'pool' after 'pool': one row a sequence is left"});
  expectErrors(tokens("  - embed\n  - residual: [pool: first]\n"
                      "  - repeat: 2\n    layers: [prepend: class, logits]\n"),
               {"7:16: 'pool' changes the number of rows: it must stand in the "
                "model's own list of layers",
                "9:14: 'prepend' changes the number of rows: it must stand in "
                "the model's own list of layers",
                "9:30: 'logits' must be the last layer of the model's own list "
                "of layers"});
}

TEST(Error, EmptyLists) {
  expectErrors(
      tokens("  - embed\n  - residual: []\n  - parallel: []\n"
             "  - parallel: [[], [norm]]\n"
             "  - {repeat: 2, layers: []}\n"
             "  - {repeat: 0, layers: [norm]}\n"),
      {"7:5: 'residual' has no layers", "8:5: 'parallel' has no layers",
       "9:16: the branch has no layers", "10:6: 'repeat' has no layers",
       "11:14: 'repeat' must be from 1 to 2147483647, not 0"});
}

TEST(Error, Widths) {
  expectErrors(
      tokens("  - embed\n  - residual: [linear: {to: 9}]\n"
             "  - parallel: [norm, linear: {to: 3}]\n"
             "  - linear: {to: 6}\n  - residual: [{attention: {heads: 4}}]\n"
             "  - repeat: 3\n    layers: [linear: {to: 5}]\n"
             "  - linear\n"),
      {"7:5: 'residual' takes rows of width 8 and must keep it, not make it 9",
       "8:22: the branches of 'parallel' make rows of different widths, 8 and "
       "3",
       "10:29: 4 heads do not divide the width 6 (line 2); say 'head_dim'",
       "11:5: 'repeat' takes rows of width 6 and must keep it, not make it 5",
       "13:5: 'linear' needs 'to'"});
}

TEST(Error, TooManyParameters) {
  expectErrors("model: m\ndim: 2147483647\ncontext: 4\nvocab: 2147483647\n"
               "layers: [embed]\n",
               {"5:10: with 'embed.weight' the model has more than 2^48 "
                "parameters"});
  expectErrors(tokens("  - embed\n  - repeat: 2147483647\n    layers:\n"
                      "      - mlp: {hidden: 2147483647}\n"),
               {"9:9: with 'layers.{i}.mlp.up.weight' the model has more than "
                "2^48 parameters"});
}

TEST(Error, DefaultsAndDefinitions) {
  expectErrors("defaults: {nrm: {}, mlp: 3, attention: {head: 2}, pool: "
               "{kind: last}}\n" +
                   tokens("  - embed\n  - attention\n"),
               {"1:12: unknown layer 'nrm'; did you mean 'norm'?",
                "1:26: 'mlp' takes a map of fields, not '3'",
                "1:41: unknown field 'head' of 'attention'; did you mean "
                "'heads'?"});
  expectErrors("defaults: {pool: {kind: last}}\n" + tokens("  - embed\n"),
               {"1:12: no layer uses the defaults of 'pool'"});
  expectErrors("define: {a: [norm]}\n" + tokens("  - embed\n"),
               {"1:10: no layer uses the definition 'a'"});
  expectErrors("define: {a: [b], b: [residual: [a]]}\n" +
                   tokens("  - embed\n  - a\n"),
               {"1:33: the definition 'a' uses itself"});
  expectErrors("define: {norm: [mlp], 1a: [norm], b: norm}\n" +
                   tokens("  - embed\n  - b\n  - bb\n  - b: {x: 1}\n"),
               {"1:10: 'norm' is a word of the language and cannot be defined",
                "1:23: '1a' is no name: letters, digits and underscores, a "
                "letter first",
                "1:38: 'b' takes a list of layers, not 'norm'",
                "9:5: unknown layer 'bb'; did you mean 'b'?",
                "10:5: the definition 'b' takes no fields"});
  expectErrors("defaults: 3\ndefine: [a]\n" + tokens("  - embed\n"),
               {"1:11: 'defaults' takes a map of leaves, not '3'",
                "2:9: 'define' takes a map of names, not a list"});
  // The same wrong default, used twice, is one error.
  expectErrors("defaults: {norm: {eps: x}}\n" +
                   tokens("  - embed\n  - norm\n  - norm\n"),
               {"1:24: 'eps' takes a number such as 12 or 1.0e-5, not 'x'"});
}

TEST(Error, Names) {
  expectErrors(tokens("  - embed\n  - norm: {as: a b}\n  - norm: {as: x}\n"
                      "  - mlp: {hidden: 3, as: x}\n"
                      "  - norm: {as: layers}\n"
                      "  - {repeat: 2, layers: [norm]}\n"),
               {"7:16: 'as' takes a name of at most 64 letters, digits and "
                "underscores, a letter first, not 'a b'",
                "9:22: two layers are named 'x' (line 8)",
                "11:6: two layers are named 'layers' (line 10)"});
  std::string nested = "norm";
  for (int i = 0; i != 5; ++i)
    nested = "{repeat: 2, layers: [" + nested + "]}";
  Parsed parsed = parse(tokens("  - embed\n  - " + nested + "\n"));
  EXPECT_EQ(parsed.errors, std::vector<std::string>(
                               {"1:1: repeats are nested more than 4 deep"}));
}

TEST(Error, Weights) {
  auto weights = [](const std::string &weights) {
    return tokens("  - embed\n  - {repeat: 2, layers: [{mlp: {hidden: 3}}]}\n"
                  "weights:\n") +
           weights;
  };
  expectErrors(weights("  fils: [a]\n"),
               {"9:3: 'weights' needs 'files'",
                "9:3: unknown field 'fils' of 'weights'; did you mean "
                "'files'?"});
  expectErrors(weights("  files: []\n"), {"9:3: 'weights' needs 'files'"});
  expectErrors(weights("  files: a.bin\n"),
               {"9:10: 'files' takes a list of file names, not 'a.bin'"});
  expectErrors(weights("  files: [[a], '']\n  names: [x]\n"),
               {"9:11: 'files' takes file names, not a list",
                "9:16: 'files' takes file names, not the text ''",
                "10:10: 'names' takes a map from our names to theirs, not a "
                "list"});
  expectErrors(weights("  files: [a]\n  names:\n    embed.weights: a\n"
                       "    'layers.{i}.mlp.up.weight': up\n"
                       "    'layers.{i}.mlp.down.weight': 'x.{i}[0:3, :].T'\n"
                       "    embed.weight: 'w.{i}'\n"),
               {"11:5: the model has no weight 'embed.weights'; did you mean "
                "'embed.weight'?",
                "12:5: '{i}' is in 'layers.{i}.mlp.up.weight' but not in 'up'",
                "14:5: '{i}' is in 'w.{i}' but not in 'embed.weight'"});
  expectErrors(
      weights("  files: [a]\n  names:\n"
              "    embed.weight: 'w.reshape(2, 3)[:]'\n"
              "    'layers.{i}.mlp.up.weight': 'w.{i*2}.reshape(2).mT'\n"
              "    'layers.{i}.mlp.down.weight': 'w.{i-1}'\n"),
      {"11:5: 2 dimensions need as many slices, not 1",
       "12:5: '.mT' needs two dimensions",
       "13:5: '{i}' is in 'layers.{i}.mlp.down.weight' but not in 'w.{i-1}'"});
  expectErrors(weights("  files: [a]\n  names:\n"
                       "    embed.weight: 'w.reshape(0)'\n"),
               {"11:19: write .reshape(SIZE, SIZE, ...) with sizes of at "
                "least 1"});
  expectErrors(weights("  files: [a]\n  names:\n"
                       "    embed.weight: 'w[0:4, :]'\n"),
               {"11:5: the slice 0:4 has 4 values, 'embed.weight' has 5 "
                "there"});
  expectErrors(weights("  files: [a]\n  names:\n    a: 'w[0]'\n"
                       "    b: 'w[3:3]'\n    c: 'w[:].T[:]'\n    d: '[:]'\n"
                       "    e: 'w]'\n    f: [x]\n    g: 'w[-1:]'\n"),
               {"11:8: '0' is no slice; write ':', 'FROM:', ':TO', "
                "'FROM:TO' or an index as '{j}'",
                "12:8: the slice '3:3' is empty",
                "13:8: slices come last, before '.T', '.mT' and '.unit()'",
                "14:8: expected the name of a tensor", "15:8: ']' without '['",
                "16:8: 'f' takes the name of a tensor, not a list",
                "17:8: '-1:' is no slice; write ':', 'FROM:', ':TO', "
                "'FROM:TO' or an index as '{j}'"});
  expectErrors(weights("  files: [a]\n  names:\n"
                       "    a: 'w.mT'\n    b: 'w.reshape(2, 3).T'\n"
                       "    c: 'w[{i]'\n    d: 'w[{i*}]'\n"),
               {"11:8: '.T' transposes a matrix, '.mT' the last two "
                "dimensions behind '.reshape'",
                "12:8: '.T' transposes a matrix, '.mT' the last two "
                "dimensions behind '.reshape'",
                "13:8: '{i' is no slice; write ':', 'FROM:', ':TO', "
                "'FROM:TO' or an index as '{j}'",
                "14:8: '{i*}' is no slice; write ':', 'FROM:', ':TO', "
                "'FROM:TO' or an index as '{j}'"});
  expectErrors(weights("  files: [a]\n  names:\n"
                       "    embed.weight: 'w[{i}, :]'\n"
                       "    'layers.{i}.mlp.up.weight': 'w[{i}, :]'\n"
                       "    'layers.{i}.mlp.down.weight': 'w[{j}, :, :]'\n"),
               {"11:5: '{i}' is in 'w' but not in 'embed.weight'",
                "11:5: the index {i} leaves one value, 'embed.weight' has 5 "
                "there",
                "12:5: the index {i} leaves one value, "
                "'layers.{i}.mlp.up.weight' has 3 there",
                "13:5: '{i}' is in 'layers.{i}.mlp.down.weight' but not in "
                "'w'",
                "13:5: '{j}' is in 'w' but not in "
                "'layers.{i}.mlp.down.weight'"});
  expectErrors("model: m\ndim: 8\nlayers:\n"
               "  - patch: {image: [1, 8, 8], size: 4, bias: true}\n"
               "weights: {files: [a], names: {patch.bias: b.T}}\n",
               {"5:31: '.T' needs a matrix, 'patch.bias' is a vector"});
}

} // namespace
