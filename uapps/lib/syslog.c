/*
 * The system's log: lines on the console.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define PRIORITY_MASK 7
#define LINE_SIZE     1024

static const char *log_name;
static int log_options, log_mask = LOG_UPTO(LOG_DEBUG);

/* Facilities are all one: there is one log. */
void openlog(const char *name, int options, int facility)
{
	(void)facility;
	log_name = name;
	log_options = options;
}

void closelog(void)
{
	log_name = NULL;
	log_options = 0;
}

int setlogmask(int mask)
{
	const int old = log_mask;

	if (mask)
		log_mask = mask;
	return old;
}

/* The line's length; what does not fit is left out. */
static int log_line(char line[LINE_SIZE], const char *format, va_list arguments)
{
	const int room = LINE_SIZE - 1;
	int length = snprintf(line, room, log_options & LOG_PID ? "%s[%d]: " : "%s: ",
			      log_name ? log_name : getprogname(), getpid());

	if (length < room)
		length += vsnprintf(line + length, room - length, format, arguments);
	if (length >= room)
		length = room - 1;
	if (line[length - 1] != '\n')
		line[length++] = '\n';
	return length;
}

void vsyslog(int priority, const char *format, va_list arguments)
{
	char line[LINE_SIZE];
	int length, console;

	if (!(log_mask & LOG_MASK(priority & PRIORITY_MASK)))
		return;
	length = log_line(line, format, arguments);
	if (log_options & LOG_PERROR)
		(void)!write(STDERR_FILENO, line, length);
	console = open("/dev/console", O_WRONLY);
	if (console < 0)
		return;
	(void)!write(console, line, length);
	close(console);
}

void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsyslog(priority, format, arguments);
	va_end(arguments);
}
