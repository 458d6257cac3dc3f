/*
 * The Intel 82540EM, "e1000": the Ethernet card of QEMU's PC and of many real ones (Intel,
 * "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", 317453). A card
 * reads and writes frames in buffers of the kernel's alone; two rings of descriptors say which.
 */
#ifndef KERNEL_NET_E1000_H
#define KERNEL_NET_E1000_H

#include <stdbool.h>
#include <stdint.h>

struct e1000;

/*
 * The card with this number, from 0, made ready but not yet receiving; NULL: there is none. At
 * boot.
 */
struct e1000 *e1000_find(uint32_t number);

/* Begins, or ends, to receive; frames that were not taken are lost. Caller holds driver. */
void e1000_start(struct e1000 *card);
void e1000_stop(struct e1000 *card);

/*
 * The oldest frame that has come: its length, and where it lies, until e1000_receive_done(), which
 * gives its buffer back to the card. 0: there is none. Caller holds driver.
 */
uint32_t e1000_receive(struct e1000 *card, const void **frame);
void e1000_receive_done(struct e1000 *card);

/*
 * Where the next frame to be sent is to be put, NULL when the ring is full; then e1000_send() sends
 * so many bytes of it. Caller holds driver.
 */
void *e1000_send_buffer(struct e1000 *card);
void e1000_send(struct e1000 *card, uint32_t length);

/* Whether the card is to interrupt when it has sent a frame. Caller holds driver. */
void e1000_announce_sent(struct e1000 *card, bool announce);

/*
 * Whether the card has interrupted since the last call, which takes its reasons back. First level.
 */
bool e1000_interrupted(struct e1000 *card);

/*
 * For a device_cpu that looks instead of being interrupted: whether a frame has come, or room for
 * one that somebody waits for, since the last call. First level, on that processor alone.
 */
bool e1000_has_news(struct e1000 *card);

/* The line that it interrupts on. At boot. */
uint32_t e1000_line(const struct e1000 *card);

struct e1000_state {
	uint8_t address[6];
	bool link;
	uint32_t received, sent, missed, bad;
};

/* Caller holds driver. */
void e1000_state(struct e1000 *card, struct e1000_state *state);

#endif
