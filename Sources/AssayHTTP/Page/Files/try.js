// Try: pictures that are shown to the station and not counted.

import { app, className, isLoaded, model, number, points, verdictName, word } from "./app.js";
import { ask } from "./ask.js";
import { bars } from "./bar.js";
import { $, factsIn, make, mark } from "./dom.js";
import { visible } from "./format.js";

/** @param {File} file */
async function inspect(file) {
  const box = make("article", {}, make("p", {}, `${visible(file.name)} …`));
  $("tried").prepend(box);
  try {
    const answer = await ask(`/v1/inspect/${encodeURIComponent(model()?.name ?? "")}?map=1&try=1`,
      { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    const bytes = Uint8Array.from(atob(answer.map ?? ""), letter => letter.charCodeAt(0));
    const source = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    const facts = make("dl", { class: "facts" }), add = factsIn(facts);
    add(word("verdict"), mark(answer) + verdictName(answer.verdict) + (answer.isUncertain ? ` (${word("unsure")})` : ""));
    add(word("class"), className(answer.class));
    if (answer.score != null && answer.threshold == null) add(word("score"), points(answer.score));
    /** @type {[string, number][]} */
    const likely = Object.entries(answer.probabilities ?? {});
    for (const [name, value] of likely.sort((a, b) => b[1] - a[1]).slice(0, 8)) add(name, points(value));
    for (const [name, task] of Object.entries(answer.tasks ?? {})) add(name, task.class ?? number(task.value, 4));
    add(word("latency"), `${number(answer.milliseconds)} ${word("milliseconds")}`);
    box.replaceChildren(
      make("img", { src: source, alt: visible(`${verdictName(answer.verdict)} ${answer.class}`), onload: () => URL.revokeObjectURL(source) }),
      make("div", {}, make("h2", {}, visible(file.name)), make("div", { class: "bars" }, ...bars(answer)), facts));
  } catch (error) {
    box.replaceChildren(make("p", { role: "alert" }, `${visible(file.name)}: ${/** @type {Error} */ (error).message}`));
  }
}

/** @param {File[]} files */
async function inspectAll(files) { for (const file of files) await inspect(file); }

export function showTry() {
  const isOff = !isLoaded(model());
  $("file").disabled = isOff;
  $("drop").classList.toggle("off", isOff);
}

export function beginTry() {
  $("file").onchange = () => inspectAll([...$("file").files]);
  for (const name of ["dragover", "dragleave", "drop"]) $("drop").addEventListener(name, (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && isLoaded(model()) && app.tab === "try") inspectAll([...(event.dataTransfer?.files ?? [])]);
  });
}
