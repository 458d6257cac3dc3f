/*
 * Opening a database: a file of shared memory, which each process maps once, and a slot of it for
 * each handle. Which slots are alive says the kernel: their processes have record locks on the
 * file, one byte a slot, and one more for who makes the area.
 */
#include "area.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       0xca57db01u
#define MAKERS_BYTE DB_SLOTS

/* All that this process has mapped. They stay, since Castle's munmap() leaves shared pages. */
static struct mapping *mappings;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- record locks --- */

static bool byte_lock(int fd, int byte, short type, int command)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	return fcntl(fd, command, &range) == 0;
}

static bool byte_take(int fd, int byte)
{
	return byte_lock(fd, byte, F_WRLCK, F_SETLK);
}

static void byte_give(int fd, int byte)
{
	byte_lock(fd, byte, F_UNLCK, F_SETLK);
}

/* --- slots --- */

/* Ends what the slot was in the middle of. The caller has its byte. */
static void slot_finish(struct area *area, struct slot *slot)
{
	if (slot->state == DB_ACTIVE) {
		db_slot_undo(area, slot);
		db_store(&slot->state, DB_UNDONE);
	}
	if (slot->state != DB_IDLE)
		db_slot_release(area, slot);
}

bool db_slot_recover(struct mapping *mapping, uint32_t number)
{
	bool dead;

	pthread_mutex_lock(&lock);
	dead = number < DB_SLOTS && !(mapping->own_slots & 1u << number) &&
	       byte_take(mapping->fd, number);
	if (dead) {
		slot_finish(mapping->area, &mapping->area->slots[number]);
		byte_give(mapping->fd, number);
	}
	pthread_mutex_unlock(&lock);
	return dead;
}

int db_recover(struct db *db)
{
	int dead = 0;

	for (uint32_t i = 0; i < DB_SLOTS; i++)
		if (db_load(&db->area->slots[i].state) != DB_IDLE)
			dead += db_slot_recover(db->mapping, i);
	return dead;
}

/* The number of a slot, now this process's; -EBUSY. */
static int slot_take(struct mapping *mapping)
{
	for (int i = 0; i < DB_SLOTS; i++) {
		if (mapping->own_slots & 1u << i || !byte_take(mapping->fd, i))
			continue;
		slot_finish(mapping->area, &mapping->area->slots[i]);
		mapping->own_slots |= 1u << i;
		return i;
	}
	return -EBUSY;
}

/* --- mappings --- */

/* The file's name, for shm_open(), in `path` + 8. False if it is too long. */
static bool name_file(const char *name, char path[sizeof((struct mapping *)0)->name])
{
	if (!*name || strchr(name, '/') || strlen(name) > 40)
		return false;
	strcpy(path, "/dev/shm/db-");
	strcat(path, name);
	return true;
}

static const char *shared_name(const char *path)
{
	return path + strlen("/dev/shm");
}

/* What the process has mapped already, if it is still what has that name. */
static struct mapping *mapping_find(const char *path)
{
	struct stat now, ours;

	if (stat(path, &now) != 0)
		return NULL;
	for (struct mapping *mapping = mappings; mapping; mapping = mapping->next)
		if (strcmp(mapping->name, path) == 0 && fstat(mapping->fd, &ours) == 0 &&
		    now.st_ino == ours.st_ino && now.st_dev == ours.st_dev)
			return mapping;
	return NULL;
}

/* Maps the file, which has its size. NULL with errno. */
static struct area *map_file(int fd, size_t *size)
{
	struct stat status;
	void *memory;

	if (fstat(fd, &status) != 0)
		return NULL;
	*size = status.st_size;
	if (*size < sizeof(struct area)) {
		errno = ENOENT;
		return NULL;
	}
	memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

/* An area that nobody has finished yet is made. The caller has the makers' byte. 0 or an errno. */
static int area_prepare(struct area *area, size_t size, const struct db_type *types, uint32_t count)
{
	int error;

	if (area->magic == MAGIC)
		return types && !db_area_fits(area, types, count) ? EINVAL : 0;
	if (!types)
		return ENOENT;
	error = -db_area_make(area, types, count, size);
	if (!error)
		db_store(&area->magic, MAGIC);
	return error;
}

/* Gives a new file its size, and its pages, which may run out now and not later. */
static int file_prepare(int fd, size_t bytes)
{
	struct stat status;

	if (fstat(fd, &status) != 0 || status.st_size > 0 || !bytes)
		return 0;
	return ftruncate(fd, (bytes + 4095) & ~(size_t)4095) == 0 ? 0 : errno;
}

static int mapping_fill(struct mapping *mapping, const struct db_type *types, uint32_t count,
			size_t bytes)
{
	size_t size;
	int error = file_prepare(mapping->fd, types ? bytes : 0);

	if (error)
		return error;
	mapping->area = map_file(mapping->fd, &size);
	return mapping->area ? area_prepare(mapping->area, size, types, count) : errno;
}

/* NULL with errno. */
static struct mapping *mapping_make(const char *path, const struct db_type *types, uint32_t count,
				    size_t bytes)
{
	struct mapping *mapping = calloc(1, sizeof *mapping);
	int error;

	if (!mapping)
		return NULL;
	strcpy(mapping->name, path);
	mapping->pid = getpid();
	mapping->fd = shm_open(shared_name(path), O_RDWR | (types ? O_CREAT : 0), 0666);
	if (mapping->fd >= 0 && byte_lock(mapping->fd, MAKERS_BYTE, F_WRLCK, F_SETLKW)) {
		error = mapping_fill(mapping, types, count, bytes);
		byte_give(mapping->fd, MAKERS_BYTE);
	} else {
		error = errno;
	}
	if (!error) {
		mapping->next = mappings;
		mappings = mapping;
		return mapping;
	}
	if (mapping->fd >= 0)
		close(mapping->fd);
	free(mapping);
	errno = error;
	return NULL;
}

/* A child has its parent's mappings, but no slots. */
static void mapping_adopt(struct mapping *mapping)
{
	if (mapping->pid == getpid())
		return;
	mapping->pid = getpid();
	mapping->own_slots = 0;
}

static struct mapping *mapping_get(const char *path, const struct db_type *types, uint32_t count,
				   size_t bytes)
{
	struct mapping *mapping = mapping_find(path);

	if (!mapping)
		return mapping_make(path, types, count, bytes);
	mapping_adopt(mapping);
	if (!types || db_area_fits(mapping->area, types, count))
		return mapping;
	errno = EINVAL;
	return NULL;
}

/* --- handles --- */

static struct db *handle_make(struct mapping *mapping, const struct db_type *types)
{
	struct db *db = calloc(1, sizeof *db);
	int slot;

	if (!db)
		return NULL;
	slot = slot_take(mapping);
	if (slot < 0) {
		free(db);
		errno = -slot;
		return NULL;
	}
	db->mapping = mapping;
	db->area = mapping->area;
	db->slot = &mapping->area->slots[slot];
	db->owner = slot + 1;
	db->types = types;
	db->backoff = slot;
	return db;
}

struct db *db_open(const char *name, const struct db_type *types, uint32_t count, size_t bytes)
{
	char path[sizeof((struct mapping *)0)->name];
	struct mapping *mapping;
	struct db *db = NULL;

	if (!name_file(name, path)) {
		errno = EINVAL;
		return NULL;
	}
	pthread_mutex_lock(&lock);
	mapping = mapping_get(path, types, count, bytes);
	if (mapping)
		db = handle_make(mapping, types);
	pthread_mutex_unlock(&lock);
	return db;
}

void db_close(struct db *db)
{
	struct mapping *mapping = db->mapping;

	pthread_mutex_lock(&lock);
	/* A handle that a child has from its parent is not its own. */
	if (mapping->pid == getpid() && mapping->own_slots & 1u << (db->owner - 1)) {
		db_abort(db);
		mapping->own_slots &= ~(1u << (db->owner - 1));
		byte_give(mapping->fd, db->owner - 1);
	}
	pthread_mutex_unlock(&lock);
	free(db->reads);
	free(db);
}

int db_remove(const char *name)
{
	char path[sizeof((struct mapping *)0)->name];

	if (!name_file(name, path))
		return -EINVAL;
	return shm_unlink(shared_name(path)) == 0 ? 0 : -errno;
}
