/*
 * save: sends files to the host, as a ustar archive (POSIX.1-2017, pax, "ustar Interchange Format")
 * over the second serial line, or into a file. tools/run --com2 FILE receives it.
 */
#include "common/tool.h"

#include <castle/ustar.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *output_name = "/dev/com2";

static void number(char *field, size_t size, unsigned long value)
{
	snprintf(field, size, "%0*lo", (int)size - 1, value);
}

/* The sum of the header's bytes, the checksum's own counted as blanks. */
static void sign(struct castle_ustar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned long sum = 0;

	memset(header->checksum, ' ', sizeof header->checksum);
	for (unsigned i = 0; i < sizeof *header; i++)
		sum += bytes[i];
	number(header->checksum, sizeof header->checksum - 1, sum);
}

static int put(int output, const void *bytes, unsigned size)
{
	return tool_write_all(output, bytes, size) == 0 ? 0 : tool_error("save", output_name);
}

static int put_header(int output, const char *name, const struct stat *status)
{
	struct castle_ustar_header header = { .type = '0', .magic = "ustar", .version = "00" };

	name += strspn(name, "/");
	if (strlen(name) > sizeof header.name) {
		errno = ENAMETOOLONG;
		return tool_error("save", name);
	}
	memcpy(header.name, name, strlen(name));
	number(header.mode, sizeof header.mode, status->st_mode & 0777);
	number(header.uid, sizeof header.uid, 0);
	number(header.gid, sizeof header.gid, 0);
	number(header.size, sizeof header.size, status->st_size);
	number(header.modified, sizeof header.modified, status->st_mtime);
	sign(&header);
	return put(output, &header, sizeof header);
}

/* Up to `size` bytes, fewer only at the file's end; -1 with errno. */
static int get(int file, char *bytes, unsigned size)
{
	unsigned done = 0;
	int part = 1;

	while (done < size && part > 0) {
		part = read(file, bytes + done, size - done);
		if (part > 0)
			done += part;
	}
	return part < 0 ? -1 : (int)done;
}

/* As many bytes as the header says, in blocks; of a file that got shorter since, zeros. */
static int put_content(int output, int file, const char *name, unsigned long size)
{
	char buffer[8 * CASTLE_USTAR_BLOCK];
	int failed = 0;

	while (size > 0 && !failed) {
		const unsigned part = size < sizeof buffer ? size : sizeof buffer;

		memset(buffer, 0, sizeof buffer);
		if (get(file, buffer, part) < 0)
			return tool_error("save", name);
		failed = put(output, buffer, (part + CASTLE_USTAR_BLOCK - 1) & -CASTLE_USTAR_BLOCK);
		size -= part;
	}
	return failed;
}

static int save(int output, const char *name)
{
	const int file = open(name, O_RDONLY);
	struct stat status;
	int failed;

	if (file < 0 || fstat(file, &status) != 0)
		return tool_error("save", name);
	if (!S_ISREG(status.st_mode)) {
		errno = EINVAL;
		return tool_error("save", name);
	}
	failed = put_header(output, name, &status);
	if (!failed)
		failed = put_content(output, file, name, status.st_size);
	close(file);
	return failed;
}

int main(int argc, char **argv)
{
	static const char end[2 * CASTLE_USTAR_BLOCK];
	int first = 1, failed = 0, output;

	tool_help("save", argc, argv);
	if (argc > 2 && strcmp(argv[1], "-o") == 0) {
		output_name = argv[2];
		first = 3;
	}
	if (first >= argc || argv[first][0] == '-')
		tool_usage("save [-o ARCHIVE] FILE...");
	output = open(output_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (output < 0)
		return tool_error("save", output_name);
	for (int i = first; i < argc; i++)
		failed |= save(output, argv[i]);
	return failed | put(output, end, sizeof end);
}
