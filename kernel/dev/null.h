/*
 * The devices that hold nothing: /dev/null and /dev/zero.
 */
#ifndef KERNEL_DEV_NULL_H
#define KERNEL_DEV_NULL_H

/* 0 or a negative errno value. */
int null_register(void);

#endif
