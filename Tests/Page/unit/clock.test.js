import assert from "node:assert/strict";
import { test } from "node:test";
import { StationClock } from "../../../Sources/AssayHTTP/Page/Files/clock.js";
import { isBackwards, recordQuery, spans } from "../../../Sources/AssayHTTP/Page/Files/ranges.js";

// 30 November 2026, 23:30 in London is 1 December, 07:30 in Shanghai.
const evening = Date.UTC(2026, 10, 30, 23, 30) / 1000;

test("the day is the station's, wherever the browser is", () => {
  const shanghai = new StationClock({ zone: "Asia/Shanghai" }), london = new StationClock({ zone: "Europe/London" });
  assert.equal(shanghai.day(evening), "2026-12-01");
  assert.equal(london.day(evening), "2026-11-30");
  assert.equal(shanghai.midnight(evening), Date.UTC(2026, 10, 30, 16) / 1000);
  assert.equal(london.midnight(evening), Date.UTC(2026, 10, 30) / 1000);
  assert.equal(shanghai.second(evening), "07:30:00");
  assert.equal(shanghai.daysBefore(1, evening), Date.UTC(2026, 10, 29, 16) / 1000);
});

test("a zone that the browser does not know: the offset counts", () => {
  const clock = new StationClock({ zone: "Mars/Olympus", offset: 3600 * 5.5 });
  assert.equal(clock.minute(evening), "05:00");
  assert.equal(clock.seconds("2026-12-01T05:00"), evening);
});

test("days on which clocks change", () => {
  const berlin = new StationClock({ zone: "Europe/Berlin" });
  // Clocks go from 2 to 3 on 29 March 2026, and from 3 to 2 on 25 October 2026.
  assert.equal(berlin.seconds("2026-03-29T00:00"), Date.UTC(2026, 2, 28, 23) / 1000);
  assert.equal(berlin.seconds("2026-03-30T00:00"), Date.UTC(2026, 2, 29, 22) / 1000);
  assert.equal(berlin.seconds("2026-10-26T00:00"), Date.UTC(2026, 9, 25, 23) / 1000);
  assert.equal(berlin.midnight(Date.UTC(2026, 9, 25, 20) / 1000), Date.UTC(2026, 9, 24, 22) / 1000);
  for (const wall of ["2026-03-29T03:30", "2026-10-25T12:00", "2026-07-01T00:00"])
    assert.equal(berlin.wall(berlin.seconds(wall)), wall);
});

test("what is no time is none", () => {
  assert.equal(new StationClock({}).seconds("soon"), null);
  assert.equal(new StationClock({}).seconds(""), null);
});

test("the station's now", () => {
  assert.equal(new StationClock({ ahead: 90 }).now(1000_000), 1090);
});

test("days as the language writes them", () => {
  const clock = new StationClock({ zone: "UTC" });
  assert.equal(clock.text(evening, "en"), "30/11/2026 23:30:00");
  assert.equal(clock.text(evening, "de"), "30.11.2026 23:30:00");
  assert.equal(clock.text(evening, "zh"), "2026/11/30 23:30:00");
});

test("a search of hours, the minute named last included", () => {
  const clock = new StationClock({ zone: "Asia/Shanghai" });
  const form = { model: "lid", from: "2026-12-01T07:00", to: "2026-12-01T07:29", verdict: "error", class: "", serial: "A 7" };
  const query = recordQuery(form, clock);
  assert.equal(query.get("from"), String(evening - 1800));
  assert.equal(query.get("until"), String(evening));
  assert.equal(query.get("verdict"), "error");
  assert.equal(query.get("model"), "lid");
  assert.equal(query.get("serial"), "A 7");
  assert.equal(query.has("class"), false);
  assert.equal(recordQuery({ ...form, model: "", from: "", to: "" }, clock).toString(), "verdict=error&serial=A+7");
});

test("a span that ends before it begins", () => {
  assert.ok(isBackwards({ from: "2026-12-01T07:30", to: "2026-12-01T07:29" }));
  assert.ok(!isBackwards({ from: "2026-12-01T07:30", to: "" }));
});

test("spans by a word end where the next begins", () => {
  const clock = new StationClock({ zone: "Asia/Shanghai" });
  const [from, to] = spans.yesterday(clock);
  assert.equal(to, spans.today(clock)[0]);
  assert.equal(to - from, 86_400);
});
