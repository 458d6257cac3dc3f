/*
 * Unwind entries, in the format of .eh_frame: the Linux Standard Base, chapter 10, and DWARF 4,
 * section 6.4. Each stub is a function of its own to an unwinder. The rows say where its caller's
 * registers are.
 */
#include "unwind.h"
#include "memory.h"

#include "runtime/record.h"

#include <string.h>

enum {
	DW_CFA_nop = 0x00,
	DW_CFA_advance_loc4 = 0x04,
	DW_CFA_def_cfa = 0x0c,
	DW_CFA_def_cfa_offset = 0x0e,
	DW_CFA_expression = 0x10,
	DW_CFA_val_expression = 0x16,
	DW_CFA_offset = 0x80, /* with the register in its low bits */
	DW_OP_deref = 0x06,
	DW_OP_const2u = 0x0a,
	DW_OP_const4u = 0x0c,
	DW_OP_dup = 0x12,
	DW_OP_and = 0x1a,
	DW_OP_minus = 0x1c,
	DW_OP_plus_uconst = 0x23,
	DW_OP_bra = 0x28,
	DW_OP_eq = 0x29,
	DW_OP_skip = 0x2f,
	DW_OP_lit1 = 0x31,
	DW_OP_lit16 = 0x40,
	DW_OP_breg3 = 0x73,
	POINTER_RELATIVE = 0x1b, /* DW_EH_PE_pcrel | DW_EH_PE_sdata4 */
	DW_OP_deref_size = 0x94,
	RETURN_COLUMN = 8,
	DATA_ALIGNMENT = 0x7c,   /* -4, as a signed LEB128 */
	WIDE_RETURN_COLUMN = 16, /* on x86-64 */
	WIDE_DATA_ALIGNMENT = 0x78,
	WIDE_ESP = 7,
	ALIGNMENT = 4,
};

static void put_byte(struct code_frame *frame, uint8_t byte)
{
	frame->rows = memory_grow(frame->rows, frame->size, 1);
	frame->rows[frame->size++] = byte;
}

static void put_number(struct code_frame *frame, uint32_t number)
{
	do {
		put_byte(frame, (number & 0x7f) | (number > 0x7f ? 0x80 : 0));
		number >>= 7;
	} while (number);
}

static struct code_frame *current(struct code *code)
{
	return &code->frames[code->frame_count - 1];
}

/* The rows that follow are about the code from here on. */
static void advance(struct code *code)
{
	struct code_frame *frame = current(code);
	uint32_t distance = code->size - frame->at;

	if (distance == 0)
		return;
	put_byte(frame, DW_CFA_advance_loc4);
	for (int index = 0; index < 4; index++)
		put_byte(frame, distance >> 8 * index);
	frame->at = code->size;
}

void code_frame_start(struct code *code, int32_t depth)
{
	struct code_frame *frame;

	code->frames = memory_grow(code->frames, code->frame_count, sizeof(*code->frames));
	frame = &code->frames[code->frame_count++];
	frame->start = frame->at = code->size;
	code->depth_known = true;
	code->depth = code->word;
	code_frame_depth(code, depth);
}

void code_frame_end(struct code *code)
{
	if (code->depth_known)
		current(code)->end = code->size;
	code->depth_known = false;
}

void code_frame_depth(struct code *code, int32_t depth)
{
	if (!code->depth_known || depth == code->depth)
		return;
	code->depth = depth;
	advance(code);
	put_byte(current(code), DW_CFA_def_cfa_offset);
	put_number(current(code), depth);
}

void code_frame_row(struct code *code, const uint8_t *bytes, uint32_t size)
{
	if (!code->depth_known)
		return;
	advance(code);
	for (uint32_t index = 0; index < size; index++)
		put_byte(current(code), bytes[index]);
}

/* DWARF's numbers of x86-64's registers; the IA-32's are those of the encoding. */
static const uint8_t wide_numbers[] = { 0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15 };

void unwind_row_saved(struct code *code, unsigned number, int32_t depth)
{
	if (!code->depth_known)
		return;
	advance(code);
	put_byte(current(code),
		 DW_CFA_offset | (code->object->wide ? wide_numbers[number] : number));
	put_number(current(code), depth / code->word);
}

/*
 * The address of the shadow frame that holds the return address. It is the one that ebx points to,
 * unless the function was entered by a jump from the body of another one, a tail call: then it
 * returns to that one's stub, which starts with the bytes looked for here, and the frame before is
 * meant. At the start of a block there is the address of the last frame of the block before.
 */
#define FRAME_ADDRESS                                                                              \
	DW_OP_breg3, 0, /* 2: */ DW_OP_dup, DW_OP_deref, DW_OP_deref, DW_OP_const4u, 0xff, 0x73,   \
		0x00, 0xff, DW_OP_eq, DW_OP_bra, 3, 0, /* to 17 */                                 \
		DW_OP_skip, 16, 0, /* to the end, 33 */ /* 17: */ DW_OP_lit16, DW_OP_minus,        \
		DW_OP_dup, DW_OP_const2u, 0xff, 0xff, DW_OP_and, DW_OP_bra, 0xe7, 0xff, /* to 2 */ \
		DW_OP_plus_uconst, 4, DW_OP_deref, DW_OP_skip, 0xe1, 0xff               /* to 2 */

enum { FRAME_ADDRESS_SIZE = 33 };

/* The same for x86-64, whose addresses have 8 bytes. */
#define WIDE_FRAME_ADDRESS                                                                         \
	DW_OP_breg3, 0, /* 2: */ DW_OP_dup, DW_OP_deref, DW_OP_deref_size, 4, DW_OP_const4u, 0xff, \
		0x73, 0x00, 0xff, DW_OP_eq, DW_OP_bra, 3, 0, /* to 18 */                           \
		DW_OP_skip, 16, 0, /* to the end, 34 */ /* 18: */ DW_OP_lit16, DW_OP_minus,        \
		DW_OP_dup, DW_OP_const2u, 0xff, 0xff, DW_OP_and, DW_OP_bra, 0xe6, 0xff, /* to 2 */ \
		DW_OP_plus_uconst, 8, DW_OP_deref, DW_OP_skip, 0xe0, 0xff               /* to 2 */

enum { WIDE_FRAME_ADDRESS_SIZE = 34 };

/* Where the return address and the caller's ebx are. */
static const uint8_t rows[] = {
	DW_CFA_val_expression,
	RETURN_COLUMN,
	FRAME_ADDRESS_SIZE + 3,
	FRAME_ADDRESS,
	DW_OP_deref,
	DW_OP_lit1,
	DW_OP_minus,
	DW_CFA_expression,
	REGISTER_EBX,
	FRAME_ADDRESS_SIZE + 2,
	FRAME_ADDRESS,
	DW_OP_plus_uconst,
	4,
};
static const uint8_t wide_rows[] = {
	DW_CFA_val_expression,
	WIDE_RETURN_COLUMN,
	WIDE_FRAME_ADDRESS_SIZE + 3,
	WIDE_FRAME_ADDRESS,
	DW_OP_deref,
	DW_OP_lit1,
	DW_OP_minus,
	DW_CFA_expression,
	REGISTER_EBX,
	WIDE_FRAME_ADDRESS_SIZE + 2,
	WIDE_FRAME_ADDRESS,
	DW_OP_plus_uconst,
	8,
};

/*
 * The body's frame and the stub's are at the same place, the stub having nothing on the stack.
 * Unwinders tell frames apart by their place, except those of signals. So the stub passes for the
 * frame of a signal, which has come while the caller was at its call: one byte before the return
 * address.
 */
void unwind_start_in_frame(struct code *code)
{
	_Static_assert(LOPI_SHADOW_FRAME == 16 && LOPI_SHADOW_BLOCK == 65536,
		       "FRAME_ADDRESS knows shadow frames");
	code_frame_start(code, 0);
	current(code)->like_signal = true;
	if (code->object->wide)
		code_frame_row(code, wide_rows, sizeof(wide_rows));
	else
		code_frame_row(code, rows, sizeof(rows));
}

/* --- the section --- */

/* What a common entry begins with: its length, without this word; that it is one; the version. */
#define COMMON_START 20, 0, 0, 0, 0, 0, 0, 0, 1

/* After the augmentation: the unit of advances, how entries point, the first row. */
#define COMMON_END                                                                              \
	1, DATA_ALIGNMENT, RETURN_COLUMN, 1, POINTER_RELATIVE, DW_CFA_def_cfa, REGISTER_ESP, 4, \
		DW_CFA_offset | RETURN_COLUMN, 1, DW_CFA_nop
#define WIDE_COMMON_END                                                                            \
	1, WIDE_DATA_ALIGNMENT, WIDE_RETURN_COLUMN, 1, POINTER_RELATIVE, DW_CFA_def_cfa, WIDE_ESP, \
		8, DW_CFA_offset | WIDE_RETURN_COLUMN, 1, DW_CFA_nop

/* The letters say what the entries have beyond the standard. */
static const uint8_t signal_entry[] = { COMMON_START, 'z', 'R', 'S', 0, COMMON_END };
static const uint8_t common_entry[] = { COMMON_START, 'z', 'R', 0, COMMON_END, DW_CFA_nop };
static const uint8_t wide_signal_entry[] = { COMMON_START, 'z', 'R', 'S', 0, WIDE_COMMON_END };
static const uint8_t wide_common_entry[] = {
	COMMON_START, 'z', 'R', 0, WIDE_COMMON_END, DW_CFA_nop
};

_Static_assert(sizeof(signal_entry) == 24 && sizeof(common_entry) == 24, "COMMON_START's length");

static void write_entry(struct code *code, unsigned section, uint32_t common,
			const struct code_frame *frame)
{
	uint32_t size = (17 + frame->size + 3) & ~3u, start;
	uint8_t *entry = memory_new(size, 1);

	start = object_append(code->object, section, entry, 0);
	bytes_put32(entry, size - 4);
	bytes_put32(entry + 4, start + 4 - common);
	bytes_put32(entry + 8, frame->start);
	bytes_put32(entry + 12, frame->end - frame->start);
	if (frame->size)
		memcpy(entry + 17, frame->rows, frame->size);
	object_append(code->object, section, entry, size);
	object_add_relocation(
		code->object, section,
		(struct relocation){ start + 8, code->symbol, R_386_PC32, frame->start });
}

/* One section of entries for each section of stubs: it goes where they go. */
void unwind_write(struct code *code)
{
	unsigned section;
	uint32_t common, signal;

	if (code->frame_count == 0 || code->kernel)
		return;
	section = object_add_section(code->object, ".eh_frame", SHT_PROGBITS, SHF_ALLOC,
				     code->section);
	code->object->sections[section].header.sh_addralign = ALIGNMENT;
	common = object_append(code->object, section,
			       code->object->wide ? wide_common_entry : common_entry,
			       sizeof(common_entry));
	signal = object_append(code->object, section,
			       code->object->wide ? wide_signal_entry : signal_entry,
			       sizeof(signal_entry));
	for (size_t index = 0; index < code->frame_count; index++) {
		const struct code_frame *frame = &code->frames[index];

		if (frame->end > frame->start)
			write_entry(code, section, frame->like_signal ? signal : common, frame);
	}
}
