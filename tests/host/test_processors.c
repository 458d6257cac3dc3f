/*
 * Reading the firmware's tables of processors, good ones and damaged ones.
 */
#include <check.h>
#include <stdint.h>
#include <string.h>
#include "arch/ia32/smp/find.h"
#include "support.h"

static uint8_t table[2048];
static uint32_t size;
static struct processor_list list;

static void put(const void *bytes, uint32_t count)
{
	memcpy(table + size, bytes, count);
	size += count;
}

static void put32(uint32_t word)
{
	put(&word, 4);
}

static void table_start(uint32_t header_size)
{
	memset(table, 0, sizeof table);
	memset(&list, 0, sizeof list);
	size = header_size;
}

static void madt_start(void)
{
	table_start(36);
	put32(0xfee00000);
	put32(1);
}

static void madt_apic(uint8_t apic_id, uint32_t flags)
{
	const uint8_t entry[] = { 0, 8, apic_id, apic_id };

	put(entry, sizeof entry);
	put32(flags);
}

START_TEST(madt)
{
	const uint8_t io_apic[] = { 1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
	const uint8_t x2apic[] = { 9, 16, 0, 0, 77, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0 };
	const uint8_t far_x2apic[] = { 9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0 };

	madt_start();
	madt_apic(0, 1);
	put(io_apic, sizeof io_apic);
	madt_apic(4, 0); /* an empty socket */
	madt_apic(6, 1);
	put(x2apic, sizeof x2apic);
	put(far_x2apic, sizeof far_x2apic);
	ck_assert(madt_read(table, size, &list));
	ck_assert_uint_eq(list.apic_address, 0xfee00000);
	ck_assert_uint_eq(list.count, 3);
	ck_assert_uint_eq(list.apic_ids[0], 0);
	ck_assert_uint_eq(list.apic_ids[1], 6);
	ck_assert_uint_eq(list.apic_ids[2], 77);
	ck_assert_uint_eq(list.left_out, 0);
}
END_TEST

START_TEST(more_than_are_used)
{
	madt_start();
	for (int i = 0; i < 40; i++)
		madt_apic(i, 1);
	ck_assert(madt_read(table, size, &list));
	ck_assert_uint_eq(list.count, CASTLE_CPUS_MAX);
	ck_assert_uint_eq(list.left_out, 8);
}
END_TEST

START_TEST(damaged_madt)
{
	madt_start();
	ck_assert(!madt_read(table, size, &list)); /* nobody in it */
	ck_assert(!madt_read(table, 20, &list));
	madt_apic(0, 1);
	ck_assert(!madt_read(table, size - 1, &list)); /* the last entry reaches beyond the end */
	table[45] = 0; /* an entry of no length would be read for ever */
	ck_assert(!madt_read(table, size, &list));
	table[45] = 1;
	ck_assert(!madt_read(table, size, &list));
	/* Any bytes at all: no crash, no endless loop. */
	for (unsigned seed = 0; seed < 1000; seed++) {
		memset(&list, 0, sizeof list);
		for (uint32_t i = 36; i < 300; i++)
			table[i] = (seed * 7919 + i * 104729) >> (i % 5);
		madt_read(table, 300, &list);
		ck_assert_uint_le(list.count, CASTLE_CPUS_MAX);
	}
}
END_TEST

static void checksum_set(uint32_t at, uint32_t count)
{
	uint8_t sum = 0;

	table[at] = 0;
	for (uint32_t i = 0; i < count; i++)
		sum += table[i];
	table[at] = -sum;
}

static void mp_processor(uint8_t apic_id, uint8_t flags)
{
	const uint8_t entry[20] = { 0, apic_id, 0x14, flags };

	put(entry, sizeof entry);
	table[34]++;
}

/* Fills in what depends on the entries. */
static void mp_finish(void)
{
	const uint32_t address = 0xfee00000;

	memcpy(table, "PCMP", 4);
	memcpy(table + 36, &address, 4);
	table[4] = size & 0xff;
	table[5] = size >> 8;
	checksum_set(7, size);
}

START_TEST(mp_table)
{
	const uint8_t bus[8] = { 1, 0, 'I', 'S', 'A' };

	table_start(44);
	mp_processor(0, 3);
	mp_processor(2, 1);
	mp_processor(3, 0);
	put(bus, sizeof bus);
	table[34]++;
	mp_finish();
	ck_assert(mp_table_read(table, size, &list));
	ck_assert_uint_eq(list.count, 2);
	ck_assert_uint_eq(list.apic_ids[1], 2);
	ck_assert_uint_eq(list.apic_address, 0xfee00000);
}
END_TEST

START_TEST(damaged_mp_table)
{
	table_start(44);
	mp_processor(0, 3);
	table[34] = 9; /* more entries than there are */
	mp_finish();
	ck_assert(!mp_table_read(table, size, &list));
	table[34] = 1;
	ck_assert(!mp_table_read(table, size, &list)); /* the checksum is wrong now */
	mp_finish();
	ck_assert(mp_table_read(table, size, &list));
	ck_assert(!mp_table_read(table, size - 1, &list));
	ck_assert(!mp_table_read(table, 10, &list));
	table[0] = 'X';
	ck_assert(!mp_table_read(table, size, &list));
}
END_TEST

START_TEST(mp_pointer)
{
	table_start(0);
	ck_assert_ptr_null(mp_pointer_find(table, sizeof table));
	memcpy(table + 512, "_MP_", 4);
	ck_assert_ptr_null(mp_pointer_find(table, sizeof table)); /* no checksum */
	table[512 + 8] = 1;
	table[512 + 10] = -(uint8_t)('_' + 'M' + 'P' + '_' + 1);
	ck_assert_ptr_eq(mp_pointer_find(table, sizeof table), table + 512);
	ck_assert_ptr_null(mp_pointer_find(table, 512 + 15));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("processors");
	TCase *tests = tcase_create("processors");

	tcase_add_test(tests, madt);
	tcase_add_test(tests, more_than_are_used);
	tcase_add_test(tests, damaged_madt);
	tcase_add_test(tests, mp_table);
	tcase_add_test(tests, damaged_mp_table);
	tcase_add_test(tests, mp_pointer);
	suite_add_tcase(suite, tests);
	return suite;
}
