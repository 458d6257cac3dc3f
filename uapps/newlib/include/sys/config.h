/*
 * How newlib is configured for Castle: this file stands before newlib's own <sys/config.h>, both
 * while newlib is built and for every program.
 */
#ifndef CASTLE_SYS_CONFIG_H
#define CASTLE_SYS_CONFIG_H

/* Every thread has a struct _reent, errno with it, that __getreent() finds through %gs. */
#define __DYNAMIC_REENT__

/* exit() flushes what was written; it does not seek in what was read. */
#define _STDIO_BSD_SEMANTICS

#define _READ_WRITE_RETURN_TYPE  _ssize_t
#define _READ_WRITE_BUFSIZE_TYPE __size_t

#include_next <sys/config.h>

#endif
