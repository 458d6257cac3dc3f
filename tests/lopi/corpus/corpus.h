/*
 * Programs that are instrumented and must not notice: each module prints what it computed.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

void control_test(void);
void convention_test(void);
void jumps_test(void);
void threads_test(void);
void storage_test(void);
void exceptions_test(void);
void assembly_test(void);

/* In C, called from C++, and calling back: exceptions pass through it. */
int through_c(int (*callback)(int), int argument);

/* Keeps a call from being computed at compile time. */
int opaque(int value);

#ifdef __cplusplus
}
#endif

#define NOINLINE __attribute__((noinline))
#define NOCLONE  __attribute__((noinline, noipa))

#ifdef __clang__
#undef NOCLONE
#define NOCLONE __attribute__((noinline))
#endif

#endif
