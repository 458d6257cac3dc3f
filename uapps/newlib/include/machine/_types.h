/*
 * The widths of the types that newlib leaves to the machine: the 32 bits of castle/abi.h where
 * newlib would take 16.
 */
#ifndef CASTLE_MACHINE_TYPES_H
#define CASTLE_MACHINE_TYPES_H

#include <machine/_default_types.h>

typedef __uint32_t __dev_t;
#define __machine_dev_t_defined

typedef __uint32_t __ino_t;
#define __machine_ino_t_defined

typedef __uint32_t __uid_t;
#define __machine_uid_t_defined

typedef __uint32_t __gid_t;
#define __machine_gid_t_defined

#endif
