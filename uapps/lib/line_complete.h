/*
 * Completing a word of a command line.
 */
#ifndef CASTLE_LIB_LINE_COMPLETE_H
#define CASTLE_LIB_LINE_COMPLETE_H

#define LINE_WORD_MAX 256

struct completion {
	unsigned count;             /* names that begin like the word */
	char common[LINE_WORD_MAX]; /* what of them comes behind the word, as far as all agree; with
				       a slash behind the one directory, or a space behind the one
				       file */
};

/*
 * Looks at the last word of `text` of `length` characters: the first word of a command is that of a
 * program in PATH, others are files. With `show`, prints the names to the descriptor.
 */
void line_complete(const char *text, unsigned length, int show, struct completion *completion);

#endif
