/*
 * Patterns of file names (POSIX.1-2017, Shell Command Language, section 2.13), for -name and -path.
 */
#include "find.h"

#include <stddef.h>

/* The end of a bracket expression whose "[" is behind us: its "]"; null: the "[" is an ordinary
 * one. */
static const char *bracket_end(const char *pattern)
{
	if (*pattern == '!')
		pattern++;
	if (*pattern == ']')
		pattern++;
	while (*pattern && *pattern != ']')
		pattern++;
	return *pattern ? pattern : NULL;
}

static bool bracket_matches(const char *pattern, const char *end, unsigned char letter)
{
	const bool wanted = *pattern != '!';
	bool found = false;

	if (!wanted)
		pattern++;
	while (pattern < end) {
		const unsigned char first = *pattern++;
		unsigned char last = first;
		if (*pattern == '-' && pattern + 1 < end) {
			last = pattern[1];
			pattern += 2;
		}
		found |= first <= letter && letter <= last;
	}
	return found == wanted;
}

/* Whether the pattern's next element, no asterisk, matches the letter; moves behind the element. */
static bool element_matches(const char **pattern, char letter)
{
	const char *at = *pattern;
	const char *end;

	*pattern = at + 1;
	switch (*at) {
	case '?':
		return true;
	case '[':
		end = bracket_end(at + 1);
		if (!end)
			return letter == '[';
		*pattern = end + 1;
		return bracket_matches(at + 1, end, letter);
	case '\\':
		if (at[1]) {
			at++;
			*pattern = at + 1;
		}
		return letter == *at;
	default:
		return letter == *at;
	}
}

/* Only the last asterisk need ever be tried again: what earlier ones matched may stay as it is. */
bool pattern_matches(const char *pattern, const char *name)
{
	const char *after_star = NULL, *retry = NULL;

	while (*name) {
		if (*pattern == '*') {
			after_star = ++pattern;
			retry = name;
		} else if (*pattern && element_matches(&pattern, *name)) {
			name++;
		} else if (after_star) {
			pattern = after_star;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
