import assert from "node:assert/strict";
import { test } from "node:test";
import { Board, mostHeld } from "../../../Sources/AssayHTTP/Page/Files/board.js";

const part = (id, verdict = "good", more = {}) => ({ id, time: id, verdict, class: verdict === "good" ? "good" : "dent", ...more });

test("the latest is shown, every defect is held until it was seen", () => {
  const board = new Board();
  board.take(part(1));
  board.take(part(2, "defect"));
  board.take(part(3));
  assert.equal(board.latest.id, 3);
  assert.equal(board.shown.id, 2);
  board.take(part(4, "defect"));
  assert.equal(board.shown.id, 4, "the last one");
  assert.equal(board.heldCount, 2);
  board.acknowledge();
  assert.equal(board.shown.id, 2, "the one before is not lost");
  board.acknowledge();
  assert.equal(board.shown, null);
  assert.equal(board.latest.id, 4);
});

test("500 parts at once: none is lost", () => {
  const board = new Board();
  const bad = new Set();
  for (let id = 1; id <= 500; id++) {
    if (id % 7 === 0) bad.add(id);
    board.take(part(id, id % 7 === 0 ? "defect" : "good"));
  }
  assert.equal(board.heldCount, bad.size);
  const seen = new Set();
  while (board.shown) {
    seen.add(board.shown.id);
    board.acknowledge();
  }
  assert.deepEqual([...seen].sort((a, b) => a - b), [...bad]);
});

test("more defects than are kept are counted", () => {
  const board = new Board();
  for (let id = 1; id <= mostHeld + 20; id++) board.take(part(id, "defect"));
  assert.equal(board.held.length, mostHeld);
  assert.equal(board.beyond, 20);
  assert.equal(board.heldCount, mostHeld + 20);
  board.acknowledgeAll();
  assert.equal(board.heldCount, 0);
});

test("a part without a verdict is held, a trial is not even shown", () => {
  const board = new Board();
  board.take(part(1, "error", { class: undefined }));
  assert.equal(board.shown.id, 1);
  assert.equal(board.shown.class, "");
  assert.equal(board.take(part(2, "defect", { isTrial: true })), false);
  assert.equal(board.latest.id, 1);
});

test("told twice, counted once, also after it was seen", () => {
  const board = new Board();
  assert.equal(board.take(part(5, "defect")), true);
  assert.equal(board.take(part(5, "defect")), false);
  board.acknowledge();
  assert.equal(board.take(part(5, "defect")), false);
  assert.equal(board.heldCount, 0);
});

test("what is told late does not take the latest's place, and is held all the same", () => {
  const board = new Board();
  board.take(part(9));
  board.take(part(7, "defect"));
  assert.equal(board.latest.id, 9);
  assert.deepEqual(board.strip.map(item => item.id), [9, 7]);
  assert.equal(board.shown.id, 7);
});

test("what was there before the page was first opened is not held", () => {
  const board = new Board();
  board.take(part(3, "defect"), false);
  assert.equal(board.heldCount, 0);
  assert.equal(board.latest.id, 3);
});

test("without a record parts have no number, and are all held", () => {
  const board = new Board();
  for (let count = 0; count < 3; count++) board.take({ time: count, verdict: "defect", class: "dent" });
  assert.equal(board.heldCount, 3);
  board.acknowledge();
  assert.equal(board.heldCount, 2);
});

test("a person's choice stays while others come", () => {
  const board = new Board();
  board.take(part(1, "defect"));
  board.take(part(2, "defect"));
  board.choose("1");
  board.take(part(3, "defect"));
  assert.equal(board.shown.id, 1);
  board.acknowledge();
  assert.equal(board.shown.id, 3);
});

test("a reload of the page loses none", () => {
  const board = new Board();
  for (let id = 1; id <= 5; id++) board.take(part(id, id === 2 || id === 4 ? "defect" : "good"));
  const again = new Board();
  again.restore(JSON.parse(JSON.stringify(board.saved())));
  assert.deepEqual(again.held.map(item => item.id), [2, 4]);
  assert.equal(again.seen, 5);
  again.take(part(5), false);
  assert.equal(again.latest.id, 5, "what was seen before is shown again");
  again.take(part(4, "defect"));
  assert.equal(again.heldCount, 2, "what is told again is known");
});

test("what something else wrote is passed over", () => {
  const board = new Board();
  for (const saved of [null, {}, { held: "x" }, { held: [null, { id: 1 }] }]) board.restore(saved);
  assert.equal(board.heldCount, 0);
});

test("another bundle: nothing stays", () => {
  const board = new Board();
  board.take(part(1, "defect"));
  board.clear();
  assert.equal(board.latest, null);
  assert.equal(board.heldCount, 0);
  assert.equal(board.strip.length, 0);
});

test("a defect that was read from the record a moment before it was told is held, once", () => {
  const board = new Board();
  board.take(part(8, "defect"), false);
  assert.equal(board.heldCount, 0);
  assert.equal(board.take(part(8, "defect")), true);
  assert.equal(board.heldCount, 1);
  board.acknowledge();
  assert.equal(board.take(part(8, "defect")), false);
  assert.equal(board.heldCount, 0);
  assert.deepEqual(board.strip.map(item => item.id), [8]);
});
