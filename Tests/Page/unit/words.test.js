import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { changeText, forms, recognised, refusal, translated } from "../../../Sources/AssayHTTP/Page/Files/messages.js";
import { named, phrase, preferred, table } from "../../../Sources/AssayHTTP/Page/Files/words.js";
import { piece, read, root, texts } from "./swift.js";

const folder = "Sources/AssayHTTP/Page/Files/";
const scripts = readdirSync(new URL(folder, root)).filter(name => name.endsWith(".js") && !/^words-/.test(name));
const document = read(folder + "page.html");
const languages = Object.keys(table);
const keys = Object.keys(table.en);
const places = text => [...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]).sort();

test("three languages have the same words, with the same places for values", () => {
  assert.deepEqual(languages, ["en", "zh", "de"]);
  for (const language of languages) {
    assert.deepEqual(Object.keys(table[language]).sort(), [...keys].sort(), language);
    for (const key of keys) {
      assert.ok(table[language][key].trim(), `${language} ${key} is empty`);
      assert.deepEqual(places(table[language][key]), places(table.en[key]), `${language} ${key}`);
    }
  }
});

test("no key is written twice in a table", () => {
  for (const language of languages) {
    const names = [...read(`${folder}words-${language}.js`).matchAll(/(?:^|[ {,])(?:(\w+)|"([^"]+)"): "/gm)].map(match => match[1] ?? match[2]);
    assert.equal(names.length, new Set(names).size, `${language}: ${names.filter((name, at) => names.indexOf(name) !== at)}`);
  }
});

/** Words that a script or the document asks for by name. */
function used() {
  const found = new Set([...document.matchAll(/data-(?:word|label)="([^"]+)"/g)].map(match => match[1]));
  for (const name of scripts) {
    const source = read(folder + name).replace(/\bnaming\("\w+"/g, "naming(");
    for (const call of source.matchAll(/\b(?:word|phrase)\(/g)) {
      let depth = 1, end = call.index + call[0].length;
      for (; depth > 0; end++) depth += source[end] === "(" ? 1 : source[end] === ")" ? -1 : 0;
      for (const text of source.slice(call.index, end).matchAll(/"([\w.]+)"/g)) found.add(text[1]);
    }
    for (const list of source.matchAll(/\[((?:"\w+", )+"\w+")\]\.map\(name => make\("t[hr]"/g))
      for (const text of list[1].matchAll(/"(\w+)"/g)) found.add(text[1]);
    for (const text of source.matchAll(/"(age\w+|thing\.\w+)"/g)) found.add(text[1]);
  }
  return found;
}

test("every word that is asked for is there, and every word is asked for", () => {
  const asked = used();
  // Values of a choice of words, not words.
  const others = new Set(["error", "score", "novelty", "brightness", "features", "scores", "good", "defect", "measurement"]);
  for (const key of asked) assert.ok(keys.includes(key) || others.has(key), `no word ${key}`);
  const byName = /^(metric|basis|rule|kind|message)\.|^status\d+$/;
  // The record's verdicts are words by their own names.
  const verdicts = new Set(["good", "defect", "classified", "measured", "unjudged", "noVerdict"]);
  for (const key of keys) assert.ok(asked.has(key) || byName.test(key) || verdicts.has(key), `nobody asks for ${key}`);
});

test("the document has no text of its own", () => {
  const body = document.slice(document.indexOf("<body>")).replace(/<!--.*?-->/gs, "");
  const own = [...body.matchAll(/>([^<]+)</g)].map(match => match[1].trim()).filter(Boolean);
  const allowed = ["Assay", "…", "–", "English", "中文", "Deutsch", "assay train IMAGES --output part.assay", "assay serve part.assay"];
  for (const text of own) assert.ok(allowed.includes(text), `"${text}" is in no table`);
  for (const match of body.matchAll(/\b(?:title|placeholder|alt|aria-label)="([^"]*)"/g)) assert.fail(`${match[0]} is in no table`);
});

test("scripts have no sentences of their own", () => {
  for (const name of scripts.filter(name => name !== "messages.js")) {
    const source = read(folder + name).replace(/\/\*.*?\*\//gs, "").replace(/\/\/.*$/gm, "").replace(/new Error\([^)]*\)/g, "");
    for (const match of source.matchAll(/"([^"\n]*)"|`([^`]*)`/g)) {
      const text = (match[1] ?? match[2]).replace(/\$\{[^}]*\}/g, "");
      assert.ok(!/[A-Za-z]{3,} [a-z]{2,}/.test(text) || /^(tile|drop|bar|dl|button) |^is-|^bar-|^text\/|^Bearer/.test(text) || /^[a-z-]+( [a-z-]+)*$/.test(text) && text.length < 24,
        `${name}: "${text}"`);
    }
  }
});

test("no English is left in the Chinese words", () => {
  // Names of measures, letters of keys, and what is typed as it is.
  const own = /\{\w+\}|`[^`]*`|--[a-z-]+|\b(AU-PRO|ROC|F1|Dice|PatchCore|CSV|D|G|S|p)\b|R²/g;
  for (const key of keys) {
    const rest = table.zh[key].replace(own, "");
    assert.ok(!/[A-Za-z]/.test(rest), `${key}: ${table.zh[key]}`);
  }
});

test("no English is left in the German words", () => {
  const same = new Set(["drift", "milliseconds", "version", "training", "statistic", "metric.R²", "chosen"]);
  for (const key of keys) assert.ok(table.de[key] !== table.en[key] || same.has(key), `${key}: ${table.de[key]}`);
  for (const key of keys) assert.ok(!/\b(the|of|and|is|not|with|parts)\b/.test(table.de[key]), `${key}: ${table.de[key]}`);
});

test("every form of a message has its words, and the words their values", () => {
  const names = forms.map(([name]) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([...names].sort(), keys.filter(key => key.startsWith("message.")).map(key => key.slice(8)).sort());
  for (const [name, form] of forms) {
    const groups = [...form.source.matchAll(/\(\?<(\w+)>/g)].map(match => match[1]).sort();
    assert.deepEqual(places(table.en["message." + name]), groups, name);
  }
});

/** What of the station's texts the page can show: each has a form. */
const sources = [
  ["DecisionError", () => texts(piece("Sources/AssayInspection/Decision/DecisionError.swift", "var description", "\n  }\n"))],
  ["ThresholdScale", () => texts(piece("Sources/AssayBundle/ManifestCheck.swift", "public var description: String {\n    switch self {\n    case .probability", "\n  }\n"))],
  ["whyNotJudging", () => texts(piece("Sources/AssayInspection/Decision/DecisionRule.swift", "var whyNotJudging", "\n  }\n"))
    .filter(found => found.text !== ", ")],
  ["RetrainingRules.refusal", () => {
    const source = piece("Sources/AssayStation/Retraining/RetrainingRules.swift", "static func refusal", "\n  }\n");
    const again = texts(source.slice(source.indexOf("let again"))).at(0).text;
    return texts(source, expression => expression === "again" ? again : "7").filter(found => found.text !== again);
  }],
  ["RetrainingRefusal", () => texts(piece("Sources/AssayStation/Retraining/RetrainingDesk.swift", "var description", "\n  }\n"))],
  ["PartRefusal", () => texts(piece("Sources/AssayStation/Parts/PartRefusal.swift", "/// Cause and remedy.", "\n  }\n"))
    // Causes of other layers, and memory, whose own text comes before.
    .filter(found => found.text !== "7; 7" && !/^7[;,] (send|and)/.test(found.text))],
  ["DriftGap", () => texts(read("Sources/AssayStation/Monitoring/DriftGap.swift"))],
  ["why there are no features", () => ["Anomaly/PatchReference", "Reference/FrozenReference", "Reference/TunedReference"]
    .flatMap(path => texts(read(`Sources/AssayMethods/${path}.swift`))).filter(found => /(whyNoFeatures =|reason:)\s*$/.test(found.before))],
  ["answers about records", () => refusals("Sources/AssayHTTP/HTTP/RecordRoutes.swift")],
  ["answers about bundles", () => refusals("Sources/AssayHTTP/HTTP/ModelRoutes.swift")],
  ["the body", () => refusals("Sources/AssayHTTP/HTTP/BodyReader.swift")],
];

/** What the page never asks for so that it would be said. */
const never = [/^a record's number is/, /^after is not less/, /^send either a value/, /^to and until are both given/, /^7; 7$/, /^Content-Length is/, /^the request ended/,
  /^\{/, /^a bearer token/];
/** Texts of `HTTPFailure(.status, "...")`. */
function refusals(path) {
  // Of two words within a text, either.
  return texts(read(path), value => /"(\w+)" : "(\w+)"/.exec(value)?.[2] ?? "7").filter(found => /HTTPFailure\(\s*\.\w+,\s*$/.test(found.before) && !never.some(form => form.test(found.text)));
}

for (const [name, find] of sources) test(`what the station says: ${name}`, () => {
  const found = find();
  assert.ok(found.length > 0, "nothing was found");
  for (const { text } of found) for (const language of ["zh", "de"]) {
    const said = recognised(language, text);
    assert.ok(said && said !== text, `${language}: no form for "${text}"`);
  }
});

test("memory, in the station's words", () => {
  const [what, rest] = ["the decoded picture", "needs 229 MiB of memory, of which the station gives 234 MiB to all that come at once (--memory)"];
  assert.match(recognised("de", `${what} ${rest}; send a smaller image, or start the station with more memory`), /^Das entpackte Bild braucht 229 MiB/);
  assert.match(recognised("zh", `${what} ${rest}, and others have it now; try again in a second`), /^解码后的图片需要 229 MiB/);
});

test("messages within messages", () => {
  assert.match(recognised("de", "lid: no change of the threshold is left that could be undone"), /^lid: Keine Änderung/);
  assert.match(recognised("de", "image 3, counted from 0: the queue is full; try again in a second"), /Bild 3, .*Warteschlange/);
  assert.equal(recognised("de", "lid: the threshold is a probability, 0...1, not 7.0"), "lid: Die Schwelle ist eine Wahrscheinlichkeit, 0 bis 1, nicht 7.0.");
});

test("what has no form is headed by its status and not lost", () => {
  const text = "PNG is truncated at byte 8,192 of 50,229; copy it again";
  assert.equal(refusal("de", 422, text), `Das Bild ist beschädigt. (${text})`);
  assert.equal(refusal("zh", 418, text), `检测站拒绝了此请求（418）。 (${text})`);
  assert.equal(refusal("en", 422, text), text);
  assert.equal(refusal("en", 422, ""), "The picture is damaged.");
  assert.equal(translated("de", "something new"), "something new");
});

test("changes of a threshold", () => {
  assert.equal(changeText("de", "0.4 to 0.35"), "0.4 auf 0.35");
  assert.equal(changeText("de", "taken back: scratch: none to 0.5"), "zurückgenommen: scratch: keine auf 0.5");
  assert.equal(changeText("en", "something else"), "something else");
});

test("every figure that a bundle may have has a name, and what it was measured on", () => {
  const figures = ["Evaluation", "AnomalyEvaluation", "SegmentationEvaluation", "MultiLabelEvaluation", "RealEvaluation", "OrdinalEvaluation"];
  const names = new Set(["accuracy", "balanced accuracy", "macro F1"]);
  for (const file of figures) for (const { text, before } of texts(read(`Sources/AssayEvaluation/Figures/${file}.swift`)))
    if (/\b(metric|add|mean|Metric)\(\s*(name: )?$/.test(before)) names.add(text);
  assert.ok(names.size > 25, `only ${names.size} figures were found`);
  for (const name of names) assert.ok(keys.includes("metric." + name), `no word metric.${name}`);
  for (const key of keys.filter(key => key.startsWith("metric."))) assert.ok(names.has(key.slice(7)), `no bundle has ${key}`);
  for (const path of ["AssayMethods/Heads/TrainingSplit", "AssayMethods/FewShot/FewShotHead", "AssayEvaluation/Judges/Evaluator",
    "AssayMethods/Linear/CrossValidation", "AssayMethods/Anomaly/AnomalyTrainer"])
    for (const { text, before } of texts(read(`Sources/${path}.swift`)))
      if (/\b(basis|heldOutBasis)( =|:) ([\w.]+ \? )?("[^"]*" : )?$/.test(before)) assert.ok(keys.includes("basis." + text), `no word basis.${text}`);
});

test("every rule of a threshold has its words", () => {
  const rules = texts(piece("Sources/AssayLearning/Decision/DecisionThreshold.swift", "public var name: String", "\n  }\n")).map(found => found.text);
  assert.deepEqual(rules.sort(), ["best-f1", "max-escape", "max-overkill"]);
  for (const rule of [...rules, "operator"]) assert.ok(keys.includes("rule." + rule), rule);
});

test("a name of a later version stays as it is", () => {
  assert.equal(named("zh", "metric", "something new"), "something new");
  assert.throws(() => phrase("zh", "something new"));
});

test("the language that a browser wishes for", () => {
  assert.equal(preferred(["fr-FR", "de-AT", "en"]), "de");
  assert.equal(preferred(["zh-Hans-CN"]), "zh");
  assert.equal(preferred(["fr"]), "en");
});
