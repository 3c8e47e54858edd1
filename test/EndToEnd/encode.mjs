// Ids by implementations of others: node encode.mjs MODULES TOKENIZER. Reads a
// JSON list of texts; writes their ids and what these decode to. TOKENIZER is
// the tokenizer.json for @huggingface/tokenizers, or "gpt-3-encoder".
import { createRequire } from "node:module";
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";

const [modules, name] = process.argv.slice(2);
const require = createRequire(resolve(modules) + "/");
const texts = JSON.parse(readFileSync(0, "utf8"));
const load = (file) => existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};

let encode, decode;
if (name === "gpt-3-encoder") {
  ({ encode, decode } = require(name));
} else {
  const { Tokenizer } = require("@huggingface/tokenizers");
  const tokenizer = new Tokenizer(load(name), load(`${dirname(name)}/tokenizer_config.json`));
  encode = (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
  decode = (ids) => tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
}
const rows = texts.map((text) => {
  const ids = encode(text);
  return [ids, ids.length ? decode(ids) : ""];
});
writeFileSync(1, JSON.stringify(rows));
