#!/usr/bin/env bash
# Leaves the path of a Chromium in NIGHTGEN_BROWSER, which the tests of the page drive; empty if there is none.
#
# Sourced by tools/run_tests.sh. It takes the browser that NIGHTGEN_BROWSER names, else one that is installed (Debian and
# Ubuntu: apt install chromium), else the headless one that an npm package carries: a download of 64 MB once, unpacked
# into work_dirs/browser (0.2 GB), without root. Without a browser those tests are skipped and say so.
BROWSER_PACKAGE=@sparticuz/chromium@153.0.0
BROWSER_FOLDER=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/work_dirs/browser

# The package holds its parts compressed; the libraries beside the browser are those that a bare system lacks.
browser_unpack() {
  local packed=$BROWSER_FOLDER/node_modules/@sparticuz/chromium/bin
  node -e 'const fs = require("fs"), zlib = require("zlib");
    for (const [from, to] of [[process.argv[1], process.argv[2]], [process.argv[3], process.argv[4]]])
      fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync(from)));' \
    "$packed/chromium.br" "$BROWSER_FOLDER/unpacked" "$packed/al2023.tar.br" "$BROWSER_FOLDER/libraries.tar" || return 1
  tar -xf "$BROWSER_FOLDER/libraries.tar" -C "$BROWSER_FOLDER" || return 1
  chmod +x "$BROWSER_FOLDER/unpacked"
  mv "$BROWSER_FOLDER/unpacked" "$BROWSER_FOLDER/chromium"
  rm -rf "$BROWSER_FOLDER/libraries.tar" "$BROWSER_FOLDER/node_modules"
}

browser_find() {
  local name
  if [ -n "${NIGHTGEN_BROWSER:-}" ]; then return; fi
  for name in chromium chromium-browser google-chrome; do
    if NIGHTGEN_BROWSER=$(command -v "$name"); then return; fi
  done
  if [ ! -x "$BROWSER_FOLDER/chromium" ] && command -v npm > /dev/null; then
    mkdir -p "$BROWSER_FOLDER"
    echo "  a headless browser for the page's tests (a download of 64 MB, once)"
    npm install --no-save --no-audit --no-fund --loglevel=error --prefix "$BROWSER_FOLDER" "$BROWSER_PACKAGE" \
      > "$BROWSER_FOLDER/npm.log" 2>&1 < /dev/null && browser_unpack >> "$BROWSER_FOLDER/npm.log" 2>&1 ||
      echo "  it could not be had, see $BROWSER_FOLDER/npm.log"
  fi
  NIGHTGEN_BROWSER=
  if [ -x "$BROWSER_FOLDER/chromium" ]; then NIGHTGEN_BROWSER=$BROWSER_FOLDER/chromium; fi
}

browser_find
export NIGHTGEN_BROWSER
if [ -z "$NIGHTGEN_BROWSER" ]; then
  echo "  no browser: the page's tests in one are skipped; they want chromium (apt install chromium) or npm"
fi
