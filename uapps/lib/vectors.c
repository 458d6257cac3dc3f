/*
 * readv() and writev(): one call of the kernel's, with a copy of all pieces, so that what others
 * write to the same pipe or file does not come in between.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "result.h"

#define PIECES_MAX 1024

/* The bytes of all pieces together, and memory for them; -1 and errno if that is no number, or
 * there is none. */
static ssize_t prepare(const struct iovec *pieces, int count, char **buffer)
{
	size_t size = 0;

	if (count < 0 || count > PIECES_MAX)
		return failure(EINVAL);
	for (int i = 0; i < count; i++) {
		if (pieces[i].iov_len > SSIZE_MAX - size)
			return failure(EINVAL);
		size += pieces[i].iov_len;
	}
	*buffer = malloc(size ? size : 1);
	return *buffer ? (ssize_t)size : failure(ENOMEM);
}

ssize_t readv(int fd, const struct iovec *pieces, int count)
{
	char *buffer;
	const ssize_t size = prepare(pieces, count, &buffer);
	ssize_t left, result;
	const char *from;

	if (size < 0)
		return -1;
	result = read(fd, buffer, size);
	from = buffer;
	for (left = result; left > 0; pieces++) {
		const size_t part = (size_t)left < pieces->iov_len ? (size_t)left : pieces->iov_len;

		memcpy(pieces->iov_base, from, part);
		from += part;
		left -= part;
	}
	free(buffer);
	return result;
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
	char *buffer, *to;
	const ssize_t size = prepare(pieces, count, &buffer);
	ssize_t result;

	if (size < 0)
		return -1;
	to = buffer;
	for (int i = 0; i < count; i++)
		to = (char *)memcpy(to, pieces[i].iov_base, pieces[i].iov_len) + pieces[i].iov_len;
	result = write(fd, buffer, size);
	free(buffer);
	return result;
}
