/*
 * newlib's <sys/wait.h>, and what else is asked of a status.
 */
#ifndef CASTLE_SYS_WAIT_H
#define CASTLE_SYS_WAIT_H

#include_next <sys/wait.h>

#define WCOREDUMP(status)    ((void)(status), 0) /* nobody writes memory to a file */
#define WIFCONTINUED(status) ((status) == 0xffff)
#define WCONTINUED           8

#endif
