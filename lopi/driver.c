/*
 * The compiler driver. Compiling is the compiler's; the object files that it makes are instrumented
 * in their places, in a process of their own, so what cannot be stays as the compiler made it. For
 * linking, sources among the arguments are compiled first, and the runtime is added.
 */
#include "driver.h"
#include "command.h"
#include "instrument_files.h"
#include "library.h"
#include "memory.h"
#include "options.h"

#include <ctype.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_FLAGS "--all --quiet --payload cycles"

const char *const driver_names[] = { "cc",
				     "gcc",
				     "c++",
				     "g++",
				     "clang",
				     "clang++",
				     "x86_64-linux-gnu-gcc",
				     "x86_64-linux-gnu-g++",
				     NULL };

enum task {
	TASK_LINK,
	TASK_COMPILE,
	TASK_OTHER, /* nothing that is instrumented comes out */
};

struct driver {
	const char *compiler;
	struct command arguments; /* the compiler's, without its name */
	enum task task;
	const char *output;
	const char *language;       /* -x: then any file is a source */
	bool shared, partial, bare; /* linking, but not a program */
	bool narrow;                /* for the IA-32 */
	bool position_independent;  /* as shared objects are */
	bool has_input;
	struct command sources;
};

/* --- files of arguments --- */

enum { FILES_DEEP = 100 }; /* that name each other */

/* The next word, as the compiler reads it: what is in quotes, or behind a backslash, parts no
 * words. */
static char *next_word(const char **rest)
{
	char *word, quote = '\0';
	size_t length = 0;

	while (isspace((unsigned char)**rest))
		++*rest;
	if (!**rest)
		return NULL;
	word = memory_new(strlen(*rest) + 1, 1);
	for (; **rest && (quote || !isspace((unsigned char)**rest)); ++*rest) {
		if (**rest == '\\' && (*rest)[1])
			word[length++] = *++*rest;
		else if (quote ? **rest == quote : **rest == '"' || **rest == '\'')
			quote = quote ? '\0' : **rest;
		else
			word[length++] = **rest;
	}
	return word;
}

static char *text_of(FILE *file)
{
	char *text = NULL;
	size_t room = 0;

	if (getdelim(&text, &room, '\0', file) < 0)
		return memory_new(1, 1);
	return text;
}

/* Adds a word, or those of the file that it names (@FILE); of one that is not there the compiler
 * will say so. */
static void add_words(struct command *words, const char *word, int deep)
{
	FILE *file = word[0] == '@' && deep < FILES_DEEP ? fopen(word + 1, "re") : NULL;
	const char *rest;
	char *inner;

	if (!file) {
		command_add(words, word);
		return;
	}
	rest = text_of(file);
	fclose(file);
	while ((inner = next_word(&rest)))
		add_words(words, inner, deep + 1);
}

/* --- the compiler's command line --- */

/* Options whose argument is the next word. */
static bool takes_next(const char *option)
{
	static const char *const names[] = { "-o",        "-I",           "-D",
					     "-U",        "-L",           "-l",
					     "-include",  "-isystem",     "-idirafter",
					     "-iquote",   "-imacros",     "-MF",
					     "-MT",       "-MQ",          "-x",
					     "-Xlinker",  "-Xassembler",  "-Xpreprocessor",
					     "-T",        "-u",           "-z",
					     "-e",        "-A",           "-aux-info",
					     "--param",   "-isysroot",    "-iprefix",
					     "-target",   "-arch",        "-Xclang",
					     "-mllvm",    "-iwithprefix", "-imultilib",
					     "-dumpbase", "-dumpdir" };

	for (size_t index = 0; index < sizeof(names) / sizeof(names[0]); index++) {
		if (strcmp(option, names[index]) == 0)
			return true;
	}
	return false;
}

static bool is_source(const struct driver *driver, const char *word)
{
	static const char *const endings[] = { ".c",  ".cc", ".cpp", ".cxx", ".c++", ".C",
					       ".cp", ".i",  ".ii",  ".s",   ".S",   ".sx" };
	const char *ending = strrchr(word, '.');

	if (driver->language && strcmp(driver->language, "none") != 0)
		return true;
	for (size_t index = 0; ending && index < sizeof(endings) / sizeof(endings[0]); index++) {
		if (strcmp(ending, endings[index]) == 0)
			return true;
	}
	return false;
}

/* Not an option: a file, or what is read from the standard input. */
static bool is_input(const char *word)
{
	return word[0] != '@' && (word[0] != '-' || !word[1]);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++) {
		if (strcmp(word, *words) == 0)
			return true;
	}
	return false;
}

static void read_task(struct driver *driver, const char *word)
{
	static const char *const others[] = { "-E",        "-S",   "-M", "-MM", "-fsyntax-only",
					      "--version", "-###", NULL };

	if (is_one_of(word, others))
		driver->task = TASK_OTHER;
	if (strcmp(word, "-c") == 0 && driver->task == TASK_LINK)
		driver->task = TASK_COMPILE;
	if (strncmp(word, "-flto", 5) == 0)
		die(STATUS_USAGE,
		    "%s: the code would be made when linking, where no object file can be "
		    "instrumented; leave it out",
		    word);
}

/* What the words before it have said, the word says otherwise, or nothing of it. */
static bool say(bool before, const char *word, const char *const *yes, const char *const *no)
{
	return is_one_of(word, yes) || (before && !is_one_of(word, no));
}

static void read_word(struct driver *driver, const char *word)
{
	static const char
		*const none[] = { NULL },
		       *const shared[] = { "-shared", NULL }, *const partial[] = { "-r", NULL },
		       *const bare[] = { "-nostdlib", "-nodefaultlibs", NULL },
		       *const narrow[] = { "-m32", NULL }, *const wide[] = { "-m64", NULL },
		       *const pic[] = { "-fPIC", "-fpic", NULL },
		       *const no_pic[] = { "-fPIE", "-fpie", "-fno-pic", "-fno-PIC", NULL };

	read_task(driver, word);
	driver->shared = say(driver->shared, word, shared, none);
	driver->partial = say(driver->partial, word, partial, none);
	driver->bare = say(driver->bare, word, bare, none);
	driver->narrow = say(driver->narrow, word, narrow, wide);
	driver->position_independent = say(driver->position_independent, word, pic, no_pic);
}

/* An option and its argument; they are two words. */
static void read_pair(struct driver *driver, const char *option, const char *argument)
{
	command_add(&driver->arguments, argument);
	if (strcmp(option, "-o") == 0)
		driver->output = argument;
	if (strcmp(option, "-x") == 0)
		driver->language = argument;
}

static void read_arguments(struct driver *driver, const struct command *words)
{
	for (size_t index = 0; index < words->count; index++) {
		const char *word = words->words[index];

		command_add(&driver->arguments, word);
		driver->has_input |= is_input(word);
		if (takes_next(word) && index + 1 < words->count) {
			read_pair(driver, word, words->words[++index]);
		} else if (strncmp(word, "-o", 2) == 0 && word[2]) {
			driver->output = word + 2;
		} else if (strncmp(word, "-x", 2) == 0) {
			driver->language = word + 2;
		} else if (is_input(word) && is_source(driver, word)) {
			command_add(&driver->sources, word);
		} else {
			read_word(driver, word);
		}
	}
}

/* --- instrumenting --- */

static void read_flags(struct options *options, const char *object)
{
	const char *flags = getenv("LOPI_FLAGS");
	char *rest = memory_print("%s", flags && *flags ? flags : DEFAULT_FLAGS), *word;
	struct command command = { 0 };

	command_add(&command, "lopi");
	while ((word = strsep(&rest, " \t\n"))) {
		if (*word)
			command_add(&command, word);
	}
	command_add(&command, "--in-place");
	command_add(&command, "--keep-going");
	command_add(&command, "--no-library");
	command_add(&command, object);
	options_read(options, command.count, command.words);
}

/* Object files are instrumented where they are. Those of shared objects are left alone. */
static void instrument_object(const struct driver *driver, const char *object)
{
	struct options options;
	pid_t child;
	int status;

	if (access(object, W_OK) != 0 || strcmp(object, "/dev/null") == 0)
		return;
	child = fork();
	if (child == 0) {
		read_flags(&options, object);
		if (driver->position_independent && !options.shared && !options.quiet)
			fprintf(stderr,
				"lopi: %s left alone: -fPIC makes it for a shared object "
				"(--shared)\n",
				object);
		if (!driver->position_independent || options.shared)
			instrument_files(&options);
		exit(STATUS_DONE);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		die(STATUS_FAILED, "cannot instrument %s: %m", object);
}

/* --- the tasks --- */

/* The object file that the compiler makes of the source, unless it is told another name. */
static const char *object_of(const char *source)
{
	const char *name = basename(memory_print("%s", source)), *ending = strrchr(name, '.');

	return memory_print("%.*s.o", ending ? (int)(ending - name) : (int)strlen(name), name);
}

static int compile(struct driver *driver)
{
	int status = command_run(driver->compiler, &driver->arguments);

	for (size_t index = 0; status == 0 && index < driver->sources.count; index++) {
		const char *object = object_of(driver->sources.words[index]);

		instrument_object(driver, driver->output ? driver->output : object);
	}
	return status;
}

/* Whether the word, or the pair that it begins, is of no use when one source is compiled. */
static bool is_for_linking(const char *word)
{
	static const char *const pairs[] = { "-T", "-u", "-z", "-Xlinker", NULL };

	return is_one_of(word, pairs) || strncmp(word, "-o", 2) == 0 ||
	       strncmp(word, "-l", 2) == 0 || strncmp(word, "-L", 2) == 0;
}

/* The command that compiles the one source into `object`. */
static struct command compile_one(const struct driver *driver, const char *source,
				  const char *object)
{
	struct command command = { 0 };

	for (size_t index = 0; index < driver->arguments.count; index++) {
		const char *word = driver->arguments.words[index];
		bool pair = takes_next(word) && index + 1 < driver->arguments.count;

		if (is_input(word)) {
			if (strcmp(word, source) == 0)
				command_add(&command, word);
			continue;
		}
		if (!is_for_linking(word)) {
			command_add(&command, word);
			if (pair)
				command_add(&command, driver->arguments.words[index + 1]);
		}
		index += pair;
	}
	command_add(&command, "-c");
	command_add(&command, "-o");
	command_add(&command, object);
	return command;
}

/*
 * Adds the runtime. Where it is does not change, as long as it is a ready-made one: build systems
 * remember it, and the loader has to find it.
 */
static void add_runtime(const struct driver *driver, struct command *command, const char *directory)
{
	struct options options;
	const char *library;

	read_flags(&options, "");
	if (driver->partial || driver->bare || (driver->shared && !options.shared))
		return;
	options.wide = !driver->narrow;
	if (options.hooks) {
		library = memory_print("%s/liblopi.a", directory);
		library_make(&options, library);
	} else {
		library = library_ready_made(&options);
	}
	command_add(command, library);
	if (!options.shared)
		return;
	library = library_shared(&options);
	command_add(command, library);
	command_add(command, memory_print("-Wl,-rpath,%.*s", (int)(strrchr(library, '/') - library),
					  library));
}

/* The linker's command: what was compiled instead of its source, and the runtime behind all. */
static struct command link_command(const struct driver *driver, char *const *objects,
				   const char *directory)
{
	struct command command = { 0 };
	size_t source = 0;

	for (size_t index = 0; index < driver->arguments.count; index++) {
		const char *word = driver->arguments.words[index];

		if (source < driver->sources.count &&
		    strcmp(word, driver->sources.words[source]) == 0)
			command_add(&command, objects[source++]);
		else if (strcmp(word, "-x") == 0)
			index++;
		else if (strncmp(word, "-x", 2) == 0)
			continue;
		else
			command_add(&command, word);
	}
	add_runtime(driver, &command, directory);
	return command;
}

static int compile_and_link(struct driver *driver, const char *directory)
{
	struct command objects = { 0 }, last;
	int status = 0;

	for (size_t index = 0; status == 0 && index < driver->sources.count; index++) {
		const char *object = memory_print("%s/%zu-%s", directory, index,
						  object_of(driver->sources.words[index]));
		struct command one = compile_one(driver, driver->sources.words[index], object);

		command_add(&objects, object);
		status = command_run(driver->compiler, &one);
		if (status == 0)
			instrument_object(driver, object);
	}
	if (status != 0)
		return status;
	last = link_command(driver, objects.words, directory);
	return command_run(driver->compiler, &last);
}

static int link_program(struct driver *driver)
{
	char directory[] = "/tmp/lopi-XXXXXX";
	int status;

	if (!mkdtemp(directory))
		die(STATUS_FAILED, "%s: %m", directory);
	status = compile_and_link(driver, directory);
	command_remove_directory(directory);
	return status;
}

/* --- which compiler --- */

bool driver_is_called(const char *path)
{
	const char *name = basename(memory_print("%s", path));

	for (int index = 0; driver_names[index]; index++) {
		if (strcmp(name, driver_names[index]) == 0)
			return true;
	}
	return false;
}

/* The compiler of that name, and not the tool, which lopi record calls so, too. */
static const char *find_compiler(const char *name)
{
	const char *own = realpath("/proc/self/exe", NULL);
	char *rest = memory_print("%s", getenv("PATH") ? getenv("PATH") : ""), *directory;

	if (strchr(name, '/'))
		return name;
	while ((directory = strsep(&rest, ":"))) {
		const char *path = memory_print("%s/%s", *directory ? directory : ".", name);
		const char *real = realpath(path, NULL);

		if (real && !(own && strcmp(own, real) == 0) && access(path, X_OK) == 0)
			return path;
	}
	die(127, "no %s in the PATH", name);
}

static int drive(const char *compiler, int count, char **arguments)
{
	struct driver driver = { .compiler = find_compiler(compiler) };
	struct command words = { 0 };

	for (int index = 1; index < count; index++)
		add_words(&words, arguments[index], 0);
	read_arguments(&driver, &words);
	if (driver.task == TASK_COMPILE)
		return compile(&driver);
	if (driver.task == TASK_LINK && driver.has_input)
		return link_program(&driver);
	return command_run(driver.compiler, &driver.arguments);
}

int driver_called(int count, char **arguments)
{
	return drive(basename(memory_print("%s", arguments[0])), count, arguments);
}

int driver(int count, char **arguments)
{
	bool plus = strcmp(arguments[0], "c++") == 0;
	const char *wanted = getenv(plus ? "LOPI_CXX" : "LOPI_CC");

	return drive(wanted && *wanted ? wanted : plus ? "c++" : "cc", count, arguments);
}
