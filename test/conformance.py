#!/usr/bin/python3
"""Writes test/CONFORMANCE.md from the log of the last `ctest`: which claim of
the literature is checked where, and what came out.

    test/conformance.py build/Testing/Temporary/LastTest.log > test/CONFORMANCE.md

A new row is a line in ROWS: its id, what must hold, the ctest entry, and a
pattern of the lines that the test prints for it."""
import re
import sys

ROWS = [
    ("T2", "asymmetric similarity; scores times 1/sqrt(K), 1, a number",
     "e2e.differential", r"(scale_\w+|sharp),"),
    ("T3", "heads with value maps of full width, summed", "e2e.differential",
     r"(sum_of_heads|linear_sum),"),
    ("T4", "the MLP of a token, 1 to 3 hidden layers", "e2e.differential",
     r"hidden_layers_\d,"),
    ("T4", "the same MLP for all tokens, to the bit", "e2e.metamorphic",
     r"row_by_row:"),
    ("T5", "pre-norm, post-norm, no norm, parallel: Turner's transformer",
     "e2e.turner", r"(pre-norm|post-norm|no norm|parallel|with eps),"),
    ("T6", "permuted rows give permuted rows, without positions",
     "e2e.metamorphic", r"set\w*:"),
    ("T6", "positions learned, sinusoidal, concatenated, relative end that",
     "e2e.metamorphic", r"order_\w+:"),
    ("T6", "only distances count for rotary and relative positions",
     "e2e.metamorphic", r"shift_\w+:"),
    ("T7", "a token more leaves earlier rows as they are, to the bit",
     "e2e.metamorphic", r"added_\w+:"),
    ("T7", "rows by cached keys and values equal recomputed ones, to the bit",
     "e2e.bits", r"\w+, \d+ rows in cuts of"),
    ("T8", "class token and mean of the rows: Turner's transformer",
     "e2e.turner", r"(class token|mean of the rows),"),
    ("T8", "classifiers and regressors of texts and images",
     "e2e.differential", r"(pool_\w+|class_token|mean_of_patches),"),
    ("T9", "a trained reader of digits, image by image as PyTorch",
     "e2e.examples", r"digits"),
    ("T10", "stacked encoder and decoder with cross-attention",
     "e2e.translators", r"\w+, (\d+ and \d+ rows|reference|compiled)"),
    ("T10", "a translator trained here: number words to digits",
     "e2e.number_words", "numerals"),
    ("T11", "linear, relu and hard attention", "e2e.differential",
     r"(linear|relu|hard)_(scores|rows|but_last|sum),"),
    ("C-T-gold", "Turner's transformer, all numbers", "e2e.turner",
     r".*, compiled"),
    ("C-T-ident", "shared copies, groups of heads, products of queries and "
     "keys, silent branches", "e2e.metamorphic",
     r"(groups_\d|gauge|key_bias|shared|defined|identity|wide_window|"
     r"large_scores):"),
    ("C-T-ar", "next-token probabilities of Turner's transformer",
     "e2e.turner", r"language model,"),
    ("R1", "RASP: histogram", "e2e.programs", r"histogram:"),
    ("R2", "RASP: reverse", "e2e.programs", r"reverse:"),
    ("R3", "RASP: sort", "e2e.programs", r"sort:"),
    ("R4", "RASP: double histogram, most frequent first", "e2e.programs",
     r"(double_histogram|most_frequent):"),
    ("R5", "RASP: Dyck-1", "e2e.programs", r"dyck1:"),
    ("R6", "RASP: shuffle-Dyck-2, Dyck-2", "e2e.programs",
     r"(shuffle_)?dyck2:"),
    ("G1", "1 to 20 layers are as many steps of gradient descent",
     "e2e.constructions", r"(gradient_descent:|descent from)"),
    ("G2", "GD++", "e2e.constructions", r"curvature:"),
    ("L1", "Z + 1/n P Z M (Z' Q Z), 1 to 4 layers; loss at the optimum",
     "e2e.constructions", r"(linear attention|one_step):"),
    ("E1", "real rows in, real values out", "e2e.differential", r"rows_\w+,"),
    ("E2", "piecewise constant functions by the nearest stored point",
     "e2e.constructions", r"nearest_point:"),
    ("L2", "linear attention by a running sum: features, masks, divisors",
     "e2e.differential", r"sums_\w+,"),
    ("C-N-linear", "positive random features given as weights (Performer): masks, "
     "divisors", "e2e.differential", r"(sums_random_\w+|prefix_random),"),
    ("C-N-linear", "attention by random features approaches softmax, its error as "
     "1/sqrt(N)", "e2e.linear_attention", r"random features"),
    ("L2", "sums that decay, by fixed factors and by the input; norm and gate "
     "of heads", "e2e.differential",
     r"sums_(decay|gated|normed|retention)\w*,"),
    ("L2", "the delta rule: decay, short convolutions, groups, formats",
     "e2e.differential", r"delta\w*,"),
    ("L2", "a Gated DeltaNet block by its recurrence", "e2e.linear_attention",
     r"delta,"),
    ("L2", "a RetNet block by its recurrence", "e2e.linear_attention",
     r"retention,"),
    ("L2", "running sums and weights of pairs agree; what is kept of a "
     "sequence does not grow", "e2e.linear_attention",
     r"(sums and pairs|the cache)"),
    ("L2", "the time of a token behind 128 rows and behind 8192",
     "e2e.linear_attention", r"the time of a token"),
    ("L2", "running sums in encoders and decoders", "e2e.translators",
     r"(sums|sums_and_pairs|batch_sums)[,:]"),
    ("L2", "golden of elu(x) + 1", "e2e.turner", r"(elu\+1|causal) sums"),
    ("L2", "sums are the same bits in any cut", "e2e.bits", r"sums(_\w+)?,"),
    ("D1", "taps of the stream behind every block; of sums of factors",
     "e2e.taps", r"(\w+, \d+ rows: (start|[\w.]*layers\.[\w.]*(stream|"
     r"inner)):|dictionary:)"),
    ("D1", "taps of images, and where convolutions and merged patches change "
     "the number of rows", "e2e.image_taps",
     r"\w+, (images|\d+ rows): (\w+|[\w.]*layers\.[\w.]*stream):"),
    ("D1", "taps of the streams of encoders and decoders", "e2e.source_taps",
     r"\w+, [\w ]+: [\w.]*(start|stream|half|merged|patches):"),
    ("D1", "without taps the same object", "e2e.taps", r"no taps:"),
    ("T1", "weights of attention, which sum to 1", "e2e.taps",
     r"\w+, \d+ rows: [\w.]*layers[\w.]+weights"),
    ("T1", "weights in Turner's transformer", "e2e.taps", r"golden:"),
    ("T1", "weights of decoders and queries over the rows of a source",
     "e2e.source_taps", r"\w+, [\w ]+: [\w.]*cross_attention\.weights"),
    ("T1", "weights over the patches of images and their class token",
     "e2e.image_taps", r"\w+, (images|\d+ rows): [\w.]*layers[\w.]+weights"),
    ("T18", "taps of queries, keys, values and scores of attention",
     "e2e.taps",
     r"\w+, \d+ rows: [\w.]*layers[\w.]+\.(queries|keys|values|scores)"),
    ("T18", "taps of queries, keys, values and scores over patches",
     "e2e.image_taps", r"\w+, (images|\d+ rows): [\w.]*layers[\w.]+\."
     r"(queries|keys|values|scores)"),
    ("T18", "taps of images do not change the output", "e2e.image_taps",
     r"\w+, (images|\d+ rows): the output"),
    ("T18", "taps of queries, keys, values and scores of encoder-decoders",
     "e2e.source_taps", r"\w+, [\w ]+: [\w.]*attention\."
     r"(queries|keys|values|scores)"),
    ("T18", "taps of encoder-decoders do not change the output",
     "e2e.source_taps", r"\w+, [\w ]+: the output beside"),
    ("T18", "taps of latent attention, and of the features of attention by "
     "running sums", "e2e.kinds_taps", r"\w+, \d+ rows: "
     r"[\w.]*attention\.(queries|keys|values|scores|weights)"),
    ("T18", "taps do not change the output", "e2e.taps",
     r"\w+, \d+ rows: the output"),
    ("F1", "automata extracted from models trained on regular languages",
     "e2e.machines", r"tomita\d: the automaton"),
    ("F2", "finite-state languages that few symbols decide", "e2e.programs",
     r"(ends|starts|contains)_\w+:"),
    ("C9-norm", "post-norm, pre-norm, sandwich, LayerNorm with and without "
     "bias, RMSNorm with offset", "e2e.differential",
     r"(post_norm|sandwich|no_repeat|layer_without_bias|offset),"),
    ("C9-norm", "RMSNorm in Turner's transformer", "e2e.turner", r"rms,"),
    ("C-N-pos", "sinusoidal and learned positions", "e2e.differential",
     r"(sinusoidal\w*|learned),"),
    ("C-N-pos", "rotary positions, halves and pairs, partial, scaled",
     "e2e.differential",
     r"(pairs|partial_\w+|linear_scaling|llama3_scaling|yarn_\w+),"),
    ("C-N-pos", "rotary positions in Turner's transformer", "e2e.turner",
     r"rope,"),
    ("N2", "biases by distance: ALiBi, buckets of T5", "e2e.differential",
     r"(encoder_)?(alibi|relative)\w*,"),
    ("N4", "LayerScale, DeepNorm, norms without weights", "e2e.differential",
     r"(layer_scale|deep_norm|(layer|rms)_without_weight),"),
    ("N8", "prefix language models", "e2e.differential", r"prefix\w*[,:]"),
    ("N5", "attention sinks beside a window", "e2e.differential", r"sinks_\d+,"),
    ("N6", "long contexts: linear, NTK, YaRN, llama3, LongRoPE",
     "e2e.differential", r"\w+_scaling,"),
    ("N3", "ALiBi in Turner's transformer", "e2e.turner", r"alibi,"),
    ("C9-act", "relu, relu squared, GELU in three forms, SiLU, tanh, sigmoid, "
     "each also gated", "e2e.differential",
     r"(none|relu|relu2|gelu|gelu_tanh|silu|tanh|quick_gelu|sigmoid),"),
    ("C-N-mlp", "GELU, SwiGLU, relu squared in Turner's transformer",
     "e2e.turner", r"(gelu|gelu_tanh|swiglu|relu2),"),
    ("C9-heads", "multi-head, multi-query, grouped queries",
     "e2e.differential", r"(five_heads|grouped|one_group),"),
    ("C9-mask", "rows that see all, rows that see no later ones",
     "e2e.turner", r"(base|base, causal|causal),"),
    ("C-N-mask", "sliding windows", "e2e.differential", r"window_\d+,"),
    ("C-N-sparse", "windows to both sides, blocks, global rows (Longformer, "
     "BigBird)", "e2e.differential", r"(both_sides|blocks|global)_\d+,"),
    ("C-N-sparse", "random blocks against dense attention with their mask "
     "(BigBird)", "e2e.differential", r"random_\w+,"),
    ("C-N-sparse", "random blocks over chunks of keys, the same bits for any "
     "threads and batch", "e2e.sparse", r"(published|grouped|many),"),
    ("C-N-sparse", "blocks that are not seen are not computed", "e2e.sparse",
     r"(rows that|work)"),
    ("C-N-mem", "segments with memory (Transformer-XL)", "e2e.differential",
     r"segment_\w+,"),
    ("C-N-mask", "a window in Turner's transformer", "e2e.turner", r"window,"),
    ("C9-encoder", "encoder-only", "e2e.differential", r"encoder,"),
    ("C9-decoder", "decoder-only", "e2e.differential",
     r"(learned|sinusoidal|no_repeat|nested),"),
    ("C9-tied", "tied embeddings, with bias, soft-capped logits",
     "e2e.differential", r"(learned|offset|logits_bias|capped),"),
    ("C-N-share", "weights shared by layers (ALBERT, Universal), to the bit",
     "e2e.metamorphic", r"shared:"),
    ("C-N-share", "weights shared by layers, nested", "e2e.differential",
     r"(shared|nested_shared),"),
    ("C9-parallel", "parallel blocks of one norm and of two",
     "e2e.differential", r"parallel_\w+,"),
    ("C-N-mla", "multi-head latent attention", "e2e.differential",
     r"latent\w*,"),
    ("C9-gate", "gated heads", "e2e.differential", r"gated_(heads|groups|int4),"),
    ("C9-qk", "norms of queries and keys, soft-capped scores",
     "e2e.differential", r"(qk_\w+|softcap),"),
    ("N7", "LayerScale in Turner's transformer", "e2e.turner",
     r"layer scale,"),
    ("K1", "caches of bf16 and int8, bit for bit", "e2e.arithmetic",
     r"cache of"),
    ("C-E-encdec", "encoder-decoder: padded equals unpadded, to the bit",
     "e2e.translators", r"batch(_int8)?:"),
    ("C-E-encdec", "encoder-decoder: a trained transliterator", "e2e.seq2seq",
     r"aren"),
    ("C-E-encdec", "sources of rows of reals", "e2e.sources",
     r"(rows_\w+, \d+|translates:|batch_rows)"),
    ("C-E-encdec", "sources of images", "e2e.sources",
     r"(images(_\w+)?|many_patches|batch_images), "),
    ("C-E-encdec", "each layer of both stacks", "e2e.sources",
     r"verified_\w+:"),
    ("C-N-moe", "mixtures of experts: routers, how many, shared ones",
     "e2e.differential", r"moe_\w+,"),
    ("C-N-moe", "the only expert is an MLP, bit for bit", "e2e.differential",
     r"one expert:"),
    ("C-N-moe", "experts in Turner's transformer", "e2e.turner", r"experts,"),
    ("C-N-exit", "early exit by layer: where its own scores are sure enough a "
     "sequence leaves, in any batch", "e2e.exits", r"exits_\w+[,:]"),
    ("C-N-exit", "early exit by layer: threshold 0 is the first exit, none the "
     "full model, to the bit", "e2e.exits", r"threshold "),
    ("C-N-exit", "early exit by layer: what is skipped costs no time",
     "e2e.exits", r"the time of"),
    ("T17", "masked rows: nobody sees what was there, to the bit",
     "e2e.row_types", r"masked_\w+.*(other|[0-9] (rows|images)):"),
    ("C-N-types", "segments of a text", "e2e.row_types",
     r"(segments|causal_types|both_uses),"),
    ("C-V-conv", "convolutions over grids and sequences, overlapping patches, "
     "against PyTorch", "e2e.convolutions",
     r"(grid|sequences|weights of torch|1 x 1|a convolution that)"),
    ("C-V-conv", "convolutions in groups and depthwise, against PyTorch",
     "e2e.convolutions", r".* in \d+ groups"),
    ("C-N-conv", "causal convolutions of decoders", "e2e.differential",
     r"short_conv\w*,"),
    ("C-V-conv", "convolutional stems: CvT, T2T, Whisper", "e2e.convolutions",
     r"(CvT|T2T|Whisper|convolutions_in|tokens)"),
    ("C-V-conv", "convolutions inside of blocks: SegFormer's Mix-FFN, positions "
     "of CPVT and data2vec, ConvBERT's", "e2e.convolutions",
     r"(SegFormer|CPVT|data2vec|ConvBERT)"),
    ("C-V-merge", "unfolding and merging of patches, to the bit; Swin's stages",
     "e2e.convolutions", r"(im2col|merged by|Swin)"),
    ("C-N-low", "keys and values by a convolution over the grid, as PyTorch",
     "e2e.reduced", r"(pyramid|PVT)"),
    ("C-N-low", "keys and values of mixtures of rows (Linformer)",
     "e2e.reduced", r"(mixtures|Linformer)"),
    ("C-N-low", "mixtures that are the rows give attention itself",
     "e2e.reduced", r"identity of"),
    ("C-V-vit", "patches, class token, registers, mean of the patches",
     "e2e.differential",
     r"(class_token|registers|many_patches|\w+_patches|mean_of_patches),"),
    ("C-V-swin", "windows, shifted and not, tables of offsets: roll and mask",
     "e2e.differential", r"tiles\w*,"),
    ("C-V-swin", "stages of windows and merged patches", "e2e.encoders",
     r"swin\w*:"),
    ("C-V-swin", "windows are the same bits for any threads and batch",
     "e2e.bits", r"tiles,"),
    ("C-V-detr", "learned queries over images, rows and tokens",
     "e2e.sources",
     r"(\w*boxes\w*|\w*quer(y|ies)|queries_to_words|added|batch_heard), "),
    ("C-V-detr", "permuted queries give permuted predictions", "e2e.sources",
     r"order_\w+:"),
    ("C-V-detr", "DETR's transformer with both its heads, as PyTorch",
     "e2e.sources", r"detr:"),
]
# The importers: a family, its test, its cases.
FAMILIES = [
    ("GPT-2", "families", r"gpt2\w*"),
    ("LLaMA 2", "families", r"llama2\w*"),
    ("LLaMA 3", "families", r"llama3\w*"),
    ("TinyLlama", "families", "tinyllama"),
    ("SmolLM", "families", "smollm"),
    ("Mistral", "families", r"mistral\w*"),
    ("Mixtral", "families", r"mixtral\w*"),
    ("Qwen 1", "decoders", "qwen1"),
    ("Qwen 2", "families", r"qwen2(_yarn)?"),
    ("Qwen 2, mixtures", "families", "qwen2_moe"),
    ("Qwen 2.5", "families", r"qwen2\.5"),
    ("Qwen 3", "families", r"qwen3(_untied)?"),
    ("Qwen 3, mixtures", "families", "qwen3_moe"),
    ("Gemma", "decoders", "gemma"),
    ("Gemma 2", "decoders", "gemma2"),
    ("Gemma 3", "decoders", "gemma3"),
    ("Phi-2", "decoders", "phi2?"),
    ("Phi-3", "decoders", "phi3"),
    ("Phi-3.5", "decoders", r"phi3_(long|short)"),
    ("GPT-NeoX", "decoders", "neox"),
    ("Pythia", "decoders", "pythia"),
    ("OPT", "decoders", r"opt\w*"),
    ("BLOOM", "decoders", "bloom"),
    ("Falcon", "decoders", r"falcon\w*"),
    ("MPT", "decoders", r"mpt\w*"),
    ("StableLM", "decoders", r"stablelm\w*"),
    ("OLMo", "decoders", "olmo"),
    ("OLMo 2", "decoders", "olmo2"),
    ("MiniCPM", "decoders", "minicpm"),
    ("DeepSeek V2", "decoders", r"deepseek2\w*"),
    ("DeepSeek V3", "decoders", "deepseek3"),
    ("Baichuan", "decoders", "baichuan2?"),
    ("ChatGLM", "chatglm", r"(chat)?glm\w*"),
    ("InternLM", "decoders", "internlm2?"),
    ("BERT", "encoders", r"bert\w*"),
    ("RoBERTa", "encoders", r"roberta\w*"),
    ("DistilBERT", "encoders", "distilbert"),
    ("ALBERT", "encoders", r"albert\w*"),
    ("ViT", "encoders", r"vit\w*"),
    ("DeiT", "encoders", "deit"),
    ("CLIP", "encoders", "clip"),
    ("Swin", "encoders", r"swin\w*"),
    ("T5", "seq2seq", r"m?t5\w*"),
    ("BART", "seq2seq", r"m?bart\w*"),
    ("Marian", "seq2seq", r"marian\w*"),
    ("Whisper", "speech", r"whisper\w*"),
    ("as llama.cpp converts them", "gguf_families", r"\w+ as llama\.cpp has it"),
]
ROWS += [("C11", f"family: {name}", f"e2e.{test}", pattern + "[:,]")
         for name, test, pattern in FAMILIES]
ROWS += [
    ("C11", "GGUF: blocks of every type", "e2e.gguf",
     r"\w+ blocks(?: in a stack)?:"),
    ("C11", "GGUF: Q8_0 and Q4_0 stay as they are, to the bit", "e2e.gguf",
     r"Q\w+ (kept|imported) as"),
    ("C11", "llama2.c: its published text", "e2e.stories260k",
     "the published text"),
]


def results(log):
    """The lines of each test's output, by its name."""
    texts, name = {}, None
    with open(log, errors="replace") as file:
        for line in file:
            started = re.match(r"\d+/\d+ Test: (\S+)", line)
            if started:
                name = started[1]
                texts[name] = []
            elif name:
                texts[name].append(line.rstrip("\n"))
    return texts


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    texts = results(sys.argv[1])
    print("# Conformance\n\nWritten by `test/conformance.py` from the results "
          "of the tests.\n\n| row | claim | test | checks | result |\n"
          "|---|---|---|---|---|")
    for row, claim, test, pattern in ROWS:
        checks = [line for line in texts.get(test, [])
                  if re.match(r"(ok|FAIL) +" + pattern, line)]
        failed = sum(line.startswith("FAIL") for line in checks)
        result = ("not run" if not checks else
                  f"{failed} failed" if failed else "passed")
        print(f"| {row} | {claim} | `{test}` | {len(checks)} | {result} |")


if __name__ == "__main__":
    main()
