"""Times the newcomer's way: from a fresh clone to the demo's result, by README's first command, with nothing asked.

    uv run python tests/benchmarks/bench_start.py [--limit SECONDS]

The clone is of the last commit (a copy where this is no git checkout) and has no virtual environment; the package cache of this user is warm if it was used
before. Standard input is closed, so that a question would be an error. Exits 1 where it took longer than the limit
(60 s), or where the demo did not end well.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
OURS = {"VIRTUAL_ENV", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_RUN_RECURSION_DEPTH"}  # of whoever runs this


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=60.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "reviewer"
        begun = time.monotonic()
        if not (ROOT / ".git").exists():
            shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".venv", ".*cache", ".hypothesis"))
        else:
            subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        cloned = time.monotonic()
        command = next(re.finditer(r"^sh \.ci/uv run .*$", (clone / "README.md").read_text("utf-8"), re.MULTILINE))[0]
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=clone,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=10 * chosen.limit,
        )
        seconds = time.monotonic() - begun
    print(f"{command}: {seconds:.1f} s from nothing to its result, of which {cloned - begun:.1f} s for the clone")
    if done.returncode or "check run reviewer: failure" not in " ".join(done.stdout.split()):
        print(f"the demo ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return 1
    return int(seconds > chosen.limit)


if __name__ == "__main__":
    sys.exit(main())
