/*
 * One instruction, reduced to what patching needs to know. Zydis decodes; this keeps what it says
 * about control flow, registers and the stack, and where a relative branch leads.
 */
#ifndef LOPI_DECODE_H
#define LOPI_DECODE_H

#include "object.h"

/* General registers, by their number in the instruction encoding. */
enum {
	REGISTER_EAX,
	REGISTER_ECX,
	REGISTER_EDX,
	REGISTER_EBX,
	REGISTER_ESP,
	REGISTER_EBP,
	REGISTER_ESI,
	REGISTER_EDI,
	REGISTER_R11 = 11, /* r8 and those that follow are x86-64's */
};

#define REGISTER_BIT(number) (1u << (number))
#define ALL_REGISTERS        0xffffu
/* Those that a function may change without saving them. */
#define SCRATCH_REGISTERS \
	(REGISTER_BIT(REGISTER_EAX) | REGISTER_BIT(REGISTER_ECX) | REGISTER_BIT(REGISTER_EDX))
#define WIDE_SCRATCH_REGISTERS \
	(SCRATCH_REGISTERS | REGISTER_BIT(REGISTER_ESI) | REGISTER_BIT(REGISTER_EDI) | 0xf00u)

enum instruction_kind {
	KIND_PLAIN,
	KIND_CALL,
	KIND_CALL_INDIRECT,
	KIND_JUMP,
	KIND_BRANCH, /* a conditional jump */
	KIND_LOOP,   /* loop, jecxz: conditional, and with 8-bit displacements only */
	KIND_JUMP_INDIRECT,
	KIND_RETURN,
	KIND_STOP, /* ud2, hlt: nothing follows */
};

struct instruction {
	uint32_t offset; /* in its section */
	uint8_t length;
	uint8_t kind;           /* enum instruction_kind */
	uint8_t condition;      /* of a KIND_BRANCH: the low four bits of its opcode */
	uint16_t reads;         /* registers, as bits; reading a part counts */
	uint16_t writes;        /* registers that change at least in part, and perhaps */
	uint16_t kills;         /* registers whose old value is gone afterwards */
	uint8_t pushed, popped; /* register + 1 of a push or pop of a whole register */
	int32_t stack_growth; /* bytes by which the stack grows, if it writes esp and this is known
			       */
	bool stack_known;
	bool moves_stack;    /* adds a constant to esp, and does nothing else but set flags */
	bool sets_frame;     /* mov %esp, %ebp */
	uint8_t memory_base; /* register + 1 that a memory operand is based on */
	int32_t memory_displacement;
	bool sets_flags;
	bool padding;     /* does nothing */
	bool unwritable;  /* position-dependent in a way that is not understood: not to be moved */
	bool landing_pad; /* endbr32 */
	bool thunk;       /* a call to __x86.get_pc_thunk.REGISTER */
	struct place target;    /* of a direct call, jump, branch or loop */
	uint8_t address_field;  /* where in it, from its start, the distance is of an operand that
				   x86-64 addresses from the instruction's end; or 0 */
	bool address_relocated; /* a relocation completes that */
	struct place address;   /* what the operand is, if that is known */
	bool symbolic; /* the target comes from a relocation against something other than a section
			*/
};

/*
 * Decodes the instruction at `offset` of a code section; it must end at or before `end`. Returns
 * whether there is one.
 */
bool instruction_decode(const struct object *object, unsigned section, uint32_t offset,
			uint32_t end, struct instruction *instruction);

/* Whether control never goes on to the next instruction. */
bool instruction_ends_block(const struct instruction *instruction);

/* Whether `target` is a place in the object. */
bool instruction_has_target(const struct instruction *instruction);

static inline uint32_t instruction_end(const struct instruction *instruction)
{
	return instruction->offset + instruction->length;
}

#endif
