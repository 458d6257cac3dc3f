/*
 * Devices: /dev/null, /dev/zero, /dev/console.
 */
#include "common/tap.h"

#include <castle/castle.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void test_null(void)
{
	const int fd = open("/dev/null", O_RDWR);
	char byte;

	ok_is(read(fd, &byte, 1), 0, "/dev/null is empty");
	ok_is(write(fd, "gone", 4), 4, "and takes everything");
	ok_errno(lseek(fd, 0, SEEK_SET), ESPIPE, "it has no offset");
	ok_errno(ftruncate(fd, 0), EINVAL, "and no size");
	close(fd);
}

static void test_zero(void)
{
	const int fd = open("/dev/zero", O_RDWR);
	char bytes[100];
	int nonzero = 0;

	memset(bytes, 1, sizeof bytes);
	ok_is(read(fd, bytes, 50), 50, "/dev/zero gives what is asked for");
	for (int i = 0; i < 50; i++)
		nonzero += bytes[i] != 0;
	ok_is(nonzero, 0, "in zeros");
	ok_is(bytes[50], 1, "and no more");
	close(fd);
}

static void test_console(void)
{
	const int fd = open("/dev/console", O_RDWR);

	ok(isatty(fd), "/dev/console is a terminal");
	ok(!isatty(open("/dev/null", O_RDONLY)), "/dev/null is none");
	ok_is(castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_CONSOLE_GET_MODE, 0), CASTLE_CONSOLE_LINE,
	      "it is in line mode");
	ok_is(castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_CONSOLE_SET_MODE, 17), -EINVAL,
	      "no such mode");
	ok_is(castle_call3(CASTLE_CALL_ioctl, fd, 0x1234, 0), -EINVAL, "no such request");
	ok_is(castle_call3(CASTLE_CALL_ioctl, 99, CASTLE_CONSOLE_GET_MODE, 0), -EBADF,
	      "ioctl of what is not open");
	ok_is(castle_poll_console(), 0, "nothing has been typed");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	char byte;
	ok_errno(read(fd, &byte, 1), EAGAIN, "O_NONBLOCK read");
	close(fd);
}

int main(void)
{
	test_null();
	test_zero();
	test_console();
	return done_testing();
}
