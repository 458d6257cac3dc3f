/*
 * Writes a window's counts, and the lines that processors fought over (report.h). Names are
 * tools/conflicts' affair; what that needs of the guest's memory is added: a kernel page's first
 * words, which tell a slab, and the cache that the slab belongs to.
 */
#include "report.h"
#include "qemu_plugin.h"

#define KERNEL_END \
	0x40000000u /* CASTLE_KERNEL_END: up to here a virtual address is a physical one */
#define PAGE_SIZE   4096u
#define SLAB_WORDS  5 /* struct slab (kernel/mem/slab.c); the last one points to its cache */
#define CACHE_WORDS 3 /* struct slab_cache: name, object_size, align */
#define NAME_LENGTH 16

static bool read_guest(uint32_t address, void *buffer, size_t size)
{
	return cpu_memory_rw_debug && address >= PAGE_SIZE && address < KERNEL_END &&
	       !cpu_memory_rw_debug(qemu_get_cpu(0), address, buffer, size, false);
}

static void report_slab(FILE *output, uint32_t address)
{
	uint32_t slab[SLAB_WORDS], cache[CACHE_WORDS];
	char name[NAME_LENGTH + 1] = "";

	if (!read_guest(address & -PAGE_SIZE, slab, sizeof slab) ||
	    !read_guest(slab[SLAB_WORDS - 1], cache, sizeof cache) ||
	    !read_guest(cache[0], name, NAME_LENGTH))
		return;
	for (const char *c = name; *c; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
			return;
	fprintf(output,
		", \"slab\": {\"cache\": %u, \"name\": \"%s\", \"size\": %u, \"align\": %u}",
		slab[SLAB_WORDS - 1], name, cache[1], cache[2]);
}

static void report_counts(FILE *output, const struct counts *counts)
{
	fprintf(output,
		"\"accesses\": %llu, \"cold\": %llu, \"capacity\": %llu, \"coherence\": %llu, "
		"\"false_sharing\": %llu, \"upgrades\": %llu, \"transfers\": %llu",
		(unsigned long long)counts->accesses, (unsigned long long)counts->cold,
		(unsigned long long)counts->capacity, (unsigned long long)counts->coherence,
		(unsigned long long)counts->false_sharing, (unsigned long long)counts->upgrades,
		(unsigned long long)counts->transfers);
}

static void report_holders(FILE *output, const struct model *model, const struct line *line)
{
	const char *between = "";

	fprintf(output, ", \"holders\": [");
	for (unsigned i = 0; i < model->processors; i++) {
		const struct line_holder *holder = &line->holders[i];

		if (!(holder->read | holder->written))
			continue;
		fprintf(output, "%s{\"cpu\": %u, \"read\": \"%016llx\", \"written\": \"%016llx\"}",
			between, i, (unsigned long long)holder->read,
			(unsigned long long)holder->written);
		between = ", ";
	}
	fprintf(output, "]");
}

static int number_order(uint32_t left, uint32_t right)
{
	return left < right ? -1 : left > right;
}

/* The sites of one line are together: the first of them, by halving. */
static size_t first_site(const struct sites *sites, size_t count, uint32_t line)
{
	size_t low = 0, high = count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (number_order(sites->table[middle].line, line) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void report_sites(FILE *output, const struct sites *sites, size_t count, uint32_t line)
{
	const char *between = "";

	fprintf(output, ", \"sites\": [");
	for (size_t i = first_site(sites, count, line); i < count && sites->table[i].line == line;
	     i++) {
		const struct site *site = &sites->table[i];

		fprintf(output, "%s[%u, %u, %u, %u]", between, site->processor, site->code,
			site->store, site->count);
		between = ", ";
	}
	fprintf(output, "]");
}

static void report_line(FILE *output, const struct model *model, const struct line *line,
			const struct sites *sites, size_t site_count)
{
	fprintf(output, "{\"address\": %u, \"virtual\": %u, \"true\": %s, ",
		line->number << LINE_SHIFT, (uint32_t)line->virtual,
		model_line_is_true(model, line) ? "true" : "false");
	report_counts(output, &line->counts);
	report_slab(output, line->number << LINE_SHIFT);
	report_holders(output, model, line);
	report_sites(output, sites, site_count, line->number);
	fprintf(output, "}");
}

void report_window(FILE *output, const char *name, const struct model *model, struct sites *sites,
		   const uint64_t *instructions)
{
	const size_t site_count = sites_sort(sites);
	const char *between = "";

	fprintf(output, "{\"window\": \"");
	for (; *name; name++)
		if (*name >= ' ' && *name <= '~' && *name != '"' && *name != '\\')
			fputc(*name, output);
	fprintf(output, "\", \"processors\": [");
	for (unsigned i = 0; i < model->processors; i++) {
		fprintf(output, "%s{\"instructions\": %llu, ", i ? ", " : "",
			(unsigned long long)instructions[i]);
		report_counts(output, &model->counts[i]);
		fprintf(output, "}");
	}
	fprintf(output, "], \"lines\": [");
	for (size_t i = 0; i < model->touched_count; i++)
		if (model_line_conflicts(model, model->touched[i])) {
			fprintf(output, "%s", between);
			report_line(output, model, model->touched[i], sites, site_count);
			between = ", ";
		}
	fprintf(output, "]}\n");
	fflush(output);
}
