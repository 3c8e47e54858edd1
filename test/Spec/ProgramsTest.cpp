// Constructed models: what the words become, and what is refused where.
#include "ParseText.h"
#include "SameSpec.h"

namespace {

/// A spec with these streams and layers; streams stand in line 4, layers from
/// line 7 on.
std::string program(const std::string &streams, const std::string &layers) {
  return "model: m\ncontext: 4\nvocab: [a, b, c]\nstreams: {token: vocab, "
         "position: context, " +
         streams +
         "}\nlayers:\n  - embed: {token: token, position: position}\n" + layers;
}

const spec::Attention &attentionOf(const spec::Layer &layer) {
  return std::get<spec::Attention>(
      std::get<spec::Residual>(layer.body).layers.front().body);
}

TEST(Programs, ExamplesAreFixedPoints) {
  for (const char *name :
       {"histogram", "reverse", "sort", "double_histogram", "most_frequent",
        "dyck1", "dyck2", "shuffle_dyck2", "ends_with_a", "starts_with_a",
        "contains_a", "contains_ab"}) {
    spec::Spec first = parseGood(readFile(
        std::string(TC_SOURCE_DIR "/examples/programs/") + name + ".yaml"));
    std::string printed = spec::printSpec(first);
    spec::Spec second = parseGood(printed);
    EXPECT_TRUE(same(first, second)) << printed;
    EXPECT_EQ(spec::printSpec(second), printed);
    for (const spec::Parameter &parameter : spec::listParameters(first))
      EXPECT_TRUE(parameter.values) << parameter.name;
  }
}

TEST(Programs, CausalWhereThePredicateSaysSo) {
  std::string layers = "  - select: {when: key.position <= query.position and "
                       "key.token == query.token, count: n}\n"
                       "  - logits: {from: n}\n";
  spec::Spec causal = parseGood(program("n: context", layers));
  EXPECT_TRUE(causal.causal);
  EXPECT_EQ(attentionOf(causal.layers[2]).headDim, 3) << "the mask says it";
  spec::Spec all = parseGood(program(
      "n: context", "  - select: {when: key.token == query.token, count: n}\n"
                    "  - logits: {from: n}\n"));
  EXPECT_FALSE(all.causal);
}

TEST(Programs, OneHeadAnAlternative) {
  spec::Spec sorted = parseGood(program(
      "rank: context",
      "  - select: {when: key.token < query.token or (key.token == query.token "
      "and key.position < query.position), count: rank}\n"
      "  - logits: {from: rank}\n"));
  EXPECT_EQ(attentionOf(sorted.layers[2]).heads, 2);
  EXPECT_EQ(attentionOf(sorted.layers[2]).scores, spec::Scores::Relu);
}

TEST(Programs, Streams) {
  expectErrors(program("x: real", "  - map: {y: 1}\n"),
               {"7:11: no stream is named 'y'; did you mean 'x'?"});
  expectErrors(program("x: real", "  - map: {x: 1}\n  - map: {x: 2}\n"),
               {"8:11: 'x' is written twice"});
  expectErrors(program("x: real", "  - logits: {from: x}\n"),
               {"7:20: nothing has written 'x' yet"});
  expectErrors(
      program("x: real, spare: 3", "  - map: {x: 1}\n  - logits: {from: x}\n"),
      {"4:53: nothing writes the stream 'spare'"});
  expectErrors(program("x: rael", "  - map: {x: 1}\n"),
               {"4:47: 'x' takes a whole number, not 'rael'"});
}

TEST(Programs, Ends) {
  expectErrors("model: m\nstreams: {token: vocab}\nlayers: [embed]\n",
               {"2:18: the spec has no 'vocab'",
                "3:10: 'embed' needs its streams, as fields"});
  expectErrors("model: m\ncontext: 4\nvocab: 3\nstreams: {token: 2}\nlayers:\n"
               "  - embed: {token: token}\n",
               {"6:20: 'token' is no stream of the 'vocab'"});
}

TEST(Programs, Predicates) {
  auto count = [](const std::string &when) {
    return program("x: real, y: real", "  - map: {y: 1 if token == a else 2}\n"
                                       "  - select: {when: " +
                                           when + ", count: x}\n");
  };
  expectErrors(count("token == query.token"),
               {"8:20: of which row is 'token'? say 'key.token' or "
                "'query.token'"});
  expectErrors(count("key.y == 1"),
               {"8:20: 'y' is real: predicates compare categories; 'map' it "
                "to one first"});
  expectErrors(count("key.token == d"),
               {"8:33: 'd' is neither a stream nor a value of 'token'; did "
                "you mean 'a'?"});
  expectErrors(count("key.position < query.position + key.token"),
               {"8:52: expected a number here"});
  expectErrors(count("key.position < 2 or key.token == a"),
               {"8:37: rows may be selected by both sides of 'or' and count "
                "twice: exclude one in the other, with 'and not'"});
  expectErrors(count("key.position < 0"), {"8:33: the predicate never holds"});
  expectErrors(count("key.token"), {"8:20: a predicate is a comparison"});
  expectErrors(count("key.token == (a"), {"8:35: expected ')', found the end"});
}

TEST(Programs, Formulas) {
  auto map = [](const std::string &formula) {
    return program("x: real, y: real, z: [low, high]",
                   "  - map: {x: 1 if token == a else 0.3333}\n"
                   "  - select: {when: always, mean: x, into: y}\n"
                   "  - map: {z: " +
                       formula + "}\n");
  };
  expectErrors(map("hig if token == a else high"),
               {"9:14: 'hig' is neither a stream nor a value of 'z'; did you "
                "mean 'high'?"});
  expectErrors(map("low if x > 0.25 else high"),
               {"9:14: how close the values of 'x' can come to each other is "
                "not known: no threshold is safe"});
  expectErrors(map("low if x * x > 1 else high"),
               {"9:27: reals are compared with sums of reals and numbers"});
  expectErrors(map("y"), {"9:14: 'z' takes words"});
}

TEST(Programs, MarginsFollowFromTheContext) {
  std::string text =
      "model: m\ncontext: 100000\nvocab: [a, b]\nstreams: {token: vocab, one: "
      "real, mean: real, output: 2}\nlayers:\n  - embed: {token: token}\n"
      "  - map: {one: 1 if token == a else 0}\n"
      "  - select: {when: always, mean: one, into: mean}\n"
      "  - map: {output: 1 if mean > 0.5 else 0}\n";
  expectErrors(text, {"9:19: values of 'mean' may differ by as little as "
                      "1/200000 in a context of 100000, too little for "
                      "float32"});
}

TEST(Values, Forms) {
  spec::Spec spec = parseGood(tokens(
      "  - embed: {values: {weight: {4: {0: -2, 7: 1.5}}}}\n"
      "  - linear: {to: 2, bias: true, values: {weight: identity, bias: [1, "
      "2]}}\n"));
  EXPECT_EQ(spec::printSpec(spec),
            "model: m\ndim: 8\ncontext: 4\nvocab: 5\nlayers:\n"
            "  - embed: {values: {weight: {4: {0: -2, 7: 1.5}}}}\n"
            "  - linear: {to: 2, act: none, bias: true, values: {bias: [1, 2], "
            "weight: identity}}\n");
}

TEST(Values, Errors) {
  expectErrors(tokens("  - embed\n  - linear: {to: 2, values: {wieght: 0}}\n"),
               {"7:38: 'linear' has no weight 'wieght'; did you mean "
                "'weight'?"});
  expectErrors(
      tokens("  - embed\n  - linear: {to: 2, values: {weight: [[1, 2]]}}\n"),
      {"7:38: 'weight' has the shape [2, 8], the values have [1, 2]"});
  expectErrors(
      tokens("  - embed\n  - linear: {to: 2, values: {weight: {2: {0: 1}}}}\n"),
      {"7:38: 'weight' has the shape [2, 8] and no place [2, 0]"});
}

TEST(Scores, Errors) {
  auto attention = [](const std::string &fields) {
    return tokens("  - embed\n  - attention: {heads: 2, " + fields + "}\n");
  };
  expectErrors(attention("normalise: rows"),
               {"7:27: softmax weights sum to 1 already"});
  expectErrors(attention("scores: hard, normalise: rows"),
               {"7:41: hard attention is a mean already"});
  expectErrors(attention("scores: relu, sources: but_last, mask: causal"),
               {"7:41: a row sees no later row already: 'sources: but_last' "
                "needs 'mask: none'"});
  expectErrors(attention("scores: linear, output: sum, value_dim: 4"),
               {"7:56: values of 4 cannot be added to rows of 8"});
}

} // namespace
