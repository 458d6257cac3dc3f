/*
 * The Trace Event Format, which browsers' trace viewers and Perfetto read. Its times are
 * microseconds; where it is not known how long a cycle is, they are thousands of cycles.
 */
#include "report_formats.h"

static void print_string(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		fputc(*text, file);
	}
	fputc('"', file);
}

void report_chrome(FILE *file, struct result *result)
{
	size_t count;
	struct result_event *events = result_read_trace(result, &count);
	double unit = result_seconds(result, 1) * 1e6;

	if (unit == 0)
		unit = 1e-3;
	fprintf(file, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
	for (size_t index = 0; index < count; index++) {
		const struct result_event *event = &events[index];

		fprintf(file, "{\"name\":");
		print_string(file, result->functions[event->function].name);
		fprintf(file, ",\"ph\":\"%s\",\"ts\":%.3f,\"pid\":%u,\"tid\":%u}%s\n",
			event->leave ? "E" : "B", (event->time - events[0].time) * unit,
			event->source + 1, event->thread, index + 1 < count ? "," : "");
	}
	fprintf(file, "]}\n");
}
