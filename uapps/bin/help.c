/*
 * help: what can be typed at the shell, and the programs with a line for each; help GROUP: those of
 * another group (commands, tools, benchmarks, tests). man PROGRAM says more.
 *
 * /share/help, which the build makes from the programs' own comments (tools/manual), has a line
 * GROUP<tab>NAME<tab>SUMMARY for each.
 */
#include <stdio.h>
#include <string.h>
#include "common/tool.h"

#define LIST          "/share/help"
#define LINE_MAX_SIZE 512
#define COLUMNS       79
#define NAME_COLUMNS  18

/* True if the line is of the group, and was shown. */
static int show_line(char *line, const char *group)
{
	char *name = strchr(line, '\t'), *summary = name ? strchr(name + 1, '\t') : NULL;

	if (!summary || strncmp(line, group, name - line) != 0 || group[name - line])
		return 0;
	*summary++ = '\0';
	summary[strcspn(summary, "\n")] = '\0';
	printf("  %-*s%.*s%s\n", NAME_COLUMNS - 2, name + 1, COLUMNS - NAME_COLUMNS - 3, summary,
	       strlen(summary) > COLUMNS - NAME_COLUMNS - 3 ? "..." : "");
	return 1;
}

/* How many programs of the group there are; -1 without a list. */
static int show_group(const char *group)
{
	char line[LINE_MAX_SIZE];
	FILE *list = fopen(LIST, "r");
	int shown = 0;

	if (!list)
		return -1;
	while (fgets(line, sizeof line, list))
		shown += show_line(line, group);
	fclose(list);
	return shown;
}

int main(int argc, char **argv)
{
	const char *group = argc > 1 ? argv[1] : "commands";
	int shown;

	if (argc == 1)
		puts("At the prompt: Tab completes, the arrows and ctrl-R recall, ctrl-C ends what "
		     "runs, ctrl-D the\n"
		     "shell. The shell is a POSIX one: variables, loops, $( ), < > >> 2> | & && "
		     "||, * ? [ ].\n"
		     "man PROGRAM says more; `help tools` lists grep, sed, vi and their like, "
		     "`help "
		     "benchmarks`\nand `help tests` other programs.\n");
	shown = show_group(group);
	if (shown > 0)
		return 0;
	fprintf(stderr, shown < 0 ? "help: no " LIST "\n"
				  : "help: groups are commands, tools, benchmarks, tests\n");
	return 1;
}
