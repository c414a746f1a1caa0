import AssayInspection
import AssayStation

/// The page's behaviour: plain JavaScript, which asks the same addresses as everybody else.
enum PageScript {
  static let js = #"""
    const $ = id => document.getElementById(id);
    let language = localStorage.language || (navigator.language.startsWith("zh") ? "zh" : "en");
    let models = [], tab = "live", shown = {}, reviewing = { list: [], at: 0, more: true };
    const word = key => words[language][key] ?? key;
    const named = verdict => word(verdict === "error" ? "noVerdict" : verdict);

    // As on terminals: what is not seen or turns the direction of writing is shown.
    const visible = text => text == null ? text : String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      hidden => "\\u{" + hidden.codePointAt(0).toString(16).toUpperCase() + "}");

    function make(tag, attributes = {}, ...children) {
      const node = tag === "svg" || attributes.svg
        ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) {
        if (name === "svg" || value == null || value === false) continue;
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value); else node.setAttribute(name, value);
      }
      node.append(...children.filter(child => child != null));
      return node;
    }

    function say(text) { $("notice").textContent = text; $("notice").hidden = !text; }

    let signingIn = null;
    function signIn() {
      signingIn ??= new Promise(resolve => {
        $("loginForm").onsubmit = async () => {
          const answer = await fetch("/v1/session", { method: "POST",
            headers: { Authorization: "Bearer " + $("token").value.trim() } }).catch(() => null);
          $("token").value = "";
          signingIn = null;
          resolve(answer?.ok);
        };
        $("login").showModal();
      });
      return signingIn;
    }

    /* Waits out a restart of the station: the page goes on where it was. */
    async function ask(path, options = {}) {
      for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
        let answer;
        try { answer = await fetch(path, options); } catch {
          say(word("lost"));
          await new Promise(done => setTimeout(done, wait));
          if (options.method === "POST") throw new Error(word("lost"));
          continue;
        }
        if (answer.status === 401) { await signIn(); continue; }
        if ($("notice").textContent === word("lost")) say("");
        if (!answer.ok) {
          const document = await answer.json().catch(() => ({}));
          throw new Error(document.error || String(answer.status));
        }
        return answer.status === 204 ? null : answer.json();
      }
    }
    const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body) });
    const attempt = work => work().catch(error => say(word("error") + error.message));

    const model = () => models.find(item => item.name === $("bundle").value) || models[0];
    const address = rest => `/v1/models/${encodeURIComponent(model().name)}/${rest}`;
    const clock = time => new Date(time * 1000).toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
    const midnight = () => new Date().setHours(0, 0, 0, 0) / 1000;
    const figure = (value, digits = 3) => value == null ? "–"
      : Math.abs(value) >= 10 ** digits || value === 0 ? String(Math.round(value)) : Number(value).toPrecision(digits);

    function translate() {
      document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
      for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
      $("tabs").setAttribute("aria-label", word("views"));
      $("language").value = language;
    }

    async function loadModels() {
      models = (await ask("/v1/models")).models;
      const chosen = $("bundle").value || localStorage.bundle;
      $("bundle").replaceChildren(...models.map(item => make("option", { value: item.name }, item.name)));
      if (models.some(item => item.name === chosen)) $("bundle").value = chosen;
      const select = $("filter").elements.class, before = select.value;
      select.replaceChildren(make("option", { value: "" }, word("any")),
        ...(model()?.classes ?? []).map(name => make("option", { value: name }, name)));
      select.value = before;
    }

    function picture(box, record, slider) {
      const key = record.id + " " + record.hasImage;
      if (box.dataset.key === key) return;
      box.dataset.key = key;
      const photo = make("img", { alt: `${named(record.verdict)} ${record.class}`,
        src: `/v1/records/${record.id}/${record.hasImage ? "image" : "thumbnail"}` });
      // Formats that the browser does not show (TIFF, 16 bits) have their thumbnail.
      photo.onerror = () => { photo.onerror = null; photo.src = `/v1/records/${record.id}/thumbnail`; };
      box.replaceChildren(photo);
      if (!record.hasHeat) return;
      const heat = make("img", { alt: "", src: `/v1/records/${record.id}/heat` });
      heat.style.opacity = slider.value / 100;
      box.append(heat);
    }

    const kind = record => record.isUncertain ? "is-unsure"
      : record.verdict === "good" ? "is-good" : record.verdict === "defect" ? "is-defect" : "";
    const mark = record => record.verdict === "good" ? "✔ " : record.verdict === "defect" ? "✖ " : "";

    /* Live */
    async function live() {
      const now = await ask(address(`live?since=${midnight()}`));
      const count = verdict => now.counts.filter(item => verdict.includes(item.verdict))
        .reduce((sum, item) => sum + item.count, 0);
      $("countGood").textContent = count(["good"]);
      $("countDefect").textContent = count(["defect"]);
      $("countOther").textContent = count(["classified", "measured", "unjudged"]);
      $("rate").textContent = Math.round(now.pace.partsPerMinute);
      $("latency").textContent = now.pace.medianMilliseconds == null ? "–"
        : `${figure(now.pace.medianMilliseconds, 2)} ${word("milliseconds")}`;
      $("waiting").textContent = now.queue;
      if (now.recording === "off") say(word("recordOff"));
      else if (now.record?.failure) say(`${now.record.lost} ${word("notRecorded")}: ${now.record.failure}`);
      else if (now.record?.indexing) say(`${word("indexing")} ${Math.floor(100 * now.record.indexing.done / now.record.indexing.total)} %`);
      else if (now.isAlarm) say(word("alarm"));
      else say(now.links.filter(link => !link.isUp || link.dropped > 0).map(link => `${link.name}: `
        + [link.isUp ? null : word("linkDown"), link.waiting ? `${link.waiting} ${word("linkWaiting")}` : null,
          link.dropped ? `${link.dropped} ${word("linkDropped")}` : null].filter(Boolean).join(", ")).join(" · "));
      const last = now.latest[0];
      if (!last) { $("verdictWord").textContent = word("noParts"); return; }
      if (shown.id === last.id && shown.language === language) return;
      shown = { id: last.id, language };
      $("verdict").className = "verdict " + kind(last);
      $("verdictWord").textContent = mark(last) + (last.verdict === "good" ? word("goodWord")
        : last.verdict === "defect" ? word("defectWord") : last.class || named(last.verdict));
      $("verdictMore").textContent = [last.class, last.serial, last.isUncertain ? word("unsure") : null,
        last.probability == null ? null : Math.round(last.probability * 100) + " %"].filter(Boolean).map(visible).join(" · ");
      picture($("livePicture"), last, $("liveHeat"));
      $("strip").replaceChildren(...now.latest.map(record => make("li", {},
        make("button", { class: record.verdict, type: "button", onclick: () => attempt(() => detail(record.id)) },
          make("img", { src: `/v1/records/${record.id}/thumbnail`, alt: "", loading: "lazy" }),
          `${mark(record)}${record.class || named(record.verdict)}`))));
    }

    /* Try */
    async function inspectFile(file) {
      const box = make("article", {}, make("p", {}, file.name + " …"));
      $("tried").prepend(box);
      try {
        const answer = await ask(`/v1/inspect/${encodeURIComponent(model().name)}?map=1&try=1`,
          { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
        const bytes = Uint8Array.from(atob(answer.map), letter => letter.charCodeAt(0));
        const source = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
        const facts = make("dl", { class: "facts" });
        const add = (name, value) => facts.append(make("dt", {}, name), make("dd", {}, visible(value)));
        add(word("verdict"), named(answer.verdict) + (answer.isUncertain ? ` (${word("unsure")})` : ""));
        add(word("class"), answer.class);
        if (answer.score != null) add(word("score"), `${figure(answer.score)} / ${figure(answer.threshold)}`);
        for (const [name, value] of Object.entries(answer.probabilities ?? {}).sort((a, b) => b[1] - a[1]).slice(0, 8))
          add(name, (value * 100).toFixed(2) + " %");
        for (const [name, task] of Object.entries(answer.tasks ?? {}))
          add(name, task.class ?? figure(task.value, 4));
        add(word("latency"), `${figure(answer.milliseconds)} ${word("milliseconds")}`);
        box.replaceChildren(make("img", { src: source, alt: `${named(answer.verdict)} ${answer.class}`,
          onload: () => URL.revokeObjectURL(source) }), make("div", {}, make("h2", {}, file.name), facts));
      } catch (error) { box.replaceChildren(make("p", { role: "alert" }, `${file.name}: ${error.message}`)); }
    }
    const inspectFiles = async files => { for (const file of files) await inspectFile(file); };

    /* History */
    function filterQuery() {
      const form = $("filter").elements, query = new URLSearchParams({ model: model().name, limit: 50 });
      if (form.day.value) {
        const start = new Date(form.day.value + "T00:00:00"), end = new Date(start);
        end.setDate(end.getDate() + 1);
        query.set("from", start / 1000);
        query.set("until", end / 1000);
      }
      for (const name of ["verdict", "class", "serial"]) if (form[name].value) query.set(name, form[name].value);
      return query;
    }
    let oldest = null;
    async function history(isMore) {
      const query = filterQuery();
      if (isMore && oldest) query.set("before", oldest);
      const { records, searchedTo, state } = await ask("/v1/records?" + query);
      if (!isMore) $("rows").replaceChildren();
      for (const record of records) $("rows").append(make("tr", {},
        make("td", {}, make("button", { type: "button", class: "thumb", "aria-label": `${word("picture")} ${record.id}`,
          onclick: () => attempt(() => detail(record.id)) },
          make("img", { src: `/v1/records/${record.id}/thumbnail`, alt: "", loading: "lazy" }))),
        ...[clock(record.time), record.serial ?? "", mark(record) + named(record.verdict) + (record.isTrial ? ` (${word("trial")})` : ""), record.class,
          record.score == null ? figure(record.probability) : figure(record.score), record.correction?.class ?? ""]
          .map(text => make("td", {}, visible(text)))));
      oldest = searchedTo ?? records.at(-1)?.id;
      $("more").hidden = records.length < 50 && !searchedTo;
      $("none").hidden = $("rows").children.length > 0 || !!searchedTo;
      say([searchedTo ? `${word("searchedTo")} ${searchedTo}` : null,
        state.unreadable ? `${state.unreadable} ${word("unreadable")}` : null].filter(Boolean).join(" · "));
    }
    async function detail(id) {
      const { record, corrections } = await ask(`/v1/records/${id}`);
      const slider = make("input", { type: "range", min: 0, max: 100, value: 60, class: "heat" });
      const box = make("div", { class: "picture" }), facts = make("dl", { class: "facts" });
      slider.addEventListener("input", () => { const heat = box.querySelectorAll("img")[1];
        if (heat) heat.style.opacity = slider.value / 100; });
      picture(box, record, slider);
      const add = (name, value) => value != null && facts.append(make("dt", {}, name), make("dd", {}, String(value)));
      add(word("time"), clock(record.time)); add(word("serial"), record.serial);
      add(word("verdict"), named(record.verdict)); add(word("class"), record.class);
      add(word("score"), record.score == null ? null : `${figure(record.score)} / ${figure(record.threshold)}`);
      add(word("probability"), record.probability == null ? null : figure(record.probability));
      add(word("latency"), `${figure(record.milliseconds)} ${word("milliseconds")}`);
      add(word("hash"), record.bundleHash); add(word("picture"), record.imageHash);
      for (const item of corrections) add(word("correction"), `${item.class} · ${clock(item.time)} ${item.note ?? ""}`);
      const buttons = (model()?.classes ?? []).map(name => make("button", { type: "button",
        onclick: () => attempt(async () => { await post(`/v1/records/${id}/correction`, { class: name }); await detail(id); }) },
        name));
      $("detailBody").replaceChildren(box, make("label", {}, word("heat") + " ", slider), facts,
        make("h2", {}, word("correction")), make("div", { class: "buttons" }, ...buttons));
      if (!$("detail").open) $("detail").showModal();
    }

    /* Review */
    const queueKind = () => document.querySelector("input[name=queue]:checked").value;
    async function review(fresh) {
      if (fresh) reviewing = { list: [], at: 0, more: true };
      if (reviewing.at >= reviewing.list.length && reviewing.more) {
        const query = new URLSearchParams({ model: model().name, review: queueKind(), limit: 50 });
        const last = reviewing.list.at(-1);
        if (last) query.set("before", last.id);
        if (reviewing.searchedTo) query.set("before", reviewing.searchedTo);
        const { records, searchedTo } = await ask("/v1/records?" + query);
        reviewing.list.push(...records);
        reviewing.searchedTo = searchedTo;
        reviewing.more = records.length === 50 || !!searchedTo;
      }
      const record = reviewing.list[reviewing.at];
      $("reviewEmpty").hidden = !!record;
      $("reviewPart").hidden = !record;
      if (!record) return;
      picture($("reviewPicture"), record, $("reviewHeat"));
      $("reviewText").textContent = [`${reviewing.at + 1} / ${reviewing.list.length}${reviewing.more ? "+" : ""}`,
        mark(record) + named(record.verdict), record.class, record.serial,
        record.score == null ? null : `${word("score")} ${figure(record.score)} / ${figure(record.threshold)}`,
        record.correction ? `${word("correction")}: ${record.correction.class}` : null].filter(Boolean).map(visible).join(" · ");
      $("reviewButtons").replaceChildren(
        ...model().classes.map((name, index) => make("button", { type: "button", onclick: () => attempt(() => decide(name)) },
          (index < 9 ? index + 1 + " " : "") + name)),
        make("button", { type: "button", onclick: () => attempt(() => step(-1)) }, "← " + word("back")),
        make("button", { type: "button", onclick: () => attempt(() => step(1)) }, word("next") + " →"));
    }
    /* The class of a part judged defective is known; of any other a person has to say which defect it is. */
    async function askDefect(record, bad) {
      if (record.verdict === "defect" && bad.includes(record.class)) return decide(record.class);
      if (bad.length === 1) return decide(bad[0]);
      // A class has the number that it has beside the picture.
      const { classes } = model(), number = name => classes.indexOf(name) + 1;
      $("whichButtons").replaceChildren(...bad.map(name => make("button", { type: "button",
        onclick: () => { $("whichDefect").close(); attempt(() => decide(name)); } }, (number(name) < 10 ? number(name) + " " : "") + name)));
      $("whichDefect").onkeydown = event => {
        const name = /^[1-9]$/.test(event.key) && classes[event.key - 1];
        if (!bad.includes(name)) return;
        event.preventDefault();
        $("whichDefect").close();
        attempt(() => decide(name));
      };
      $("whichDefect").showModal();
    }
    async function decide(name) {
      const record = reviewing.list[reviewing.at];
      if (!record) return;
      record.correction = await post(`/v1/records/${record.id}/correction`, { class: name });
      await step(1);
    }
    async function step(by) { reviewing.at = Math.max(0, reviewing.at + by); await review(false); }
    function reviewKey(event) {
      if (tab !== "review" || event.ctrlKey || event.altKey || event.metaKey || $("detail").open || $("login").open || $("whichDefect").open) return;
      if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName) && event.target.type !== "radio") return;
      const record = reviewing.list[reviewing.at], { classes, goodClass } = model(), key = event.key.toLowerCase();
      if (key === "arrowleft") return attempt(() => step(-1));
      if (!record) return;
      const bad = classes.filter(name => name !== goodClass);
      let choice = null;
      if (key === "g" && goodClass) choice = goodClass;
      if (key === "d" && goodClass) {
        event.preventDefault();
        return attempt(() => askDefect(record, bad));
      }
      if (/^[1-9]$/.test(key)) choice = classes[key - 1];
      if (key === "s" || key === "arrowright") attempt(() => step(1)); else if (choice) attempt(() => decide(choice));
      else return;
      event.preventDefault();
    }

    /* Charts */
    function chart(edges, series, line, title) {
      const width = 480, height = 220, left = 34, bottom = 26, top = 22;
      const peak = Math.max(1e-9, ...series.flatMap(item => item.shares));
      const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": title });
      const at = value => left + (value - edges[0]) / (edges.at(-1) - edges[0] || 1) * (width - left - 8);
      const add = (tag, attributes, ...inner) => svg.append(make(tag, { svg: 1, ...attributes }, ...inner));
      series.forEach((item, index) => item.shares.forEach((share, step) => {
        const x = at(edges[step]), wide = at(edges[step + 1]) - x, tall = share / peak * (height - top - bottom);
        add("rect", { x: x + 1, y: height - bottom - tall, width: Math.max(1, wide - 2), height: tall, fill: item.fill,
          "fill-opacity": index ? .35 : .75, stroke: index ? item.fill : "none" });
      }));
      if (line != null) add("line", { x1: at(line), x2: at(line), y1: top - 6, y2: height - bottom, stroke: "currentColor",
        "stroke-width": 2, "stroke-dasharray": "4 3" });
      for (const value of [edges[0], (edges[0] + edges.at(-1)) / 2, edges.at(-1)])
        add("text", { x: at(value), y: height - 8, "text-anchor": value === edges[0] ? "start"
          : value === edges.at(-1) ? "end" : "middle" }, figure(value, 2));
      series.forEach((item, index) => { add("rect", { x: left + index * 150, y: 5, width: 11, height: 11, fill: item.fill });
        add("text", { x: left + 16 + index * 150, y: 15 }, item.name); });
      return svg;
    }
    function shares(values, edges) {
      const counts = edges.slice(1).map(() => 0), step = edges[1] - edges[0];
      for (const value of values) counts[Math.min(counts.length - 1, Math.max(0, Math.floor((value - edges[0]) / step)))]++;
      return counts.map(count => count / Math.max(1, values.length));
    }

    /* Model */
    let validation = null;
    async function showModel() {
      await loadModels();
      const item = model(), facts = $("facts");
      facts.replaceChildren();
      const add = (name, value) => value != null && value !== ""
        && facts.append(make("dt", {}, name), make("dd", {}, String(value)));
      add(word("version"), item.version); add(word("hash"), item.hash); add(word("task"), item.task);
      add(word("classes"), item.classes.join(", ")); add(word("backbone"), item.backbone);
      add(word("licence"), item.licence); add(word("created"), item.createdAt); add(word("images"), item.trainingImages);
      add(word("threshold"), item.threshold ? `${figure(item.threshold.value, 4)} – ${item.threshold.explanation}` : null);
      add(word("notJudging"), item.whyNotJudging); add(word("notRetraining"), item.whyNotRetraining);
      add(word("failure"), item.failure);
      $("report").href = address("report");
      $("metrics").replaceChildren(...item.metrics.map(metric => make("tr", {}, ...[metric.name, figure(metric.value, 4),
        metric.low == null ? "" : `${figure(metric.low, 4)} … ${figure(metric.high, 4)}`, metric.on]
        .map(text => make("td", {}, text)))));
      validation = item.hasValidation && item.threshold ? await ask(address("validation")) : null;
      $("thresholdForm").hidden = !validation;
      $("noThreshold").hidden = !!validation;
      $("rollback").disabled = !item.hasPrevious;
      $("retrain").disabled = !item.canRetrain;
      if (validation) {
        const highest = Math.max(...validation.scores, validation.threshold * 1.2);
        validation.top = item.scale === "score" ? highest : 1;
        $("threshold").value = Math.round(validation.threshold / validation.top * 1000);
        showThreshold(validation.threshold);
      }
      await showRetraining();
    }
    const outcome = value => {
      let [escapes, defects, overkills, goods] = [0, 0, 0, 0];
      validation.scores.forEach((score, index) => {
        if (validation.isDefect[index]) { defects++; if (score < value) escapes++; }
        else { goods++; if (score >= value) overkills++; }
      });
      return word("outcome")(escapes, defects, overkills, goods);
    };
    function showThreshold(value) {
      validation.value = value;
      $("thresholdValue").textContent = figure(value, 4);
      $("thresholdText").textContent =
        `${outcome(value)} (${validation.basis}). ${word("now")} ${figure(validation.threshold, 4)}: ${outcome(validation.threshold)}.`;
      const edges = Array.from({ length: 41 }, (_, index) => index / 40 * validation.top);
      const pick = wanted => validation.scores.filter((_, index) => validation.isDefect[index] === wanted);
      $("thresholdChart").replaceChildren(chart(edges, [
        { name: word("good"), shares: shares(pick(false), edges), fill: "#0072b2" },
        { name: word("defect"), shares: shares(pick(true), edges), fill: "#d55e00" }], value, word("threshold")));
      $("apply").disabled = value === validation.threshold;
    }
    async function showRetraining() {
      const status = await ask("/v1/retraining"), report = status.report;
      $("retrainState").textContent = status.state === "failed" ? word("failed") + status.error
        : status.state === "done" ? [word(report.isPromoted ? "promoted" : "kept"), ...report.warnings].join(" ")
        : word(status.state);
      $("retrain").disabled = status.state === "running" || !model().canRetrain;
      $("retrainTable").replaceChildren();
      if (report) $("retrainTable").append(make("table", {}, make("thead", {}, make("tr", {},
        ...["", "parts", "wrong", "escapes", "overkills"].map(name => make("th", {}, name && word(name))))),
        make("tbody", {}, ...["old", "new"].map(name => make("tr", {}, make("th", {}, word(name)),
          ...[report[name].parts, report[name].wrong, `${report[name].escapes} / ${report[name].defects}`,
            `${report[name].overkills} / ${report[name].goods}`].map(text => make("td", {}, String(text))))))));
      if (status.state === "running") setTimeout(() => tab === "model" && attempt(showRetraining), 2000);
    }

    /* Drift */
    async function drift() {
      const found = await ask(address("drift"));
      const isEnough = found.findings.some(item => item.statistic != null);
      $("driftState").textContent = !found.hasReference ? word("noReference") + (found.reason ? ": " + found.reason : "") : found.isAlarm ? "⚠ " + word("alarm")
        : isEnough ? "✔ " + word("noAlarm") : word("fewParts");
      $("driftCharts").replaceChildren(...found.findings.filter(item => item.distribution).map(item => {
        const title = word(item.of === "score" ? "scores" : "features");
        return make("div", {}, make("h2", {}, title), chart(item.distribution.edges, [
          { name: `${word("training")} (${item.referenceCount})`, shares: item.distribution.reference, fill: "#777" },
          { name: `${word("latest")} (${item.count})`, shares: item.distribution.latest, fill: "#0072b2" }], null, title),
          make("p", {}, item.statistic == null ? word("fewParts")
            : `D ${figure(item.statistic)}, p ${figure(item.pValue)}${item.isAlarm ? " ⚠" : ""}`));
      }));
    }

    /* Views */
    const views = { live, try: async () => {}, history: () => history(false), review: () => review(true),
      model: showModel, drift };
    async function show() {
      const wanted = location.hash.slice(1);
      tab = views[wanted] ? wanted : "live";
      for (const name of Object.keys(views)) $(name).hidden = name !== tab;
      for (const link of $("tabs").children) {
        if (link.hash === "#" + tab) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
      }
      document.title = `${word(tab)} – Assay`;
      if (!models.length) await loadModels();
      if (model()) await views[tab]();
    }
    async function tick() {
      try { if (!document.hidden && model()) { if (tab === "live") await live(); if (tab === "drift") await drift(); } }
      catch (error) { say(word("error") + error.message); }
      setTimeout(tick, 1000);
    }

    addEventListener("hashchange", () => { say(""); attempt(show); $("main").focus(); });
    addEventListener("keydown", reviewKey);
    $("language").onchange = () => { language = localStorage.language = $("language").value; translate(); attempt(show); };
    $("bundle").onchange = () => { localStorage.bundle = $("bundle").value; shown = {}; attempt(async () => { await loadModels(); await show(); }); };
    for (const [slider, box] of [["liveHeat", "livePicture"], ["reviewHeat", "reviewPicture"]])
      $(slider).oninput = () => { const heat = $(box).querySelectorAll("img")[1]; if (heat) heat.style.opacity = $(slider).value / 100; };
    $("file").onchange = () => attempt(() => inspectFiles([...$("file").files]));
    for (const name of ["dragover", "dragleave", "drop"]) $("drop").addEventListener(name, event => {
      event.preventDefault();
      $("drop").classList.toggle("over", name === "dragover");
      if (name === "drop") attempt(() => inspectFiles([...event.dataTransfer.files]));
    });
    $("filter").onsubmit = event => { event.preventDefault(); attempt(() => history(false)); };
    $("more").onclick = () => attempt(() => history(true));
    for (const radio of document.querySelectorAll("input[name=queue]")) radio.onchange = () => attempt(() => review(true));
    $("threshold").oninput = () => showThreshold($("threshold").value / 1000 * validation.top);
    $("apply").onclick = () => confirm(word("confirm")) && attempt(async () => {
      await post(address("threshold"), { value: validation.value }); await showModel(); });
    $("retrain").onclick = () => attempt(async () => { await post(address("retrain")); await showRetraining(); });
    $("rollback").onclick = () => confirm(word("confirm")) && attempt(async () => {
      await post(address("rollback")); await showModel(); });
    translate();
    attempt(show).then(tick);
    """#
}
