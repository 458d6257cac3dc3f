/*
 * minish: the small shell that runs what the kernel's command line says; people want sh.
 *
 * Its main program: where commands come from (an argument, a file, the console), and how
 * the operators between pipelines join them.
 */
#include "minish.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_SYNTAX_ERROR 2
#define PROMPT              "castle$ "

static struct lexer lexer;
static struct pipeline pipeline;
static int last_status;

static int pipeline_or_builtin(bool *keep_going)
{
	int status = last_status;

	if (pipeline.count == 1 && builtin_run(&pipeline.commands[0], &status, keep_going))
		return status;
	return pipeline_run(&pipeline);
}

/* Whether a pipeline behind this operator is to run. */
static bool runs_after(enum token joiner)
{
	if (joiner == TOKEN_AND)
		return last_status == 0;
	return joiner != TOKEN_OR || last_status != 0;
}

int run_text(const char *text, bool worst, bool *keep_going)
{
	enum token joiner = TOKEN_SEMICOLON, next;
	int failed = 0;

	lexer_start(&lexer, text, last_status);
	do {
		if (!parse_pipeline(&lexer, &pipeline, &next)) {
			last_status = STATUS_SYNTAX_ERROR;
			return last_status;
		}
		if (pipeline.count > 0 && runs_after(joiner)) {
			last_status = pipeline_or_builtin(keep_going);
			lexer.last_status = last_status;
		}
		/* A failure that an operator asks about is not a failure of the whole. */
		if (last_status != 0 && next != TOKEN_AND && next != TOKEN_OR)
			failed = last_status;
		joiner = next;
	} while (next != TOKEN_END && *keep_going);
	return worst && *keep_going ? failed : last_status;
}

/* ctrl-C is for the programs that the shell runs. */
static void ignore_interrupt(int signal)
{
	(void)signal;
}

/* Reads a line without its newline; false at the end of the file. */
static bool read_line(FILE *file, char line[SH_LINE_MAX])
{
	do {
		clearerr(file);
		errno = 0;
		if (fgets(line, SH_LINE_MAX, file)) {
			line[strcspn(line, "\n")] = '\0';
			return true;
		}
	} while (errno == EINTR);
	return false;
}

static void run_file(FILE *file, bool interactive)
{
	static char line[SH_LINE_MAX];
	bool keep_going = true;

	while (keep_going) {
		if (interactive) {
			fputs(PROMPT, stdout);
			fflush(stdout);
		}
		if (!read_line(file, line))
			break;
		run_text(line, false, &keep_going);
	}
}

static void usage(void)
{
	fputs("usage: sh [FILE]         run the commands in FILE, or from the console\n"
	      "       sh [-k] -c TEXT   run the commands in TEXT; -k: exit with the status of the\n"
	      "                         last one that failed, not of the last one\n",
	      stderr);
	exit(STATUS_SYNTAX_ERROR);
}

static int run_script(const char *path)
{
	FILE *script = fopen(path, "r");

	if (!script) {
		fprintf(stderr, "sh: %s: %s\n", path, strerror(errno));
		return 127;
	}
	run_file(script, false);
	fclose(script);
	return last_status;
}

int main(int argc, char **argv)
{
	/* A handler, not SIG_IGN: that would be inherited. */
	const struct sigaction action = { .sa_handler = ignore_interrupt };
	bool worst = false, keep_going = true;
	int option;

	sigaction(SIGINT, &action, NULL);
	while ((option = getopt(argc, argv, "kEc:")) != -1) {
		if (option == 'k')
			worst = true;
		else if (option == 'c')
			return run_text(optarg, worst, &keep_going);
		else if (option != 'E') /* dash's, for editing lines: there is none here */
			usage();
	}
	if (optind < argc)
		return run_script(argv[optind]);
	run_file(stdin, true);
	return last_status;
}
