/*
 * Kernel text that is settled at boot: instructions replaced where the processor or the command
 * line asks for more. So what a machine has not, or nobody asked for, takes no test.
 *
 * The event log has three kinds of places, which become a jump when their group of events is on: a
 * no-operation; the increment of a counter that is kept anyway; and a function's first
 * instructions, where another function takes its place. The last two cost nothing while the log is
 * off.
 *
 * Contract of all functions here: Any context.
 */
#ifndef ARCH_IA32_PATCH_H
#define ARCH_IA32_PATCH_H

#define PATCH_JUMP_SIZE 5 /* bytes */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

/* A jump, and where to write it. */
struct patch_jump {
	void *place;
	const void *target;
};

/* The same, and the groups of events that want it, any of them. */
struct trace_patch {
	struct patch_jump jump;
	uint32_t groups;
};

/* A function in whose place another one may be put: the compiler goes by its declaration alone. */
#define PATCH_REPLACED __attribute__((noipa))

/* Writes it, at boot, while the kernel's text can be written. */
void patch_jump(const struct patch_jump *jump);

#ifndef CASTLE_NO_LOG
#define PATCHED       __attribute__((noipa))
#define PATCH_SECTION ".trace_patches"
#define PATCH_TRACE                             \
	"	.pushsection .trace_patches, \"a\"\n" \
	"	.long	1b, %l[on], %c[group]\n"        \
	"	.popsection"

/*
 * True if the event log's `group`, a constant, is on. The 5 bytes are those of SDM volume 2, NOP.
 */
static inline __attribute__((always_inline)) bool patch_trace_is_on(uint32_t group)
{
	__asm__ inline goto("1:	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00\n" PATCH_TRACE
			    :
			    : [group] "i"(group)
			    :
			    : on);
	return false;
on:
	return true;
}

/*
 * The same, and counts: `counter` is a variable whose address is a constant, so that the
 * instruction is long enough for a jump.
 */
#define patch_trace_counts(counter, group_bits)                                          \
	({                                                                               \
		__label__ on, counted;                                                   \
		bool traced = false;                                                     \
		__asm__ inline goto("1:	incl	%c[address]\n" PATCH_TRACE               \
				    : "+m"(counter)                                      \
				    : [address] "i"(&(counter)), [group] "i"(group_bits) \
				    : "cc"                                               \
				    : on);                                               \
		goto counted;                                                            \
	on:                                                                              \
		(counter)++;                                                             \
		traced = true;                                                           \
	counted:                                                                         \
		traced;                                                                  \
	})
#else /* `make log-cost` compares with a kernel that has nothing of it */
#define PATCHED
#define PATCH_SECTION ".discard"

static inline __attribute__((always_inline)) bool patch_trace_is_on(uint32_t group)
{
	(void)group;
	return false;
}

#define patch_trace_counts(counter, group_bits) ((counter)++, (void)(group_bits), false)
#endif

/*
 * A function called behind the compiler's back, which so gives no register up for it: PATCH_CALLED
 * ones take their arguments from the stack and keep all registers. They must write nothing that the
 * caller could have read.
 */
#define PATCH_CALLED __attribute__((cold, regparm(0), no_caller_saved_registers))

#define patch_call(function, first, second, third)                            \
	__asm__ volatile("	pushl	%2\n	pushl	%1\n	pushl	%0\n"                  \
			 "	call	%c3\n	addl	$12, %%esp"                        \
			 :                                                    \
			 : "ri"((uint32_t)(first)), "ri"((uint32_t)(second)), \
			   "ri"((uint32_t)(third)), "i"(function)             \
			 : "cc")

/* The same with an argument before the others, a variable whose address is a constant. */
#define patch_call_on(function, variable, first, second, third)                  \
	__asm__ volatile("	pushl	%2\n	pushl	%1\n	pushl	%0\n	pushl	%3\n"          \
			 "	call	%c4\n	addl	$16, %%esp"                           \
			 :                                                       \
			 : "ri"((uint32_t)(first)), "ri"((uint32_t)(second)),    \
			   "ri"((uint32_t)(third)), "m"(variable), "i"(function) \
			 : "cc")

/*
 * While any of these groups is on, `other` is called in place of `function`, which is PATCHED, or
 * called from other files and from assembly only: no caller may have a copy of its own.
 */
#define PATCH_FUNCTION(function, other, groups)          \
	static const struct trace_patch function##_patch \
		__attribute__((section(PATCH_SECTION), used)) = { { function, other }, groups }

/* Settles all of it; once, on the boot processor, when all text can be reached. At boot. */
void patch_apply(void);
#endif

#endif
