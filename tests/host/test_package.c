/*
 * Checking code packages: a good one, each way of being bad, and anything at all.
 */
#include <castle/address_map.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/mem/elf32.h"
#include "kernel/mem/package.h"
#include "tests/host/support.h"

#define CODE (CASTLE_CODE_BASE + 5 * CASTLE_CODE_SLOT_SIZE)

/* A small package: headers and code in the first page, data in the second. */
struct image {
	struct elf_header header;
	struct elf_program code, data;
	char code_bytes[4096 - sizeof(struct elf_header) - 2 * sizeof(struct elf_program)];
	char data_bytes[100];
};

static struct image image;

static void image_make(void)
{
	memset(&image, 0, sizeof image);
	image.header = (struct elf_header){
		.magic = ELF_MAGIC,
		.class = ELF_CLASS_32,
		.data = ELF_LITTLE_ENDIAN,
		.type = ELF_EXECUTABLE,
		.machine = ELF_MACHINE_386,
		.entry = CODE + 0x200,
		.program_offset = offsetof(struct image, code),
		.program_size = sizeof(struct elf_program),
		.program_count = 2,
	};
	image.code = (struct elf_program){
		.type = ELF_LOAD,
		.virtual_address = CODE,
		.file_size = 4096,
		.memory_size = 4096,
	};
	image.data = (struct elf_program){
		.type = ELF_LOAD,
		.offset = 4096,
		.virtual_address = CASTLE_DATA_BASE,
		.file_size = 100,
		.memory_size = 5000,
		.flags = ELF_WRITABLE,
	};
}

/* Parses a copy of exactly this size, so that reading beyond it is found. */
static const char *parse(struct package *package, size_t size)
{
	char *copy = malloc(size ? size : 1);
	const char *reason;

	memcpy(copy, &image, size);
	reason = package_parse(package, copy, size);
	free(copy);
	return reason;
}

START_TEST(good)
{
	struct package package;

	image_make();
	ck_assert_ptr_null(parse(&package, sizeof image));
	ck_assert_uint_eq(package.code_start, CODE);
	ck_assert_uint_eq(package.code_end, CODE + 4096);
	ck_assert_uint_eq(package.entry, CODE + 0x200);
	ck_assert_uint_eq(package.data_start, CASTLE_DATA_BASE);
	ck_assert_uint_eq(package.data_file_end, CASTLE_DATA_BASE + 100);
	ck_assert_uint_eq(package.data_end, CASTLE_DATA_BASE + 5000);
}
END_TEST

/* Global variables may reach beyond the initial 4 MB, to the last byte that they may have. */
START_TEST(large_data)
{
	struct package package;

	image_make();
	image.data.memory_size = CASTLE_DATA_END - CASTLE_DATA_BASE;
	ck_assert_ptr_null(parse(&package, sizeof image));
	ck_assert_uint_eq(package.data_end, CASTLE_DATA_END);
}
END_TEST

static const struct {
	uint32_t *field;
	uint32_t value;
	const char *reason;
} bad_words[] = {
	{ &image.header.magic, 0, "not an ELF file" },
	{ &image.header.program_offset, 0xfffffff0, "truncated ELF program headers" },
	{ &image.header.program_offset, 54, "truncated ELF program headers" },
	{ &image.header.entry, CODE + 4096, "entry point outside the code segment" },
	{ &image.header.entry, CODE - 1, "entry point outside the code segment" },
	{ &image.code.type, ELF_DYNAMIC, "dynamically linked" },
	{ &image.code.type, 0, "no code segment" },
	{ &image.code.virtual_address, CODE + 1, "code segment not on a page boundary" },
	{ &image.code.virtual_address, CASTLE_CODE_BASE, "code segment outside its slot" },
	{ &image.code.virtual_address, 0x100000, "code segment outside its slot" },
	{ &image.code.virtual_address, CASTLE_CODE_END - CASTLE_CODE_SLOT_SIZE,
	  "code segment outside its slot" },
	{ &image.code.offset, 1, "code segment not on a page boundary" },
	{ &image.code.offset, 0xfffff000, "truncated segment" },
	{ &image.code.file_size, 0xffffffff, "truncated segment" },
	{ &image.code.memory_size, 8192, "code segment not wholly in the file" },
	{ &image.data.virtual_address, CASTLE_DATA_BASE + 4,
	  "data segment not on a page boundary" },
	{ &image.data.virtual_address, CASTLE_CONTAINER_BASE,
	  "data segment does not start in the initial 4 MB" },
	{ &image.data.virtual_address, CASTLE_INITIAL_END,
	  "data segment does not start in the initial 4 MB" },
	{ &image.data.memory_size, 0xfffffff0, "data segment larger than a container's data" },
	{ &image.data.memory_size, CASTLE_DATA_END - CASTLE_DATA_BASE + 1,
	  "data segment larger than a container's data" },
	{ &image.data.memory_size, 50, "data segment larger in the file than in memory" },
	{ &image.data.flags, 0, "more than one code segment" },
	{ &image.code.flags, ELF_WRITABLE, "data segment does not start in the initial 4 MB" },
};

START_TEST(bad_word)
{
	struct package package;

	image_make();
	*bad_words[_i].field = bad_words[_i].value;
	ck_assert_str_eq(parse(&package, sizeof image), bad_words[_i].reason);
}
END_TEST

START_TEST(bad_kind)
{
	struct package package;

	image_make();
	image.header.class = 2;
	ck_assert_str_eq(parse(&package, sizeof image), "not a 32-bit ELF file");
	image_make();
	image.header.data = 2;
	ck_assert_str_eq(parse(&package, sizeof image), "not little-endian");
	image_make();
	image.header.machine = 62;
	ck_assert_str_eq(parse(&package, sizeof image), "not for the Intel 80386");
	image_make();
	image.header.type = 3;
	ck_assert_str_eq(parse(&package, sizeof image), "not an executable ELF file");
	image_make();
	image.header.program_count = 65535;
	ck_assert_str_eq(parse(&package, sizeof image), "truncated ELF program headers");
}
END_TEST

START_TEST(every_length)
{
	struct package package;

	image_make();
	for (size_t size = 0; size < 4096 + 100; size++)
		ck_assert_ptr_nonnull(parse(&package, size));
	ck_assert_ptr_null(parse(&package, 4096 + 100));
}
END_TEST

/* Whatever the headers say, what is accepted must be safe to map. */
START_TEST(every_byte)
{
	struct package package;
	const size_t headers = offsetof(struct image, code_bytes);

	for (size_t at = 0; at < headers; at++) {
		for (int value = 0; value < 256; value++) {
			image_make();
			((uint8_t *)&image)[at] = value;
			if (parse(&package, sizeof image) != NULL)
				continue;
			ck_assert_uint_ge(package.code_start,
					  CASTLE_CODE_BASE + CASTLE_CODE_SLOT_SIZE);
			ck_assert_uint_le(package.code_end,
					  CASTLE_CODE_END - CASTLE_CODE_SLOT_SIZE);
			ck_assert_uint_le(package.code_offset +
						  (package.code_end - package.code_start),
					  sizeof image);
			ck_assert_uint_le(package.data_end, CASTLE_DATA_END);
			ck_assert_uint_le(package.data_file_end, package.data_end);
		}
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("package");
	TCase *tests = tcase_create("package");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, good);
	tcase_add_test(tests, large_data);
	tcase_add_loop_test(tests, bad_word, 0, sizeof bad_words / sizeof *bad_words);
	tcase_add_test(tests, bad_kind);
	tcase_add_test(tests, every_length);
	tcase_add_test(tests, every_byte);
	suite_add_tcase(suite, tests);
	return suite;
}
