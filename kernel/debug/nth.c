/*
 * What is written to and read from the devices that count to n.
 */
#include "kernel/debug/nth.h"

#include <castle/errno.h>

int nth_number(const char *digits, uint32_t size, uint32_t *number)
{
	*number = 0;
	for (uint32_t i = 0; i < size; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -EINVAL;
		*number = *number * 10 + (digits[i] - '0');
	}
	return 0;
}

int nth_read(const struct nth_state *state, user_addr_t buffer, uint32_t size)
{
	int error;

	if (size < sizeof *state)
		return -EINVAL;
	error = copy_to_user(buffer, state, sizeof *state);
	return error ? error : (int)sizeof *state;
}
