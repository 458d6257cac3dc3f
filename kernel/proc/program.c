/*
 * Building the initial stack of a program: strings near its end, below them the pointers to them,
 * argc at the stack pointer (System V ABI, Intel386 supplement, chapter 3). It is written through
 * the kernel's own view of the new container's pages, so that no address space has to be switched.
 */
#include "kernel/proc/program.h"

#include <castle/abi.h>
#include <castle/address_map.h>
#include <castle/errno.h>
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/container.h"
#include "kernel/mem/page.h"
#include "kernel/mem/package.h"
#include "kernel/proc/made_package.h"
#include "kernel/proc/process.h"

#define NO_STRING       UINT32_MAX
#define MODE_EXECUTABLE 0111

/*
 * Strings on their way from one address space to another, on the kernel stack: text from the front,
 * and from the back a word a string, its offset in the text, or NO_STRING where a list ends.
 */
struct arguments {
	uint32_t text_size;
	uint32_t words;
	uint32_t argument_count;
	union {
		char text[CASTLE_ARG_MAX];
		uint32_t word[CASTLE_ARG_MAX / sizeof(uint32_t)];
	};
};

#define WORD_COUNT (CASTLE_ARG_MAX / sizeof(uint32_t))

/* One word is kept for argc. */
static uint32_t arguments_room(const struct arguments *arguments)
{
	return CASTLE_ARG_MAX - (arguments->words + 1) * sizeof(uint32_t) - arguments->text_size;
}

static int arguments_add_word(struct arguments *arguments, uint32_t offset)
{
	if (arguments_room(arguments) < sizeof(uint32_t))
		return -E2BIG;
	arguments->word[WORD_COUNT - ++arguments->words] = offset;
	return 0;
}

static int arguments_add_string(struct arguments *arguments, user_addr_t string)
{
	const uint32_t offset = arguments->text_size;
	int length, error = arguments_add_word(arguments, offset);

	if (error)
		return error;
	if (arguments_room(arguments) == 0)
		return -E2BIG;
	length = copy_string_from_user(arguments->text + offset, string, arguments_room(arguments));
	if (length < 0)
		return length == -ENAMETOOLONG ? -E2BIG : length;
	arguments->text_size += length + 1;
	return 0;
}

/*
 * Adds the strings that a null-terminated array of pointers names; an absent array counts as empty.
 */
static int arguments_add_list(struct arguments *arguments, user_addr_t list, uint32_t *count)
{
	uint32_t string;
	int error;

	for (*count = 0; list; ++*count, list += sizeof string) {
		error = copy_from_user(&string, list, sizeof string);
		if (error)
			return error;
		if (!string)
			break;
		error = arguments_add_string(arguments, string);
		if (error)
			return error;
	}
	return arguments_add_word(arguments, NO_STRING);
}

static int stack_write(struct container *container, uint32_t address, const void *from,
		       uint32_t size)
{
	while (size > 0) {
		const uint32_t offset = address % PAGE_SIZE;
		const uint32_t chunk = size < PAGE_SIZE - offset ? size : PAGE_SIZE - offset;
		char *page = container_page(container, address);

		if (!page)
			return -ENOMEM;
		memcpy(page + offset, from, chunk);
		address += chunk;
		from = (const char *)from + chunk;
		size -= chunk;
	}
	return 0;
}

/* Turns offsets into addresses in the new container, in the order that the program finds them. */
static void arguments_resolve(struct arguments *arguments, uint32_t text_address)
{
	uint32_t *low = &arguments->word[WORD_COUNT - arguments->words];
	uint32_t *high = &arguments->word[WORD_COUNT - 1];

	for (uint32_t *word = low; word <= high; word++)
		*word = *word == NO_STRING ? 0 : text_address + *word;
	for (; low < high; low++, high--) {
		const uint32_t swapped = *low;
		*low = *high;
		*high = swapped;
	}
}

/* Writes argc, the pointers and the text to the stack's end; sets program->stack. */
static int arguments_install(struct arguments *arguments, struct program *program)
{
	const uint32_t text_address =
		CASTLE_STACK_ARGUMENTS_END - ((arguments->text_size + 3) & ~3u);
	const uint32_t size = (1 + arguments->words) * sizeof(uint32_t);
	uint32_t *words;
	int error;

	arguments_resolve(arguments, text_address);
	/* argc goes in front of the pointers: arguments_room() kept a word. */
	words = &arguments->word[WORD_COUNT - arguments->words - 1];
	*words = arguments->argument_count;
	program->stack = (text_address - size) & ~15u;
	error = stack_write(program->container, program->stack, words, size);
	return error ? error
		     : stack_write(program->container, text_address, arguments->text,
				   arguments->text_size);
}

/* A program that is a file of its own, not a boot module. */
static int program_make_package(struct inode *inode, const char *path,
				const struct package **package)
{
	struct castle_stat stat;
	int error = -EACCES;

	lock_acquire(inode, &inode->lock);
	inode_stat(inode, &stat);
	if (inode_is_regular(inode) && stat.mode & MODE_EXECUTABLE)
		error = made_package_create(inode, path, package);
	lock_release(inode, &inode->lock);
	return error;
}

/* A reference to the package comes with it. */
static int program_find(struct inode *directory, const char *path, const struct package **package)
{
	struct inode *inode;
	int error;

	lock_acquire(files, &files_lock);
	error = path_lookup(directory, path, &inode);
	if (!error) {
		*package = inode_owner(inode);
		if (!*package)
			error = program_make_package(inode, path, package);
	} else {
		inode = NULL;
	}
	lock_release(files, &files_lock);
	if (inode)
		inode_release(inode);
	return error;
}

static int program_make(struct program *program, const struct package *package,
			struct arguments *arguments)
{
	int error;

	program->container = container_create(package);
	if (!program->container)
		return -ENOMEM;
	program->entry = package->entry;
	error = arguments_install(arguments, program);
	if (error)
		container_release(program->container);
	return error;
}

/* The same from the current process's working directory. */
static int program_find_here(const char *path, const struct package **package)
{
	struct inode *directory = process_cwd_get(current_process());
	const int error = program_find(directory, path, package);

	inode_release(directory);
	return error;
}

int program_load(struct program *program, user_addr_t path, user_addr_t argv, user_addr_t envp)
{
	struct arguments arguments;
	const struct package *package;
	char path_name[PATH_BUFFER];
	uint32_t environment_count;
	int error = copy_string_from_user(path_name, path, CASTLE_PATH_MAX);

	if (error < 0)
		return error;
	error = program_find_here(path_name, &package);
	if (error)
		return error;
	arguments.text_size = arguments.words = 0;
	error = arguments_add_list(&arguments, argv, &arguments.argument_count);
	if (!error)
		error = arguments_add_list(&arguments, envp, &environment_count);
	if (!error)
		error = program_make(program, package, &arguments);
	package_release(package); /* the container has its own */
	return error;
}

int program_load_first(struct program *program, const char *path)
{
	struct arguments arguments;
	const struct package *package;
	int error = program_find(inode_root(), path, &package);

	if (error)
		return error;
	arguments.argument_count = 1;
	arguments.words = 0;
	arguments.text_size = strlen(path) + 1;
	memcpy(arguments.text, path, arguments.text_size);
	if (arguments_add_word(&arguments, 0) || arguments_add_word(&arguments, NO_STRING) ||
	    arguments_add_word(&arguments, NO_STRING))
		error = -E2BIG;
	else
		error = program_make(program, package, &arguments);
	package_release(package);
	return error;
}
