"""Pages from templates, with the headers that let nothing run or load on them but our own style sheet."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

LOOK = Path(__file__).parent / "page" / "page.css"  # what all of our pages look like


class Templates:
    """Those of one folder; `sheets` are put together into one style sheet, which a template shows as `css`."""

    def __init__(self, folder: Path, *sheets: Path) -> None:
        self._folder, self._sheets = folder, sheets

    def page(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        status: int = 200,
        forms_go_to: str = "",
        referrer: str = "same-origin",
    ) -> Response:
        """`forms_go_to`: where forms may be sent to beside ourselves."""
        html = self._environment.get_template(name).render(css=self._css, **values)
        digest = base64.b64encode(hashlib.sha256(self._css.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'self'"
        headers = {
            "content-security-policy": f"{policy}{forms_go_to and ' '}{forms_go_to}; frame-ancestors 'none'",
            "cache-control": "no-store",
            "referrer-policy": referrer,
            "x-content-type-options": "nosniff",
            "cross-origin-opener-policy": "same-origin",
        }
        return HTMLResponse(html, status_code=status, headers=headers)

    @cached_property
    def _css(self) -> Markup:
        return Markup("").join(Markup(sheet.read_text(encoding="utf-8")) for sheet in self._sheets)  # noqa: S704 - ours

    @cached_property
    def _environment(self) -> Environment:
        return Environment(
            loader=FileSystemLoader(self._folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )


def from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether another site's page sent the request."""
    return headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
