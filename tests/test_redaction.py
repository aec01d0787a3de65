"""Secrets are cut out of texts and diffs line by line: nothing of them stays, and nothing else goes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.core.redaction import (
    is_secret_file,
    redact_diff,
    redact_text,
    redact_texts,
    shaped,
    texts_of,
)
from reviewer.core.types import PLACEHOLDER, Diff, FileDiff, Hunk, Line, Secret

TOKEN = "Zq7" + "vR2mX9" * 5  # of no provider, random enough for a rule set
BODY = ["MIIEow" + "x8Kq2mZp4L" * 5 + f"{number:02d}ab" for number in range(6)]
HEAD, TAIL = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"


def _diff(*lines: tuple[str, str], section: str = "", path: str = "a.py") -> Diff:
    made, old, new = [], 0, 0
    for kind, text in lines:
        old, new = old + (kind != "+"), new + (kind != "-")
        made.append(Line(kind, text, None if kind == "+" else old, None if kind == "-" else new))
    return Diff((FileDiff(path, path, "modified", (Hunk(1, old, 1, new, section, tuple(made)),)),))


def _texts(diff: Diff) -> list[str]:
    return [line.text for file in diff.files for hunk in file.hunks for line in hunk.lines]


ALPHABET = "abcdefghij KLMNOP=:\"'\\/\r\n\té😀"
VALUES = st.text("QRSTUVWXYZ2345678", min_size=8, max_size=30).filter(lambda value: not value.isalpha())


@settings(max_examples=60)
@given(pieces=st.lists(st.text(ALPHABET, max_size=30)), values=st.lists(VALUES, min_size=1, max_size=4))
def test_no_value_survives_and_every_line_stays(pieces: list[str], values: list[str]) -> None:
    """Wherever a value stands, also overlapping another, it goes; the line ends are the same ones as before."""
    text = values[0].join(pieces) + values[-1] + values[0]
    redacted = redact_text(text, [Secret("a-token", value) for value in values])
    assert not [value for value in values if value in PLACEHOLDER.sub("", redacted)]
    ends = [[char for char in one if char in "\r\n"] for one in (text, redacted)]
    assert ends[0] == ends[1]


@settings(max_examples=60)
@given(text=st.text("abcdefghijklmnopqrstuvwxyz .\n\r(){}[]=+-/\"'#", max_size=300))
def test_what_holds_no_secret_comes_back_identical(text: str) -> None:
    """A text without digits or capitals has nothing that looks like a secret, unless a name of one stands in it."""
    if not shaped(text):
        assert redact_text(text, []) == text


@settings(max_examples=60)
@given(name=st.sampled_from(["password", "API_KEY", "url", "x"]), value=st.text("aB3$x9Kq_-[]: ", max_size=40))
def test_a_redacted_text_is_left_alone(name: str, value: str) -> None:
    """A placeholder is no secret: what was redacted once comes back as it is."""
    once = redact_text(f'{name} = "{value}"', [Secret("a-token", TOKEN)])
    assert redact_text(once, [Secret("a-token", TOKEN)]) == once


def test_it_goes_from_every_part_of_a_diff() -> None:
    """Added, removed and context lines and the text behind the @@ are all sent, so all are redacted."""
    lines = [("+", f"a({TOKEN})"), ("-", f"b({TOKEN})"), (" ", f"c({TOKEN}, {TOKEN})"), ("+", "plain")]
    diff = redact_diff(_diff(*lines, section=f"def f(x={TOKEN})"), [Secret("a-token", TOKEN)])
    assert TOKEN not in repr(diff)
    assert _texts(diff) == [
        "a([secret: a-token])",
        "b([secret: a-token])",
        "c([secret: a-token], [secret: a-token])",
        "plain",
    ]
    assert [line.secrets for line in diff.files[0].hunks[0].lines] == [("a-token",)] * 3 + [()]


def test_a_value_is_cut_out_of_every_file() -> None:
    """A file that shows a value in passing shows it as much as the one in which a rule saw it."""
    both = Diff(_diff(("+", "one"), path="a").files + _diff(("+", f"see {TOKEN}"), path="b").files)
    assert TOKEN not in repr(redact_diff(both, [Secret("a-token", TOKEN)]))


def test_what_our_own_shapes_find_beyond_doubt_is_cut_out_of_every_file() -> None:
    """Beside a name in one file, without one in the next, cut off by git behind the @@ of a third."""
    value = "Tr0ub4dor" + "&3"
    one, two = _diff(("+", f'DB_PASSWORD = "{value}"')), _diff(("+", f'connect("{value}")'), path="b")
    three = _diff(("+", "x"), section=f'def f(x="{value[:8]}', path="c")
    texts = repr(redact_diff(Diff(one.files + two.files + three.files), []))
    assert value[:8] not in texts
    assert value not in repr(redact_texts([f"password: '{value}'", f"use {value} there"], []))


def test_a_guess_stays_where_it_stands() -> None:
    """What may be an ordinary name is not taken out of the other files."""
    both = Diff(_diff(("+", 'token = "session-cookie-name"')).files + _diff(("+", "x(session-cookie-name)")).files)
    assert redact_diff(both, []).files[1] == both.files[1]


def test_a_value_without_its_closing_quote_goes() -> None:
    """Git cuts what stands behind the @@ after 80 bytes."""
    head = 'production_database_master_password_for_everything_here = "'
    assert "3cret" not in repr(redact_diff(_diff(("+", "x"), section=f"{head}Sup3rS3cret" + "Val9"), []))


@pytest.mark.parametrize("values", ["абвгдежз{:04}", "!@#$%{}", "Common-{:05}-word", "return-if-{:05}"])
def test_many_made_up_values_all_go(values: str) -> None:
    """In any alphabet, and where they share their words."""
    marks = "!@#$%^&*~?"
    numbers = ["".join(marks[int(digit)] for digit in f"{at:06}") if "{}" in values else at for at in range(300)]
    lines = [values.format(number) for number in numbers]
    text = "\n".join(f'password = "{line}"' for line in lines)
    redacted = redact_text(text, [Secret("a-token", line) for line in lines])
    assert not [line for line in lines if line in redacted]


def test_both_sides_of_a_file_are_searched() -> None:
    """A key of several lines stands in one piece on its side, whatever stands between them in the diff."""
    diff = _diff(("-", "old 1"), ("+", "new 1"), ("-", "old 2"), ("+", "new 2"), (" ", "same"), section="def f():")
    assert texts_of(diff) == ["def f():\nnew 1\nnew 2\nsame", "old 1\nold 2\nsame"]


def test_a_word_is_cut_out_only_beside_a_name_that_tells() -> None:
    """A password that is a common word must not take that word out of the whole pull request."""
    found = [Secret("a-password", "banana")]
    assert redact_text('login("x", "banana")\neat(banana)\nbananas', found) == (
        'login("x", "[secret: a-password]")\neat(banana)\nbananas'
    )


@pytest.mark.parametrize("prefix", ["", "# ", "    ", '    "', "+ "])
@pytest.mark.parametrize("part", [slice(0, None), slice(0, 4), slice(3, None), slice(2, 6)])
def test_a_private_key_goes_line_by_line(prefix: str, part: slice) -> None:
    """Whole, or with its begin or its end (or both) outside the hunk, quoted or commented out."""
    end = '\\n" +' if prefix.endswith('"') else ""
    lines = [f"{prefix}{line}{end}" for line in [HEAD, *BODY, TAIL][part]]
    redacted = redact_text("\n".join(lines), [])
    assert not [line for line in BODY if line in redacted]
    assert redacted.count("\n") == len(lines) - 1


def test_a_private_key_on_one_line_goes() -> None:
    """In JSON and .env files its line ends are written out."""
    redacted = redact_text("KEY='" + "\\n".join([HEAD, *BODY, TAIL]) + "'", [])
    assert not [line for line in BODY if line in redacted]


@pytest.mark.parametrize(
    "line",
    [
        'password = "{}"',
        "DB_PASSWORD={}",
        "password: {}",
        '"api_key": "{}",',
        "apiKey: '{}',",
        'var clientSecret string = "{}"',
        'config["token"] = "{}"',
        '<add key="Password" value="{}" />',
        'setProperty("auth.token", "{}")',
        "export SECRET_KEY={}",
        'if (secret == "{}") {{',
        'if ("{}" == password) {{',
        "curl https://user:{}@example.org/x",
        "postgres://app:{}@db:5432/app",
        '{{"env": "TOKEN={}\\nDEBUG=1"}}',
        "machine example.org login bob password {}",
    ],
)
def test_a_value_beside_a_telling_name_goes(line: str) -> None:
    """In code, JSON, YAML, XML, INI, shells and URLs, without any provider's token form."""
    assert "tr0ub4dor-x9K" not in redact_text(line.format("tr0ub4dor-x9K"), [])


@pytest.mark.parametrize(
    "line",
    [
        'password = "my-s3cr3t-P@{}"',
        'password = "Todo-{}"',
        'PASSWORD="${}"',
        'pwd="/Zq8kk/abc{}"',
        "postgres://u:p@{}@host/db",
        "mysql -u root -p{} db",
        "CREATE USER x IDENTIFIED BY '{}'",
        "token: !vault {}",
    ],
)
def test_a_disguised_value_goes(line: str) -> None:
    """A word of examples, a leading $ or / or an @ in it does not make a secret a placeholder."""
    assert "Zq8kk2Lotus1" not in redact_text(line.format("Zq8kk2Lotus1"), [])


def test_a_number_and_a_header_go() -> None:
    """A PIN has no letters, and a header's login is base64."""
    assert redact_text("PIN = '83619" + "27450'", []) == "PIN = '[secret: possible-secret]'"
    header = "Authorization: Basic " + "Ym9iOlpxOC1razItTG90dXM="
    assert redact_text(header, []) == "Authorization: Basic [secret: possible-secret]"


@pytest.mark.parametrize(
    "line",
    [
        'password = os.environ["PASSWORD"]',
        "password: str | None = None",
        "token = request.headers.get('Authorization')",
        "secret = generate_secret(length=32)",
        'password = "changeme"',
        '"password": "Mot de passe oublié",',
        'password_label = "Enter your password:"',
        'token_type = "access-token"',
        'token = f"Bearer {token}"',
        'token_url = "https://example.org/oauth2/token"',
        'SECRET_VERSION = "1.2.34"',
        'password = "${DB_PASSWORD}"',
        "password: {{ vault_password }}",
        'api_key = "<your-api-key>"',
        "API_KEY=your-api-key-here",
        'token = "xxxxxxxxxxxxxxxxxxxx"',
        "postgres://user:password@localhost/db",
        "uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
        "id: 123e4567-e89b-12d3-a456-426614174000",
        "class AuthenticationTokenProviderFactory2Impl(Base):",
        "proxy_pass http://127.0.0.1:8000/;",
        '<input type="password" placeholder="Enter your password">',
        "def test_user_can_log_in_with_password_2_times_in_a_row():",
        'password = "[secret: assigned-secret]"',
    ],
)
def test_code_and_placeholders_stay(line: str) -> None:
    """What fetches a secret, stands for one or names one is what a reviewer has to see."""
    assert redact_text(line, []) == line


def test_many_secrets_and_many_lines_are_quick_enough() -> None:
    """Above the number that is searched one by one, values are found by their words: all of them still go."""
    values = [f"{TOKEN}{number:05d}" for number in range(3_000)]
    text = "\n".join(f"x = f({value!r})" for value in values)
    redacted = redact_text(text, [Secret("a-token", value) for value in values])
    assert redacted == "\n".join(["x = f('[secret: a-token]')"] * 3_000)


@pytest.mark.parametrize(
    "path",
    [
        *(
            ".env",
            "app/.env.production",
            "prod.env",
            ".envrc",
            ".netrc",
            ".pgpass",
            ".pypirc",
            ".htpasswd",
            ".npmrc.env",
        ),
        *(
            ".git-credentials",
            ".dockercfg",
            ".docker/config.json",
            "home/.aws/credentials",
            ".kube/config",
            "kubeconfig",
        ),
        *("id_rsa", ".ssh/id_ed25519", "certs/server.pem", "server.key", "tls/app.key", "a.p12", "a.pfx", "a.jks"),
        *("a.keystore", "a.kdbx", "a.ppk", "terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars"),
        *("secrets.yml", "config/secrets.yaml", "credentials.json", "service-account-prod.json", "config/master.key"),
        *("config/credentials/production.key", ".env-prod", ".env_production", "secrets/prod.yaml", "prod-schema.env"),
        *("secrets.prod.yaml", "config/secrets.production.yml", "credentials.prod.json", ".npmrc", "deploy_key"),
        *("app-firebase-adminsdk-x1.json", "passwords.txt"),
    ],
)
def test_files_of_secrets_are_known_by_name(path: str) -> None:
    """Such a file is never sent whole, whatever is found in it."""
    assert is_secret_file(path)


@pytest.mark.parametrize(
    "path",
    [
        *(".env.example", ".env.sample", "prod.env.template", ".env.dist", ".env.schema", "prod.tfvars.example"),
        *("id_rsa.pub", "src/env.py", "environment.ts", "src/secrets.py", "credentials.py", "i18n/de.key", "talk.key"),
        *("src/keys.py", "i18n/en.key", "secrets.py", "docs/secrets.md", "tests/secrets_test.go", "SecretManager.java"),
        *(
            "env.template",
            ".env.production.example",
            "secrets.example.yml",
            "secrets/README.md",
            "keys/" * 800 + "a.py",
        ),
        *("keyboard.key", "docker/config.json", "config", "src/kube/config.go", "tokens.json", ".env.example.yml"),
    ],
)
def test_ordinary_files_are_not(path: str) -> None:
    """Templates, public keys and source files are reviewed like any other."""
    assert not is_secret_file(path)


PASSWORD = "Blu3Whale" + "#tbA0h?"
PLACES = [
    'password = "{}"',
    "DB_PASSWORD={}",
    '        - name: DB_PASSWORD\n          value: "{}"',
    '"name": "DB_PASSWORD", "value": "{}"',
    'variable "db_password" {{\n  default = "{}"\n}}',
    "ENV DB_PASSWORD {}",
    "<password>{}</password>",
    '"Server=x;User Id=sa;Password={};"',
    "  password: {}",
    'os.environ.get("DB_PASSWORD", "{}")',
    'PASSWORD = SecretStr("{}")',
    'auth=("admin", "{}")',
    'requests.get(url, auth=HTTPBasicAuth("admin", "{}"))',
]


@pytest.mark.parametrize("place", PLACES)
def test_a_password_of_a_person_is_told_wherever_it_is_given(place: str) -> None:
    """Letters, digits and a symbol beside a telling name: it goes, and it is one of those that block."""
    text = place.format(PASSWORD)
    assert PASSWORD[-6:] not in redact_text(text, [])
    assert {secret.kind for secret in shaped(text) if PASSWORD in secret.value} == {"assigned-secret"}


def test_a_password_goes_to_its_end() -> None:
    """What code takes for an operator may stand in it, where a line is a setting."""
    assert redact_text("password=Xyxx12&zdocJ!", []) == "password=[secret: assigned-secret]"


ORDINARY = """\
tokenizer = "cl100k_base"|--token-color-0: #8079b85e;|class InvalidTokenError(OAuth2Error):|secret = "user_1_secret"|api_key: str | None = None
combine(left, right, key='part-5-12')|WS_1000_NORMAL_CLOSURE = 1000|def password(self) -> None:|class Ed25519PublicKey(PublicKey):
Union[WebhooksRelease1PropAssetsItemsPropUploaderTypeForResponse, None]|Token.Name.Builtin: "bold #6200A4",|auth = Auth2Provider()
cache_key = f"user-{id}-v2"|key: user_42|session_id = request.cookies["sid2"]|token = tokens[i + 1]|self.secret = load_secret("db1")
postgres://user:password@localhost:5432/app|login_url = "/accounts/login2"|api_key: str = Field(min_length=32)|pat = r"[a-z]+\\d{3}"
mysql -u root -p$MYSQL_PASSWORD db|token = "fake_token_1234567890"|api_key = "example-key-123456"|$pass = "$dbPassword1";
secret = "/var/run/secrets/Key1"|pin = "GPIO17"|PIN = '123456'|Basic dXNlcjpwYXNzd29yZA==|token: !ref MyToken|password: !Sub "${DbPassword}"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"|password = getpass.getpass("Password: ")|keys = ["a1", "b2", "c3"]
"""


@pytest.mark.parametrize("line", [line for row in ORDINARY.splitlines() for line in row.split("|")])
def test_ordinary_code_stays_as_it_is(line: str) -> None:
    """A false secret blocks a merge, and what is cut out cannot be reviewed."""
    assert redact_text(line, []) == line
