/*
 * boot: from the kernel's first instruction to the first one in user mode.
 */
#include "common/bench.h"

#include <castle/castle.h>

int main(int argc, char **argv)
{
	struct castle_boot_info boot;

	bench_start(argc, argv, "boot", "From the kernel's entry to the first program.");
	bench_check(castle_info(CASTLE_INFO_BOOT, &boot, sizeof boot) == sizeof boot,
		    "castle_info");
	const uint32_t cycles = boot.first_user_cycles - boot.entry_cycles;
	bench_report("to_user", cycles, cycles, cycles, 1, NULL);
	return 0;
}
