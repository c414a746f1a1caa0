// What a search of the record asks for.

/** @typedef {import("./clock.js").StationClock} StationClock */

/**
 * Spans that people ask for by a word.
 * @type {Record<string, (clock: StationClock) => [number, number | null]>}
 */
export const spans = {
  lastHour: clock => [clock.now() - 3600, null],
  lastEightHours: clock => [clock.now() - 8 * 3600, null],
  today: clock => [clock.midnight(), null],
  yesterday: clock => [clock.daysBefore(1), clock.midnight()],
  lastSevenDays: clock => [clock.daysBefore(6), null],
};

/**
 * The query of a search.
 * @param {{ model: string, from: string, to: string, verdict: string, class: string, serial: string }} form as people
 * filled it in; times on the station's wall, the minute named last included
 * @param {StationClock} clock
 */
export function recordQuery(form, clock) {
  const query = new URLSearchParams();
  if (form.model) query.set("model", form.model);
  const from = form.from ? clock.seconds(form.from) : null;
  const to = form.to ? clock.seconds(form.to) : null;
  if (from != null) query.set("from", String(from));
  if (to != null) query.set("until", String(to + 60));
  for (const name of /** @type {const} */ (["verdict", "class", "serial"])) if (form[name]) query.set(name, form[name]);
  return query;
}

/**
 * Whether nothing can lie in a span.
 * @param {{ from: string, to: string }} form
 */
export function isBackwards(form) { return !!form.from && !!form.to && form.from > form.to; }
