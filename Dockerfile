# One image for web, workers, beat, metrics and migrations; docker-compose.yml and deploy/kubernetes/
# say which is which. It runs as nobody special, and writes only below VAR_DIR and /tmp.
FROM python:3.13.9-slim AS packages
WORKDIR /build
# Every extra too, so that any provider can be named in .env. All of them have wheels: no compiler.
COPY requirements-image.txt .
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r requirements-image.txt

FROM python:3.13.9-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/offprint \
    LOG_FORMAT=json
# pg_dump and pg_restore for `manage.py backup`: never older than the server of docker-compose.yml,
# so they come from PostgreSQL's own packages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-common ca-certificates \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install -y --no-install-recommends postgresql-client-18 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 offprint \
    && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/offprint offprint \
    && mkdir -p /var/lib/offprint/static /var/lib/offprint/outbox \
    && chown -R offprint:offprint /var/lib/offprint
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Nothing can be compiled later, where /app is read-only.
RUN python -m compileall -q .
# By number: Kubernetes cannot tell from a name that it is not root.
USER 10001:10001
VOLUME /var/lib/offprint
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["python", "scripts/is_up.py"]
# Static files need no step of their own: WhiteNoise serves them from where they are.
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--access-logfile", "-"]
