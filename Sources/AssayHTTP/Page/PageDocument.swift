/// The page's one document. Words come from ``PageWords``, so that both languages have the same layout.
enum PageDocument {
  static let html = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Assay</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/page.css">
    <script src="/page.js" defer></script>
    </head>
    <body>
    <a class="skip" href="#main" data-word="skip"></a>
    <header>
      <strong class="brand">Assay</strong>
      <nav id="tabs" data-label="views">
        <a href="#live" data-word="live"></a>
        <a href="#try" data-word="try"></a>
        <a href="#history" data-word="history"></a>
        <a href="#review" data-word="review"></a>
        <a href="#model" data-word="model"></a>
        <a href="#drift" data-word="drift"></a>
      </nav>
      <label><span data-word="bundle"></span> <select id="bundle"></select></label>
      <label><span data-word="language"></span>
        <select id="language"><option value="en">English</option><option value="zh">中文</option></select></label>
    </header>
    <p id="notice" role="status" hidden></p>
    <main id="main" tabindex="-1">

    <section id="live" hidden>
      <h1 class="quiet" data-word="live"></h1>
      <div class="stage">
        <div id="verdict" class="verdict" aria-live="polite"><span id="verdictWord">…</span><small id="verdictMore"></small></div>
        <figure>
          <div class="picture" id="livePicture"></div>
          <label><span data-word="heat"></span> <input id="liveHeat" class="heat" type="range" min="0" max="100" value="60"></label>
        </figure>
      </div>
      <dl class="figures">
        <div><dt data-word="goodParts"></dt><dd id="countGood">0</dd></div>
        <div><dt data-word="defectParts"></dt><dd id="countDefect">0</dd></div>
        <div><dt data-word="otherParts"></dt><dd id="countOther">0</dd></div>
        <div><dt data-word="rate"></dt><dd id="rate">0</dd></div>
        <div><dt data-word="latency"></dt><dd id="latency">–</dd></div>
        <div><dt data-word="waiting"></dt><dd id="waiting">0</dd></div>
      </dl>
      <h2 data-word="lastParts"></h2>
      <ol id="strip" class="strip"></ol>
    </section>

    <section id="try" hidden>
      <h1 data-word="try"></h1>
      <div id="drop" class="drop">
        <p data-word="dropHere"></p>
        <label class="button"><span data-word="choose"></span>
          <input id="file" type="file" accept="image/*,.tif,.tiff,.bmp,.pgm,.ppm" multiple></label>
      </div>
      <div id="tried" aria-live="polite"></div>
    </section>

    <section id="history" hidden>
      <h1 data-word="history"></h1>
      <form id="filter" class="filter">
        <label><span data-word="day"></span> <input name="day" type="date"></label>
        <label><span data-word="verdict"></span> <select name="verdict">
          <option value="" data-word="any"></option><option value="good" data-word="good"></option>
          <option value="defect" data-word="defect"></option><option value="classified" data-word="classified"></option>
          <option value="measured" data-word="measured"></option></select></label>
        <label><span data-word="class"></span> <select name="class"></select></label>
        <label><span data-word="serial"></span> <input name="serial" type="search" maxlength="200"></label>
        <button data-word="search"></button>
      </form>
      <table><thead><tr><th data-word="picture"></th><th data-word="time"></th><th data-word="serial"></th>
        <th data-word="verdict"></th><th data-word="class"></th><th data-word="score"></th><th data-word="correction"></th>
        </tr></thead><tbody id="rows"></tbody></table>
      <p id="none" data-word="nothing" hidden></p>
      <button id="more" data-word="more" hidden></button>
    </section>

    <section id="review" hidden>
      <h1 data-word="review"></h1>
      <fieldset class="choice"><legend data-word="which"></legend>
        <label><input type="radio" name="queue" value="open" checked> <span data-word="uncertainParts"></span></label>
        <label><input type="radio" name="queue" value="corrected"> <span data-word="correctedParts"></span></label>
      </fieldset>
      <div id="reviewEmpty" data-word="reviewEmpty" hidden></div>
      <div id="reviewPart" class="stage" hidden>
        <figure>
          <div class="picture" id="reviewPicture"></div>
          <label><span data-word="heat"></span> <input id="reviewHeat" class="heat" type="range" min="0" max="100" value="60"></label>
        </figure>
        <div>
          <p id="reviewText" class="large" aria-live="polite"></p>
          <div id="reviewButtons" class="buttons"></div>
          <p class="hint" data-word="keys"></p>
        </div>
      </div>
    </section>

    <section id="model" hidden>
      <h1 data-word="model"></h1>
      <dl id="facts" class="facts"></dl>
      <p><a id="report" target="_blank" rel="noopener" data-word="report"></a></p>
      <h2 data-word="metrics"></h2>
      <table><thead><tr><th data-word="metric"></th><th data-word="value"></th><th data-word="interval"></th>
        <th data-word="on"></th></tr></thead><tbody id="metrics"></tbody></table>
      <h2 data-word="threshold"></h2>
      <p id="noThreshold" data-word="noValidation" hidden></p>
      <div id="thresholdForm" hidden>
        <label><span data-word="threshold"></span>
          <input id="threshold" type="range" min="0" max="1000" value="500"></label>
        <output id="thresholdValue" for="threshold"></output>
        <p id="thresholdText" aria-live="polite"></p>
        <div id="thresholdChart"></div>
        <button id="apply" data-word="apply"></button>
      </div>
      <h2 data-word="retraining"></h2>
      <p data-word="retrainText"></p>
      <p id="retrainState" aria-live="polite"></p>
      <div id="retrainTable"></div>
      <button id="retrain" data-word="retrain"></button>
      <button id="rollback" data-word="rollback"></button>
    </section>

    <section id="drift" hidden>
      <h1 data-word="drift"></h1>
      <p id="driftState" class="large" role="status"></p>
      <p data-word="driftText"></p>
      <div id="driftCharts" class="charts"></div>
    </section>
    </main>

    <dialog id="login"><form method="dialog" id="loginForm">
      <label><span data-word="token"></span> <input id="token" type="password" autocomplete="current-password"></label>
      <button data-word="enter"></button></form></dialog>
    <dialog id="whichDefect" aria-labelledby="whichTitle"><h2 id="whichTitle" data-word="whichDefect"></h2>
      <div class="buttons" id="whichButtons"></div>
      <form method="dialog"><button data-word="close"></button></form></dialog>
    <dialog id="detail"><form method="dialog"><button data-word="close"></button></form>
      <div id="detailBody"></div></dialog>
    </body>
    </html>
    """
}
