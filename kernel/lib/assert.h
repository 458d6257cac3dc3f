/*
 * assert() for invariants: a false one is a bug in the kernel and panics. Host tests link their own
 * kernel_assert_failed().
 */
#ifndef KERNEL_LIB_ASSERT_H
#define KERNEL_LIB_ASSERT_H

/* Does not return. Any context. */
__attribute__((noreturn)) void kernel_assert_failed(const char *condition, const char *file,
						    int line);

#define assert(condition) \
	((condition) ? (void)0 : kernel_assert_failed(#condition, __FILE__, __LINE__))

/* For what takes long to find out: looked at in DEBUG=1 builds alone. */
#ifdef CASTLE_DEBUG
#define assert_slowly(condition) assert(condition)
#else
#define assert_slowly(condition) ((void)sizeof(condition))
#endif

#endif
