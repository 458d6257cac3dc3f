/*
 * From characters to words and operators (POSIX.1-2017, Shell Command Language, 2.2 and 2.3,
 * without what Castle's shell has no use for).
 */
#include "minish.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lexer_start(struct lexer *lexer, const char *text, int last_status)
{
	lexer->at = text;
	lexer->last_status = last_status;
	lexer->used = 0;
	lexer->word = NULL;
}

static bool add(struct lexer *lexer, char c)
{
	if (lexer->used + 1 >= sizeof lexer->text)
		return false;
	lexer->text[lexer->used++] = c;
	return true;
}

static bool add_text(struct lexer *lexer, const char *text)
{
	while (text && *text)
		if (!add(lexer, *text++))
			return false;
	return true;
}

/* `$?` and `$NAME`; a lone `$` stands for itself. */
static bool add_variable(struct lexer *lexer)
{
	char name[64];
	unsigned length = 0;

	lexer->at++;
	if (*lexer->at == '?') {
		lexer->at++;
		snprintf(name, sizeof name, "%d", lexer->last_status);
		return add_text(lexer, name);
	}
	while ((isalnum((unsigned char)*lexer->at) || *lexer->at == '_') &&
	       length < sizeof name - 1)
		name[length++] = *lexer->at++;
	name[length] = '\0';
	return length ? add_text(lexer, getenv(name)) : add(lexer, '$');
}

/* Text between quotes; only double ones let `$` and backslash work. */
static bool add_quoted(struct lexer *lexer, char quote)
{
	bool good = true;

	lexer->at++;
	while (good && *lexer->at && *lexer->at != quote) {
		if (quote == '"' && *lexer->at == '$') {
			good = add_variable(lexer);
			continue;
		}
		if (quote == '"' && *lexer->at == '\\' && lexer->at[1] &&
		    strchr("\"\\$", lexer->at[1]))
			lexer->at++;
		good = add(lexer, *lexer->at++);
	}
	if (!*lexer->at)
		return false;
	lexer->at++;
	return good;
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\n|;&<>", c);
}

static enum token lex_word(struct lexer *lexer)
{
	bool good = true;

	lexer->word = lexer->text + lexer->used;
	while (good && !ends_word(*lexer->at)) {
		if (*lexer->at == '\'' || *lexer->at == '"')
			good = add_quoted(lexer, *lexer->at);
		else if (*lexer->at == '$')
			good = add_variable(lexer);
		else {
			if (*lexer->at == '\\' && lexer->at[1])
				lexer->at++;
			good = add(lexer, *lexer->at++);
		}
	}
	return good && add(lexer, '\0') ? TOKEN_WORD : TOKEN_ERROR;
}

/* An operator of one character, or of two of the same. */
static enum token lex_operator(struct lexer *lexer, enum token single, enum token twice)
{
	const bool doubled = lexer->at[1] == lexer->at[0];

	lexer->at += doubled && twice != TOKEN_ERROR ? 2 : 1;
	return doubled && twice != TOKEN_ERROR ? twice : single;
}

enum token lexer_next(struct lexer *lexer)
{
	while (*lexer->at == ' ' || *lexer->at == '\t')
		lexer->at++;
	if (*lexer->at == '#')
		while (*lexer->at && *lexer->at != '\n')
			lexer->at++;
	switch (*lexer->at) {
	case '\0':
		return TOKEN_END;
	case ';':
	case '\n':
		return lex_operator(lexer, TOKEN_SEMICOLON, TOKEN_ERROR);
	case '|':
		return lex_operator(lexer, TOKEN_PIPE, TOKEN_OR);
	case '&':
		return lex_operator(lexer, TOKEN_BACKGROUND, TOKEN_AND);
	case '<':
		return lex_operator(lexer, TOKEN_INPUT, TOKEN_ERROR);
	case '>':
		return lex_operator(lexer, TOKEN_OUTPUT, TOKEN_APPEND);
	default:
		return lex_word(lexer);
	}
}
