// What the station says in English, recognised by its form and said in the page's language. What no form fits is headed by a
// word for its status, and shown as it came: nothing is lost.

import { named, phrase, table } from "./words.js";

/** @typedef {import("./words.js").Language} Language */

/** Names of the groups are places in the word; those in `inner` are messages themselves.
 * @type {[string, RegExp][]} */
export const forms = [
  ["noModel", /^there is no model (?<name>.*)$/],
  ["full", /^the queue is full; try again in a second$/],
  ["waited", /^no core became free within (?<time>[\d.e+]+) s \(--longest-wait\); try again in a second$/],
  ["closing", /^the station is closing(; try again)?$/],
  ["overBudget", /^(?<what>the request|the answer|the decoded picture) needs (?<bytes>\S+ \w+) of memory, of which the station gives (?<limit>\S+ \w+) to all that come at once \(--memory\); send a smaller image, or start the station with more memory$/],
  ["noRoom", /^(?<what>the request|the answer|the decoded picture) needs (?<bytes>\S+ \w+) of memory, of which the station gives \S+ \w+ to all that come at once \(--memory\), and others have it now; try again in a second$/],
  ["onlyTile", /^one tile of a photograph has no verdict; send the photograph$/],
  ["inBatch", /^image (?<index>\d+), counted from 0: (?<reason>.*)$/s],
  ["noReport", /^the bundle has changed or has no report; try again$/],
  ["noScores", /^(?<name>.*) has no scores of held-out parts: (?<reason>.*)$/s],
  ["noneKept", /^an earlier version trained it and kept none; train it again with this version$/],
  ["noneHeldOut", /^none were held out$/],
  ["changed", /^(?<name>.*) was changed by somebody else in the meantime; look at it again and repeat the change$/],
  ["cannotLoad", /^the bundle cannot be loaded: (?<reason>.*)$/s],
  ["recordsNothing", /^this station records nothing$/],
  ["noRecord", /^there is no record (?<id>\d+)$/],
  ["noImage", /^the image of part (?<id>\d+) was not kept$/],
  ["noMap", /^part (?<id>\d+) has no map$/],
  ["notServed", /^(?<name>.*) is not served now, so its classes are not known; correct the part when it is$/],
  ["noRetraining", /^start the station with --training-data and a record to retrain from this page$/],
  ["underWay", /^a retraining is under way$/],
  ["logSays", /^the request failed; the station's log says why$/],
  ["backwards", /^from is after (until|to); nothing can lie between them$/],
  ["bodyTooLarge", /^the body is larger than (?<limit>\d+) bytes; send a smaller image or raise --max-body$/],
  ["noClassAtAll", /^the bundle states values and finds no class, so that no part can be corrected to one$/],
  ["unknownClass", /^there is no class (?<name>.*), only (?<known>.*)$/],
  ["classNeeded", /^each class has a threshold of its own; name one of (?<known>.*)$/],
  ["noClassThresholds", /^there is one threshold for all classes; leave the class out$/],
  ["outOfRange", /^the threshold is (?<scale>.*), not (?<value>\S+)$/],
  ["nothingToUndo", /^no change of the threshold is left that could be undone$/],
  ["probabilityScale", /^a probability, 0\.\.\.1$/],
  ["scoreScale", /^an anomaly score, 0\.\.\.(?<limit>\S+)$/],
  ["noThreshold", /^it has no threshold yet, so that parts are scored and not judged; set one with `assay threshold`$/],
  ["noGoodClass", /^none of its classes (?<known>.*) is known to be good; train it again and name the good one with --good$/],
  ["statesValues", /^it states values and finds no class; train it with a task that tells good from defective$/],
  ["adapted", /^it was adapted to another line; retrain the bundle that it was made of, and adapt that again$/],
  ["otherTasks", /^a correction says nothing of its other tasks; train it again with `assay train` and the corrected parts in its data set$/],
  ["fromBundle", /^its network was fine-tuned from another bundle's; train it again with `assay train` and the corrected parts in its data set$/],
  ["severalClasses", /^a correction names one class, and it finds several on a part; train it again with `assay train` and the corrected parts in its data set$/],
  ["noClassToCorrect", /^it finds no class that could be corrected; train it again with `assay train` and the corrected parts in its data set$/],
  ["noMemory", /^it has no memory that could be taught \(only PatchCore has one\); train it again with `assay train` and the corrected parts in its data set$/],
  ["keepsNothing", /^it keeps nothing of its training parts: an earlier version trained it; train it again$/],
  ["noEarlier", /^there is no earlier bundle; only a promotion leaves one$/],
  ["noScoreOfValues", /^it states values and has no score$/],
  ["noneForThreshold", /^no parts were held out to set its threshold by; train it again with a threshold$/],
  ["noneInTraining", /^no parts were held out in its training; train it again with more images$/],
  ["keptNoBrightness", /^an earlier version trained it and kept no photographs' brightness; train it again$/],
  ["keptNoFeatures", /^an earlier version trained it, which kept none; train it again$/],
  ["ownDistances", /^an earlier version trained it and kept the distances of the very images that it measures from, to which fresh parts would always seem far; train it again$/],
  ["fewHeldOut", /^(?<count>\d+) held-out parts are too few to compare with \((?<least>\d+) at least\); train it again with more images$/],
  ["manyListen", /^(?<count>\d+) listen to the station already; close a page, or start it with more --event-readers$/],
  ["noBand", /^the bundle keeps no scores of held-out parts, or nothing that is judged; train it again with --uncertain$/],
  ["shareOutOfRange", /^the share of uncertain parts is at least 0 and below 1, not (?<value>\S+)$/],
  ["tiledFeatures", /^it looks at photographs in tiles, which differ too much by place for one mean; its score is compared$/],
  ["fewTrained", /^(?<count>\d+) parts of training are too few to tell how they vary; train it again with more$/],
  ["allLearned", /^its network has learned from every good image, so that no distance from them is one of a new part; train it again with a test set \(--test-fraction\)$/],
];

/** Whose value is a message again. */
const inner = new Set(["reason", "scale"]);

/**
 * What the parts of a message are called.
 * @type {Record<string, string>}
 */
const things = { "the request": "thing.request", "the answer": "thing.answer", "the decoded picture": "thing.picture" };

/** A message in the page's language; null when its form is not known.
 * @param {Language} language @param {string} text @returns {string | null} */
export function recognised(language, text) {
  for (const [key, form] of forms) {
    const match = form.exec(text);
    if (!match) continue;
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, value] of Object.entries(match.groups ?? {})) {
      values[name] = inner.has(name) ? recognised(language, value) ?? value
        : name === "what" ? table[language][things[value]] ?? value : value;
    }
    return phrase(language, `message.${key}`, values);
  }
  // `NAME: message`, as errors of thresholds come.
  const prefix = /^(?<name>[^:]{1,100}): (?<rest>.*)$/s.exec(text)?.groups;
  const rest = prefix && recognised(language, prefix.rest);
  return rest ? `${prefix?.name}: ${rest}` : null;
}

/** A message that is never lost: translated, or as it came.
 * @param {Language} language @param {string} text */
export function translated(language, text) { return recognised(language, text) ?? text; }

/** What an answer that refuses says.
 * @param {Language} language @param {number} status @param {string} text the station's own words */
export function refusal(language, status, text) {
  const known = recognised(language, text);
  if (known) return known;
  const key = `status${status}`;
  const head = phrase(language, key in table[language] ? key : "statusOther", { status });
  // In English the station's own words need no heading.
  return language === "en" && text ? text : text ? `${head} (${text})` : head;
}

/** How a threshold was chosen, from what the manifest says in numbers.
 * @param {Language} language @param {{ rule: string, rate?: number | null }} threshold @param {string} rate as a share */
export function ruleText(language, threshold, rate) {
  return named(language, "rule", threshold.rule).replace("{rate}", rate);
}

/** A change of a threshold, `0.4 to 0.35`, `scratch: none to 0.5` or `taken back: ...`.
 * @param {Language} language @param {string} note @returns {string} */
export function changeText(language, note) {
  const undone = /^taken back: (.*)$/s.exec(note);
  if (undone) return phrase(language, "changeUndone", { change: changeText(language, undone[1]) });
  const match = /^(?:(.+): )?(\S+) to (\S+)$/s.exec(note);
  if (!match) return note;
  const before = match[2] === "none" ? phrase(language, "notSet") : match[2];
  return match[1] === undefined ? phrase(language, "changeSet", { before, after: match[3] })
    : phrase(language, "changeLabel", { class: match[1], before, after: match[3] });
}
