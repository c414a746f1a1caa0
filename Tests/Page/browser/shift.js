// Plays a shift: 500 parts at 4 a second, and whether every defect was on the page.
//
// usage: node Tests/Page/browser/shift.js [PARTS [A SECOND [FOLDER FOR SCREENSHOTS]]]

import { Browser } from "./chromium.js";
import { numbers, part } from "./pictures.js";
import { Report } from "./report.js";
import { Station } from "./station.js";

const [count, rate] = [Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 4)];
const report = new Report(process.argv[4] ?? null);
const station = new Station({ bundles: { lid: "classifier" } });
const browser = new Browser();

/** The same parts in every run. */
const random = numbers(20_261_130);

try {
  // A machine that does other work is no fault of the page.
  await station.start(0, ["--longest-wait", "60"]);
  await browser.open();
  await browser.screen([1366, 768], "light");
  await browser.go(station.address + "#live");
  await browser.wait("document.getElementById('tileWord').textContent === 'No parts yet'", "the page is ready");
  // What a person could have seen: serial numbers on the tile, and defects that are held, with the time of each.
  await browser.value(`window.seen = { tile: {}, held: {} };
    const now = () => performance.timeOrigin + performance.now();
    new MutationObserver(() => {
      const serial = /S-\\d+/.exec(document.getElementById("tileClass").textContent)?.[0];
      if (serial) window.seen.tile[serial] ??= now();
    }).observe(document.getElementById("tile"), { childList: true, subtree: true, characterData: true });
    new MutationObserver(() => { for (const node of document.querySelectorAll("#heldQueue li")) window.seen.held[node.dataset.key] ??= now(); })
      .observe(document.getElementById("heldQueue"), { childList: true });`);
  const bad = new Map(), all = [], sending = [];
  const begin = Date.now();
  for (let index = 0; index < count; index++) {
    const due = begin + 1000 * index / rate;
    await new Promise(done => setTimeout(done, Math.max(0, due - Date.now())));
    const serial = `S-${1000 + index}`, picture = part(random() < 0.08, index, [256, 192]);
    sending.push(station.inspect("lid", picture, serial).then(answer => {
      all.push({ serial, at: Date.now() });
      if (answer.verdict === "defect") bad.set(String(answer.id), serial);
    }).catch(error => report.say(serial, [error.message])));
    if (index === Math.floor(count / 2)) await report.shot(browser, "shift");
  }
  await Promise.all(sending);
  const seconds = (Date.now() - begin) / 1000;
  await browser.wait(`document.getElementById("countGood").textContent !== "–" && Number(document.getElementById("countDefect").textContent) === ${bad.size}`, "the day's count");
  const seen = await browser.value("window.seen");
  const lost = [...bad].filter(([id]) => !(id in seen.held)).map(([, serial]) => serial);
  const unshown = [...bad.values()].filter(serial => !(serial in seen.tile));
  const shown = all.filter(({ serial }) => serial in seen.tile);
  const delays = all.filter(({ serial }) => serial in seen.tile).map(({ serial, at }) => seen.tile[serial] - at).sort((a, b) => a - b);
  console.log(`${count} parts in ${seconds.toFixed(0)} s (${(count / seconds).toFixed(2)} a second), ${bad.size} of them defects`);
  console.log(`on the tile: ${shown.length} of ${count} parts, ${bad.size - unshown.length} of ${bad.size} defects; median ${delays[delays.length >> 1].toFixed(0)} ms after the answer, slowest ${delays.at(-1).toFixed(0)} ms`);
  report.is(lost.length === 0, `held until seen: ${bad.size - lost.length} of ${bad.size} defects`, lost.join(" "));
  report.is(unshown.length === 0, `every defect was on the tile`, unshown.join(" "));
  report.is(await browser.value(`document.getElementById("acknowledge").textContent.includes("(${bad.size})")`), "their number is said");
  await report.shot(browser, "shift-end");
  // A person goes through them, one by one.
  const looked = new Set();
  for (let index = 0; index < bad.size; index++) {
    looked.add(await browser.value("/S-\\d+/.exec(document.querySelector('.look figcaption').textContent)?.[0]"));
    await browser.value("document.getElementById('acknowledge').click()");
  }
  report.is([...bad.values()].every(serial => looked.has(serial)), `each of ${bad.size} comes into sight, one after the other`, [...looked].join(" "));
  report.is(await browser.value("document.getElementById('heldTools').hidden"), "and none is left");
  report.say("the console", browser.takeErrors());
} catch (error) {
  report.say("the shift", [error.stack]);
  await report.shot(browser, "shift-failed").catch(() => null);
} finally {
  await browser.close();
  await station.close();
}
process.exit(report.end());
