/*
 * Backups: a head with the types, the objects one after the other while transactions go on, then
 * what the log has gained meanwhile, and a check sum. The records of the log make of objects of
 * different times those of one, its end (a fuzzy dump; Gray and Reuter, Transaction Processing,
 * Section 10.3).
 */
#include "area.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKUP_MAGIC 0xdba0ca57u

struct backup_head {
	uint32_t magic, types;
};

/* What must be the same where it is restored. */
struct backup_type {
	char name[DB_NAME_MAX];
	uint32_t size, key_words;
};

/* Behind the last record: a record of this size, and the check sum of all before. */
#define BACKUP_END 0u

struct writer {
	FILE *file;
	uint32_t sum;
	int error;
};

/* CRC-32 (ISO 3309), four bits at a time. */
static uint32_t sum_add(uint32_t sum, const void *memory, size_t size)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	for (const unsigned char *byte = memory; size-- > 0; byte++) {
		sum ^= *byte;
		sum = sum >> 4 ^ table[sum & 15];
		sum = sum >> 4 ^ table[sum & 15];
	}
	return sum;
}

static void put(struct writer *writer, const void *memory, size_t size)
{
	writer->sum = sum_add(writer->sum, memory, size);
	if (!writer->error && fwrite(memory, 1, size, writer->file) != size)
		writer->error = errno ? -errno : -EIO;
}

static int put_record(void *context, const struct db_record *record)
{
	struct writer *writer = context;

	put(writer, record, record->size);
	return writer->error;
}

static struct backup_type type_head(const struct area_type *type)
{
	struct backup_type head = { .size = type->size, .key_words = type->key_words };

	memcpy(head.name, type->name, sizeof head.name);
	return head;
}

static void put_head(struct writer *writer, const struct area *area)
{
	const struct backup_head head = { BACKUP_MAGIC, area->type_count };

	put(writer, &head, sizeof head);
	for (uint32_t i = 0; i < area->type_count; i++) {
		const struct backup_type type = type_head(&area->types[i]);

		put(writer, &type, sizeof type);
	}
}

/* What was committed since `position`, until there is no more, or as much as there was at first. */
static int put_log(struct writer *writer, struct db *db, uint32_t position)
{
	const uint32_t size = db_log_end(db) - position, start = position;
	struct db_record *record = malloc(DB_RECORD_MAX);
	int result = record ? 1 : -ENOMEM;

	while (result > 0 && position - start < size) {
		result = db_log_read(db, &position, record, DB_RECORD_MAX);
		if (result > 0)
			put(writer, record, result);
	}
	free(record);
	return result == -EOVERFLOW ? -EAGAIN : result < 0 ? result : writer->error;
}

static int save(struct db *db, struct writer *writer)
{
	const uint32_t position = db_log_end(db), end = BACKUP_END;
	int error;

	put_head(writer, db->area);
	error = db_scan(db, DB_PARTITIONS, put_record, writer);
	if (!error)
		error = put_log(writer, db, position);
	put(writer, &end, sizeof end);
	put(writer, &(uint32_t){ writer->sum }, sizeof(uint32_t));
	return error ? error : writer->error;
}

int db_save(struct db *db, const char *path)
{
	struct writer writer = { .file = fopen(path, "wb"), .sum = UINT32_MAX };
	int error;

	if (!writer.file)
		return -errno;
	error = save(db, &writer);
	if (fclose(writer.file) != 0 && !error)
		error = -errno;
	if (error)
		unlink(path);
	return error;
}

/* --- restoring --- */

/* A file in memory. */
struct image {
	char *bytes;
	size_t size, at;
};

/* The next bytes; NULL if there are no more. */
static const void *get(struct image *image, size_t size)
{
	if (size > image->size - image->at)
		return NULL;
	image->at += size;
	return image->bytes + image->at - size;
}

static bool has_head(const struct area *area, struct image *image)
{
	const struct backup_head *head = get(image, sizeof *head);

	if (!head || head->magic != BACKUP_MAGIC || head->types != area->type_count)
		return false;
	for (uint32_t i = 0; i < area->type_count; i++) {
		const struct backup_type ours = type_head(&area->types[i]);
		const struct backup_type *theirs = get(image, sizeof *theirs);

		if (!theirs || memcmp(theirs, &ours, sizeof ours) != 0)
			return false;
	}
	return true;
}

/* The next record; NULL at the end, and where it does not fit. */
static const struct db_record *next_record(struct image *image)
{
	const struct db_record *record = (const void *)(image->bytes + image->at);

	if (image->size - image->at < sizeof *record || record->size < sizeof *record ||
	    record->size % 4)
		return NULL;
	return get(image, record->size);
}

/* Whether its check sum, at the end, is right, with the mark of the end before it. */
static bool is_whole(const struct image *image)
{
	uint32_t tail[2];

	if (image->size < sizeof tail)
		return false;
	memcpy(tail, image->bytes + image->size - sizeof tail, sizeof tail);
	return tail[0] == BACKUP_END &&
	       tail[1] == sum_add(UINT32_MAX, image->bytes, image->size - sizeof tail[1]);
}

static int restore(struct db *db, struct image *image)
{
	const struct db_record *record;
	int error = 0;

	if (!is_whole(image) || !has_head(db->area, image))
		return -EINVAL;
	while (!error && (record = next_record(image)))
		error = db_apply(db, record);
	if (!error && image->size - image->at != 2 * sizeof(uint32_t))
		error = -EINVAL;
	return error;
}

/* Reads all of a file. 0 or a negative errno value. */
static int image_read(struct image *image, FILE *file)
{
	long size;

	if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
		return -errno;
	rewind(file);
	image->size = size;
	image->bytes = malloc(size + 1);
	if (!image->bytes)
		return -ENOMEM;
	return fread(image->bytes, 1, size, file) == (size_t)size ? 0 : -EIO;
}

int db_restore(struct db *db, const char *path)
{
	struct image image = { 0 };
	FILE *file = fopen(path, "rb");
	int error;

	if (!file)
		return -errno;
	error = image_read(&image, file);
	fclose(file);
	if (!error)
		error = restore(db, &image);
	free(image.bytes);
	return error;
}
