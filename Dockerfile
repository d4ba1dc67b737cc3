# Liujing on a machine without a GPU: `docker build -t liujing .`; for all of it at once,
# with PostgreSQL and Label Studio, see compose.yaml.
FROM python:3.12-slim-trixie AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY vision vision
COPY service service
COPY training training
COPY models models
COPY datasets datasets
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim-trixie
# `review` speaks with Label Studio (half a gigabyte more); leave it out where none is.
ARG EXTRAS=postgresql,review
# PYTHONSAFEPATH: what lies in the folder of footage is never imported.
ENV PYTHONUNBUFFERED=1 PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1 \
    LIUJING_DATA=/data LIUJING_SERVER__HOST=0.0.0.0
# `liujing backup` needs pg_dump of the very version of compose.yaml's PostgreSQL, which is
# that of this Debian: a newer pg_restore says what an older server does not know.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
COPY constraints.txt /wheels/
COPY --from=wheel /wheels /wheels
# Decoders come with the wheel of PyAV; no ffmpeg is needed.
RUN python -m venv /opt/liujing \
 && /opt/liujing/bin/pip install --no-cache-dir -c /wheels/constraints.txt \
      "$(echo /wheels/liujing-*.whl)[${EXTRAS}]" \
 && useradd --no-log-init --uid 10001 --create-home liujing \
 && install --directory --owner 10001 --group 10001 --mode 0750 /data
USER 10001:10001
WORKDIR /data
EXPOSE 8600
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
  CMD ["/opt/liujing/bin/python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8600, timeout=5); c.request('GET', '/health/live'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["/opt/liujing/bin/liujing"]
CMD ["serve"]
