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

FROM ${BASE} AS tools
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --prefer-offline --no-audit

FROM tools AS build
COPY tsconfig.json ./
COPY scripts/build.ts scripts/bundle.ts scripts/
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
COPY --from=build /app/dist dist
# What Node compiles when a program starts is kept: a quarter of the start of a light Job. It reads only what the same user
# wrote, and writes nothing at run time. The programs end at once here, for want of an environment.
ENV NODE_COMPILE_CACHE=/app/compile-cache
RUN mkdir compile-cache && chown 65532:65532 compile-cache
# What people call it by in a shell of this image, and what kubectl finds: as a plugin, and to complete it.
RUN mkdir -p /usr/local/bin; for name in reindeer kubectl-reindeer kubectl_complete-reindeer; do ln -s /app/dist/reindeer.js /usr/local/bin/$name; done
# Numeric, because runAsNonRoot can check a number only.
USER 65532:65532
RUN for program in operator worker 'cli --help'; do node dist/main.js $program >/dev/null 2>&1; done; \
    test -n "$(find compile-cache -type f)"
# What the operator thinks right for the memory limit of a run; not in NODE_OPTIONS, which images of others would obey too.
ENTRYPOINT ["tini", "--", "sh", "-c", "exec node $REINDEER_NODE_OPTIONS /app/dist/main.js \"$@\"", "reindeer"]
CMD ["cli", "--help"]
