/*
 * What a stub does on entry and on leaving. Short payloads are inlined; the others call the
 * runtime.
 */
#ifndef LOPI_PAYLOAD_H
#define LOPI_PAYLOAD_H

#include "code.h"

enum { NO_REGISTER = -1 };

/* A function's record in the thread's storage. */
struct record {
	uint32_t symbol; /* of the object's records */
	uint32_t offset;
};

struct payload {
	const char *name;
	const char *purpose; /* for --help */
	bool shared;         /* it is for shared objects, too */
	bool inlined;
	bool leaves; /* it wants to know when the function is left */
	/*
	 * Emits code that keeps all registers except `scratch` and the flags; the return address is
	 * on top of the stack if the payload is not inlined.
	 */
	void (*enter)(struct code *code, const struct record *record, int scratch);
	void (*leave)(struct code *code, const struct record *record, int scratch);
};

extern const struct payload payloads[];
extern const size_t payload_count;

/* The payload of that name, or null. */
const struct payload *payload_find(const char *name);

/* A register of those given as bits, or NO_REGISTER. */
int payload_scratch(unsigned registers);

#endif
