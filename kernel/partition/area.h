/*
 * What the partition monitor and the kernels of all partitions share: who has what of the machine,
 * the console's lock, and the rings in which messages go from one partition to another. It lies in
 * the monitor's memory; every partition sees it at the same address, and nothing else of the
 * monitor's can be written from there.
 *
 * The kernels have no locks in common, and share nothing but this: so all that several of them
 * write here is changed by atomic instructions, or by one of them alone.
 */
#ifndef KERNEL_PARTITION_AREA_H
#define KERNEL_PARTITION_AREA_H

#include <castle/info.h>
#include <castle/partition.h>
#include <stdbool.h>
#include <stdint.h>
#include "kernel/lib/options.h"

#define PARTITIONS_MAX CASTLE_PARTITIONS_MAX

/* Of the mode, which the kernels inside have from the monitor. */
#define PARTITION_MODE_NAME_SIZE 16

#define CACHE_LINE 64
#define RING_SIZE  8u /* messages; a power of two */

/* From one partition to another: the one adds at the tail, the other takes from the head. */
struct partition_ring {
	volatile uint32_t tail __attribute__((aligned(CACHE_LINE)));
	volatile uint32_t head __attribute__((aligned(CACHE_LINE)));
	struct castle_partition_message messages[RING_SIZE] __attribute__((aligned(CACHE_LINE)));
};

/*
 * A command that another partition wants run. Whoever changes a state owns the rest until the next
 * one: nobody, who asks, the partition, who asks.
 */
enum partition_command_state {
	PARTITION_COMMAND_NONE,
	PARTITION_COMMAND_WRITTEN, /* it is being written */
	PARTITION_COMMAND_ASKED,
	PARTITION_COMMAND_RUNNING,
	PARTITION_COMMAND_DONE,
	PARTITION_COMMAND_LOST, /* the partition has died over it */
};

struct partition_command {
	volatile uint32_t state;
	uint32_t by;        /* which partition asks, */
	uint32_t by_starts; /* in which of its lives */
	int32_t status;
	char text[CASTLE_PARTITION_COMMAND_MAX];
};

struct partition {
	uint32_t start, end;               /* its physical memory, at multiples of 4 MB */
	uint32_t cpus;                     /* its processors */
	uint8_t apic_ids[CASTLE_CPUS_MAX]; /* of these, the one first that its kernel starts on */
	bool counts;                       /* the machine goes on until it has ended */
	char run[OPTIONS_RUN_MAX]; /* what it runs (run@N=); "": it has the console's shell */
	/* Written by the partition's own processors, in the monitor or inside. */
	volatile uint32_t state; /* CASTLE_PARTITION_ABSENT ... */
	volatile uint32_t starts;
	volatile uint32_t status;      /* of the end */
	volatile uint64_t died_cycles; /* the cycle counter when it last panicked, */
	volatile uint64_t up_cycles;   /* and when its first program began; 0: not yet */
	volatile bool serves;          /* commands */
	struct partition_command command;
	/* Somebody there waits for a message or command, and is to be told by an interrupt. */
	volatile bool waits __attribute__((aligned(CACHE_LINE)));
	struct partition_ring from[PARTITIONS_MAX + 1]; /* by their senders */
};

struct partition_area {
	uint32_t count; /* partitions have the numbers 1 to count */
	uint32_t apic_address;
	uint32_t timer_count; /* of a local APIC's timer, in a tick */
	uint32_t boot_seconds, cycles_per_ms;
	uint64_t boot_cycles; /* when it was boot_seconds */
	/*
	 * The monitor's code and constants, and this area: all of its memory that is mapped inside.
	 */
	uint32_t code_start, code_end, area_start, area_end;
	uint32_t wires; /* where the network between partitions is (kernel/partition/wire.h); 0:
			   there is none */
	/* Ends the partition with this status, or starts it anew. Does not return. */
	void (*leave)(uint32_t number, uint32_t status);
	/* The console: whose it is at the moment, and whose line has been begun; 0: nobody's. */
	volatile uint32_t console_owner __attribute__((aligned(CACHE_LINE)));
	volatile uint32_t console_line;
	volatile uint64_t console_cycles; /* the cycle counter when it was last given back */
	/* Who starts a processor at the moment (kernel/partition/trampoline.h); 0: nobody. */
	volatile uint32_t trampoline_owner __attribute__((aligned(CACHE_LINE)));
	struct partition partitions[PARTITIONS_MAX + 1]; /* by their numbers */
};

#endif
