"""Up to how full a limit may be for what is asked: the steps in which less is asked as it fills up."""

from __future__ import annotations

FALLBACK_ONLY, LAST_ONLY, ALL = 0.8, 0.95, 1.0  # shares of a limit
FIRST_LOOK = "report_findings"  # the function that a look at new code is to call: from LAST_ONLY on nobody takes one
OVER = "budget"  # the code of an error: a limit does not take the call
