/*
 * The event log as it comes over COM2, in this order, all words little-endian: a header, a
 * castle_trace_package for each code package, then for each processor a castle_trace_ring and its
 * events, oldest first but for those of interrupts in between, and CASTLE_TRACE_END.
 */
#ifndef CASTLE_TRACE_H
#define CASTLE_TRACE_H

#include <stdint.h>

#define CASTLE_TRACE_MAGIC   "CASTLETR"
#define CASTLE_TRACE_END     "TRACEEND"
#define CASTLE_TRACE_VERSION 1u

struct castle_trace_header {
	char magic[8];
	uint32_t version;
	uint32_t rings;
	uint32_t packages;
	uint32_t cycles_per_ms; /* of the time stamps; 0: not known yet */
	uint32_t groups;        /* that were on, 1 << number */
	char mode[16];
	char machine[16];
};

struct castle_trace_package {
	uint32_t slot; /* of its code, from CASTLE_CODE_BASE */
	char name[32];
};

struct castle_trace_ring {
	uint32_t cpu;
	uint32_t application; /* 1: it runs the application kernel */
	uint32_t events;      /* that follow */
	uint32_t lost;        /* older ones that were overwritten */
};

/* castle_trace_event.when: the event's number above the time stamp's upper half. */
#define CASTLE_TRACE_EVENT_SHIFT 24

struct castle_trace_event {
	uint32_t time;
	uint32_t when;
	uint32_t a, b;
};

#endif
