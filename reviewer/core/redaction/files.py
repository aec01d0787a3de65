"""Tells by its name the file that holds secrets: never sent whole, whatever stands in it."""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"[._-](?:example|sample|template|tmpl|tpl|dist|defaults?|schema|j2|erb)$", re.IGNORECASE)

# Matched against the whole of the lower-case file name; the reason says what such a file holds.
_NAMES = (
    (re.compile(r"\.env(?:\..+|rc)?|.+\.env|env\.local"), "environment file"),
    (re.compile(r"\.netrc|_netrc|\.pgpass|pgpass\.conf|\.my\.cnf|\.mylogin\.cnf|\.s3cfg|\.boto"), "file of passwords"),
    (
        re.compile(r"\.pypirc|\.dockercfg|\.git-credentials|\.htpasswd|\.htdigest|\.vault_pass(?:\.txt)?"),
        "file of passwords",
    ),
    (re.compile(r"id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)(?:[._-](?!pub$)[\w-]+)?"), "private key"),
    (re.compile(r".+\.(?:pem|ppk|p12|pfx|p8|jks|keystore|bks|kdbx?|jceks)"), "key store"),
    (re.compile(r".+\.(?:tfstate(?:\..*)?|tfvars(?:\.json)?)"), "Terraform values"),
    (re.compile(r"secrets?\.(?:ya?ml|json|toml|ini|properties|env)"), "file of secrets"),
    (re.compile(r"credentials?(?:\.(?:json|ya?ml|toml|ini|csv))?|client_secrets?.*\.json"), "file of credentials"),
    (
        re.compile(r"(?:gcp|gcloud|google)?[-_]?service[-_]?account.*\.json|application_default_credentials\.json"),
        "service account",
    ),
    (re.compile(r"kubeconfig|.+\.kubeconfig|master\.key|credentials/.+\.key"), "key to a cluster or application"),
)
_PATHS = re.compile(
    r"(?:^|/)(?:\.docker/config\.json|\.aws/credentials|\.kube/config|\.azure/accesstokens\.json|\.ssh/(?!config$|known_hosts$|.*\.pub$)[^/]+)$"
)
# A `.key` is a private key where its name or folder says so, else it may be anybody's: Keynote's, a translation's.
_KEY = re.compile(
    r"(?:^|/)(?:[^/]*(?:server|client|private|priv|ca|root|tls|ssl|ssh|cert|signing|domain|host)[^/]*|(?:[^/]*/)*?(?:certs?|keys|ssl|tls|pki|secrets?|private)/(?:.*/)?[^/]+)\.key$"
)


def is_secret_file(path: str) -> str:
    """What the file is known to hold ("environment file"), "" for an ordinary one. A template is an ordinary one."""
    path = path.lower()
    name = path.rpartition("/")[2]
    if _TEMPLATE.search(name) or _TEMPLATE.search(name.rpartition(".")[0]):
        return ""
    for form, reason in _NAMES:
        if form.fullmatch(name):
            return reason
    if _PATHS.search(path):
        return "file of credentials"
    return "private key" if _KEY.search(path) else ""
