/*
 * Two threads that share lines in ways whose counts are known: what tools/conflicts is tested with.
 * Each takes its turn TURNS times, and the other one waits for the turn by reading it. Windows:
 * "true", in which they pass on the turn alone; "false", in which each also counts its turns, in
 * words of one line; "apart", in which the words are in lines of their own.
 */
#include <castle/castle.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#define TURNS     10
#define LINE_SIZE 64

struct line {
	volatile uint32_t words[LINE_SIZE / sizeof(uint32_t)];
} __attribute__((aligned(LINE_SIZE)));

static struct line turn, begun, ended, packed, apart[2];

/* The word of each thread in the phase, or none. */
static void take_turns(uint32_t self, volatile uint32_t *counter)
{
	for (uint32_t i = 0; i < TURNS; i++) {
		while (turn.words[0] != self)
			;
		if (counter)
			(*counter)++;
		turn.words[0] = !self;
	}
}

/*
 * Both have read the lines when the window opens, and the first thread, whose mark opens it,
 * begins; it closes the window when the other one has ended.
 */
static void phase(uint32_t self, const char *name, uint32_t number, volatile uint32_t *counter)
{
	const uint32_t known = counter ? *counter : 0;

	(void)known;
	if (self == 1) {
		turn.words[0];
		begun.words[0] = number;
		take_turns(self, counter);
		ended.words[0] = number;
		return;
	}
	while (begun.words[0] != number)
		;
	turn.words[0];
	castle_mark(name);
	take_turns(self, counter);
	while (ended.words[0] != number)
		;
	castle_mark("end");
}

static void all_phases(uint32_t self)
{
	phase(self, "true", 1, NULL);
	phase(self, "false", 2, &packed.words[self]);
	phase(self, "apart", 3, &apart[self].words[0]);
}

static void *second_thread(void *argument)
{
	all_phases(1);
	return argument;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, second_thread, NULL) != 0)
		return 1;
	all_phases(0);
	return pthread_join(thread, NULL);
}
