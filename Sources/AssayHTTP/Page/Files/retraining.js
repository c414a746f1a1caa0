// What a bundle has collected to learn from, and what became of the last time.

import { app, address, isLoaded, model, number, said, word } from "./app.js";
import { ask, Refused } from "./ask.js";
import { $, factsIn, make, notice } from "./dom.js";
import { seconds, visible } from "./format.js";

/** Changed pictures that are listed. */
const mostChanged = 20;

export async function showRetraining() {
  const item = model();
  if (!item) return;
  const status = await ask("/v1/retraining"), isOwn = !status.model || status.model === item.name;
  const found = isLoaded(item) ? await ask(address("retraining")).catch(unknown) : null;
  if (item.name !== model()?.name) return;
  const report = (isOwn ? status.report : null) ?? found?.last ?? null;
  $("retrainState").textContent = status.state === "running" ? (isOwn ? word("running") : word("runningOther", { model: status.model }))
    : isOwn && status.state === "failed" ? word("failed", { reason: said(status.error ?? "") }) : report ? answer(report) : "";
  $("retrain").disabled = status.state === "running" || !item.canRetrain;
  state(found, report);
  $("retrainTable").replaceChildren(...(report ? [table(report), ...changed(report.changed ?? [])] : []));
  if (status.state === "running") setTimeout(() => {
    if (app.tab === "model") showRetraining().catch(error => notice("error", word("error", { reason: error.message })));
  }, 2000);
}

/**
 * A bundle that went meanwhile has nothing collected.
 * @param {Error} error
 */
function unknown(error) {
  if (error instanceof Refused && error.status === 404) return null;
  throw error;
}

/**
 * What the comparison said, in the page's words.
 * @param {any} report
 */
function answer(report) {
  const comparison = report.comparison;
  const head = report.isPromoted ? word("promoted") : comparison?.answer === "cannotTell" ? word("keptUnknown")
    : comparison?.answer === "worse" ? word("keptWorse") : word("kept");
  return [head, comparison ? word("sides", { gained: comparison.gained, lost: comparison.lost }) : null,
    comparison?.partsNeeded ? word("moreWouldTell", { count: number(comparison.partsNeeded, 9) }) : null].filter(Boolean).join(" ");
}

/**
 * What the station knows of the bundle's corrections.
 * @param {any} found
 * @param {any} report
 */
function state(found, report) {
  const add = factsIn($("retrainFacts"));
  if (!found) return;
  add(word("whyNotRetrain"), found.whyNot ? said(found.whyNot) : null);
  const { collected } = found;
  if (collected) {
    add(word("collected"), number(collected.usable, 9));
    add(word("disagreed"), number(collected.disagreed, 9));
    if (collected.learned) add(word("learned"), number(collected.learned, 9));
    if (collected.withoutImage) add(word("withoutImage"), number(collected.withoutImage, 9));
    if (found.canRetrain) add(word("needed"), found.partsNeeded ? number(found.partsNeeded, 9) : word("nothingNeeded"));
  }
  const time = seconds(report?.date);
  if (time != null) add(word("lastRetraining"), app.clock.text(time, app.language));
}

/**
 * Old and new on the same parts.
 * @param {any} report
 */
function table(report) {
  return make("table", {}, make("thead", {}, make("tr", {}, make("td", {}),
    ...["parts", "wrong", "escapes", "overkills"].map(name => make("th", {}, word(name))))),
  make("tbody", {}, ...["old", "new"].map(name => make("tr", {}, make("th", {}, word(name)),
    ...[report[name].parts, report[name].wrong, `${report[name].escapes} / ${report[name].defects}`,
      `${report[name].overkills} / ${report[name].goods}`].map(text => make("td", {}, String(text)))))));
}

/**
 * Pictures that the two judge differently.
 * @param {any[]} parts
 */
function changed(parts) {
  if (parts.length === 0) return [];
  return [make("h3", {}, `${word("changedSides")} (${number(parts.length, 9)})`), make("table", {}, make("thead", {}, make("tr", {},
    ...["picture", "label", "oldAnswer", "newAnswer", "verdict"].map(name => make("th", {}, word(name))))),
  make("tbody", {}, ...parts.slice(0, mostChanged).map(part => make("tr", {},
    make("td", {}, part.record == null ? visible(part.part) : make("img", { class: "small", src: `/v1/records/${part.record}/thumbnail`, alt: visible(part.part) })),
    ...[part.label, part.old ?? word("noVerdict"), part.new ?? word("noVerdict"), word(part.isRightNow ? "nowRight" : "nowWrong")]
      .map(text => make("td", {}, visible(text)))))))];
}
