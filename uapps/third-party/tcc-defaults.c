/*
 * What tcc does in Castle unless told: programs are linked as a whole, to where Castle runs those that are files
 * (kernel/proc/made_package.c). Linked into tcc in front of its own tcc_new().
 */
#include <castle/address_map.h>

#define STRING(value)     #value
#define STRING_OF(value)  STRING(value)

struct TCCState;

/* tcc's own (libtcc.h). */
void tcc_set_options(struct TCCState *state, const char *options);
int tcc_add_symbol(struct TCCState *state, const char *name, const void *value);
struct TCCState *__real_tcc_new(void);
int __real_tcc_run(struct TCCState *state, int argc, char **argv);

struct TCCState *__wrap_tcc_new(void);
int __wrap_tcc_run(struct TCCState *state, int argc, char **argv);

struct TCCState *__wrap_tcc_new(void)
{
	struct TCCState *state = __real_tcc_new();

	if (state)
		tcc_set_options(state, "-static -Wl,-Ttext=" STRING_OF(CASTLE_DATA_BASE));
	return state;
}

/*
 * A program that is run where it was compiled has a second C library beside tcc's own. What a process has one of, open streams,
 * the heap and what is done at its end, is tcc's for both.
 */
#define SHARED(share)                                                                                            \
	share(__sf) share(__sinit) share(__sfp) share(__sfmoreglue) share(_cleanup) share(_cleanup_r)            \
	share(__sfp_lock_acquire) share(__sfp_lock_release) share(__sinit_lock_acquire)                          \
	share(__sinit_lock_release) share(__fp_lock_all) share(__fp_unlock_all) share(malloc) share(free)        \
	share(calloc) share(realloc) share(_malloc_r) share(_free_r) share(_calloc_r) share(_realloc_r)          \
	share(_sbrk_r) share(exit) share(_exit) share(__call_exitprocs) share(__getreent) share(_impure_ptr)          \
	share(_global_impure_ptr) share(thread_reent_init) share(thread_block_init)

#define DECLARE(name) extern char shared_##name[] __asm__(#name);
#define ADD(name)     tcc_add_symbol(state, #name, shared_##name);

SHARED(DECLARE)

int __wrap_tcc_run(struct TCCState *state, int argc, char **argv)
{
	SHARED(ADD)
	return __real_tcc_run(state, argc, argv);
}
