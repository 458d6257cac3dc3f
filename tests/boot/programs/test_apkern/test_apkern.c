/*
 * The application kernel's driver, from the side of a bootstrap thread (castle/apkern.h). The test
 * itself stays on the boot processor.
 */
#include "../common/tap.h"
#include "pair.h"

#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (castle_kernel_page()->application_processors == 0) {
		ok(true, "no application kernel # SKIP this mode has none");
		return done_testing();
	}
	if (!getenv("NOAPPKERN")) {
		setenv("NOAPPKERN", "1", 1);
		execv("/bin/test_apkern", argv);
	}
	if (argc == 2) { /* "gone", on its own */
		test_processes_gone();
		return done_testing();
	}
	test_errors();
	test_calls();
	test_anything();
	test_sleeps();
	test_deaths();
	return done_testing();
}
