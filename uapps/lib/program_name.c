/*
 * The name of the running program, which error messages start with.
 */
#include <stdlib.h>
#include <string.h>
#include "program_name.h"

const char *getprogname(void)
{
	const char *path = __castle_program_path ? __castle_program_path : "";
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
