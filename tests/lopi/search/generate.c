/*
 * Writes random functions in assembly, for the search for wrong rewriting: instructions that the
 * decoder takes from random bytes, operands of all relocation kinds, branches, jump tables, pushes,
 * calls, and ways out of all kinds. The text is assembled twice, with -DNAME(number) for the
 * functions to be instrumented and those to be compared with.
 *
 * usage: generate BITS SEED COUNT SIGNED      (SIGNED: 1 says that a compiler made them)
 */
#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_BYTES = 15, BUFFER = 4096, ARGUMENTS = 8, ARITHMETIC = 0x8d5 };
enum { NARROW_SCRATCH = 0x7, WIDE_SCRATCH = 0xfc7, ALL = 0xffff };

static bool wide, compiled;
static uint64_t chance_state;

/* The function that is being written. */
static struct {
	int number;
	int depth;        /* words pushed */
	bool label_ahead; /* a branch leads to 5: further on */
	unsigned written; /* registers, as bits */
	unsigned allowed; /* registers that may be: a compiler's functions put back the others */
	unsigned saved[2], saves; /* what was pushed in the beginning */
	unsigned flags;           /* those that are known: no compiler expects any from a caller */
} now;

static unsigned chance(unsigned below)
{
	chance_state = chance_state * 6364136223846793005ull + 1442695040888963407ull;
	return (chance_state >> 33) % below;
}

static const char *const narrow_names[] = { "%eax", "%ecx", "%edx", "%ebx",
					    "%esp", "%ebp", "%esi", "%edi" };
static const char *const wide_names[] = { "%rax", "%rcx", "%rdx", "%rbx", "%rsp", "%rbp",
					  "%rsi", "%rdi", "%r8",  "%r9",  "%r10", "%r11",
					  "%r12", "%r13", "%r14", "%r15" };
static const char *const word_names[] = { "%eax",  "%ecx",  "%edx",  "%ebx", "%esp",  "%ebp",
					  "%esi",  "%edi",  "%r8d",  "%r9d", "%r10d", "%r11d",
					  "%r12d", "%r13d", "%r14d", "%r15d" };

/* Any but the stack pointer, and ebx, unless the function has it for itself. */
static bool is_usable(unsigned number)
{
	return number != 4 && (number != 3 || now.allowed >> 3 & 1);
}

static unsigned any_register(void)
{
	unsigned number;

	do
		number = chance(wide ? 16 : 8);
	while (!is_usable(number));
	return number;
}

static const char *whole(unsigned number)
{
	return wide ? wide_names[number] : narrow_names[number];
}

static const char *word(unsigned number)
{
	return word_names[number];
}

/* A register that is going to be written. */
static unsigned target(void)
{
	unsigned number;

	do
		number = any_register();
	while (!(now.allowed >> number & 1));
	now.written |= 1u << number;
	return number;
}

/* --- instructions out of random bytes --- */

static bool is_wanted(const ZydisDecodedInstruction *instruction)
{
	switch (instruction->mnemonic) {
	case ZYDIS_MNEMONIC_DIV:
	case ZYDIS_MNEMONIC_IDIV:
	case ZYDIS_MNEMONIC_AAM:
	case ZYDIS_MNEMONIC_SALC:
	case ZYDIS_MNEMONIC_STD:
	case ZYDIS_MNEMONIC_STI:
	case ZYDIS_MNEMONIC_CLI:
	case ZYDIS_MNEMONIC_POPCNT:
	case ZYDIS_MNEMONIC_LZCNT:
	case ZYDIS_MNEMONIC_TZCNT:
		return false;
	default:
		break;
	}
	if (instruction->attributes &
	    (ZYDIS_ATTRIB_HAS_LOCK | ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPNE |
	     ZYDIS_ATTRIB_IS_PRIVILEGED | ZYDIS_ATTRIB_HAS_SEGMENT))
		return false;
	switch (instruction->meta.category) {
	case ZYDIS_CATEGORY_BINARY:
	case ZYDIS_CATEGORY_LOGICAL:
	case ZYDIS_CATEGORY_SHIFT:
	case ZYDIS_CATEGORY_ROTATE:
	case ZYDIS_CATEGORY_DATAXFER:
	case ZYDIS_CATEGORY_CMOV:
	case ZYDIS_CATEGORY_SETCC:
	case ZYDIS_CATEGORY_BITBYTE:
	case ZYDIS_CATEGORY_CONVERT:
	case ZYDIS_CATEGORY_DECIMAL:
	case ZYDIS_CATEGORY_FLAGOP:
		return instruction->meta.isa_ext == ZYDIS_ISA_EXT_BASE;
	case ZYDIS_CATEGORY_SSE:
		return instruction->meta.isa_ext == ZYDIS_ISA_EXT_SSE ||
		       instruction->meta.isa_ext == ZYDIS_ISA_EXT_SSE2;
	case ZYDIS_CATEGORY_MISC:
		return instruction->mnemonic == ZYDIS_MNEMONIC_LEA;
	case ZYDIS_CATEGORY_NOP:
	case ZYDIS_CATEGORY_WIDENOP: /* of others, processors think differently */
		return instruction->opcode_map == ZYDIS_OPCODE_MAP_0F &&
		       instruction->opcode == 0x1f;
	default:
		return false;
	}
}

static int register_number(ZydisRegister name)
{
	ZydisRegister largest = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, name);

	return largest >= ZYDIS_REGISTER_RAX && largest <= ZYDIS_REGISTER_R15
		       ? (int)(largest - ZYDIS_REGISTER_RAX)
		       : -1;
}

/* Registers alone, of those that programs have, and not the stack pointer's value. */
static bool has_safe_operands(const ZydisDecodedInstruction *instruction,
			      const ZydisDecodedOperand *operands, unsigned *written)
{
	for (int index = 0; index < instruction->operand_count; index++) {
		const ZydisDecodedOperand *operand = &operands[index];
		int number = operand->type == ZYDIS_OPERAND_TYPE_REGISTER
				     ? register_number(operand->reg.value)
				     : -1;
		ZydisRegisterClass kind = ZydisRegisterGetClass(operand->reg.value);

		if (operand->type == ZYDIS_OPERAND_TYPE_POINTER ||
		    (number >= 0 && !is_usable(number)) ||
		    (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
		     operand->mem.type != ZYDIS_MEMOP_TYPE_AGEN) ||
		    (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
		     (register_number(operand->mem.base) == 4 ||
		      register_number(operand->mem.base) == 3 ||
		      register_number(operand->mem.index) == 3 ||
		      operand->mem.base == ZYDIS_REGISTER_RIP ||
		      operand->mem.base == ZYDIS_REGISTER_EIP)))
			return false;
		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER && number < 0 &&
		    kind != ZYDIS_REGCLASS_FLAGS && kind != ZYDIS_REGCLASS_XMM)
			return false;
		if (number >= 0 && (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
			*written |= 1u << number;
	}
	return (*written & ~now.allowed) == 0;
}

/* Flags that the processor leaves undefined are not to be seen, nor are those that are not known.
 */
static bool has_safe_flags(const ZydisDecodedInstruction *instruction)
{
	const ZydisAccessedFlags *flags = instruction->cpu_flags;

	return !flags || (!flags->undefined && !(flags->tested & ARITHMETIC & ~now.flags));
}

/* Shifts by nothing change none. */
static bool conditional_flags(const ZydisDecodedInstruction *instruction)
{
	return instruction->meta.category == ZYDIS_CATEGORY_SHIFT ||
	       instruction->meta.category == ZYDIS_CATEGORY_ROTATE;
}

static void write_random(void)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction instruction;
	uint8_t bytes[MOST_BYTES];
	ZydisDecoder decoder;
	unsigned written;

	ZydisDecoderInit(&decoder, wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
			 wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
	do {
		for (int index = 0; index < MOST_BYTES; index++)
			bytes[index] = chance(256);
		if (chance(3) == 0)
			bytes[0] = wide ? 0x40 | bytes[0] % 16 : 0x66;
		written = 0;
	} while (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, MOST_BYTES, &instruction,
						      operands)) ||
		 !is_wanted(&instruction) || !has_safe_flags(&instruction) ||
		 !has_safe_operands(&instruction, operands, &written));
	now.written |= written;
	if (instruction.cpu_flags && !conditional_flags(&instruction))
		now.flags |= instruction.cpu_flags->modified | instruction.cpu_flags->set_0 |
			     instruction.cpu_flags->set_1;
	printf("\t.byte ");
	for (int index = 0; index < instruction.length; index++)
		printf("%s%#x", index ? ", " : "", bytes[index]);
	printf("\n");
}

/* --- operands with relocations, and the stack --- */

static const char *place(void)
{
	static char text[64];

	snprintf(text, sizeof(text), wide ? "buffer+%u(%%rip)" : "buffer+%u",
		 chance(BUFFER / 8) * 8);
	return text;
}

static void write_memory(void)
{
	unsigned what = chance(8);

	if (what == 5 && !(now.flags & 1))
		what = 0;
	if (what == 3 || what == 7 || what == 5)
		now.flags |= ARITHMETIC;
	switch (what) {
	case 0:
		printf("\tmovl %s, %s\n", place(), word(target()));
		break;
	case 1:
		printf("\tmovl %s, %s\n", word(any_register()), place());
		break;
	case 2:
		printf("\tmovl $%d, %s\n", (int)chance(1u << 31) - (1 << 30), place());
		break;
	case 3:
		printf("\taddb $%u, %s\n", chance(128), place());
		break;
	case 4:
		printf("\tincl %s\n", place());
		break;
	case 5:
		printf("\tadcl %s, %s\n", place(), word(target()));
		break;
	case 6:
		printf("\tlea %s, %s\n", place(), whole(target()));
		break;
	case 7:
		printf("\tcmpw $%u, %s\n", chance(32768), place());
		break;
	}
}

static void write_reference(void)
{
	unsigned number = target();

	switch (chance(5)) {
	case 0:
		printf(wide ? "\tmovl %%fs:local@tpoff, %s\n" : "\tmovl %%gs:local@ntpoff, %s\n",
		       word(number));
		break;
	case 1:
		printf(wide ? "\tmovq local@gottpoff(%%rip), %s\n" : "\tmovl $local@ntpoff, %s\n",
		       whole(number));
		break;
	case 2:
		printf(wide ? "\tmovq buffer@GOTPCREL(%%rip), %s\n" : "\tmovl $buffer+8, %s\n",
		       whole(number));
		break;
	case 3: /* data in the section of the code, whose distance the assembler knows */
		now.flags |= ARITHMETIC & ~0x10;
		printf(wide ? "\txorl .Lconstant(%%rip), %s\n" : "\txorl .Lconstant, %s\n",
		       word(number));
		break;
	case 4:
		printf(wide ? "\tmovabsq $buffer+16, %s\n" : "\tleal buffer+16, %s\n",
		       whole(number));
		break;
	}
}

static void write_stack(void)
{
	int bytes = wide ? 8 : 4;

	if (chance(3) == 0) {
		printf("\tmov %d(%%%s), %s\n", (now.depth + 1 + (int)chance(ARGUMENTS)) * bytes,
		       wide ? "rsp" : "esp", whole(target()));
	} else if (chance(2) || now.depth == (int)now.saves) {
		switch (chance(4)) {
		case 0:
			printf("\tpush $%d\n", (int)chance(1000) - 500);
			break;
		case 1:
			printf("\tpush%s %s\n", wide ? "q" : "l", place());
			break;
		default:
			printf("\tpush %s\n", whole(any_register()));
		}
		now.depth++;
	} else {
		printf("\tpop %s\n", whole(target()));
		now.depth--;
	}
}

/* helper changes what it is given in eax, and flags. */
static void write_call(void)
{
	static const char *const ways[] = { "call helper", "call helper@PLT", "call *pointer",
					    "call near_helper" };
	static const char *const wide_ways[] = { "call helper", "call helper@PLT",
						 "call *pointer(%rip)",
						 "call *helper@GOTPCREL(%rip)" };

	now.written |= 1;
	now.flags |= ARITHMETIC;
	printf("\t%s\n", wide ? wide_ways[chance(4)] : ways[chance(4)]);
}

/* --- control --- */

static const char *condition(void)
{
	static const char *const names[] = { "o", "no", "b", "ae", "e", "ne", "be", "a",
					     "s", "ns", "p", "np", "l", "ge", "le", "g" };

	return names[chance(16)];
}

static void put_back_stack(void)
{
	const char *stack = wide ? "rsp" : "esp";
	int words = now.depth - (int)now.saves;

	if (words)
		printf("\tlea %d(%%%s), %%%s\n", words * (wide ? 8 : 4), stack, stack);
	for (unsigned index = now.saves; index-- > 0;)
		printf("\tpop %s\n", whole(now.saved[index]));
}

static void write_exit(void)
{
	put_back_stack();
	switch (chance(8)) {
	case 0:
		printf("\tjmp helper\n");
		break;
	case 1:
		printf(wide ? "\tjmp *pointer(%%rip)\n" : "\tjmp *pointer\n");
		break;
	case 2:
		if ((now.flags & ARITHMETIC) == ARITHMETIC)
			printf("\tj%s helper\n", condition());
		printf("\tret\n");
		break;
	case 3:
		printf("\tret $%u\n", wide ? 16 : 8);
		break;
	default:
		printf("\tret\n");
	}
}

/* Two of the register's bits choose one of four ways, which differ in what they add. */
static void write_table(void)
{
	if (!(now.allowed >> 5 & now.allowed >> 3 & 1))
		return;
	now.written |= 1 | 4 | 8 | 32;
	printf("\tandl $3, %%eax\n");
	if (wide && chance(2))
		printf("\tleaq .Ltable%d(%%rip), %%rdx\n\tmovslq (%%rdx,%%rax,4), %%rax\n\taddq "
		       "%%rdx, %%rax\n"
		       "\tjmp *%%rax\n\t.section .rodata\n\t.balign 4\n.Ltable%d:\n"
		       "\t.long 1f - .Ltable%d, 2f - .Ltable%d, 3f - .Ltable%d, 4f - "
		       ".Ltable%d\n\t.text\n",
		       now.number, now.number, now.number, now.number, now.number, now.number);
	else if (wide)
		printf("\tleaq .Ltable%d(%%rip), %%rdx\n\tjmp *(%%rdx,%%rax,8)\n"
		       "\t.section .data.rel.ro, \"aw\"\n\t.balign 8\n.Ltable%d: .quad 1f, 2f, 3f, "
		       "4f\n\t.text\n",
		       now.number, now.number);
	else
		printf("\tjmp *.Ltable%d(,%%eax,4)\n\t.section .rodata\n.Ltable%d: .long 1f, 2f, "
		       "3f, 4f\n\t.text\n",
		       now.number, now.number);
	printf("1:\taddl $1, %%ebp\n2:\tincl %%ebx\n3:\taddl $7, %%ebp\n4:\tmovl $0, %%eax\n\tmovl "
	       "$0, %%edx\n\ttestl %%eax, %%eax\n");
}

static void write_branch(void)
{
	if (now.label_ahead || (now.flags & ARITHMETIC) != ARITHMETIC)
		return;
	printf("\tj%s 5f\n", condition());
	now.label_ahead = true;
}

/* Where a branch leads the stack must be as it was there. */
static void write_label(int depth, unsigned flags)
{
	if (!now.label_ahead)
		return;
	for (; now.depth > depth; now.depth--)
		printf("\tpop %s\n", whole(target()));
	for (; now.depth < depth; now.depth++)
		printf("\tpush %s\n", whole(any_register()));
	now.flags &= flags;
	printf("5:\n");
	now.label_ahead = false;
}

static void write_instruction(void)
{
	switch (chance(12)) {
	case 0:
		write_memory();
		break;
	case 1:
		write_reference();
		break;
	case 2:
	case 3:
		write_stack();
		break;
	case 4:
		if (chance(2))
			write_call();
		break;
	default:
		write_random();
	}
}

static void write_body(void)
{
	int count = chance(4) ? chance(8) : chance(40), branch_depth = 0, branch_length = 0;
	unsigned branch_flags = 0;
	bool table = chance(25) == 0;

	for (int index = 0; index < count; index++) {
		if (!now.label_ahead && chance(6) == 0) {
			branch_depth = now.depth;
			branch_flags = now.flags;
			branch_length = chance(10);
			write_branch();
		} else if (now.label_ahead && branch_length-- == 0) {
			write_label(branch_depth, branch_flags);
		}
		if (table && index >= count / 2 && !now.label_ahead)
			write_table(), table = false;
		if (chance(20) == 0 && now.label_ahead && now.depth == branch_depth) {
			int depth = now.depth;

			write_exit();
			now.depth = depth;
			write_label(branch_depth, branch_flags);
		}
		write_instruction();
	}
	write_label(branch_depth, branch_flags);
	write_exit();
}

/* How functions begin: as compilers have them, or at once with the body. */
static void write_start(void)
{
	static const char *const starts[] = {
		"endbr32", "pushl %ebp\n\tmovl %esp, %ebp\n\tpopl %ebp", "pushl %ebx\n\tpopl %ebx",
		"subl $12, %esp\n\taddl $12, %esp",
		"call 6f\n6:\tpopl %ebx\n\taddl $_GLOBAL_OFFSET_TABLE_+(.-6b), %ebx"
	};
	static const char *const wide_starts[] = {
		"endbr64", "pushq %rbp\n\tmovq %rsp, %rbp\n\tpopq %rbp", "pushq %rbx\n\tpopq %rbx",
		"subq $24, %rsp\n\taddq $24, %rsp", "movl $0, %ebp"
	};
	unsigned which = chance(10);

	if (which < 4)
		printf("\t%s\n", wide ? wide_starts[which] : starts[which]);
	if (which == 3)
		now.flags |= ARITHMETIC;
	for (now.saves = 0; compiled && now.saves < chance(3); now.saves++) {
		do
			now.saved[now.saves] = chance(wide ? 16 : 8);
		while (now.saved[now.saves] == 4 || now.allowed >> now.saved[now.saves] & 1);
		printf("\tpush %s\n", whole(now.saved[now.saves]));
		if (now.saved[now.saves] == 3)
			printf("\tmovl $%u, %%ebx\n", chance(1000));
		now.allowed |= 1u << now.saved[now.saves];
		now.depth++;
	}
	if (which == 4 && now.allowed >> (wide ? 5 : 3) & 1) {
		now.written |= wide ? 1u << 5 : 1u << 3;
		now.flags |= wide ? 0 : ARITHMETIC;
		printf("\t%s\n", wide ? wide_starts[which] : starts[which]);
	}
}

static void write_function(int number)
{
	now.number = number;
	now.depth = 0;
	now.label_ahead = false;
	now.written = 0;
	now.flags = compiled ? 0 : ARITHMETIC;
	now.allowed = !compiled ? ALL : wide ? WIDE_SCRATCH : NARROW_SCRATCH;
	if (chance(2))
		printf("\t.p2align %u\n", chance(5));
	printf("\t.globl NAME(%d)\n\t.type NAME(%d), @function\nNAME(%d):\n", number, number,
	       number);
	write_start();
	write_body();
	printf("\t.size NAME(%d), . - NAME(%d)\n", number, number);
	printf("#ifdef TABLE\n\t.section table, \"aw\"\n\t.%s NAME(%d), p%d, %u\n\t.text\n#endif\n",
	       wide ? "quad" : "long", number, number, now.written);
}

int main(int count, char **arguments)
{
	if (count != 5)
		return 2;
	wide = atoi(arguments[1]) == 64;
	compiled = atoi(arguments[4]);
	chance_state = strtoull(arguments[2], NULL, 10) * 2654435761u + 1;
	printf("\t.text\n%s", atoi(arguments[4]) ? "\t.ident \"random\"\n" : "");
	printf("near_helper:\taddl $9, %%eax\n\tret\n.Lconstant:\t.long 0x12345678\n");
	for (int index = 0; index < 16; index++)
		chance(2);
	for (int number = 0; number < atoi(arguments[3]); number++)
		write_function(number);
	printf("\t.section .note.GNU-stack, \"\", @progbits\n");
	return 0;
}
