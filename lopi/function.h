/*
 * The functions of an object, decoded, and what in their code is a target: where branches, jump
 * tables and addresses of labels lead. A patch may not overwrite a target other than with its own
 * first byte.
 */
#ifndef LOPI_FUNCTION_H
#define LOPI_FUNCTION_H

#include "decode.h"

/* What is known about a byte of code. */
enum mark {
	MARK_START = 1,     /* a function, or another symbol, is here */
	MARK_BRANCH = 2,    /* a branch leads here */
	MARK_LABEL = 4,     /* its address is taken: a jump table, a label as a value */
	MARK_CLAIMED = 8,   /* a patch has this byte */
	MARK_COVERED = 16,  /* it is in a function of known size */
	MARK_RESOLVER = 32, /* an indirect function is here: code that chooses one */
	MARK_PASSED = 64,   /* exceptions pass the code that starts here: it has no handlers */
	MARK_PATCHED = 128, /* the program itself, Castle's kernel, overwrites what is here */
};

/* A section may grow by less than this while it is patched. */
enum { ANALYSIS_ROOM = 16 };

struct function {
	const char *name;
	uint32_t symbol;
	size_t first_name, name_count; /* in the analysis' names */
	unsigned section;
	uint32_t start, end; /* offsets in the section */
	struct instruction *code;
	size_t count;
	struct function
		*cold; /* what the compiler moved away from its hot code, as NAME.cold, or null */
	bool is_cold;  /* it is such a part itself */
	const char *unusable; /* why its code cannot be understood, or null */
};

struct analysis {
	struct object *object;
	struct function
		*functions; /* by section and start; aliases are one function, of one name */
	size_t function_count;
	uint32_t *names;      /* the symbols of functions, in the order of these */
	uint8_t **marks;      /* by section, then by offset; null for sections that are not code */
	bool **referenced;    /* by section, then by offset: somebody has the address; null where
				 that does not matter */
	bool relative_labels; /* data holds distances to code, which do not say where they lead */
	bool exceptions;      /* there are tables of handlers */
	bool compiled;        /* a compiler made it, so registers are used as compilers do */
	bool split_stack;     /* compiled with -fsplit-stack */
	bool switches_stacks; /* frames would be of the wrong stack */
};

/* Decodes all code of the object and finds all targets in it. */
struct analysis *analysis_new(struct object *object);

/* The marks of [start, end), or-ed. */
unsigned analysis_marks(const struct analysis *analysis, unsigned section, uint32_t start,
			uint32_t end);

void analysis_claim(struct analysis *analysis, unsigned section, uint32_t start, uint32_t end);

/* Whether exceptions may come to a handler in the function, or its cold part. */
bool function_handles(const struct analysis *analysis, const struct function *function);

/* Whether the place is in the function or in its cold part. */
bool function_contains(const struct function *function, const struct place *place);

/* Whether `name` is one of the function's names. */
bool function_has_name(const struct analysis *analysis, const struct function *function,
		       bool (*matches)(const char *name, void *argument), void *argument);

/* The instruction that starts at the offset, or null. */
const struct instruction *function_instruction_at(const struct function *function, uint32_t offset);

#endif
