"""A person at headless Chromium: one tab that is used by keyboard, and every page that is seen in it looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from picture import chromium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

WIDE, NARROW, HIGH = 1_100, 400, 800  # pixels
STOPS = 60  # of the Tab key, before what is looked for counts as out of its reach
PICTURES = "PICTURES"  # names a folder: pictures of all that is seen are put there, to be looked at
STATUS = "Failed to load resource: the server responded with a status of "  # of a page that says no, as it should

# Contrast of every text that shows with what lies behind it, as WCAG 2 reckons it; what is too faint comes back.
FAINT = """() => {
  const parts = color => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = color => {
    const [r, g, b] = parts(color).map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = each => {
    for (let at = each; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (parts(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + .05) / (low + .05);
  };
  const seen = new Map();
  const look = (each, color, text) => {
    const style = getComputedStyle(each), size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const found = ratio(color, behind(each));
    if (found < least) seen.set(`${color} on ${behind(each)}`, `${found.toFixed(2)}: ${text.trim().slice(0, 40)}`);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const each = node.parentElement;
    if (node.data.trim() && each.checkVisibility()) look(each, getComputedStyle(each).color, node.data);
  }
  for (const each of document.querySelectorAll('input[placeholder]')) {
    if (each.checkVisibility()) look(each, getComputedStyle(each, '::placeholder').color, each.placeholder);
  }
  return [...seen].map(([colors, text]) => `${text} (${colors})`);
}"""

# What has the focus: how it is called, and whether one sees that it has it, within the window.
FOCUS = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const name = each.labels?.[0]?.textContent || each.getAttribute('aria-label') || each.textContent || each.name || '';
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {name: name.trim().replace(/\\s+/g, ' '), tag: each.localName, ring, inside};
}"""


class Person:
    """In a tab of a browser that knows nothing yet; `complaints` are what the console said."""

    def __init__(self, browser: Browser, **context: Any) -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": WIDE, "height": HIGH}, **context)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        self.tab: Page = self.context.new_page()
        self.seen = 0

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(STATUS):
            self.complaints.append(message.text)

    @property
    def heading(self) -> str:
        return self.tab.inner_text("h1")

    def tabs_to(self, name: str, tag: str = "") -> None:
        """By the Tab key alone, with the focus to be seen at each stop."""
        for _ in range(STOPS):
            self.tab.keyboard.press("Tab")
            found = self.tab.evaluate(FOCUS)
            if found["tag"] == "body":  # once round
                continue
            assert found["ring"], f"one cannot see that {found} has the focus"
            assert found["inside"], f"{found} is not in sight"
            if name in found["name"] and tag in {"", found["tag"]}:
                return
        pytest.fail(f"the Tab key does not reach {name!r}")

    def presses(self, name: str, tag: str = "") -> None:
        """A button or a link that leads on to another page."""
        self.tabs_to(name, tag)
        self.enters()

    def enters(self) -> None:
        with self.tab.expect_navigation():
            self.tab.keyboard.press("Enter")

    def looks(self, name: str, *, folds: bool = True) -> None:
        """At the page as it is and with all folds open: it fits narrow and wide screens, and can be read day and night.

        What was folded is folded again.
        """
        self._look(name)
        if folds and self.tab.locator("details:not([open])").count():
            shut = self.tab.evaluate_handle("[...document.querySelectorAll('details:not([open])')]")
            shut.evaluate("all => all.forEach(each => each.open = true)")
            self._look(f"{name}-open")
            shut.evaluate("all => all.forEach(each => each.open = false)")

    def _look(self, name: str) -> None:
        self.seen += 1
        for scheme in ("dark", "light"):
            self.tab.emulate_media(color_scheme=scheme)
            assert self.tab.evaluate(FAINT) == [], f"{name}, {scheme}: hard to read"
            self._shoot(f"{self.seen:02}-{name}-{scheme}")
        for width in (NARROW, WIDE):
            self.tab.set_viewport_size({"width": width, "height": HIGH})
            assert self.tab.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: wider than {width}"
            if width == NARROW:
                self._shoot(f"{self.seen:02}-{name}-{width}")

    def _shoot(self, name: str) -> None:
        if folder := os.environ.get(PICTURES):
            self.tab.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def is_content(self) -> None:
        """Nothing was complained of, and nothing was asked of anyone but this machine."""
        assert self.complaints == []
        assert self.hosts <= {"127.0.0.1"}
        self.context.close()


@contextmanager
def opened() -> Iterator[Browser]:
    """The system's Chromium, for a whole file of tests; skipped where there is none."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=program)
        yield browser
        browser.close()


def reached(person: Person, names: Sequence[str]) -> None:
    """Each of them in this order, by the Tab key alone."""
    for name in names:
        person.tabs_to(name)
