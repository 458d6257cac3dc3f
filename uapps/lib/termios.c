/*
 * The terminal: POSIX's settings in terms of the console's mode (castle/abi.h), and the group of
 * processes in its foreground.
 */
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "result.h"

#define CTRL(letter) ((letter)&0x1f)
#define DELETE       0x7f
#define TERMINAL     "/dev/tty"

int tcgetattr(int fd, struct termios *settings)
{
	const int mode = ioctl(fd, CASTLE_CONSOLE_GET_MODE, NULL);

	if (mode < 0)
		return -1;
	*settings = (struct termios){
		.c_iflag = mode & CASTLE_CONSOLE_RETURNS ? 0 : ICRNL,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = CS8 | CREAD | CLOCAL,
		.c_lflag = (mode & CASTLE_CONSOLE_LINES ? ICANON : 0) |
			   (mode & CASTLE_CONSOLE_ECHO ? ECHO | ECHOE | ECHOK : 0) |
			   (mode & CASTLE_CONSOLE_SIGNALS ? ISIG : 0),
		.c_cc = { [VEOF] = CTRL('D'),
			  [VERASE] = DELETE,
			  [VINTR] = CTRL('C'),
			  [VKILL] = CTRL('U'),
			  [VMIN] = 1,
			  [VQUIT] = CTRL('\\'),
			  [VSUSP] = CTRL('Z') },
	};
	return 0;
}

/* The console reads a byte at least: another VMIN, or a VTIME, is as good as 1 and 0. */
int tcsetattr(int fd, int when, const struct termios *settings)
{
	const unsigned mode = (settings->c_iflag & ICRNL ? 0 : CASTLE_CONSOLE_RETURNS) |
			      (settings->c_lflag & ICANON ? CASTLE_CONSOLE_LINES : 0) |
			      (settings->c_lflag & ECHO ? CASTLE_CONSOLE_ECHO : 0) |
			      (settings->c_lflag & ISIG ? CASTLE_CONSOLE_SIGNALS : 0);

	if (when != TCSANOW && tcdrain(fd) != 0)
		return -1;
	return result_of(castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_CONSOLE_SET_MODE, mode));
}

int tcdrain(int fd)
{
	return ioctl(fd, CASTLE_CONSOLE_DRAIN, NULL);
}

/* Nothing is thrown away: what was typed ahead is read. */
int tcflush(int fd, int queue)
{
	(void)queue;
	return isatty(fd) ? 0 : -1;
}

int tcflow(int fd, int action)
{
	(void)action;
	return isatty(fd) ? 0 : -1;
}

int tcsendbreak(int fd, int duration)
{
	(void)duration;
	return tcdrain(fd);
}

speed_t cfgetospeed(const struct termios *settings)
{
	(void)settings;
	return B115200;
}

speed_t cfgetispeed(const struct termios *settings)
{
	return cfgetospeed(settings);
}

/* A terminal whose speed cannot be changed (POSIX.1-2017, section 11.1). */
int cfsetospeed(struct termios *settings, speed_t speed)
{
	(void)settings, (void)speed;
	return 0;
}

int cfsetispeed(struct termios *settings, speed_t speed)
{
	return cfsetospeed(settings, speed);
}

void cfmakeraw(struct termios *settings)
{
	settings->c_iflag &= ~ICRNL;
	settings->c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
}

/* While no group was ever put there, that of whoever asks is in the foreground. */
pid_t tcgetpgrp(int fd)
{
	const int group = ioctl(fd, CASTLE_CONSOLE_GET_GROUP, NULL);

	return group == 0 ? getpgrp() : group;
}

int tcsetpgrp(int fd, pid_t group)
{
	return result_of(castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_CONSOLE_SET_GROUP, group));
}

char *ttyname(int fd)
{
	static char name[] = TERMINAL;

	return isatty(fd) ? name : NULL;
}

int ttyname_r(int fd, char *name, size_t size)
{
	if (!isatty(fd))
		return errno;
	if (size < sizeof TERMINAL)
		return ERANGE;
	__builtin_strcpy(name, TERMINAL);
	return 0;
}

char *ctermid(char *buffer)
{
	static char name[] = TERMINAL;

	return buffer ? __builtin_strcpy(buffer, TERMINAL) : name;
}
