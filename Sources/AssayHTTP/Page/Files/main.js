// The page: views, bundles, languages, and the station's events.

import { app, isLoaded, locale, model, said, word } from "./app.js";
import { ask } from "./ask.js";
import { StationClock } from "./clock.js";
import { $, make, notice, translateDocument } from "./dom.js";
import { showDrift } from "./drift.js";
import { visible } from "./format.js";
import { beginHistory, fillFilter, searchBundle, showHistory } from "./history.js";
import { beat, beginLive, clearBoard, connecting, fillGap, heard, lastSeen, renameLive, showLive, take } from "./live.js";
import { beginModel, showModel } from "./model.js";
import { beginReview, showReview } from "./review.js";
import { follow } from "./stream.js";
import { beginTry, showTry } from "./try.js";
import { isLanguage } from "./words.js";

/** @type {Record<string, () => unknown>} */
const views = {
  live: showLive, try: showTry, history: () => showHistory(), review: () => showReview(true),
  model: () => showModel(async () => { await readBundles(); await show(); }), drift: showDrift,
};
/** Views that say something without a bundle too. */
const needless = new Set(["history"]);

/** @param {() => Promise<unknown>} work */
async function attempt(work) {
  try {
    await work();
    notice("error", null);
  } catch (error) { notice("error", word("error", { reason: /** @type {Error} */ (error).message })); }
}

/** @param {any} station */
function tell(station) {
  if (!station) return;
  const ahead = typeof station.time === "number" ? station.time - Date.now() / 1000 : 0;
  app.clock = new StationClock({ zone: station.zone, offset: station.offset, ahead });
}

async function readBundles() {
  const found = await ask("/v1/models");
  tell(found.station);
  app.models = found.models;
  app.isKnown = true;
  $("bundle").replaceChildren(...app.models.map(item => make("option", { value: item.name }, visible(item.name))));
  const item = model();
  if (item) $("bundle").value = item.name;
  $("bundle").disabled = !item;
  fillFilter();
  notice("bundle", item?.failure ? word(isLoaded(item) ? "oldGoesOn" : "notLoaded", { reason: said(item.failure) }) : null);
  if (item?.name !== followed) followBundle();
}

/** @type {string | undefined} */
let followed;
/** @type {AbortController | null} */
let following = null;

/** Follows the events of the bundle that is looked at; of all when there is none, to hear of the first. */
function followBundle() {
  following?.abort();
  following = new AbortController();
  followed = model()?.name;
  const name = followed;
  clearBoard();
  follow({
    path: () => { connecting(); return "/v1/events" + (name ? "?bundle=" + encodeURIComponent(name) : ""); },
    lastId: lastSeen, signal: following.signal, onContact: heard,
    onRefused: status => { if (status === 404) attempt(readBundles); },
    onEvent: event => {
      if (event.event === "part") take(JSON.parse(event.data), event.id);
      if (event.event === "hello") hello(JSON.parse(event.data));
      if (event.event === "bundles") attempt(async () => { await readBundles(); await show(); });
    },
  }).catch(error => notice("stream", word("error", { reason: error.message })));
}

let wasGreeted = false;
/** @param {any} said */
function hello(said) {
  tell(said.station ?? said);
  if (said.resumed === false || said.missed) attempt(fillGap);
  // After a restart the bundles may be others.
  if (wasGreeted) attempt(async () => { await readBundles(); if (app.tab !== "review" && app.tab !== "try") await show(); });
  wasGreeted = true;
}

/** Views that are being filled. */
let showing = 0;
async function show() {
  const wanted = location.hash.slice(1), before = app.tab;
  app.tab = views[wanted] && !app.isKiosk ? wanted : "live";
  if (!app.isKnown) await readBundles();
  const isEmpty = !model() && !needless.has(app.tab);
  $("view-nothing").hidden = !isEmpty;
  for (const name of Object.keys(views)) $("view-" + name).hidden = isEmpty || name !== app.tab;
  for (const link of $("tabs").children) {
    if (link.hash === "#" + app.tab) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  }
  document.body.dataset.tab = isEmpty ? "nothing" : app.tab;
  document.title = `${word(app.tab)} – Assay`;
  if (before !== app.tab) scrollTo(0, 0);
  // What waits for a bundle cannot be pressed without.
  if (!isLoaded(model())) for (const id of ["file", "apply", "undo", "retrain", "rollback"]) $(id).disabled = true;
  if (isEmpty) return;
  showing += 1;
  $("main").setAttribute("aria-busy", "true");
  try { await views[app.tab](); } finally {
    showing -= 1;
    if (showing === 0) $("main").removeAttribute("aria-busy");
  }
}

function rename() {
  document.documentElement.lang = locale();
  translateDocument();
  renameLive();
  $("language").value = app.language;
}

addEventListener("hashchange", () => {
  attempt(show);
  $("main").focus({ preventScroll: true });
});
$("language").onchange = () => {
  const name = $("language").value;
  if (isLanguage(name)) app.language = localStorage.language = name;
  rename();
  attempt(async () => { await readBundles(); await show(); });
};
$("bundle").onchange = () => {
  app.chosen = localStorage.bundle = $("bundle").value;
  searchBundle(app.chosen);
  attempt(async () => { await readBundles(); await show(); });
};

document.body.classList.toggle("kiosk", app.isKiosk);
beginLive();
beginTry();
beginHistory(work => { attempt(work); });
beginReview();
beginModel();
rename();
setInterval(beat, 250);
setInterval(() => { if (app.tab === "drift" && !document.hidden && model()) attempt(showDrift); }, 5000);
attempt(show);
