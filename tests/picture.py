"""Takes the README's picture again: the demo's pull request as its page shows it, after a real run."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from reviewer.demo import Stage, play, stage
from reviewer.logs import configure

PICTURE = Path(__file__).parent.parent / ".github" / "review.png"
LARGEST = 300_000  # bytes; a page that is read on a phone loads it too
FILE = "parcel/pricing.py"

# What a reader would do to see the verdict and two comments at once: fold the summary, close the other files, scroll.
CUT = """file => {
  const page = document;
  for (const card of page.querySelectorAll('main > section.card:not(.check), #changes + .where')) card.remove();
  page.querySelector('main + footer')?.remove();
  for (const fold of page.querySelectorAll('.check details.fold')) fold.open = false;
  for (const each of page.querySelectorAll('details.file')) {
    if (each.querySelector('.path').textContent.trim() !== file) each.remove();
  }
  const rows = [...page.querySelectorAll('details.file tbody > tr')];
  const talking = rows.filter(row => row.classList.contains('talking')).slice(-2).map(row => rows.indexOf(row));
  rows.forEach((row, index) => { if (index < talking[0] - 3 || index > talking[1] + 4) row.remove(); });
  return page.querySelectorAll('details.file .comment').length;
}"""


def chromium() -> str | None:
    """The path of the system's Chromium; playwright's own download is not needed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def take(path: Path) -> None:
    """Run the demo and write the picture to `path`."""
    program = chromium()
    if program is None:
        sys.exit("No Chromium here: install it (apt-get install chromium) and try again.")
    configure(level="warning", log_format=None, stream=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)) as stands:
        play(stands)
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=program)
            page = browser.new_page(
                viewport={"width": 960, "height": 400}, device_scale_factor=1.25, color_scheme="light"
            )
            _shoot(page, stands, path)
            browser.close()


def _shoot(page: Page, stands: Stage, path: Path) -> None:
    page.goto(stands.page)
    shown = page.evaluate(CUT, FILE)
    if shown != 2:
        sys.exit(f"{shown} comments are left in {FILE}, two were expected: look at the page and mend CUT.")
    page.screenshot(path=path, full_page=True)
    if (size := path.stat().st_size) > LARGEST:
        sys.exit(f"{path} has {size:,} bytes, at most {LARGEST:,} are wanted: cut more away.")


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
