/*
 * What each shared object, and each program that has such, has of the runtime for itself, since
 * only it knows its functions: their records lie at a distance from the thread pointer that is
 * known when it is loaded. It is never unloaded, since what was collected names its functions.
 */
#include "thread.h"

#include <dlfcn.h>

/* Any variable of the module's thread-local storage, and where it is in there, which is also what
 * descriptions have of records. */
__thread char lopi_module_place __attribute__((visibility("hidden")));
extern const int32_t lopi_module_offset __attribute__((visibility("hidden")));
__asm__(".pushsection .data.lopi_module, \"aw\", @progbits\n"
	".balign 4\n"
	".globl lopi_module_offset\n"
	".hidden lopi_module_offset\n"
	"lopi_module_offset: .long lopi_module_place@dtpoff\n"
	".popsection");

/* Objects ask for the right payload by the first name, and the loader by the second. */
#define PAYLOAD_NAME_(name) lopi_library_of_payload_##name
#define PAYLOAD_NAME(name)  PAYLOAD_NAME_(name)
#define MODULE_NAME_(name)  lopi_module_of_payload_##name
#define MODULE_NAME(name)   MODULE_NAME_(name)

extern const char PAYLOAD_NAME(LOPI_PAYLOAD);
const char *const MODULE_NAME(LOPI_PAYLOAD) __attribute__((used)) = &PAYLOAD_NAME(LOPI_PAYLOAD);

static struct lopi_module module = { .start = __start_lopi_functions,
				     .stop = __stop_lopi_functions };

/* Keeps the shared object loaded. A program is not found by its name, and stays anyway. */
static void stay(void)
{
	Dl_info information;

	if (dladdr(&module, &information))
		dlopen(information.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

__attribute__((constructor(101))) static void add_module(void)
{
	char *place = &lopi_module_place, *pointer;

	__asm__(LOPI_THREAD_POINTER : "=r"(pointer));
	module.distance = place - pointer - lopi_module_offset;
	lopi_module_add(&module);
	stay();
}
