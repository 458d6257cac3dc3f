/*
 * Demangling is the C++ library's; this cuts what it gives to the name alone.
 */
#include "demangle.h"
#include "memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Itanium C++ ABI, section 3.4. */
char *__cxa_demangle(const char *name, char *buffer, size_t *size, int *status);

const char *demangle(const char *name)
{
	int status;
	char *found;

	if (strncmp(name, "_Z", 2) != 0)
		return name;
	found = __cxa_demangle(name, NULL, NULL, &status);
	return found && status == 0 ? found : name;
}

/* What may have brackets in a name without being arguments of a function or a template. */
static size_t skip_word(const char *text)
{
	static const char *const words[] = { "(anonymous namespace)",
					     "operator()",
					     "operator<<=",
					     "operator>>=",
					     "operator<=>",
					     "operator<<",
					     "operator>>",
					     "operator->*",
					     "operator->",
					     "operator<=",
					     "operator>=",
					     "operator<",
					     "operator>" };

	for (size_t index = 0; index < sizeof(words) / sizeof(words[0]); index++) {
		size_t length = strlen(words[index]);

		if (strncmp(text, words[index], length) == 0)
			return length;
	}
	return 0;
}

/* The space before the name of a conversion, as of `operator int`, is none between words. */
static bool ends_in_operator(const char *text, size_t length)
{
	const size_t word = strlen("operator");

	return length >= word && strncmp(text + length - word, "operator", word) == 0;
}

/* The length of the whole until its arguments begin; where the name itself begins is noted. */
static size_t find_end(const char *whole, size_t *start)
{
	size_t at = 0;
	int depth = 0;

	while (whole[at]) {
		size_t word = skip_word(whole + at);

		if (word) {
			at += word;
			continue;
		}
		if (whole[at] == '(' && depth == 0)
			break;
		depth += strchr("<(", whole[at]) != NULL;
		depth -= strchr(">)", whole[at]) != NULL;
		if (whole[at] == ' ' && depth == 0 && !ends_in_operator(whole, at))
			*start = at + 1;
		at++;
	}
	return at;
}

const char *demangle_short(const char *name)
{
	const char *whole = demangle(name);
	size_t start = 0, end;

	if (whole == name)
		return name;
	end = find_end(whole, &start);
	return memory_print("%.*s", (int)(end - start), whole + start);
}
