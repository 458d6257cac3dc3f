/*
 * From plans to a changed object. For each section of code with instrumented functions there is one
 * of stubs and one of descriptions (lopi_functions), in the same group and kept or dropped with it
 * by linkers; the records of all functions of the object are one array in the thread's storage.
 */
#include "instrument.h"
#include "callers.h"
#include "memory.h"
#include "stub.h"

#include "runtime/record.h"

#include <string.h>

static struct instrumentation *plan_all(struct object *object, const struct plan_wishes *wishes,
					function_filter *wanted, void *argument)
{
	struct instrumentation *new = memory_new(1, sizeof(*new));

	new->analysis = analysis_new(object);
	for (size_t index = 0; index < new->analysis->function_count; index++) {
		struct function *function = &new->analysis->functions[index];

		if (function->is_cold || !wanted(new->analysis, function, argument))
			continue;
		new->plans = memory_grow(new->plans, new->plan_count, sizeof(*new->plans));
		new->plans[new->plan_count++] = plan_function(new->analysis, function, wishes);
	}
	return new;
}

/* An identifier is a byte; with more functions than those can tell apart it is a word
 * (Section 5.3). */
struct instrumentation *instrumentation_plan(struct object *object,
					     const struct plan_wishes *wishes,
					     function_filter *wanted, void *argument)
{
	struct plan_wishes sized = *wishes;
	struct instrumentation *instrumentation;

	sized.entry_size = JUMP_SIZE;
	if (wishes->strategy == STRATEGY_THESIS)
		sized.entry_size += 1 + sizeof(uint8_t);
	instrumentation = plan_all(object, &sized, wanted, argument);
	if (wishes->strategy != STRATEGY_THESIS || instrumentation->plan_count <= UINT8_MAX + 1)
		return instrumentation;
	sized.entry_size = JUMP_SIZE + 1 + sizeof(uint32_t);
	return plan_all(object, &sized, wanted, argument);
}

/* --- records and descriptions --- */

struct registry {
	struct object *object;
	unsigned records, names;
	uint32_t record_symbol, name_symbol, payload_symbol;
	uint32_t count;
	bool switched;
};

static void registry_start(struct registry *registry, struct object *object,
			   const char *payload_tag, enum home home)
{
	registry->object = object;
	registry->count = 0;
	if (home == HOME_KERNEL) {
		registry->records = object_add_section(object, ".cpulocal.lopi", SHT_PROGBITS,
						       SHF_ALLOC | SHF_WRITE, 0);
		registry->record_symbol = object_section_symbol(object, registry->records);
	} else {
		registry->records = object_add_section(object, ".tbss.lopi", SHT_NOBITS,
						       SHF_ALLOC | SHF_WRITE | SHF_TLS, 0);
		registry->record_symbol = object_add_symbol(object, "lopi.records", STB_LOCAL,
							    STT_TLS, registry->records, 0, 0);
	}
	object->sections[registry->records].header.sh_addralign = sizeof(uint64_t);
	registry->names = object_add_section(object, ".rodata.lopi", SHT_PROGBITS, SHF_ALLOC, 0);
	registry->name_symbol = object_section_symbol(object, registry->names);
	registry->payload_symbol = object_undefined_symbol(object, payload_tag, STT_NOTYPE);
}

static struct record registry_new_record(struct registry *registry, bool kernel)
{
	static const struct lopi_record zero;
	struct record record = { registry->record_symbol,
				 registry->count * sizeof(struct lopi_record) };

	registry->count++;
	if (kernel)
		object_append(registry->object, registry->records, &zero, sizeof(zero));
	else
		registry->object->sections[registry->records].size += sizeof(struct lopi_record);
	return record;
}

/* The linker keeps the description exactly if it keeps the code. */
static unsigned add_descriptions(struct object *object, const char *name, unsigned code_section)
{
	unsigned section = object_add_section(object, name, SHT_PROGBITS,
					      SHF_ALLOC | SHF_WRITE | SHF_LINK_ORDER, code_section);

	object->sections[section].header.sh_link = code_section;
	object->sections[section].header.sh_addralign = object_word(object);
	return section;
}

/* A word of a description: what the relocation makes of symbol and addend. */
static void describe_word(struct object *object, unsigned section, uint32_t offset, unsigned type,
			  uint32_t symbol, uint32_t addend)
{
	bytes_put32(object->sections[section].bytes + offset, addend);
	object_add_relocation(object, section, (struct relocation){ offset, symbol, type, addend });
}

static void describe(struct registry *registry, unsigned section, const struct function *function,
		     const struct record *record, unsigned record_relocation)
{
	struct object *object = registry->object;
	static const uint8_t empty[32];
	unsigned address = object_address_relocation(object);
	uint32_t word = object_word(object);
	uint32_t name =
		object_append(object, registry->names, function->name, strlen(function->name) + 1);
	uint32_t start = object_append(object, section, empty, 4 * word);

	describe_word(object, section, start, address, registry->name_symbol, name);
	describe_word(object, section, start + word, address,
		      object_section_symbol(object, function->section), function->start);
	describe_word(object, section, start + 2 * word, record_relocation, record->symbol,
		      record->offset);
	describe_word(object, section, start + 3 * word, address, registry->payload_symbol, 0);
}

/* --- stubs --- */

typedef uint32_t stub_writer(struct code *code, const struct analysis *analysis,
			     const struct plan *plan, const struct payload *payload,
			     const struct record *record);

static stub_writer *const stub_writers[] = {
	[STRATEGY_STATIC] = stub_static,
	[STRATEGY_PAIRED] = stub_paired,
	[STRATEGY_THESIS] = stub_thesis,
};

static void apply_plan(struct code *code, struct registry *registry, unsigned descriptions,
		       struct plan *plan, const struct instrumentation *instrumentation,
		       const struct payload *payload)
{
	struct record record = registry_new_record(registry, code->kernel);
	uint32_t start = code->size, stub;

	code->function = plan->function;
	stub = stub_writers[plan->strategy](code, instrumentation->analysis, plan, payload,
					    &record);
	if (plan->strategy != STRATEGY_THESIS) /* whose stubs are told what has called them */
		plan->stub = code_place(code, stub);
	object_add_symbol(code->object, memory_print("%s.lopi", plan->function->name), STB_LOCAL,
			  STT_FUNC, code->section, start, code->size - start);
	describe(registry, descriptions, plan->function, &record, code_record_relocation(code));
}

/* The plan behind the last one of the same section: functions are in the order of their places. */
static struct plan *section_end(const struct instrumentation *instrumentation, struct plan *first)
{
	const struct plan *end = &instrumentation->plans[instrumentation->plan_count];
	struct plan *plan = first;

	while (plan < end && plan->function->section == first->function->section)
		plan++;
	return plan;
}

static bool has_work(const struct plan *first, const struct plan *end)
{
	for (const struct plan *plan = first; plan < end; plan++) {
		if (!plan->refusal)
			return true;
	}
	return false;
}

static void apply_section(struct instrumentation *instrumentation, struct registry *registry,
			  struct plan *first, const struct plan *end, const struct payload *payload,
			  enum home home)
{
	struct object *object = instrumentation->analysis->object;
	unsigned section = first->function->section;
	unsigned descriptions = add_descriptions(object, "lopi_functions", section);
	struct code code;

	code_start(&code, object, section, home);
	code.keep_flags = !instrumentation->analysis->compiled;
	if (registry->switched)
		code.sites = add_descriptions(object, "lopi_sites", section);
	for (struct plan *plan = first; plan < end; plan++) {
		if (!plan->refusal)
			apply_plan(&code, registry, descriptions, plan, instrumentation, payload);
	}
	code_finish(&code);
}

/*
 * The symbol gets the runtime's name. The old one stays, too, undefined: the runtime goes on to it,
 * if it is there, and the linker has to take it from its library.
 */
static void redirect_symbol(struct object *object, uint32_t index, enum home home)
{
	struct symbol *symbol = &object->symbols[index];
	const char *name = symbol->name;
	unsigned char binding = ELF32_ST_BIND(symbol->elf.st_info);

	symbol->name = memory_print("lopi_%s", name);
	symbol->elf.st_name = 0;
	symbol->elf.st_other = home == HOME_SHARED ? STV_DEFAULT : STV_HIDDEN;
	object_add_symbol(object, name, binding, STT_NOTYPE, SHN_UNDEF, 0, 0);
}

/*
 * Threads that start, functions that are left for good, and what says where the program goes on
 * then, go by the runtime: also where nothing is instrumented, for it is the program that matters.
 */
static void redirect_symbols(struct object *object, enum home home)
{
	static const char *const names[] = {
		"pthread_create",
		"thrd_create",
		"_exit",
		"_Exit",
		"longjmp",
		"_longjmp",
		"siglongjmp",
		"__longjmp_chk",
		"__cxa_throw",
		"__cxa_rethrow",
		"setjmp",
		"_setjmp",
		"__sigsetjmp",
		"__gcc_personality_v0",
		"__gxx_personality_v0",
	};
	uint32_t count = object->symbol_count;

	for (uint32_t index = 1; index < count; index++) {
		const struct symbol *symbol = &object->symbols[index];

		for (size_t name = 0; name < sizeof(names) / sizeof(names[0]); name++) {
			if (symbol->elf.st_shndx == SHN_UNDEF &&
			    strcmp(symbol->name, names[name]) == 0) {
				redirect_symbol(object, index, home);
				break;
			}
		}
	}
}

void instrumentation_apply(struct instrumentation *instrumentation, const struct payload *payload,
			   const char *payload_tag, enum home home, bool switched)
{
	struct object *object = instrumentation->analysis->object;
	struct plan *plan = instrumentation->plans, *next;
	struct registry registry = { .switched = switched };

	for (; plan < &instrumentation->plans[instrumentation->plan_count]; plan = next) {
		next = section_end(instrumentation, plan);
		if (!has_work(plan, next))
			continue;
		if (!registry.object)
			registry_start(&registry, object, payload_tag, home);
		apply_section(instrumentation, &registry, plan, next, payload, home);
	}
	if (registry.object && !switched && home != HOME_KERNEL)
		callers_redirect(instrumentation, home);
	if (registry.object && switched)
		object_undefined_symbol(object, "lopi_switched", STT_NOTYPE);
	if (home != HOME_KERNEL)
		redirect_symbols(object, home);
}
