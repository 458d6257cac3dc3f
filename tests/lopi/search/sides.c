/*
 * Runs each generated function and its plain copy side by side, on the same random registers,
 * flags, memory and arguments, and says where they differ. Ends with 1 if any do.
 *
 * usage: program SEED ROUNDS SIGNED
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
enum { REGISTERS = 16, MAY_CHANGE = 0xfc2 }; /* rcx, rsi, rdi, r8 to r11 */
#else
enum { REGISTERS = 8, MAY_CHANGE = 0x2 }; /* ecx */
#endif
enum { FLAGS = 0x8d5 /* those of arithmetic */, FLAGS_FIXED = 0x202, BUFFER = 4096 };

struct pair {
	void *instrumented, *plain;
	uintptr_t written;
};

struct state {
	uintptr_t registers[REGISTERS + 1]; /* flags last */
	uint8_t buffer[BUFFER];
	uintptr_t arguments[16];
	uint32_t local;
};

extern struct pair __start_table[], __stop_table[];
extern void helper(void);
void call_with(void *function, uintptr_t *registers);

uint8_t buffer[BUFFER + 16];
uintptr_t arguments[16];
void *pointer = (void *)helper;
__thread uint32_t local;

static uint64_t chance_state;
static const struct pair *running;

static uint32_t chance(void)
{
	chance_state = chance_state * 6364136223846793005ull + 1442695040888963407ull;
	return chance_state >> 33;
}

static void fill(void *bytes, size_t size)
{
	for (size_t index = 0; index < size; index++)
		((uint8_t *)bytes)[index] = chance();
}

static void run(void *function, const struct state *before, struct state *after)
{
	memcpy(buffer, before->buffer, BUFFER);
	memcpy(arguments, before->arguments, sizeof(arguments));
	local = before->local;
	memcpy(after->registers, before->registers, sizeof(after->registers));
	call_with(function, after->registers);
	after->registers[REGISTERS] &= FLAGS;
	memcpy(after->buffer, buffer, BUFFER);
	memcpy(after->arguments, arguments, sizeof(arguments));
	after->local = local;
}

/* What a compiler's caller does not expect to survive may differ: flags, and registers that are
 * changed. */
static int differ(const struct state *one, const struct state *other, uintptr_t written,
		  int is_signed)
{
	for (int number = 0; number <= REGISTERS; number++) {
		if (is_signed && (number == REGISTERS || (MAY_CHANGE & written) >> number & 1))
			continue;
		if (number != 4 && one->registers[number] != other->registers[number]) {
			printf("register %d: %#lx, plain %#lx\n", number,
			       (unsigned long)one->registers[number],
			       (unsigned long)other->registers[number]);
			return 1;
		}
	}
	return memcmp(one->buffer, other->buffer, BUFFER) != 0 || one->local != other->local;
}

static void crashed(int signal)
{
	printf("function %d crashes: signal %d\n", (int)(running - __start_table), signal);
	fflush(stdout);
	_Exit(3);
}

int main(int count, char **words)
{
	int bad = 0, rounds = atoi(words[2]), is_signed = atoi(words[count - 1]);
	static struct state before, one, other;

	chance_state = strtoull(words[1], NULL, 10);
	signal(SIGSEGV, crashed);
	signal(SIGILL, crashed);
	signal(SIGFPE, crashed);
	for (running = __start_table; running < __stop_table; running++) {
		for (int round = 0; round < rounds; round++) {
			fill(&before, sizeof(before));
			before.registers[REGISTERS] =
				(before.registers[REGISTERS] & FLAGS) | FLAGS_FIXED;
			run(running->plain, &before, &other);
			run(running->instrumented, &before, &one);
			if (!differ(&one, &other, running->written, is_signed))
				continue;
			printf("function %d differs, round %d\n", (int)(running - __start_table),
			       round);
			bad++;
			break;
		}
	}
	printf("%d functions, %d differ\n", (int)(__stop_table - __start_table), bad);
	return bad != 0;
}
