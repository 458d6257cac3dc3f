# What the recipes in this folder share; they source it after setting `name`, with the build tree as
# their own first argument. Sets:
#	here	this folder
#	build	the build tree
#	work	where the program is unpacked and built
#	log	what its build printed
#	jobs	how many compilers may run at once

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$build/third-party/$name
log=$work.log
jobs=${BUILD_JOBS:-2}
mkdir -p "$build/third-party" "$build/programs"

# The options of the make that called this (no built-in rules, for one) are not for the program's.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES
export LC_ALL=C

say() {
	printf '%s: %s\n' "$name" "$*"
}

fail() {
	printf '%s: %s; the end of %s:\n' "$name" "$1" "$log" >&2
	tail -n 20 "$log" >&2
	exit 1
}

# Everything that objects of the program depend on. Slots and the library are not part of it: when
# those change, linking again is enough. Nor are Castle's own headers, which these programs do not know.
inputs_key() {
	cat "$here/$name" "$here/$name.config" "$here/$name-config.h" "$here/recipe.sh" "$here/source" "$here/../castle-cc" \
		"$build/newlib/stamp" "$here"/../include/*.h "$here"/../include/sys/*.h 2>/dev/null | sha256sum
}

# unpack PACKAGE: unpacks the source package into $work, unless what was built there is up to date but
# for linking. Returns whether it unpacked.
unpack() {
	key=$(inputs_key)
	[ "$(cat "$work.built" 2>/dev/null)" != "$key" ] || return 1
	rm -f "$work.built"
	: >"$log"
	"$here/source" "$build" "$1" "$work" || exit 1
}

# Notes that $work is built, so that unpack need not start over.
built() {
	inputs_key >"$work.built"
}
