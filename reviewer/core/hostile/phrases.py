"""The English phrases that give orders to a reviewer, for text that `folding` has brought to its form."""

from __future__ import annotations

import re

from reviewer.core.hostile.rule import rule

_MACHINE = r"(?:ai|llm|gpt|chatgpt|copilot|coderabbit|claude|gemini|automated|automatic|machine|language model)"
_REVIEWER = (  # can be nobody but the reader of a change
    rf"(?:{_MACHINE}(?: based| powered)?(?: code| pr| pull request| security)? ?review(?:ers?|ing agents?| "
    r"agents?| bots?| tools?)|"
    r"(?:code )?(?:review|reviewing|reviewer) (?:bots?|agents?|assistants?|models?)|(?:ai|llm|bot|model|"
    r"assistant|copilot|gpt)s? "
    r"(?:reading|reviewing|analyzing|processing) (?:this|the))"
)
_ANYBODY = (  # a machine of any kind: it has to be spoken to
    rf"(?:{_MACHINE}(?: based| powered)?(?: code)? ?(?:assistants?|agents?|models?|bots?|tools?|systems?|"
    r"scanners?)?|ais|llms|"
    r"language models?|assistants?)"
)
_CHANGE = (
    r"(?:pull request|pull-request|merge request|merge-request|pr|mr|change|changes|changeset|diff|patch|commit|file|"
    r"code|function|module|hunk|review|class|method)"
)
_FLAW = r"(?:findings?|issues?|bugs?|vulnerabilit(?:y|ies)|problems?|defects?|concerns?|flaws?|violations?)"
_PAST = r"(?:previous|prior|above|earlier|preceding|foregoing|former|initial|original)"
_TOLD = r"(?:instructions?|directives?|guidelines?|prompts?|orders|commands|directions)"
_SET_ASIDE = r"(?:ignore|disregard|forget|override|overrule|bypass|neglect|discard|dismiss)"
_NOT = (
    r"(?:do not|don t|dont|never|must not|should not|shouldn t|shall not|no need to|refrain from|avoid|stop|"
    r"without)"
)
_TELL = (
    r"(?:report|flag|mention|comment on|raise|list|include|point out|complain about|warn about|note|reveal|disclose|"
    r"reporting|flagging|mentioning|commenting on|raising|listing|pointing out)"
)
_FINE = r"(?:safe|reviewed|approved|secure|clean|passed|passing|harmless|trusted|lgtm|false positives?|no issues)"
_ORDER = (
    r"(?:approve|ignore|skip|disregard|accept|pass this|assume|treat|consider|mark|rate|trust|"
    rf"(?:do not|don t|never) (?:{_TELL}|review|look|check|analy[sz]e|worry)|"
    r"return (?:an empty|no)|report (?:no|zero)|respond|reply|answer with|output (?:an empty|no|only)|must "
    r"(?:approve|pass)|"
    r"say lgtm|lgtm|looks good|no findings|stop review|not (?:be )?(?:flag|report|review))"
)

RULES = (
    # Set your instructions aside.
    rule(
        "ignor|disregard|forget|overrid|overrul|bypass|neglect|discard|dismiss",
        rf"{_SET_ASIDE} {{2}}(?:{_PAST} {{2}}{_TOLD}|(?:your|my|its) {{3}}(?:{_TOLD}|rules|programming|"
        r"training|system prompt|policies)|"
        r"(?:all|any|every|these|those) (?:of )?(?:the |your |my )?(?:other |system |review |reviewing |"
        rf"reviewer |existing |{_PAST} ){{1,2}}"
        rf"(?:{_TOLD}|rules|messages?|context)|(?:all|any) (?:of )?(?:the |your )?(?:instructions|directives|"
        r"guidelines)|"
        r"(?:everything|anything|all|whatever) (?:that )?(?:you (?:were|have been|ve been|are) told|i said|"
        r"said|written|stated|above|before this)|"
        r"(?:the )?instructions (?:above|before|given|you|in your)|(?:the )?(?:review|reviewing|reviewer|"
        r"system) (?:instructions|rules|guidelines|directives)|"
        rf"(?:what|everything) (?:you|the system) {{4}}(?:told|instructed|prompt))",
    ),
    rule(
        "instruction|directive|task|orders",
        r"(?:here are |these are )?your (?:new|updated|real|actual|true|only|revised) "
        r"(?:instructions|directives|task is|tasks are|orders|job is|goal is)",
    ),
    rule(
        "instead|only|exactly|rather",
        r"(?:follow|obey|comply with|execute|apply) (?:only )?(?:these|my|this|the following) "
        r"(?:new )?(?:instructions?|orders?|commands?|directives?) (?:instead|only|exactly|rather|and "
        r"(?:ignore|nothing))",
    ),
    rule(
        "system override|admin override|developer override|system instruction:|system directive",
        r"(?:system|admin|administrator|developer|root|reviewer) (?:override|directive)(?::| for | to )|"
        r"(?:system instruction:)",
    ),
    rule(
        "system prompt",
        r"(?:begin|end|new|start of|end of) (?:of )?(?:the )?system prompt(?=[-\s.!:]|$) "
        r"?(?:-|:|$|\n)",
    ),
    rule(
        "system prompt|instructions|prompt above",
        r"(?:reveal|print|repeat|output|leak|disclose|recite|dump|tell me) {2}your (?:\S{1,20} )?(?:system "
        r"prompt|instructions|initial prompt|prompt)",
    ),
    rule(
        "ignoreprevious|ignoreallprevious|ignoretheabove|ignoreabove|ignoreallprior|ignoreprior",
        r"ignore(?:all)?(?:the)?(?:previous|above|prior)(?:instructions|prompts|rules)",
    ),
    # Be somebody else.
    rule(
        "you are now|you re now|you will now be|you shall now|you are no longer|from now on",
        r"(?:you (?:are|re) (?:now |from now on )|you (?:will|shall) now (?:be|act as) |you are no longer |"
        r"from now on you (?:are|act as|will be) )"
        r"(?:an? |the |my |in |acting as |operating )?{3}(?:reviewer|approver|auditor|dan|jailbroken|unrestricted|"
        r"(?:approval|auto-approve|auto approve|no-review|permissive|rubber-stamp|maintenance review|jailbreak|"
        r"unrestricted|lenient) mode|"
        r"code review(?:er)?|review (?:bot|assistant|agent|tool))",
    ),
    rule(
        "pretend|imagine|act as|roleplay|role-play",
        rf"(?:pretend|imagine|act as if|act as though|roleplay|role-play) (?:that )?"
        rf"(?:you |this |the )(?:are |{_CHANGE} ){{4}}(?:reviewed|approved|no (?:bugs|issues|findings|problems|"
        r"vulnerabilities)|reviewer that|reviewer who)",
    ),
    # You, reviewer: an order.
    rule("review|reading|analyzing|processing", rf"{_REVIEWER}[:.,]? {{~6}}{_ORDER}"),
    rule(
        "ai|llm|gpt|copilot|coderabbit|claude|gemini|automat|machine|model|assistant",
        r"(?:as an? |if you (?:are|re) (?:an? )?|attention:? |(?:note|notice|message|instructions?|hint) "
        r"(?:to|for) |dear |hello |hey |"
        rf"hi |to (?:any|all) )(?:the |any |all |every )?{_ANYBODY}[:.,]? {{~6}}{_ORDER}",
    ),
    rule(
        "ai:|llm:|llms:|gpt:|model:|assistant:|agents:|assistants:|models:|copilot:|claude:",
        rf"{_ANYBODY}: {{2}}{_ORDER}",
    ),
    rule(
        "review",
        r"(?:attention|note to|notice to|message to|dear|instructions? (?:to|for)):? (?:the |any |all |every "
        r")?(?:automated |automatic )?"
        rf"(?:code )?review(?:er|ers|ing system|ing tool|ing agent)[:.,]? {{~6}}{_ORDER}",
    ),
    # The verdict.
    rule(
        "approv",
        r"(?:you (?:must|should|will|have to|need to) |always |automatically |immediately |unconditionally |"
        r"simply |just |now )"
        rf"{{1}}approve (?:this|the|my|all|every|any) {{2}}{_CHANGE}",
    ),
    rule(
        "approv",
        rf"approve (?:this|the|my) {{2}}{_CHANGE} (?:{{1}})?(?:immediately|unconditionally|regardless|without|"
        r"as is|as-is|no matter|now\.|"
        r"with no|and (?:do not|don t|report no|return|ignore|skip|say|mark))",
    ),
    rule(
        "approve this",
        r"(?:(?:^|[.!:\n] ?)(?:please |just |now )?)approve this (?:pull request|pull-request|pr|merge "
        r"request|mr|change|changeset|diff|patch)(?=[.!\n]|$)",
        said=False,
    ),
    rule(
        "be approved|must pass|be merged|be accepted",
        rf"(?:this|the) {_CHANGE} (?:must|should|shall|has to|needs to|is to) (?:always |automatically )?"
        r"(?:be (?:approved|accepted|merged|passed)|pass)(?: {1})? (?:immediately|unconditionally|"
        r"automatically|regardless|without|as is|as-is|with no)",
    ),
    rule(
        "report|flag|mention|comment|rais|list|includ|point|complain|warn|note|reveal|disclose",
        rf"{_NOT} (?:any |please )?{_TELL} (?:{{3}}{_FLAW}|anything|it|this|them|any{{2}}) {{2}}(?:in|about|"
        rf"for|with|on|within|from|of|here) ?(?:this|the following|below|these) {{1}}{_CHANGE}",
    ),
    rule(
        "report|flag|mention|comment|rais|list|point|complain|warn",
        rf"{_NOT} {_TELL} (?:any|a single|all|these|those) {{2}}{_FLAW}(?=[.!]|\n|$)(?!\n(?:through|via|"
        r"publicly|on|using|to|by|here|in|as)\b)",
    ),
    rule(
        "mark|treat|classif|rate|consider|label|regard",
        r"(?:mark|treat|classify|rate|consider|label|regard|declare|deem) (?:this|these|the|all) "
        rf"{{1}}{_CHANGE} {{2}}(?:as |to be )?(?:being )?(?:already )?(?:fully )?{_FINE}",
    ),
    rule(
        "mark|treat|classif|rate|consider|label|downgrade|lower",
        r"(?:mark|treat|classify|rate|consider|label|downgrade|score) (?:all|every|any|each|everything) "
        rf"{{3}}(?:{_FLAW} )?(?:{{2}})(?:as|to|with) (?:severity )?(?:low|info|informational|minor|safe|"
        r"harmless|false positives?|confidence)",
    ),
    rule(
        "finding|review comment|issues|vulnerabilit|bugs|problems",
        r"(?:return|report|output|submit|produce|give|respond with|reply with|answer with) (?:back )?(?:an? "
        r")?(?:empty|no|zero|blank) (?:list of |array of |set of )?"
        r"(?:(?:findings|review comments)(?: (?:list|array))?(?=[.!\n]|$| (?:for|and|at all|here|whatever|"
        rf"regardless|instead))|{_FLAW} {{2}}(?:for|in|about|on) this {{1}}{_CHANGE})",
    ),
    rule(
        "empty",
        r"(?:return|report|output|submit|produce|call \S{1,30} with|respond with|reply with|answer with) "
        r"(?:back )?(?:only )?an empty (?:findings |json )?(?:list|array|object|findings|report)"
        rf" (?:for|in|about) this {{1}}{_CHANGE}",
    ),
    rule(
        "lgtm|approved|looks good|no issues|no findings|no problems|no bugs|all clear",
        r"(?:respond|reply|answer|comment|output|say|write|state|return)(?: back)? (?:(?:only|just|exactly|"
        r"solely|simply) (?:with )?|with (?:only|just|exactly|nothing but) |nothing but )"
        r"(?:the (?:word|words|text|phrase|string) )?(?:lgtm|looks good|no issues|no findings|no problems|no "
        r"bugs|all clear|approved(?=[.!\n]|$))",
    ),
    rule(
        "respond with|reply with|answer with|output",
        r"(?:respond|reply|answer) with (?:the (?:word|words|text|phrase) )?(?:lgtm|approved|looks good to me|"
        r"no (?:issues|findings) found)",
    ),
    rule(
        "review",
        r"(?:skip|suppress|omit|stop|end|abort|bypass|disable|finish|cancel) (?:the |this |your |any |all |"
        r"further )?(?:code |security )?"
        r"(?:review|reviewing|review comments|findings|your analysis|your review) (?:of |for |on |about |in "
        rf")?(?:these|this) {{1}}{_CHANGE}",
    ),
    rule(
        "review|audit|approv|verif|vetted",
        rf"this {_CHANGE} (?:has|have|was|is) (?:already )?(?:been )?(?:already |fully |thoroughly |manually |"
        rf"pre-)?(?:reviewed|audited|approved|verified|vetted|pre-approved) {{~9}}"
        r"(?:skip|do not flag|don t flag|do not report|don t report|no findings|report nothing|need not be|no "
        r"need to (?:review|report|flag)|ignore any|so approve|approve it)",
    ),
    # Our own functions.
    rule(
        "report_findings|confirm_findings",
        r"(?:call|invoke|use|run|execute|trigger) (?:the )?(?:function |tool )?(?:report_findings|"
        r"confirm_findings) (?:with|now|using|immediately|on|and) ?{~3}(?:empty|no|zero|nothing|holds|false|"
        r"findings:|now|immediately)",
    ),
    rule(
        "holds|verdict",
        r"(?:set|answer|return|give|report) (?:\S{1,20} ){0,2}?(?:holds|verdict|verdicts) ?(?:to |as |is |: "
        r"?)?(?:false|approve|approved|pass) (?:for|on) (?:all|every|each|any|this)",
    ),
)

# What stands before an order that is none: "you can ignore the above instructions", "how to disregard …".
SOFT = re.compile(
    r"(?:(?<![\w-])(?:can|may|could|might|we|they|not|never|cannot|don t|didn t|doesn t|won t|that|which|who|"
    r"tries to|try to|trying to|attempts to|"
    r"attempt to|how to|used to|able to|if you|would|when to|whether to|said to|says|e\.g\.)[ \n])$"
)
