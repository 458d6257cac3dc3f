/*
 * The calls with the types of their arguments, one letter each:
 *
 *	A sigaction or 0     B break              D descriptor        F flags of open
 *	G signal             H thread request     I ioctl request     J ioctl argument
 *	K signal mask or 0   M message            N path              O path, of devices, too
 *	P pointer            Q process            S size              T time or 0
 *	U futex word         V strings or 0       W spawn request     X any number
 *	Y thread             n small number
 *
 * poweroff is left out, since it does what it says.
 */
#include "fuzz.h"

#include <castle/castle.h>
#include <castle/errno.h>

#define CALLS_IN_ROW 40

static const struct {
	uint8_t number, weight;
	char types[5];
	const char *name;
} calls[] = {
#define CALL(name, weight, types)                        \
	{                                                \
		CASTLE_CALL_##name, weight, types, #name \
	}
	CALL(getpid, 1, ""),
	CALL(getppid, 1, ""),
	CALL(gettid, 1, ""),
	CALL(yield, 2, ""),
	CALL(spawn, 2, "OVVW"),
	CALL(exec, 1, "NVV"),
	CALL(wait, 4, "QPn"),
	CALL(kill, 4, "QG"),
	CALL(thread_create, 2, "H"),
	CALL(futex_wait, 4, "UnT"),
	CALL(futex_wake, 4, "Un"),
	CALL(brk, 4, "B"),
	CALL(nanosleep, 3, "TP"),
	CALL(clock_gettime, 2, "nP"),
	CALL(open, 10, "OFX"),
	CALL(close, 5, "D"),
	CALL(read, 8, "DPS"),
	CALL(write, 8, "DPS"),
	CALL(lseek, 4, "DXn"),
	CALL(fstat, 3, "DP"),
	CALL(stat, 3, "OP"),
	CALL(unlink, 4, "N"),
	CALL(link, 4, "NN"),
	CALL(rename, 5, "NN"),
	CALL(mkdir, 5, "NX"),
	CALL(rmdir, 4, "N"),
	CALL(getdents, 4, "DPS"),
	CALL(dup, 4, "D"),
	CALL(dup2, 5, "DD"),
	CALL(fcntl, 4, "DnX"),
	CALL(ftruncate, 4, "DS"),
	CALL(ioctl, 6, "DIJ"),
	CALL(pipe, 5, "P"),
	CALL(chdir, 4, "N"),
	CALL(getcwd, 3, "PS"),
	CALL(chmod, 2, "NX"),
	CALL(sigaction, 4, "GAP"),
	CALL(sigprocmask, 3, "nKP"),
	CALL(sigsuspend, 1, "X"),
	CALL(info, 3, "nPS"),
	CALL(account, 1, "nP"),
	CALL(truncate, 3, "NS"),
	CALL(utime, 2, "NT"),
	CALL(poll_console, 1, ""),
	CALL(send, 3, "M"),
	CALL(receive, 3, "Pn"),
	CALL(getcpu, 1, ""),
	CALL(mark, 1, "P"),
	CALL(thread_kill, 4, "YG"),
	CALL(times, 2, "P"),
	CALL(ready, 3, "D"),
	CALL(getpgid, 1, "Q"),
	CALL(timer, 2, "nnP"),
	CALL(fchmod, 2, "DX"),
	CALL(sigmask, 3, "nKP"),
	CALL(sigqueue, 3, "QGX"),
	CALL(sigtimedwait, 1, "PPT"),
	CALL(sigpending, 2, "P"),
	CALL(sigaltstack, 2, "PP"),
#undef CALL
	{ CASTLE_CALL_COUNT, 1, "XXXX", "unknown" },
	{ 255, 1, "XXXX", "unknown-255" },
};

static bool is_error(int32_t result)
{
	static const uint8_t errors[] = {
		EPERM,  ENOENT,    ESRCH,        EINTR,     EIO,       ENXIO,  E2BIG,  ENOEXEC,
		EBADF,  ECHILD,    EAGAIN,       ENOMEM,    EACCES,    EFAULT, EBUSY,  EEXIST,
		EXDEV,  ENODEV,    ENOTDIR,      EISDIR,    EINVAL,    ENFILE, EMFILE, ENOTTY,
		EFBIG,  ENOSPC,    ESPIPE,       EROFS,     EMLINK,    EPIPE,  ERANGE, EDEADLK,
		ENOSYS, ENOTEMPTY, ENAMETOOLONG, ETIMEDOUT, EOVERFLOW,
	};

	for (uint32_t i = 0; i < sizeof errors; i++)
		if (result == -errors[i])
			return true;
	return false;
}

/* The break is an address, above all errors. */
static bool is_possible(uint32_t number, int32_t result)
{
	return result >= 0 || is_error(result) ||
	       (number == CASTLE_CALL_brk && (uint32_t)result < 0xf0000000);
}

int32_t make_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	const int32_t result = castle_call4(number, a, b, c, d);

	if (!is_possible(number, result))
		tell_result(&(struct told_result){ number, { a, b, c, d }, result });
	if (__atomic_add_fetch(&own.calls, 1, __ATOMIC_RELAXED) >= TELL_EVERY)
		tell_calls();
	return result;
}

uint32_t call_kind_count(void)
{
	return sizeof calls / sizeof *calls;
}

const char *call_kind_name(uint32_t index)
{
	return calls[index].name;
}

uint32_t call_kind_weight(uint32_t index)
{
	return calls[index].weight;
}

void call_kind_perform(uint32_t index, struct chance *chance)
{
	uint32_t values[4] = { 0 };
	int32_t result;

	for (int i = 0; i < 4 && calls[index].types[i]; i++)
		values[i] = value_of(chance, calls[index].types[i]);
	result = make_call(calls[index].number, values[0], values[1], values[2], values[3]);
	if (calls[index].number == CASTLE_CALL_spawn)
		own_child_add(chance, result);
}

/* Whether a call makes no process or thread and, mostly, does not wait. */
static bool is_quick(uint32_t number)
{
	static const uint8_t slow[] = {
		CASTLE_CALL_spawn,     CASTLE_CALL_exec,          CASTLE_CALL_wait,
		CASTLE_CALL_kill,      CASTLE_CALL_thread_create, CASTLE_CALL_thread_kill,
		CASTLE_CALL_nanosleep, CASTLE_CALL_futex_wait,    CASTLE_CALL_sigsuspend,
		CASTLE_CALL_timer,     CASTLE_CALL_sigqueue,      CASTLE_CALL_sigtimedwait,
	};

	for (uint32_t i = 0; i < sizeof slow / sizeof *slow; i++)
		if (number == slow[i])
			return false;
	return true;
}

void calls_in_row(struct chance *chance)
{
	for (uint32_t i = 0; i < CALLS_IN_ROW; i++) {
		const uint32_t index = below(chance, call_kind_count());

		if (!choices.kind_left_out[index] && is_quick(calls[index].number))
			call_kind_perform(index, chance);
	}
}
