/*
 * Sets of signals: 1 << number, for 64 of them, where newlib has room for 32. The kernel takes such a
 * set as two words (castle/abi.h).
 */
#ifndef _SYS__SIGSET_H_
#define _SYS__SIGSET_H_

typedef unsigned long long __sigset_t;

#endif
