/*
 * The model of the caches: a private one for each processor, write-back, lines of 64 bytes in three
 * states (Modified, Shared, Invalid), least recently used out first; a perfect bus between them. It
 * knows nothing of QEMU, so that tests can feed it by hand.
 *
 * A window is what is counted together. Sharing is told true from false as Dubois et al. do (ISCA
 * 1993): a miss after an invalidation is one of true sharing if the processor, for as long as it
 * has the line, touches a byte that another one wrote while it had it not.
 */
#ifndef TOOLS_COHERENCE_MODEL_H
#define TOOLS_COHERENCE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_SHIFT     6
#define LINE_SIZE      (1u << LINE_SHIFT)
#define PROCESSORS_MAX 32

enum line_state {
	LINE_NEVER,   /* this processor has not had it */
	LINE_EVICTED, /* had it, and replaced it by another */
	LINE_LOST,    /* had it, until another processor wrote to it */
	LINE_SHARED,
	LINE_MODIFIED,
};

/* What one processor has of a line. Masks have a bit for each byte. */
struct line_holder {
	uint8_t state;
	uint32_t undecided; /* the window of a miss for another's write, until what was written is
			       touched; 0: none */
	uint64_t used;      /* when, by the count of accesses */
	uint64_t others;    /* bytes that others wrote since the line was lost */
	uint64_t read;      /* in this window */
	uint64_t written;
};

/* What happened to a line, or to a processor, in this window. */
struct counts {
	uint64_t accesses;
	uint64_t cold;
	uint64_t capacity;
	uint64_t coherence; /* misses, of true and false sharing */
	uint64_t false_sharing;
	uint64_t upgrades;  /* writes to a line that others share: no data move */
	uint64_t transfers; /* misses that another processor's modified copy answers */
};

struct line {
	uint32_t number;  /* physical address / LINE_SIZE */
	uint32_t window;  /* of the masks and counts */
	uint64_t virtual; /* of the first access from a program's address, or else of any */
	struct counts counts;
	struct line_holder holders[];
};

struct model {
	unsigned processors;
	unsigned sets, ways;
	uint64_t clock;
	uint32_t window;
	struct line ***pages;  /* by page, by line in it */
	struct line **ways_of; /* [processor][set][way] */
	struct line **touched; /* in this window */
	size_t touched_count, touched_room;
	struct counts counts[PROCESSORS_MAX]; /* of this window */
};

/* `size` in bytes; sets are size / (ways * LINE_SIZE), which must be a power of two. */
bool model_init(struct model *model, unsigned processors, size_t size, unsigned ways);

/* Forgets what was counted; caches keep what they have. */
void model_open_window(struct model *model);

/*
 * An access of `size` bytes at the physical address `address`, which the program or kernel calls
 * `virtual`. An access over the end of a line is two. Returns the (first) line.
 */
struct line *model_access(struct model *model, unsigned processor, uint64_t address,
			  uint64_t virtual, unsigned size, bool store);

/* Whether at least two processors touched the line in this window, and one of them wrote. */
bool model_line_conflicts(const struct model *model, const struct line *line);

/* Whether one of them touched a byte that another one wrote. */
bool model_line_is_true(const struct model *model, const struct line *line);

#endif
