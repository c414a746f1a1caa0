// Model: what the bundle is, how it did, where its line lies, and what it learns.

import { address, app, className, isLoaded, model, naming, number, percent, points, said, word } from "./app.js";
import { ask, post } from "./ask.js";
import { chart } from "./chart.js";
import { $, factsIn, make, notice, sure } from "./dom.js";
import { seconds, visible } from "./format.js";
import { changeText, ruleText } from "./messages.js";
import { showRetraining } from "./retraining.js";
import { outcome, shares, sliderTop } from "./threshold.js";

/**
 * Held-out parts with their truth; of an anomaly detector also those that had no say in its threshold.
 * @typedef {{ scores: number[], isDefect: boolean[] }} Parts
 */
/** @type {(Parts & { basis: string, tested?: Parts | null, threshold: number | null, top: number, value: number }) | null} */
let validation = null;
/**
 * Reads the list of bundles again.
 * @type {() => Promise<void>}
 */
let reload = async () => {};

/** @param {{ escapes: number, defects: number, overkills: number, goods: number }} counts */
const outcomeText = counts => word(counts.defects === 0 ? "outcomeNoDefects" : counts.goods === 0 ? "outcomeNoGoods" : "outcome", counts);

/** @param {import("./app.js").Threshold} threshold */
function chosen(threshold) {
  const how = ruleText(app.language, threshold, threshold.rate == null ? "" : percent(threshold.rate, 3));
  const values = { value: points(threshold.value), how };
  return threshold.goods + threshold.defects > 0 ? word("chosenCounts", { ...values, outcome: outcomeText(threshold) }) : word("chosen", values);
}

/** @param {any} item */
function facts(item) {
  const add = factsIn($("facts"));
  const created = seconds(item.createdAt);
  add(word("failure"), item.failure ? said(item.failure) : null);
  add(word("version"), item.version);
  add(word("task"), item.task ? naming("kind", item.task) : null);
  add(word("classes"), item.classes.map((/** @type {string} */ name) => className(name, item.name)).join(", "));
  add(word("backbone"), item.backbone);
  add(word("licence"), item.licence);
  add(word("created"), created == null ? item.createdAt : app.clock.text(created, app.language));
  add(word("images"), item.version ? number(item.trainingImages, 9) : null);
  add(word("threshold"), item.threshold ? chosen(item.threshold) : null);
  for (const [name, threshold] of Object.entries(item.labelThresholds ?? {})) add(`${word("threshold")}: ${name}`, chosen(/** @type {any} */ (threshold)));
  const unsure = item.uncertain;
  add(word("uncertainBand"), unsure && unsure.parts > 0
    ? word("uncertainBandText", { count: unsure.uncertain, all: unsure.parts, budget: percent(unsure.budget, 3) }) : null);
  add(word("notJudging"), item.whyNotJudging ? said(item.whyNotJudging) : null);
  add(word("notRetraining"), item.whyNotRetraining ? said(item.whyNotRetraining) : null);
  add(word("hash"), item.hash);
}

/** @param {() => Promise<void>} again */
export async function showModel(again) {
  reload = again;
  const item = model();
  if (!item) return;
  facts(item);
  const loaded = isLoaded(item);
  $("report").hidden = !loaded;
  $("report").href = address("report");
  $("metrics").replaceChildren(...item.metrics.map(metric => make("tr", {}, ...[naming("metric", metric.name), number(metric.value, 4),
    // Earlier versions kept intervals that were a point, which says nothing of how sure a figure is.
    metric.low == null || metric.low === metric.high ? "" : `${number(metric.low, 4)} … ${number(metric.high, 4)}`, naming("basis", metric.on)]
    .map(text => make("td", {}, text)))));
  $("rollback").disabled = !item.hasPrevious || !loaded;
  await showThreshold(item);
  showChanges(item);
  await showRetraining();
}

/**
 * Why there is no slider, and what helps.
 * @param {import("./app.js").Model} item
 */
function whyNone(item) {
  if (!isLoaded(item)) return item.failure ? said(item.failure) : word("notLoadedWord");
  if (item.labelThresholds) return word("labelThresholds");
  if (item.task === "measurement") return word("noThresholdMeasured");
  if (item.scale == null) return word("noThresholdClasses");
  return item.hasValidation ? word("setThreshold") : word("noValidation");
}

/** @param {import("./app.js").Model} item */
async function showThreshold(item) {
  const isOffered = isLoaded(item) && item.hasValidation && item.scale != null && !item.labelThresholds;
  const found = isOffered ? await ask(address("validation")) : null;
  if (item.name !== model()?.name) return;
  validation = found;
  $("thresholdForm").hidden = !validation;
  $("noThreshold").hidden = !!validation && item.threshold != null;
  $("noThreshold").textContent = whyNone(item);
  labels(item);
  if (!validation) return;
  validation.threshold = item.threshold?.value ?? null;
  validation.top = sliderTop({ scores: validation.scores.concat(validation.tested?.scores ?? []) }, validation.threshold, item.scale ?? null);
  const value = validation.threshold ?? validation.top / 2;
  $("threshold").value = String(Math.round(value / validation.top * 1000));
  slide(value);
}

/** @param {number} value */
function slide(value) {
  if (!validation) return;
  validation.value = value;
  const { threshold, top, tested } = validation;
  $("thresholdValue").textContent = number(value, 4);
  $("threshold").setAttribute("aria-valuetext", number(value, 4));
  $("thresholdNow").textContent = threshold == null ? ""
    : word("thresholdNow", { value: number(threshold, 4), outcome: outcomeText(outcome(validation, threshold)) });
  $("thresholdText").textContent = [word("thresholdAt", { basis: naming("basis", validation.basis), outcome: outcomeText(outcome(validation, value)) }),
    tested ? word("thresholdTested", { outcome: outcomeText(outcome(tested, value)) }) : null].filter(Boolean).join(" ");
  const edges = Array.from({ length: 41 }, (_, index) => index / 40 * top);
  const all = [validation, ...(tested ? [tested] : [])];
  const pick = (/** @type {boolean} */ wanted) => all.flatMap(parts => parts.scores.filter((_, index) => parts.isDefect[index] === wanted));
  const series = [{ name: word("good"), shares: shares(pick(false), edges), style: "series-good" }];
  if (pick(true).length > 0) series.push({ name: word("defect"), shares: shares(pick(true), edges), style: "series-defect" });
  $("thresholdChart").replaceChildren(chart(edges, series, Math.min(value, top), word("threshold")));
  $("apply").disabled = value === threshold;
}

/** @param {number} value @param {string} [label] */
async function set(value, label) {
  const shown = label ? `${visible(label)} ${number(value, 4)}` : number(value, 4);
  if (!await sure(word("sureThreshold", { value: shown }), word("apply"))) return;
  const hash = model()?.hash ?? undefined;
  await post(address("threshold"), { value, ...(label ? { class: label } : {}), ...(hash ? { hash } : {}) });
  await reload();
}

/**
 * A line for each class, where each has its own.
 * @param {import("./app.js").Model} item
 */
function labels(item) {
  const own = isLoaded(item) ? item.labelThresholds : null;
  $("labelThresholds").hidden = !own;
  $("labelThresholds").replaceChildren(...Object.entries(own ?? {}).map(([name, threshold]) => {
    const input = /** @type {HTMLInputElement} */ (make("input", { type: "number", min: 0, max: 1, step: "any", value: threshold.value, required: true }));
    return make("form", { class: "label-threshold", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      attempt(() => set(Number(input.value), name));
    } }, make("label", {}, visible(name) + " ", input), make("button", {}, word("apply")));
  }));
}

/** @param {import("./app.js").Model} item */
function showChanges(item) {
  const changes = item.thresholdHistory?.changes ?? [];
  $("changesPart").hidden = changes.length === 0;
  $("changes").replaceChildren(...changes.map(change => {
    const time = seconds(change.date);
    return make("tr", {}, ...[time == null ? change.date : app.clock.text(time, app.language), changeText(app.language, change.note),
      change.by, change.reason].map(text => make("td", {}, visible(text))));
  }));
  $("undo").hidden = !item.thresholdHistory?.undoable;
  $("undo").disabled = !isLoaded(item);
}

/** @param {() => Promise<unknown>} work */
function attempt(work) { work().catch(error => notice("error", word("error", { reason: error.message }))); }

export function beginModel() {
  $("threshold").oninput = () => { if (validation) slide(Number($("threshold").value) / 1000 * validation.top); };
  $("apply").onclick = () => attempt(async () => { if (validation) await set(validation.value); });
  $("undo").onclick = () => attempt(async () => {
    if (!await sure(word("sureUndo"), word("undo"))) return;
    await post(address("threshold"), { undo: true });
    await reload();
  });
  $("retrain").onclick = () => attempt(async () => {
    await post(address("retrain"));
    await showRetraining();
  });
  $("rollback").onclick = () => attempt(async () => {
    if (!await sure(word("sureRollback"), word("rollback"))) return;
    await post(address("rollback"));
    await reload();
  });
}
