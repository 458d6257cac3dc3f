/*
 * What -fsanitize=thread makes of the __atomic_ builtins: calls, which do what the builtin does and
 * nothing else. Every one is at least as strong as was asked for.
 */
#include <stdbool.h>
#include <stdint.h>

#define OPERATION(bits, name, builtin)                                                \
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *at,      \
						    uint##bits##_t value, int order); \
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *at,      \
						    uint##bits##_t value, int order)  \
	{                                                                             \
		(void)order;                                                          \
		return builtin(at, value, __ATOMIC_SEQ_CST);                          \
	}

#define COMPARE(bits, name)                                                                      \
	bool __tsan_atomic##bits##_compare_exchange_##name(                                      \
		volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value,     \
		int order, int failed);                                                          \
	bool __tsan_atomic##bits##_compare_exchange_##name(                                      \
		volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value,     \
		int order, int failed)                                                           \
	{                                                                                        \
		(void)order;                                                                     \
		(void)failed;                                                                    \
		return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST, \
						   __ATOMIC_SEQ_CST);                            \
	}

#define ATOMIC(bits)                                                                             \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int order); \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value,      \
					 int order);                                             \
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int order)  \
	{                                                                                        \
		(void)order;                                                                     \
		return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                    \
	}                                                                                        \
	/* A plain store is not a fence, and code may rely on what was asked for alone. */       \
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value,      \
					 int order)                                              \
	{                                                                                        \
		if (order == __ATOMIC_SEQ_CST)                                                   \
			__atomic_store_n(at, value, __ATOMIC_SEQ_CST);                           \
		else                                                                             \
			__atomic_store_n(at, value, __ATOMIC_RELEASE);                           \
	}                                                                                        \
	OPERATION(bits, exchange, __atomic_exchange_n)                                           \
	OPERATION(bits, fetch_add, __atomic_fetch_add)                                           \
	OPERATION(bits, fetch_sub, __atomic_fetch_sub)                                           \
	OPERATION(bits, fetch_and, __atomic_fetch_and)                                           \
	OPERATION(bits, fetch_or, __atomic_fetch_or)                                             \
	OPERATION(bits, fetch_xor, __atomic_fetch_xor)                                           \
	COMPARE(bits, strong)                                                                    \
	COMPARE(bits, weak)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

void __tsan_atomic_thread_fence(int order)
{
	(void)order;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}
