// What Swift's sources say: their texts, so that a new one without a translation fails a test.

import { readFileSync } from "node:fs";

export const root = new URL("../../../", import.meta.url);
export const read = path => readFileSync(new URL(path, root), "utf8");

/** The text of a literal from its opening quote on, values in it replaced; and where it ends. */
function literal(source, at, replace) {
  let text = "";
  for (let index = at + 1; index < source.length; index++) {
    if (source[index] === '"') return { text, end: index + 1 };
    if (source[index] !== "\\") { text += source[index]; continue; }
    index += 1;
    if (source[index] !== "(") { text += source[index] === "n" ? "\n" : source[index]; continue; }
    const begin = index;
    for (let depth = 0; ; index++) {
      if (source[index] === "(") depth += 1;
      if (source[index] === ")") depth -= 1;
      if (depth === 0) break;
    }
    text += replace(source.slice(begin + 1, index));
  }
  throw new Error("a literal does not end");
}

/** All texts of a piece of Swift; those joined by a plus are one.
 * @param {string} source @param {(expression: string) => string} replace what stands for a value */
export function texts(source, replace = () => "7") {
  const plain = source.replace(/^\s*\/\/.*$/gm, "");
  const found = [];
  for (let at = plain.indexOf('"'); at >= 0; at = plain.indexOf('"', at)) {
    const { text, end } = literal(plain, at, replace);
    const isJoined = found.length > 0 && /^\s*\+\s*$/.test(plain.slice(found.at(-1).end, at));
    if (isJoined) Object.assign(found.at(-1), { text: found.at(-1).text + text, end });
    else found.push({ text, end, before: plain.slice(Math.max(0, at - 80), at) });
    at = end;
  }
  return found;
}

/** A piece of a file, from one text to the next other. */
export function piece(path, from, to) {
  const source = read(path), begin = source.indexOf(from);
  if (begin < 0) throw new Error(`${path} has no ${from}`);
  const end = source.indexOf(to, begin + from.length);
  return source.slice(begin, end < 0 ? undefined : end);
}
