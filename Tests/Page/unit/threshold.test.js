import assert from "node:assert/strict";
import { test } from "node:test";
import { outcome, shares, sliderTop } from "../../../Sources/AssayHTTP/Page/Files/threshold.js";

const validation = { scores: [0.1, 0.4, 0.5, 0.5, 0.9, 0.2], isDefect: [false, false, false, true, true, true] };

test("a part is defective from the threshold on", () => {
  assert.deepEqual(outcome(validation, 0.5), { escapes: 1, defects: 3, overkills: 1, goods: 3 });
  assert.deepEqual(outcome(validation, 0), { escapes: 0, defects: 3, overkills: 3, goods: 3 });
  assert.deepEqual(outcome(validation, 2), { escapes: 3, defects: 3, overkills: 0, goods: 3 });
});

test("a score that is no number never passes", () => {
  assert.deepEqual(outcome({ scores: [NaN, NaN], isDefect: [true, false] }, 0.5), { escapes: 0, defects: 1, overkills: 1, goods: 1 });
});

test("shares add up to one, outermost steps take what lies beyond", () => {
  assert.deepEqual(shares([-1, 0.1, 0.6, 9], [0, 0.5, 1]), [0.5, 0.5]);
  assert.deepEqual(shares([], [0, 0.5, 1]), [0, 0]);
  assert.deepEqual(shares([NaN, 0.1], [0, 0.5, 1]), [1, 0]);
});

test("the slider reaches all scores, and a bundle without any still has one", () => {
  assert.equal(sliderTop(validation, 0.5, "probability"), 1);
  assert.equal(sliderTop({ scores: [1, 7] }, 2, "score"), 7);
  assert.equal(sliderTop({ scores: [1] }, 10, "score"), 12);
  assert.equal(sliderTop({ scores: [] }, null, "score"), 1);
});
