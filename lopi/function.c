/*
 * Finding and decoding functions. A function is what a symbol of type STT_FUNC says; code outside
 * all of them is decoded too, as far as it goes, because it may branch into them.
 */
#include "function.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

unsigned analysis_marks(const struct analysis *analysis, unsigned section, uint32_t start,
			uint32_t end)
{
	unsigned marks = 0;

	if (!object_is_code(analysis->object, section))
		return 0;
	for (uint32_t offset = start; offset < end; offset++) {
		if (offset < analysis->object->sections[section].size + ANALYSIS_ROOM)
			marks |= analysis->marks[section][offset];
	}
	return marks;
}

void analysis_claim(struct analysis *analysis, unsigned section, uint32_t start, uint32_t end)
{
	for (uint32_t offset = start; offset < end; offset++)
		analysis->marks[section][offset] |= MARK_CLAIMED;
}

static bool is_inside(const struct function *function, const struct place *place)
{
	return place->section == function->section && place->offset >= function->start &&
	       place->offset < function->end;
}

bool function_contains(const struct function *function, const struct place *place)
{
	return is_inside(function, place) || (function->cold && is_inside(function->cold, place));
}

bool function_has_name(const struct analysis *analysis, const struct function *function,
		       bool (*matches)(const char *name, void *argument), void *argument)
{
	for (size_t index = 0; index < function->name_count; index++) {
		uint32_t symbol = analysis->names[function->first_name + index];

		if (matches(analysis->object->symbols[symbol].name, argument))
			return true;
	}
	return false;
}

const struct instruction *function_instruction_at(const struct function *function, uint32_t offset)
{
	size_t low = 0, high = function->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (function->code[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < function->count && function->code[low].offset == offset)
		return &function->code[low];
	return NULL;
}

/* --- decoding --- */

static void mark(struct analysis *analysis, const struct place *place, unsigned what)
{
	if (object_is_code(analysis->object, place->section) &&
	    place->offset < analysis->object->sections[place->section].size)
		analysis->marks[place->section][place->offset] |= what;
}

/* Notes that code or data has the address of data. */
static void refer(struct analysis *analysis, const struct place *place)
{
	if (place->section && analysis->referenced[place->section] &&
	    place->offset < analysis->object->sections[place->section].size)
		analysis->referenced[place->section][place->offset] = true;
}

static void mark_target(struct analysis *analysis, const struct instruction *instruction)
{
	if (instruction_has_target(instruction))
		mark(analysis, &instruction->target, MARK_BRANCH);
	mark(analysis, &instruction->address, MARK_LABEL);
	refer(analysis, &instruction->address);
}

static void decode_function(struct analysis *analysis, struct function *function)
{
	uint32_t offset = function->start;

	while (offset < function->end) {
		struct instruction instruction;

		if (!instruction_decode(analysis->object, function->section, offset, function->end,
					&instruction)) {
			function->unusable = "it contains bytes that are no instruction";
			return;
		}
		if (instruction.unwritable)
			function->unusable = "it contains an instruction that is not understood";
		function->code =
			memory_grow(function->code, function->count, sizeof(*function->code));
		function->code[function->count++] = instruction;
		mark_target(analysis, &instruction);
		offset += instruction.length;
	}
}

/* Code that belongs to no function; where it makes no sense it is data. */
static void decode_gaps(struct analysis *analysis, unsigned section)
{
	uint32_t offset = 0, size = analysis->object->sections[section].size;

	while (offset < size) {
		struct instruction instruction;

		if ((analysis->marks[section][offset] & MARK_COVERED) ||
		    !instruction_decode(analysis->object, section, offset, size, &instruction)) {
			offset++;
			continue;
		}
		mark_target(analysis, &instruction);
		offset += instruction.length;
	}
}

static int compare_functions(const void *one, const void *other)
{
	const struct function *a = one, *b = other;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->symbol < b->symbol ? -1 : 1;
}

/* Of several symbols at one place, the last is the global one, whose name people know. */
static void merge_aliases(struct analysis *analysis)
{
	size_t kept = 0;

	analysis->names = memory_new(analysis->function_count, sizeof(*analysis->names));
	for (size_t index = 0; index < analysis->function_count; index++) {
		struct function *function = &analysis->functions[index];
		struct function *previous = kept ? &analysis->functions[kept - 1] : NULL;

		analysis->names[index] = function->symbol;
		function->first_name = index;
		function->name_count = 1;
		if (previous && previous->section == function->section &&
		    previous->start == function->start) {
			if (function->end > previous->end)
				previous->end = function->end;
			previous->name_count++;
			previous->name = function->name;
			previous->symbol = function->symbol;
			continue;
		}
		if (previous && previous->section == function->section &&
		    previous->end > function->start)
			previous->unusable = "another function starts inside it";
		analysis->functions[kept++] = *function;
	}
	analysis->function_count = kept;
}

static void find_functions(struct analysis *analysis)
{
	struct object *object = analysis->object;

	for (uint32_t index = 1; index < object->symbol_count; index++) {
		const struct symbol *symbol = &object->symbols[index];
		unsigned type = ELF32_ST_TYPE(symbol->elf.st_info);
		struct function *function;

		if (!object_is_code(object, symbol->elf.st_shndx))
			continue;
		if (type != STT_SECTION && type != STT_FILE)
			mark(analysis,
			     &(struct place){ symbol->elf.st_shndx, symbol->elf.st_value, index },
			     type == STT_GNU_IFUNC ? MARK_START | MARK_RESOLVER : MARK_START);
		if (type != STT_FUNC)
			continue;
		analysis->functions = memory_grow(analysis->functions, analysis->function_count,
						  sizeof(*analysis->functions));
		function = &analysis->functions[analysis->function_count++];
		function->name = symbol->name;
		function->symbol = index;
		function->section = symbol->elf.st_shndx;
		function->start = symbol->elf.st_value;
		function->end = function->start + symbol->elf.st_size;
		if (symbol->elf.st_size == 0)
			function->unusable = "its size is not known";
	}
	if (analysis->function_count)
		qsort(analysis->functions, analysis->function_count, sizeof(*analysis->functions),
		      compare_functions);
	merge_aliases(analysis);
}

/* --- cold parts --- */

static int compare_names(const void *one, const void *other)
{
	const struct function *a = *(struct function *const *)one;
	const struct function *b = *(struct function *const *)other;
	int order = strcmp(a->name, b->name);

	return order ? order : (a > b) - (a < b);
}

/* The functions by their names; of one name, in their order. */
static struct function **sort_by_name(struct analysis *analysis)
{
	struct function **sorted = memory_new(analysis->function_count, sizeof(*sorted));

	for (size_t index = 0; index < analysis->function_count; index++)
		sorted[index] = &analysis->functions[index];
	if (analysis->function_count)
		qsort(sorted, analysis->function_count, sizeof(*sorted), compare_names);
	return sorted;
}

/* Of several functions of that name the last one. */
static struct function *find_function(struct function *const *sorted, size_t count,
				      const char *name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(sorted[middle]->name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && strcmp(sorted[low - 1]->name, name) == 0 ? sorted[low - 1] : NULL;
}

/* GCC calls the part of NAME that it moves to .text.unlikely NAME.cold, or NAME.cold.N. */
static void attach_cold_parts(struct analysis *analysis)
{
	struct function **sorted = sort_by_name(analysis);

	for (size_t index = 0; index < analysis->function_count; index++) {
		struct function *cold = &analysis->functions[index], *owner;
		const char *suffix = strstr(cold->name, ".cold");

		if (!suffix || (suffix[5] != '\0' && suffix[5] != '.'))
			continue;
		cold->is_cold = true;
		owner = find_function(sorted, analysis->function_count,
				      memory_print("%.*s", (int)(suffix - cold->name), cold->name));
		if (!owner || owner == cold)
			continue;
		if (owner->cold)
			owner->unusable = "it has more than one cold part";
		owner->cold = cold;
		if (cold->unusable)
			owner->unusable = cold->unusable;
	}
}

/* --- labels --- */

static bool has_labels(const struct object *object, unsigned index)
{
	const struct section *section = &object->sections[index];

	return (section->header.sh_flags & SHF_ALLOC) && strcmp(section->name, ".eh_frame") != 0;
}

/*
 * x86-64's compilers make tables of distances from the table to labels, and a relocation says how
 * far the label is from the entry. So it matters where the table starts: where code refers to, in
 * the same row of entries. Where there are several such places, all count.
 */
static void mark_entry(struct analysis *analysis, unsigned section,
		       const struct relocation *relocation, const struct place *place)
{
	const struct section *data = &analysis->object->sections[section];
	const struct relocation *first = relocation;
	bool found = false;

	for (;; first--) {
		struct place label = *place;

		label.offset -= relocation->offset - first->offset;
		if (analysis->referenced[section] && analysis->referenced[section][first->offset]) {
			mark(analysis, &label, MARK_LABEL);
			found = true;
		}
		if (first == data->relocations || first[-1].offset + 4 != first->offset ||
		    !relocation_is_distance(&first[-1]))
			break;
	}
	analysis->relative_labels |= !found;
}

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && strcmp(name + length - tail, end) == 0;
}

/*
 * Whether the section is one of Castle's tables of what its kernel overwrites when it starts. A
 * jump at a function's start takes the place of the function, and may take that of another jump.
 */
static bool is_patched(const struct analysis *analysis, unsigned section, const struct place *place)
{
	const char *name = analysis->object->sections[section].name;
	bool starts = analysis_marks(analysis, place->section, place->offset, place->offset + 1) &
		      MARK_START;

	return ends_in(name, "_prefixes") || (ends_in(name, "_patches") && !starts);
}

static void mark_label(struct analysis *analysis, unsigned section,
		       const struct relocation *relocation)
{
	const struct object *object = analysis->object;
	struct place place;

	if (!object_resolve(object, relocation, 0, &place) ||
	    !object_is_code(object, place.section))
		return;
	if (object_is_address(object, relocation))
		mark(analysis, &place,
		     is_patched(analysis, section, &place) ? MARK_LABEL | MARK_PATCHED
							   : MARK_LABEL);
	else if (!object_is_code(object, section) && relocation_is_distance(relocation))
		mark_entry(analysis, section, relocation, &place);
}

/* Where addresses of data are; code's distances to data are known already. */
static void refer_all(struct analysis *analysis, unsigned section)
{
	const struct object *object = analysis->object;

	for (size_t index = 0; index < object->sections[section].relocation_count; index++) {
		const struct relocation *relocation = &object->sections[section].relocations[index];
		struct place place;

		if (object_is_address(object, relocation) &&
		    object_resolve(object, relocation, 0, &place))
			refer(analysis, &place);
	}
}

static void mark_labels(struct analysis *analysis)
{
	const struct object *object = analysis->object;

	for (unsigned section = 1; section < object->section_count; section++) {
		if (has_labels(object, section))
			refer_all(analysis, section);
	}
	for (unsigned section = 1; section < object->section_count; section++) {
		if (!has_labels(object, section))
			continue;
		for (size_t index = 0; index < object->sections[section].relocation_count; index++)
			mark_label(analysis, section,
				   &object->sections[section].relocations[index]);
	}
}

/* --- handlers --- */

/*
 * The unwind entry at `at`: two relocations say which code it is of, and where its handlers' table
 * is, if it has one.
 */
static void read_entry(struct analysis *analysis, unsigned section, uint32_t at, uint32_t end)
{
	const struct object *object = analysis->object;
	const struct relocation *code = object_relocation_in(object, section, at + 8, at + 12);
	struct place place;

	if (code && !object_relocation_in(object, section, at + 12, end) &&
	    object_resolve(object, code, 0, &place))
		mark(analysis, &place, MARK_PASSED);
}

static void read_entries(struct analysis *analysis, unsigned section)
{
	const struct section *entries = &analysis->object->sections[section];
	uint32_t at = 0;

	while (entries->bytes && entries->size - at >= 16) {
		uint32_t size = bytes_get32(entries->bytes + at);

		if (size < 12 || size > entries->size - at - 4)
			return;
		if (bytes_get32(entries->bytes + at + 4) != 0) /* not one that others share */
			read_entry(analysis, section, at, at + 4 + size);
		at += 4 + size;
	}
}

static void find_handlers(struct analysis *analysis)
{
	for (unsigned section = 1; section < analysis->object->section_count; section++) {
		if (strcmp(analysis->object->sections[section].name, ".eh_frame") == 0)
			read_entries(analysis, section);
	}
}

bool function_handles(const struct analysis *analysis, const struct function *function)
{
	if (!analysis->exceptions)
		return false;
	return !(analysis->marks[function->section][function->start] & MARK_PASSED) ||
	       (function->cold && function_handles(analysis, function->cold));
}

/* Whether the object has what coroutines are made of, the C library's or Boost's. */
static bool switches_stacks(const struct object *object)
{
	static const char *const names[] = { "swapcontext", "setcontext", "makecontext",
					     "jump_fcontext", "make_fcontext" };

	for (uint32_t index = 1; index < object->symbol_count; index++) {
		for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name++) {
			if (strcmp(object->symbols[index].name, names[name]) == 0)
				return true;
		}
	}
	return false;
}

static void cover(struct analysis *analysis, const struct function *function)
{
	for (uint32_t offset = function->start; offset < function->end; offset++)
		analysis->marks[function->section][offset] |= MARK_COVERED;
}

struct analysis *analysis_new(struct object *object)
{
	struct analysis *analysis = memory_new(1, sizeof(*analysis));

	analysis->object = object;
	analysis->exceptions = object_find_section(object, ".gcc_except_table*") != 0;
	analysis->compiled = object_find_section(object, ".comment") != 0;
	analysis->split_stack = object_find_section(object, ".note.GNU-split-stack") != 0;
	analysis->switches_stacks = switches_stacks(object);
	analysis->marks = memory_new(object->section_count, sizeof(*analysis->marks));
	analysis->referenced = memory_new(object->section_count, sizeof(*analysis->referenced));
	for (unsigned section = 1; section < object->section_count; section++) {
		if (object_is_code(object, section))
			analysis->marks[section] =
				memory_new(object->sections[section].size + ANALYSIS_ROOM, 1);
		else if (object->wide && object->sections[section].relocation_count)
			analysis->referenced[section] =
				memory_new(object->sections[section].size + ANALYSIS_ROOM, 1);
	}
	find_functions(analysis);
	for (size_t index = 0; index < analysis->function_count; index++) {
		cover(analysis, &analysis->functions[index]);
		decode_function(analysis, &analysis->functions[index]);
	}
	for (unsigned section = 1; section < object->section_count; section++) {
		if (analysis->marks[section])
			decode_gaps(analysis, section);
	}
	attach_cold_parts(analysis);
	mark_labels(analysis);
	find_handlers(analysis);
	return analysis;
}
