// The page's one table of words: a language is a column of it. Keys with a point belong to what the station says of itself:
// `metric.NAME`, `basis.NAME`, `rule.NAME`, `kind.NAME`; `message.NAME` are its messages, which messages.js recognises.

import { chinese } from "./words-zh.js";
import { english } from "./words-en.js";
import { german } from "./words-de.js";

/** @typedef {"en" | "zh" | "de"} Language */

/** @type {Record<Language, Record<string, string>>} */
export const table = { en: english, zh: chinese, de: german };

/**
 * What numbers are written by, and the document's language.
 * @type {Record<Language, string>}
 */
export const locales = { en: "en-GB", zh: "zh-CN", de: "de-DE" };

/** @param {unknown} name @returns {name is Language} */
export function isLanguage(name) { return typeof name === "string" && Object.hasOwn(table, name); }

/**
 * The language that a browser's wishes come nearest to.
 * @param {readonly string[]} wishes
 */
export function preferred(wishes) {
  for (const wish of wishes) {
    const name = wish.toLowerCase().split("-")[0];
    if (isLanguage(name)) return name;
  }
  return "en";
}

/** A word, with the values in its braces.
 * @param {Language} language @param {string} key @param {Record<string, unknown>} values */
export function phrase(language, key, values = {}) {
  const text = table[language][key];
  if (text === undefined) throw new Error(`there is no word ${key}`);
  return text.replace(/\{(\w+)\}/g, (all, name) => name in values ? String(values[name]) : all);
}

/** What the station names in English, a figure or what it was measured on; its own name where no word is known, as of a
 * later version's figures.
 * @param {Language} language @param {string} group @param {string} name */
export function named(language, group, name) {
  return table[language][`${group}.${name}`] ?? name;
}
