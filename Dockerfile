# With PostgreSQL and workers see compose.yaml.
# The server alone: `docker build -t reviewer .`, then `docker run --env-file .env -p 8000:8000 -v reviewer:/data reviewer`.

FROM python:3.13-slim AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/reviewer UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /src
RUN pip install --no-cache-dir uv
# What the program needs changes less often than the program: a layer of its own.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project
COPY README.md LICENSE app.yml ./
COPY prompts prompts
COPY fixtures/demo fixtures/demo
COPY fixtures/dedupe fixtures/dedupe
COPY reviewer reviewer
RUN uv sync --locked --no-dev --no-editable
# The rules for secrets, compiled: it takes four seconds, which the first review would wait.
RUN KF_RULE_CACHE_DIR=/opt/rules /opt/reviewer/bin/python -c \
    "import asyncio; from reviewer.secrets import RuleSet; asyncio.run(RuleSet().warm())"

FROM python:3.13-slim
# git, with the certificates that it trusts: what GitHub's API does not show of a large pull request is fetched.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates git && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --home-dir /data --create-home reviewer
COPY --from=build /opt/reviewer /opt/reviewer
COPY --from=build --chown=reviewer:reviewer /opt/rules /opt/rules
ENV PATH=/opt/reviewer/bin:$PATH PYTHONUNBUFFERED=1 KF_RULE_CACHE_DIR=/opt/rules \
    HOST=0.0.0.0 PORT=8000 REVIEWER_DATABASE_URL=sqlite:////data/reviewer.db
USER reviewer
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Past any proxy of the environment: it is this machine that is asked.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
CMD ["reviewer", "serve"]
