/*
 * Calls at random, from several processes and threads at once: what the parts of the fuzzer share.
 *
 * A *round* is some processes with some threads each. Each thread follows a *stream*: its step k is
 * drawn from the seed, the round, the stream and k alone, not from what came before. So steps,
 * kinds of steps, threads, processes and rounds can be left out one by one and the others stay what
 * they were, which is what tools/fuzz makes small cases from. How streams meet is not in the seed.
 */
#ifndef TESTS_BOOT_FUZZ_H
#define TESTS_BOOT_FUZZ_H

#include <stdbool.h>
#include <stdint.h>

#define PLACE         "/tmp/fuzz" /* where a round's files are */
#define PROCESSES_MAX 8
#define THREADS_MAX   8
#define KINDS_MAX     192

/* What the command line chose. Written by main() alone, before there is anybody else. */
struct choices {
	uint32_t seed;
	uint32_t calls;               /* go on until so many have been made */
	uint32_t round_first, rounds; /* rounds: 0: as many as it takes for the calls */
	uint32_t processes, threads;  /* bits: the ones that take part */
	uint32_t step_first, steps;   /* of each stream */
	uint32_t life_ms;             /* of a round, after which it is killed */
	bool verbose;
	bool kind_left_out[KINDS_MAX];
};
extern struct choices choices;

extern uint32_t round_number;
extern int master_pid; /* that of main(): whatever has a higher one belongs to the round */

/* --- chance ----------------------------------------------------------------------------------- */

struct chance {
	uint32_t state;
};

struct chance chance_of(uint32_t stream, uint32_t step);
uint32_t stream_within(uint32_t stream, uint32_t number);
uint32_t draw(struct chance *chance);
uint32_t below(struct chance *chance, uint32_t limit);
/* True once in `many` times. */
bool once_in(struct chance *chance, uint32_t many);
/* One of an array. */
#define ONE_OF(chance, array) ((array)[below(chance, sizeof(array) / sizeof *(array))])

/* --- values ----------------------------------------------------------------------------------- */

/* An argument of a call of this type: table.c has the letters. */
uint32_t value_of(struct chance *chance, char type);

/* What a process knows of itself; a call's good values come from here. */
struct own {
	int pids[8]; /* itself and children */
	uint32_t tids[THREADS_MAX];
	uint32_t words[16]; /* for futexes */
	uint32_t calls;     /* not yet told to the master */
	uint32_t at_work;   /* threads that still follow their streams */
};
extern struct own own;

void own_child_add(struct chance *chance, int pid);
uint32_t pointer_of(struct chance *chance); /* of any class, good ones mostly */
uint32_t place_of(struct chance *chance);   /* good ones only */

/* --- steps ------------------------------------------------------------------------------------ */

struct kind {
	const char *name;
	uint8_t weight; /* how often it is drawn */
	void (*perform)(struct chance *chance);
};

/* Calls by the table, sequences that make sense, and what is no call at all; each ends with a NULL
 * name. */
extern const struct kind scenario_kinds[], trap_kinds[];
uint32_t call_kind_count(void);
const char *call_kind_name(uint32_t index);
uint32_t call_kind_weight(uint32_t index);
void call_kind_perform(uint32_t index, struct chance *chance);
/* Quick calls by the table, one after the other: most of all calls are made here. */
void calls_in_row(struct chance *chance);

/* Makes a call, counts it, and looks whether its result is one that a call may have. */
int32_t make_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d);

/* A child that makes further steps of a stream of its own, and ends. */
__attribute__((noreturn)) void be_child(uint32_t stream);

/* Waits a moment for a child, and kills it then. */
void await_child(int pid);

uint32_t kind_count(void);
const char *kind_name(uint32_t index);
/* The step of a stream; `stream` also names the streams of children made in it. */
void step_perform(uint32_t stream, uint32_t step);

/* --- names ------------------------------------------------------------------------------------ */

/* What names there are before the first round; and the end of all that came since. */
void names_remember(void);
void names_remove(void);

/* --- rounds ----------------------------------------------------------------------------------- */

__attribute__((noreturn)) void be_process(uint32_t number);

#define TELL_EVERY 32  /* calls: what is killed before has not told */
#define TELL_MOST  256 /* that may be told at once: the number lies where any step may write */

/* What processes tell the master, by message. */
enum told { TOLD_CALLS = 0x466f7a31, TOLD_RESULT };
struct told_result {
	uint32_t call, arguments[4];
	int32_t result;
};
void tell_calls(void);
void tell_result(const struct told_result *result);

#endif
