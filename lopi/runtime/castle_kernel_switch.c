/*
 * Functions of the kernel that are switched on and off (--switched): at boot by lopi.on=PATTERNS,
 * and at any time by writing PATTERNS to /dev/lopi. Until then their code is the compiler's; then,
 * jumps to stubs are written over its first bytes and its exits.
 *
 * A jump takes the place of several instructions, and nobody may be between two of them. A thread
 * that waits has no stack in the kernel; so what counts is what processors do. All others are
 * interrupted, and wait: each looks at its own stack, on which is where it was interrupted, too. A
 * function of which somebody is in the midst of the first bytes, or is going to return there, stays
 * as it is, and is tried again a few times.
 *
 * Processors of the application kernel run kernel code, and cannot be asked: with them, nothing is
 * switched once they have started.
 */
#include "castle_kernel.h"
#include "thread.h"

/* Before the names of some of it become nothing, as they are for one processor. */
#include "arch/ia32/smp/cpu.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "arch/ia32/interrupt.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

enum { PATTERNS_SIZE = 256, JUMP = 5, OPCODE_JUMP = 0xe9, TRIES = 16 };
enum { LINE = 30 }; /* of the interrupts of one processor by another, one that is nobody's */

extern const struct lopi_site __start_lopi_sites[] __attribute__((weak, visibility("hidden")));
extern const struct lopi_site __stop_lopi_sites[] __attribute__((weak, visibility("hidden")));

/*
 * From the link map, of each site: what was there, whether there is a jump, whether a processor is
 * in the way of one, and whether the kernel has changed the code itself, when it started. In the
 * boot processor's area, for all.
 */
extern struct before {
	uint8_t bytes[JUMP];
	bool is_on;
	bool is_busy;
	bool is_taken;
} lopi_before[];

extern const char boot_stack[], boot_stack_top[];
extern CPU_LOCAL const char *kernel_stack_top;

/*
 * What kernels of several processors alone have: this file is for all kernels, and so compiled as
 * for one processor.
 */
#define OF_SEVERAL __attribute__((weak))
extern OF_SEVERAL struct cpu cpus[CASTLE_CPUS_MAX];
/* kernel/smp/lock.h */
extern OF_SEVERAL uint32_t lock_domains_used;
OF_SEVERAL void giant_lock_enter(void);
OF_SEVERAL void giant_lock_exit(void);
/* kernel/smp/cross_call.h */
OF_SEVERAL uint32_t cross_call_others(void);
/* arch/ia32/smp/apic.h */
OF_SEVERAL void apic_send(uint32_t apic_id, uint32_t line);

/* Switched objects, and the runtime, ask for this file by these names. */
const char lopi_switched = 1;

static char patterns_at_boot[PATTERNS_SIZE];

/* --- patterns --- */

/* Whether the name is the pattern's, which ends at a comma: `*` is anything, `?` any character. */
static bool matches(const char *pattern, const char *name)
{
	const char *again = NULL, *rest = NULL;

	for (;;) {
		if (*pattern == '*') {
			again = ++pattern;
			rest = name;
		} else if (*name && (*pattern == '?' || *pattern == *name)) {
			pattern++;
			name++;
		} else if (!*name && (!*pattern || *pattern == ',')) {
			return true;
		} else if (!again || !*rest) {
			return false;
		} else {
			pattern = again;
			name = ++rest;
		}
	}
}

static bool is_chosen(const char *patterns, const char *name)
{
	for (; *patterns; patterns++) {
		if (*patterns != ',' && matches(patterns, name))
			return true;
		while (patterns[1] && *patterns != ',')
			patterns++;
	}
	return false;
}

/* --- patching --- */

static bool is_patched(const struct lopi_site *site)
{
	return site->kind != LOPI_SITE_MOVED;
}

static uint32_t size_of(const struct lopi_site *site)
{
	return site->kind == LOPI_SITE_TARGET ? sizeof(int32_t) : JUMP;
}

/* A jump, or the distance of one that is there. What lies behind it, of a longer site, stays. */
static void switch_on(const struct lopi_site *site, struct before *before)
{
	uint8_t *place = (uint8_t *)(uintptr_t)site->start;
	const uint32_t size = size_of(site);
	const int32_t distance = site->stub - (site->start + size);

	memcpy(before->bytes, place, size);
	before->is_on = true;
	memcpy(place + size - sizeof distance, &distance, sizeof distance);
	if (size == JUMP)
		*place = OPCODE_JUMP;
}

static void switch_off(const struct lopi_site *site, struct before *before)
{
	memcpy((void *)(uintptr_t)site->start, before->bytes, size_of(site));
	before->is_on = false;
}

static struct before *before_of(const struct lopi_site *site)
{
	struct before *first = lopi_area_place(lopi_areas[0], lopi_before);

	return &first[site - __start_lopi_sites];
}

/* Whether a word of this processor's stack is the address of an instruction that is overwritten. */
static bool is_in_the_way(const struct lopi_site *site)
{
	const uintptr_t *word = __builtin_frame_address(0);
	const char *top = (const char *)word >= boot_stack && (const char *)word < boot_stack_top
				  ? boot_stack_top
				  : kernel_stack_top;

	for (; site->kind >= JUMP && (const char *)word < top; word++)
		if (*word > (uintptr_t)site->start && *word < (uintptr_t)site->start + site->kind)
			return true;
	return false;
}

/* Says so of all sites. Other processors do the same at the same time, and none takes it back. */
static void mark_busy(void)
{
	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites; site++)
		if (!before_of(site)->is_on && is_in_the_way(site))
			before_of(site)->is_busy = true;
}

static void forget_busy(void)
{
	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites; site++)
		before_of(site)->is_busy = false;
}

/* Whether all of the function's sites can be patched now, and `*ever` whether they can be later. */
static bool is_free(const struct lopi_site *first, bool *ever)
{
	bool busy = false;

	*ever = true;
	for (const struct lopi_site *site = first;
	     site < __stop_lopi_sites && site->function == first->function; site++) {
		*ever &= !before_of(site)->is_taken;
		busy |= before_of(site)->is_busy;
	}
	return *ever && !busy;
}

/* Of the code that a site is about. */
static uint32_t checksum(const struct lopi_site *site)
{
	const uint32_t size = site->kind >= JUMP ? site->kind
			      : is_patched(site) ? size_of(site)
						 : 0;
	uint32_t sum = 0;

	for (uint32_t index = 0; index < size; index++)
		sum = sum * 31 + site->start[index];
	return sum;
}

/*
 * What the kernel changes in its text (arch/ia32/patch.h) is in no stub, and a function that it has
 * put another one in the place of is not run any more: these stay as they are.
 */
void lopi_sites_note(void)
{
	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites; site++) {
		const uint32_t sum = checksum(site);

		memcpy(before_of(site)->bytes, &sum, sizeof sum);
	}
}

static void sites_compare(void)
{
	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites; site++) {
		const uint32_t sum = checksum(site);

		before_of(site)->is_taken = memcmp(before_of(site)->bytes, &sum, sizeof sum) != 0;
	}
}

/* Those of one function follow one another. */
static const struct lopi_site *switch_function(const struct lopi_site *site, bool on)
{
	const void *function = site->function;

	for (; site < __stop_lopi_sites && site->function == function; site++) {
		struct before *before = before_of(site);

		if (!is_patched(site) || before->is_on == on)
			continue;
		if (on)
			switch_on(site, before);
		else
			switch_off(site, before);
	}
	return site;
}

/* Nobody else runs kernel code, and all stacks have been looked at. Returns how many functions are
 * on then, and in `*left` how many of those that are chosen are not. */
static uint32_t switch_all(const char *patterns, uint32_t *left)
{
	uint32_t count = 0;

	*left = 0;
	cr0_write(cr0_read() & ~CR0_WP);
	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites;) {
		bool chosen = is_chosen(patterns, lopi_name_of(site->function)), ever;
		const bool on = is_free(site, &ever) && chosen;

		site = switch_function(site, on);
		count += on;
		*left += chosen && ever && !on;
	}
	cr0_write(cr0_read() | CR0_WP);
	return count;
}

/* Code has changed: nothing of it that was read before is executed (SDM volume 3, 8.1.3). */
static void go_on(void)
{
	(void)cpu_id(0);
	lopi_drop_calls();
}

/* --- other processors --- */

static uint32_t arrived; /* those that wait */
static bool waiting;     /* they shall */

/* First level. */
static void wait_here(void)
{
	mark_busy();
	__atomic_add_fetch(&arrived, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&waiting, __ATOMIC_ACQUIRE))
		cpu_pause();
	go_on();
	__atomic_sub_fetch(&arrived, 1, __ATOMIC_RELEASE);
}

static void await_arrived(uint32_t count)
{
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) != count)
		cpu_pause();
}

/* How many a set has, a bit each. */
static uint32_t count_of(uint32_t processors)
{
	uint32_t count = 0;

	for (; processors; processors &= processors - 1)
		count++;
	return count;
}

/* Interrupts are off. From here on they wait. */
static void stop_others(uint32_t others)
{
	waiting = true;
	if (others)
		interrupt_register(LINE, wait_here);
	for (uint32_t left = others; left; left &= left - 1)
		apic_send(cpus[__builtin_ctz(left)].apic_id, LINE);
	await_arrived(count_of(others));
}

static void release_others(void)
{
	__atomic_store_n(&waiting, false, __ATOMIC_RELEASE);
	await_arrived(0);
}

/* Returns how many functions are on then. Caller has the kernel's own domain. */
static uint32_t switch_now(const char *patterns, uint32_t others)
{
	uint32_t tries = TRIES, count, left;

	do {
		const uint32_t flags = interrupts_save();

		forget_busy();
		stop_others(others);
		mark_busy();
		count = switch_all(patterns, &left);
		go_on();
		release_others();
		interrupts_restore(flags);
	} while (left && --tries);
	return count;
}

void lopi_switch_at_boot(void)
{
	sites_compare();
	if (*patterns_at_boot)
		switch_now(patterns_at_boot, 0);
}

/* --- /dev/lopi and the command line --- */

static uint32_t find_others(void)
{
	return cross_call_others ? cross_call_others() : 0;
}

/*
 * Where the kernel's own domain has a lock, and calls do not come with it, this takes it: so one
 * processor switches at a time, and none meanwhile waits for an answer from here
 * (kernel/smp/cross_call.h). -EBUSY: there are processors that cannot be asked.
 */
static int switch_by_program(const char *patterns)
{
	const bool locks = cross_call_others && lock_domains_used & 1u << LOCK_DOMAIN_kernel;
	const uint32_t others = find_others();
	uint32_t count;

	if (lopi_area_count != 1 + count_of(others))
		return -EBUSY;
	if (locks)
		giant_lock_enter();
	count = switch_now(patterns, others);
	if (locks)
		giant_lock_exit();
	kprintf("Castle: LOPI, %u functions are on\n", count);
	return 0;
}

static int lopi_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char patterns[PATTERNS_SIZE] = "";
	const int error = size < sizeof patterns ? copy_from_user(patterns, buffer, size) : -EINVAL;

	(void)file;
	if (error)
		return error;
	if (size && patterns[size - 1] == '\n')
		patterns[size - 1] = '\0';
	return switch_by_program(patterns) ?: (int)size;
}

static const struct device_ops lopi_ops = { .write = lopi_write };
static struct device lopi_device = { .name = "lopi", .ops = &lopi_ops };

static int lopi_switch_start(void)
{
	return device_register(&lopi_device);
}

static bool set_patterns(const char *value)
{
	if (strlen(value) >= sizeof patterns_at_boot)
		return false;
	memcpy(patterns_at_boot, value, strlen(value) + 1);
	return true;
}

static const struct driver_option lopi_options[] = {
	{ "on", "names and patterns of functions, separated by commas, up to 255 characters",
	  set_patterns },
};

static const struct driver lopi_switch_driver = {
	.name = "lopi",
	.options = lopi_options,
	.option_count = 1,
	.start = lopi_switch_start,
};
DRIVER(lopi_switch_driver);
