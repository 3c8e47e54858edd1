// Writes words.json: how the known patterns cut difficult texts into words, as
// lengths in bytes. Every expression is run by JavaScript's own engine:
//   npm install --ignore-scripts @huggingface/tokenizers
//   node make-words.mjs node_modules > words.json
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve, dirname } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(resolve(process.argv[2]) + "/");
const { Tokenizer } = require("@huggingface/tokenizers");
const here = dirname(fileURLToPath(import.meta.url));
const patterns = JSON.parse(readFileSync(`${here}/patterns.json`, "utf8"));

let seed = 12345;
const random = (n) => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor(seed / 65536) % n;
};
const pools = [
  "abcdefghij stETAOIN", "  \t\n\r", "0123456789", ".,;:!?-'\"()/", "'s't're've'm'll'd'S'LL'RE",
  "\u00e9\u00e8\u00fc\u00df\u00d1\u00c5", "e\u0301\u0308\u0323", "\u65e5\u672c\ud55c\u3042", "\u0410\u0411\u0430\u0431",
  "\u00a0\u2003\u3000\u2028", "\u01c5\u02b0\u05d0\u0e01", "\u00bd\u00b2\u2163\u0663", "\ud83d\ude00\ud83d\udc4d", "ABCxyzDEF", "\u0928\u092e\u0938\u094d\u0924\u0947"];
const randomText = () => {
  let text = "";
  for (let parts = 1 + random(6); parts > 0; --parts) {
    const pool = [...pools[random(pools.length)]];
    for (let n = 1 + random(5); n > 0; --n)
      text += pool[random(pool.length)];
  }
  return text;
};
const texts = JSON.parse(readFileSync(`${here}/expected.json`, "utf8")).map((row) => row.text);
for (let i = 0; i < 300; ++i)
  texts.push(randomText());

// The JavaScript version of Digits knows ASCII digits only, the original (Rust's
// char::is_numeric) all numbers; of Punctuation, no contiguous kind.
const isolated = (Regex) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false });
const replaced = (step) =>
  step.type === "Digits" ? isolated(step.individual_digits ? "\\p{N}" : "\\p{N}+") :
  step.type === "Punctuation" ? isolated("[\\p{P}$+<=>^`|~]+") : step;
for (const pattern of Object.values(patterns))
  if (pattern.pretokenizers)
    pattern.pretokenizers = pattern.pretokenizers.map(replaced);
// Oniguruma, the original's engine, takes a class within a class as its members.
patterns.bloom.pretokenizers[0] = isolated(" ?[^()\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c]+");

const cutters = Object.entries(patterns).map(([name, pre_tokenizer]) =>
  [name, new Tokenizer({ model: { type: "BPE", vocab: {}, merges: [] }, added_tokens: [],
    normalizer: null, pre_tokenizer, post_processor: null, decoder: { type: "ByteLevel" } }, {}).pre_tokenizer]);
const rows = texts.filter((text) => text).map((text) => {
  const row = { text };
  // GPT-2's spelling has one character for a byte.
  for (const [name, cut] of cutters)
    row[name] = cut(text).map((word) => [...word].length);
  return JSON.stringify(row).replace(/[\u007f-\uffff]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
});
console.log("[\n" + rows.join(",\n") + "\n]");
