/* A C function between C++ ones. */
#include "corpus.h"

NOCLONE int through_c(int (*callback)(int), int argument)
{
	int before = opaque(argument);

	return callback(before) + opaque(1);
}
