/*
 * LOPI, low-perturbation instrumentation (Chapter 5 of the thesis): rewrites object files between
 * compiler and linker, as in Figure 5.1. Everything is planned before anything is written.
 */
#include "instrument.h"
#include "library.h"
#include "memory.h"
#include "options.h"
#include "report.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>

static bool name_selected(const char *name, void *argument)
{
	return selection_has(argument, name);
}

static bool wanted(const struct analysis *analysis, const struct function *function, void *argument)
{
	return function_has_name(analysis, function, name_selected, argument);
}

static bool name_is_named(const char *name, void *argument)
{
	return selection_names(argument, name);
}

static struct plan_wishes wishes_of(const struct options *options)
{
	return (struct plan_wishes){
		.strategy = options->strategy,
		.fall_back = options->fall_back,
		.leaves = options->payload->leaves,
	};
}

/* --- what is said --- */

static const char *manner(const struct plan *plan)
{
	static const char *const names[] = { "static exits", "paired", "return frame" };

	return names[plan->strategy];
}

static void print_plan(const struct options *options, const struct object *object,
		       const struct plan *plan)
{
	if (plan->refusal && !options->quiet)
		fprintf(stderr, "lopi: %s: %s left alone: %s\n", object->path, plan->function->name,
			plan->refusal);
	if (!options->dry_run)
		return;
	if (plan->refusal)
		printf("%s: %s: no: %s\n", object->path, plan->function->name, plan->refusal);
	else if (plan->fell_back)
		printf("%s: %s: %s: %s\n", object->path, plan->function->name, manner(plan),
		       plan->fell_back);
	else
		printf("%s: %s: %s\n", object->path, plan->function->name, manner(plan));
}

/* Returns whether a function that was named is refused. */
static bool print_plans(struct options *options, const struct instrumentation *instrumentation)
{
	bool refused = false;

	for (size_t index = 0; index < instrumentation->plan_count; index++) {
		const struct plan *plan = &instrumentation->plans[index];

		print_plan(options, instrumentation->analysis->object, plan);
		refused |= plan->refusal &&
			   function_has_name(instrumentation->analysis, plan->function,
					     name_is_named, &options->selection);
	}
	return refused;
}

/* Whether the object has code by that name of which nothing says that it is a function. */
static bool has_label(const struct object *object, const char *name)
{
	for (size_t index = 1; index < object->symbol_count; index++) {
		const struct symbol *symbol = &object->symbols[index];

		if (ELF32_ST_TYPE(symbol->elf.st_info) == STT_NOTYPE &&
		    object_is_code(object, symbol->elf.st_shndx) && strcmp(symbol->name, name) == 0)
			return true;
	}
	return false;
}

static void say_missing(struct instrumentation *const *all, int count, const char *name)
{
	for (int index = 0; index < count; index++) {
		const struct object *object = all[index]->analysis->object;

		if (!has_label(object, name))
			continue;
		fprintf(stderr, "lopi: %s: %s left alone: it is a label, not a function\n",
			object->path, name);
		return;
	}
	fprintf(stderr, "lopi: no function %s in these files\n", name);
}

/* Names must be there; of patterns it is only said. */
static bool names_are_missing(const struct options *options, struct instrumentation *const *all)
{
	bool missing = false;

	for (size_t index = 0; index < options->selection.wanted_count; index++) {
		const struct pattern *pattern = &options->selection.wanted[index];

		if (pattern->found)
			continue;
		if (pattern->exact)
			say_missing(all, options->source_count, pattern->text);
		else if (!options->quiet)
			fprintf(stderr, "lopi: %s matches no function\n", pattern->text);
		missing |= pattern->exact;
	}
	return missing;
}

/*
 * Threads that a library creates are not known from their start, and stubs that count by themselves
 * tell nobody. Who uses that library has such a name in the object.
 */
static void say_unseen_threads(const struct options *options, const struct object *object)
{
	static const char *const starters[][2] = {
		{ "_ZNSt6thread15_M_start_thread", "std::thread" },
		{ "thrd_create", "thrd_create()" },
		{ "GOMP_parallel", "OpenMP" },
		{ "__kmpc_fork_call", "OpenMP" },
	};

	if (options->strategy != STRATEGY_STATIC || !options->payload->inlined || options->quiet)
		return;
	for (size_t one = 0; one < sizeof(starters) / sizeof(starters[0]); one++) {
		for (size_t index = 1; index < object->symbol_count; index++) {
			const struct symbol *symbol = &object->symbols[index];

			if (symbol->elf.st_shndx != SHN_UNDEF ||
			    strncmp(symbol->name, starters[one][0], strlen(starters[one][0])) != 0)
				continue;
			fprintf(stderr,
				"lopi: %s: threads started by %s are not counted by the payload %s "
				"(they "
				"are by cycles, callgraph and trace, and with --strategy paired)\n",
				object->path, starters[one][1], options->payload->name);
			break;
		}
	}
}

/* --- what is written --- */

static const char *copy_path(const struct options *options, const char *source)
{
	const char *end;

	if (options->output)
		return options->output;
	if (options->in_place)
		return source;
	if (options->directory)
		return memory_print("%s/%s", options->directory,
				    basename(memory_print("%s", source)));
	end = strrchr(source, '.');
	if (!end || strcmp(end, ".o") != 0)
		end = source + strlen(source);
	return memory_print("%.*s.lopi.o", (int)(end - source), source);
}

static void instrument(struct options *options)
{
	struct instrumentation **all = memory_new(options->source_count, sizeof(*all));
	struct plan_wishes wishes = wishes_of(options);
	bool refused = false;

	for (int index = 0; index < options->source_count; index++) {
		all[index] = instrumentation_plan(object_read(options->sources[index]), &wishes,
						  wanted, &options->selection);
		refused |= print_plans(options, all[index]);
		say_unseen_threads(options, all[index]->analysis->object);
	}
	refused |= names_are_missing(options, all);
	if (options->dry_run)
		return;
	if (refused && !options->keep_going)
		die(STATUS_REFUSED, "nothing written (--keep-going does without those functions)");
	for (int index = 0; index < options->source_count; index++) {
		instrumentation_apply(all[index], options->payload, library_tag(options),
				      options->kernel);
		object_write(all[index]->analysis->object,
			     copy_path(options, options->sources[index]));
	}
	library_write(options);
}

int main(int count, char **arguments)
{
	struct options options;

	if (count > 1 && strcmp(arguments[1], "report") == 0)
		return report(count - 1, arguments + 1);
	options_read(&options, count, arguments);
	instrument(&options);
	return STATUS_DONE;
}
