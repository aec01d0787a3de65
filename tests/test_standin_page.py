"""The page of a pull request shows what stands on it, and nothing that strangers write can run, load or hide there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standin_client import Forge, forge

from reviewer.standin import events
from reviewer.standin.markdown import render

BODY = """🟠 **high** · logic — **The first item is dropped**

Every total lacks its first item.

```suggestion
    return sum(items)
```

<details><summary>Details</summary>

confidence 0.93

</details>

<!-- reviewer:finding=abc123 -->"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Forge]:
    with forge(tmp_path) as made:
        yield made


def page(hub: Forge) -> str:
    response = hub.client.http.get(f"{hub.state.url}/octo/demo/pull/1")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return response.text


class _Visible(HTMLParser):
    """The text of the page, without its style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.muted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.muted = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.muted = False

    def handle_data(self, data: str) -> None:
        if not self.muted:
            self.words += data.split()


def words(html: str) -> str:
    visible = _Visible()
    visible.feed(html)
    return " ".join(visible.words)


def post_review(hub: Forge) -> None:
    comments = [
        {"path": "app.py", "line": 3, "start_line": 2, "body": BODY},
        {"path": "app.py", "line": 2, "side": "LEFT", "body": "Removed without need."},
    ]
    body = {"event": "COMMENT", "body": "**2 new findings**", "comments": comments}
    assert hub.client.call("POST", "/repos/octo/demo/pulls/1/reviews", body=body).status_code == 200


def test_the_page_shows_title_and_diff(hub: Forge) -> None:
    """Title, state, branches and every changed file are there, also files without lines to show."""
    text = words(page(hub))
    for part in ("Sum all but the first #1", "ann wants to bring feature into main", "+2 −1 in 3 files"):
        assert part in text
    assert "old name.txt → new name.txt" in text
    assert "Binary file: not shown. " in text
    assert "@@ -1,5 +1,6 @@ 1 1 def total(items): 2 − return sum(items) 2 + items = list(items)" in text


def test_comments_stand_under_their_lines(hub: Forge) -> None:
    """An inline comment follows the last line that it is about, on its side; a reply follows its comment."""
    post_review(hub)
    first, _ = hub.state.comments("octo/demo", 1)
    events.reply(hub.state, "octo/demo", 1, "Right, thanks.", user="ann", to=first.id)
    text = words(page(hub)).partition("Changes 2 comments in 3 files")[2]
    places = [
        text.index(part)
        for part in (
            "2 − return sum(items)",
            "on old line 2 Removed without need.",
            "3 + return sum(items[1:])",
            "on lines 2–3 high · logic — The first item is dropped",
            "ann answered Right, thanks.",
            "4 5 def mean(items):" if "4 5 def mean(items):" in text else "def mean(items):",
        )
    ]
    assert places == sorted(places)


def test_a_suggestion_is_shown_as_a_change(hub: Forge) -> None:
    """The lines that a suggestion would replace are shown beside those that it offers."""
    post_review(hub)
    text = words(page(hub))
    expected = "Suggested change − items = list(items) − return sum(items[1:]) + return sum(items)"
    assert expected in text


def test_marks_for_machines_are_not_shown(hub: Forge) -> None:
    """Hidden comments are not in the page at all."""
    post_review(hub)
    assert "reviewer:finding" not in page(hub)


def test_the_check_run_is_shown(hub: Forge) -> None:
    """The check's conclusion, title, summary and text are there."""
    output = {
        "title": "1 finding blocks",
        "summary": "**What blocks**\n\n- one",
        "text": "| a | b |\n|--|--|\n| c | d |",
    }
    run = {"name": "reviewer", "head_sha": hub.head, "status": "completed", "conclusion": "failure", "output": output}
    hub.client.call("POST", "/repos/octo/demo/check-runs", body=run)
    html = page(hub)
    assert f"1 finding blocks reviewer check · failed · {hub.head[:7]}" in words(html)
    assert "<strong>What blocks</strong>" in html
    assert "<td>d</td>" in html


def test_outdated_comments_stay_visible(hub: Forge) -> None:
    """A comment whose line is gone is shown below its file, and is called outdated."""
    post_review(hub)
    hub.state.repository("octo/demo").git.commit({"app.py": "pass\n"}, branch="feature")
    events.push(hub.state, "octo/demo", 1)
    assert "on lines 2–3 · outdated high · logic" in words(page(hub))


def test_a_resolved_thread_is_folded(hub: Forge) -> None:
    """Its title stays to be seen with who resolved it; the comments lie in a closed fold, also in the list on top."""
    post_review(hub)
    first, _ = hub.state.comments("octo/demo", 1)
    events.resolve(hub.state, "octo/demo", 1, comment=first.id, user="ann")
    html = page(hub)
    assert words(html).count("The first item is dropped lines 2–3 · resolved by ann r reviewer app on lines 2–3") == 1
    assert "The first item is dropped app.py lines 2–3 · resolved" in words(html)
    before = html[: html.index(f'id="comment-{first.id}"')]
    assert before[before.rindex("<details") :].startswith("<details><summary>")
    events.unresolve(hub.state, "octo/demo", 1, comment=first.id, user="ann")
    assert "resolved" not in words(page(hub))


def test_a_minimised_comment_is_folded(hub: Forge) -> None:
    """What was minimised, in the diff or in the conversation, says why in place of its text, and can be opened."""
    post_review(hub)
    events.comment(hub.state, "octo/demo", 1, "Old talk.", user="bob")
    first, _ = hub.state.comments("octo/demo", 1)
    (talk,) = hub.state.issue_comments("octo/demo", 1)
    events.minimize(hub.state, "octo/demo", 1, comment=first.id, reason="resolved")
    events.minimize(hub.state, "octo/demo", 1, comment=talk.id, reason="off-topic")
    html = page(hub)
    assert "bob commented This comment was marked as off-topic Old talk." in words(html)
    assert "This comment was marked as resolved high · logic" in words(html)
    assert html.count('<details class="folded"><summary>') == 2


def test_reactions_are_shown_with_their_number(hub: Forge) -> None:
    """Each content once, with how many reacted so."""
    post_review(hub)
    first, _ = hub.state.comments("octo/demo", 1)
    for user, content in (("ann", "-1"), ("bob", "-1"), ("reviewer[bot]", "eyes")):
        events.react(hub.state, "octo/demo", 1, content, comment=first.id, user=user)
    assert "👎 2 👀 1" in words(page(hub))


def test_comments_on_a_renamed_file_stay_visible(hub: Forge) -> None:
    """They are shown under their old path, below all files."""
    post_review(hub)
    text = hub.state.repository("octo/demo").git.blob(hub.blob("app.py"))
    hub.state.repository("octo/demo").git.commit({"app.py": None, "sums.py": text}, branch="feature")
    events.push(hub.state, "octo/demo", 1)
    below = words(page(hub)).partition("On files that are not changed any more 2 comments")[2]
    assert "app.py r reviewer app on lines 2–3 · outdated high · logic" in below


def test_strangers_cannot_write_into_the_page(hub: Forge) -> None:
    """Markup in titles, code, comments and answers is shown as text; the page loads and runs nothing."""
    attack = (
        "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1)) ![p](http://evil.example/p.png)"
    )
    pull = hub.state.pull("octo/demo", 1)
    pull.title = pull.body = attack
    hub.state.repository("octo/demo").git.commit({"<b>.html": attack}, branch="feature")
    events.push(hub.state, "octo/demo", 1)
    events.comment(hub.state, "octo/demo", 1, f"</section></main>{attack}</details>", user="ann")
    (talk,) = hub.state.issue_comments("octo/demo", 1)
    events.minimize(hub.state, "octo/demo", 1, comment=talk.id, reason="spam")
    body = f"**{attack}** {attack}</details>"
    made = events.comment_inline(hub.state, "octo/demo", 1, body, user="ann", path="app.py", line=2)
    events.resolve(hub.state, "octo/demo", 1, comment=made.payload["comment"]["id"], user='"><b onclick="x">')
    html = page(hub)
    assert not re.search(r"<(script|img|iframe|object|link)\b|\son\w+=[\"']|(src|href)=\"(?!#)", html)
    assert html.count("<details") == html.count("</details>")


def test_an_unknown_pull_request_has_no_page(hub: Forge) -> None:
    """No page is made up for what is not there."""
    response = hub.client.http.get(f"{hub.state.url}/octo/demo/pull/7")
    assert response.status_code == 404


def test_only_people_here_press_and_install(hub: Forge) -> None:
    """A button of the check is there when its webhook goes somewhere; other sites' pages press and install nothing."""
    run = {"name": "reviewer", "head_sha": hub.head, "status": "completed", "conclusion": "failure"}
    action = {"label": "Explain", "description": "Say why", "identifier": "explain"}
    body = {**run, "output": {"title": "t", "summary": "s"}, "actions": [action]}
    check = hub.client.call("POST", "/repos/octo/demo/check-runs", body=body).json()["id"]
    assert "<button" not in page(hub)
    hub.state.webhook_url = "http://127.0.0.1:9/"
    assert 'value="explain" title="Say why">Explain</button>' in page(hub)
    press = {"check": str(check), "identifier": "explain"}
    elsewhere, away = {"sec-fetch-site": "cross-site"}, "/octo/demo/pull/1/press"
    for path, data, headers, expected in (
        (away, press, elsewhere, 403),
        (away, {**press, "check": "7"}, {}, 422),
        (away, {**press, "identifier": "merge"}, {}, 422),
        (away, press, {}, 502),
        ("/octo/demo/pull/7/press", press, {}, 404),
        ("/apps/reviewer/installations/new", {}, elsewhere, 403),
        ("/apps/another/installations/new", {}, {}, 404),
    ):
        assert hub.client.http.post(hub.state.url + path, data=data, headers=headers).status_code == expected, path
    assert len(hub.state.deliveries) == 1


pieces = st.sampled_from(
    [
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "\n\n",
        "<!-- ",
        " -->",
        "**",
        "`",
        "```\n",
        "> ",
        "- ",
        "a",
        "<b>",
        "\n",
    ]
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_whatever_is_folded_is_closed(text: str) -> None:
    """Folds are balanced however they are written, and no other tag of the writer's is live."""
    html = str(render(text))
    for tag in ("details", "summary"):
        assert html.count(f"<{tag}>") == html.count(f"</{tag}>")
    assert "<b>" not in html
    assert "<!--" not in html
