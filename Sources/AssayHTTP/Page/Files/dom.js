// The document: finding, making, drawing.

import { app, verdictName, word } from "./app.js";
import { visible } from "./format.js";

/**
 * An element of the page's own document, which has it.
 * @param {string} id @returns {any}
 */
export function $(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the document has no ${id}`);
  return found;
}

/** @param {string} tag @param {Record<string, any>} attributes @param {(Node | string | null | undefined)[]} children @returns {any} an element */
export function make(tag, attributes = {}, ...children) {
  const node = attributes.svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "svg" || value == null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(child => child != null).map(child => /** @type {Node | string} */ (child)));
  return node;
}

/**
 * Facts as terms and values; what has no value is left out.
 * @param {HTMLElement} list
 */
export function factsIn(list) {
  list.replaceChildren();
  return (/** @type {string} */ name, /** @type {unknown} */ value) => {
    if (value != null && value !== "") list.append(make("dt", {}, name), make("dd", {}, visible(value)));
  };
}

export function translateDocument() {
  for (const node of document.querySelectorAll("[data-word]"))
    node.textContent = word(/** @type {HTMLElement} */ (node).dataset.word ?? "");
  for (const node of document.querySelectorAll("[data-label]"))
    node.setAttribute("aria-label", word(/** @type {HTMLElement} */ (node).dataset.label ?? ""));
}

/**
 * What must be said on every view; several at once stand beside each other.
 * @type {Map<string, string>}
 */
const notices = new Map();
/** @param {string} topic @param {string | null} text nothing takes it back */
export function notice(topic, text) {
  if (text) notices.set(topic, text); else notices.delete(topic);
  const all = [...notices.values()].join(" · ");
  if ($("notice").textContent !== all) $("notice").textContent = all;
  $("notice").hidden = !all;
}

/**
 * The state of a part that is told by colour, and never by colour alone.
 * @param {import("./board.js").Part} part
 */
export const stateClass = part => part.verdict === "error" ? "is-defect" : part.isUncertain ? "is-unsure"
  : part.verdict === "good" ? "is-good" : part.verdict === "defect" ? "is-defect" : "";
/** @param {import("./board.js").Part} part */
export const mark = part => part.verdict === "good" ? "✔ " : part.verdict === "defect" || part.verdict === "error" ? "✖ " : "";

/** A photograph with its heat above it, both as large as the box allows.
 * @param {HTMLElement} box @param {{ id?: number | null, hasImage?: boolean, hasHeat?: boolean, verdict: string, class: string } | null} part
 * @param {HTMLInputElement} slider */
export function showPicture(box, part, slider) {
  const key = part ? `${part.id} ${part.hasImage} ${part.hasHeat} ${app.language}` : "";
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  if (!part || part.id == null) {
    box.replaceChildren(...(part ? [make("p", { class: "no-picture" }, word("notOnRecord"))] : []));
    return;
  }
  const thumbnail = `/v1/records/${part.id}/thumbnail`;
  const frame = make("div", { class: "frame" });
  const photo = /** @type {HTMLImageElement} */ (make("img", { alt: visible(`${verdictName(part.verdict)} ${part.class}`),
    src: part.hasImage ? `/v1/records/${part.id}/image` : thumbnail }));
  photo.addEventListener("load", () => frame.style.setProperty("--ratio", String(photo.naturalWidth / photo.naturalHeight || 1)));
  // Formats that the browser does not show (TIFF, 16 bits) have their thumbnail.
  photo.addEventListener("error", () => { if (!photo.src.endsWith("thumbnail")) photo.src = thumbnail; });
  frame.append(photo);
  if (part.hasHeat) {
    const heat = make("img", { alt: "", class: "heat", src: `/v1/records/${part.id}/heat` });
    heat.style.opacity = String(Number(slider.value) / 100);
    frame.append(heat);
  }
  box.replaceChildren(frame);
}

/** @param {HTMLInputElement} slider @param {HTMLElement} box */
export function heatFollows(slider, box) {
  slider.addEventListener("input", () => {
    const heat = /** @type {HTMLElement | null} */ (box.querySelector(".heat"));
    if (heat) heat.style.opacity = String(Number(slider.value) / 100);
  });
}

/**
 * Asks whether it is meant.
 * @param {string} text @param {string} yes the button's word @returns {Promise<boolean>}
 */
export function sure(text, yes) {
  return new Promise(resolve => {
    const dialog = $("sure");
    $("sureText").textContent = text;
    $("sureYes").textContent = yes;
    let isMeant = false;
    $("sureYes").onclick = () => { isMeant = true; dialog.close(); };
    dialog.onclose = () => resolve(isMeant);
    dialog.showModal();
  });
}

/** Whether a dialog has the keyboard. */
export const hasDialog = () => !!document.querySelector("dialog[open]");
