# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.13-slim AS packages
# Every extra too, so that any provider can be named in .env.
COPY requirements-image.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-image.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/offprint
RUN useradd --system --uid 10001 --home-dir /var/lib/offprint offprint \
    && mkdir -p /var/lib/offprint/static /var/lib/offprint/outbox \
    && chown -R offprint /var/lib/offprint
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
RUN python -m compileall -q .
USER offprint
EXPOSE 8000
# Static files need no step of their own: WhiteNoise serves them from where they are.
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--access-logfile", "-"]
