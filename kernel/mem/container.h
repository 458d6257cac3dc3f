/*
 * Containers: protection domains (Section 3.2.3 and Figure 3.3). A container starts with two pages,
 * its page table and the first page of its stack, in the global page directory; it gets a page
 * directory of its own when it reaches beyond its initial 4 MB or becomes multithreaded. Faults
 * never sleep, and nothing is unmapped while the container runs.
 *
 * Each container is an object of the domain `container`. What makes, copies, or releases one, and
 * what answers a fault, takes it itself; all else is called with it held. One that nobody else
 * knows yet counts as held. Who may use a pointer to a container without a reference of its own: a
 * thread that its process has not left, since the process has one (docs/address-space.md).
 */
#ifndef KERNEL_MEM_CONTAINER_H
#define KERNEL_MEM_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/reference.h"
#include "kernel/lock/lock.h"
#ifdef CASTLE_SMP
#include "kernel/smp/container_directories.h"
#endif

struct package;

/* Thread stack slots that a container may have, by the width of its bitmap. */
#define CONTAINER_STACK_SLOTS 4032 /* (STACKS_END - STACKS) / STACK_SIZE */
#define CONTAINER_STACK_WORDS (CONTAINER_STACK_SLOTS / 32)

struct container {
	page_entry_t *directory;     /* NULL: runs in the global page directory */
	page_entry_t *initial_table; /* of the initial 4 MB */
#ifdef CASTLE_SMP
	struct container_directories directories;
#endif
	const struct package *package;
	int32_t references; /* arch/ia32/reference.h: processes in it, drivers that keep it alive */
	uint32_t pages;     /* owned: mapped ones, page tables, the directory */
	uint32_t stack_low; /* lowest mapped address of the first stack */
	uint32_t data_high; /* end of what is mapped of data and heap in the initial 4 MB */
	uint32_t break_start;
	uint32_t break_end;    /* end of the heap, the "break" */
	uint32_t stack_lowest; /* that the first stack may reach down to */
	bool shares;           /* some of its pages may be shared with other containers */
	uint32_t *stack_slots; /* thread stacks in use, a bit each; NULL: none ever was */
	LOCK_MEMBER(lock);
};

enum fault_result {
	FAULT_RESOLVED,
	FAULT_UNMAPPED,       /* nothing may be there */
	FAULT_PROTECTED,      /* something is, but not for that */
	FAULT_STACK_OVERFLOW, /* a guard page */
	FAULT_NO_MEMORY,
};

struct fault {
	uint32_t address;
	bool write;
	bool protection; /* the page was there, the access was not allowed */
};

/*
 * `may_share`: forked processes may share pages until they are written. Not where processors keep
 * translations of a container that the kernel does not know them to be in. At boot.
 */
void container_init_cache(bool may_share);
extern bool container_may_share;

/*
 * A container for this package with its two pages, and its own page directory if the package's
 * global variables reach beyond the initial 4 MB, and one reference; NULL when memory is out.
 * Caller holds nothing.
 */
struct container *container_create(const struct package *package);

/*
 * One with the content of the current container, on fork. `alone`: the calling thread is the only
 * one in it; then pages are shared until one of the two writes, but for the one at the address
 * `stack`, which both write at once. NULL when memory is out. Caller holds nothing (it takes
 * `from`).
 */
struct container *container_copy(struct container *from, bool alone, uint32_t stack);

/*
 * Gives the container, in which there is one thread, its own copies of all pages that it shares:
 * before there is a second one. 0 or -ENOMEM. Caller holds container.
 */
int container_own_pages(struct container *container);

/*
 * One more reference: the container lives until it is dropped, although its process may end. The
 * caller has one, or the container is that of its own process. Caller holds nothing.
 */
static inline void container_reference(struct container *container)
{
	reference_take(&container->references);
}

/*
 * Drops a reference; the last one frees all memory of the container, which no other processor may
 * have active any more. Caller holds nothing; frees the container.
 */
void container_release(struct container *container);

/*
 * The container whose address space this processor is in; NULL: none. While a thread runs here,
 * that is its own. A processor that looks for a thread may still be in the last one's, but holds no
 * reference: so a processor leaves a container before it drops what keeps it alive, and none that
 * is idle is in any.
 */
extern CPU_LOCAL struct container *active_container;

/*
 * The directory entry of the container's initial 4 MB, for a global directory that it runs in. Any
 * context.
 */
static inline page_entry_t container_initial_entry(const struct container *container)
{
	return physical_of(container->initial_table) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;
}

/* Makes the container's address space the active one; it must be prepared
 * (container_directories.h). Changes nothing but this processor's. Caller holds nothing (a
 * reference, or a thread that runs next, keeps the container). */
void container_activate(struct container *container);

/* Leaves the active container's address space. Any context, not in a first-level handler. */
void container_deactivate(void);

/*
 * Answers a page fault in the container that is active on this processor. Never sleeps, so a fault
 * may come while its processor holds whatever is before `container` in the order. Caller holds
 * nothing (neither a container nor what comes later).
 */
enum fault_result container_fault(struct container *container, const struct fault *fault);

/* A sentence for the user about a fault that could not be answered. Any context. */
const char *fault_result_text(enum fault_result result, const struct fault *fault);

/*
 * Gives the container its own page directory, if it has none (Figure 3.3c). 0 or -ENOMEM. Caller
 * holds container.
 */
int container_make_directory(struct container *container);

/*
 * Maps the page `frame`, its content complete, at `address`, where nothing is yet; the container
 * owns it from then on. 0 or -ENOMEM. Caller holds container.
 */
int container_map(struct container *container, uint32_t address, void *frame);

/*
 * Maps a page that is common property (kernel/mem/page_share.h), where nothing is yet: the
 * container becomes one more owner, and so do those that are copied from it. 0, -EINVAL if
 * something is there, or -ENOMEM. Caller holds container.
 */
int container_map_shared(struct container *container, uint32_t address, void *page, bool writable);

/*
 * The kernel's own view of a page of the container, made present first, for writing; NULL when the
 * address is not part of it or memory is out. Valid while the container exists. Caller holds
 * container.
 */
void *container_page(struct container *container, uint32_t address);

/*
 * The first stack may grow to so many bytes, in whole pages, and no more than there is room for. By
 * the only process of the container, or who has just made it. Caller holds nothing.
 */
void container_limit_stack(struct container *container, uint32_t size);

/*
 * Moves the break. The new one; or the old one where that is out of range or memory is short.
 * Nothing is reserved: what it grants is given when touched, as long as there is some. Caller holds
 * container.
 */
uint32_t container_set_break(struct container *container, uint32_t address);

/* A free thread stack slot, or -EAGAIN, -ENOMEM. Caller holds container. */
int container_take_stack_slot(struct container *container);

/* Its memory stays. Caller holds container. */
void container_free_stack_slot(struct container *container, uint32_t slot);

/* The end address of a slot. Any context. */
uint32_t container_stack_slot_end(uint32_t slot);

#endif
