#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install the static tarball of Wherry for the jobs of a CI:
#
#     install.sh SOURCE SHA256 [DIRECTORY]
#
# SOURCE is a file, or an https URL that curl or wget fetches. Nothing is unpacked unless it has that SHA-256. The
# programs are then in DIRECTORY/bin, $HOME/.local/wherry/bin by default, which GitHub's later steps find in their PATH.
set -eu

source=$1
sha256=$2
directory=${3:-$HOME/.local/wherry}
tarball=$source

case "$source" in
http://* | https://*)
	tarball=$(mktemp)
	trap 'rm -f "$tarball"' EXIT
	if command -v curl >/dev/null; then
		curl --fail --silent --show-error --location --retry 3 --output "$tarball" "$source"
	else
		wget --quiet --output-document="$tarball" "$source"
	fi
	;;
esac

found=$(sha256sum <"$tarball")
found=${found%% *}
if [ "$found" != "$sha256" ]; then
	echo "install.sh: $source has the SHA-256 $found, not $sha256" >&2
	exit 1
fi

mkdir -p "$directory"
tar -xzf "$tarball" -C "$directory" --strip-components=1
if [ -n "${GITHUB_PATH:-}" ]; then
	echo "$directory/bin" >>"$GITHUB_PATH"
fi
"$directory/bin/wherry" version
