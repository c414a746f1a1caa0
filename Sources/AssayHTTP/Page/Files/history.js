// History: what the record has, by time, bundle, verdict, class and serial number.

import { app, className, model, number, points, verdictName, word } from "./app.js";
import { ask } from "./ask.js";
import { scoreText } from "./bar.js";
import { detail } from "./detail.js";
import { $, make, mark, notice } from "./dom.js";
import { visible } from "./format.js";
import { isBackwards, recordQuery, spans } from "./ranges.js";

const pageLength = 50;
/**
 * Where More goes on.
 * @type {number | null}
 */
let oldest = null;

/** Searches so far. */
let turns = 0;

function form() {
  const fields = $("filter").elements;
  return { model: fields.model.value, from: fields.from.value, to: fields.to.value, verdict: fields.verdict.value,
    class: fields.class.value, serial: fields.serial.value };
}

/** The choices that depend on the bundles. */
export function fillFilter() {
  const { model: bundle, class: kind } = $("filter").elements;
  const [chosen, before] = [bundle.dataset.filled ? bundle.value : model()?.name ?? "", kind.value];
  bundle.dataset.filled = "1";
  bundle.replaceChildren(make("option", { value: "" }, word("allBundles")),
    ...app.models.map(item => make("option", { value: item.name }, visible(item.name))));
  bundle.value = app.models.some(item => item.name === chosen) ? chosen : "";
  const names = new Set(app.models.filter(item => !bundle.value || item.name === bundle.value).flatMap(item => item.classes));
  kind.replaceChildren(make("option", { value: "" }, word("any")),
    ...[...names].map(name => make("option", { value: name }, bundle.value ? className(name, bundle.value) : visible(name))));
  kind.value = names.has(before) ? before : "";
}

/** @param {any} record */
function row(record) {
  return make("tr", { class: record.verdict },
    make("td", {}, make("button", { type: "button", class: "thumb", "aria-label": `${word("picture")} ${record.id}`, onclick: () => open(record.id) },
      make("img", { src: `/v1/records/${record.id}/thumbnail`, alt: "", loading: "lazy" }))),
    make("td", { class: "of-time" }, app.clock.text(record.time, app.language)),
    make("td", { class: "of-verdict" }, mark(record) + verdictName(record.verdict) + (record.isUncertain ? ` (${word("unsure")})` : "")
      + (record.isTrial ? ` (${word("trial")})` : "")),
    make("td", { class: "of-class" }, className(record.class, record.bundle)),
    make("td", { class: "of-score" }, record.score != null && record.threshold == null ? points(record.score) : scoreText(record)),
    make("td", { class: "of-serial" }, visible(record.serial)),
    make("td", { class: "of-bundle" }, visible(record.bundle)),
    make("td", { class: "of-correction" }, className(record.correction?.class, record.bundle)));
}

/** @param {number} id */
function open(id) { detail(id).catch(error => notice("error", word("error", { reason: error.message }))); }

/** @param {boolean} isMore */
export async function showHistory(isMore = false) {
  const asked = form();
  if (isBackwards(asked)) {
    $("total").textContent = word("backwards");
    return;
  }
  const query = recordQuery(asked, app.clock);
  // Where the comma is the decimal mark, columns are divided by semicolons.
  $("csv").href = "/v1/records.csv?" + new URLSearchParams([...query, ["separator", app.language === "de" ? "semicolon" : "comma"]]);
  query.set("limit", String(pageLength));
  if (!isMore) query.set("total", "1");
  if (isMore && oldest) query.set("before", String(oldest));
  // Somebody may search again before the answer is here; the last question counts.
  const turn = ++turns, found = await ask("/v1/records?" + query);
  if (turn !== turns) return;
  const { records, searchedTo, state } = found;
  $("view-history").classList.toggle("one-bundle", !!asked.model);
  if (!isMore) $("rows").replaceChildren();
  $("rows").append(...records.map(row));
  oldest = searchedTo ?? records.at(-1)?.id ?? null;
  $("more").hidden = records.length < pageLength && !searchedTo;
  $("none").hidden = $("rows").children.length > 0 || !!searchedTo;
  if (!isMore) $("total").textContent = total(found);
  notice("history", [searchedTo ? word("searchedTo", { id: searchedTo }) : null,
    state?.unreadable ? word("unreadable", { count: state.unreadable }) : null].filter(Boolean).join(" · ") || null);
}

/** @param {any} found */
function total(found) {
  if (found.total == null) return "";
  return word(found.totalIsAtLeast ? "totalAtLeast" : "total", { count: number(found.total, 15) });
}

/** Another bundle is looked at: the search is about it. */
export function searchBundle(/** @type {string} */ name) {
  $("filter").elements.model.value = name;
  fillFilter();
}

export function beginHistory(/** @type {(work: () => Promise<void>) => void} */ attempt) {
  // On a phone the search is folded, so that verdicts are in sight.
  const isNarrow = matchMedia("(max-width: 50rem)"), fold = () => { $("fold").open = !isNarrow.matches; };
  fold();
  isNarrow.addEventListener("change", fold);
  $("filter").onsubmit = (/** @type {Event} */ event) => { event.preventDefault(); attempt(() => showHistory()); };
  $("more").onclick = () => attempt(() => showHistory(true));
  const fields = $("filter").elements;
  fields.span.onchange = () => {
    const span = spans[fields.span.value];
    const [from, to] = span ? span(app.clock) : [null, null];
    fields.from.value = from == null ? "" : app.clock.wall(from);
    // The minute named last is part of the span.
    fields.to.value = to == null ? "" : app.clock.wall(to - 60);
    attempt(() => showHistory());
  };
  for (const name of ["from", "to"]) fields[name].oninput = () => { fields.span.value = ""; };
  fields.model.onchange = () => { fillFilter(); attempt(() => showHistory()); };
  for (const name of ["verdict", "class"]) fields[name].onchange = () => attempt(() => showHistory());
}
