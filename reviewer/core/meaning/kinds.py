"""Names the kinds of defect that a text speaks of: two texts about one line that name different ones are two findings.

The list is of the trade and written by hand. A kind has words, of which one is enough, and groups joined by `+`, whose
words must stand in one sentence; endings and synonyms fall together as they do in the vectors.
"""

from __future__ import annotations

import re
from collections import defaultdict

from reviewer.core.meaning.stems import bare
from reviewer.core.meaning.words import LONGEST, bare_words

_KINDS = """
absent: null nil none undefined dereference attributeerror nonetype npe nullpointer nullpointerexception typeerror
absent: optional+unwrapped missing+guard snapshot+data no+data
divisor: zerodivision zerodivisionerror sigfpe division+by+zero divide+by+zero divides+zero dividing+zero divide+by+0
divisor: divisor+0 divisor+zero div+throws divides+count
rounding: rounding round+up round+down round+cents not+round is+round are+round fraction fromintegral remainder
rounding: decimal truncate truncation ceil precision floating float+error
empty: empty+list empty+array empty+input empty+queue empty+file head+empty first+empty nosuchelement no+first
bounds: out+bounds bounds+check past+end beyond+end outofbounds indexoutofbounds indexoutofboundsexception overrun
bounds: stringindexoutofboundsexception arrayindexoutofboundsexception out+range overflow+buffer overflow+heap
bounds: overflow+stack buffer+short writes+past reads+past writes+beyond index+exist element+exist short+throw
bounds: shorter+throw fewer+crash more+overflow runs+beyond shorter+than length+checked check+length negative+index
one: off+one one+too one+low one+byte inclusive exclusive half+open last+day final+day upper+bound full+balance
based: zero+based starts+1 start+1 begins+index
strict: strict
wrap: wraparound wrap overflow cast lossy signed unsigned negative+number
inverted: inverted invert reversed swapped swap opposite backwards ascending descending descend ascend wrong+way
inverted: wrong+order flip upside negated desc
always: always+true always+false truthy never+true never+false dead+branch unreachable+code
where: without+where no+where
nothing: no+effect deletes+nothing does+nothing never+started nothing+at+all
operator: and+or logical+operator both+must
identity: identity reference+comparison by+reference compare+reference different+objects equals boxed ==+equals
loose: loose juggling coercion magic+hash
assigning: assignment+comparison assigns+condition assignment+instead single+equals
race: race concurrent concurrently parallel simultaneous simultaneously thread+safe atomic synchronization
race: synchronisation shared+field calls+at+once lost+update lost+increment read+modify volatile shared+goroutine
race: shared+thread without+lock check+then+act several+thread two+threads two+goroutines spurious waitgroup
race: gleichzeitig reentrancy reentrant enter+again re+enter before+state
order: out+order older+response slow+request earlier+request stale+response arrives+late in+flight
hang: deadlock hang+forever hangs stay+locked never+unlock still+locked not+unlock block+forever waits+forever
hang: wait+ever
timeout: timeout
blocking: event+loop block+thread blocking synchronous+handler sync+async ties+up blocks+genserver stalls holds+up
blocking: one+after
unawaited: await unawaited awaited promise fire+forget forget+await
leak: leak never+closed not+closed nobody+closes not+disposed disposed dispose never+freed not+freed never+released
leak: not+released stays+open clean+up cleanup unsubscribe removeeventlistener rollback errdefer deinit never+cleared
leak: never+removed clearinterval file+close missing+close keeps+running outlives descriptors nothing+closes
freed: dangling dangle freed+memory use+after+free double+free already+freed iterator+invalid erase+invalid
freed: deleted+pointer is+freed+before freed+still invalid+after+erase delete+twice delete+both freed+again
freed: frees+twice
growth: evict eviction unbounded+cache unbounded+growth grows+without grows+bound memory+fill without+bound
growth: never+expire memory+up lru memory+limit
unlimited: attacker+allocation limit+before+allocating unbounded maximum no+limit upper+limit no+maximum exhaust gib
unlimited: million denial+service pagination page+limit cap
whole: whole+memory into+memory loads+all+memory materialise materialize whole+file whole+table loads+all all+loaded
whole: every+row whole+heap held+once
queries: per+row query+each one+query includes preload eager
slow: inefficient quadratic
repeatwork: every+rebuild each+build inside+build each+call+request
injection: injection inject parameterised parameterized unparameterised placeholder prepared interpolated+sql bind
injection: bound+parameter sql+text raw+input pasted+script part+command further+commands statement+quote
markup: xss cross+site+scripting sanitize sanitise sanitizing sanitising unsanitized htmlspecialchars raw+markup
markup: as+html script+browser
traversal: traversal .+basename outside+folder leave+folder any+file arbitrary+file maps+to
ssrf: ssrf server+side+request internal+addresses internal+hosts metadata+service allow+list+hosts
csrf: csrf cross+site+request authenticity foreign+page
redirect: redirect phishing
origin: any+web+page every+site cors origin origins
access: authorization authorisation permission privileges privilege owner belong scoping access+control idor
access: object+reference anybody+can grants+every delete+anything any+account every+caller overly+broad any+verb
access: every+verb all+actions
mass: mass+assignment whitelist isadmin fields+permitted unfiltered+body arbitrary+properties any+field
mass: privilege+escalation promotes
exposed: world+readable publicly public+read exposes exposed
network: ingress cidr anywhere whole+internet hostnetwork host+networking
ports: port ports
secret: known+key default+credential secret+manager secret+log plain+text in+clear hard+coded hardcoded
secret: version+control source+code+password baked image+token metadata+secret secretkeyref leak+token credential+log
secret: password+log key+log credential credentials log+key password+repository commit+secret process+list
secret: command+line+password
weak: md5 sha1 unsalted salt bcrypt argon2 rainbow brute
random: predictable guess+token cryptographically secure+random insecure+randomness seed reproducible+split randomness
seed: seed
tls: tls+verification over+plain certificate certificates man+middle https unencrypted
obsolete: tls+1.0 downgrade obsolete deprecated
timing: constant+time timing+leak timing+attack response+times
session: fixation regenerate session+id+login
swallowed: swallow swallows swallowed error+ignored error+discarded ignored+error discarded+error error+dropped
swallowed: exception+lost err+dropped nobody+checks err+checked error+checked result+checked result+ignored
swallowed: never+checked exit+status exit+code not+noticed status+ignored exception+ignored exception+swallowed
swallowed: interruption+swallowed interrupt+ignored hides+error failure+success failed+success pipefail unnoticed
swallowed: unhandled interrupt+discarded interruption
pinned: pin pinned floating+tag unpinned fixed+tag digest mutable+tag reproducible+build
lockfile: npm+ci lock+file
root: as+root unprivileged privileged+container root+node root+host no+user
signals: sigterm signal signals
shared: mutable+default default+list default+dict evaluated+once shared+calls
duplicate: repeated+keys occurs+twice duplicate duplicates duplicated twice once+more several+times again+same
duplicate: appends+replacing
goeson: missing+return missing+break goes+on no+return no+break go+on
mutates: in+place mutates mutating mutated prop+read reorders owned+parent
iterating: concurrentmodification concurrentmodificationexception modified+iterated removing+iterating erase+loop
encoding: encode encoded encodeuricomponent urlsearchparams unescaped+query charset url+encoded
zone: utc timezone time+zone zones daylight local+time clock+change
clock: monotonic wall+clock ntp
case: case+sensitive
unused: unused+variable unused+parameter unused+value computed+stored never+stored raw+database
deprecated: deprecated
spelling: typo spelling misspelled docstring
status: status+code answers+200 success+codes unauthorized 401 404 201 204 exit+200
cancel: cancel cancelled cancelling cancellation context+passed
dependency: dependency+array dependencies+missing stale+closure dependency+list effect+depends empty+dependency
reactive: reactive computed
key: index+key unstable+key v+for
regex: backtracking redos catastrophic
loss: data+loss deleted+bucket accidental+delete empties+bucket lost+data
format: format+string printf+format
number: numberformatexception numeric no+number not+number non+numeric no+integer partial+function no+parse readmaybe
number: toint parse+number
virtual: virtual
slicing: slicing+object slice+object slice+derived
copy: copy+constructor implicit+copy rule+three
text: alphabetically string+comparison compared+text
validation: validated validation
thread: main+thread background+thread background+queue main+queue wrong+queue
cycle: retain+cycle strongly weak+self strong+capture
atoms: atom atoms
callbacks: callbacks bypass+validation skip+validations
transaction: transaction+open row+lock for+update
exec: executes+code run+code runs+code pickle unpickle unpickling deserialise deserialising deserialize
exec: deserialization code+execution arbitrary+code eval
hostkey: host+key impostor trusts+server
integrity: checksum integrity tampered
temporary: mktemp temporary tmp symlink guessable+tmp
listing: directory+listing browse autoindex folder+contents
nesting: nest recursive depth deeply recursion
reply: never+replies no+reply
lazy: thunk thunks lazy lazily accumulator+forced
initial: initial start+negative
late: too+late too+early
mounted: mounted unmounted
owner: owner+check no+access+control
percent: over+100 above+100
"""


def _groups() -> dict[str, list[tuple[frozenset[str], str]]]:
    """Groups and their kinds by one word of the group, so that a text is compared with few of them."""
    found: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    for line in _KINDS.strip().splitlines():
        kind, _, groups = line.partition(": ")
        for group in groups.split():
            words = frozenset(map(bare, group.split("+")))
            found[max(words, key=len)].append((words, kind))
    return dict(found)


_GROUPS = _groups()
_SENTENCE = re.compile(r"[.;!?](?=\s|$)|\n")


def kinds(text: str, code: tuple[str, ...] = ()) -> frozenset[str]:
    """The kinds of defect that `text` names, none where it names none that is listed.

    What the lines themselves say does not count: whoever speaks of `md5(key)` need not mean that the hash is weak.
    """
    aside = frozenset(word for line in code for word in bare_words(line))
    sentences = [frozenset(bare_words(sentence)) - aside for sentence in _SENTENCE.split(text[:LONGEST])]
    return frozenset(
        kind for said in sentences for word in said for group, kind in _GROUPS.get(word, ()) if group <= said
    )
