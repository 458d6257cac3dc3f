/*
 * wc: counts lines, words and bytes.
 */
#include "common/tool.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

struct counts {
	unsigned lines, words, bytes;
};

static struct counts total;

static void count(struct counts *counts, const char *text, unsigned size, bool *in_word)
{
	for (unsigned i = 0; i < size; i++) {
		const bool blank = isspace((unsigned char)text[i]);
		counts->lines += text[i] == '\n';
		counts->words += !blank && !*in_word;
		*in_word = !blank;
	}
	counts->bytes += size;
}

static int wc(int fd, const char *name)
{
	static char buffer[16384];
	struct counts counts = { 0, 0, 0 };
	bool in_word = false;
	int size;

	while ((size = read(fd, buffer, sizeof buffer)) > 0)
		count(&counts, buffer, size, &in_word);
	if (size < 0)
		return tool_error("wc", name);
	printf("%7u %7u %7u %s\n", counts.lines, counts.words, counts.bytes, fd ? name : "");
	total.lines += counts.lines;
	total.words += counts.words;
	total.bytes += counts.bytes;
	return 0;
}

int main(int argc, char **argv)
{
	const int failed = tool_for_each_file("wc", argv + 1, wc);

	tool_help("wc", argc, argv);
	if (argc > 2)
		printf("%7u %7u %7u total\n", total.lines, total.words, total.bytes);
	return failed;
}
