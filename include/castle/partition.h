/*
 * Partitions of the machine: /dev/partition, through which a program learns which ones there
 * are, and sends messages to programs in others. Numbers of partitions begin with 1.
 */
#ifndef CASTLE_PARTITION_H
#define CASTLE_PARTITION_H

#include <stdint.h>

#define CASTLE_PARTITIONS_MAX   8
#define CASTLE_PARTITION_DEVICE "/dev/partition"

/* States. */
#define CASTLE_PARTITION_ABSENT  0
#define CASTLE_PARTITION_RUNNING 1
#define CASTLE_PARTITION_ENDED   2 /* with a status */
#define CASTLE_PARTITION_DEAD    3 /* it panicked, and is being started anew */

/* A message is as long as a cache line: its words have the meaning that the programs give them. */
struct castle_partition_message {
	uint32_t partition; /* to send: where to; received: from where */
	uint32_t port;      /* which of the receivers there: 0 to CASTLE_PARTITION_PORTS - 1 */
	uint32_t words[14];
};

/* What a partition is, as CASTLE_PARTITION_INFO has it. */
struct castle_partition_info {
	uint32_t partition;
	uint32_t here; /* 1: the caller is in it */
	uint32_t state;
	uint32_t apic;
	uint32_t start, end; /* of its memory */
	uint32_t starts;     /* how often its kernel has been started */
	uint32_t status;     /* of its end */
	uint32_t down_us;    /* microseconds from its last panic to its next first program */
	char run[44];        /* how what it runs begins */
};

/*
 * Requests of ioctl() on the device. All return 0, or -1 with errno: EINVAL: no such partition or
 * port; EFAULT.
 *
 * INFO: fills the structure, of which `partition` says what is asked for; 0: the caller's own.
 * SEND: sends the message. ENOSPC: the partition has too many waiting; ESRCH: it does not run.
 * RECEIVE: waits for a message to the port `port` of the structure. TRY does not wait: EAGAIN.
 * PANIC: the kernel of this partition ends in a panic, which is what it is for. The argument is
 * nothing.
 */
#define CASTLE_PARTITION_INFO    1
#define CASTLE_PARTITION_SEND    2
#define CASTLE_PARTITION_RECEIVE 3
#define CASTLE_PARTITION_TRY     4
#define CASTLE_PARTITION_PANIC   5

#endif
