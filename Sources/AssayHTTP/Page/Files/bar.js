// A score against its threshold.

import { locale, percent, word } from "./app.js";
import { make } from "./dom.js";
import { barShare, scorePair, visible } from "./format.js";

/** `0.21 of 0.50`; as certain as it is where nothing is divided; empty where there is neither.
 * @param {{ score?: number | null, threshold?: number | null, probability?: number | null }} part */
export function scoreText(part) {
  if (part.score != null && part.threshold != null) {
    const [score, threshold] = scorePair(part.score, part.threshold, locale());
    return word("scoreOf", { score, threshold });
  }
  if (part.score != null) return scorePair(part.score, part.score, locale())[0];
  // A finding of several classes is never certain: 100 % is not said.
  return part.probability == null ? "" : word("confidence", { share: percent(Math.min(part.probability, 0.999), 1) });
}

/**
 * A bar whose middle is the threshold, with its numbers.
 * @param {number} score @param {number} threshold @param {string} [name]
 */
function bar(score, threshold, name) {
  const track = make("span", { class: "bar", "aria-hidden": "true" });
  const fill = make("span", { class: score < threshold ? "bar-fill" : "bar-fill over" });
  fill.style.width = `${(100 * barShare(score, threshold)).toFixed(1)}%`;
  track.append(fill, make("span", { class: "bar-line" }));
  return make("span", { class: "bar-row" }, ...(name ? [make("span", { class: "bar-name" }, visible(name))] : []), track,
    make("span", { class: "bar-text" }, scoreText({ score, threshold })));
}

/** Of every class that was found, where each has its own threshold; of the part otherwise.
 * @param {import("./board.js").Part} part @param {number} most classes */
export function bars(part, most = 3) {
  if (part.found?.length) return part.found.slice(0, most).map(item => bar(item.probability, item.threshold, item.class));
  if (part.score != null && part.threshold != null) return [bar(part.score, part.threshold)];
  const text = scoreText(part);
  return text ? [make("span", { class: "bar-text" }, text)] : [];
}
