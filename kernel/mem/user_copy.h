/*
 * The one way into a program's memory. The kernel never dereferences a user pointer elsewhere:
 * these check the range, survive any address, and take page faults like the program's own access
 * would. They work on the address space that is active.
 */
#ifndef KERNEL_MEM_USER_COPY_H
#define KERNEL_MEM_USER_COPY_H

#include <stddef.h>
#include <stdint.h>

/* An address in a program: an integer, so that nothing dereferences it by accident. */
typedef uintptr_t user_addr_t;

/*
 * 0 or -EFAULT. After -EFAULT the destination may be partly written. Faults never sleep, so objects
 * that are before `container` in the order may be held. Caller holds nothing (neither a container
 * nor what comes later, which a fault takes).
 */
int copy_from_user(void *to, user_addr_t from, size_t size);
int copy_to_user(user_addr_t to, const void *from, size_t size);
int user_zero(user_addr_t to, size_t size);

/*
 * Length of the string copied, its NUL excluded; -EFAULT; or -ENAMETOOLONG if no NUL in `size`
 * bytes. Caller holds nothing (as above).
 */
int copy_string_from_user(char *to, user_addr_t from, size_t size);

#endif
