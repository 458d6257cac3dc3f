/*
 * file: the common calls on files, on the RAM file system and on /dev/zero.
 */
#include "common/bench.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLS 100
#define PATH  "/tmp/bench-file"

static int fd;

static void open_close(uint32_t count)
{
	for (; count > 0; count--) {
		const int opened = open(PATH, O_RDONLY);
		bench_check(opened >= 0 && close(opened) == 0, "open");
	}
}

static void stat_path(uint32_t count)
{
	struct stat status;

	for (; count > 0; count--)
		bench_check(stat(PATH, &status) == 0, "stat");
}

static void create_unlink(uint32_t count)
{
	for (; count > 0; count--) {
		const int created = open(PATH "-new", O_WRONLY | O_CREAT | O_EXCL, 0600);
		bench_check(created >= 0 && close(created) == 0 && unlink(PATH "-new") == 0,
			    "create");
	}
}

static void read_byte(uint32_t count)
{
	char byte;

	for (; count > 0; count--)
		bench_check(read(fd, &byte, 1) == 1, "read");
}

static void seek_read_byte(uint32_t count)
{
	char byte;

	for (; count > 0; count--)
		bench_check(lseek(fd, 0, SEEK_SET) == 0 && read(fd, &byte, 1) == 1, "read");
}

static void seek_write_byte(uint32_t count)
{
	for (; count > 0; count--)
		bench_check(lseek(fd, 0, SEEK_SET) == 0 && write(fd, "x", 1) == 1, "write");
}

int main(int argc, char **argv)
{
	bench_start(argc, argv, "file",
		    "open+close, stat, create+close+unlink; reading and writing a byte.");
	fd = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
	bench_check(fd >= 0 && write(fd, "x", 1) == 1, "create");
	bench_measure("open_close", CALLS, open_close);
	bench_measure("stat", CALLS, stat_path);
	bench_measure("create_unlink", CALLS, create_unlink);
	bench_measure("seek_read", CALLS, seek_read_byte);
	bench_measure("seek_write", CALLS, seek_write_byte);
	close(fd);
	unlink(PATH);
	fd = open("/dev/zero", O_RDONLY);
	bench_check(fd >= 0, "/dev/zero");
	bench_measure("read_zero", CALLS, read_byte);
	return 0;
}
