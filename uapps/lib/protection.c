/*
 * Protection of memory: there is none inside a container.
 */
#include <sys/mman.h>
#include "result.h"

int mprotect(void *memory, size_t size, int protection)
{
	(void)memory, (void)size;
	return protection == (PROT_READ | PROT_WRITE | PROT_EXEC) ? 0 : failure(ENOTSUP);
}
