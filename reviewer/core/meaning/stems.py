"""Brings words that mean the same to one form: endings fall away, and the trade's synonyms have one name."""

from __future__ import annotations

from functools import lru_cache

_COMMON = """
a about after again all already also although an and another any are as at be because been before being between both
but by can consider could did do does doing done down during each either else etc even every few for from had has have
having he her here his how however if in instead into is it its just least less like may me might more most much must
my need needed needs neither no nor not now of off on once one only onto or other our out over own per quite rather
same shall she should since so some still such than that the their them then there therefore these they this those
though through thus to too under until up us use used uses using very via was we were what when where whether which
while who whom whose why will with within without would yet you your aren couldn didn doesn don hadn hasn haven isn ll
re ve wasn weren won wouldn
"""
STOP = frozenset(_COMMON.split())

# One line, one meaning, as reviews of code use the words. Only what is safe in all of them: `empty` is not `null`.
_SYNONYMS = """
null none nil undefined nullable nullptr
throw throws thrown throwing raise raises raised raising
error errors exception exceptions
fail fails failed failing failure failures crash crashes crashed crashing break breaks breaking broken panic panics
delete deletes deleted deleting deletion remove removes removed removing removal
race races racy concurrent concurrently concurrency simultaneous simultaneously
wrong wrongly incorrect incorrectly invalid mistaken mistakenly erroneous erroneously improper improperly
missing misses lacks lack lacking lacked absent omits omitted omit forgets forgotten forgot
return returns returned returning
call calls called calling caller callers invoke invokes invoked invoking invocation
check checks checked checking unchecked validate validates validated validating validation unvalidated verify verifies
function functions func method methods
parameter parameters param params argument arguments arg args
stale outdated obsolete
duplicate duplicates duplicated duplication twice
string strings str
constant constants const hardcoded hardcode hardcodes hardcoding literal
test tests tested testing
ignore ignores ignored ignoring discard discards discarded discarding swallow swallows swallowed swallowing
update updates updated updating
create creates created creating creation
change changes changed changing modify modifies modified modifying mutate mutates mutated mutating mutation
security vulnerability vulnerabilities vulnerable attacker attackers
await awaits awaited awaiting unawaited
async asynchronous asynchronously
slow slows slower inefficient expensive performance
override overrides overridden overriding overwrite overwrites overwritten overwriting
concatenate concatenates concatenated concatenating concatenation interpolate interpolated interpolating interpolation
sanitize sanitizes sanitized unsanitized escape escapes escaped unescaped escaping
close closes closed closing unclosed
compare compares compared comparing comparison comparisons
lock locks locked locking unlock unlocks unlocked unlocking mutex mutexes deadlock deadlocks
wait waits waited waiting hang hangs hanging block blocks blocked blocking stall stalls stalled
expire expires expired expiring expiry expiration
initialize initializes initialized initializing initialization initialise initialised uninitialized
log logs logged logging logger
allocate allocates allocated allocating allocation allocations
condition conditions conditional
xss scripting
ssrf forgery
npe nullpointerexception
sql query queries
credential credentials secret secrets password passwords token tokens
"""
_NAMES = {word: line.split()[0] for line in _SYNONYMS.strip().splitlines() for word in line.split()}

_ENDINGS = (
    *(("ations", "ate"), ("ation", "ate"), ("ments", "ment"), ("ness", ""), ("ingly", ""), ("edly", "")),
    *(("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ally", "al"), ("ing", ""), ("ed", ""), ("ly", ""), ("es", "e")),
    ("s", ""),
)
_ROOT = 3  # letters that stay at least
_NEGATED = 7  # letters from which on `unpinned` is about what `pinned` is about; what is no such word stays one word
_FOREIGN = 6  # letters of a word in another script; endings are longer there, and we do not know them


def stem(word: str) -> str:
    """`word` (lower case) without its ending, or the name of what it means: a form to match by, no word to show."""
    if word in _NAMES:
        return _NAMES[word]
    if not word.isascii():
        return word[:_FOREIGN]
    if word.startswith("un") and len(word) >= _NEGATED:
        word = word[2:]
    word = _root(word)
    return _NAMES.get(word) or _open(word)


@lru_cache(maxsize=8_192)
def bare(word: str) -> str:
    """`word` (lower case) without its ending: what it means is not looked up."""
    return _open(_root(word)) if word.isascii() else word[:_FOREIGN]


def _root(word: str) -> str:
    for ending, instead in _ENDINGS:
        if (
            word.endswith(ending)
            and len(word) - len(ending) + len(instead) >= _ROOT
            and not word.endswith(("ss", "us"))
        ):
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > _ROOT and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word


def _open(word: str) -> str:
    """`cache` and `cach(ing)` end alike, and so do `query` and `queri(es)`."""
    if len(word) > _ROOT and word[-1] == "e":
        return word[:-1]
    return f"{word[:-1]}i" if len(word) > _ROOT and word[-1] == "y" else word
