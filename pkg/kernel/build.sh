#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From Debian's kernel package in $DEBIAN: $OUT/kernel, and $OUT/kernel.tar with the modules of modules.list.
set -eu

set -- "$DEBIAN"/usr/lib/modules/*
[ $# -eq 1 ] || { echo "one kernel was expected, not: $*" >&2; exit 1; }
from=$1
version=${from##*/}
root=$OUT/root
index=$OUT/index
to=$root/lib/modules/$version

# The names in the list, without comments, each with its files from the index; names differ in '-' and '_'.
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
	' "$1" | sort -u
}

# A name that is neither a module of the kernel nor built in is a mistake, unless "maybe" is before it.
check_names() {
	awk -v list="$1" -v dep="$index" -v builtin="$from/modules.builtin" '
		function plain(name) {
			sub(/.*\//, "", name); sub(/\.ko.*/, "", name); gsub(/-/, "_", name)
			return name
		}
		BEGIN {
			while ((getline line < dep) > 0) { sub(/:.*/, "", line); known[plain(line)] = 1 }
			while ((getline line < builtin) > 0) known[plain(line)] = 1
		}
		/^[^#]/ && $1 != "maybe" && !(plain($NF) in known) {
			print list ":" FNR ": this kernel has no module " $NF
			bad = 1
		}
		END { exit bad }
	' "$1" >&2
}

# A list of modules to a tar of them.
make_tar() {
	mkdir -p "$to" "$root/etc/modules-load.d"
	list_files "$1" | while read -r file; do
		mkdir -p "$to/${file%/*}"
		# Debian 13's are compressed one by one, which would make the whole larger.
		case $file in
		*.xz) xz -dc "$from/$file" > "$to/${file%.xz}" ;;
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
	while read -r word name; do
		[ "$word" = load ] || continue
		grep -q "/$name\.ko" "$to/modules.dep" && echo "$name" || true
	done < "$1" > "$root/etc/modules-load.d/10-kernel.conf"

	tar --create --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
		--directory "$root" --file "$2" etc lib
	rm -r "$root"
}

cp "$DEBIAN/boot/vmlinu"*"-$version" "$OUT/kernel"
cp "$DEBIAN/boot/config-$version" "$OUT/config"
# The index of all modules says which files one needs. $DEBIAN can't be written to, so all indexes are printed, this one
# among them.
depmod -n -b "$DEBIAN" "$version" | grep '^[^ ]*\.ko[.a-z]*:' > "$index"
check_names modules.list
make_tar modules.list "$OUT/kernel.tar"
rm "$index"
