/*
 * From tokens to pipelines.
 */
#include "minish.h"

#include <stdio.h>
#include <string.h>

static bool syntax_error(const char *what)
{
	fprintf(stderr, "sh: syntax error: %s\n", what);
	return false;
}

static bool parse_redirection(struct lexer *lexer, struct command *command, enum token token)
{
	if (lexer_next(lexer) != TOKEN_WORD)
		return syntax_error("no file name behind < or >");
	if (token == TOKEN_INPUT)
		command->input = lexer->word;
	else
		command->output = lexer->word;
	command->append = token == TOKEN_APPEND;
	return true;
}

static bool parse_word(struct lexer *lexer, struct command *command)
{
	if (command->count == SH_WORDS_MAX)
		return syntax_error("too many words");
	command->arguments[command->count++] = (char *)lexer->word;
	command->arguments[command->count] = NULL;
	return true;
}

/* Reads words and redirections up to an operator. */
static bool parse_command(struct lexer *lexer, struct command *command, enum token *next)
{
	memset(command, 0, sizeof *command);
	for (;;) {
		bool good;
		*next = lexer_next(lexer);
		switch (*next) {
		case TOKEN_WORD:
			good = parse_word(lexer, command);
			break;
		case TOKEN_INPUT:
		case TOKEN_OUTPUT:
		case TOKEN_APPEND:
			good = parse_redirection(lexer, command, *next);
			break;
		case TOKEN_ERROR:
			return syntax_error("a quote without end, or too long a line");
		default:
			return true;
		}
		if (!good)
			return false;
	}
}

bool parse_pipeline(struct lexer *lexer, struct pipeline *pipeline, enum token *next)
{
	pipeline->count = 0;
	do {
		if (pipeline->count == SH_COMMANDS_MAX)
			return syntax_error("too many commands in a pipeline");
		if (!parse_command(lexer, &pipeline->commands[pipeline->count++], next))
			return false;
		if (pipeline->commands[pipeline->count - 1].count == 0 &&
		    (pipeline->count > 1 || *next == TOKEN_PIPE))
			return syntax_error("no command beside |");
	} while (*next == TOKEN_PIPE);
	pipeline->background = *next == TOKEN_BACKGROUND;
	if (pipeline->commands[0].count == 0)
		pipeline->count = 0;
	return true;
}
