/*
 * A partition's Ethernet card, in place of the 82540EM: these do what the functions of
 * kernel/net/e1000.h do that they stand for.
 *
 * Contract of all functions here: Caller holds driver.
 */
#ifndef KERNEL_PARTITION_INSIDE_CARD_H
#define KERNEL_PARTITION_INSIDE_CARD_H

#include <stdbool.h>
#include <stdint.h>

struct e1000;
struct e1000_state;

/* At boot. */
struct e1000 *__wrap_e1000_find(uint32_t number);
uint32_t __wrap_e1000_line(const struct e1000 *of);

/* First level. */
bool __wrap_e1000_interrupted(struct e1000 *by);

void __wrap_e1000_start(struct e1000 *started);
void __wrap_e1000_stop(struct e1000 *stopped);
uint32_t __wrap_e1000_receive(struct e1000 *from, const void **frame);
void __wrap_e1000_receive_done(struct e1000 *from);
void *__wrap_e1000_send_buffer(struct e1000 *to);
void __wrap_e1000_send(struct e1000 *to, uint32_t length);
void __wrap_e1000_announce_sent(struct e1000 *of, bool announce);
void __wrap_e1000_state(struct e1000 *of, struct e1000_state *state);

#endif
