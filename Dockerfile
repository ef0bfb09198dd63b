# One image for the API, the pages and the command line; what it runs is said in docker-compose.yml.
#
#   docker build -t tunegraph .
FROM python:3.12.8-slim-bookworm AS build

WORKDIR /build
RUN python -m venv /opt/tunegraph
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY kg kg
COPY ingest ingest
COPY recommender recommender
COPY ui ui
COPY tunegraph tunegraph
RUN /opt/tunegraph/bin/pip install --no-cache-dir '.[api,ui,neo4j,llm,openml,boost,distributed]'

FROM python:3.12.8-slim-bookworm

# libgomp is what xgboost and lightgbm compute with.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin tunegraph \
    && install --directory --owner tunegraph --group tunegraph --mode 0700 /var/lib/tunegraph
COPY --from=build /opt/tunegraph /opt/tunegraph

ENV PATH=/opt/tunegraph/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TUNEGRAPH_HOME=/var/lib/tunegraph
USER tunegraph
WORKDIR /var/lib/tunegraph
VOLUME /var/lib/tunegraph
ENTRYPOINT ["tunegraph"]
CMD ["doctor"]
