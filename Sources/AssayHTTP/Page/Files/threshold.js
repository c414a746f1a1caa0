// What a threshold would have done to held-out parts.

/**
 * @param {{ scores: number[], isDefect: boolean[] }} validation
 * @param {number} threshold a part is defective from it on
 */
export function outcome(validation, threshold) {
  const counts = { escapes: 0, defects: 0, overkills: 0, goods: 0 };
  validation.scores.forEach((score, index) => {
    if (validation.isDefect[index]) {
      counts.defects += 1;
      // A score that is no number passes nowhere.
      if (score < threshold) counts.escapes += 1;
    } else {
      counts.goods += 1;
      if (!(score < threshold)) counts.overkills += 1;
    }
  });
  return counts;
}

/** Shares of values in the steps between edges; outermost steps take what lies beyond.
 * @param {number[]} values @param {number[]} edges equal steps */
export function shares(values, edges) {
  const counts = edges.slice(1).map(() => 0), step = edges[1] - edges[0];
  const known = values.filter(value => !Number.isNaN(value));
  for (const value of known) {
    const place = Math.floor((value - edges[0]) / step);
    counts[Math.min(counts.length - 1, Math.max(0, place))] += 1;
  }
  return counts.map(count => count / Math.max(1, known.length));
}

/** The highest value of the slider.
 * @param {{ scores: number[] }} validation @param {number | null} threshold
 * @param {string | null} scale */
export function sliderTop(validation, threshold, scale) {
  if (scale !== "score") return 1;
  const highest = validation.scores.reduce((most, score) => Number.isFinite(score) ? Math.max(most, score) : most, 0);
  return Math.max(highest, (threshold ?? 0) * 1.2) || 1;
}
