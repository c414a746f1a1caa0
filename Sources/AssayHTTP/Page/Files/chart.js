// Distributions as bars.

import { number } from "./app.js";
import { make } from "./dom.js";

/**
 * @param {number[]} edges
 * @param {{ name: string, shares: number[], style: string }[]} series
 * @param {number | null} line where the threshold is
 * @param {string} title
 */
export function chart(edges, series, line, title) {
  const width = 480, height = 220, left = 12, bottom = 26, top = 26;
  const peak = Math.max(1e-9, ...series.flatMap(item => item.shares));
  const svg = make("svg", { svg: 1, viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": title });
  const last = edges[edges.length - 1];
  const at = (/** @type {number} */ value) => left + (value - edges[0]) / (last - edges[0] || 1) * (width - 2 * left);
  const add = (/** @type {string} */ tag, /** @type {Record<string, unknown>} */ attributes, /** @type {string[]} */ ...inner) =>
    svg.append(make(tag, { svg: 1, ...attributes }, ...inner));
  for (const item of series) item.shares.forEach((share, step) => {
    const x = at(edges[step]), wide = at(edges[step + 1]) - x, tall = share / peak * (height - top - bottom);
    add("rect", { x: x + 1, y: height - bottom - tall, width: Math.max(1, wide - 2), height: tall, class: item.style });
  });
  if (line != null) add("line", { x1: at(line), x2: at(line), y1: top - 4, y2: height - bottom, class: "threshold-line" });
  for (const value of [edges[0], (edges[0] + last) / 2, last]) add("text", { x: at(value), y: height - 8,
    "text-anchor": value === edges[0] ? "start" : value === last ? "end" : "middle" }, number(value, 2));
  series.forEach((item, index) => {
    add("rect", { x: left + index * 230, y: 6, width: 11, height: 11, class: item.style });
    add("text", { x: left + 16 + index * 230, y: 16 }, item.name);
  });
  return svg;
}
