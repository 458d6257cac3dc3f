/*
 * From the kernel's first jump to main() and from exit() back to the kernel. A program that does
 * nothing must cost nothing: all that is written here lies on the stack, whose first page is there
 * already, so that no page of data is touched.
 */
#include <alloca.h>
#include <reent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bootstrap.h"
#include "program_name.h"
#include "result.h"
#include "thread.h"

typedef void (*init_function)(int, char **, char **);
typedef void (*fini_function)(void);

extern const init_function __init_array_start[], __init_array_end[];
extern const fini_function __fini_array_start[], __fini_array_end[];

/*
 * newlib's data of the first thread, which stand for the whole process where newlib needs such a
 * place; package.ld says where. They replace newlib's own, which would be a page of data to touch.
 */
extern struct _reent __castle_first_reent;
struct _reent *_impure_ptr = &__castle_first_reent;
struct _reent *const _global_impure_ptr = &__castle_first_reent;

/* package.ld leaves this space, two words less. */
_Static_assert(sizeof(struct _reent) <=
		       CASTLE_STACK_END - CASTLE_STACK_ARGUMENTS_END - 2 * sizeof(uint32_t),
	       "the first thread's struct _reent does not fit above the arguments");

/* newlib's standard streams; null in programs without stdio. */
extern __FILE __sf[3] __attribute__((weak));

/* newlib's, behind atexit(); null in programs that do not call that. */
void __call_exitprocs(int status, void *object) __attribute__((weak));

int main(int argc, char **argv, char **envp);

static void run_destructors(void)
{
	const fini_function *function = __fini_array_end;

	while (function > __fini_array_start)
		(*--function)();
}

/* Runs what atexit() registered and destructors, flushes streams, ends the process. */
void exit(int status)
{
	if (__call_exitprocs)
		__call_exitprocs(status, NULL);
	run_destructors();
	if (_GLOBAL_REENT->__cleanup)
		_GLOBAL_REENT->__cleanup(_GLOBAL_REENT);
	_exit(status);
}

/* Ends the process with all its threads, at once. */
void _exit(int status)
{
	for (;;)
		castle_call1(CASTLE_CALL_exit, status);
}

void thread_reent_init(struct _reent *reent)
{
	reent->_stdin = &__sf[0];
	reent->_stdout = &__sf[1];
	reent->_stderr = &__sf[2];
}

struct __castle_thread *thread_block_init(void *memory)
{
	size_t align = (size_t)__tls_align;
	uintptr_t variables = ((uintptr_t)memory + align - 1) & ~(align - 1);
	struct __castle_thread *thread = (void *)(variables + (size_t)__tls_size);

	memset((void *)variables, 0, (size_t)__tls_size + sizeof(*thread));
	memcpy((void *)variables, __tdata_start, (size_t)__tdata_size);
	thread->self = thread;
	thread->reent = &thread->own_reent;
	return thread;
}

/* The struct _reent of the calling thread, with its errno. */
struct _reent *__getreent(void)
{
	return thread_self()->reent;
}

static struct __castle_thread *thread_first_init(void *memory)
{
	struct __castle_thread *thread = thread_block_init(memory);

	thread->reent = &__castle_first_reent;
	thread_reent_init(&__castle_first_reent);
	thread->running = 1;
	return thread;
}

/* The program's own code, with the initial stack. Inlined where no application thread runs it. */
static inline __attribute__((always_inline, noreturn)) void run_program(uint32_t *stack)
{
	int argc = stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;

	for (const init_function *function = __init_array_start; function < __init_array_end;)
		(*function++)(argc, argv, envp);
	exit(main(argc, argv, envp));
}

/* NOAPPKERN keeps a program on the boot processor (Section 4.4.3 of the thesis). */
static int wants_application_kernel(void)
{
	for (char **variable = environ; *variable; variable++)
		if (strncmp(*variable, "NOAPPKERN=", strlen("NOAPPKERN=")) == 0)
			return 0;
	return 1;
}

/* Called by crt0.S with the initial stack. */
__attribute__((noreturn)) void __castle_start(uint32_t *stack)
{
	const int argc = stack[0];
	char **argv = (char **)(stack + 1);
	struct __castle_thread *thread;

	environ = argv + argc + 1;
	__castle_program_path = argv[0];
	thread = thread_first_init(alloca(thread_block_size()));
	if (castle_kernel_page()->application_processors && wants_application_kernel())
		bootstrap_start(run_program, stack, address(thread));
	castle_call1(CASTLE_CALL_set_tls, address(thread));
	run_program(stack);
}
