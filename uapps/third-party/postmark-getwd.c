/*
 * A call that POSIX has given up, and PostMark makes: its buffer is of 255 bytes there.
 */
#include <unistd.h>

#define POSTMARK_LINE 255

char *getwd(char *path);

char *getwd(char *path)
{
	return getcwd(path, POSTMARK_LINE);
}
