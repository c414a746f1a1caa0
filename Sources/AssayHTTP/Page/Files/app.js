// What all views share: language, bundles, the station's clock. One value, changed by whoever learns better.

import { StationClock } from "./clock.js";
import { figure, score, visible } from "./format.js";
import { translated } from "./messages.js";
import { isLanguage, locales, named, phrase, preferred } from "./words.js";

/**
 * @typedef {object} Threshold
 * @property {number} value @property {string} rule @property {number | null} [rate] @property {string} explanation
 * @property {number} escapes @property {number} defects @property {number} overkills @property {number} goods
 */

/** @typedef {{ date: string, action: string, by?: string | null, reason?: string | null, note: string }} Change */

/**
 * A bundle as `/v1/models` has it.
 * @typedef {object} Model
 * @property {string} name
 * @property {string | null} [version] none when it is not loaded
 * @property {string | null} [hash]
 * @property {string | null} [task]
 * @property {string[]} classes
 * @property {string | null} [goodClass]
 * @property {Threshold | null} [threshold]
 * @property {Record<string, Threshold> | null} [labelThresholds]
 * @property {string | null} [scale]
 * @property {{ budget: number, parts: number, uncertain: number } | null} [uncertain] of the held-out parts
 * @property {boolean} judges
 * @property {string | null} [whyNotJudging]
 * @property {string | null} [whyNotRetraining]
 * @property {string | null} [backbone] @property {string | null} [licence] @property {string | null} [createdAt]
 * @property {number} trainingImages
 * @property {{ name: string, value: number, low?: number | null, high?: number | null, on: string }[]} metrics
 * @property {boolean} hasPrevious @property {boolean} hasValidation @property {boolean} canRetrain
 * @property {string | null} [failure]
 * @property {{ undoable?: Change | null, changes: Change[] } | null} [thresholdHistory] the latest first
 */

const query = new URLSearchParams(location.search);
const wished = query.get("language");

export const app = {
  language: isLanguage(wished) ? wished : isLanguage(localStorage.language) ? localStorage.language
    : preferred(navigator.languages ?? [navigator.language]),
  /** A screen on the wall: no header and nothing to press. */
  isKiosk: query.has("kiosk"),
  tab: "live",
  /** @type {Model[]} */
  models: [],
  /** Whether the list of bundles has been read. */
  isKnown: false,
  /** Name of the bundle that is looked at. */
  chosen: query.get("bundle") ?? localStorage.bundle ?? "",
  clock: new StationClock(),
};

/** @param {string} key @param {Record<string, unknown>} [values] */
export const word = (key, values) => phrase(app.language, key, values);
/** @param {string} group @param {string} name */
export const naming = (group, name) => named(app.language, group, name);
/**
 * What the station said.
 * @param {string} text
 */
export const said = text => translated(app.language, text);
export const locale = () => locales[app.language];
/** @param {number | null | undefined} value @param {number} [digits] */
export const number = (value, digits) => figure(value, digits, locale());
/** @param {number | null | undefined} value */
export const points = value => score(value, locale());
/**
 * A share of parts, 0...1.
 * @param {number} share @param {number} [digits]
 */
export const percent = (share, digits = 0) => new Intl.NumberFormat(locale(),
  { style: "percent", maximumFractionDigits: digits }).format(share);
/** @param {string} verdict */
export const verdictName = verdict => word(verdict === "error" ? "noVerdict" : verdict);

/**
 * The bundle that is looked at; undefined when the station has none.
 * @returns {Model | undefined}
 */
export const model = () => app.models.find(item => item.name === app.chosen) ?? app.models[0];
/**
 * A class as people read it. Classes are named by who trained the bundle; those of an anomaly detector are the program's own
 * words.
 * @param {string | null | undefined} name
 * @param {string | null} [bundle]
 */
export function className(name, bundle) {
  const owner = app.models.find(item => item.name === bundle) ?? model();
  return owner?.task === "anomaly" && ["good", "defect", "unjudged"].includes(name ?? "") ? word(name ?? "") : visible(name);
}

/**
 * Whether a bundle is there and loaded.
 * @param {Model | undefined} item
 */
export const isLoaded = item => !!item && !!item.version;
/** @param {string} rest */
export const address = rest => `/v1/models/${encodeURIComponent(model()?.name ?? "")}/${rest}`;
