#!/bin/sh
# What the shell and the compiler of Castle can do, as TAP: run it, read it, change it.
count=0

is() {
	count=$((count + 1))
	if [ "$1" = "$2" ]; then
		echo "ok $count - $3"
	else
		echo "not ok $count - $3"
		echo "# '$1' instead of '$2'"
	fi
}

twice() { echo "$1 $1"; }

mkdir -p /tmp/try
cd /tmp/try
for word in a b c; do
	joined=$joined$word
done
is "$joined" abc 'a loop and a variable'
is "$(twice x)" 'x x' 'a function'
is "$(echo /share/*.lua)" /share/test.lua 'a pattern'
is "$(ls /nothing 2>/dev/null; echo $?)" 1 'a redirected descriptor'
is "$((6 * 7))" 42 'arithmetic'
is "$(cat <<END
here $joined
END
)" 'here abc' 'a here document'
case castle in
c*) is yes yes 'a case' ;;
*) is no yes 'a case' ;;
esac
sleep 0.05 &
wait $!
is $? 0 'a job in the background'
(exit 7)
is $? 7 'a subshell'
is "$(printf '%s-%03d' a 7)" a-007 'printf'
echo one >file
echo two >>file
is "$(cat file | head -n 1)" one 'files and a pipe'
printf '#!/bin/sh\necho script "$1"\n' >script
output=$(sh ./script x)
is "$output" 'script x' 'a script'

cat >hello.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv)
{
	char *text = malloc(100000);
	memset(text, 'x', 99999);
	text[99999] = 0;
	printf("%d %.2f %lld %zu\n", argc, 2.5, 123456789012LL / 7, strlen(text));
	fprintf(stderr, "to stderr\n");
	return 5;
}
END
if [ -e /bin/tcc ]; then
	tcc hello.c -o hello
	is $? 0 'tcc makes a program'
	is "$(./hello one 2>/dev/null)" '2 2.50 17636684144 99999' 'which runs'
	./hello >/dev/null 2>&1
	is $? 5 'and has a status'
	is "$(./hello | ./hello 2>/dev/null)" '1 2.50 17636684144 99999' 'more than once'
	is "$(tcc -run hello.c one 2>/dev/null)" '2 2.50 17636684144 99999' 'tcc runs one that it does not keep'
	rm hello
	is "$(./hello 2>/dev/null; echo $?)" 127 'a program that was removed is gone'
fi
echo "1..$count"
