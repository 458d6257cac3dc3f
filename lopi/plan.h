/*
 * What is to be patched in a function, and whether it can be. Planning changes nothing but the
 * claims on bytes: a function that cannot be patched stays as it was.
 */
#ifndef LOPI_PLAN_H
#define LOPI_PLAN_H

#include "function.h"

enum strategy {
	STRATEGY_STATIC, /* every way out is patched */
	STRATEGY_PAIRED, /* a stub calls the body */
	STRATEGY_THESIS, /* return frames (Section 5.3) */
};

enum {
	JUMP_SIZE = 5,       /* jmp rel32 */
	SHORT_JUMP_SIZE = 2, /* jmp rel8 */
	SHORT_JUMP_OPCODE = 0xeb,
	JUMP_OPCODE = 0xe9,
	CALL_OPCODE = 0xe8,
	COMPARE_AL_OPCODE = 0x3c,
	COMPARE_EAX_OPCODE = 0x3d,
	PADDING_BYTE = 0x90, /* nop */
};

/* Bytes that a patch overwrites, and the instructions among them; the rest is padding. */
struct site {
	const struct function *piece; /* the function, or its cold part */
	uint32_t start, end;
	size_t first, count; /* instructions of the piece */
};

struct leave_point {
	struct site site; /* its last instruction is the one that leaves */
	bool in_entry;    /* it lies in the entry's site, and is moved with that */
	bool near;        /* its site has room for a jump of two bytes alone, to the island: */
	uint32_t island;  /* where the section has room for a jump of five */
};

struct plan {
	struct function *function;
	enum strategy strategy;
	struct site entry;
	struct leave_point *leaves; /* with static exits */
	size_t leave_count;
	uint32_t entry_size;   /* bytes that the patch at the entry takes */
	struct place stub;     /* where it leads, once it is written */
	const char *refusal;   /* why it cannot be instrumented, or null */
	const char *fell_back; /* why it is paired although static exits were asked for, or null */
};

struct plan_wishes {
	enum strategy strategy;
	bool fall_back;      /* to paired, where exits cannot be patched */
	bool switched;       /* the program patches itself, at any moment */
	bool leaves;         /* the payload wants to know of returns */
	uint32_t entry_size; /* of the patch at the entry: instrumentation_plan says */
};

struct plan plan_function(struct analysis *analysis, struct function *function,
			  const struct plan_wishes *wishes);

/* Whether the instruction is the last one of the function's activation: a return or a tail call. */
bool plan_leaves(const struct function *function, const struct instruction *instruction);

#endif
