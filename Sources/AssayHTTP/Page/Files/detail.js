// One part of the record: its picture, what was found, and what people say of it.

import { app, className, model, number, points, verdictName, word } from "./app.js";
import { ask, post } from "./ask.js";
import { $, factsIn, heatFollows, make, mark, notice, showPicture } from "./dom.js";
import { bars } from "./bar.js";

/** @param {number} id */
export async function detail(id) {
  const { record, corrections } = await ask(`/v1/records/${id}`);
  const slider = /** @type {HTMLInputElement} */ (make("input", { type: "range", min: 0, max: 100, value: 60 }));
  const box = make("div", { class: "picture" }), facts = make("dl", { class: "facts" });
  heatFollows(slider, box);
  showPicture(box, record, slider);
  const add = factsIn(facts);
  add(word("time"), app.clock.text(record.time, app.language));
  add(word("serial"), record.serial);
  add(word("bundle"), record.bundle);
  add(word("verdict"), mark(record) + verdictName(record.verdict)
    + (record.isUncertain ? ` (${word("unsure")})` : "") + (record.isTrial ? ` (${word("trial")})` : ""));
  add(word("class"), className(record.class, record.bundle));
  if (record.score != null && record.threshold == null) add(word("score"), points(record.score));
  add(word("latency"), `${number(record.milliseconds)} ${word("milliseconds")}`);
  for (const item of corrections)
    add(word("correction"), `${className(item.class, record.bundle)} · ${app.clock.text(item.time, app.language)} ${item.note ?? ""}`);
  add(word("hash"), record.bundleHash);
  const owner = app.models.find(item => item.name === record.bundle) ?? model();
  const buttons = (owner?.classes ?? []).map(name => make("button", { type: "button", onclick: async () => {
    try {
      await post(`/v1/records/${id}/correction`, { class: name });
      await detail(id);
    } catch (error) { notice("error", word("error", { reason: /** @type {Error} */ (error).message })); }
  } }, className(name, record.bundle)));
  $("detailTitle").textContent = word("part", { id });
  $("detailBody").replaceChildren(make("div", { class: "detail-look" }, box, make("div", {}, make("div", { class: "bars" }, ...bars(record)), facts)),
    ...(record.hasHeat ? [make("label", {}, word("heat") + " ", slider)] : []),
    ...(buttons.length ? [make("h3", {}, word("correction")), make("div", { class: "buttons" }, ...buttons)] : []));
  if (!$("detail").open) $("detail").showModal();
}
