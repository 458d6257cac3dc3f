/*
 * What a run collects about a function: the layout that stubs and runtime share. Each thread has a
 * record of its own for each function, at the same offset from its thread pointer.
 */
#ifndef LOPI_RUNTIME_RECORD_H
#define LOPI_RUNTIME_RECORD_H

#include <stdint.h>

struct lopi_record {
	uint64_t calls;
	uint64_t cycles; /* with callees */
	uint64_t self;   /* without instrumented callees */
	uint32_t value;  /* what the payload `counter` accumulates, modulo 2^32 */
	uint32_t active; /* activations under way */
};

/* How assembly hands arguments to the runtime's functions: x86-64's own way, the IA-32's by choice.
 */
#ifdef __i386__
#define LOPI_ARGUMENTS_IN_REGISTERS __attribute__((regparm(2)))
#else
#define LOPI_ARGUMENTS_IN_REGISTERS
#endif

/*
 * A record as the runtime sees it. In programs, by its distance from the thread pointer, which is
 * what %gs adds, and on x86-64 %fs; the number is the same in all threads. In the kernel by its
 * address, which is the same on all processors. LOPI_LOCAL are other variables of that kind; the #
 * hides from the assembler that the compiler thinks of initialised data.
 */
#ifdef LOPI_KERNEL
typedef struct lopi_record lopi_record;
#define LOPI_LOCAL     __attribute__((section(".lopi_local,\"aw\",@nobits#")))
#define LOPI_ONE_STACK 1 /* of each processor */
#elif defined(__i386__)
typedef struct lopi_record __seg_gs lopi_record;
#define LOPI_LOCAL     __thread
#define LOPI_ONE_STACK 0
#elif defined(__x86_64__)
typedef struct lopi_record __seg_fs lopi_record;
#define LOPI_LOCAL     __thread
#define LOPI_ONE_STACK 0
#endif

/* What one object of the runtime has for others; for those of other shared objects, if they share
 * it. */
#ifdef LOPI_SHARED
#define LOPI_EXPORTED __attribute__((visibility("default")))
#else
#define LOPI_EXPORTED __attribute__((visibility("hidden")))
#endif

/* What an instrumented object says about a function, in the section lopi_functions. */
struct lopi_function {
	const char *name;
	const void *start;
	int32_t record;      /* distance of its record from the thread pointer, or, if the module
				says so, from another place; in the kernel its address */
	const void *payload; /* a name that only the runtime of that payload has */
};

/* The program, or a shared object: its functions. */
struct lopi_module {
	struct lopi_module *next;
	const struct lopi_function *start, *stop;
	intptr_t distance;           /* to be added to what the descriptions have for records */
	struct lopi_record *records; /* the sum of what all threads have collected */
};

/* What is to be patched to switch a function on, in the section lopi_sites. */
struct lopi_site {
	const uint8_t *start, *stub;
	const void *function;
	uintptr_t kind; /* how many bytes a jump to the stub takes, or one of these */
};

enum {
	LOPI_SITE_MOVED,  /* an instruction that such a jump overwrites, and its copy in the stub */
	LOPI_SITE_TARGET, /* the distance of a jump that is there already */
};

/* A frame of a paired stub's shadow stack. The stub knows that it begins with the return address,
 * which the caller's ebx follows, and that it is so big. */
#define LOPI_SHADOW_FRAME 16

struct lopi_shadow_frame {
	uintptr_t return_address;
	uintptr_t ebx;
#ifdef __i386__
	uint32_t unused[2];
#endif
};

/* Blocks of shadow frames are this big and so aligned: an address of a frame to come that is a
 * multiple of it says that the block is full, or that there is none yet. */
#define LOPI_SHADOW_BLOCK 65536

#endif
