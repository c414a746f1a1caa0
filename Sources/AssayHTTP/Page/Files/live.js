// Live: the last verdict to be read from three metres, and every defect until somebody has seen it.

import { address, app, className, isLoaded, locale, model, number, said, verdictName, word } from "./app.js";
import { ask } from "./ask.js";
import { bars, scoreText } from "./bar.js";
import { Board } from "./board.js";
import { detail } from "./detail.js";
import { $, heatFollows, make, mark, notice, showPicture, stateClass, sure } from "./dom.js";
import { age, lineUp, seconds, visible } from "./format.js";
import { Watchdog } from "./watchdog.js";

/** @typedef {import("./board.js").Part} Part */

export const board = new Board();
export const watchdog = new Watchdog();

/** Seconds since 1970 of the last word from the station, by its own clock. */
let lastWord = 0;
let isLost = false, hasHeard = false;
/** Whether something changed since the document was last filled. */
let isStale = true;
/**
 * Facts of parts whose pictures are shown, by number.
 * @type {Map<number, Part>}
 */
const described = new Map();

export function heard() {
  watchdog.contact(performance.now());
  lastWord = app.clock.now();
  hasHeard = true;
}

/** Which of several bundles' boards is kept in the browser. */
const place = () => `assay.board.${model()?.name ?? ""}`;
/** Its last event, which is written with every part and so kept apart. */
const markPlace = () => `assay.mark.${model()?.name ?? ""}`;

/**
 * The last event's id, with which the station goes on.
 * @type {string | null}
 */
let lastMark = null;
/** The highest number that was seen when the connection began: what came since may have to be asked for. */
let gapFrom = 0;

/**
 * A browser without room keeps nothing over a reload; defects stay in sight until then.
 * @param {() => void} write
 */
function keep(write) { try { write(); } catch (error) { if (!(error instanceof DOMException)) throw error; } }
/**
 * What was kept; nothing when something else wrote it.
 * @param {string} name @returns {any}
 */
function kept(name) { try { return JSON.parse(localStorage.getItem(name) ?? "null"); } catch { return null; } }

function save() { keep(() => localStorage.setItem(place(), JSON.stringify(board.saved()))); }
function saveMark() { keep(() => localStorage.setItem(markPlace(), JSON.stringify({ mark: lastMark, seen: board.seen }))); }

/** Another bundle, or none: nothing of the one before stays in sight. */
export function clearBoard() {
  board.clear();
  described.clear();
  [unshown, staying] = [[], null];
  board.restore(kept(place()));
  const last = kept(markPlace());
  lastMark = typeof last?.mark === "string" ? last.mark : null;
  board.seen = Math.max(board.seen, Number(last?.seen) || 0);
  gapFrom = board.seen;
  [hasPast, hasNews, askedAt] = [false, true, -Infinity];
  for (const id of ["countGood", "countDefect", "countOther", "rate", "latency", "waiting"]) $(id).textContent = "–";
  $("strip").replaceChildren();
  $("heldQueue").replaceChildren();
  isStale = true;
  draw();
}

/** The event after which the station is to go on. */
export const lastSeen = () => lastMark;
/** A connection begins. */
export function connecting() { gapFrom = board.seen; }

/** @param {Part} part @param {boolean} holds */
function put(part, holds) {
  const name = part.model ?? part.bundle;
  if (name && name !== model()?.name) return;
  if (!board.take(part, holds)) return;
  if (holds && Board.mustBeSeen(part)) {
    save();
    // Of very many at once the row beside the tile has all.
    unshown = [...unshown, { ...part, class: part.class ?? "" }].slice(-8);
  }
  [isStale, hasNews] = [true, true];
  requestAnimationFrame(draw);
}

/**
 * A part as it comes.
 * @param {Part} part @param {string | null} id of the event
 */
export function take(part, id) {
  put(part, true);
  lastMark = id ?? lastMark;
  saveMark();
}

/** What was missed: of a station that has begun anew, or that has told more meanwhile than it remembers. What must be seen
 * is looked up in the record. A page that is opened for the first time has missed nothing. */
export async function fillGap() {
  const [from, name] = [gapFrom, model()?.name];
  if (!from || !name) return;
  for (const verdict of ["defect", "error"]) {
    const query = new URLSearchParams({ model: name, verdict, after: String(from), limit: "500", trial: "false" });
    const { records } = await ask("/v1/records?" + query);
    if (name !== model()?.name) return;
    for (const part of records.reverse()) put({ ...part, model: part.bundle }, true);
  }
}

/**
 * What the record had when the page opened.
 * @param {Part[]} parts the newest first
 */
function takePast(parts) { for (const part of [...parts].reverse()) put({ ...part, model: part.bundle }, false); }

/**
 * Whether a part has a photograph and a map, which an event need not say.
 * @param {Part | null} part
 */
async function describe(part) {
  if (!part || part.id == null || part.hasHeat !== undefined) return;
  const known = described.get(part.id);
  if (known) return;
  described.set(part.id, part);
  try {
    const { record } = await ask(`/v1/records/${part.id}`);
    described.set(part.id, { ...part, hasImage: record.hasImage, hasHeat: record.hasHeat });
    if (described.size > 200) described.delete(described.keys().next().value ?? 0);
    isStale = true;
    requestAnimationFrame(draw);
  } catch { described.delete(part.id); }
}

/** @param {Part} part */
const bigWord = part => part.verdict === "good" ? word("goodWord") : part.verdict === "defect" ? word("defectWord")
  : part.verdict === "error" ? word("noVerdictWord") : className(part.class) || verdictName(part.verdict);

/** @param {Part} part */
function when(part) {
  const time = seconds(part.time);
  if (time == null) return "";
  const [count, unit] = age(app.clock.now() - time);
  return `${app.clock.second(time)} · ${word(unit, { count })}`;
}

/** @param {Part} part */
const values = part => Object.entries(part.tasks ?? {}).filter(([, task]) => task.value != null)
  .map(([name, task]) => `${name} ${number(task.value, 4)}`).join(" · ");

/** @param {string} text @param {string} style */
function tile(text, style) {
  $("tile").className = "tile " + style;
  if ($("tileWord").textContent === text) return;
  $("tileWord").textContent = text;
  const [wide, lines] = lineUp(text);
  $("tile").style.setProperty("--letters", String(wide));
  $("tile").style.setProperty("--lines", String(lines));
}

function nothing(text = "", style = "", more = "") {
  tile(text, style);
  $("tileClass").textContent = more;
  $("tileScore").replaceChildren();
  $("tileWhen").textContent = "";
}

/**
 * Milliseconds for which a defect stays on the tile, also when others came in the same moment: of two parts within one frame
 * only the second would be drawn.
 */
const dwell = 150;
/**
 * Defects that were not on the tile yet.
 * @type {Part[]}
 */
let unshown = [];
/** @type {{ part: Part, until: number } | null} */
let staying = null;

/**
 * The part for the tile: a defect for its moment, then the latest.
 * @param {number} now
 */
function onTile(now) {
  const before = staying?.part ?? null;
  if (staying && now >= staying.until) staying = null;
  if (!staying && unshown.length) staying = { part: /** @type {Part} */ (unshown.shift()), until: now + dwell };
  if ((staying?.part ?? null) !== before) isStale = true;
  return staying?.part ?? board.latest;
}

/** @param {Part} part */
function fillTile(part) {
  tile(mark(part) + bigWord(part), stateClass(part));
  const isNamed = part.verdict === "good" || part.verdict === "defect" || part.verdict === "error";
  // The number first: a long name may be cut.
  $("tileClass").textContent = [visible(part.serial), isNamed ? className(part.class) : null, part.isUncertain ? word("unsure") : null,
    values(part)].filter(Boolean).join(" · ");
  $("tileScore").replaceChildren(...bars(part));
}

/** Fills the document with what is so now. */
export function draw() {
  const now = performance.now();
  const item = model();
  if (!item) return;
  badge();
  if (isLost) {
    isStale = true;
    return nothing(word("lostWord"), "is-lost", word("lostSince", { time: app.clock.minute(lastWord) }));
  }
  if (!isLoaded(item)) {
    isStale = true;
    // Why stands above, where there is room for it.
    nothing(word("notLoadedWord"), "is-lost", visible(item.name));
    showPicture($("lookPicture"), null, $("lookHeat"));
    for (const id of ["lookText", "lookClass", "lookFacts"]) $(id).textContent = "";
    $("strip").replaceChildren();
    $("heldTools").hidden = true;
    return;
  }
  const part = onTile(now);
  if (!hasHeard) nothing(word("connecting"));
  else if (!part) nothing(word("noParts"));
  else {
    $("tileWhen").textContent = when(part);
    if (isStale) fillTile(part);
  }
  if (!isStale) return;
  isStale = false;
  look();
  strip();
}

/** The part to look at: the defect that waits, or the latest. */
function look() {
  /** @type {Part | null} */
  const held = app.isKiosk ? board.held.at(-1) ?? null : board.shown;
  /** @type {Part | null} */
  const part = held ?? board.latest;
  const full = part?.id != null ? described.get(part.id) ?? part : part;
  $("look").classList.toggle("holds", !!held);
  const time = seconds(part?.time);
  $("lookText").textContent = part ? word(held ? "lastDefect" : "latestPart") : "";
  $("lookClass").textContent = part ? mark(part) + (className(part.class) || verdictName(part.verdict)) : "";
  $("lookFacts").textContent = part ? [part.serial ? visible(part.serial) : null, time == null ? null : app.clock.second(time),
    scoreText(part)].filter(Boolean).join(" · ") : "";
  showPicture($("lookPicture"), full, $("lookHeat"));
  describe(part);
  $("heldTools").hidden = board.heldCount === 0;
  const queue = [...board.held].reverse();
  const known = new Map([...$("heldQueue").children].map(node => [node.dataset.key, node]));
  const most = 60, items = queue.slice(0, most).map(item => known.get(item.key) ?? thumbnail(item, () => {
    board.choose(item.key ?? "");
    isStale = true;
    draw();
  }));
  const rest = board.heldCount - items.length;
  $("heldQueue").replaceChildren(...items, ...(rest > 0 ? [make("li", { class: "beyond" }, word("heldBeyond", { count: rest }))] : []));
  for (const node of $("heldQueue").children) node.classList.toggle("chosen", node.dataset.key === held?.key);
  $("acknowledge").textContent = `${word("acknowledge")} (${board.heldCount})`;
  $("acknowledgeAll").hidden = board.heldCount < 2;
}

/** @param {Part} part @param {() => void} press */
function thumbnail(part, press) {
  const name = className(part.class) || verdictName(part.verdict);
  const inside = [part.id == null ? null : make("img", { src: `/v1/records/${part.id}/thumbnail`, alt: "" }),
    make("span", { class: "name" }, mark(part) + name)];
  const item = make("li", { class: part.isUncertain && part.verdict === "good" ? "unsure" : part.verdict, "data-key": part.key },
    app.isKiosk ? make("div", { class: "thumb" }, ...inside)
      : make("button", { class: "thumb", type: "button", title: [name, visible(part.serial)].filter(Boolean).join(" · "), onclick: press }, ...inside));
  return item;
}

function strip() {
  const known = new Map([...$("strip").children].map(node => [node.dataset.key, node]));
  $("strip").replaceChildren(...board.strip.map(part => known.get(part.key) ?? thumbnail(part, () => {
    if (part.id != null) detail(part.id).catch(error => notice("error", word("error", { reason: error.message })));
  })));
}

/** How many defects wait, beside the name of the view. */
function badge() {
  $("heldBadge").hidden = board.heldCount === 0;
  $("heldBadge").textContent = String(board.heldCount);
  $("heldBadge").title = word("heldCount", { count: board.heldCount });
}

let hasNews = true, askedAt = 0, isAsking = false, hasPast = false;
/** The day's counts, the pace and what is wrong, when parts have come and from time to time. */
async function figures() {
  const now = performance.now();
  if (isAsking || document.hidden || isLost || !isLoaded(model()) || now - askedAt < (hasNews ? 1000 : 5000)) return;
  [isAsking, hasNews, askedAt] = [true, false, now];
  try {
    const name = model()?.name;
    const found = await ask(address(`live?since=${app.clock.midnight()}`));
    if (name !== model()?.name) return;
    const count = (/** @type {string[]} */ verdicts) => number(found.counts
      .filter((/** @type {any} */ item) => verdicts.includes(item.verdict))
      .reduce((/** @type {number} */ sum, /** @type {any} */ item) => sum + item.count, 0), 9);
    $("countGood").textContent = count(["good"]);
    $("countDefect").textContent = count(["defect"]);
    $("countOther").textContent = count(["classified", "measured", "unjudged", "error"]);
    $("rate").textContent = number(Math.round(found.pace.partsPerMinute), 9);
    $("latency").textContent = found.pace.medianMilliseconds == null ? "–"
      : `${number(found.pace.medianMilliseconds, 2)} ${word("milliseconds")}`;
    $("waiting").textContent = number(found.queue, 9);
    state(found);
    // What came before the page was opened.
    if (!hasPast) takePast(found.latest ?? []);
    hasPast = true;
  } finally { isAsking = false; }
}

/** @param {any} found */
function state(found) {
  notice("record", found.recording === "off" ? word("recordOff")
    : found.record?.failure ? word("notRecorded", { count: found.record.lost, reason: said(found.record.failure) })
    : found.record?.indexing ? word("indexing", { share: Math.floor(100 * found.record.indexing.done / found.record.indexing.total) })
    : null);
  notice("drift", found.isAlarm ? word("alarm") : null);
  notice("links", (found.links ?? []).flatMap((/** @type {any} */ link) => [
    link.isUp ? null : word("linkDown", { link: link.name }),
    link.waiting && !link.isUp ? word("linkWaiting", { link: link.name, count: link.waiting }) : null,
    link.dropped ? word("linkDropped", { link: link.name, count: link.dropped }) : null]).filter(Boolean).join(" · ") || null);
}

/** Several times a second: whether the station lives, and how old the part is. */
export function beat() {
  const now = performance.now();
  watchdog.begin(now);
  const was = isLost;
  isLost = watchdog.isLost(now);
  if (isLost && !lastWord) lastWord = app.clock.now() - watchdog.silence(now) / 1000;
  $("lost").hidden = !isLost || app.tab === "live";
  if (isLost) $("lost").textContent = word("lostNotice", { time: app.clock.minute(lastWord) });
  document.body.classList.toggle("is-cut", isLost);
  if (was && !isLost) { isStale = true; hasNews = true; }
  if (app.tab === "live") draw(); else badge();
  figures().catch(error => notice("live", word("error", { reason: error.message })));
}

export function showLive() { isStale = true; hasNews = true; draw(); }

/** Another language. */
export function renameLive() {
  $("strip").replaceChildren();
  $("heldQueue").replaceChildren();
  // Figures with their units are asked for at once, in the new words.
  [isStale, hasNews, askedAt] = [true, true, -Infinity];
}

export function beginLive() {
  heatFollows($("lookHeat"), $("lookPicture"));
  $("acknowledge").onclick = () => {
    board.acknowledge();
    save();
    isStale = true;
    draw();
  };
  $("acknowledgeAll").onclick = async () => {
    if (!await sure(word("sureAll", { count: board.heldCount.toLocaleString(locale()) }), word("acknowledgeAll"))) return;
    board.acknowledgeAll();
    save();
    isStale = true;
    draw();
  };
}
