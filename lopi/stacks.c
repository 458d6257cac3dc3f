/*
 * Following each thread's calls and returns through its trace.
 */
#include "stacks.h"
#include "memory.h"

struct thread {
	struct stack *at;
	uint64_t *starts; /* of the calls under way */
	size_t depth;
	uint64_t last;
};

static struct stack *callee(struct stack *caller, const struct result *result, size_t function)
{
	struct stack **link = &caller->callees;

	while (*link && (*link)->function != function)
		link = &(*link)->next;
	if (!*link) {
		*link = memory_new(1, sizeof(**link));
		(*link)->name = result->functions[function].name;
		(*link)->function = function;
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
static void leave(struct thread *thread, size_t function, uint64_t time)
{
	const struct stack *stack = thread->at;

	while (stack->parent && stack->function != function)
		stack = stack->parent;
	if (!stack->parent)
		return;
	while (thread->at != stack)
		end_call(thread, time);
	end_call(thread, time);
}

static void enter(struct thread *thread, const struct result *result, size_t function,
		  uint64_t time)
{
	thread->at = callee(thread->at, result, function);
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
		struct thread *thread =
			thread_of(&threads, &thread_count, events[index].thread, root);

		thread->last = events[index].time;
		if (events[index].leave)
			leave(thread, events[index].function, thread->last);
		else
			enter(thread, result, events[index].function, thread->last);
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

struct sums {
	struct result *result;
	unsigned *active; /* by function: how many contexts of it are above */
};

static void add_arc(struct result *result, const struct stack *stack)
{
	const struct stack *caller = stack->parent;

	result->arcs = memory_grow(result->arcs, result->arc_count, sizeof(*result->arcs));
	result->arcs[result->arc_count++] =
		(struct result_arc){ stack->calls, stack->cycles,
				     caller->parent ? result->functions[caller->function].symbol
						    : "-",
				     result->functions[stack->function].symbol };
}

/* Cycles of a function that calls itself count once. */
static void add_up(struct sums *sums, const struct stack *stack)
{
	for (const struct stack *one = stack->callees; one; one = one->next) {
		struct result_function *function = &sums->result->functions[one->function];

		function->self += stack_self(one);
		if (sums->active[one->function]++ == 0)
			function->cycles += one->cycles;
		add_arc(sums->result, one);
		add_up(sums, one);
		sums->active[one->function]--;
	}
}

void stacks_add_up(struct result *result, const struct stack *root)
{
	struct sums sums = { result, memory_new(result->function_count, sizeof(unsigned)) };

	add_up(&sums, root);
	result_merge_arcs(result);
}
