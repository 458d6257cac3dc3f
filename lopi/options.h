/*
 * The command line.
 */
#ifndef LOPI_OPTIONS_H
#define LOPI_OPTIONS_H

#include "payload.h"
#include "select.h"

struct options {
	struct selection selection;
	enum strategy strategy;
	bool fall_back;
	const struct payload *payload;
	const char *hooks;     /* a C file with hooks of the user's, or null */
	const char *output;    /* of one source, or null */
	const char *directory; /* for copies and library, or null */
	const char *runtime;   /* where the libraries are that liblopi.a is made of, or null */
	bool wide;             /* for x86-64, as the object files are */
	bool shared;           /* for shared objects, and programs that have such */
	bool switched;         /* functions are as they were until the program runs */
	bool in_place, no_library;
	bool list, dry_run, keep_going, quiet;
	bool kernel; /* for the kernel of Castle, whose library the build links */
	bool castle; /* for a program of Castle */
	char **sources;
	int source_count;
};

/* Where the runtime's libraries are. */
const char *options_runtime(const struct options *options);

/* Reads the command line. Ends the tool on --help, and on what makes no sense. */
void options_read(struct options *options, int count, char **arguments);

#endif
