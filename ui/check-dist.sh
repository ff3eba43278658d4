#!/bin/sh
# Fails when ui/dist is not what ui/src builds. Run after `npm ci` in ui/.
set -eu
cd "$(dirname "$0")"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
node build.mjs "$fresh" >/dev/null
if ! diff -rq dist "$fresh"; then
  echo "ui/dist is not what ui/src builds: run 'npm ci && npm run build' in ui/ and commit ui/dist." >&2
  exit 1
fi
echo "ui/dist is what ui/src builds."
