// Drift: whether parts are as those of training were.

import { address, app, isLoaded, model, number, said, word } from "./app.js";
import { ask } from "./ask.js";
import { chart } from "./chart.js";
import { $, make } from "./dom.js";
import { visible } from "./format.js";

/** @param {any} found */
function stateText(found) {
  if (!found.hasReference) return word("notCompared", { reason: said(found.reason ?? "") });
  if (found.isAlarm) return "⚠ " + word("alarm");
  return found.findings.some((/** @type {any} */ item) => item.statistic != null) ? "✔ " + word("noAlarm") : word("fewParts");
}

/** @param {any} item */
function figure(item) {
  const title = word(item.of === "score" ? "scores" : item.of === "novelty" ? "novelty" : item.of === "brightness" ? "brightness" : "features");
  return make("div", {}, make("h2", {}, title), chart(item.distribution.edges, [
    { name: `${word("training")} (${number(item.referenceCount, 9)})`, shares: item.distribution.reference, style: "series-training" },
    { name: `${word("latest")} (${number(item.count, 9)})`, shares: item.distribution.latest, style: "series-latest" }], null, title),
  make("p", {}, item.statistic == null ? word("fewParts")
    : word("statistic", { statistic: number(item.statistic), p: number(item.pValue) }) + (item.isAlarm || item.sudden?.isAlarm ? " ⚠" : "")));
}

export async function showDrift() {
  const item = model();
  if (!item) return;
  if (isLoaded(item)) {
    const found = await ask(address("drift"));
    if (item.name !== model()?.name || app.tab !== "drift") return;
    $("driftState").textContent = stateText(found);
    $("driftCharts").replaceChildren(
      ...found.findings.filter((/** @type {any} */ one) => one.distribution).map(figure),
      ...(found.gaps ?? []).map((/** @type {any} */ gap) => make("p", {}, word("notCompared", { reason: said(gap.reason) }))));
  } else {
    $("driftState").textContent = word("notLoaded", { reason: said(item.failure ?? "") });
    $("driftCharts").replaceChildren();
  }
  await showAll();
}

/** Every bundle's state, one a line. */
async function showAll() {
  const rows = await Promise.all(app.models.map(async one => {
    const found = isLoaded(one) ? await ask(`/v1/models/${encodeURIComponent(one.name)}/drift`) : null;
    const count = Math.max(0, ...(found?.findings ?? []).map((/** @type {any} */ item) => item.count));
    return make("tr", {}, make("td", {}, visible(one.name)), make("td", {}, found ? stateText(found) : word("notLoadedWord")),
      make("td", {}, number(count, 9)));
  }));
  if (app.tab === "drift") $("driftBundles").replaceChildren(...rows);
}
