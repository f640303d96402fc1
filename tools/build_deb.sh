#!/bin/bash
# build_deb.sh: the Debian package, in one command. The same tree gives the same bytes.
#
# usage: tools/build_deb.sh [--out DIR] [--binary FILE] [--fast]
#   --out DIR      where the package goes (dist)
#   --binary FILE  a program that is built already, instead of a release build of this tree
#   --fast         not compressed, for a look
#
# Needs dpkg-deb and dpkg-shlibdeps (Debian: dpkg-dev) beside what building needs.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022

out=dist binary='' compression=xz
while [ $# -gt 0 ]; do
        case $1 in
        --out) out=$2; shift 2 ;;
        --binary) binary=$2; shift 2 ;;
        --fast) compression=none; shift ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
        *) echo "build_deb: unknown option $1" >&2; exit 2 ;;
        esac
done
for tool in dpkg-deb dpkg-shlibdeps strip; do
        command -v $tool >/dev/null || { echo "build_deb: $tool is missing (apt-get install dpkg-dev binutils)" >&2; exit 2; }
done

version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" meson.build)
[ -n "$version" ] || { echo "build_deb: no version in meson.build" >&2; exit 1; }
if [ -z "$binary" ]; then
        [ -d build-release ] || meson setup build-release --buildtype=release >/dev/null
        ninja -C build-release src/plumbline >/dev/null
        binary=build-release/src/plumbline
fi
# Times in the package are those of the newest commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root share=$work/root/usr/share doc=$work/root/usr/share/doc/plumbline
mkdir -p "$out" "$root"

# ---- What goes where ----
install -D -m 755 "$binary" "$root/usr/bin/plumbline"
strip --remove-section=.comment --remove-section=.note "$root/usr/bin/plumbline"
for folder in procedures registers indicators reports calendars pages; do
        mkdir -p "$share/plumbline/$folder"
        cp -R --no-preserve=mode,ownership "$folder/." "$share/plumbline/$folder/"
done
mkdir -p "$share/plumbline/assets"
cp -R --no-preserve=mode,ownership assets/dist assets/verify assets/*.js "$share/plumbline/assets/"
find "$share/plumbline" -name README.md -delete
install -D -m 644 docs/plumbline.1 "$share/man/man1/plumbline.1"
install -D -m 644 packaging/plumbline.service "$root/lib/systemd/system/plumbline.service"
install -m 644 packaging/plumbline-backup.service packaging/plumbline-backup.timer "$root/lib/systemd/system/"
install -D -m 644 packaging/plumbline.sysusers "$root/usr/lib/sysusers.d/plumbline.conf"
install -D -m 644 packaging/plumbline.tmpfiles "$root/usr/lib/tmpfiles.d/plumbline.conf"
install -D -m 644 packaging/plumbline.default "$root/etc/default/plumbline"
mkdir -p "$doc/examples"
install -m 644 packaging/nginx.conf "$doc/examples/"
install -m 755 tools/draw_verify.py tools/log_verify.py tools/proof_verify.py "$doc/examples/"
install -m 644 tools/national.py "$doc/examples/" # SM2 and SM3 for the two above
install -D -m 644 packaging/debian/overrides "$share/lintian/overrides/plumbline"
install -m 644 packaging/debian/copyright "$doc/"
install -m 644 README.md README.zh-CN.md docs/*.md "$doc/"
printf 'plumbline (%s) unstable; urgency=medium\n\n  * As the commits of the tree say.\n\n -- %s  %s\n' \
        "$version" "The Plumbline authors <plumbline@localhost.localdomain>" \
        "$(date -R -u -d "@$SOURCE_DATE_EPOCH")" >"$doc/changelog"
gzip -9n "$doc/changelog" "$share/man/man1/plumbline.1"
find "$doc" -name '*.md' -size +4k -exec gzip -9n {} +

# ---- What dpkg wants to know ----
mkdir -p "$root/DEBIAN" "$work/debian"
printf 'Source: plumbline\n\nPackage: plumbline\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/plumbline 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "build_deb: dpkg-shlibdeps found no dependencies" >&2; exit 1; }
size=$(du -k -s --apparent-size "$root" | cut -f1)
architecture=$(dpkg --print-architecture)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
        -e "s/@DEPENDS@/$depends/" packaging/debian/control.in >"$root/DEBIAN/control"
echo /etc/default/plumbline >"$root/DEBIAN/conffiles"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$root/DEBIAN/"
(cd "$root" && find usr lib -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"

package=$out/plumbline_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "-Z$compression" "$root" "$package" >/dev/null
echo "$package"
