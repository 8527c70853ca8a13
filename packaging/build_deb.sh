#!/bin/bash
# Makes the Debian package of a penstock binary, and one of its debug symbols. Same inputs, same bytes: the
# date is the changelog's. Run by Bazel (//packaging:deb).
#
# usage: build_deb.sh PENSTOCK DEB DBGSYM_DEB   from the tree's root, with packaging/ below it
set -euo pipefail
penstock=$(realpath "$1")
deb=$(realpath -m "$2")
dbgsym=$(realpath -m "$3")

root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work LC_ALL=C.UTF-8 TZ=UTC
umask 022

mkdir "$work/penstock"
cd "$work/penstock"
cp -rL "$root/packaging/debian" debian
cp -L "$root/packaging/penstock.service" debian/penstock.service
install -D -m 644 "$root/packaging/completions/penstock" completions/penstock
install -m 644 "$root/docs/operating.md" operating.md
install -m 755 "$penstock" penstock
install -D -m 644 "$root/engine/outlet/penstock_shreds.h" include/penstock_shreds.h
mkdir examples
sed 's|#include "engine/outlet/penstock_shreds.h"|#include <penstock_shreds.h>|' \
  "$root/engine/outlet/example_reader.c" >examples/example_reader.c
SOURCE_DATE_EPOCH=$(dpkg-parsechangelog -S Timestamp)
version=$(dpkg-parsechangelog -S Version)
export SOURCE_DATE_EPOCH
[[ $(basename "$deb") == "penstock_${version}_amd64.deb" ]] ||
  { echo "build_deb: the changelog says $version, packaging/BUILD.bazel $(basename "$deb")" >&2; exit 1; }
./penstock print-config >penstock.toml
"$root/packaging/make_man.py" ./penstock "$root/packaging/penstock.1.in" "$version" "$SOURCE_DATE_EPOCH" \
  >penstock.1

log=$work/log
debian/rules binary >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
mv "$work/penstock_${version}_amd64.deb" "$deb"
mv "$work/penstock-dbgsym_${version}_amd64.deb" "$dbgsym"
