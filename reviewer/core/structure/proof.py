"""Asks whether rows are surely code, and not the inside of a string whose quotes are beyond them.

No rows can prove it of themselves. What counts as proof, on each side of its own, is a statement that this language
writes so, and no row that it could not have. Rows of data alone (JSON, lists) prove nothing. It leaves strings with
code of the same language (a test of a linter) or of one that is much alike, where equal tokens mean the same nearly
always. The file's text at the head would tell for sure; it is not at hand where forms are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.core.structure.languages import Language, Lines
from reviewer.core.structure.lexicon import words
from reviewer.core.structure.scan import Token

# Rows are read as their tokens with one blank between them, a string as "". They end where no ( or [ is open.
_CALL = r"(?:[\w$@]+[?!]? (?:\.|\?\.|::|&\.|->) )+[\w$]+[?!]? \("  # `a.b(`
_PAREN = r"(?:\} )?(?:else )?(?:if|for|while|switch|catch) \("
_FIELD = r"^\w+ : \w+(?: \. \w+)+ ,$"
_MEMBERS = r"(?:^[A-Za-z_$][\w$]* : (?:\"\"|\{ .* \}) ,(?:\n|$)){3}"  # of an object; JSON quotes its names
_ARGUMENTS = r"(?:^\w+ = (?:\w+(?: \. \w+)*|\"\") ,(?:\n|$)){3}"  # given by name
_IMPORTS = r"(?:^(?:[\w.]+ )?\"\"(?:\n|$)){3}"  # Go's, or a list like it
_PROOFS = {
    "python": (
        r"^(?:async )?def \w+ [(\[]|^class \w+ ?(?:[(\[].*)?:|^return(?: [^;]*)?$|^from [\w. ]+ import [\w(]"
        r"|^import \w[\w. ,]*$"
        r"|^(?:if|elif|while|with|for|async for|async with|except) [^:].*:(?: \w.*)?$|^(?:else|try|finally|except) :$"
        r"|^(?:raise|yield|await|assert) [\w\"(\[{]|^(?:raise|yield)$|^@ [\w. ]+(?:\(.*)?$|^del \w|^(?:global"
        r"|nonlocal) \w"
        rf"|^(?:[\w. ]+ = )?(?:await )?{_CALL}|^[\w. ]+(?: : .+)? = (?:await )?[\w. ]+ \(|^\w+ \(.*\)$"
        rf"|{_ARGUMENTS}|^[A-Z]\w+ = [A-Z]\w+ \[ \w"
        r"|^(?:self|cls) \. |^(?:pass|break|continue)$|^\w+ = \w+ \. \w|\b(?:self|cls) \. \w|\bis (?:not )?None\b"
        r"|\b(?:lambda|for) [\w, ]+(?: :| in )|^\w+ (?:\+=|-=|\|=) |^\w+ : [A-Za-z][\w. \[\],|\"]* = "
        rf"|^\w+ = [\w. ]+ \(|= {_CALL}|^(?:[\w. ,]+ = )(?:None|True|False|\[|\{{|\()"
        rf"|(?:^|[(,=] ){_CALL}|(?:[=,(:] |^)(?:None|True|False)(?: [,)\]]|$)|^\) (?:->.*)?:$|\) -> "
        r"|^\w+ = [A-Za-z_]\w* \(.*,$|^__\w+__ = |^\w+ : .*\| None\b|^\w+ : (?:str|int|bool|float|bytes"
        r"|object)(?: =.*)?$"
    ),
    "script": (
        rf"^{_PAREN}|^\}} else\b|^else \{{|^(?:export )?(?:const|let|var) (?:\w+|[{{\[].*[}}\]]) ?(?:=|;|:|of|in|,|$)"
        r"|^(?:export )?(?:default )?(?:async )?(?:function|class)\b|^return\b|^throw \w|^import\b.*\"\"|^export [\w{*]"
        rf"|^(?:await |return |yield )?{_CALL}|^[\w$]+ \(.*\) ;$|=>(?: [{{(\w]|$)|^\}} \)|===|!==|\binstanceof \w"
        r"|^(?:[\w$]+ \. )+[\w$]+ = |^(?:this|super) [.(]|\b(?:async )?function (?:\w+ )?\(|^case .* :|^try \{"
        r"|^await \w"
        r"|^\. \w+ \(|^(?:new|typeof) \w|= new \w|^(?:\w+ )?= require \("
        r"|^(?:it|test|describe) \( \"\"|^(?:break|continue) ?;?$|^\} catch"
        r"|: (?:string|number|boolean|any|void|unknown|never|Promise|Array|Record)\b"
        r"|^(?:export )?(?:type \w+ [=<]|enum \w+ \{|interface \w+ (?:\{|extends|<))|^declare \w"
        r"|^\w*[a-z][A-Z]\w*(?: as \w+)? ,\n\w+(?: as \w+)? ,$|^\} from \"\""
        rf"|[=(,:!] {_CALL}|^[\w$]+ = [^;]* ;$|{_FIELD}|{_MEMBERS}"
        r"|^(?:static |async |get |set |public |private )+[\w$]+ "
    ),
    "go": (
        r":=|^func\b|^return\b|^(?:\} else )?(?:if|for|switch|select) .*\{$|^for \{$|^package \w+$|^import (?:\(|\"\")"
        r"|^type \w+ (?:struct|interface|func|map|\[|\w)|^(?:var|const) (?:\w+ |\()|^(?:defer|go) \w|^case .*:"
        rf"|^\}} else|(?:^|[=(,:&!] ){_CALL}|[!=]= nil\b|& \w[\w. ]* \{{|\[ \] [\w* .]+\{{|\bmap \["
        r"|^\w+ [\w\[\]* .]+ ``$|^\w+ (?:\* |\[ \] )*(?:string|u?int\d*|bool|byte|error|float\d+|any)(?: ``)?$"
        rf"|{_FIELD}|{_IMPORTS}|^[A-Z]\w* \* (?:\w+ \. )*[A-Z]\w*$"
        r"|\bfunc \(|^\w+ \+\+$|^(?:break|continue)$|^\w+(?: \. \w+)+ = |\} \)$"
    ),
    "java": (
        rf"^{_PAREN}|^\}} else\b|^return\b|^(?:import|package) [\w. *]+;|^(?:@ \w+ )*(?:public|private|protected"
        rf"|static|final)\b"
        rf"|^@ [A-Z]\w+|^throw new|(?:^|[=(,+!:?] ){_CALL}|^try [{{(]|^\}} (?:catch|finally)"
        rf"|^[\w<>\[\], .?]+ \w+ = .*[;(]$"
        r"|= new \w|^\w+ \(.*\) ;$|^(?:class|interface|enum|record) \w+ |^\. \w+ \(|^case .*(?::|->)"
        r"|^[\w<>\[\], .?]+ \w+ \([^;]*\)(?: throws .*)? \{|^(?:\w+ \. )*\w+ = .* ;|^[\w<>\[\], .?]+ \w+ ;$"
        r"|^super \(|^(?:break|continue) ;"
    ),
    "c++": (
        rf"^#[ \t]*(?:include|define|if|ifdef|ifndef|endif|else|elif|undef|pragma|error)\b|^{_PAREN}|^\}} else\b"
        rf"|^else\b"
        rf"|^return\b[^:]*;|(?:^|[=(,+!:?&|] ){_CALL}|^\w+ \(.*\) ;|^[\w:<>*& ,]+ \*?\w+ (?:\[.*\] )?=.*[;{{(]$"
        rf"|\w -> \w"
        r"|^(?:static|struct|enum|union|typedef|extern|const|unsigned|void|int|char|double|class|template|namespace"
        r"|using)\b.*[;{(,)]$"
        r"|^(?:static |const |extern |inline )*[\w:<>*& ]+ \*?\w+ \([^;]*\)(?: const)?(?: \{| ;)?$|^case .*:"
        r"|^(?:break|continue) ;"
        r"|^goto \w+ ;|^do \{|^\} while \(|^[\w* ]+ [\w*]+ ;$|^\w+ (?:\+\+|--|[+|&-]=.*) ?;|^(?:\w+ \. )*\w+ = .* ;"
    ),
    "rust": (
        r"^(?:pub (?:\( \w+ \) )?)?(?:async |const |unsafe |extern \"\" )*(?:fn|struct|enum|trait|mod|use"
        r"|type(?= \w+ [=<;:])|static|impl|macro_rules)\b"
        rf"|^let \b|^return\b|^(?:\}} else )?(?:if|for|while|match|loop)\b.*\{{|^\}} else|(?:^|[=(,!&:*] ){_CALL}"
        rf"|^\w+ ! [(\[{{]"
        rf"|{_FIELD}|^& [A-Z]\w* ,|^\( & \[|& \[ \"|:: \{{|^self$|^\w*[a-z][A-Z]\w* ,\n\w+ ,$"
        r"|\w ! \(|^#\[|^# !|=> [\w{(\"&]|=>$|^\. \w+ [(:?]|^use \w"
        r"|^(?:pub (?:\( \w+ \) )?)?\w+ : [\w:<>&' ,()\[\]]+ ,$|-> [\w&(\[]|\w :: \w"
        r"|\bfn \w+|& (?:mut )?self|^(?:break|continue)(?: .*)?;|^\w+ (?:[+|&-]=|=) .*;$|^where$|^impl\b|\) \?"
        r"|^Ok \(|^Some \(|^Err \("
    ),
    "ruby": (
        r"^(?:private )?def [\w.]+|^end\b|^(?:if|unless|while|until|case|when|elsif|rescue|ensure|in) \S"
        r"|^class (?:<< self|[A-Z])"
        r"|^module [A-Z]|^require(?:_relative)? \(? ?\"\"|\bdo(?: \|.*)?$|^return\b|^(?:else|begin|ensure|rescue)$"
        r"|^@\w+ "
        rf"|(?:^|[=(,!|] ){_CALL}|^\w+ :\w+[?!]? ,|^attr_\w+ :|^(?:\w+ )?[\w.@ ]+ = .*[(\[{{]|^(?:include|extend"
        rf"|attr_\w+|raise|yield|alias|gem|it|describe|should|assert\w*)\b"
        r"|\{ \|[\w, *&]+\||^\w+ (?:\|\||&&|\+|<<)= |^\w+ (?:if|unless) \w|^puts |^(?:\w+|self)(?: \. \w+)+|-> [({]"
        r"|^\w+ \(.*\)$|:: [A-Z]"
    ),
}
_PROOF = {name: re.compile(text, re.MULTILINE) for name, text in _PROOFS.items()}

# A call or a `return` alone might be Python in a string, whose indentation means something: it is no proof without one
# of these.
_BRACED = r"[{;]$|^\}|&&|\|\||:=|=>|\+\+|===|! \(|-> |:: |\bfunction\b|^# ?(?:include|define|if|endif|else|pragma)|^#\["
_OWN = {
    "script": rf"{_BRACED}|^(?:const|let|var|import|export) |{_FIELD}|{_MEMBERS}"
    r"|: (?:string|number|boolean) ?[,|\[]|\? :|=> |^\w*[a-z][A-Z]\w*(?: as \w+)? ,$|^\. \w+ \(|[,)] \)$",
    "go": rf"{_BRACED}|{_IMPORTS}|^(?:var|func|import|package|type|const) |{_FIELD}|& \w|\[ \]"
    rf"|^[A-Z]\w* (?:\* )?[\w. ]+(?: ``)?$|\. [A-Z]\w* \(",
    "rust": rf"{_BRACED}|^(?:let|fn|pub|use|mod) |{_FIELD}|& \w|& \[|^self$|^\w*[a-z][A-Z]\w* ,|\) \?|\w ! "
    rf"|^(?:pub )?\w+ : \w.* ,$"
    r"|\| \w+ \||^\. \w+ \(|\b(?:Some|Ok|Err) \(",
    "ruby": r"^end\b|\bdo(?: \|.*)?$|:\w|@\w|=>|:: |\w[?!] |\{ \||\|\||&&|<<|\bnil\b|\bunless\b"
    r"|^(?:def|class|module|if|case|when|elsif|include|require|it|describe)\b[^:]*$",
}
_HELD = {name: re.compile(_OWN.get(name, _BRACED), re.MULTILINE) for name in _PROOFS if name != "python"}

# Rows of other languages: SQL, style sheets, markup, Markdown, templates.
_ALIEN = re.compile(
    r"^(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|CREATE|ALTER|DROP|JOIN|VALUES|GROUP|ORDER|INNER|HAVING|UNION) [\w*\"]"
    r"|^(?:select|update|insert) [\w*].*\b(?:from|set|values|into)\b"
    r"|^@ (?:media|include|keyframes|font|supports|mixin|apply|tailwind)\b|^[a-z]+(?: - [a-z]+)+ : |[:,] # ?\w"
    r"|\burl \( [/#]"
    r"|\d(?:px|r?em|v[hw]|fr|deg)\b|\d % ;|< /|^< [!?]|^-- (?:-|\w+ \w)|^\d+ \. "
    r"|; (?:do|then)$|^(?:fi|done|esac)$|^\. \w+ : |^\. [\w -]+ \{$|:: (?:before|after)\b|\w !$|^(?:and|or) \w"
    r"|^export \w+ =|^(?:cd|echo) [\w/\"]"
    r"|\{ %|% \}|\{ \{ [.#/-]|\$ \{",
    re.MULTILINE,
)
_BLOCK = r"|^(?:if|for|while|with|except) [^(].* :$|^(?:else|try|finally) :$|^def \w|^elif "  # Python's
_LIST = r"|^- (?:\w|\"\")(?:.*[^;,)])?$|^>>> "
_CLASS = r"|^class \w+ :$|^# \w"
_KEYED = (  # YAML: a key whose value ends with its row
    r"|^(?!case\b|default\b|public|private|protected)[\w.-]+ : (?:[^\n]*[^\s;,{(\[=|&+?:])(?=\n(?! ?[."
    r"|&+?:}\])*<>=-]|$))"
)
_KEY = r"|^(?!default\b|else\b|try\b)[\w.-]+ :$(?!\n(?:for|switch|select)\b)"
_ALIENS = {
    "python": r"^<|^;" + _LIST + r"|;$|(?<!\.)(?<!^from )\.\.(?!\.)"
    r"|^(?:if|for|while|with|class|def|return|import) :|^(?!if\b|elif|else|for\b"
    r"|while\b|with\b|try\b"
    r"|except|finally|def\b|class\b|async\b|match\b|case\b)\w.*[^\]] :$"
    r"|^\w+ : (?:\d[\w.]*|\"\"|true|false|null|yes|no)$|\bfunction \(",
    "script": r"^\\$" + _BLOCK + _LIST + _CLASS + r"|^[\w$]+ : [^?\n]*\d[a-z%]* ;",
    "jsx": r"^\{ (?![^\n]* : )[^,\n]*\}|^\w+ : //",
    "go": r";$|^\}\}" + _BLOCK + _LIST + _CLASS + _KEYED + _KEY + r"|\bfunction\b",
    "java": r"^\\$" + _BLOCK + _KEYED,
    "c++": r"^\\$" + _BLOCK + _KEYED,
    "rust": r"^\\$" + _BLOCK + _CLASS + _KEYED + _KEY,
    "ruby": (_LIST + _BLOCK).replace("|^def \\w", "|^(?:def|class|if) .*:$").lstrip("|")
    + r"|;$|^[A-Z][A-Z_\d]*$|^= end\b|^(?!when|in|else)[\w-]+ :$|^[\w-]+ : [^\n]*[^\s,({\[|&\\]\n[\w-]+ : "
    r"|\bfunction \(",
}
_NOT_HERE = {name: re.compile(text, re.MULTILINE) for name, text in _ALIENS.items()}

# What is no token of a language, or of one that is alike.
_ODD = {
    "python": words("$ ? ! ` \\ => === !== && || ++ -- ?. ?? ..= >>> >>>= := := ##") - {":="},
    "script": words("\\ -> := :: .. |> ## ` #["),
    "go": words("$ ? @ \\ # === => !== -> ?. ?? :: .. #[ ## ` ~="),
    "java": words("$ # \\ === !== => := <=> ?? ?. .. ** ##"),
    "c++": words("$ @ ` === !== => := .. \\"),
    "rust": words("\\ === !== := ++ -- ~ `"),
    "ruby": words("# ++ -- !== ## ` :="),
}
_MOST, _LONGEST = 1_000, 100  # tokens of a row, characters of a token
_VALUE = {"word", "number", "string"}


def proven(tokens: list[Token], language: Language) -> bool:
    """Whether these tokens are code of the language beyond doubt."""
    if any(token.text == "#" and token.after for token in tokens if token.kind == "op"):
        return False
    name = "script" if language.lines is Lines.SCRIPT else language.name
    if any(token.kind == "op" and token.text in _ODD[name] for token in tokens):
        return False
    if language.lines is Lines.PYTHON and _side_by_side(tokens, language):
        return False
    text = "\n".join(_rows(tokens))
    if _ALIEN.search(text) or _NOT_HERE[name].search(text) or (language.tags and _NOT_HERE["jsx"].search(text)):
        return False
    return _PROOF[name].search(text) is not None and (name == "python" or _HELD[name].search(text) is not None)


def _rows(tokens: list[Token]) -> Iterator[str]:
    """The tokens of each row, which goes on in ( and [; both are cut short, so that no pattern takes long."""
    row: list[str] = []
    open_: list[str] = []
    glued = False
    for token in tokens:
        if token.kind == "end":
            if row and (len(row) > _MOST or not (open_ and open_[-1] in "([")):
                yield " ".join(row)
                row = []
            continue
        if token.kind == "comment":
            continue
        if token.kind == "op":
            if token.text in {"(", "[", "{"}:
                open_.append(token.text)
            elif token.text in {")", "]", "}"} and open_:
                open_.pop()
        if token.kind == "string":
            row.append("``" if token.text[0] == "`" else '""')
        else:
            said = token.text.partition("\n")[0][:_LONGEST]
            symbol = bool(row) and row[-1] == ":" and glued
            row[-symbol or len(row) :] = [f":{said}" if symbol else said]
        glued = token.before and not token.after  # Ruby's `:name`
    if row:
        yield " ".join(row)


def _side_by_side(tokens: list[Token], language: Language) -> bool:
    """Whether two values stand in a row, as no Python has them."""
    soft = {"match", "case", "type", "print", "exec"}
    last: Token | None = None
    for token in tokens:
        if last is not None and token.kind in _VALUE and token.text not in language.keywords:
            is_value = last.kind in _VALUE and last.text not in language.keywords and last.text not in soft
            is_value = is_value or (last.kind == "op" and last.text in {")", "]", "}"})
            if is_value and not (token.kind == last.kind == "string"):
                return True
        last = None if token.kind in {"end", "comment"} else token
    return False
