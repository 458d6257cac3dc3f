/*
 * What the kernel tells of a signal, as C has it.
 */
#ifndef CASTLE_LIB_SIGNAL_INTERNAL_H
#define CASTLE_LIB_SIGNAL_INTERNAL_H

#include <castle/abi.h>
#include <signal.h>

/* struct castle_signal_frame without its return address: a handler's one argument, by value. */
struct signal_arguments {
	uint32_t signal, mask, fpu;
	struct castle_registers registers;
	uint32_t realtime;
	struct castle_signal_info info;
};

_Static_assert(sizeof(struct signal_arguments) + sizeof(uint32_t) ==
		       sizeof(struct castle_signal_frame),
	       "not the kernel's frame");

siginfo_t signal_information(int number, const struct castle_signal_info *told);

#endif
