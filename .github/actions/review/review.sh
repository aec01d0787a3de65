#!/usr/bin/env bash
# Reviews the change of a workflow's event twice: as SARIF, and, from the cache, as annotations. Everything that a stranger
# may have chosen comes by the environment (see action.yml). The exit code is told as an output: the upload comes first.
set -euo pipefail

told() {
  printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# What the runner takes for a command is one line.
said() {
  local level="$1" text
  text="$(tr '\r\n' '  ' <<<"$2")"
  printf '::%s title=reviewer::%s\n' "$level" "${text//%/%25}"
}

if [[ -z "${OPENAI_API_KEY:-}${OPENAI_BASE_URL:-}${AZURE_OPENAI_ENDPOINT:-}" && "${REVIEW_FORK:-}" == "true" ]]; then
  said warning "Nothing was reviewed: a pull request from a fork gets no secrets, so there is no key for the model."
  told exit-code 0
  told sarif ""
  exit 0
fi

zero='^0*$' # what was there before a new branch
range="${REVIEW_RANGE:-}"
if [[ -z "$range" && ! "${REVIEW_BASE:-}" =~ $zero ]]; then
  range="$REVIEW_BASE...${REVIEW_HEAD:-HEAD}"
fi
options=()
[[ -z "${REVIEW_FAIL_ON:-}" ]] || options+=(--fail-on "$REVIEW_FAIL_ON")

# REVIEW_COMMAND is for tests.
command=(uv run --quiet --no-dev --locked --project "${GITHUB_ACTION_PATH:-.}/../../.." reviewer)
[[ -z "${REVIEW_PYTHON:-}" ]] || export UV_PYTHON="$REVIEW_PYTHON"
[[ -z "${REVIEW_COMMAND:-}" ]] || read -ra command <<<"$REVIEW_COMMAND"

sarif="${RUNNER_TEMP:-/tmp}/reviewer.sarif"
errors="${RUNNER_TEMP:-/tmp}/reviewer.errors"
code=0
"${command[@]}" review "${options[@]}" --format sarif -- ${range:+"$range"} >"$sarif" 2>"$errors" || code=$?
cat "$errors" >&2
told exit-code "$code"
if [[ -s "$sarif" ]]; then
  told sarif "$sarif"
else
  told sarif ""
fi
if ((code <= 1)); then
  "${command[@]}" review "${options[@]}" --format github -- ${range:+"$range"} || true
else
  said error "$(tail -n 1 "$errors")"
fi
