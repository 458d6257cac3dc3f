/*
 * From boot modules to programs and files. A module's command line says what it is (iso/make-iso).
 */
#include "kernel/boot/modules.h"

#include <stddef.h>
#include "arch/ia32/physical.h"
#include "boot/boot_info.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/path.h"
#include "kernel/fs/ustar.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/mem/package.h"

#define BIN_MODE 0555

/* What stands behind `word` and a blank, if `line` starts with that; else NULL. */
static const char *argument_after(const char *line, const char *word)
{
	const size_t length = strlen(word);

	return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

/* NULL, or why the program is refused. A package whose file cannot be made is never started. */
static const char *program_add(const char *name, const void *image, uint32_t size)
{
	const struct package *package;
	char path[sizeof "/bin/" + sizeof package->name + PATH_SLACK];
	const char *reason = package_add(name, image, size, &package);

	if (reason)
		return reason;
	ksnprintf(path, sizeof path, "/bin/%s", package->name);
	if (path_make_static(path, image, size, BIN_MODE, package) != 0)
		return "its file cannot be made";
	return NULL;
}

static void files_add(const void *archive, uint32_t size)
{
	const int count = ustar_unpack(archive, size);

	if (count < 0)
		kprintf("files refused: the archive is damaged or memory is out (error %d)\n",
			-count);
}

static void module_load(const struct boot_module *module)
{
	const uint32_t size = module->end - module->start;
	const void *const content = kernel_address(module->start);
	const char *name = argument_after(module->command_line, "package"), *reason;

	if (name) {
		reason = program_add(name, content, size);
		if (reason)
			kprintf("package %s refused: %s\n", name, reason);
	} else if (strcmp(module->command_line, "files") == 0) {
		files_add(content, size);
	} else {
		kprintf("module \"%s\" refused: neither \"package NAME\" nor \"files\"\n",
			module->command_line);
	}
}

void modules_report(void)
{
	const uint32_t loaded = boot_info.module_count + boot_info.modules_left_out;

	if (boot_info.damaged_tags)
		kprintf("the boot loader's information is damaged: %u of its tags are left out\n",
			boot_info.damaged_tags);
	if (boot_info.modules_left_out)
		kprintf("%u boot modules left out: at most %u are used\n",
			boot_info.modules_left_out, BOOT_MODULES_MAX);
	if (loaded < boot_info.modules_wanted)
		kprintf("%u of %u boot modules are missing: the boot loader has no memory for "
			"them, or does not find them\n",
			boot_info.modules_wanted - loaded, boot_info.modules_wanted);
}

void modules_load(void)
{
	for (uint32_t i = 0; i < boot_info.module_count; i++)
		module_load(&boot_info.modules[i]);
	modules_report();
}
