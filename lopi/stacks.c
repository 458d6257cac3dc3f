/*
 * Following each thread's calls and returns through its trace.
 */
#include "stacks.h"
#include "memory.h"

#include <string.h>

struct thread {
	struct stack *at;
	uint64_t *starts; /* of the calls under way */
	size_t depth;
	uint64_t last;
};

static struct stack *callee(struct stack *caller, const char *name)
{
	struct stack **link = &caller->callees;

	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	if (!*link) {
		*link = memory_new(1, sizeof(**link));
		(*link)->name = name;
		(*link)->parent = caller;
	}
	return *link;
}

static void end_call(struct thread *thread, uint64_t time)
{
	thread->at->cycles += time - thread->starts[--thread->depth];
	thread->at = thread->at->parent;
}

/* Calls above the one that is left were abandoned, by longjmp for example. */
static void leave(struct thread *thread, const char *name, uint64_t time)
{
	const struct stack *stack = thread->at;

	while (stack->name && strcmp(stack->name, name) != 0)
		stack = stack->parent;
	if (!stack->name)
		return;
	while (thread->at != stack)
		end_call(thread, time);
	end_call(thread, time);
}

static void enter(struct thread *thread, const char *name, uint64_t time)
{
	thread->at = callee(thread->at, name);
	thread->at->calls++;
	thread->starts = memory_grow(thread->starts, thread->depth, sizeof(*thread->starts));
	thread->starts[thread->depth++] = time;
}

static struct thread *thread_of(struct thread **threads, size_t *count, uint32_t number,
				struct stack *root)
{
	while (*count <= number) {
		*threads = memory_grow(*threads, *count, sizeof(**threads));
		(*threads)[(*count)++].at = root;
	}
	return &(*threads)[number];
}

struct stack *stacks_of_trace(const struct result *result, const struct result_event *events,
			      size_t count)
{
	struct stack *root = memory_new(1, sizeof(*root));
	struct thread *threads = NULL;
	size_t thread_count = 0;

	for (size_t index = 0; index < count; index++) {
		const char *name = result_name(result, events[index].record);
		struct thread *thread;

		if (!name || events[index].thread > 1000000)
			die(STATUS_FAILED, "%s.trace: damaged, or of another run", result->path);
		thread = thread_of(&threads, &thread_count, events[index].thread, root);
		thread->last = events[index].time;
		if (events[index].leave)
			leave(thread, name, thread->last);
		else
			enter(thread, name, thread->last);
	}
	for (size_t index = 0; index < thread_count; index++) {
		while (threads[index].depth)
			end_call(&threads[index], threads[index].last);
	}
	for (const struct stack *top = root->callees; top; top = top->next)
		root->cycles += top->cycles;
	return root;
}

uint64_t stack_self(const struct stack *stack)
{
	uint64_t callees = 0;

	for (const struct stack *one = stack->callees; one; one = one->next)
		callees += one->cycles;
	return stack->cycles > callees ? stack->cycles - callees : 0;
}
