"""Tells by its name the file that holds secrets: never sent whole, whatever stands in it."""

from __future__ import annotations

import re

# Only the end says so: what comes last in `prod-schema.env` is what the file is.
_TEMPLATE = re.compile(r"[._-](?:example|sample|template|tmpl|tpl|dist|defaults?|schema|j2|erb)$")
_DATA = r"(?:ya?ml|json|toml|ini|properties|env)"

# Matched against the whole of the lower-case file name; the reason says what such a file holds.
_NAMES = tuple(
    (re.compile(form), reason)
    for form, reason in (
        (r"\.env(?:[._-].+|rc)?|.+\.env|env\.local", "environment file"),
        (r"\.netrc|_netrc|\.pgpass|pgpass\.conf|\.my\.cnf|\.mylogin\.cnf|\.s3cfg|\.boto", "file of passwords"),
        (r"\.pypirc|\.npmrc|\.dockercfg|\.git-credentials|\.htpasswd|\.htdigest", "file of passwords"),
        (r"\.vault_pass(?:\.txt)?|passwords?\.(?:txt|csv)", "file of passwords"),
        (r"id_(?:rsa|dsa|ecdsa|ed25519|ecdsa_sk|ed25519_sk)(?:[._-](?!pub$)[\w-]+)?|deploy[_-]key", "private key"),
        (r".+\.(?:pem|ppk|p12|pfx|p8|jks|keystore|bks|kdbx?|jceks)", "key store"),
        (r".+\.(?:tfstate(?:\..*)?|tfvars(?:\.json)?)", "Terraform values"),
        (rf"secrets?(?:\.[\w-]+)?\.{_DATA}", "file of secrets"),
        (rf"credentials?(?:\.[\w-]+)?\.(?:{_DATA}|csv)|credentials?|client_secrets?.*\.json", "file of credentials"),
        (
            r"(?:gcp|gcloud|google)?[-_]?service[-_]?account.*\.json|application_default_credentials\.json",
            "service account",
        ),
        (r".*firebase-adminsdk.*\.json", "service account"),
        (r"kubeconfig|.+\.kubeconfig|master\.key", "key to a cluster or application"),
    )
)
# By the folder: the file's last folder, and its name.
_IN_FOLDER = re.compile(
    rf"\.docker/config\.json|\.aws/credentials|\.kube/config|\.azure/accesstokens\.json|credentials/.+\.key|"
    rf"\.?secrets/.+\.{_DATA}|\.ssh/(?!config$|known_hosts$|.*\.pub$).+"
)
# A `.key` is a private key where its name or a folder says so, else it may be anybody's: Keynote's, a translation's.
_KEY_NAME = re.compile(r"server|client|priv|ca|root|tls|ssl|ssh|cert|signing|domain|host")
_KEY_FOLDERS = frozenset(["cert", "certs", "keys", "ssl", "tls", "pki", "secret", "secrets", "private", "credentials"])


def is_secret_file(path: str) -> str:
    """What the file is known to hold ("environment file"), "" for an ordinary one. A template is an ordinary one."""
    *folders, name = path.lower().split("/")
    if _TEMPLATE.search(name) or (_TEMPLATE.search(name.rpartition(".")[0]) and not name.endswith(".env")):
        return ""
    for form, reason in _NAMES:
        if form.fullmatch(name):
            return reason
    if folders and _IN_FOLDER.fullmatch(f"{folders[-1]}/{name}"):
        return "file of credentials"
    key = name.endswith(".key") and (_KEY_NAME.search(name[:-4]) or not _KEY_FOLDERS.isdisjoint(folders))
    return "private key" if key else ""
