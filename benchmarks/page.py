"""Drives the station's page in headless Chromium: every view, both languages, review by keyboard, a restart of the station.

usage: python3 benchmarks/page.py part.assay IMAGES [--assay .build/release/assay] [--screenshots FOLDER]
Standard library only; Chromium is spoken to over its debugging pipe.
"""

import argparse
import base64
import http.client
import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time


class Browser:
    """One page of a headless Chromium."""

    def __init__(self, profile):
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()

        def descriptors():
            # Copies first: the pipes' own numbers may be 3 or 4.
            read, write = os.dup(to_read), os.dup(to_write)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--lang=en",
             "--window-size=1280,1000", f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=descriptors, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.numbers, self.buffer, self.session = itertools.count(1), b"", None
        target = next(t for t in self.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        self.send("Page.enable")

    def send(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self.buffer:
                chunk = os.read(self.back, 1 << 20)
                if not chunk:
                    raise SystemExit("Chromium ended")
                self.buffer += chunk
            text, self.buffer = self.buffer.split(b"\0", 1)
            answer = json.loads(text)
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def value(self, expression):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, expression, what, seconds=60):
        end = time.time() + seconds
        while time.time() < end:
            if self.value(expression):
                print("ok:", what, flush=True)
                return
            time.sleep(0.2)
        raise SystemExit(f"failed: {what} ({expression})")

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" and len(key) == 1 else "")

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


def start(arguments, work, port):
    process = subprocess.Popen(
        [arguments.assay, "serve", arguments.bundle, "--port", str(port), "--record-folder", f"{work}/record",
         "--keep-images", "all"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if '"station open"' in line:
            threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
            return process, json.loads(line)["port"]
    raise SystemExit("the station did not start")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("images")
    parser.add_argument("--assay", default=str(pathlib.Path(__file__).parent.parent / ".build/release/assay"))
    parser.add_argument("--screenshots")
    arguments = parser.parse_args()
    name = pathlib.Path(arguments.bundle).name.removesuffix(".assay")
    with tempfile.TemporaryDirectory() as work:
        process, port = start(arguments, work, 0)
        kinds = {".png", ".jpg", ".jpeg", ".bmp"}
        files = sorted(path for path in pathlib.Path(arguments.images).rglob("*") if path.suffix.lower() in kinds)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for index, path in enumerate(files[:: max(1, len(files) // 60)][:60]):
            connection.request("POST", f"/v1/inspect/{name}?serial=P-{index}", path.read_bytes())
            connection.getresponse().read()
        browser = Browser(f"{work}/profile")
        try:
            check(browser, arguments, name, port, process, work)
        finally:
            browser.process.kill()


def check(browser, arguments, name, port, process, work):
    pictures = arguments.screenshots and pathlib.Path(arguments.screenshots)
    shot = lambda view: pictures and browser.screenshot(pictures / f"{view}.png")
    address = f"http://127.0.0.1:{port}/"
    browser.send("Page.navigate", url=address + "#live")
    browser.wait("document.querySelectorAll('#strip li').length === 12", "Live shows the last parts")
    browser.wait("/GOOD|DEFECT/.test(document.getElementById('verdictWord').textContent)", "a verdict in large letters")
    high = browser.value("parseFloat(getComputedStyle(document.getElementById('verdict')).fontSize)")
    print(f"ok: letters of {high:.0f} pixels" if high >= 64 else f"failed: letters of {high} pixels")
    browser.value("(s => { s.value = 20; s.dispatchEvent(new Event('input')); })(document.getElementById('liveHeat'))")
    browser.wait("document.querySelector('#livePicture img + img').style.opacity === '0.2'", "the heat slider works")
    load = browser.value(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".filter(e => !e.name.includes('/v1/')).reduce((sum, e) => sum + e.transferSize, 0)")
    print(f"{'ok' if load < 100_000 else 'failed'}: first load of {load} bytes")
    shot("live")
    unlabelled = browser.value(
        "[...document.querySelectorAll('input, select')].filter(e => !e.closest('label') && !e.labels?.length).length")
    unnamed = browser.value("[...document.querySelectorAll('button, a')].filter(e => !e.hidden && "
                            "!e.textContent.trim() && !e.getAttribute('aria-label')).length")
    print(f"{'ok' if unlabelled == 0 and unnamed == 0 else 'failed'}: every control has a label")

    browser.value("location.hash = '#history'")
    browser.wait("document.querySelectorAll('#rows tr').length >= 40", "History lists parts")
    browser.value("document.querySelector('[name=serial]').value = 'P-7'; document.getElementById('filter').requestSubmit()")
    browser.wait("document.querySelectorAll('#rows tr').length === 1", "History filters by serial number")
    browser.value("document.querySelector('#rows button').click()")
    browser.wait("document.getElementById('detail').open", "a part's details")
    browser.value("document.getElementById('detail').close()")
    shot("history")

    browser.value("location.hash = '#review'")
    browser.wait("!document.getElementById('reviewPart').hidden", "Review shows an uncertain part")
    browser.key("g")
    browser.wait("document.getElementById('reviewText').textContent.startsWith('2 /')", "G marks a part good, the next comes")
    browser.key("d")
    browser.wait("document.getElementById('reviewText').textContent.startsWith('3 /')", "D marks a part defective")
    browser.wait(f"fetch('/v1/records?review=corrected').then(a => a.json()).then(a => a.records.length === 2)",
                 "both corrections are in the record")
    shot("review")

    browser.value("location.hash = '#model'")
    browser.wait("document.getElementById('metrics').children.length > 3", "Model shows figures")
    browser.value("(s => { s.value = 900; s.dispatchEvent(new Event('input')); })(document.getElementById('threshold'))")
    browser.wait("document.getElementById('thresholdText').textContent.includes('would pass')",
                 "the threshold slider tells escapes and overkill")
    shot("model")
    browser.value("location.hash = '#drift'")
    browser.wait("document.querySelectorAll('#driftCharts svg').length >= 1", "Drift draws distributions")
    shot("drift")
    browser.value("(s => { s.value = 'zh'; s.onchange(); })(document.getElementById('language'))")
    browser.wait("document.documentElement.lang === 'zh-CN' && document.body.textContent.includes('漂移')", "Chinese")

    browser.value("location.hash = '#live'")
    process.terminate()
    process.wait()
    browser.wait("!document.getElementById('notice').hidden", "the page says that the station is gone")
    process, _ = start(arguments, work, port)
    browser.wait("document.getElementById('notice').hidden || !document.getElementById('notice').textContent.includes('正在重试')",
                 "the page goes on after a restart")
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
