/*
 * The history of lines (uapps/include/histedit.h): a ring of the newest ones. An event's number is
 * its place in the order of all that ever were, from 1.
 */
#include <histedit.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_AT_FIRST 100

struct history {
	char **lines; /* of event n at n % size */
	int size;
	int newest; /* event; 0: there was none */
	int oldest; /* that is still there, if there is any */
	int current;
};

History *history_init(void)
{
	History *history = calloc(1, sizeof *history);

	if (!history)
		return NULL;
	history->size = SIZE_AT_FIRST;
	history->oldest = 1;
	history->lines = calloc(history->size, sizeof *history->lines);
	if (history->lines)
		return history;
	free(history);
	return NULL;
}

static void clear(History *history)
{
	for (int i = 0; i < history->size; i++) {
		free(history->lines[i]);
		history->lines[i] = NULL;
	}
	history->oldest = history->newest + 1;
}

void history_end(History *history)
{
	clear(history);
	free(history->lines);
	free(history);
}

/* Answers with event `number`, which becomes the current one; -1 if it is not there. */
static int answer(History *history, HistEvent *event, int number)
{
	if (number < history->oldest || number > history->newest)
		return -1;
	history->current = number;
	event->num = number;
	event->str = history->lines[number % history->size];
	return 0;
}

static int set_size(History *history, int size)
{
	char **lines = size > 0 ? calloc(size, sizeof *lines) : NULL;

	if (!lines)
		return -1;
	for (int n = history->oldest; n <= history->newest; n++) {
		char *line = history->lines[n % history->size];
		if (n + size > history->newest)
			lines[n % size] = line;
		else
			free(line);
	}
	if (history->newest - history->oldest >= size)
		history->oldest = history->newest - size + 1;
	free(history->lines);
	history->lines = lines;
	history->size = size;
	return 0;
}

static int enter(History *history, HistEvent *event, const char *text)
{
	char **place = &history->lines[(history->newest + 1) % history->size];
	char *line = strdup(text);

	if (!line)
		return -1;
	free(*place);
	*place = line;
	history->newest++;
	if (history->newest - history->oldest >= history->size)
		history->oldest = history->newest - history->size + 1;
	return answer(history, event, history->newest);
}

/* One more line of a command that has several. */
static int append(History *history, HistEvent *event, const char *text)
{
	char **place = &history->lines[history->newest % history->size], *joined;

	if (history->newest < history->oldest)
		return enter(history, event, text);
	joined = realloc(*place, strlen(*place) + strlen(text) + 1);
	if (!joined)
		return -1;
	*place = strcat(joined, text);
	return answer(history, event, history->newest);
}

/* The next event from the current one, in the direction of `step`, that begins with the text. */
static int find(History *history, HistEvent *event, const char *text, int step)
{
	for (int n = history->current; n >= history->oldest && n <= history->newest; n += step)
		if (strncmp(history->lines[n % history->size], text, strlen(text)) == 0)
			return answer(history, event, n);
	return -1;
}

static int move(History *history, HistEvent *event, int operation)
{
	switch (operation) {
	case H_FIRST:
		return answer(history, event, history->newest);
	case H_LAST:
		return answer(history, event, history->oldest);
	case H_PREV:
		return answer(history, event, history->current + 1);
	case H_NEXT:
		return answer(history, event, history->current - 1);
	case H_CURR:
		return answer(history, event, history->current);
	default:
		return -1;
	}
}

int history(History *history, HistEvent *event, int operation, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, operation);
	switch (operation) {
	case H_SETSIZE:
		result = set_size(history, va_arg(arguments, int));
		break;
	case H_CLEAR:
		clear(history);
		result = 0;
		break;
	case H_ENTER:
		result = enter(history, event, va_arg(arguments, const char *));
		break;
	case H_ADD:
	case H_APPEND:
		result = append(history, event, va_arg(arguments, const char *));
		break;
	case H_NEXT_EVENT:
	case H_PREV_EVENT:
		result = answer(history, event, va_arg(arguments, int));
		break;
	case H_PREV_STR:
	case H_NEXT_STR:
		result = find(history, event, va_arg(arguments, const char *),
			      operation == H_PREV_STR ? -1 : 1);
		break;
	default:
		result = move(history, event, operation);
	}
	va_end(arguments);
	return result;
}
