/*
 * The pool of files, and the transactions on it. A transaction is a pair: a file is read or
 * appended to, and one is created or deleted. Which of both, and which file, is chosen at random
 * from the seed, so that the same settings give the same run everywhere.
 */
#include "../common/bench.h"
#include "../common/random.h"
#include "postmark.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME_SIZE 12

struct file {
	uint32_t number; /* its name */
	uint32_t size;
	uint32_t offset; /* of its first byte in the text */
};

struct pool {
	const struct settings *settings;
	const struct store *store;
	struct outcome *outcome;
	uint32_t random;
	uint32_t next_number;
	uint32_t count;
	struct file *files; /* `count` of them, in no order */
};

static struct text text;

void text_make(const struct settings *settings)
{
	uint32_t random = random_start(settings->seed, UINT32_MAX);
	char *bytes;

	text.size = 2 * settings->size_most;
	bytes = malloc(text.size);
	bench_check(bytes != NULL, "memory for the text");
	for (uint32_t i = 0; i < text.size; i++)
		bytes[i] = ' ' + random_below(&random, '~' - ' ' + 1);
	text.bytes = bytes;
}

static void name_of(const struct file *file, char *name)
{
	utoa(file->number, name, 10);
}

static void pool_create_file(struct pool *pool)
{
	const struct settings *settings = pool->settings;
	struct file *file = &pool->files[pool->count++];
	char name[NAME_SIZE];

	file->number = pool->next_number++;
	file->size = settings->size_least +
		     random_below(&pool->random, settings->size_most - settings->size_least + 1);
	file->offset = random_below(&pool->random, settings->size_most);
	name_of(file, name);
	pool->store->create(name, text.bytes + file->offset, file->size, settings->write_block);
	pool->outcome->bytes_written += file->size;
}

static void pool_delete_file(struct pool *pool, uint32_t index)
{
	struct file *file = &pool->files[index];
	char name[NAME_SIZE];

	name_of(file, name);
	bench_check(unlink(name) == 0, "unlink");
	*file = pool->files[--pool->count];
}

static void pool_read_file(struct pool *pool, const struct file *file)
{
	char name[NAME_SIZE];

	name_of(file, name);
	pool->store->read(name, text.bytes + file->offset, file->size, pool->settings->read_block);
	pool->outcome->bytes_read += file->size;
	pool->outcome->read++;
}

/* A file has no more than the largest size. */
static void pool_append_file(struct pool *pool, struct file *file)
{
	const uint32_t room = pool->settings->size_most - file->size;
	char name[NAME_SIZE];
	uint32_t size;

	if (room == 0) {
		pool->outcome->append_full++;
		return;
	}
	size = 1 + random_below(&pool->random, room);
	name_of(file, name);
	pool->store->append(name, text.bytes + file->offset + file->size, size,
			    pool->settings->write_block);
	file->size += size;
	pool->outcome->bytes_written += size;
	pool->outcome->appended++;
}

static bool chance(struct pool *pool, uint32_t bias)
{
	return random_below(&pool->random, BIAS_ALL) < bias;
}

/* With a pool that is empty, only creating makes sense. */
static void pool_transaction(struct pool *pool)
{
	if (pool->count > 0) {
		struct file *file = &pool->files[random_below(&pool->random, pool->count)];
		if (chance(pool, pool->settings->read_bias))
			pool_read_file(pool, file);
		else
			pool_append_file(pool, file);
	}
	if (chance(pool, pool->settings->create_bias) || pool->count == 0) {
		pool_create_file(pool);
		pool->outcome->created++;
	} else {
		pool_delete_file(pool, random_below(&pool->random, pool->count));
		pool->outcome->deleted++;
	}
}

void pool_run(const struct settings *settings, uint32_t process, struct outcome *outcome)
{
	struct pool pool = {
		.settings = settings,
		.store = settings->buffered ? &store_buffered : &store_plain,
		.outcome = outcome,
		.random = random_start(settings->seed, process),
	};

	*outcome = (struct outcome){ 0 };
	pool.files = malloc((settings->files + settings->transactions) * sizeof *pool.files);
	bench_check(pool.files != NULL, "memory for the pool");
	while (pool.count < settings->files)
		pool_create_file(&pool);
	outcome->created_before = pool.count;
	outcome->transactions_start = bench_cycles();
	for (uint32_t i = 0; i < settings->transactions; i++)
		pool_transaction(&pool);
	outcome->transactions_end = bench_cycles();
	outcome->deleted_after = pool.count;
	while (pool.count > 0)
		pool_delete_file(&pool, pool.count - 1);
	free(pool.files);
}
