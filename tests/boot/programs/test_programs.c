/*
 * The programs that are built from Debian's sources, at work. One that was left out of the build is
 * skipped.
 */
#include "common/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEGABYTE (1 << 20)

static bool missing(const char *program)
{
	char path[32];

	snprintf(path, sizeof path, "/bin/%s", program);
	if (access(path, X_OK) == 0)
		return false;
	ok(true, "# SKIP %s is not in this image", program);
	return true;
}

/* Text that can be compressed, but not to nothing. */
static void write_sample(const char *path)
{
	FILE *file = fopen(path, "w");
	unsigned int random = 1;

	for (int length = 0; file && length < MEGABYTE;) {
		random = random * 1664525 + 1013904223;
		length +=
			fprintf(file, "%u %s\n", random >> 12, random & 4096 ? "castle" : "kernel");
	}
	if (file)
		fclose(file);
}

/* Bytes of a file; -1 if there is none. */
static long size_of(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 ? file.st_size : -1;
}

static void test_gzip(void)
{
	long size;

	if (missing("gzip"))
		return;
	write_sample("/tmp/sample");
	size = size_of("/tmp/sample");
	ok(size >= MEGABYTE, "a sample of 1 MB");
	ok_is(system("cp /tmp/sample /tmp/original"), 0, "and a copy");
	ok_is(system("gzip /tmp/sample"), 0, "gzip compresses it");
	ok(size_of("/tmp/sample.gz") > 0 && size_of("/tmp/sample.gz") < size / 2,
	   "by half or more");
	ok_is(size_of("/tmp/sample"), -1, "in the place of the original");
	ok_is(system("gzip -t /tmp/sample.gz"), 0, "the file tests well");
	ok_is(system("gzip -d /tmp/sample.gz"), 0, "gzip restores it");
	ok_is(system("cmp /tmp/sample /tmp/original"), 0, "byte for byte");
	ok(system("gzip -d </tmp/original >/dev/null") != 0, "what is no gzip file is refused");
	unlink("/tmp/sample");
	unlink("/tmp/original");
}

/* Sorts, formats, computes, matches, writes a file and reads it back. */
static const char script[] =
	"local words = {}\n"
	"for word in ('the quick brown fox jumps over the lazy dog'):gmatch('%a+') do\n"
	"  words[#words + 1] = word\n"
	"end\n"
	"table.sort(words)\n"
	"local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end\n"
	"local out = assert(io.open('/tmp/lua.out', 'w'))\n"
	"out:write(table.concat(words, ' '), '\\n', fib(20), '\\n')\n"
	"out:write(string.format('%.6f %d %s', math.sin(1), 7 // 2, 1 / 3 == 1 / 3), '\\n')\n"
	"out:close()\n"
	"local lines = 0\n"
	"for line in io.lines('/tmp/lua.out') do lines = lines + 1 end\n"
	"os.exit(lines == 3 and pcall(error, 'x') == false and 42 or 1)\n";

static void test_lua(void)
{
	char text[200] = "";
	FILE *file;

	if (missing("lua"))
		return;
	file = fopen("/tmp/test.lua", "w");
	fputs(script, file);
	fclose(file);
	ok_is(system("lua /tmp/test.lua"), 42 << 8, "lua runs a script");
	file = fopen("/tmp/lua.out", "r");
	if (file) {
		text[fread(text, 1, sizeof text - 1, file)] = '\0';
		fclose(file);
	}
	ok(!strcmp(text, "brown dog fox jumps lazy over quick the the\n6765\n0.841471 3 true\n"),
	   "which writes what it should");
	unlink("/tmp/test.lua");
	unlink("/tmp/lua.out");
}

static void test_tcc(void)
{
	if (missing("tcc"))
		return;
	chdir("/share");
	ok_is(system("tcc -c tcc-sample.c -o /tmp/sample.o"), 0, "tcc compiles a C file");
	ok_is(system("cmp /tmp/sample.o tcc-sample.o"), 0,
	      "to the object that tcc makes on the host");
	ok(system("echo nonsense >/tmp/bad.c && tcc -c /tmp/bad.c -o /tmp/bad.o") != 0,
	   "and refuses what is no C");
	unlink("/tmp/sample.o");
	unlink("/tmp/bad.c");
}

int main(void)
{
	test_gzip();
	test_lua();
	test_tcc();
	return done_testing();
}
