/*
 * wc: counts lines, words and bytes; -l -w -c: only these.
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
static bool lines_wanted, words_wanted, bytes_wanted;

static void show(const struct counts *counts, const char *name)
{
	const unsigned numbers[] = { counts->lines, counts->words, counts->bytes };
	const bool wanted[] = { lines_wanted, words_wanted, bytes_wanted };
	/* One number alone has nothing to be in line with. */
	const int width = lines_wanted + words_wanted + bytes_wanted > 1 ? 7 : 0;
	const char *space = "";

	for (int i = 0; i < 3; i++) {
		if (wanted[i]) {
			printf("%s%*u", space, width, numbers[i]);
			space = " ";
		}
	}
	printf("%s%s\n", *name ? " " : "", name);
}

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
	show(&counts, fd ? name : "");
	total.lines += counts.lines;
	total.words += counts.words;
	total.bytes += counts.bytes;
	return 0;
}

int main(int argc, char **argv)
{
	int option, failed;

	tool_help("wc", argc, argv);
	while ((option = getopt(argc, argv, "lwc")) != -1) {
		if (option == '?')
			tool_usage("wc [-lwc] [FILE...]");
		lines_wanted |= option == 'l';
		words_wanted |= option == 'w';
		bytes_wanted |= option == 'c';
	}
	if (!lines_wanted && !words_wanted && !bytes_wanted)
		lines_wanted = words_wanted = bytes_wanted = true;
	failed = tool_for_each_file("wc", argv + optind, wc);
	if (argc - optind > 1)
		show(&total, "total");
	return failed;
}
