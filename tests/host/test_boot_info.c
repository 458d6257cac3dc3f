/*
 * The boot loader's information: which modules it names, and which of them it has not loaded.
 */
#include <stddef.h>
#include <stdlib.h>
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

/* What boot loaders leave, in a piece of memory of just that size: what reads beyond it is caught.
 */
static void read_mutated(unsigned seed)
{
	char *copy;

	srand(seed);
	for (int count = rand() % 8; count >= 0; count--) {
		static const uint32_t edges[] = { 0,  1,  7,          8,          9,
						  23, 24, 0x7fffffff, 0xfffffff8, 0xffffffff };
		const uint32_t value = rand() % 2 ? edges[rand() % 10] : (uint32_t)rand();

		memcpy(information + 8 + rand() % (length - 8) / 4 * 4, &value, sizeof value);
	}
	memset(&boot_info, 0, sizeof boot_info);
	boot_info.command_line = "";
	copy = malloc(length);
	memcpy(copy, information, length);
	boot_info_read(MULTIBOOT2_LOADER_MAGIC, copy);
	ck_assert_uint_lt(strlen(boot_info.command_line), length);
	for (uint32_t i = 0; i < boot_info.module_count; i++) {
		ck_assert_uint_lt(strlen(boot_info.modules[i].command_line), length);
		ck_assert_uint_le(boot_info.modules[i].start, boot_info.modules[i].end);
	}
	for (uint32_t i = 0; i < boot_info.memory_count; i++)
		ck_assert_uint_lt(boot_info.memory[i].start, boot_info.memory[i].end);
	free(copy);
}

static void information_of_loader(void)
{
	struct multiboot2_memory_map *map;
	struct multiboot2_memory regions[] = { { 0, 0x9fc00, MULTIBOOT2_MEMORY_AVAILABLE, 0 },
					       { 0x100000, 0x7ee0000, MULTIBOOT2_MEMORY_AVAILABLE,
						 0 } };
	struct multiboot2_elf_sections *sections;

	information_start();
	strcpy(tag_add(MULTIBOOT2_TAG_COMMAND_LINE, 24) + sizeof(struct multiboot2_tag),
	       "mode=giantlock");
	module_add(0x200000, 0x200010, "modules 2");
	module_add(0x201000, 0x205000, "package cat");
	map = tag_add(MULTIBOOT2_TAG_MEMORY_MAP, sizeof *map + sizeof regions);
	map->entry_size = sizeof *regions;
	memcpy(map->entries, regions, sizeof regions);
	sections = tag_add(MULTIBOOT2_TAG_ELF_SECTIONS, sizeof *sections + 3 * 40);
	sections->count = 3;
	sections->entry_size = 40;
	tag_add(MULTIBOOT2_TAG_END, sizeof(struct multiboot2_tag));
	((struct multiboot2_info *)information)->total_size = length;
}

START_TEST(mutated_tags_are_left_out)
{
	for (unsigned seed = 0; seed < 5000; seed++) {
		information_of_loader();
		read_mutated(seed);
	}
}
END_TEST

START_TEST(whole_tags_are_all_used)
{
	information_of_loader();
	boot_info_read(MULTIBOOT2_LOADER_MAGIC, information);
	ck_assert_uint_eq(boot_info.damaged_tags, 0);
	ck_assert_str_eq(boot_info.command_line, "mode=giantlock");
	ck_assert_uint_eq(boot_info.module_count, 1);
	ck_assert_uint_eq(boot_info.memory_count, 2);
	ck_assert_uint_eq(boot_info.memory[1].end, 0x7fe0000);
	ck_assert_uint_eq(boot_info.elf_section_count, 3);
}
END_TEST

/* One that says that it is empty would be read for ever. */
START_TEST(a_tag_without_a_size_is_the_last)
{
	information_start();
	module_add(0x201000, 0x205000, "package cat");
	((struct multiboot2_tag *)tag_add(MULTIBOOT2_TAG_MODULE, 8))->size = 0;
	module_add(0x205000, 0x209000, "package cp");
	information_read();
	ck_assert_uint_eq(boot_info.module_count, 1);
	ck_assert_uint_eq(boot_info.damaged_tags, 1);
}
END_TEST

static void framebuffer_add(uint64_t address, uint32_t pitch, uint8_t type)
{
	struct multiboot2_framebuffer *screen = tag_add(
		MULTIBOOT2_TAG_FRAMEBUFFER, offsetof(struct multiboot2_framebuffer, blue) + 2);

	screen->address = address;
	screen->pitch = pitch;
	screen->width = 1024;
	screen->height = 768;
	screen->bits = 32;
	screen->type = type;
	screen->red = (struct multiboot2_colour){ 16, 8 };
	screen->green = (struct multiboot2_colour){ 8, 8 };
	screen->blue = (struct multiboot2_colour){ 0, 8 };
}

START_TEST(a_framebuffer_is_found)
{
	information_start();
	framebuffer_add(0x80000000, 4096, MULTIBOOT2_FRAMEBUFFER_RGB);
	information_read();
	ck_assert_uint_eq(boot_info.damaged_tags, 0);
	ck_assert_uint_eq(boot_info.framebuffer.address, 0x80000000);
	ck_assert_uint_eq(boot_info.framebuffer.pitch, 4096);
	ck_assert_uint_eq(boot_info.framebuffer.bits, 32);
	ck_assert_uint_eq(boot_info.framebuffer.red.position, 16);
	ck_assert_uint_eq(boot_info.framebuffer.blue.bits, 8);
}
END_TEST

/* Text, what lies above 4 GB, and lines that are longer than they can be. */
START_TEST(other_framebuffers_are_none)
{
	information_start();
	framebuffer_add(0xb8000, 160, 2);
	framebuffer_add(0x100000000, 4096, MULTIBOOT2_FRAMEBUFFER_RGB);
	framebuffer_add(0xffff0000, 4096, MULTIBOOT2_FRAMEBUFFER_RGB);
	information_read();
	ck_assert_uint_eq(boot_info.damaged_tags, 0);
	ck_assert_uint_eq(boot_info.framebuffer.bits, 0);
	information_start();
	framebuffer_add(0x80000000, 1024, MULTIBOOT2_FRAMEBUFFER_RGB);
	information_read();
	ck_assert_uint_eq(boot_info.damaged_tags, 1);
	ck_assert_uint_eq(boot_info.framebuffer.bits, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("boot_info");
	TCase *tests = tcase_create("boot_info");

	tcase_add_test(tests, modules_are_named);
	tcase_add_test(tests, modules_that_are_not_loaded_are_left_out);
	tcase_add_test(tests, too_many_modules_are_counted);
	tcase_add_test(tests, a_framebuffer_is_found);
	tcase_add_test(tests, other_framebuffers_are_none);
	tcase_add_test(tests, whole_tags_are_all_used);
	tcase_add_test(tests, mutated_tags_are_left_out);
	tcase_add_test(tests, a_tag_without_a_size_is_the_last);
	suite_add_tcase(suite, tests);
	return suite;
}
