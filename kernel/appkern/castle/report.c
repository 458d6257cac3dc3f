/*
 * Counts by processor and in all. The text is made anew for each read, so a program that wants it
 * consistent reads it at once.
 */
#include "kernel/appkern/castle/report.h"

#include <castle/errno.h>
#include <stddef.h>
#include "kernel/appkern/migrate.h"
#include "kernel/appkern/ia32/machine.h"
#include "kernel/appkern/thread.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"

#define HEADING \
	"cpu apic running switches calls local faults repaired exceptions directories idle\n"

static size_t line_print(char *text, size_t size, const struct application_processor *processor)
{
	const struct application_counts *counts = &processor->counts;
	const struct application_thread *current = processor->current;

	ksnprintf(text, size, "%3u %4u %7d %8u %5u %5u %6u %8u %10u %11u %3u%%\n",
		  processor->number, processor->apic_id, current ? current->pid : 0,
		  counts->switches, counts->calls_forwarded, counts->calls_local,
		  counts->faults_forwarded, counts->faults_repaired, counts->exceptions_forwarded,
		  counts->directories_made,
		  counts->ticks ? counts->idle_ticks * 100 / counts->ticks : 0);
	return strlen(text);
}

static size_t report_print(char *text, size_t size)
{
	size_t used;

	ksnprintf(text, size, HEADING);
	used = strlen(text);
	for (uint32_t i = 1; i <= application_processor_count; i++)
		used += line_print(text + used, size - used, application_processors[i]);
	ksnprintf(text + used, size - used,
		  "application threads %u, moved to the boot processor %u, sent back %u\n",
		  application_thread_count, migrate_count_away, migrate_count_back);
	return used + strlen(text + used);
}

int report_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	char *text = page_alloc();
	size_t length;
	int result = 0;

	assert_held(driver);
	if (!text)
		return -ENOMEM;
	length = report_print(text, PAGE_SIZE);
	if (file->offset < length) {
		if (size > length - file->offset)
			size = length - file->offset;
		result = copy_to_user(buffer, text + file->offset, size);
		if (!result) {
			file->offset += size;
			result = size;
		}
	}
	page_free(text);
	return result;
}
