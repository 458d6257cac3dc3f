/*
 * Arguments: of each type good values mostly, then those at a boundary, then any. Pointers come
 * from every class of memory that a program can name.
 */
#include "fuzz.h"

#include <castle/address_map.h>
#include <castle/apkern.h>
#include <castle/castle.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE 4096u

struct own own;

/* What calls read from and write to. Nothing of the fuzzer's own lies in it. */
static char memory[4 * PAGE] __attribute__((aligned(4096)));

/* --- numbers ---------------------------------------------------------------------------------- */

static uint32_t any_number(struct chance *chance)
{
	static const uint32_t boundaries[] = {
		0,          1,          2,          3,          4,          7,          8,
		31,         32,         33,         63,         64,         65,         254,
		255,        256,        257,        1023,       1024,       4095,       4096,
		4097,       65535,      65536,      0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001,
		0xfffff000, 0xfffffffe, 0xffffffff,
	};

	switch (below(chance, 4)) {
	case 0:
		return draw(chance);
	case 1:
		return 1u << below(chance, 32);
	default:
		return ONE_OF(chance, boundaries);
	}
}

static uint32_t small_number(struct chance *chance)
{
	return once_in(chance, 6) ? any_number(chance) : below(chance, 10);
}

static uint32_t size_of(struct chance *chance)
{
	static const uint32_t usual[] = {
		0, 1, 3, 4, 64, 100, 4095, 4096, 4097, 8192, 9000, 16384
	};

	if (once_in(chance, 8))
		return any_number(chance);
	return once_in(chance, 2) ? ONE_OF(chance, usual) : below(chance, 9000);
}

/* --- pointers --------------------------------------------------------------------------------- */

static uint32_t break_now(void)
{
	return castle_call1(CASTLE_CALL_brk, 0);
}

/* Somewhere in a class of addresses, at its start and end more often than in between. */
static uint32_t within(struct chance *chance, uint32_t start, uint32_t end)
{
	switch (below(chance, 4)) {
	case 0:
		return start + below(chance, 16);
	case 1:
		return end - below(chance, 64);
	case 2:
		return start + (draw(chance) % (end - start) & -PAGE) - below(chance, 8);
	default:
		return start + draw(chance) % (end - start);
	}
}

/* Memory that the program may not touch, or only read, or of which there is none. */
static uint32_t bad_pointer(struct chance *chance)
{
	static const struct {
		uint32_t start, end;
	} classes[] = {
		{ 0, PAGE },                /* page 0 */
		{ 0x00100000, 0x00160000 }, /* the kernel's text and data */
		{ 0x00200000, 0x08000000 }, /* memory, as the kernel sees it */
		{ 0x3fc00000, 0x3fc03000 }, /* the processor's own pages */
		{ 0x3fc00000, 0x40000000 }, /* the rest of that slot */
		{ CASTLE_KERNEL_PAGE, CASTLE_KERNEL_PAGE + PAGE }, /* the kernel information page */
		{ CASTLE_CODE_BASE, CASTLE_CODE_END },             /* code packages */
		{ CASTLE_CONTAINER_BASE, CASTLE_STACK_GUARD_END }, /* the stack's guard */
		{ CASTLE_STACK_GUARD_END, CASTLE_STACK_END },      /* the stack */
		{ CASTLE_DATA_BASE, CASTLE_INITIAL_END },          /* global variables, the heap */
		{ CASTLE_INITIAL_END, CASTLE_HEAP_END },           /* beyond the break */
		{ CASTLE_THREAD_STACKS, CASTLE_THREAD_STACKS + 0x200000 },
		{ CASTLE_THREAD_STACKS, CASTLE_THREAD_STACKS_END },
		{ CASTLE_USER_END - PAGE, CASTLE_USER_END + PAGE },
		{ CASTLE_USER_END, 0xffffffff },
		{ 0xfec00000, 0xfef00000 }, /* interrupt controllers */
	};
	const uint32_t class = below(chance, sizeof classes / sizeof *classes);

	return within(chance, classes[class].start, classes[class].end);
}

uint32_t place_of(struct chance *chance)
{
	return (uint32_t)memory + (below(chance, sizeof memory / 2) & ~3u);
}

uint32_t pointer_of(struct chance *chance)
{
	switch (below(chance, 16)) {
	case 0:
		return 0;
	case 1:
		return any_number(chance);
	case 2:
	case 3:
		return bad_pointer(chance);
	case 4:
		return break_now() - below(chance, 64);
	case 5:
		return (uint32_t)memory + PAGE - below(chance, 64);
	case 6:
		return (uint32_t)memory + below(chance, sizeof memory); /* unaligned */
	default:
		return place_of(chance);
	}
}

/* The address of `size` bytes that a call is to read, at a good or at a bad place. */
static uint32_t placed(struct chance *chance, const void *what, uint32_t size)
{
	uint32_t place;

	if (once_in(chance, 10))
		return pointer_of(chance);
	place = once_in(chance, 4) ? (uint32_t)memory + PAGE - below(chance, size + 1)
				   : place_of(chance);
	memcpy((void *)place, what, size);
	return place;
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *const paths[] = {
	"a",      "b",           "c",        "a/x",        "b/x",     "a/y", "b/y",       "a/../b",
	".",      "..",          "",         "/",          "a/b/c",   "x/",  "c/",        "//a//x",
	"a/x/..", "./././a/./x", PLACE "/a", PLACE "/b/x", "/none/x", PLACE, "../fuzz/c", "/tmp",
};

/* Those that are only looked at, never made, renamed or removed. */
static const char *const strangers[] = {
	"/dev/null", "/bin/true", "/dev/console", CASTLE_APKERN_DEVICE,
	"/bin",      "/dev",      "/dev/com2",    "/share/hello.txt",
};

/* One that is too long, or nearly so: a name, or all of it. */
static uint32_t long_path(struct chance *chance)
{
	const uint32_t limit = once_in(chance, 2) ? CASTLE_NAME_MAX : CASTLE_PATH_MAX;
	const uint32_t length = limit - 2 + below(chance, 4);

	memset(memory, once_in(chance, 2) ? 'n' : '/', length);
	memory[length] = '\0';
	return (uint32_t)memory;
}

static uint32_t path_of(struct chance *chance)
{
	if (once_in(chance, 16))
		return pointer_of(chance);
	if (once_in(chance, 32))
		return long_path(chance);
	return (uint32_t)ONE_OF(chance, paths);
}

static uint32_t stranger_of(struct chance *chance)
{
	return once_in(chance, 4) ? (uint32_t)ONE_OF(chance, strangers) : path_of(chance);
}

/* argv or envp. */
static uint32_t strings_of(struct chance *chance)
{
	const char *strings[5] = { "true", "one", "", NULL, NULL };

	if (once_in(chance, 3))
		return 0;
	if (once_in(chance, 6))
		strings[below(chance, 4)] = (const char *)pointer_of(chance);
	return placed(chance, strings, sizeof strings);
}

/* --- descriptors, processes, threads, signals --------------------------------------------------
 */

/* 31 is where the library has the application kernel's device. */
static uint32_t descriptor_of(struct chance *chance)
{
	if (once_in(chance, 24))
		return any_number(chance);
	return once_in(chance, 24) ? 31 : below(chance, 14);
}

void own_child_add(struct chance *chance, int pid)
{
	if (pid > 0)
		own.pids[1 + below(chance, 7)] = pid;
}

/* Never one that does not belong to the round. */
static uint32_t process_of(struct chance *chance)
{
	uint32_t pid = once_in(chance, 6) ? any_number(chance) : (uint32_t)ONE_OF(chance, own.pids);

	if ((int32_t)pid < 0)
		return -own.pids[0]; /* the group; -1 would be everybody */
	return pid <= (uint32_t)master_pid ? 0x40000000 + pid : pid;
}

static uint32_t thread_of(struct chance *chance)
{
	return once_in(chance, 8) ? any_number(chance) : ONE_OF(chance, own.tids);
}

/* SIGKILL would end too many too early. */
static uint32_t signal_of(struct chance *chance)
{
	static const uint8_t usual[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGTERM, SIGALRM, 0 };
	uint32_t signal = ONE_OF(chance, usual);

	if (once_in(chance, 4))
		signal = once_in(chance, 4) ? any_number(chance) : below(chance, 34);
	return signal == SIGKILL && below(chance, 8) ? SIGUSR1 : signal;
}

static uint32_t mask_of(struct chance *chance)
{
	const uint32_t mask =
		once_in(chance, 4) ? any_number(chance) : 1u << signal_of(chance) % 32;

	return once_in(chance, 4) ? 0 : placed(chance, &mask, sizeof mask);
}

static void catch (int signal)
{
	(void)signal;
}

static uint32_t action_of(struct chance *chance)
{
	struct sigaction action = { .sa_handler = catch };
	struct castle_sigaction request;

	if (once_in(chance, 4))
		return once_in(chance, 2) ? 0 : pointer_of(chance);
	/* The library knows the trampoline. */
	if (once_in(chance, 2)) {
		sigaction(1 + below(chance, 31), &action, NULL);
		return 0;
	}
	request = (struct castle_sigaction){
		.handler = below(chance, 3) ? below(chance, 2) : (uint32_t) catch,
		.mask = any_number(chance),
		.restorer = once_in(chance, 4) ? pointer_of(chance) : 0,
	};
	return placed(chance, &request, sizeof request);
}

/* --- structures ------------------------------------------------------------------------------- */

/* A short time, mostly. */
static uint32_t time_of(struct chance *chance)
{
	static const struct castle_timespec odd[] = {
		{ 0, 999999999 },  { 0, 1000000000 }, { 5, 0 },          { 0xffffffff, 0 },
		{ 0, 0xffffffff }, { 0x7fffffff, 1 }, { 0x80000000, 2 },
	};
	struct castle_timespec times[2] = { { 0, below(chance, 2000000) }, { 0, 1 } };

	if (once_in(chance, 8))
		times[once_in(chance, 4)] = ONE_OF(chance, odd);
	return once_in(chance, 12) ? 0 : placed(chance, times, sizeof times);
}

static uint32_t word_of(struct chance *chance)
{
	return once_in(chance, 8) ? pointer_of(chance) : (uint32_t)&ONE_OF(chance, own.words);
}

static uint32_t spawn_of(struct chance *chance)
{
	struct castle_spawn_action actions[3];
	struct castle_spawn request = { .priority = (int32_t)below(chance, 34) - 1,
					.action_count = below(chance, 4),
					.actions = (uint32_t)memory + 3 * PAGE };

	for (int i = 0; i < 3; i++)
		actions[i] = (struct castle_spawn_action){
			.action = below(chance, 4),
			.fd = descriptor_of(chance),
			.new_fd = descriptor_of(chance),
			.path = stranger_of(chance),
			.flags = small_number(chance),
		};
	memcpy(memory + 3 * PAGE, actions, sizeof actions);
	if (once_in(chance, 10))
		request.actions = pointer_of(chance);
	if (once_in(chance, 10))
		request.action_count = any_number(chance);
	if (once_in(chance, 10))
		request.priority = any_number(chance);
	return once_in(chance, 3) ? 0 : placed(chance, &request, sizeof request);
}

/* A good one waits for messages, and would start itself again: it is addressed by number only. */
static uint32_t message_of(struct chance *chance)
{
	struct castle_message message = { .to = process_of(chance),
					  .kind = draw(chance),
					  .size = below(chance, CASTLE_MESSAGE_SIZE + 1) };

	if (once_in(chance, 12))
		message.size = any_number(chance);
	if (once_in(chance, 6)) {
		message.to = 0;
		strcpy(message.name, once_in(chance, 2) ? "true" : "echo_process");
		if (once_in(chance, 3))
			memset(message.name, 'n', sizeof message.name);
	}
	return placed(chance, &message, sizeof message);
}

static void thread_that_ends(void)
{
	for (;;)
		castle_call1(CASTLE_CALL_thread_exit, 0);
}

static uint32_t thread_request_of(struct chance *chance)
{
	struct castle_thread request = { .entry = (uint32_t)thread_that_ends };

	if (once_in(chance, 6))
		request.entry = pointer_of(chance);
	if (once_in(chance, 6))
		request.stack = pointer_of(chance);
	if (once_in(chance, 4))
		request.tls = pointer_of(chance);
	if (once_in(chance, 2))
		request.tid = once_in(chance, 4) ? pointer_of(chance) : place_of(chance);
	return placed(chance, &request, sizeof request);
}

/* The driver's calls take structures and identifiers; any of them, and any memory, will do. */
static uint32_t ioctl_argument_of(struct chance *chance)
{
	struct castle_apkern_registers registers = { .thread = below(chance, 12),
						     .flags = below(chance, 32),
						     .eip = pointer_of(chance),
						     .esp = pointer_of(chance),
						     .eflags = any_number(chance),
						     .tls = pointer_of(chance) };

	switch (below(chance, 4)) {
	case 0:
		return below(chance, 12);
	case 1:
		return any_number(chance);
	case 2:
		return placed(chance, &registers, sizeof registers);
	default:
		return pointer_of(chance);
	}
}

static uint32_t request_of(struct chance *chance)
{
	if (once_in(chance, 8))
		return any_number(chance);
	return once_in(chance, 4) ? CASTLE_CONSOLE_GET_MODE
				  : CASTLE_APKERN_THREAD_CREATE + below(chance, 8);
}

static uint32_t open_flags_of(struct chance *chance)
{
	static const uint32_t usual[] = {
		O_RDONLY,
		O_WRONLY | O_CREAT,
		O_RDWR | O_CREAT,
		O_RDWR | O_CREAT | O_TRUNC,
		O_WRONLY | O_APPEND,
		O_RDONLY | O_DIRECTORY,
		O_RDWR | O_NONBLOCK,
	};

	if (once_in(chance, 8))
		return any_number(chance);
	return once_in(chance, 3) ? draw(chance) & 0x244f0f : ONE_OF(chance, usual);
}

/* A little more, a little less, or somewhere else. */
static uint32_t break_of(struct chance *chance)
{
	if (once_in(chance, 4))
		return pointer_of(chance);
	return break_now() + below(chance, 100000) - 20000;
}

/* --- the types of arguments --------------------------------------------------------------------
 */

#define LETTER_FIRST 'A'
#define LETTER_LAST  'z'

static uint32_t (*const makers[LETTER_LAST - LETTER_FIRST + 1])(struct chance *chance) = {
#define TYPE(letter, maker) [letter - LETTER_FIRST] = maker
	TYPE('A', action_of),     TYPE('B', break_of),          TYPE('D', descriptor_of),
	TYPE('F', open_flags_of), TYPE('G', signal_of),         TYPE('H', thread_request_of),
	TYPE('I', request_of),    TYPE('J', ioctl_argument_of), TYPE('K', mask_of),
	TYPE('M', message_of),    TYPE('N', path_of),           TYPE('O', stranger_of),
	TYPE('P', pointer_of),    TYPE('Q', process_of),        TYPE('S', size_of),
	TYPE('T', time_of),       TYPE('U', word_of),           TYPE('V', strings_of),
	TYPE('W', spawn_of),      TYPE('X', any_number),        TYPE('Y', thread_of),
	TYPE('n', small_number),
#undef TYPE
};

uint32_t value_of(struct chance *chance, char type)
{
	return makers[type - LETTER_FIRST](chance);
}
