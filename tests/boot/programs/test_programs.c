/*
 * Real programs: GNU gzip packs and restores a megabyte, lua runs a script of its own, tcc compiles
 * a C file to the object that the same tcc makes on the host.
 */
#include "common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEGABYTE (1 << 20)

extern char **environ;

static int run(char *const arguments[])
{
	pid_t pid;
	int status = -1;

	if (posix_spawnp(&pid, arguments[0], NULL, NULL, arguments, environ) != 0)
		return -1;
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

static char content[MEGABYTE];

/* Text that repeats itself now and then, as logs do. */
static void make_content(void)
{
	uint32_t state = 12345;

	for (unsigned i = 0; i < MEGABYTE; i++) {
		state = state * 1103515245 + 12345;
		content[i] = i % 64 < 40 ? "the quick brown fox jumps over the lazy "[i % 64 % 40]
					 : (char)('a' + (state >> 16) % 26);
	}
}

static bool write_file(const char *path, const char *bytes, size_t size)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	const bool good = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;

	close(fd);
	return good;
}

static bool file_is_content(const char *path)
{
	static char buffer[MEGABYTE + 1];
	const int fd = open(path, O_RDONLY);
	const ssize_t size = read(fd, buffer, sizeof buffer);

	close(fd);
	return size == MEGABYTE && memcmp(buffer, content, MEGABYTE) == 0;
}

static void test_gzip(void)
{
	struct stat packed;

	make_content();
	ok(write_file("/tmp/data", content, MEGABYTE), "a file of one megabyte");
	ok_is(run((char *[]){ "gzip", "/tmp/data", NULL }), 0, "gzip packs it");
	ok(stat("/tmp/data.gz", &packed) == 0 && packed.st_size > 1000 &&
		   packed.st_size < MEGABYTE * 3 / 4,
	   "it is smaller");
	ok_is(run((char *[]){ "gzip", "-t", "/tmp/data.gz", NULL }), 0, "gzip finds it sound");
	ok_is(run((char *[]){ "gzip", "-d", "/tmp/data.gz", NULL }), 0, "gzip restores it");
	ok(file_is_content("/tmp/data"), "byte for byte");
	unlink("/tmp/data");
}

static void test_lua(void)
{
	ok_is(run((char *[]){ "lua", "/share/test.lua", NULL }), 0, "lua runs a script of its own");
	ok(WEXITSTATUS(run((char *[]){ "lua", "-e", "error('no')", NULL })) == 1,
	   "an error in a script is an error of lua");
}

static void test_tcc(void)
{
	/* An object names its source file as tcc was told it. */
	chdir("/share");
	ok_is(run((char *[]){ "tcc", "-c", "tcc-sample.c", "-o", "/tmp/sample.o", NULL }), 0,
	      "tcc compiles a C file");
	ok_is(run((char *[]){ "cmp", "/tmp/sample.o", "tcc-sample.o", NULL }), 0,
	      "the object is that of the host's tcc");
	ok(run((char *[]){ "tcc", "-c", "/share/hello.txt", "-o", "/tmp/x.o", NULL }) != 0,
	   "what is not C is an error");
}

int main(void)
{
	test_gzip();
	test_lua();
	test_tcc();
	return done_testing();
}
