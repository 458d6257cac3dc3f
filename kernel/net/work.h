/*
 * What the process that serves the network waits for: requests of programs, and frames. One queue
 * for all of it, so that it waits once.
 */
#ifndef KERNEL_NET_WORK_H
#define KERNEL_NET_WORK_H

#include <stdbool.h>
#include "kernel/dev/device.h"

/* The lock of cards, sockets and the process that serves them: frames wake it, sockets ask it. */
extern struct driver_lock net_lock;

/* There may be something to do for the process that serves the network. Caller holds driver. */
void net_work_wake(void);

/*
 * For a device_cpu that looks at the cards instead of being interrupted by them. First level, on
 * that processor alone.
 */
void ethernet_poll(void);

/* A frame is there to be read, on any open card. Caller holds driver. */
bool ethernet_has_frame(void);

#endif
