/*
 * Machine code in the making: the stubs of one section. Bytes, the relocations they need and the
 * unwind rows that describe them go to sections of the object when the code is done.
 */
#ifndef LOPI_CODE_H
#define LOPI_CODE_H

#include "plan.h"

/* What the code will be part of: it says how variables are addressed. */
enum home {
	HOME_PROGRAM, /* at a distance from the thread pointer that linkers know */
	HOME_KERNEL,  /* at fixed addresses, not in a thread's storage */
	HOME_SHARED,  /* at a distance that is known when the object is loaded */
};

/* A piece of code with one unwind entry. */
struct code_frame {
	uint32_t start, end;
	uint8_t *rows; /* DW_CFA_... instructions */
	uint32_t size;
	uint32_t at; /* the code that the last row is about */
	bool like_signal;
};

struct code {
	struct object *object;
	unsigned section; /* where the code will be */
	uint32_t symbol;  /* of that section */
	uint8_t *bytes;
	uint32_t size;
	struct code_frame *frames;
	size_t frame_count;
	int32_t depth; /* bytes on the stack, the return address included, if known */
	bool depth_known;
	bool keep_flags;     /* what no compiler made may take and return flags */
	bool kernel, shared; /* HOME_KERNEL, HOME_SHARED */
	unsigned sites; /* section of what is to be patched while the program runs, or 0: now */
	const struct function *function; /* whose stub is being written */
	int32_t word;                    /* bytes of an address: 8 on x86-64 */
};

/* Notes what the program may patch (struct lopi_site): the function's code is left as it is. */
void code_note_site(struct code *code, unsigned section, uint32_t start, uint32_t stub,
		    uint32_t kind);

/* Starts stubs for functions of `section`, in a section of their own. */
void code_start(struct code *code, struct object *object, unsigned section, enum home home);

/* Moves the finished code, and its unwind entries, into the object. */
void code_finish(struct code *code);

void code_bytes(struct code *code, const void *bytes, uint32_t size);

/* The bytes given. */
#define code_emit(code, ...) \
	code_bytes(code, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

void code_word(struct code *code, uint32_t word);

/* A word that a relocation completes. */
void code_relocated(struct code *code, unsigned type, uint32_t symbol, uint32_t addend);

/* jmp, call or a branch (its condition in the opcode's second byte) to a place. */
void code_jump(struct code *code, const struct place *place);
void code_call(struct code *code, const struct place *place);
void code_branch(struct code *code, unsigned condition, const struct place *place);

/* If flags are to be kept, what is between these two may change them. */
void code_save_flags(struct code *code);
void code_restore_flags(struct code *code);

/* A place in the code itself. */
struct place code_place(const struct code *code, uint32_t offset);

/* The relocation that makes a word out of the address of a variable: fixed, or relative to what
 * %gs, or x86-64's %fs, adds. */
unsigned code_variable_relocation(const struct code *code);

/* The same, or, for HOME_SHARED, relative to the object's thread-local storage: for descriptions.
 */
unsigned code_record_relocation(const struct code *code);

/* `opcode register, variable + addend`, or the other way round, as the opcode has it. */
void code_variable(struct code *code, unsigned opcode, unsigned register_field, uint32_t symbol,
		   uint32_t addend);

/* The same with a variable as big as an address; code_variable()'s has 32 bits. */
void code_variable_word(struct code *code, unsigned opcode, unsigned register_field,
			uint32_t symbol, uint32_t addend);

/* For HOME_SHARED: the register gets the variable's distance from the thread pointer. Keeps flags.
 */
void code_distance(struct code *code, unsigned register_field, uint32_t symbol);

/* For HOME_SHARED: `opcode register, displacement(base)` in the thread's storage. */
void code_variable_at(struct code *code, unsigned opcode, unsigned register_field, unsigned base,
		      uint32_t displacement);

/* On x86-64, what makes the instruction that follows one of 64 bits. */
void code_widen(struct code *code);

/*
 * Copies an instruction of the function to here, with its relocations; branches get 32 bits. With
 * `rows`, says what it does to the stack. Returns how many instructions were copied: a call for the
 * program's own address takes its successor along. `left` are those that are to be copied, this
 * included.
 */
size_t code_move(struct code *code, const struct function *function,
		 const struct instruction *instruction, size_t left, bool rows);

/* --- unwind rows --- */

/* Starts an unwind entry here; `depth` bytes of the stack are the function's, return address
 * included. */
void code_frame_start(struct code *code, int32_t depth);
void code_frame_end(struct code *code);

/* The stack is that deep from here on. */
void code_frame_depth(struct code *code, int32_t depth);

/* A row of one's own, from here on. */
void code_frame_row(struct code *code, const uint8_t *bytes, uint32_t size);

#endif
