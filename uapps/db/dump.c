/*
 * All objects as text. The types are those that the area has: the program need not know them.
 */
#include "area.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

struct dump {
	const struct area *area;
	FILE *stream;
};

static void put_text(FILE *stream, const char *text, unsigned size)
{
	fputc('"', stream);
	for (unsigned i = 0; i < size && text[i]; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fprintf(stream, "\\%c", text[i]);
		else if (isprint((unsigned char)text[i]))
			fputc(text[i], stream);
		else
			fprintf(stream, "\\%03o", (unsigned char)text[i]);
	}
	fputc('"', stream);
}

static void put_field(FILE *stream, const struct db_field *field, const char *data)
{
	uint64_t number = 0;

	fprintf(stream, " %s=", field->name);
	if (field->kind == DB_TEXT) {
		put_text(stream, data + field->offset, field->size);
	} else if (field->kind == DB_BYTES) {
		for (unsigned i = 0; i < field->size; i++)
			fprintf(stream, "%02x", (unsigned char)data[field->offset + i]);
	} else {
		memcpy(&number, data + field->offset, field->size);
		fprintf(stream, "%" PRIu64, number);
	}
}

static int put_object(void *context, const struct db_record *record)
{
	const struct dump *dump = context;
	const struct db_change *change = db_record_first(record);
	const struct area_type *type = &dump->area->types[change->type];

	fputs(type->name, dump->stream);
	for (uint32_t i = 0; i < type->field_count; i++)
		put_field(dump->stream, &type->fields[i], (const char *)(change + 1));
	fputc('\n', dump->stream);
	return ferror(dump->stream) ? -EIO : 0;
}

int db_dump(struct db *db, FILE *stream)
{
	return db_scan(db, DB_PARTITIONS, put_object, &(struct dump){ db->area, stream });
}
