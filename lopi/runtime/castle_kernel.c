/*
 * The runtime of Castle's kernel: each processor counts in an area of its own
 * (castle_kernel_area.c), and what all of them have counted goes over COM2 when the machine is
 * switched off. The kernel's source knows nothing of it: it is a driver, and the linker leads calls
 * of uart_drain(), the machine's last act, to here (--wrap).
 */
#include "castle_kernel.h"
#include "thread.h"

#include <castle/errno.h>
#include <castle/info.h>
#include "kernel/debug/panic.h"
#include "kernel/dev/com2.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mem/page.h"

enum { ARENA_SIZE = 256 * 1024, SUM_SIZE = 512 * 1024, LINE_SIZE = 256 };

LOPI_LOCAL struct lopi_thread lopi_thread;

/* What this processor's calls under way and callers take; never given back. */
static LOPI_LOCAL uint8_t arena[ARENA_SIZE] __attribute__((aligned(16)));
static LOPI_LOCAL uint32_t arena_used;

/*
 * What the sum takes, and this processor's calls while it is printed; null before. All of it comes
 * from the page allocator at once, which may be instrumented itself: a hook that called it would
 * come back here before it had its memory, and again, until the stack is used up.
 */
static uint8_t *sum_memory;
static uint32_t sum_used;

static bool in_last_words;

void __real_uart_drain(void);
void __wrap_uart_drain(void);

/* Processors are known from their start. */
void lopi_thread_register(void)
{
}

void lopi_trace_flush(struct lopi_thread *thread)
{
	(void)thread;
}

void lopi_give_up(const char *text, size_t length)
{
	(void)length;
	panic("%s", text);
}

/*
 * In the middle of any function, so not from the page allocator. An interrupt may come and want
 * some, too.
 */
void *lopi_pages_get(size_t size)
{
	uint8_t *memory = sum_memory ? sum_memory : arena;
	uint32_t *used = sum_memory ? &sum_used : &arena_used;
	uint32_t start = __atomic_fetch_add(used, size, __ATOMIC_RELAXED);

	return start + size <= (sum_memory ? SUM_SIZE : ARENA_SIZE) ? &memory[start] : NULL;
}

void lopi_pages_put(void *pages, size_t size)
{
	(void)pages;
	(void)size;
}

void *lopi_run_get(size_t size)
{
	unsigned order = 0;
	void *run;

	while (order < PAGE_ORDER_MAX && PAGE_SIZE << order < size)
		order++;
	run = PAGE_SIZE << order < size ? NULL : page_alloc_run(order);
	return run ? memset(run, 0, PAGE_SIZE << order) : NULL;
}

/* --- results --- */

/* A line that is not whole yet. */
static struct {
	char text[LINE_SIZE];
	int length;
} line;

void lopi_print(const char *format, ...)
{
	int room = LINE_SIZE - line.length, length;
	va_list arguments;

	va_start(arguments, format);
	length = kvsnprintf(line.text + line.length, room, format, arguments);
	va_end(arguments);
	line.length += length < room ? length : room - 1;
	if (line.length == 0 || line.text[line.length - 1] != '\n')
		return;
	com2_send(line.text, line.length);
	line.length = 0;
}

void lopi_print_name(const char *name)
{
	lopi_print("%s", name);
}

/*
 * Adds what a processor has counted, seen from outside: its records are as far from the area's
 * other address as the area itself. That is what a thread's pointer is in programs.
 */
static void add_processor(uint8_t *area)
{
	struct lopi_thread *thread = lopi_area_place(area, &lopi_thread);

	thread->pointer = lopi_area_place(area, NULL);
	for (struct lopi_arcs **link = &thread->arcs; *link; link = &(*link)->next)
		*link = lopi_area_place(area, *link);
	lopi_totals_add(thread);
	lopi_totals.threads++;
}

/*
 * Once there is memory, all is added up before anything is called that may be instrumented itself.
 */
static void print_results(void)
{
	in_last_words = true;
	sum_memory = lopi_run_get(SUM_SIZE);
	if (!sum_memory) {
		kprintf("Castle: LOPI, no memory for the sum\n");
		return;
	}
	for (uint32_t index = 0; index < lopi_area_count; index++)
		add_processor(lopi_areas[index]);
	if (com2_init()) {
		lopi_results_print();
		com2_drain();
	}
}

void __wrap_uart_drain(void)
{
	if (lopi_totals.records && !in_last_words)
		print_results();
	__real_uart_drain();
}

static int lopi_start(void)
{
	const unsigned count = __stop_lopi_functions - __start_lopi_functions;

	lopi_totals.records = lopi_run_get(lopi_totals_size());
	if (!lopi_totals.records)
		return -ENOMEM;
	kprintf("Castle: LOPI, %u function%s instrumented\n", count, count == 1 ? "" : "s");
	return 0;
}

static const struct driver lopi_driver = { .name = "lopi", .start = lopi_start };
DRIVER(lopi_driver);
