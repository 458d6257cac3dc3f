/*
 * The programming model of the thesis (Section 3.2.1): a process is a set of callbacks, run to the
 *end one after the other, never two at once, by castle_callbacks(). docs/cluster.md has the whole.
 *
 *	static void message(const struct castle_message *message) { ... }
 *	int main(int argc, char **argv)
 *	{
 *		static const struct castle_callbacks callbacks = { .message = message };
 *		return castle_callbacks(&callbacks, argv);
 *	}
 */
#ifndef CASTLE_CALLBACKS_H
#define CASTLE_CALLBACKS_H

#include <castle/castle.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CASTLE_STATE_MAX  65536       /* bytes that an upgrade hands over, at most */
#define CASTLE_TIMERS     16          /* of a process, numbered from 0 */
#define CASTLE_KIND_FIRST 0xcb000000u /* kinds of messages from here on are the library's */

struct castle_lost; /* <castle/cluster.h> */

/* Each may be NULL: the event is then passed over. */
struct castle_callbacks {
	/* First of all; `state` is what a predecessor handed over at an upgrade, or NULL. */
	void (*start)(const void *state, size_t size);
	void (*message)(const struct castle_message *message);
	/* A process that was watched is no more. */
	void (*gone)(int32_t peer);
	/* A message to another node did not arrive, or nobody knows (castle_cluster_send()). */
	void (*lost)(const struct castle_lost *lost);
	void (*timer)(uint32_t timer);
	/* Writes what its successor is to know; how many bytes. Messages wait for the successor. */
	size_t (*upgrade)(void *state, size_t room);
	/* Last of all. */
	void (*stop)(void);
};

/* Runs callbacks until the process is stopped; a status for main(). `argv` is main()'s. */
int castle_callbacks(const struct castle_callbacks *callbacks, char **argv);

/* The timer's callback comes in so many milliseconds, once; 0: not. It comes late, by 10 ms or so.
 */
void castle_timer_set(uint32_t timer, uint32_t milliseconds);

/*
 * Makes the program a static process: it is started now if it does not run, and again whenever it
 * ends but by castle_stop(). 0, or -1 with errno.
 */
int castle_keep(const char *program);

/* The callback `gone` comes when the process is no more, or if it is none. 0, or -1 with errno. */
int castle_watch(int32_t process);

/* Has a callback process end, or go on as the program in the file `path` (64 characters at most).
 */
int castle_stop(int32_t process);
int castle_upgrade(int32_t process, const char *path);

/* The library's own kinds of messages. */
enum castle_kind {
	CASTLE_KIND_STOP = CASTLE_KIND_FIRST,
	CASTLE_KIND_UPGRADE, /* data: the path */
	CASTLE_KIND_GONE,    /* data: the process, int32_t */
	CASTLE_KIND_WATCH,   /* to `statics`; data: the process */
	CASTLE_KIND_KEEP,    /* to `statics`; data: the program's name */
	CASTLE_KIND_UNIQUE,  /* likewise, of one that runs on one node of the cluster */
	CASTLE_KIND_LOST,    /* data: struct castle_lost */
	CASTLE_KIND_HOLDS,   /* to `relay`; data: struct castle_holds */
};

/* The program that watches processes, and starts static ones again. */
#define CASTLE_STATICS "statics"

#ifdef __cplusplus
}
#endif

#endif
