/*
 * Editing a line at a terminal (uapps/include/histedit.h), with the keys of emacs. It needs nothing
 * of a terminal but carriage return and backspace: what does not fit beside the prompt scrolls
 * sideways.
 */
#include <castle/castle.h>
#include <histedit.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "line_complete.h"

#define LINE_MAX_SIZE 4096
#define COLUMNS       79 /* the last one stays free: nothing wraps */
#define TEXT_LEAST    20 /* columns for the text, however long the prompt is */

#define CTRL(letter) ((letter)&0x1f)
#define ESCAPE       0x1b
#define DELETE       0x7f
#define BELL         "\a"

typedef int history_function(History *, HistEvent *, int, ...);

struct editline {
	int in, out;
	char *(*prompt_function)(EditLine *);
	history_function *history_function;
	History *history;
	struct termios cooked;
	const char *prompt;
	char text[LINE_MAX_SIZE];
	unsigned length, cursor;
	unsigned shown;           /* columns that the line takes on the screen, prompt included */
	char kept[LINE_MAX_SIZE]; /* what was typed before looking at the history */
	int event;                /* of the history that is shown; 0: the line itself */
	char cut[LINE_MAX_SIZE];  /* by ctrl-K and the like, for ctrl-Y */
	bool behind;              /* the screen does not show the line as it is */
	bool listed;              /* the last key was a tab that did not help */
};

static void put(const EditLine *el, const char *text, unsigned length)
{
	while (length > 0) {
		const int written = write(el->out, text, length);
		if (written <= 0)
			return;
		text += written;
		length -= written;
	}
}

static void put_string(const EditLine *el, const char *text)
{
	put(el, text, strlen(text));
}

static int get(const EditLine *el)
{
	unsigned char c;

	return read(el->in, &c, 1) == 1 ? c : -1;
}

/* Shows `prompt` and `text` with the cursor at `cursor`, in place of what is there. */
static void show(EditLine *el, const char *prompt, const char *text, unsigned length,
		 unsigned cursor)
{
	const unsigned before = strlen(prompt);
	const unsigned room = before + TEXT_LEAST < COLUMNS ? COLUMNS - before : TEXT_LEAST;
	const unsigned first = cursor < room ? 0 : cursor - room + 1;
	const unsigned visible = length - first < room ? length - first : room;
	static const char blanks[COLUMNS + 1] = { [0 ... COLUMNS - 1] = ' ' };
	const unsigned stale = el->shown > before + visible ? el->shown - before - visible : 0;

	put_string(el, "\r");
	put_string(el, prompt);
	put(el, text + first, visible);
	put(el, blanks, stale < COLUMNS ? stale : COLUMNS);
	el->shown = before + visible;
	if (stale == 0 && cursor == first + visible)
		return;
	put_string(el, "\r");
	put_string(el, prompt);
	put(el, text + first, cursor - first);
}

/* What is typed faster than it is shown, as when a text is pasted, is shown at the end. */
static void refresh(EditLine *el)
{
	el->behind = castle_call1(CASTLE_CALL_ready, el->in) & CASTLE_READY_TO_READ;
	if (!el->behind)
		show(el, el->prompt, el->text, el->length, el->cursor);
}

static void insert(EditLine *el, const char *text, unsigned length)
{
	const bool at_end = el->cursor == el->length;

	if (el->length + length + 2 > sizeof el->text) {
		put_string(el, BELL);
		return;
	}
	memmove(el->text + el->cursor + length, el->text + el->cursor, el->length - el->cursor);
	memcpy(el->text + el->cursor, text, length);
	el->length += length;
	el->cursor += length;
	if (at_end && !el->behind && el->shown + length < COLUMNS) {
		put(el, text, length);
		el->shown += length;
	} else {
		refresh(el);
	}
}

static void delete (EditLine *el, unsigned from, unsigned to, bool keep)
{
	if (keep && to > from) {
		memcpy(el->cut, el->text + from, to - from);
		el->cut[to - from] = '\0';
	}
	memmove(el->text + from, el->text + to, el->length - to);
	el->length -= to - from;
	el->cursor = from;
	refresh(el);
}

static void replace(EditLine *el, const char *text)
{
	el->length = strcspn(text, "\n");
	if (el->length > sizeof el->text - 2)
		el->length = sizeof el->text - 2;
	memcpy(el->text, text, el->length);
	el->cursor = el->length;
	refresh(el);
}

static unsigned word_left(const EditLine *el)
{
	unsigned at = el->cursor;

	while (at > 0 && el->text[at - 1] == ' ')
		at--;
	while (at > 0 && el->text[at - 1] != ' ')
		at--;
	return at;
}

static unsigned word_right(const EditLine *el)
{
	unsigned at = el->cursor;

	while (at < el->length && el->text[at] == ' ')
		at++;
	while (at < el->length && el->text[at] != ' ')
		at++;
	return at;
}

static void move(EditLine *el, unsigned to)
{
	el->cursor = to;
	refresh(el);
}

/* To an older line, or with -1 to a newer one; the newest of all is what was being typed. */
static void history_step(EditLine *el, int older)
{
	HistEvent event;

	if (!el->history || el->history_function(el->history, &event, H_FIRST) != 0)
		return;
	if (el->event == 0) {
		if (older < 0)
			return;
		memcpy(el->kept, el->text, el->length);
		el->kept[el->length] = '\0';
		el->event = event.num + 1;
	}
	if (el->history_function(el->history, &event, H_NEXT_EVENT, el->event - older) == 0) {
		el->event = event.num;
		replace(el, event.str);
	} else if (older < 0) {
		el->event = 0;
		replace(el, el->kept);
	} else {
		put_string(el, BELL);
	}
}

/* The newest line older than event `before` that has the text in it; NULL: none. */
static const char *history_search(EditLine *el, const char *text, int before, int *number)
{
	HistEvent event;

	if (!el->history || el->history_function(el->history, &event, H_FIRST) != 0)
		return NULL;
	do {
		if (event.num < before && strstr(event.str, text)) {
			*number = event.num;
			return event.str;
		}
	} while (el->history_function(el->history, &event, H_NEXT) == 0);
	return NULL;
}

/* ctrl-R: the key that ended the search, which is still to be done. */
static int search(EditLine *el)
{
	char wanted[64] = "", prompt[96];
	int found = 0, before = __INT_MAX__, key;

	for (;;) {
		snprintf(prompt, sizeof prompt, "(search) '%s': ", wanted);
		show(el, prompt, el->text, el->length, el->cursor);
		key = get(el);
		const size_t length = strlen(wanted);
		if (key == CTRL('R'))
			before = found;
		else if (key == DELETE || key == '\b')
			wanted[length ? length - 1 : 0] = '\0';
		else if (key >= ' ' && key < DELETE && length + 1 < sizeof wanted)
			wanted[length] = key;
		else
			break;
		if (key != CTRL('R'))
			before = __INT_MAX__;
		const char *line = history_search(el, wanted, before, &found);
		if (!line || !*wanted) {
			put_string(el, BELL);
			continue;
		}
		el->length = strcspn(line, "\n");
		memcpy(el->text, line, el->length);
		el->cursor = strstr(line, wanted) - line;
	}
	refresh(el);
	return key == CTRL('G') || key == ESCAPE ? 0 : key;
}

/* Tab: as much as is clear; once more, and all names are shown. */
static void complete(EditLine *el)
{
	struct completion completion;

	line_complete(el->text, el->cursor, -1, &completion);
	if (completion.common[0]) {
		insert(el, completion.common, strlen(completion.common));
	} else if (el->listed && completion.count > 0) {
		put_string(el, "\n");
		line_complete(el->text, el->cursor, el->out, &completion);
		put_string(el, "\n");
		el->shown = 0;
		refresh(el);
	} else {
		put_string(el, BELL);
		el->listed = true;
		return;
	}
	el->listed = false;
}

/* What a sequence that begins with ESC means, as a key; 0: nothing. */
static int escape_sequence(EditLine *el)
{
	static const char final[] = "ABCDHF", keys[] = { CTRL('P'), CTRL('N'), CTRL('F'),
							 CTRL('B'), CTRL('A'), CTRL('E') };
	int c = get(el);
	const char *found;

	if (c == 'b' || c == 'f') {
		move(el, c == 'b' ? word_left(el) : word_right(el));
		return 0;
	}
	if (c != '[' && c != 'O')
		return 0;
	c = get(el);
	if (c >= '0' && c <= '9') {
		const int end = get(el);
		if (end != '~')
			return 0;
		return c == '3' && el->cursor < el->length ? CTRL('D')
		       : c == '1' || c == '7'              ? CTRL('A')
		       : c == '4' || c == '8'              ? CTRL('E')
							   : 0;
	}
	found = c > 0 ? strchr(final, c) : NULL;
	return found ? keys[found - final] : 0;
}

static void edit_text(EditLine *el, int key)
{
	switch (key) {
	case DELETE:
	case '\b':
		if (el->cursor > 0)
			delete (el, el->cursor - 1, el->cursor, false);
		break;
	case CTRL('D'):
		if (el->cursor < el->length) {
			const unsigned at = el->cursor;
			delete (el, at, at + 1, false);
		}
		break;
	case CTRL('K'):
		delete (el, el->cursor, el->length, true);
		break;
	case CTRL('U'):
		delete (el, 0, el->cursor, true);
		break;
	case CTRL('W'):
		delete (el, word_left(el), el->cursor, true);
		break;
	case CTRL('Y'):
		insert(el, el->cut, strlen(el->cut));
		break;
	default:
		if (key >= ' ')
			insert(el, &(char){ key }, 1);
	}
}

static void edit_key(EditLine *el, int key)
{
	switch (key) {
	case CTRL('A'):
		move(el, 0);
		break;
	case CTRL('E'):
		move(el, el->length);
		break;
	case CTRL('B'):
		if (el->cursor > 0)
			move(el, el->cursor - 1);
		break;
	case CTRL('F'):
		if (el->cursor < el->length)
			move(el, el->cursor + 1);
		break;
	case CTRL('P'):
	case CTRL('N'):
		history_step(el, key == CTRL('P') ? 1 : -1);
		break;
	case CTRL('L'):
		put_string(el, "\033[H\033[2J");
		refresh(el);
		break;
	case '\t':
		complete(el);
		break;
	default:
		edit_text(el, key);
	}
}

enum end { END_LINE, END_FILE, END_INTERRUPT };

/* Edits until a key ends the line. */
static enum end edit(EditLine *el)
{
	for (;;) {
		int key = get(el);
		if (key == CTRL('R'))
			key = search(el);
		else if (key == ESCAPE)
			key = escape_sequence(el);
		if (key == '\r' || key == '\n')
			return END_LINE;
		if (key < 0 || (key == CTRL('D') && el->length == 0))
			return END_FILE;
		if (key == CTRL('C'))
			return END_INTERRUPT;
		if (key > 0)
			edit_key(el, key);
		if (key != '\t')
			el->listed = false;
	}
}

EditLine *el_init(const char *program, FILE *in, FILE *out, FILE *error)
{
	EditLine *el = calloc(1, sizeof *el);

	(void)program, (void)error;
	if (!el)
		return NULL;
	el->in = fileno(in);
	el->out = fileno(out);
	return el;
}

void el_end(EditLine *el)
{
	free(el);
}

int el_set(EditLine *el, int operation, ...)
{
	va_list arguments;

	va_start(arguments, operation);
	if (operation == EL_PROMPT) {
		el->prompt_function = va_arg(arguments, char *(*)(EditLine *));
	} else if (operation == EL_HIST) {
		el->history_function = va_arg(arguments, history_function *);
		el->history = va_arg(arguments, History *);
	}
	va_end(arguments);
	return 0;
}

/* There is no file of key bindings. */
int el_source(EditLine *el, const char *file)
{
	(void)el, (void)file;
	return -1;
}

const char *el_gets(EditLine *el, int *length)
{
	struct termios raw;
	enum end end;

	el->prompt = el->prompt_function ? el->prompt_function(el) : "";
	el->length = el->cursor = el->shown = el->event = 0;
	tcgetattr(el->in, &el->cooked);
	raw = el->cooked;
	raw.c_lflag &= ~(ICANON | ECHO | ISIG);
	tcsetattr(el->in, TCSANOW, &raw);
	refresh(el);
	end = edit(el);
	if (el->cursor < el->length || el->behind)
		show(el, el->prompt, el->text, el->length, el->length);
	put_string(el, end == END_INTERRUPT ? "^C\n" : "\n");
	tcsetattr(el->in, TCSANOW, &el->cooked);
	if (end == END_FILE) {
		*length = 0;
		return NULL;
	}
	if (end == END_INTERRUPT) {
		el->length = 0;
		raise(SIGINT); /* whose handler may well not return */
	}
	el->text[el->length++] = '\n';
	el->text[el->length] = '\0';
	*length = el->length;
	return el->text;
}
