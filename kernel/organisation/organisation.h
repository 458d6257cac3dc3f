/*
 * Organisations of the kernel (Table 2.1): what mode= of the command line chooses. Each is one
 * file, with a struct organisation that the linker collects (linker.ld), so that its name stands in
 * no other; tools/organisations reads the list that everything else goes by from these files. How
 * to write one is in docs/adding-an-organisation.md.
 *
 * All members are set at boot and constant from then on; the functions are called on the boot
 * processor, in the order in which they stand here. Contract of all functions here: at boot.
 */
#ifndef KERNEL_ORGANISATION_ORGANISATION_H
#define KERNEL_ORGANISATION_ORGANISATION_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/lock/domain.h"

struct trap_way;
struct interrupt_controller;
struct placement_policy;

/* Which processors run programs. */
enum organisation_processors {
	ORGANISATION_ONE, /* the boot processor alone, which is all that there is for the kernel */
	ORGANISATION_ALL, /* all that the kernel runs on */
	ORGANISATION_OTHERS, /* all but the boot processor, where the kernel runs alone */
	ORGANISATION_EACH,   /* all, each of them programs of its own, which see no other */
};

struct organisation {
	const char *name;     /* mode= */
	const char *title;    /* in tables and plots: "giant lock" */
	const char *category; /* of Section 2.3 */
	const char *summary;  /* one line for people */
	enum organisation_processors processors;

	/*
	 * Processors that run programs keep translations of addresses that the kernel cannot take
	 * back: so it does not change one, and fork() copies all pages at once.
	 */
	bool keeps_translations;

	/* Lock policy: the domains (kernel/lock/domains.h) with real locks, a bit each. The others
	 * need none. */
	uint32_t domains;

	/* Looks for processors, before paging: all physical memory can be read, none be allocated.
	 * NULL: need not. */
	void (*find)(void);

	/* What happens between user mode and the kernel (arch/ia32/trap.h). NULL: nothing. */
	const struct trap_way *(*way)(void);

	/*
	 * Through which devices and processors interrupt (arch/ia32/interrupt.h). NULL: the 8259.
	 */
	const struct interrupt_controller *(*controller)(void);

	/*
	 * The domains whose locks the code itself takes (kernel/lock/lock.h), a bit each; asked
	 * for after `find`, where there are several processors, or lock=always. NULL: none.
	 */
	uint32_t (*locks)(void);

	/*
	 * Which processor runs a thread (kernel/sched/placement.h). NULL: there is but one queue.
	 */
	const struct placement_policy *(*placement)(void);

	/*
	 * When the kernel is complete, with /dev and its drivers, but before programs and files of
	 * the boot modules are there: starts further processors. NULL: there are none. 0 or a
	 * negative errno value, for a message.
	 */
	int (*start)(void);

	/*
	 * What a further processor does for ever, once `start` has brought it up. NULL: it runs the
	 * kernel.
	 */
	void (*further)(void);
};

/*
 * Puts an organisation into the kernel, a constant of the file; `order` is its place in the list,
 * two digits. The first of the list is what a kernel does unless it is told otherwise.
 */
#define ORGANISATION(order, variable)                              \
	static const struct organisation *const variable##_in_list \
		__attribute__((section(".organisations." #order), used)) = &(variable)

/* The bit of a domain in `domains`. */
#define ORGANISATION_LOCKS(domain) (1u << LOCK_DOMAIN_##domain)

/* Those that this kernel has; NULL behind the last one. Any context. */
const struct organisation *organisation_at(uint32_t index);

/* The functions of the organisation that was chosen, or what it leaves out. */
void organisation_find(void);
const struct trap_way *organisation_way(void);
const struct interrupt_controller *organisation_controller(void);
void organisation_start(void);

#endif
