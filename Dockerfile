# One image for everything: the first argument names the program (operator, worker or cli), see src/bin/main.ts.
#
# For a release pin the base by digest:
#   docker build --build-arg BASE=node:24-bookworm-slim@sha256:... -t reindeer.dev/reindeer:VERSION .
# Any Debian-like base with Node 24 and npm will do; the test bed builds this same file on one that it makes itself.
ARG BASE=node:24-bookworm-slim

# The layers that change least come first, so that a change of source code builds two small ones only.
FROM ${BASE} AS runtime
# tini: git leaves grandchildren behind when it is killed at a time-out, and Node reaps none but its own children.
# The entry in passwd is for ssh, which refuses to run for a user that has no name.
RUN if ! { command -v git && command -v ssh && command -v tini; } >/dev/null; then \
      apt-get update && \
      apt-get install -y --no-install-recommends ca-certificates git openssh-client tini && \
      rm -rf /var/lib/apt/lists/*; \
    fi && \
    echo 'reindeer:x:65532:' >> /etc/group && \
    echo 'reindeer:x:65532:65532::/tmp:/usr/sbin/nologin' >> /etc/passwd

FROM ${BASE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The grammars come with the compiled code. Optional is only the Node binary for machines without Node 24; types and source maps serve nobody at run time.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --prefer-offline --no-audit && \
    rm -rf node_modules/@types node_modules/.package-lock.json node_modules/web-tree-sitter/debug && \
    find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM ${BASE} AS tools
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --ignore-scripts --prefer-offline --no-audit

FROM tools AS build
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/build.ts scripts/
COPY src src
RUN node scripts/build.ts

FROM runtime
LABEL org.opencontainers.image.title="reindeer" \
      org.opencontainers.image.description="Kubernetes operator for the life of search indices" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# A read-only root file system is fine: everything that is written goes below /tmp.
ENV NODE_ENV=production HOME=/tmp
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
# Numeric, because runAsNonRoot can check a number only.
USER 65532:65532
# What the operator thinks right for the memory limit of a run; not in NODE_OPTIONS, which images of others would obey too.
ENTRYPOINT ["tini", "--", "sh", "-c", "exec node $REINDEER_NODE_OPTIONS /app/dist/bin/main.js \"$@\"", "reindeer"]
CMD ["cli", "--help"]
