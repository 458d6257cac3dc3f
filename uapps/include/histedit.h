/*
 * Line editing with a history: as much of the BSDs' <histedit.h> (editline(3)) as programs like
 * dash use. el_gets() edits a line at a terminal in raw mode; keys are those of emacs.
 * uapps/lib/line_*.c.
 */
#ifndef CASTLE_HISTEDIT_H
#define CASTLE_HISTEDIT_H

#include <stdio.h>

typedef struct editline EditLine;
typedef struct history History;

typedef struct {
	int num;         /* of the event; or of an error */
	const char *str; /* its text */
} HistEvent;

/* el_set() */
#define EL_PROMPT   0 /* char *(*)(EditLine *) */
#define EL_TERMINAL 1 /* const char *: nothing depends on it */
#define EL_EDITOR   2 /* const char *: "emacs"; anything else changes nothing */
#define EL_SIGNAL   3 /* int: ignored */
#define EL_HIST     4 /* int (*)(History *, HistEvent *, int, ...), History * */

/* history(): FIRST is the newest event, NEXT goes to older ones. */
#define H_FUNC       0
#define H_SETSIZE    1
#define H_FIRST      3
#define H_LAST       4
#define H_PREV       5
#define H_NEXT       6
#define H_CURR       8
#define H_ADD        9
#define H_ENTER      10
#define H_APPEND     11
#define H_PREV_STR   13
#define H_NEXT_STR   14
#define H_PREV_EVENT 15
#define H_NEXT_EVENT 16
#define H_CLEAR      19

#ifdef __cplusplus
extern "C" {
#endif

EditLine *el_init(const char *program, FILE *in, FILE *out, FILE *error);
void el_end(EditLine *el);
int el_set(EditLine *el, int operation, ...);
int el_source(EditLine *el, const char *file);

/*
 * The line that was typed, its newline with it, and its length; NULL at the end of the file. The
 * text is valid until the next call.
 */
const char *el_gets(EditLine *el, int *length);

History *history_init(void);
void history_end(History *history);

/* 0 or more and the event asked for; -1 if there is none. */
int history(History *history, HistEvent *event, int operation, ...);

#ifdef __cplusplus
}
#endif

#endif
