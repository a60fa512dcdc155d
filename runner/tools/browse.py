#!/usr/bin/python3
"""Opens an HTML report in headless Chromium, clicks and types as a person does (W3C WebDriver), and prints one line for each thing seen.

usage: browse.py PAGE     (chromium and chromedriver must be there)
"""
import json
import os
import subprocess
import sys
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER, ESCAPE, DOWN = "\ue007", "\ue00c", "\ue015"


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:  # it says so when it listens
            if " on port " in line:
                self.base = "http://127.0.0.1:" + line.rsplit(" ", 1)[1].strip(" .\n")
                if "successfully" in line:
                    break
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900"]
        wanted = {"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.base += "/session/" + session["sessionId"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def find(self, selector):
        return self.call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.call("POST", "/element/" + self.find(selector) + "/click", {})

    def type(self, keys):
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def ask(self, script):
        return self.call("POST", "/execute/sync", {"script": "return " + script, "args": []})

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


def panel(browser):
    return browser.ask("(p => p.hidden ? 'closed' : p.querySelector('.text').textContent)(document.querySelector('.panel'))")


HEARD = {"button", "link", "image", "img", "region", "navigation", "heading", "DisclosureTriangle", "columnheader", "rowheader"}


def nameless(browser):
    """What a screen reader comes to and cannot say anything of, in Chromium's tree."""
    tree = browser.call("POST", "/goog/cdp/execute", {"cmd": "Accessibility.getFullAXTree", "params": {}})["nodes"]
    heard = [node for node in tree if not node["ignored"] and node["role"]["value"] in HEARD]
    return "nothing was heard" if not heard else sum(not node.get("name", {}).get("value") for node in heard)


def look(browser):
    yield "title", browser.ask("document.title")
    yield "open at first", browser.ask("document.querySelector('details.case').open")
    browser.click("details.case > summary")
    yield "after a click on it", browser.ask("document.querySelector('details.case').open")
    browser.click("#cases > .tools button:nth-child(1)")
    yield "after unfolding all", browser.ask("document.querySelector('details.case').open")
    browser.click("#cases > .tools button:nth-child(3)")
    yield "passed cases to be seen", browser.ask("[...document.querySelectorAll('details.case.passed')].filter(c => !c.hidden).length")
    yield "panel", panel(browser)
    browser.click("svg .call:last-of-type .code")
    yield "panel after a click on the last call", panel(browser)
    yield "its line", browser.ask("(document.querySelector('.panel .here') || {}).textContent")
    browser.type([ESCAPE])
    browser.ask("document.querySelector('svg .call').focus()")
    browser.type([ENTER])
    yield "panel after Enter on the first call", panel(browser)
    browser.type([DOWN, ENTER])
    yield "panel one call down", panel(browser)
    browser.type([ESCAPE])
    yield "panel after Escape", panel(browser)
    before = browser.ask("document.querySelector('svg').width.baseVal.value")
    browser.click("figure .tools button:nth-child(1)")
    yield "larger", browser.ask("document.querySelector('svg').width.baseVal.value") > before
    extent = "(s => [s.viewBox.baseVal.width, s.viewBox.baseVal.height])(document.querySelector('svg'))"
    whole = browser.ask(extent)
    browser.click("svg .lane")
    yield "no gap where they were", all(now < then for now, then in zip(browser.ask(extent), whole))
    yield "calls away with their lane", browser.ask("[...document.querySelector('svg').querySelectorAll('.call[data-lane=\"0\"]')].every(c => c.classList.contains('away'))")
    yield "calls of others", browser.ask("document.querySelector('svg').querySelectorAll('.call:not(.away)').length")
    browser.click("svg .lane")
    yield "unfolded as before", browser.ask(extent) == whole
    yield "to be heard without a name", nameless(browser)
    browser.call("POST", "/window/rect", {"width": 500, "height": 800})
    yield "wider than a phone", browser.ask("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    yield "elements that somebody else wrote", browser.ask("document.querySelectorAll('img, iframe, object, [onerror], [onclick]').length")
    log = browser.call("POST", "/se/log", {"type": "browser"})
    yield "complaints", len([entry for entry in log if entry["level"] == "SEVERE"])


def main():
    browser = Browser()
    try:
        browser.call("POST", "/url", {"url": "file://" + os.path.realpath(sys.argv[1])})
        for name, value in look(browser):
            print(f"{name}: {json.dumps(value, ensure_ascii=False)}", flush=True)
    finally:
        browser.close()


if __name__ == "__main__":
    main()
