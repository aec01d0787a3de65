"""Judges a value: random enough for a secret, a placeholder or code, rare enough to be cut out wherever it stands."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

LONGEST = 200  # characters of a value that are looked at

# The two-letter runs that make up most of English and of what is written in code.
_PAIRS = (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic"
    " ne ea ra ce li ch ll be ma si om ur ec ss us ut et ct ta ho la el tr ns ge id il no wo ot pe lo ad ac ol em mp so"
    " un ir ul ap pa po pr sp ke ey am ca ie im ig ay ow op ty ck ld do ex fi fo mo nc ni pl qu rs rt su tu vi wa we wh"
    " ag ab ob bl br bu by cr da di ds ee ef ei gr gi ht lt ly mi na og oo os pt rd rm sh ts tt ue up va"
)
_COMMON = frozenset(_PAIRS.split())
_WORDS = re.compile(
    r"example|sample|placeholder|change.?me|replace.?me|dummy|redacted|not.?a.?secret|insert|your[-_ ]|my[-_ ]|"
    r"lorem|foobar|hunter2?$|xxxx|\*\*\*|\.\.\.|fake|todo|[-_ ]here$|undefined|optional",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\$\{[\w.:\-]+\}|\$\(\w|\{\{[^{}]*\}\}|\{[A-Za-z_]\w+\}|%\(|%[sdrv]\b|<%|<[\w .-]+>|\[secret: |"
    r"^\$\{\w+|^%\w+%$|^\{\w*\}$|^@\{?\w+\}?$|^\w+\(.*\)$"
)
_NAME_OR_PATH = re.compile(r"\$\w+|/[\w./-]+$")
# What fills an example up, beside the word that says it is one.
_FILLING = re.compile(r"pass(?:word)?|secret|token|key|value|api|1234\d*|0123\d*|abcd?e?f?|(.)\1{3,}", re.IGNORECASE)
_NAMES = (
    "password passwd pass secret token user username admin administrator root test tests testing tester default none"
    " null true false string value values empty invalid valid wrong required optional public private postgres mysql"
    " redis rabbit guest key apikey api_key bearer basic hidden submit text email login access refresh master unknown"
)
_COMMON_VALUES = frozenset(_NAMES.split())
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
# Many providers' tokens read so: a prefix, then what would else be taken for a checksum or a UUID.
_PREFIXED = re.compile(
    r"(?!sha|md5|blake|etag|crc)[A-Za-z]\w{1,20}_[0-9a-f]{32,128}|"
    r"[\w-]{0,40}(?:key|token|secret|private)[-_](?:[0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"(?=[A-Z]*[0-9][A-Z]*[0-9A-Z]*[0-9])[A-Z0-9]{16,}")
_COLOUR = re.compile(r"(?:^|\s)#(?:[0-9a-fA-F]{3,4}){1,2}(?:$|\s)")
_SYMBOLS = frozenset("!@#$%^&*?~+")
_SYNTAX = re.compile(r"[\s()\[\]{}<>;=|\\/,`]")
_JOINTS = re.compile(r"[-_./:,@ ']")
_LETTERS = re.compile(r"[A-Za-z]+")


def bits(value: str) -> float:
    """Shannon's entropy, in bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def wordy(value: str) -> float:
    """The share of common pairs among the letters that stand side by side: 0.7 for English, 0.3 for what is random."""
    pairs = [run[i : i + 2] for run in _LETTERS.findall(value.lower()) for i in range(len(run) - 1)]
    return sum(pair in _COMMON for pair in pairs) / len(pairs) if pairs else 0.0


def is_random(value: str) -> bool:
    """Whether letters and digits are mixed as a generator mixes them; for a value with a telling name beside it."""
    value = value[:LONGEST]
    digits = sum(map(str.isdigit, value))
    letters = sum(map(str.isalpha, value))
    if len(value) < 8 or bits(value) < (min(3.0, 0.8 * math.log2(len(value))) if letters else 2.5):
        return False
    if not digits:  # rare in a random value, and common in a name
        mixed = len(value) >= 12 and _changes(value) / len(value) >= 0.3
        return letters > 0 and wordy(value) < 0.45 and not value.islower() and (mixed or len(value) >= 16)
    if not letters:
        return len(value) >= 16
    return digits >= 3 or wordy(value) < 0.5 or _changes(value) / len(value) >= 0.3


def is_named(value: str) -> bool:
    """Whether the value is made of words, as names in code are, however many capitals and digits join them."""
    return wordy(value) >= 0.5 and sum(map(str.isdigit, value)) <= len(value) / 8


def is_dense(value: str) -> bool:
    """Whether eight characters in it stand without a break: what joins short pieces is a name or a number of sorts."""
    return re.search(r"[A-Za-z0-9+]{8}", value) is not None


def is_password(value: str) -> bool:
    """Whether the value has letters, digits and a symbol, as people are told to make a password, and is no code."""
    symbols = {char for char in value if char in _SYMBOLS} - {"@", "+"}  # addresses and versions have those
    mixed = any(map(str.isalpha, value)) and any(map(str.isdigit, value))
    return 8 <= len(value) <= 64 and bool(symbols) and mixed and not _SYNTAX.search(value)


def is_doubtless(value: str) -> bool:
    """Whether a value beside a telling name is so much like a secret that a merge may wait for a person's look."""
    if is_password(value):
        return True
    if is_worded(value) or is_named(value) or _UUID.fullmatch(value) or not is_dense(value):
        return False
    return any(map(str.isalpha, value)) and any(map(str.isdigit, value)) and is_random(value)


def is_telling(value: str) -> bool:
    """Whether the value is random beyond doubt, without a look at what stands beside it. Hashes are not: see _HEX."""
    value = value[:LONGEST]
    bare = value.strip("=._-~+/")
    digits = sum(map(str.isdigit, bare))
    if _PREFIXED.fullmatch(bare):
        return bits(bare) >= 3.0
    if len(bare) < 20 or digits < 2 or digits == len(bare) or _is_hash(bare):
        return False
    runs = re.findall(r"[A-Za-z0-9]+", bare)
    if bits(bare) < 3.6 or max(map(len, runs)) < 10:
        return False
    words, changes = wordy(bare), _changes(bare) / len(bare)
    if any(map(_CAPITALS.fullmatch, runs)):  # no name has so many capitals with digits among them
        return words < 0.55
    return (changes >= 0.2 and words < 0.42) or (changes >= 0.4 and words < 0.6)


def is_placeholder(value: str) -> bool:
    """Whether the value only stands for a secret, or is code that fetches one."""
    value = value[:LONGEST].strip()
    if (
        len(set(value)) < 4
        or _COLOUR.search(value)
        or _CODE.search(value)
        or (_ADDRESS.match(value) and "@" not in value)
    ):
        return True
    if all(word in _COMMON_VALUES for word in re.split(r"[\W\d_]+", value.lower()) if word) and not value.isdigit():
        return True
    if _NAME_OR_PATH.match(value) and not _is_jumbled(value[1:]):
        return True
    return (
        bool(_WORDS.search(value))
        and not is_telling(value)
        and not _is_jumbled(_FILLING.sub("", _WORDS.sub("", value)))
    )


def is_worded(value: str) -> bool:
    """Whether the value is a word, a name of words or a phrase, a version or a date: no generator made it."""
    plain = _JOINTS.sub("", value)
    if plain.isdigit():
        return plain != value
    if plain.isalpha():
        return len(value) < 8 or wordy(value) >= 0.45
    return " " in value and not (is_random(plain) and any(map(str.isdigit, plain)))


def is_distinct(value: str) -> bool:
    """Whether the value stands for nothing else, so that it may be cut out wherever it stands."""
    return len(value) >= 8 and (len(value) >= 16 or not value.replace("_", "").isalpha())


def is_rare(value: str) -> bool:
    """Whether a short value is at least no word and no number: it may be cut out where it stands alone."""
    return len(value) >= 5 and not value.isalpha() and not value.isdigit()


def _is_hash(value: str) -> bool:
    """Commits, checksums and UUIDs: random, and not secret. They keep to one case."""
    return bool(_UUID.fullmatch(value) or (_HEX.fullmatch(value) and (value.islower() or value.isupper())))


def _is_jumbled(value: str) -> bool:
    """Whether no name of a variable, path or word reads so: capitals, small letters and digits take turns."""
    size = sum(map(str.isalnum, value))
    return (
        is_random(value)
        and not is_named(value)
        and " " not in value
        and sum(map(str.isdigit, value)) >= 2
        and any(map(str.isupper, value))
        and any(map(str.islower, value))
        and _changes(value) / size >= 0.4
    )


def _changes(value: str) -> int:
    """How often the text changes between capitals, small letters and digits."""
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in value if c.isalnum()]
    return sum(one != two for one, two in pairwise(kinds))
