// Numbers, times and texts as people read them. Nothing here touches the document.

/** As on terminals: what is not seen or turns the direction of writing is shown.
 * @param {unknown} text */
export function visible(text) {
  return text == null ? "" : String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    hidden => "\\u{" + (hidden.codePointAt(0) ?? 0).toString(16).toUpperCase() + "}");
}

/** A number with so many significant digits, at least those before the point; a dash for none.
 * @param {number | null | undefined} value @param {number} digits @param {string} locale */
export function figure(value, digits = 3, locale = "en-GB") {
  if (value == null || typeof value !== "number" || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(Math.max(0, digits - 1));
  const options = size >= 10 ** digits ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return new Intl.NumberFormat(locale, { ...options, useGrouping: size >= 10_000 }).format(value);
}

/** A score or threshold: two places behind the point, more where two would say 0.
 * @param {number | null | undefined} value @param {string} locale */
export function score(value, locale = "en-GB") {
  if (value == null || !Number.isFinite(value)) return figure(value, 3, locale);
  const size = Math.abs(value);
  if (size >= 100) return figure(value, 4, locale);
  if (size !== 0 && size < 0.005) return figure(value, 2, locale);
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
}

/** A score beside its threshold, both with as many places as tell them apart: 0.4996 of 0.5 is not "0.50 of 0.50".
 * @param {number} value @param {number} threshold @param {string} locale @returns {[string, string]} */
export function scorePair(value, threshold, locale = "en-GB") {
  const [near, line] = [score(value, locale), score(threshold, locale)];
  if (near !== line || value === threshold) return [near, line];
  for (let places = 3; places <= 8; places++) {
    const format = new Intl.NumberFormat(locale, { minimumFractionDigits: places, maximumFractionDigits: places });
    if (format.format(value) !== format.format(threshold)) return [format.format(value), format.format(threshold)];
  }
  return [String(value), String(threshold)];
}

/** Where a score lies on a bar whose middle is the threshold, 0...1: to the left good, to the right defective.
 * @param {number} value from 0 @param {number} threshold */
export function barShare(value, threshold) {
  if (!(value > 0)) return 0;
  if (!(threshold > 0)) return 1;
  // From the threshold on, half the bar is left for everything up to infinity.
  return value < threshold ? value / threshold / 2 : 1 - threshold / value / 2;
}

/** Width of a text in letters of medium width: letters of Chinese are twice as wide.
 * @param {string} text */
export function letters(text) {
  let sum = 0;
  for (const letter of text) sum += /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/.test(letter) ? 1.7 : 1;
  return sum;
}

/**
 * How a large text is set: letters of its longest line, and how many lines. Short ones have one, several words one a word
 * when that makes them larger, long names three.
 * @param {string} text
 * @returns {[number, number]}
 */
export function lineUp(text) {
  const all = letters(text), words = text.split(" ").map(letters);
  if (all <= 10) return [Math.max(4, all), 1];
  const longest = Math.max(...words);
  if (longest <= 14) return [Math.max(4, longest), Math.min(words.length, 3)];
  return [Math.max(10, Math.ceil(all / 3) + 2), 3];
}

/** Seconds of any form of time that the station gives: seconds since 1970 or ISO 8601; null for anything else.
 * @param {unknown} time */
export function seconds(time) {
  if (typeof time === "number") return Number.isFinite(time) ? time : null;
  if (typeof time !== "string") return null;
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? null : parsed / 1000;
}

/** How long ago, as a number and the key of its unit's word.
 * @param {number} span seconds @returns {[number, "ageSeconds" | "ageMinutes" | "ageHours" | "ageDays"]} */
export function age(span) {
  const whole = Math.max(0, Math.floor(span));
  if (whole < 120) return [whole, "ageSeconds"];
  if (whole < 7200) return [Math.floor(whole / 60), "ageMinutes"];
  if (whole < 172_800) return [Math.floor(whole / 3600), "ageHours"];
  return [Math.floor(whole / 86_400), "ageDays"];
}
