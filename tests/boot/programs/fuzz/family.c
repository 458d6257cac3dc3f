/*
 * A round's processes and their threads, and the steps of their streams.
 */
#include "fuzz.h"

#include <castle/castle.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STANDARD_DESCRIPTORS 3
#define WAKE_US              3000

/* --- kinds of steps --------------------------------------------------------------------------- */

static uint32_t count_of(const struct kind *kinds)
{
	uint32_t count = 0;

	while (kinds[count].name)
		count++;
	return count;
}

uint32_t kind_count(void)
{
	return call_kind_count() + count_of(scenario_kinds) + count_of(trap_kinds);
}

/* The kind behind those of the table. */
static const struct kind *kind_find(uint32_t index)
{
	const uint32_t scenarios = count_of(scenario_kinds);

	index -= call_kind_count();
	return index < scenarios ? &scenario_kinds[index] : &trap_kinds[index - scenarios];
}

const char *kind_name(uint32_t index)
{
	return index < call_kind_count() ? call_kind_name(index) : kind_find(index)->name;
}

static uint32_t kind_weight(uint32_t index)
{
	return index < call_kind_count() ? call_kind_weight(index) : kind_find(index)->weight;
}

/* By weight. */
static uint32_t kind_draw(struct chance *chance)
{
	static uint32_t total;
	uint32_t rest;

	if (!total)
		for (uint32_t i = 0; i < kind_count(); i++)
			total += kind_weight(i);
	rest = below(chance, total);
	for (uint32_t i = 0; i < kind_count(); i++) {
		if (rest < kind_weight(i))
			return i;
		rest -= kind_weight(i);
	}
	return 0;
}

void step_perform(uint32_t stream, uint32_t step)
{
	struct chance chance = chance_of(stream, step);
	const uint32_t index = kind_draw(&chance);

	if (index >= KINDS_MAX || choices.kind_left_out[index])
		return;
	if (index < call_kind_count())
		call_kind_perform(index, &chance);
	else
		kind_find(index)->perform(&chance);
}

/* --- telling ---------------------------------------------------------------------------------- */

static void tell(uint32_t kind, const void *data, uint32_t size)
{
	struct castle_message message = { .to = master_pid, .kind = kind, .size = size };

	memcpy(message.data, data, size);
	castle_call1(CASTLE_CALL_send, (uint32_t)&message);
}

void tell_calls(void)
{
	const uint32_t calls = __atomic_exchange_n(&own.calls, 0, __ATOMIC_RELAXED);

	if (calls > 0)
		tell(TOLD_CALLS, &calls, sizeof calls);
}

void tell_result(const struct told_result *result)
{
	tell(TOLD_RESULT, result, sizeof *result);
}

/* --- threads ---------------------------------------------------------------------------------- */

static uint32_t process_stream;

static void *follow_stream(void *argument)
{
	const uint32_t number = (uintptr_t)argument;
	const uint32_t stream = stream_within(process_stream, number);

	own.tids[number] = castle_gettid();
	for (uint32_t step = 0; step < choices.steps; step++)
		step_perform(stream, choices.step_first + step);
	__atomic_sub_fetch(&own.at_work, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void on_wake(int signal)
{
	(void)signal;
}

/* Whoever waits for what never comes is sent on with a signal, until all streams have ended. */
static void wake_until_done(struct chance *chance)
{
	while (__atomic_load_n(&own.at_work, __ATOMIC_SEQ_CST) > 0) {
		usleep(WAKE_US);
		castle_call2(CASTLE_CALL_thread_kill, ONE_OF(chance, own.tids), SIGUSR1);
	}
}

/* Descriptors 0 to 2 are not the console's: what comes out there is for the test alone. */
static void leave_console(void)
{
	const int fd = open("/dev/null", O_RDWR);

	for (int i = 0; i < STANDARD_DESCRIPTORS; i++)
		dup2(fd, i);
}

void be_process(uint32_t number)
{
	struct chance chance;
	struct sigaction action = { .sa_handler = on_wake };
	pthread_t thread;
	uint32_t threads;

	process_stream = stream_within(stream_within(choices.seed, round_number), number);
	chance = chance_of(process_stream, 0);
	threads = 1 + below(&chance, THREADS_MAX / 2);
	sigaction(SIGUSR1, &action, NULL);
	mkdir(PLACE, 0755);
	chdir(PLACE);
	leave_console();
	own.pids[0] = getpid();
	setpgid(0, 0); /* what is sent to its group stays in the family */
	own.at_work = 0;
	for (uintptr_t i = 0; i < threads; i++) {
		if (!(choices.threads >> i & 1))
			continue;
		__atomic_add_fetch(&own.at_work, 1, __ATOMIC_SEQ_CST);
		if (pthread_create(&thread, NULL, follow_stream, (void *)i) != 0)
			__atomic_sub_fetch(&own.at_work, 1, __ATOMIC_SEQ_CST);
	}
	wake_until_done(&chance);
	tell_calls();
	_exit(0);
}
