/*
 * Functions of the kernel that are switched on and off (--switched): at boot by lopi.on=PATTERNS,
 * and, where one processor runs kernel code, at any time by writing PATTERNS to /dev/lopi. Until
 * then their code is the compiler's; then, jumps to stubs are written over its first bytes and its
 * exits.
 *
 * A kernel that waits has no stack, and whoever gets here is what runs: so nobody is between two
 * instructions that a jump takes the place of, but for callers on this very stack. A function to
 * whose first bytes somebody there is going to return stays as it is.
 */
#include "castle_kernel.h"
#include "thread.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/cpulocal.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"

enum { PATTERNS_SIZE = 256, JUMP = 5, OPCODE_JUMP = 0xe9 };

extern const struct lopi_site __start_lopi_sites[] __attribute__((weak, visibility("hidden")));
extern const struct lopi_site __stop_lopi_sites[] __attribute__((weak, visibility("hidden")));

/* From the link map: what was there, of each site, and whether there is a jump. */
extern struct before {
	uint8_t bytes[JUMP];
	bool is_on;
} lopi_before[];

extern const char boot_stack[], boot_stack_top[];
extern CPU_LOCAL const char *kernel_stack_top;

/* Switched objects, and the runtime, ask for this file by these names. */
const char lopi_switched = 1;
void lopi_switch_at_boot(void);

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

/* Whether somebody is going to return between the site's first instruction and its end. */
static bool is_returned_to(const struct lopi_site *site)
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

/* Whether all of the function's sites can be patched now. */
static bool is_free(const struct lopi_site *first)
{
	for (const struct lopi_site *site = first;
	     site < __stop_lopi_sites && site->function == first->function; site++)
		if (is_returned_to(site))
			return false;
	return true;
}

/* Those of one function follow one another. */
static const struct lopi_site *switch_function(const struct lopi_site *site, bool on)
{
	const void *function = site->function;

	for (; site < __stop_lopi_sites && site->function == function; site++) {
		struct before *before = &lopi_before[site - __start_lopi_sites];

		if (!is_patched(site) || before->is_on == on)
			continue;
		if (on)
			switch_on(site, before);
		else
			switch_off(site, before);
	}
	return site;
}

/* Returns how many functions are on then. Interrupts are off, and text can be written. */
static uint32_t switch_all(const char *patterns)
{
	uint32_t count = 0;

	for (const struct lopi_site *site = __start_lopi_sites; site < __stop_lopi_sites;) {
		const bool on = is_chosen(patterns, lopi_name_of(site->function)) && is_free(site);

		site = switch_function(site, on);
		count += on;
	}
	return count;
}

static uint32_t switch_now(const char *patterns)
{
	const uint32_t flags = interrupts_save();
	uint32_t count;

	cr0_write(cr0_read() & ~CR0_WP);
	count = switch_all(patterns);
	cr0_write(cr0_read() | CR0_WP);
	lopi_drop_calls();
	interrupts_restore(flags);
	return count;
}

void lopi_switch_at_boot(void)
{
	if (*patterns_at_boot)
		switch_now(patterns_at_boot);
}

/* --- /dev/lopi and the command line --- */

static int lopi_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	char patterns[PATTERNS_SIZE] = "";
	const int error = size < sizeof patterns ? copy_from_user(patterns, buffer, size) : -EINVAL;

	(void)file;
	if (error)
		return error;
	if (lopi_area_count > 1)
		return -EBUSY;
	if (size && patterns[size - 1] == '\n')
		patterns[size - 1] = '\0';
	kprintf("Castle: LOPI, %u functions are on\n", switch_now(patterns));
	return size;
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
