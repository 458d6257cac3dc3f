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
	uint32_t words[15];
};

/* What a partition is, as CASTLE_PARTITION_INFO has it. */
struct castle_partition_info {
	uint32_t partition;
	uint32_t here; /* 1: the caller is in it */
	uint32_t state;
	uint32_t apic;       /* of its first processor */
	uint32_t cpus;       /* its processors */
	uint32_t start, end; /* of its memory */
	uint32_t starts;     /* how often its kernel has been started */
	uint32_t status;     /* of its end */
	uint32_t down_us;    /* microseconds from its last panic to its next first program */
	char run[40];        /* how what it runs begins */
};

#define CASTLE_PARTITION_COMMAND_MAX 500

/* What a program of another partition wants run, as a shell reads it. */
struct castle_partition_command {
	uint32_t partition; /* to ask: where; asked: by which */
	int32_t status;     /* of what was run */
	char text[CASTLE_PARTITION_COMMAND_MAX];
};

/*
 * Requests of ioctl() on the device, with the address of the structure. They return 0, or -1 with
 * errno: EINVAL: there is no such partition; EFAULT.
 *
 * INFO: fills the structure, of which `partition` says what is asked for; 0: the caller's own.
 *
 * SEND: sends the message to all programs there that receive: one of them gets it. ESRCH: the
 * partition does not run; ENOSPC: it has too many messages waiting from here.
 * RECEIVE: waits for a message. TRY does not wait: EAGAIN.
 *
 * ASK: has the partition run the command. ESRCH: it does not run; EBUSY: it is running another one;
 * ENOSYS: no program there serves. RESULT: the status of what the caller's partition has asked
 * `partition` for, which is forgotten then. EAGAIN: it has none yet; EIO: the partition has died
 * over it. SERVE: waits for the next command. SERVED: the status of that is `status`.
 *
 * PANIC: this partition's kernel writes to the address as a kernel with a wrong pointer would, and
 * ends in a panic in any case: to try what happens then.
 */
#define CASTLE_PARTITION_INFO    1
#define CASTLE_PARTITION_SEND    2
#define CASTLE_PARTITION_RECEIVE 3
#define CASTLE_PARTITION_TRY     4
#define CASTLE_PARTITION_ASK     5
#define CASTLE_PARTITION_RESULT  6
#define CASTLE_PARTITION_SERVE   7
#define CASTLE_PARTITION_SERVED  8
#define CASTLE_PARTITION_PANIC   9

#endif
