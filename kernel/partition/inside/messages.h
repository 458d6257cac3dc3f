/*
 * What goes from one partition to another: messages, and commands to be run. An interrupt says that
 * there is something, if somebody waits.
 *
 * Contract of all functions here: Caller holds driver.
 */
#ifndef KERNEL_PARTITION_INSIDE_MESSAGES_H
#define KERNEL_PARTITION_INSIDE_MESSAGES_H

#include <stdbool.h>
#include "kernel/mem/user_copy.h"

/*
 * The running partition whose number a program's structure at `address` begins with; NULL, and why
 * in *error.
 */
struct partition *partition_named(user_addr_t address, int *error);

/* Interrupts the partition if somebody there waits. */
void partition_tell(struct partition *partition);

/*
 * Has the call start over when something has come; or, if something has by now, what `take` of
 * `address` returns.
 */
int partition_wait(bool (*is_there)(void), int (*take)(user_addr_t address), user_addr_t address);

/* At boot. */
void messages_init(void);

/* The requests of castle/partition.h. */
int message_send(user_addr_t address);
int message_receive(user_addr_t address, bool waits);
int command_ask(user_addr_t address);
int command_result(user_addr_t address);
int command_serve(user_addr_t address);
int command_served(user_addr_t address);

#endif
