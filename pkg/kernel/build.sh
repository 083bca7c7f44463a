#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#   build.sh [--compressed] LIST...
# From Debian's kernel in $DEBIAN: $OUT/kernel, $OUT/config, and $OUT/kernel.tar with the modules that the lists name
# (modules.list says how) and the firmware that they ask for, as far as $DEBIAN has it; $OUT/firmware.missing has the
# names of what it has not. --compressed leaves the modules as Debian 13 has them, each compressed: together they take
# more of an initrd than if it were compressed as a whole, but a fifth of the memory once it is unpacked.
set -eu

compressed=
[ "$1" != --compressed ] || { compressed=1; shift; }

from=$(echo "$DEBIAN"/usr/lib/modules/*)
[ -d "$from" ] || { echo "one kernel was expected, not: $from" >&2; exit 1; }
version=${from##*/}
root=$OUT/root
index=$OUT/index
to=$root/lib/modules/$version

# The names in the lists, without comments, each with its files from the index; names differ in '-' and '_'.
list_files() {
	awk -v dep="$index" '
		function plain(name) { gsub(/-/, "_", name); return name }
		BEGIN {
			while ((getline line < dep) > 0) {
				n = split(line, part, /:? +|:$/)
				name = part[1]; sub(/.*\//, "", name); sub(/\.ko.*/, "", name)
				files[plain(name)] = line
			}
		}
		/^[^#]/ {
			line = files[plain($NF)]
			sub(/:/, "", line)
			n = split(line, part, " ")
			for (i = 1; i <= n; i++)
				print part[i]
		}
	' "$@" | sort -u
}

# A name that is neither a module of the kernel nor built in is a mistake, unless "maybe" is before it.
check_names() {
	awk -v dep="$index" -v builtin="$from/modules.builtin" '
		function plain(name) {
			sub(/.*\//, "", name); sub(/\.ko.*/, "", name); gsub(/-/, "_", name)
			return name
		}
		BEGIN {
			while ((getline line < dep) > 0) { sub(/:.*/, "", line); known[plain(line)] = 1 }
			while ((getline line < builtin) > 0) known[plain(line)] = 1
		}
		/^[^#]/ && $1 != "maybe" && !(plain($NF) in known) {
			print FILENAME ":" FNR ": this kernel has no module " $NF
			bad = 1
		}
		END { exit bad }
	' "$@" >&2
}

copy_modules() {
	mkdir -p "$to" "$root/etc/modules-load.d"
	list_files "$@" | while read -r file; do
		mkdir -p "$to/${file%/*}"
		case $compressed$file in
		kernel/*.xz) xz -dc "$from/$file" > "$to/${file%.xz}" ;;
		*) cp "$from/$file" "$to/$file" ;;
		esac
	done
	cp "$from/modules.order" "$from/modules.builtin" "$from/modules.builtin.modinfo" "$to"
	# There are depmods that look in /usr/lib.
	ln -s . "$root/usr"
	depmod -b "$root" "$version"
	rm "$root/usr"
	# The indexes that remain are those that the guest reads, and what a newer depmod would need.
	rm -f "$to"/*.bin "$to/modules.symbols" "$to/modules.order" "$to/modules.builtin.modinfo"

	# Loaded at every boot, if the kernel has them as modules.
	sed -n 's/^\(maybe \)\?load //p' "$@" | while read -r name; do
		grep -q "/$name\.ko" "$to/modules.dep" && echo "$name" || true
	done > "$root/etc/modules-load.d/10-kernel.conf"
}

# A file is often there under several names, by links.
copy_firmware() {
	firmware=$DEBIAN/usr/lib/firmware
	find "$to" -name '*.ko*' -exec modinfo -F firmware {} + | sort -u | while read -r name; do
		file=$(readlink -e "$firmware/$name") || { echo "$name"; continue; }
		copy=$root/lib/firmware/${file#"$firmware/"}
		link=$root/lib/firmware/$name
		mkdir -p "${copy%/*}" "${link%/*}"
		cp "$file" "$copy"
		[ "$link" = "$copy" ] || ln -sfr "$copy" "$link"
	done > "$OUT/firmware.missing"
	# Their licences want to be where they are.
	for file in "$DEBIAN"/usr/share/doc/firmware-*/copyright; do
		[ -e "$file" ] || continue
		licence=$root/usr/share/doc/${file#"$DEBIAN/usr/share/doc/"}
		mkdir -p "${licence%/*}"
		cp "$file" "$licence"
	done
}

cp "$DEBIAN/boot/vmlinu"*"-$version" "$OUT/kernel"
cp "$DEBIAN/boot/config-$version" "$OUT/config"
# The index of all modules says which files one needs. $DEBIAN can't be written to, so all indexes are printed, this one
# among them.
depmod -n -b "$DEBIAN" "$version" | grep '^[^ ]*\.ko[.a-z]*:' > "$index"
check_names "$@"
copy_modules "$@"
copy_firmware
tar --create --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
	--directory "$root" --file "$OUT/kernel.tar" $(ls "$root")
rm -r "$root" "$index"
