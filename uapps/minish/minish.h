/*
 * The shell: reads a line, splits it into words and operators, and runs what they say. No variables
 * but the environment, no loops: it starts programs, joins them by pipes and redirects their files.
 */
#ifndef UAPPS_MINISH_MINISH_H
#define UAPPS_MINISH_MINISH_H

#include <stdbool.h>

#define SH_WORDS_MAX    128
#define SH_COMMANDS_MAX 16 /* in one pipeline */
#define SH_LINE_MAX     1024

enum token {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_PIPE,       /* | */
	TOKEN_SEMICOLON,  /* ; or the end of a line */
	TOKEN_AND,        /* && */
	TOKEN_OR,         /* || */
	TOKEN_BACKGROUND, /* & */
	TOKEN_INPUT,      /* < */
	TOKEN_OUTPUT,     /* > */
	TOKEN_APPEND,     /* >> */
	TOKEN_ERROR,      /* a quote without end, or too many words */
};

/* Splits text into tokens. Words are unquoted, with $NAME and $? put in, and stay valid until
 * reset. */
struct lexer {
	const char *at;
	int last_status; /* for $? */
	char text[4 * SH_LINE_MAX];
	unsigned used;
	const char *word; /* of the last TOKEN_WORD */
};

void lexer_start(struct lexer *lexer, const char *text, int last_status);
enum token lexer_next(struct lexer *lexer);

/* One program or builtin with its arguments and redirections. */
struct command {
	char *arguments[SH_WORDS_MAX + 1]; /* NULL-terminated */
	unsigned count;
	const char *input, *output; /* NULL: as the shell's */
	bool append;
};

struct pipeline {
	struct command commands[SH_COMMANDS_MAX];
	unsigned count;
	bool background;
};

/*
 * Reads one pipeline into `pipeline` and the operator behind it into *next. False on a syntax
 * error, which has been reported.
 */
bool parse_pipeline(struct lexer *lexer, struct pipeline *pipeline, enum token *next);

/* Runs it; the status of its last command, or 0 in the background. */
int pipeline_run(const struct pipeline *pipeline);

/*
 * Runs a builtin if the command is one: true, with its status. `keep_going` becomes false for exit.
 */
bool builtin_run(const struct command *command, int *status, bool *keep_going);

/* Runs all of `text`. The status of the last command; with `worst`, that of the last one that
 * failed. */
int run_text(const char *text, bool worst, bool *keep_going);

#endif
