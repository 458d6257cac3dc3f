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

const char *demangle_short(const char *name)
{
	const char *whole = demangle(name);
	size_t start = 0, at = 0;
	int depth = 0;

	if (whole == name)
		return name;
	while (whole[at] && !(whole[at] == '(' && depth == 0)) {
		size_t word = skip_word(whole + at);

		if (word) {
			at += word;
			continue;
		}
		depth += (whole[at] == '<' || whole[at] == '(') -
			 (whole[at] == '>' || whole[at] == ')');
		if (whole[at] == ' ' && depth == 0 && !ends_in_operator(whole, at))
			start = at + 1;
		at++;
		if (whole[at] == '(' && depth == 0 && skip_word(whole + at))
			at += skip_word(whole + at);
	}
	return memory_print("%.*s", (int)(at - start), whole + start);
}
