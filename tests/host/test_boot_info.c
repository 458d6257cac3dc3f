/*
 * The boot loader's information: which modules it names, and which of them it has not loaded.
 */
#include <string.h>
#include "boot/boot_info.h"
#include "boot/multiboot2.h"
#include "tests/host/support.h"

static _Alignas(8) char information[4096];
static uint32_t length;

static void information_start(void)
{
	length = sizeof(struct multiboot2_info);
	memset(&boot_info, 0, sizeof boot_info);
}

/* Room for a tag, the next one at a multiple of 8 bytes. */
static void *tag_add(uint32_t type, uint32_t size)
{
	struct multiboot2_tag *tag = (void *)(information + length);

	length += (size + 7) & ~7u;
	ck_assert_uint_le(length, sizeof information);
	*tag = (struct multiboot2_tag){ type, size };
	return tag;
}

static void module_add(uint32_t start, uint32_t end, const char *command_line)
{
	struct multiboot2_module *module =
		tag_add(MULTIBOOT2_TAG_MODULE, sizeof *module + strlen(command_line) + 1);

	module->start = start;
	module->end = end;
	strcpy(module->command_line, command_line);
}

static void information_read(void)
{
	tag_add(MULTIBOOT2_TAG_END, sizeof(struct multiboot2_tag));
	((struct multiboot2_info *)information)->total_size = length;
	boot_info_read(MULTIBOOT2_LOADER_MAGIC, information);
}

START_TEST(modules_are_named)
{
	information_start();
	module_add(0x200000, 0x200010, "modules 3");
	module_add(0x201000, 0x205000, "package cat");
	module_add(0x300000, 0x300001, "files");
	information_read();
	ck_assert_uint_eq(boot_info.modules_wanted, 3);
	ck_assert_uint_eq(boot_info.module_count, 2);
	ck_assert_uint_eq(boot_info.modules[0].start, 0x201000);
	ck_assert_uint_eq(boot_info.modules[0].end, 0x205000);
	ck_assert_str_eq(boot_info.modules[0].command_line, "package cat");
	ck_assert_str_eq(boot_info.modules[1].command_line, "files");
}
END_TEST

/* GRUB lists what it had no memory for at address 0, with its size. */
START_TEST(modules_that_are_not_loaded_are_left_out)
{
	information_start();
	module_add(0, 0x4000, "package cat");
	module_add(0x201000, 0x205000, "package cp");
	module_add(0, 0, "package empty");
	information_read();
	ck_assert_uint_eq(boot_info.module_count, 2);
	ck_assert_str_eq(boot_info.modules[0].command_line, "package cp");
	ck_assert_str_eq(boot_info.modules[1].command_line, "package empty");
	ck_assert_uint_eq(boot_info.modules_wanted, 0);
}
END_TEST

START_TEST(too_many_modules_are_counted)
{
	information_start();
	boot_info.module_count = BOOT_MODULES_MAX - 1;
	module_add(0x200000, 0x201000, "files");
	module_add(0x300000, 0x301000, "files");
	information_read();
	ck_assert_uint_eq(boot_info.module_count, BOOT_MODULES_MAX);
	ck_assert_uint_eq(boot_info.modules_left_out, 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("boot_info");
	TCase *tests = tcase_create("boot_info");

	tcase_add_test(tests, modules_are_named);
	tcase_add_test(tests, modules_that_are_not_loaded_are_left_out);
	tcase_add_test(tests, too_many_modules_are_counted);
	suite_add_tcase(suite, tests);
	return suite;
}
