#include "files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void make_file(const char *path, const char *content)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	write(fd, content, strlen(content));
	close(fd);
}

bool file_is(const char *path, const char *content)
{
	char buffer[64] = "";
	const int fd = open(path, O_RDONLY);

	if (fd < 0)
		return false;
	read(fd, buffer, sizeof buffer - 1);
	close(fd);
	return strcmp(buffer, content) == 0;
}
