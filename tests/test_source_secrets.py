"""A committed secret is reported once, at the line that adds it, without showing it."""

from __future__ import annotations

from reviewer.core.types import Diff, FileDiff, Finding, Hunk, Line, Material, Severity
from reviewer.sources.secrets import MOST, CommittedSecrets

TOKEN = ("github-pat",)
GUESS = ("assigned-secret",)


def _found(*lines: tuple[str, tuple[str, ...]], path: str = "app.py") -> list[Finding]:
    """The findings on lines given by their sign and the kinds of secrets that were cut out of them."""
    made, old, new = [], 9, 9
    for kind, kinds in lines:
        old, new = old + (kind != "+"), new + (kind != "-")
        text = " ".join(f"[secret: {each}]" for each in kinds)
        made.append(Line(kind, text, None if kind == "+" else old, None if kind == "-" else new, kinds))
    hunk = Hunk(10, old - 9, 10, new - 9, "", tuple(made))
    return CommittedSecrets().find(Material(Diff((FileDiff(path, path, "modified", (hunk,)),))))


def test_an_added_secret_is_critical_and_points_at_its_line() -> None:
    """The number is the one in the new file, and the quote is the line as it was redacted."""
    (finding,) = _found((" ", ()), ("+", ()), ("+", TOKEN))
    assert (finding.path, finding.line, finding.end_line) == ("app.py", 12, None)
    assert (finding.severity, finding.category, finding.confidence) == (Severity.CRITICAL, "security", 1.0)
    assert finding.title == "A secret is committed: github-pat"
    assert finding.quote == "[secret: github-pat]"
    assert "revoke" in finding.body.lower()
    assert finding.source == "secrets"


def test_what_was_there_before_is_not_reported() -> None:
    """Removed and context lines with a secret are no news of this pull request."""
    assert _found(("-", TOKEN), (" ", TOKEN)) == []


def test_what_only_looks_random_is_not_reported() -> None:
    """It is cut out to be on the safe side; a finding about it would be noise. Beside a token it changes nothing."""
    assert _found(("+", ("random-string",))) == []
    assert len(_found(("+", ("random-string", *TOKEN)))) == 1


def test_a_guess_is_milder_where_nothing_runs() -> None:
    """A value beside a name in a test or an example is rarely real; a provider's token is real anywhere."""
    for path in ("tests/test_login.py", "docs/config.rst", "examples/app.py", "README.md"):
        (finding,) = _found(("+", GUESS), path=path)
        assert finding.severity is Severity.MEDIUM
        assert "seems" in finding.title
        assert [one.severity for one in _found(("+", TOKEN), path=path)] == [Severity.CRITICAL]
    assert [one.severity for one in _found(("+", GUESS), path="latest/contest.py")] == [Severity.CRITICAL]


def test_a_private_key_is_one_finding() -> None:
    """However many lines it has; a second one elsewhere is a second finding."""
    key = ("+", ("private-key",))
    first, second = _found(key, key, key, ("+", ()), key)
    assert (first.line, first.end_line, second.line, second.end_line) == (10, 12, 14, None)


def test_many_in_one_file_are_said_once() -> None:
    """At the first that is certain; the others are listed by their lines."""
    (finding,) = _found(("+", GUESS), *[("+", TOKEN)] * 3, *[("+", GUESS)] * 30)
    assert finding.line == 11
    assert "lines 10, 12, 13, 14" in finding.body
    assert finding.body.endswith("….")


def test_a_file_of_secrets_is_named_for_what_it_is() -> None:
    """Such a file is to leave the repository, not only its value."""
    (finding,) = _found(("+", GUESS), path="deploy/.env")
    assert "environment file" in finding.body


def test_very_many_are_told_in_few_findings() -> None:
    """The gravest stand on their lines; one finding, without a place, names where the others are."""
    lines = (Hunk(0, 0, 1, 1, "", (Line("+", "[secret: github-pat]", None, 1, TOKEN),)),)
    files = tuple(FileDiff(f"f{at:03}.py", f"f{at:03}.py", "added", lines) for at in range(MOST + 30))
    *told, rest = CommittedSecrets().find(Material(Diff(files)))
    assert [finding.path for finding in told] == [file.path for file in files[:MOST]]
    assert (rest.path, rest.severity) == ("", Severity.CRITICAL)
    assert rest.title == "Secrets seem to be committed in 30 more places"
    assert "`f050.py`" in rest.body


def test_a_file_that_holds_secrets_is_told_of_guesses_too() -> None:
    """`DB_PASSWORD=letmein` is a secret in a `.env` file, and may be anything elsewhere."""
    guess = ("+", ("possible-secret",))
    assert [finding.severity for finding in _found(guess, path="config/.env")] == [Severity.CRITICAL]
    assert _found(guess, path="config/app.py") == []
