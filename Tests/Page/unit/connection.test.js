import assert from "node:assert/strict";
import { test } from "node:test";
import { EventReader } from "../../../Sources/AssayHTTP/Page/Files/events.js";
import { Watchdog } from "../../../Sources/AssayHTTP/Page/Files/watchdog.js";

test("three seconds without a word: the station is gone", () => {
  const watchdog = new Watchdog();
  watchdog.begin(0);
  watchdog.contact(1000);
  assert.equal(watchdog.isLost(4000), false);
  assert.equal(watchdog.isLost(4001), true);
  watchdog.contact(9000);
  assert.equal(watchdog.isLost(9001), false);
});

test("a station that never spoke is gone after three seconds too", () => {
  const watchdog = new Watchdog();
  watchdog.begin(500);
  watchdog.begin(2500);
  assert.equal(watchdog.isLost(3400), false);
  assert.equal(watchdog.isLost(3501), true);
});

test("events, whole and in pieces, by the rules of WHATWG", () => {
  const text = "retry: 1000\nevent: hello\ndata: {\"a\":1}\n\n: alive\n\nid: x-1\nevent: part\ndata: one\ndata:two\n\n";
  const wanted = [{ event: "hello", data: "{\"a\":1}", id: null }, { event: "part", data: "one\ntwo", id: "x-1" }];
  assert.deepEqual(new EventReader().push(text), wanted);
  for (let size = 1; size < 9; size++) {
    const reader = new EventReader(), found = [];
    for (let at = 0; at < text.length; at += size) found.push(...reader.push(text.slice(at, at + size)));
    assert.deepEqual(found, wanted, `pieces of ${size}`);
    assert.equal(reader.lastId, "x-1");
  }
});

test("line ends of every kind, an event without data is none, the id stays", () => {
  const reader = new EventReader();
  assert.deepEqual(reader.push("id: 7\r\ndata: a\r\n\r\nevent: nothing\n\ndata: b\n\n"),
    [{ event: "message", data: "a", id: "7" }, { event: "message", data: "b", id: "7" }]);
  assert.deepEqual(reader.push("data: half"), []);
  assert.deepEqual(reader.push("\n\n"), [{ event: "message", data: "half", id: "7" }]);
});
