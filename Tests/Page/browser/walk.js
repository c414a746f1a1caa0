// Walks every view of the page, as an operator and as a shift leader, in all languages, on four screens, light and dark.
//
// usage: node Tests/Page/browser/walk.js [FOLDER FOR SCREENSHOTS]
// ASSAY names the program, CHROMIUM the browser.

import { writeFileSync } from "node:fs";
import { table } from "../../../Sources/AssayHTTP/Page/Files/words.js";
import { contrast, foreign, overflow, unnamed } from "./checks.js";
import { Browser } from "./chromium.js";
import { part } from "./pictures.js";
import { Report } from "./report.js";
import { Station, longName } from "./station.js";

const screens = { wall: [1920, 1080], desk: [1366, 768], tablet: [820, 1180], phone: [390, 844] };
const schemes = ["light", "dark"];
const languages = ["en", "zh", "de"];
const views = ["live", "try", "history", "review", "model", "drift"];
/** What may be seen in any language: names, and what is typed as it is. */
const names = ["Assay", "Deutsch", "English", "PatchCore", "Dice", "tiny", "Apache", "adapted", ...longName.split("-")].join(" ");

const report = new Report(process.argv[2] ?? null);
const station = new Station({ token: "0123456789abcdef0123456789abcdef", bundles: {
  "lid": "classifier", "long-name-of-a-bundle-for-the-left-housing-of-line-seven": "classifier", "mold": "anomaly", "new": "anomaly-without-threshold",
  "gauge": "tasks", "labels": "multi-label", "meter": "measurement", "sorter": "classifier-without-good",
} });
const long = "long-name-of-a-bundle-for-the-left-housing-of-line-seven";
const browser = new Browser();

const call = (check, ...values) => browser.value(`(${check})(${values.map(value => JSON.stringify(value)).join(", ")})`);
const select = (id, value) => browser.value(`(s => { s.value = ${JSON.stringify(value)}; s.dispatchEvent(new Event("change")); })(document.getElementById(${JSON.stringify(id)}))`);
const go = async view => {
  await browser.value(`location.hash = "#${view}"`);
  await browser.wait(`document.body.dataset.tab === "${view}"`, `the view ${view}`);
};
/** Until nothing is asked or loaded any more. */
const settle = async () => {
  await browser.wait("[...document.images].every(image => image.complete || !image.offsetParent) && !document.querySelector('main[aria-busy]')", "pictures");
  await browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 120))))");
};

async function send(name, count, size) {
  for (let index = 0; index < count; index++)
    await station.inspect(name, part(index % 5 === 3, index, size), `${name.slice(0, 3).toUpperCase()}-${String(1000 + index)}`);
}

/** Everything that is looked at on a view. */
async function look(what, language, known, isDead = false) {
  await settle();
  report.say(`${what}: nothing is wider or higher than the screen`, await call(overflow));
  report.say(`${what}: contrast`, await call(contrast));
  if (language !== "en") {
    const same = Object.keys(table.en).filter(key => table.en[key] !== table[language][key]).map(key => table.en[key]).filter(text => /[A-Za-z]{3}/.test(text));
    report.say(`${what}: no English`, await call(foreign, same, known, ["good"], language === "zh"));
  }
  report.say(`${what}: every control has a name`, await call(unnamed));
  // Of a station that is gone the browser itself says that it is gone.
  const errors = browser.takeErrors();
  report.say(`${what}: the console`, isDead ? errors.filter(error => !/net::ERR_/.test(error)) : errors);
}

async function signIn() {
  await browser.wait("document.getElementById('login').open", "the station asks for its token");
  const enter = token => browser.value(`document.getElementById("token").value = ${JSON.stringify(token)}; document.getElementById("loginForm").requestSubmit()`);
  await enter("wrong");
  await browser.wait("!document.getElementById('loginWrong').hidden", "a wrong token is said");
  await enter(station.token);
  await browser.wait("!document.getElementById('login').open", "the right token opens the page");
  await browser.wait("document.querySelectorAll('#bundle option').length > 1", "the bundles");
  // The browser's own note of the 401.
  browser.takeErrors();
}

/** The state in which every combination is looked at. */
async function walk(known) {
  for (const [screen, size] of Object.entries(screens)) for (const scheme of schemes) {
    await browser.screen(size, scheme);
    for (const language of languages) {
      await select("language", language);
      for (const view of views) {
        // Uncertain parts are of another bundle.
        if (view === "review") await select("bundle", "new");
        await go(view);
        if (view === "review") await browser.wait("!document.getElementById('reviewPart').hidden", "a part to review");
        if (view === "live") await browser.wait("document.querySelectorAll('#strip li').length > 5 && document.querySelector('#lookPicture img')", "parts on Live");
        if (view === "history") await browser.wait("document.querySelectorAll('#rows tr').length > 5", "parts in History");
        if (view === "model") await browser.wait("document.getElementById('facts').children.length > 6", "facts");
        if (view === "drift") await browser.wait("document.querySelector('#driftBundles tr')", "drift of all bundles");
        await look(`${view}, ${language}, ${screen}, ${scheme}`, language, known);
        report.is(await browser.value("scrollY === 0"), `${view}, ${language}, ${screen}, ${scheme}: the header is in sight`);
        await report.shot(browser, `${view}-${screen}-${scheme}-${language}`);
        if (view === "review") await select("bundle", long);
      }
    }
  }
}

/** Bundles of every kind: what Live, Try, Model and Drift show of them. */
async function kinds(known) {
  for (const [screen, size] of [["desk", screens.desk], ["phone", screens.phone]]) {
    await browser.screen(size, "light");
    for (const { name } of (await station.get("v1/models")).models) for (const language of ["de", "zh"]) {
      await select("language", language);
      await select("bundle", name);
      for (const view of ["live", "model", "drift"]) {
        await go(view);
        if (view === "live") await browser.wait("document.querySelectorAll('#strip li').length > 1", `parts of ${name}`);
        await look(`${name}: ${view}, ${language}, ${screen}`, language, known);
        if (screen === "desk" && language === "de") await report.shot(browser, `kind-${name.slice(0, 8)}-${view}`);
      }
    }
  }
  await select("language", "en");
}

async function operator() {
  await browser.screen(screens.wall, "light");
  await select("bundle", "lid");
  await select("language", "en");
  await go("live");
  // A defect stays until somebody has seen it.
  await browser.value("document.getElementById('acknowledgeAll').hidden || (document.getElementById('acknowledgeAll').click(), document.getElementById('sureYes').click())");
  await browser.value("document.getElementById('acknowledge').offsetParent && document.getElementById('acknowledge').click()");
  await browser.wait("document.getElementById('heldTools').hidden", "nothing is held");
  await station.inspect("lid", part(true, 71), "HELD-1");
  await browser.wait("/DEFECT/.test(document.getElementById('tileWord').textContent)", "the tile says DEFECT", 5);
  report.ok("a defect is on the page at once");
  report.is(await browser.value("/^1\\.00 of 0\\.50$/.test(document.querySelector('#tileScore .bar-text').textContent)"), "the score stands beside its threshold",
    await browser.value("document.getElementById('tileScore').textContent"));
  for (let index = 0; index < 3; index++) await station.inspect("lid", part(false, 72 + index), `AFTER-${index}`);
  await browser.wait("/GOOD/.test(document.getElementById('tileWord').textContent)", "the tile goes on to the next part", 5);
  report.is(await browser.value("document.querySelector('.look figcaption').textContent.includes('HELD-1')"), "the defect is held beside it");
  report.is(/^\d\d:\d\d:\d\d · \d+ s ago$/.test(await browser.value("document.getElementById('tileWhen').textContent")), "time and age on the tile");
  await station.inspect("lid", part(true, 76), "HELD-2");
  await browser.wait("document.querySelectorAll('#heldQueue li').length === 2", "two wait", 5);
  await go("review");
  report.is(await browser.value("document.getElementById('heldBadge').textContent === '2'"), "their number is in sight on other views");
  await browser.go(station.address + "#live");
  await browser.send("Page.reload");
  await browser.wait("document.querySelectorAll('#heldQueue li').length === 2", "a reload of the page keeps them");
  report.ok("a reload of the page keeps them");
  browser.takeErrors();
  await browser.value("document.getElementById('acknowledge').click()");
  await browser.wait("document.querySelector('.look figcaption').textContent.includes('HELD-1')", "the one before comes back into sight", 5);
  await browser.value("document.getElementById('acknowledge').click()");
  await browser.wait("document.getElementById('heldTools').hidden", "all are seen", 5);
  report.ok("each is gone only when it was seen");

  // Try
  await go("try");
  const { root } = await browser.send("DOM.getDocument");
  const { nodeId } = await browser.send("DOM.querySelector", { nodeId: root.nodeId, selector: "#file" });
  const [good, broken] = [`${station.folder}/portrait.png`, `${station.folder}/broken.png`];
  writeFileSync(good, part(true, 3, [128, 384]));
  writeFileSync(broken, part(true, 3).subarray(0, 200));
  await browser.send("DOM.setFileInputFiles", { nodeId, files: [good, broken] });
  await browser.wait("document.querySelectorAll('#tried article').length === 2 && document.querySelector('#tried [role=alert]') && document.querySelector('#tried dl')", "both pictures are answered");
  report.ok("a picture that is tried is answered, a broken one is named");
  browser.takeErrors();
  for (const [screen, size] of Object.entries(screens)) {
    await browser.screen(size, "light");
    await look(`try with answers, ${screen}`, "en", names);
  }
  await report.shot(browser, "try-answered");

  // History
  await browser.screen(screens.desk, "light");
  await go("history");
  const search = fields => browser.value(`(() => { const f = document.getElementById("filter"); for (const [name, value] of Object.entries(${JSON.stringify(fields)})) f.elements[name].value = value; f.requestSubmit(); })()`);
  await search({ serial: "HELD-", model: "lid" });
  await browser.wait("document.querySelectorAll('#rows tr').length === 2", "History finds serial numbers");
  const total = await browser.value("document.getElementById('total').textContent");
  report.is(total === "2 parts", "History says how many there are in all", total);
  await search({ serial: "", model: "", span: "today" });
  await browser.wait("new Set([...document.querySelectorAll('#rows .of-bundle')].map(cell => cell.textContent)).size > 1", "History shows all bundles");
  report.ok("History shows all bundles");
  await search({ verdict: "unjudged", model: "" });
  await browser.wait("document.querySelectorAll('#rows tr').length > 0 && [...document.querySelectorAll('#rows .of-verdict')].every(cell => /unjudged/.test(cell.textContent))", "unjudged parts");
  await search({ verdict: "error" });
  await browser.wait("!document.getElementById('none').hidden", "no part is without verdict");
  report.ok("History looks for unjudged parts and for errors");
  const link = await browser.value("document.getElementById('csv').getAttribute('href')");
  await search({ verdict: "", serial: "HELD-", model: "lid" });
  await browser.wait(`document.getElementById('csv').getAttribute('href') !== ${JSON.stringify(link)}`, "the link of the table follows the filter");
  const rows = await browser.value("fetch(document.getElementById('csv').href).then(answer => answer.text()).then(text => text.trim().split('\\n').length)");
  report.is(rows === 3, "the table as CSV has the same parts", `${rows} lines`);
  await browser.wait("document.querySelectorAll('#rows button').length === 2", "the two parts are listed again");
  await browser.value("document.querySelector('#rows button').click()");
  await browser.wait("document.getElementById('detail').open", "a part's details");
  for (const [screen, size] of Object.entries(screens)) {
    await browser.screen(size, "dark");
    await look(`details, ${screen}`, "en", names);
    await report.shot(browser, `detail-${screen}`);
  }
  await browser.value("document.getElementById('detail').close()");

  // Review
  await browser.screen(screens.phone, "light");
  await select("bundle", "new");
  await go("review");
  await browser.wait("!document.getElementById('reviewPart').hidden", "Review shows an uncertain part");
  report.is(await browser.value("document.querySelector('.review-answers').getBoundingClientRect().bottom < document.getElementById('reviewPicture').getBoundingClientRect().top + 1"),
    "on a phone the answers are above the picture");
  report.is(await browser.value("document.getElementById('reviewButtons').getBoundingClientRect().bottom < innerHeight"), "and in sight");
  await browser.screen(screens.desk, "light");
  await browser.key("g");
  await browser.wait("document.getElementById('reviewText').textContent.startsWith('2 /')", "G marks a part good, the next comes");
  await browser.key("d");
  await browser.wait("document.getElementById('reviewText').textContent.startsWith('3 /')", "D marks a part defective");
  const corrected = await station.get("v1/records?review=corrected&model=new");
  report.is(corrected.records.length === 2, "both corrections are on record");
  report.say("the operator's round: the console", browser.takeErrors());
}

async function leader() {
  await browser.screen(screens.desk, "light");
  await select("language", "en");
  await select("bundle", "lid");
  await go("model");
  await browser.wait("!document.getElementById('thresholdForm').hidden", "the threshold's slider");
  await settle();
  const slide = value => browser.value(`(s => { s.value = ${value}; s.dispatchEvent(new Event("input")); })(document.getElementById("threshold"))`);
  await slide(900);
  const text = await browser.value("document.getElementById('thresholdText').textContent");
  report.is(/^On .*: \d+ of \d+ bad parts would pass, \d+ of \d+ good parts would be rejected\.$/.test(text), "the slider tells escapes and overkill", text);
  const agree = async () => {
    await browser.wait("document.getElementById('sure').open", "it is asked whether that is meant");
    await browser.value("document.getElementById('sureYes').click()");
  };
  await browser.value("document.getElementById('apply').click()");
  await agree();
  await browser.wait("document.getElementById('facts').textContent.includes('0.90: set by hand')", "the threshold is set");
  await browser.wait("!document.getElementById('changesPart').hidden && /0\\.5 to 0\\.9/.test(document.getElementById('changes').textContent)", "the change is listed");
  await report.shot(browser, "model-changed");
  await browser.value("document.getElementById('undo').click()");
  await agree();
  await browser.wait("document.getElementById('facts').textContent.includes('0.50: ')", "the change is taken back");
  report.ok("a threshold is set, listed and taken back");
  await select("bundle", "mold");
  await browser.wait("/\\d of \\d+ bad parts/.test(document.getElementById('thresholdText').textContent)", "an anomaly bundle that was tested with defects says how many would pass");
  report.ok("an anomaly bundle that was tested with defects says how many would pass");
  await select("bundle", "new");
  await browser.wait("/has no threshold yet: move/.test(document.getElementById('noThreshold').textContent) && !document.getElementById('thresholdForm').hidden", "where no threshold is yet, one can be set");
  await select("bundle", "meter");
  await browser.wait("/states values/.test(document.getElementById('noThreshold').textContent)", "a measuring bundle says why it has none");
  await select("bundle", "sorter");
  await browser.wait("/name the good class/.test(document.getElementById('noThreshold').textContent)", "a sorting bundle says why it has none");
  await select("bundle", "labels");
  await browser.wait("document.querySelectorAll('#labelThresholds form').length > 1", "each class has its own");
  report.ok("every kind says where its threshold is, or why it has none");
  await settle();
  report.is(await browser.value("document.getElementById('retrain').disabled"), "what cannot be retrained has no button for it");
  await select("bundle", "lid");
  report.say("the shift leader's round: the console", browser.takeErrors());
}

/** A page that nobody operates. */
async function kiosk() {
  await browser.send("Emulation.setEmulatedMedia", { media: "", features: [{ name: "prefers-color-scheme", value: "dark" }] });
  for (const [screen, size] of [["wall", screens.wall], ["tablet", screens.tablet]]) {
    await browser.screen(size, "dark");
    await browser.go(station.address + "?kiosk&bundle=lid&language=de");
    await browser.wait("/GUT|DEFEKT/.test(document.getElementById('tileWord').textContent)", "a verdict on the wall");
    await look(`kiosk, ${screen}`, "de", names);
    report.is(await browser.value("document.querySelector('header').offsetParent === null && [...document.querySelectorAll('button')].every(node => !node.offsetParent)"), `kiosk, ${screen}: no header, nothing to press`);
    report.is(await browser.value("document.getElementById('view-live').getBoundingClientRect().width > innerWidth - 64"), `kiosk, ${screen}: the whole width`);
    await report.shot(browser, `kiosk-${screen}`);
  }
}

async function paper() {
  await browser.go(station.address + "#model");
  await browser.wait("document.getElementById('facts').children.length > 6", "the model");
  const { data } = await browser.send("Page.printToPDF", { preferCSSPageSize: true, paperWidth: 8.27, paperHeight: 11.69 });
  report.is(Buffer.from(data, "base64").length > 5000, "the model prints");
  await browser.send("Emulation.setEmulatedMedia", { media: "print" });
  await browser.screen([794, 1123], "light");
  await browser.send("Emulation.setEmulatedMedia", { media: "print" });
  report.is(await browser.value("getComputedStyle(document.querySelector('header')).display === 'none'"), "paper has no header");
  report.say("paper: nothing is wider", await call(overflow));
  await report.shot(browser, "print-model");
  await browser.send("Emulation.setEmulatedMedia", { media: "" });
}

/** What must never mislead: a dead station, a bundle that fails, none at all. */
async function outages() {
  for (const [screen, size] of Object.entries(screens)) {
    await browser.screen(size, "light");
    await browser.go(station.address + "#live");
    await browser.wait("/GOOD|DEFECT/.test(document.getElementById('tileWord').textContent)", "a verdict");
    await station.stop("SIGKILL");
    const begin = Date.now();
    await browser.wait("document.getElementById('tile').classList.contains('is-lost')", "the tile turns gray", 8);
    const took = (Date.now() - begin) / 1000;
    const [word, since] = [await browser.value("document.getElementById('tileWord').textContent"), await browser.value("document.getElementById('tileClass').textContent")];
    report.is(took > 2 && took < 5.5 && word === "NO CONNECTION" && /^no connection since \d\d:\d\d$/.test(since),
      `${screen}: ${took.toFixed(1)} s after the station's end the whole tile says so`, `${took} ${word} ${since}`);
    report.is(await browser.value("!/GOOD|DEFECT/.test(document.getElementById('tile').textContent)"), `${screen}: no verdict is left on it`);
    browser.takeErrors();
    await look(`dead station, ${screen}`, "en", names, true);
    await report.shot(browser, `dead-${screen}`);
    await station.start();
    await browser.wait("/GOOD|DEFECT/.test(document.getElementById('tileWord').textContent)", "the page goes on after a restart", 15);
    report.ok(`${screen}: the page goes on after a restart`);
    browser.takeErrors();
  }
  // A bundle that is spoilt while it is served: the one before goes on, and that is said.
  await browser.screen(screens.desk, "light");
  station.spoil("lid");
  await browser.wait("/was not loaded, the one before goes on/.test(document.getElementById('notice').textContent)", "the bundle on disk is bad", 20);
  report.ok("a bundle that is spoilt on disk: the one before goes on, and that is said");
  await report.shot(browser, "bundle-spoilt");
  await station.stop();
  await station.start().catch(() => null);
  await browser.send("Page.reload");
  await browser.wait("document.getElementById('tileWord').textContent === 'NOT LOADED'", "a bundle that is not loaded clears the view", 20);
  report.is(await browser.value("!document.querySelector('#lookPicture img') && document.querySelectorAll('#strip li').length === 0"), "a bundle that is not loaded clears the view");
  browser.takeErrors();
  await look("bundle not loaded", "en", names);
  await report.shot(browser, "bundle-not-loaded");
  for (const { name } of (await station.get("v1/models")).models) station.remove(name);
  await browser.wait("!document.getElementById('view-nothing').hidden", "no bundle at all", 20);
  for (const [screen, size] of Object.entries(screens)) {
    await browser.screen(size, "light");
    await look(`no bundle, ${screen}`, "en", names);
    await report.shot(browser, `no-bundle-${screen}`);
  }
  await browser.value("location.hash = '#model'");
  await settle();
  report.is(await browser.value("[...document.querySelectorAll('main button, main input')].every(node => !node.offsetParent || node.disabled)"), "without a bundle no button can be pressed");
  station.put("lid", "classifier");
  await browser.wait("document.getElementById('view-nothing').hidden", "the first bundle is taken up", 20);
  report.ok("without a bundle the page says what to do, and goes on when one comes");
}

try {
  await station.start();
  await send("lid", 24);
  await send(long, 12, [192, 448]);
  for (const name of ["mold", "new", "gauge", "labels", "meter", "sorter"]) await send(name, 6);
  await browser.open();
  await browser.screen(screens.desk, "light");
  await browser.go(station.address + "#live");
  await signIn();
  const known = names + JSON.stringify(await station.get("v1/models")) + JSON.stringify(await station.get("v1/records?limit=500"));
  await select("bundle", long);
  await browser.wait("document.querySelectorAll('#strip li').length > 5", "parts of the bundle with long names");
  await browser.wait("!/Connecting/.test(document.getElementById('tileWord').textContent)", "the station's events");
  // Two defects wait, of portrait photographs with a long class name.
  for (const index of [3, 8]) await station.inspect(long, part(true, 90 + index, [192, 448]), `LON-2${index}`);
  await browser.wait("document.querySelectorAll('#heldQueue li').length === 2", "two defects wait");
  await walk(known);
  await kinds(known);
  await operator();
  await leader();
  await kiosk();
  await paper();
  await outages();
} catch (error) {
  report.say("the walk", [error.stack]);
  await report.shot(browser, "failed").catch(() => null);
} finally {
  await browser.close();
  await station.close();
}
process.exit(report.end());
