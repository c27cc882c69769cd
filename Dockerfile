# Kilde without a database: give it a MongoDB replica set with KILDE_MONGO_URI (see compose.yaml).
FROM python:3.12-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels kilde \
 && useradd --system --uid 10001 kilde
USER 10001
EXPOSE 8080
# Listening beyond the container needs authentication; `none` is refused there.
ENV KILDE_HOST=0.0.0.0 KILDE_AUTH=basic
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health/ready', timeout=2)"]
ENTRYPOINT ["kilde"]
CMD ["serve"]
