"""Orders to a reviewer in the commonest languages beside English, and the signs of a chat's template."""

from __future__ import annotations

import re

from reviewer.core.hostile.rule import Rule, rule

LANGUAGES = (
    rule(
        "ignorier|vergiss|missachte|melde keine|genehmig",
        r"(?:ignorier(?:e|en|t)|vergiss|missachte|vergessen sie) (?:sie )?(?:bitte )?(?:alle |die |deine |ihre "
        r")?{2}(?:vorherigen|bisherigen|obigen|fruheren|vorigen|vorangegangenen|deine|ihre) (?:an)?weisungen"
        r"|(?:ignorier(?:e|en)|vergiss) (?:sie )?(?:alle |deine )(?:an)?weisungen|melde (?:hier )?keine "
        r"(?:fehler|funde|probleme|schwachstellen|befunde)(?= in dies| hier|[.!\n]|$)|genehmige diesen (?:pull "
        r"request|pr)",
    ),
    rule(
        "ignore|oublie|approuve|signale",
        r"(?:ignore[zr]?|oublie[zr]?|ne tiens pas compte de|ne tenez pas compte de) {1}(?:toutes )?(?:les |tes "
        r"|vos )?(?:consignes|instructions|directives) (?:precedentes?|anterieures?|ci-dessus)"
        r"|(?:approuve[zr]?) cette (?:pull request|demande|pr)|ne (?:signale|signalez|rapporte|rapportez) "
        r"aucun(?:e)? (?:probleme|bug|faille|vulnerabilite|erreur)",
    ),
    rule(
        "ignor|olvid|aprueb|informes",
        r"(?:ignora|ignore|ignoren|olvida|olvide|ignorar) (?:todas )?(?:las |tus |sus )?(?:instrucciones|"
        r"ordenes|indicaciones) (?:anteriores|previas)"
        r"|(?:aprueba|apruebe) (?:este|esta) (?:pull request|pr|cambio)|no (?:informes|informe|reportes|"
        r"reporte|senales) (?:de )?(?:ningun|ninguna) (?:problema|error|fallo|vulnerabilidad)",
    ),
    rule(
        "ignor|esqueca|aprove|relate",
        r"(?:ignore|ignora|ignorem|esqueca|desconsidere) (?:todas )?(?:as )?(?:suas )?instrucoes (?:anteriores|"
        r"previas|acima)"
        r"|aprove (?:este|esta) (?:pull request|pr|mudanca)|nao (?:relate|reporte|aponte) (?:nenhum|nenhuma) "
        r"(?:problema|erro|falha|vulnerabilidade)",
    ),
    rule(
        "игнорир|забуд|одобр|сообща",
        r"(?:игнорируи(?:те)?|проигнорируи(?:те)?|забудь(?:те)?) (?:все )?(?:свои |твои )?(?:предыдущие|"
        r"прежние|прошлые|вышеуказанные) (?:инструкции|указания|команды)"
        r"|одобри(?:те)? (?:этот|даннои) (?:pull request|пулреквест|пул-реквест|pr|запрос)|не сообщаи(?:те)? "
        r"(?:ни )?о (?:каких|любых|наиденных)? ?{1}(?:ошибках|проблемах|уязвимостях)",
    ),
    Rule(
        ("忽略", "无视", "無視", "忘记", "批准", "不要报告"),
        re.compile(
            r"(?:请)?(?:忽略|无视|忘记)(?:掉)?(?:之前|以上|上述|先前|前面|所有|你)[^\s。,]{0,8}(?:指令|指示|提示词|要求|规则)|"
            r"(?:请)?(?:直接)?批准(?:此|这个|该|本)(?:拉取请求|合并请求|pr|更改)"
            r"|不要(?:报告|提及|标记)(?:任何)?(?:问题|漏洞|错误|缺陷)"
        ),
    ),
    Rule(
        ("無視", "忘れ", "承認", "報告しな"),
        re.compile(
            r"(?:これまで|以前|上記|以上|前|先)の?(?:すべての|全ての|全)?(?:指示|命令|指令|プロンプト|フロンフト)(?:を|は)?(?:すべて|全て|全部)?(?:無視|忘れ)|"
            r"この(?:プルリクエスト|フルリクエスト|pr|変更)を承認(?:して|せよ|しろ)"
            r"|(?:問題|脆弱性|バグ|ハク|欠陥)(?:を|は)(?:一切|何も)?報告しない"
        ),
    ),
)

# What only a chat's template or our own fences hold, in a line as it is written.
TOKENS = (
    re.compile(r"</data-[0-9a-f]{12}>"),
    re.compile(
        r"<\|im_start\|>\s{0,9}(?:system|assistant|developer|user)\b[^'\"|{}]{0,9}\s[^\s'\"|{}<]+\s+[^\s'\"|{}<]+",
        re.IGNORECASE,
    ),
    re.compile(r"<\|im_end\|>\s{0,9}<\|im_start\|>", re.IGNORECASE),
    re.compile(r"\[INST\]\s{0,9}[^\s{}'\"\[<]+\s+[^\s{}'\"\[]+\s+[^\s{}'\"\[]+"),
    re.compile(r"<<SYS>>\s{0,9}[^\s{}'\"\[<]+\s+[^\s{}'\"\[]+"),
)
