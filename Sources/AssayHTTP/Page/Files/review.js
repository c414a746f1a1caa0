// Review: uncertain parts, one after the other, answered by a key.

import { app, className, model, verdictName, word } from "./app.js";
import { ask, post } from "./ask.js";
import { bars } from "./bar.js";
import { $, hasDialog, heatFollows, make, mark, notice, showPicture } from "./dom.js";
import { visible } from "./format.js";

/** @type {{ list: any[], at: number, hasMore: boolean, searchedTo: number | null }} */
let queue = { list: [], at: 0, hasMore: true, searchedTo: null };

/** @param {() => Promise<unknown>} work */
function attempt(work) { work().catch(error => notice("error", word("error", { reason: error.message }))); }

const kind = () => /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=queue]:checked"))?.value ?? "open";

/** @param {boolean} isFresh */
export async function showReview(isFresh) {
  if (isFresh) queue = { list: [], at: 0, hasMore: true, searchedTo: null };
  const item = model();
  if (!item) return;
  if (queue.at >= queue.list.length && queue.hasMore) {
    const query = new URLSearchParams({ model: item.name, review: kind(), limit: "50" });
    const before = queue.searchedTo ?? queue.list.at(-1)?.id;
    if (before) query.set("before", String(before));
    const asked = queue, { records, searchedTo } = await ask("/v1/records?" + query);
    // Another bundle or choice meanwhile.
    if (asked !== queue) return;
    queue.list.push(...records);
    queue.searchedTo = searchedTo ?? null;
    queue.hasMore = records.length === 50 || !!searchedTo;
  }
  const record = queue.list[queue.at];
  $("reviewEmpty").hidden = !!record;
  $("reviewPart").hidden = !record;
  if (!record) return;
  showPicture($("reviewPicture"), record, $("reviewHeat"));
  $("reviewText").textContent = [`${queue.at + 1} / ${queue.list.length}${queue.hasMore ? "+" : ""}`,
    mark(record) + verdictName(record.verdict), record.class === record.verdict ? null : className(record.class), visible(record.serial),
    record.correction ? word("corrected", { class: className(record.correction.class) }) : null].filter(Boolean).join(" · ");
  $("reviewScore").replaceChildren(...bars(record));
  $("reviewButtons").replaceChildren(
    ...item.classes.map((name, index) => make("button", { type: "button", onclick: () => attempt(() => decide(name)) },
      (index < 9 ? `${index + 1} ` : "") + className(name))),
    make("button", { type: "button", class: "plain", onclick: () => attempt(() => step(-1)) }, "← " + word("back")),
    make("button", { type: "button", class: "plain", onclick: () => attempt(() => step(1)) }, word("next") + " →"));
}

/** The class of a part judged defective is known; of any other a person has to say which defect it is.
 * @param {any} record @param {string[]} classes @param {string[]} bad */
async function askDefect(record, classes, bad) {
  if (record.verdict === "defect" && bad.includes(record.class)) return decide(record.class);
  if (bad.length === 1) return decide(bad[0]);
  const choose = (/** @type {string} */ name) => { $("whichDefect").close(); attempt(() => decide(name)); };
  // A class has the number that it has beside the picture.
  const number = (/** @type {string} */ name) => classes.indexOf(name) + 1;
  $("whichButtons").replaceChildren(...bad.map(name => make("button", { type: "button", onclick: () => choose(name) },
    (number(name) < 10 ? `${number(name)} ` : "") + className(name))));
  $("whichDefect").onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const name = /^[1-9]$/.test(event.key) ? classes[Number(event.key) - 1] : undefined;
    if (!name || !bad.includes(name)) return;
    event.preventDefault();
    choose(name);
  };
  $("whichDefect").showModal();
}

/** @param {string} name */
async function decide(name) {
  const record = queue.list[queue.at];
  if (!record) return;
  record.correction = await post(`/v1/records/${record.id}/correction`, { class: name });
  await step(1);
}

/** @param {number} by */
async function step(by) {
  queue.at = Math.max(0, queue.at + by);
  await showReview(false);
}

/** @param {KeyboardEvent} event */
function press(event) {
  if (app.tab !== "review" || event.ctrlKey || event.altKey || event.metaKey || hasDialog()) return;
  const target = /** @type {HTMLInputElement} */ (event.target);
  if (["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName) && target.type !== "radio") return;
  const record = queue.list[queue.at], { classes, goodClass } = model() ?? { classes: [], goodClass: null };
  const key = event.key.toLowerCase();
  /** @type {(() => Promise<unknown>) | null} */
  let work = null;
  if (key === "arrowleft") work = () => step(-1);
  else if (!record) return;
  else if (key === "s" || key === "arrowright") work = () => step(1);
  else if (key === "g" && goodClass) work = () => decide(goodClass);
  else if (key === "d" && goodClass) work = () => askDefect(record, classes, classes.filter(name => name !== goodClass));
  else if (/^[1-9]$/.test(key) && classes[Number(key) - 1]) work = () => decide(classes[Number(key) - 1]);
  if (!work) return;
  event.preventDefault();
  attempt(work);
}

export function beginReview() {
  heatFollows($("reviewHeat"), $("reviewPicture"));
  addEventListener("keydown", press);
  for (const radio of document.querySelectorAll("input[name=queue]")) radio.addEventListener("change", () => attempt(() => showReview(true)));
}
