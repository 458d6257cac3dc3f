/*
 * The main program of each host test: runs its tests, and writes TAP to a file.
 */
#include "tests/host/support.h"

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(test_suite());
	int failures;

	if (argc > 1)
		srunner_set_tap(runner, argv[1]);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures > 0;
}
