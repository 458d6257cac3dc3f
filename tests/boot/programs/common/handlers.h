/*
 * What tests of signals do again and again.
 */
#ifndef TESTS_BOOT_HANDLERS_H
#define TESTS_BOOT_HANDLERS_H

#include <pthread.h>
#include <signal.h>
#include <string.h>

/* The handler runs with an empty mask of its own, and no flags. */
static inline void set_handler(int signal, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	sigaction(signal, &action, NULL);
}

/* Blocks or unblocks one signal for the calling thread. */
static inline void mask(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(how, &set, NULL);
}

#endif
