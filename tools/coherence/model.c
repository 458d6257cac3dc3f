/*
 * The caches and their lines (model.h).
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT     12
#define PAGES          (1u << (32 - PAGE_SHIFT))
#define LINES_PER_PAGE (1u << (PAGE_SHIFT - LINE_SHIFT))

bool model_init(struct model *model, unsigned processors, size_t size, unsigned ways)
{
	const size_t sets = ways ? size / (ways * LINE_SIZE) : 0;

	if (processors > PROCESSORS_MAX || !sets || (sets & (sets - 1)) ||
	    sets * ways * LINE_SIZE != size)
		return false;
	*model = (struct model){ .processors = processors, .sets = sets, .ways = ways };
	model->pages = calloc(PAGES, sizeof *model->pages);
	model->ways_of = calloc(processors * sets * ways, sizeof(struct line *));
	model->window = 1;
	return model->pages && model->ways_of;
}

void model_open_window(struct model *model)
{
	model->window++;
	model->touched_count = 0;
	memset(model->counts, 0, sizeof model->counts);
}

static struct line *line_create(struct model *model, uint32_t number)
{
	struct line *line =
		calloc(1, sizeof *line + model->processors * sizeof(struct line_holder));

	if (!line)
		abort();
	line->number = number;
	return line;
}

static struct line *line_find(struct model *model, uint32_t number)
{
	struct line ***page = &model->pages[number / LINES_PER_PAGE];
	struct line **line;

	if (!*page && !(*page = calloc(LINES_PER_PAGE, sizeof **page)))
		abort();
	line = &(*page)[number % LINES_PER_PAGE];
	if (!*line)
		*line = line_create(model, number);
	return *line;
}

/* The first touch in a window: what the line knows of an earlier one is over. */
static void line_enter_window(struct model *model, struct line *line)
{
	line->window = model->window;
	line->virtual = 0;
	line->counts = (struct counts){ 0 };
	for (unsigned i = 0; i < model->processors; i++)
		line->holders[i].read = line->holders[i].written = 0;
	if (model->touched_count == model->touched_room) {
		model->touched_room = model->touched_room ? 2 * model->touched_room : 1024;
		model->touched =
			realloc(model->touched, model->touched_room * sizeof *model->touched);
		if (!model->touched)
			abort();
	}
	model->touched[model->touched_count++] = line;
}

/* A place for the line in the processor's cache: a free one, or that of the one not used for
 * longest. */
static void cache_insert(struct model *model, unsigned processor, struct line *line)
{
	struct line **set = &model->ways_of[(processor * model->sets + line->number % model->sets) *
					    model->ways];
	struct line **place = set;

	for (unsigned i = 0; i < model->ways; i++) {
		if (!set[i] || set[i]->holders[processor].state < LINE_SHARED) {
			place = &set[i];
			break;
		}
		if (set[i]->holders[processor].used < (*place)->holders[processor].used)
			place = &set[i];
	}
	if (*place && *place != line && (*place)->holders[processor].state >= LINE_SHARED)
		(*place)->holders[processor].state = LINE_EVICTED;
	/* The line may still be where it was before it was lost: there is one place for it only. */
	for (unsigned i = 0; i < model->ways; i++)
		if (set[i] == line)
			set[i] = NULL;
	*place = line;
}

/* How the miss is counted: once for the processor, once for the line. */
static void count_miss(struct counts *counts, unsigned state, bool transfer)
{
	counts->cold += state == LINE_NEVER;
	counts->capacity += state == LINE_EVICTED;
	counts->coherence += state == LINE_LOST;
	counts->false_sharing += state == LINE_LOST; /* until a byte shows the contrary */
	counts->transfers += transfer;
}

static bool modified_elsewhere(const struct model *model, const struct line *line,
			       unsigned processor)
{
	for (unsigned i = 0; i < model->processors; i++)
		if (i != processor && line->holders[i].state == LINE_MODIFIED)
			return true;
	return false;
}

static void miss(struct model *model, unsigned processor, struct line *line)
{
	struct line_holder *holder = &line->holders[processor];
	const bool transfer = modified_elsewhere(model, line, processor);

	count_miss(&model->counts[processor], holder->state, transfer);
	count_miss(&line->counts, holder->state, transfer);
	holder->undecided = holder->state == LINE_LOST ? model->window : 0;
	if (holder->state != LINE_LOST)
		holder->others = 0;
	cache_insert(model, processor, line);
	/* A modified copy goes to memory on the way, and is a shared one from now on. */
	for (unsigned i = 0; i < model->processors; i++)
		if (i != processor && line->holders[i].state == LINE_MODIFIED)
			line->holders[i].state = LINE_SHARED;
	holder->state = LINE_SHARED;
}

/* The others' copies are void; the bytes are news to everyone who once had the line. */
static bool invalidate(struct model *model, unsigned processor, struct line *line, uint64_t bytes)
{
	bool shared = false;

	for (unsigned i = 0; i < model->processors; i++) {
		struct line_holder *other = &line->holders[i];

		if (i == processor)
			continue;
		if (other->state >= LINE_SHARED) {
			shared = true;
			other->state = LINE_LOST;
			other->others = 0;
		}
		if (other->state == LINE_LOST)
			other->others |= bytes;
	}
	return shared;
}

static void write_line(struct model *model, unsigned processor, struct line *line, uint64_t bytes,
		       bool missed)
{
	struct line_holder *holder = &line->holders[processor];

	/* While it is modified here nobody has it, but those who lost it must learn of each byte.
	 */
	if (invalidate(model, processor, line, bytes) && !missed) {
		model->counts[processor].upgrades++;
		line->counts.upgrades++;
	}
	holder->state = LINE_MODIFIED;
}

static void decide_sharing(struct model *model, unsigned processor, struct line *line,
			   uint64_t bytes)
{
	struct line_holder *holder = &line->holders[processor];

	if (!holder->undecided || !(holder->others & bytes))
		return;
	if (holder->undecided == model->window) {
		model->counts[processor].false_sharing--;
		line->counts.false_sharing--;
	}
	holder->undecided = 0;
}

static struct line *access_line(struct model *model, unsigned processor, uint32_t number,
				uint64_t bytes, bool store)
{
	struct line *line = line_find(model, number);
	struct line_holder *holder = &line->holders[processor];
	const bool missed = holder->state < LINE_SHARED;

	if (line->window != model->window)
		line_enter_window(model, line);
	model->counts[processor].accesses++;
	line->counts.accesses++;
	if (missed)
		miss(model, processor, line);
	decide_sharing(model, processor, line, bytes);
	if (store)
		write_line(model, processor, line, bytes, missed);
	*(store ? &holder->written : &holder->read) |= bytes;
	holder->used = ++model->clock;
	return line;
}

static uint64_t mask_of(unsigned offset, unsigned size)
{
	return (size >= LINE_SIZE ? ~0ull : (1ull << size) - 1) << offset;
}

struct line *model_access(struct model *model, unsigned processor, uint64_t address,
			  uint64_t virtual, unsigned size, bool store)
{
	const unsigned offset = address % LINE_SIZE;
	const unsigned here = offset + size > LINE_SIZE ? LINE_SIZE - offset : size;
	struct line *line =
		access_line(model, processor, address >> LINE_SHIFT, mask_of(offset, here), store);

	if (!line->virtual || (virtual != address && line->virtual == address - offset))
		line->virtual = virtual - offset;
	/* Beyond the page's end, the next virtual page may be anywhere: that rest is left out. */
	if (here < size && (address + here) % (1u << PAGE_SHIFT))
		access_line(model, processor, (address >> LINE_SHIFT) + 1, mask_of(0, size - here),
			    store)
			->virtual = virtual + here;
	return line;
}

bool model_line_conflicts(const struct model *model, const struct line *line)
{
	unsigned touched = 0, wrote = 0;

	for (unsigned i = 0; i < model->processors; i++) {
		touched += (line->holders[i].read | line->holders[i].written) != 0;
		wrote += line->holders[i].written != 0;
	}
	return touched > 1 && wrote > 0;
}

bool model_line_is_true(const struct model *model, const struct line *line)
{
	for (unsigned i = 0; i < model->processors; i++)
		for (unsigned j = 0; j < model->processors; j++)
			if (i != j && line->holders[i].written &
					      (line->holders[j].read | line->holders[j].written))
				return true;
	return false;
}
