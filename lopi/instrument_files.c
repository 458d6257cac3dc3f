/*
 * Instrumenting files: everything is planned before anything is written. Archives are taken apart,
 * and their copies put together of their members' copies.
 */
#include "instrument_files.h"
#include "command.h"
#include "demangle.h"
#include "instrument.h"
#include "library.h"
#include "memory.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An archive that was taken apart. */
struct archive {
	const char *path, *copy;
	char *directory;
	struct command members; /* paths of files in the directory */
};

/* An object file to be instrumented. */
struct source {
	const char *path, *copy;
	const char *shown; /* what messages call it */
};

struct sources {
	struct source *sources;
	size_t count;
	struct archive *archives;
	size_t archive_count;
};

static struct sources sources;

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
		.fall_back = options->fall_back && !options->shared,
		.leaves = options->payload->leaves,
		.switched = options->switched,
	};
}

static enum home home_of(const struct options *options)
{
	if (options->kernel)
		return HOME_KERNEL;
	return options->shared ? HOME_SHARED : HOME_PROGRAM;
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
		fprintf(stderr, "lopi: %s: %s left alone: %s\n", object->path,
			demangle(plan->function->name), plan->refusal);
	if (!options->dry_run)
		return;
	if (plan->refusal)
		printf("%s: %s: no: %s\n", object->path, demangle(plan->function->name),
		       plan->refusal);
	else if (plan->fell_back)
		printf("%s: %s: %s: %s\n", object->path, demangle(plan->function->name),
		       manner(plan), plan->fell_back);
	else
		printf("%s: %s: %s\n", object->path, demangle(plan->function->name), manner(plan));
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

static void say_missing(struct instrumentation *const *all, size_t count, const char *name)
{
	for (size_t index = 0; index < count; index++) {
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
static bool names_are_missing(const struct options *options, struct instrumentation *const *all,
			      size_t count)
{
	bool missing = false;

	for (size_t index = 0; index < options->selection.wanted_count; index++) {
		const struct pattern *pattern = &options->selection.wanted[index];

		if (pattern->found)
			continue;
		if (pattern->exact)
			say_missing(all, count, pattern->text);
		else if (!options->quiet)
			fprintf(stderr, "lopi: %s matches no function\n", pattern->text);
		missing |= pattern->exact;
	}
	return missing;
}

/* --- what is written --- */

static const char *copy_path(const struct options *options, const char *source, const char *ending)
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
	if (!end || strcmp(end, ending) != 0)
		end = source + strlen(source);
	return memory_print("%.*s.lopi%s", (int)(end - source), source, ending);
}

static void add_source(struct source source)
{
	sources.sources = memory_grow(sources.sources, sources.count, sizeof(source));
	sources.sources[sources.count++] = source;
}

/* What is no file might never end, or never begin. */
static void check_file(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		die(STATUS_FAILED, "%s: %m", path);
	if (S_ISDIR(status.st_mode))
		die(STATUS_FAILED, "%s: a directory; give the object files in it", path);
	if (!S_ISREG(status.st_mode))
		die(STATUS_FAILED, "%s: not a file", path);
}

static bool is_archive(const char *path)
{
	char start[8] = "";
	FILE *file = fopen(path, "re");
	bool found = file && fread(start, sizeof(start), 1, file) == 1;

	if (file)
		fclose(file);
	if (found && memcmp(start, "!<thin>\n", sizeof(start)) == 0)
		die(STATUS_FAILED,
		    "%s: a thin archive, without object files of its own; give those", path);
	return found && memcmp(start, "!<arch>\n", sizeof(start)) == 0;
}

static void run(const char *program, const char *const *words)
{
	struct command command = { 0 };

	for (; *words; words++)
		command_add(&command, *words);
	if (command_run(program, &command) != 0)
		die(STATUS_FAILED, "%s failed", program);
}

/* The members' names, in their order. */
static void list_members(struct archive *archive)
{
	FILE *list;
	char *line = NULL;
	size_t room = 0;

	list = popen(memory_print("ar t '%s'", archive->path), "re");
	while (list && getline(&line, &room, list) > 0) {
		const char *path = memory_print("%s/%s", archive->directory, strtok(line, "\n"));

		for (size_t index = 0; index < archive->members.count; index++) {
			if (strcmp(archive->members.words[index], path) == 0)
				die(STATUS_FAILED,
				    "%s: two members are called %s; unpack it and give "
				    "its object files",
				    archive->path, basename(memory_print("%s", path)));
		}
		command_add(&archive->members, path);
	}
	if (!list || pclose(list) != 0)
		die(STATUS_FAILED, "%s: its members cannot be listed", archive->path);
}

/* However the tool ends. */
static void remove_directories(void)
{
	for (size_t index = 0; index < sources.archive_count; index++)
		command_remove_directory(sources.archives[index].directory);
}

static void open_archive(const char *path, const char *copy)
{
	struct archive archive = { .path = path, .copy = copy };

	archive.directory = memory_print("%s/lopi-ar-XXXXXX", getenv("TMPDIR") ?: "/tmp");
	if (strchr(path, '\'') || !mkdtemp(archive.directory))
		die(STATUS_FAILED, "%s: cannot be taken apart", path);
	if (sources.archive_count == 0)
		atexit(remove_directories);
	sources.archives = memory_grow(sources.archives, sources.archive_count, sizeof(archive));
	sources.archives[sources.archive_count++] = archive;
	list_members(&archive);
	run("ar", (const char *const[]){ "x", "--output", archive.directory, path, NULL });
	for (size_t index = 0; index < archive.members.count; index++) {
		const char *member = archive.members.words[index];

		add_source((struct source){
			member, member,
			memory_print("%s(%s)", path, basename(memory_print("%s", member))) });
	}
	sources.archives[sources.archive_count - 1] = archive;
}

/* Puts an archive's copy together. */
static void write_archive(const struct archive *archive)
{
	struct command command = { 0 };
	const char *copy = memory_print("%s.lopi-new", archive->copy);

	command_add(&command, "rcsD");
	command_add(&command, copy);
	for (size_t index = 0; index < archive->members.count; index++)
		command_add(&command, archive->members.words[index]);
	unlink(copy);
	if (command_run("ar", &command) != 0 || rename(copy, archive->copy) != 0)
		die(STATUS_FAILED, "%s: cannot be written", archive->copy);
}

/* What the command line names. */
struct given {
	const char *path, *copy;
	bool is_archive;
};

static int by_copy(const void *one, const void *other)
{
	return strcmp(((const struct given *)one)->copy, ((const struct given *)other)->copy);
}

/* One copy must not take the place of another. */
static void check_copies(const struct given *given, size_t count)
{
	struct given *sorted = memory_new(count, sizeof(*sorted));

	memcpy(sorted, given, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_copy);
	for (size_t index = 1; index < count; index++)
		if (by_copy(&sorted[index - 1], &sorted[index]) == 0)
			die(STATUS_USAGE, "%s and %s would have the same copy, %s",
			    sorted[index - 1].path, sorted[index].path, sorted[index].copy);
}

static void find_sources(const struct options *options)
{
	const size_t count = options->source_count;
	struct given *given = memory_new(count, sizeof(*given));

	for (size_t index = 0; index < count; index++) {
		struct given *one = &given[index];

		one->path = options->sources[index];
		check_file(one->path);
		one->is_archive = is_archive(one->path);
		one->copy = copy_path(options, one->path, one->is_archive ? ".a" : ".o");
	}
	if (!options->dry_run)
		check_copies(given, count);
	for (size_t index = 0; index < count; index++) {
		if (given[index].is_archive)
			open_archive(given[index].path, given[index].copy);
		else
			add_source((struct source){ given[index].path, given[index].copy,
						    given[index].path });
	}
}

/* The first object says what all are for. */
static void check_machine(struct options *options, const struct object *object, bool first)
{
	if (first)
		options->wide = object->wide;
	if (options->wide != object->wide)
		die(STATUS_FAILED, "%s: the object files are not all for the same processor",
		    object->path);
	if (object->wide && (options->kernel || options->castle))
		die(STATUS_FAILED, "%s: Castle is for the IA-32 (compile with -m32)", object->path);
}

static struct instrumentation *plan(struct options *options, const struct source *source,
				    const struct source *first)
{
	struct plan_wishes wishes = wishes_of(options);
	struct object *object = object_read(source->path, source->shown);

	check_machine(options, object, source == first);
	return instrumentation_plan(object, &wishes, wanted, &options->selection);
}

void instrument_files(struct options *options)
{
	struct instrumentation **all;
	bool refused = false;

	find_sources(options);
	all = memory_new(sources.count, sizeof(*all));
	for (size_t index = 0; index < sources.count; index++) {
		all[index] = plan(options, &sources.sources[index], sources.sources);
		refused |= print_plans(options, all[index]);
	}
	refused |= names_are_missing(options, all, sources.count);
	refused &= !options->keep_going;
	for (size_t index = 0; index < sources.count && !options->dry_run && !refused; index++) {
		instrumentation_apply(all[index], options->payload, library_tag(options),
				      home_of(options), options->switched);
		object_write(all[index]->analysis->object, sources.sources[index].copy);
	}
	if (options->dry_run)
		return;
	if (refused)
		die(STATUS_REFUSED, "nothing written (--keep-going does without those functions)");
	for (size_t index = 0; index < sources.archive_count; index++)
		write_archive(&sources.archives[index]);
	library_write(options);
}
