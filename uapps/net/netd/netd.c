/*
 * netd: the network's static process. It has the Ethernet cards, runs TCP/IP (lwIP), and does what
 * programs ask of sockets. The first program that needs it starts it; it needs no arguments, and
 * goes to the background.
 *
 * net.0=10.0.2.15/24 (or dhcp, or off) and net.1= on the kernel's command line give the cards their
 * addresses, net.gateway= and net.dns= what else there is to know; without them it asks by DHCP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netd.h"

#define WAIT_MAX 1000 /* milliseconds between two looks at the cables */

void netd_failed(const char *text)
{
	fprintf(stderr, "netd: lwIP: %s\n", text);
	abort();
}

/* Milliseconds, for lwIP. */
u32_t sys_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u32_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void seed(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	srandom((unsigned)now.tv_sec * 1000003u + (unsigned)now.tv_nsec);
}

int main(void)
{
	seed();
	lwip_init();
	requests_open();
	interfaces_open();
	for (;;) {
		const int done = interfaces_receive() + requests_do();
		uint32_t pause;

		netif_poll_all();
		sys_check_timeouts();
		interfaces_look();
		if (done)
			continue;
		pause = sys_timeouts_sleeptime();
		requests_wait(pause < WAIT_MAX ? pause : WAIT_MAX);
	}
}
