import assert from "node:assert/strict";
import { test } from "node:test";
import { age, barShare, figure, letters, lineUp, score, scorePair, seconds, visible } from "../../../Sources/AssayHTTP/Page/Files/format.js";

test("what is not seen is shown", () => {
  assert.equal(visible("a\u202Eb\n"), "a\\u{202E}b\\u{A}");
  assert.equal(visible(null), "");
  assert.equal(visible("划痕 é"), "划痕 é");
});

test("numbers have their digits, and a dash where there is none", () => {
  assert.equal(figure(0.123456, 3), "0.123");
  assert.equal(figure(1234.6, 3), "1235");
  assert.equal(figure(0), "0");
  assert.equal(figure(null), "–");
  assert.equal(figure(NaN), "–");
  assert.equal(figure(Infinity), "∞");
  assert.equal(figure(1e-23, 3), "1.00e-23");
  assert.equal(figure(0.123456, 3, "de-DE"), "0,123");
  assert.equal(figure(1234567, 9, "de-DE"), "1.234.567");
});

test("a score is a number beside its threshold, and never rounded onto it", () => {
  assert.equal(score(0.2061), "0.21");
  assert.equal(score(0.2061, "de-DE"), "0,21");
  assert.deepEqual(scorePair(0.2061, 0.5), ["0.21", "0.50"]);
  assert.deepEqual(scorePair(0.4996, 0.5), ["0.4996", "0.5000"]);
  assert.deepEqual(scorePair(0.5, 0.5), ["0.50", "0.50"]);
  assert.equal(score(0.0002), "0.0002");
});

test("the threshold is the middle of the bar, for scores without an upper bound too", () => {
  assert.equal(barShare(0.25, 0.5), 0.25);
  assert.equal(barShare(0.5, 0.5), 0.5);
  assert.equal(barShare(1, 0.5), 0.75);
  assert.ok(barShare(1e9, 0.5) <= 1);
  assert.equal(barShare(0, 0.5), 0);
  assert.equal(barShare(0.1, 0), 1);
  assert.equal(barShare(NaN, 0.5), 0);
});

test("times in both forms of the station", () => {
  assert.equal(seconds("1970-01-01T00:01:00Z"), 60);
  assert.equal(seconds(60.5), 60.5);
  assert.equal(seconds("yesterday"), null);
  assert.equal(seconds(undefined), null);
});

test("how long ago", () => {
  assert.deepEqual(age(0.4), [0, "ageSeconds"]);
  assert.deepEqual(age(-5), [0, "ageSeconds"]);
  assert.deepEqual(age(119), [119, "ageSeconds"]);
  assert.deepEqual(age(120), [2, "ageMinutes"]);
  assert.deepEqual(age(7200), [2, "ageHours"]);
  assert.deepEqual(age(200_000), [2, "ageDays"]);
});

test("Chinese letters are wider", () => {
  assert.equal(letters("GOOD"), 4);
  assert.equal(letters("合格"), 3.4);
});

test("large texts are set in lines", () => {
  assert.deepEqual(lineUp("✔ GOOD"), [6, 1]);
  assert.deepEqual(lineUp("NO CONNECTION"), [10, 2]);
  assert.deepEqual(lineUp("x"), [4, 1]);
  assert.deepEqual(lineUp("a".repeat(60)), [22, 3]);
});
