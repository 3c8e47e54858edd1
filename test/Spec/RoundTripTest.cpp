// The canonical form: the same tree and the same text after reading it again.
#include "ParseText.h"
#include "SameSpec.h"

#include <regex>

namespace {

/// The canonical form of the text, after checking that it is a fixed point.
std::string canonical(const std::string &text) {
  spec::Spec first = parseGood(text);
  std::string printed = spec::printSpec(first);
  spec::Spec second = parseGood(printed);
  EXPECT_TRUE(same(first, second)) << printed;
  EXPECT_EQ(spec::printSpec(second), printed);
  return printed;
}

TEST(RoundTrip, WrittenOut) {
  EXPECT_EQ(canonical(readFile(TC_SOURCE_DIR "/test/Spec/data/gpt2.yaml")),
            R"(model: gpt2
dim: 768
context: 1024
vocab: 50257
layers:
  - embed
  - position: learned
  - repeat: 12
    layers:
      - residual:
          - norm: {kind: layer, eps: 1.0e-5, bias: true}
          - attention: {heads: 12, kv_heads: 12, head_dim: 64, value_dim: 64, mask: causal,
                        scale: 0.125, bias: true}
      - residual:
          - norm: {kind: layer, eps: 1.0e-5, bias: true}
          - mlp: {hidden: 3072, act: gelu_tanh, bias: true}
  - norm: {kind: layer, eps: 1.0e-5, bias: true}
  - logits: {tied: true}
weights:
  files:
    - "model.safetensors"
  names:
    "embed.weight": "wte.weight"
    "layers.{i}.attention.query.bias": "h.{i}.attn.c_attn.bias[0:768]"
    "layers.{i}.attention.query.weight": "h.{i}.attn.c_attn.weight[:, 0:768].T"
    "position.weight": "wpe.weight"
)");
}

/// What fills the grid, 4 x 4 here, is not shifted.
TEST(RoundTrip, Tiles) {
  std::string text = canonical(R"(model: m
dim: 8
layers:
  - patch: {image: [1, 8, 8], size: 2}
  - attention: {heads: 2, tile: 2, shift: 1, position: table}
  - attention: {heads: 2, tile: 7, shift: 3}
)");
  EXPECT_NE(text.find("tile: 2, shift: 1,\n                position: table"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("tile: 4,"), std::string::npos) << text;
  EXPECT_EQ(text.find("shift: 3"), std::string::npos) << text;
}

TEST(RoundTrip, Stacks) {
  EXPECT_EQ(canonical(R"(model: m
dim: 8
context: 4
vocab: 5
source: {vocab: 7, start: 0}
define:
  block: [norm, mlp: {hidden: 3}]
encoder: [embed, position: {kind: sinusoidal, layout: halves, first: 2}, residual: [block]]
decoder:
  - embed
  - repeat: 2
    layers:
      - residual: [norm, cross_attention: {heads: 2, bias: [query]}]
      - residual: [block]
  - logits
)"),
            R"(model: m
dim: 8
context: 4
vocab: 5
source: {context: 4, vocab: 7, start: 0}
define:
  block:
    - norm: {kind: layer, eps: 1.0e-5, bias: true}
    - mlp: {hidden: 3, act: gelu}
encoder:
  - embed
  - position: {kind: sinusoidal, layout: halves, first: 2}
  - residual:
      - block
decoder:
  - embed
  - repeat: 2
    layers:
      - residual:
          - norm: {kind: layer, eps: 1.0e-5, bias: true}
          - cross_attention: {heads: 2, kv_heads: 2, head_dim: 4, value_dim: 4, scale: 0.5,
                              bias: [query]}
      - residual:
          - block
  - logits
)");
}

TEST(RoundTrip, Queries) {
  EXPECT_EQ(canonical(R"(model: m
dim: 8
encoder: [patch: {image: [1, 4, 6], size: 2}, attention: {heads: 2, position: added}]
decoder:
  - queries: {rows: 3}
  - repeat: 2
    layers: [cross_attention: {heads: 2, position: {added: {shared: true}}}]
  - outputs: {class: [linear: {to: 5}], box: [linear: {to: 7}, linear: {to: 4, act: sigmoid}]}
)"),
            R"(model: m
dim: 8
context: 3
source: {context: 6}
encoder:
  - patch: {image: [1, 4, 6], size: 2}
  - attention: {heads: 2, kv_heads: 2, head_dim: 4, value_dim: 4, mask: none, position: added,
                scale: 0.5}
decoder:
  - queries: {rows: 3}
  - repeat: 2
    layers:
      - cross_attention: {heads: 2, kv_heads: 2, head_dim: 4, value_dim: 4,
                          position: {added: {shared: true}}, scale: 0.5}
  - outputs:
      class:
        - linear: {to: 5, act: none}
      box:
        - linear: {to: 7, act: none}
        - linear: {to: 4, act: sigmoid}
)");
}

TEST(RoundTrip, Exits) {
  EXPECT_EQ(canonical(R"(model: m
dim: 8
context: 5
vocab: 7
define: {head: [pool: first, linear: {to: 2}]}
layers:
  - embed
  - exit: {layers: [head], above: 9.0e-1, as: early}
  - repeat: 2
    layers: [residual: [mlp: {hidden: 3}], exit: {above: none, layers: [norm, head]}]
  - exit: {above: 0, layers: [head]}
  - head
)"),
            R"(model: m
dim: 8
context: 5
vocab: 7
define:
  head:
    - pool: first
    - linear: {to: 2, act: none}
layers:
  - embed
  - exit:
      above: 0.9
      as: early
      layers:
        - head
  - repeat: 2
    layers:
      - residual:
          - mlp: {hidden: 3, act: gelu}
      - exit:
          above: none
          layers:
            - norm: {kind: layer, eps: 1.0e-5, bias: true}
            - head
  - exit:
      above: 0
      layers:
        - head
  - head
)");
}

TEST(RoundTrip, Windows) {
  EXPECT_EQ(canonical(R"(model: m
dim: 8
layers:
  - patch: {image: [3, 29, 32], size: 7, stride: 4, pad: 2}
  - conv: {to: 8, size: 3, pad: 1, act: gelu, bias: true}
  - merge: {size: 3, stride: 2, pad: 1, order: channels}
  - conv: {to: 6, size: 1, stride: 1, pad: 0, dtype: int8}
  - conv: {to: 6, groups: 6, size: 5, pad: 2}
  - attention: {heads: 2, reduce: {size: 2, eps: 1.0e-6}}
  - attention: {heads: 2, reduce: {rows: 5}}
  - merge
)"),
            R"(model: m
dim: 8
context: 56
layers:
  - patch: {image: [3, 29, 32], size: 7, stride: 4, pad: 2}
  - conv: {to: 8, size: 3, stride: 1, pad: 1, groups: 1, act: gelu, bias: true}
  - merge: {size: 3, stride: 2, pad: 1, order: channels}
  - conv: {to: 6, size: 1, stride: 1, groups: 1, act: none, dtype: int8}
  - conv: {to: 6, size: 5, stride: 1, pad: 2, groups: 6, act: none}
  - attention: {heads: 2, kv_heads: 2, head_dim: 3, value_dim: 3, mask: none,
                reduce: {size: 2, eps: 1.0e-6}, scale: 0.5773502691896258}
  - attention: {heads: 2, kv_heads: 2, head_dim: 3, value_dim: 3, mask: none, reduce: {rows: 5},
                scale: 0.5773502691896258}
  - merge: {size: 2, order: columns}
)");
}

TEST(RoundTrip, WhatAttentionSeesAndHandsOut) {
  EXPECT_EQ(canonical(R"(model: m
dim: 8
context: 56
layers:
  - rows: {dim: 3}
  - attention: {heads: 1, tap: [queries]}
  - attention: {heads: 1, tap: [weights, keys], segment: 3, random: {segments: 2}}
  - attention: {heads: 1, tap: none, segment: 3, random: {seed: 4, segments: 2}, scale: 1}
  - linear_attention: {heads: 1, tap: [values, keys]}
  - latent_attention: {heads: 1, head_dim: 4, shared: 2, latent: 3, tap: [weights], scale: 1}
)"),
            R"(model: m
dim: 8
context: 56
layers:
  - rows: {dim: 3}
  - attention: {heads: 1, kv_heads: 1, head_dim: 8, value_dim: 8, mask: none, tap: queries,
                scale: 0.35355339059327373}
  - attention: {heads: 1, kv_heads: 1, head_dim: 8, value_dim: 8, mask: none, tap: [keys, weights],
                segment: 3, random: {segments: 2}, scale: 0.35355339059327373}
  - attention: {heads: 1, kv_heads: 1, head_dim: 8, value_dim: 8, mask: none, segment: 3,
                random: {segments: 2, seed: 4}, scale: 1}
  - linear_attention: {heads: 1, kv_heads: 1, head_dim: 8, value_dim: 8, mask: none,
                       normalise: rows, tap: [keys, values]}
  - latent_attention: {heads: 1, head_dim: 4, value_dim: 2, latent: 3, shared: 2, eps: 1.0e-6,
                       mask: none, scale: 1, tap: weights}
)");
}

TEST(RoundTrip, Examples) {
  for (const char *name : {"gpt2", "tinyllama", "vit_base", "gemma_like"})
    canonical(readFile(std::string(TC_SOURCE_DIR "/test/Spec/data/") + name +
                       ".yaml"));
}

TEST(RoundTrip, ExamplesOfTheReadme) {
  std::string text = readFile(TC_SOURCE_DIR "/compiler/Spec/README.md");
  std::regex block("```yaml\n([^`]*)```");
  int count = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), block), end; at != end;
       ++at, ++count)
    canonical((*at)[1]);
  EXPECT_EQ(count, 9);
}

TEST(RoundTrip, EveryField) {
  std::string printed = canonical(R"(
model: Every_1
dtype: int8
dim: 12
context: 9
vocab: 7
layers:
  - embed: {scale: 3.4641016151377544}
  - position: {kind: sinusoidal}
  - prepend: {what: registers, rows: 3, as: registers}
  - norm: {kind: rms, eps: 0, offset: -1.5}
  - norm: {kind: layer, eps: 1e-12, bias: false}
  - attention:
      heads: 6
      kv_heads: 2
      head_dim: 10
      value_dim: 3
      mask: causal
      window: 5
      position: {rope: {theta: 5.0e+5, dim: 4, layout: pairs, scaling:
        {llama3: {factor: 8, low_freq_factor: 1, high_freq_factor: 4.5, original_context: 8192}}}}
      scale: 0.1
      softcap: 50
      qk_norm: {layer: {eps: 1.0e-7}}
      bias: [key, output]
  - attention: {heads: 1, qk_norm: rms, bias: [query, key, value, output],
      position: {rope: {scaling: {linear: {factor: 2.5}}}}}
  - attention: {heads: 1, position: {rope: {scaling: {yarn:
      {factor: 4, beta_fast: 31, beta_slow: 2, attention_factor: 1.25, truncate: false, original_context: 4096}}}}}
  - attention: {heads: 1, position: rope, window: none, softcap: none, bias: []}
  - mlp: {hidden: 5, act: relu2, gated: true, bias: true, dtype: int4}
  - moe: {experts: 9, top_k: 3, hidden: 5, groups: {best: {count: 3, top_k: 1}}}
  - moe: {experts: 6, top_k: 2, hidden: 5, correction: true,
      groups: {two_best: {top_k: 2, count: 3}}}
  - moe: {experts: 7, top_k: 3, router: sigmoid, normalise: true, scale: 2.5,
      shared: 9, shared_gate: true, hidden: 5, act: silu, gated: true, bias: true, dtype: int8}
  - moe: {experts: 1, top_k: 1, hidden: 5, shared: none}
  - linear_attention: {heads: 6, kv_heads: 2, mask: causal, feature: {random: {count: 7}}, decay: fixed,
      head_norm: {rms: {eps: 1e-5}}, gate: silu}
  - linear_attention: {heads: 1, mask: causal, normalise: none, feature: none, decay: input, head_norm: layer}
  - linear_attention: {heads: 3, mask: causal, decay: {fixed: {factors: [0.75]}}, gate: sigmoid}
  - linear_attention: {heads: 3, mask: causal, normalise: none, update: delta, qk_norm: l2, scale: 0.5,
      feature: silu, conv: {size: 4, act: silu, bias: true}, decay: {input: {power: true}}}
  - conv: {to: 12, groups: 12, size: 3, causal: true}
  - attention: {heads: 2, gate: sigmoid}
  - linear: {to: 14, act: tanh, bias: true, dtype: bf16}
  - logits: {bias: true, scale: 1.0e+20, softcap: 30.5, dtype: f32}
)");
  for (const char *part :
       {"- embed: {scale: 3.4641016151377544}",
        "- position: sinusoidal",
        "- prepend: {what: registers, rows: 3, as: registers}",
        "- norm: {kind: rms, eps: 0, offset: -1.5}",
        "- norm: {kind: layer, eps: 1.0e-12, bias: false}",
        "window: 5",
        "{llama3: {factor: 8, low_freq_factor: 1, high_freq_factor: 4.5, "
        "original_context: 8192}}",
        "theta: 500000, dim: 4, layout: pairs",
        "bias: [key, output]",
        "qk_norm: {rms: {eps: 1.0e-6}}",
        "attention_factor: 1.25, truncate: false",
        "dtype: int8\ndim: 12",
        "bias: true, dtype: int4}",
        "groups: {best: {count: 3, top_k: 1}}",
        "correction: true, groups: {two_best: {count: 3, top_k: 2}}",
        "- moe: {experts: 7, top_k: 3, router: sigmoid, normalise: true, "
        "scale: 2.5, shared: 9,\n"
        "          shared_gate: true, hidden: 5",
        "- moe: {experts: 1, top_k: 1, hidden: 5, act: gelu}",
        "feature: {random: {count: 7}}",
        "gate: silu",
        "decay: {fixed: {factors: [0.96875, 0.984375]}}",
        "head_norm: {rms: {eps: 1.0e-5}}",
        "feature: none",
        "decay: input",
        "head_norm: {layer: {eps: 1.0e-6}}",
        "decay: {fixed: {factors: [0.75, 0.75, 0.75]}}",
        "conv: {size: 4, act: silu, bias: true}",
        "feature: silu",
        "qk_norm: {l2: {eps: 1.0e-6}}",
        "update: delta",
        "decay: {input: {power: true}}",
        "causal: true, groups: 12",
        "gate: sigmoid",
        "- linear: {to: 14, act: tanh, bias: true, dtype: bf16}",
        "- logits: {bias: true, scale: 1.0e+20, softcap: 30.5, dtype: f32}"})
    EXPECT_NE(printed.find(part), std::string::npos) << part << "\n" << printed;
}

TEST(RoundTrip, Combinators) {
  EXPECT_EQ(canonical(tokens(R"(  - embed
  - block
  - repeat: 2
    share: true
    as: outer
    layers:
      - repeat: 3
        layers:
          - block
          - parallel: [norm, [norm, {mlp: {hidden: 2}}], inner]
define:
  inner: [mlp: {hidden: 1}]
  block: [residual: [norm, inner], inner]
)")),
            R"(model: m
dim: 8
context: 4
vocab: 5
define:
  inner:
    - mlp: {hidden: 1, act: gelu}
  block:
    - residual:
        - norm: {kind: layer, eps: 1.0e-5, bias: true}
        - inner
    - inner
layers:
  - embed
  - block
  - repeat: 2
    share: true
    as: outer
    layers:
      - repeat: 3
        layers:
          - block
          - parallel:
              - norm: {kind: layer, eps: 1.0e-5, bias: true}
              - - norm: {kind: layer, eps: 1.0e-5, bias: true}
                - mlp: {hidden: 2, act: gelu}
              - inner
)");
}

/// A definition at two widths has two canonical forms.
TEST(RoundTrip, DefinitionsOfTwoWidths) {
  std::string printed =
      canonical("define: {half: [residual: [{attention: {heads: 2}}]]}\n" +
                tokens("  - embed\n  - half\n  - linear: {to: 4}\n  - half\n"
                       "  - half\n"));
  EXPECT_NE(printed.find("  half_2:\n    - residual:\n        - attention: "
                         "{heads: 2, kv_heads: 2, head_dim: 2,"),
            std::string::npos)
      << printed;
}

/// The deepest spec that is taken can be written and taken again.
TEST(RoundTrip, DeepestNesting) {
  std::string leaf = "{attention: {heads: 1, position: {rope: {scaling: "
                     "{linear: {factor: 2}}}}}}";
  std::string layers = leaf;
  for (int i = 0; i != 23; ++i)
    layers = "{residual: [" + layers + "]}";
  canonical(tokens("  - embed\n  - " + layers + "\n"));
  Parsed parsed =
      parse(tokens("  - embed\n  - {residual: [" + layers + "]}\n"));
  EXPECT_NE(parsed.all().find("layers are nested more than 24 deep"),
            std::string::npos)
      << parsed.all();
}

TEST(RoundTrip, QuotedNames) {
  std::string text =
      tokens("  - embed\nweights:\n  files: [\"a \\\"b\\\\\", 'é.bin', '-']\n"
             "  names: {embed.weight: 'a: #\"b[2:, :5].T'}\n");
  spec::Spec spec = parseGood(text);
  ASSERT_TRUE(spec.weights);
  EXPECT_EQ(spec.weights->files,
            (std::vector<std::string>{"a \"b\\", "é.bin", "-"}));
  EXPECT_EQ(spec.weights->names.at("embed.weight").tensor, "a: #\"b");
  canonical(text);
}

} // namespace
