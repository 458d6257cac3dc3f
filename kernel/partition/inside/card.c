/*
 * The Ethernet card of a partition: what the kernel's driver of cards asks of the 82540EM
 * (kernel/net/e1000.h) is led here (--wrap, kernel/build.mk), and frames go through the rings
 * between partitions. All partitions are on one switch: a frame goes to the partition whose address
 * it has, or to all others. A receiver is interrupted when its ring from the sender was empty,
 * since otherwise it has not looked at all of it yet.
 */
#include "kernel/net/e1000.h"

#include <castle/net.h>
#include <stddef.h>
#include "arch/ia32/cpu.h"
#include "arch/ia32/smp/apic.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/card.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/wire.h"

#define ADDRESS_SIZE 6u
#define TO_SEVERAL   1u /* bit of an address's first byte: a group, or all */

struct e1000 {
	uint32_t from; /* the sender whose ring is looked at, from 1 */
	uint32_t count_received, count_sent, count_missed;
	uint8_t buffer[CASTLE_FRAME_MAX];
};

static struct e1000 card GUARDED_BY(driver);

/* Locally administered; the last byte is the partition's number. */
static const uint8_t address_of_all[ADDRESS_SIZE] = { 0x02, 'C', 'a', 's', 't', 0 };

struct e1000 *__wrap_e1000_find(uint32_t number)
{
	if (number > 0 || !partition_area->wires)
		return NULL;
	card.from = 1;
	return &card;
}

void __wrap_e1000_start(struct e1000 *started)
{
	(void)started;
	assert_held(driver);
	partition_wires_empty(partition_area, partition_number);
}

/* What comes from now on fills the rings, and is lost. */
void __wrap_e1000_stop(struct e1000 *stopped)
{
	(void)stopped;
	assert_held(driver);
}

/* The ring that the next frame is in, in turn; NULL: there is none. */
static struct partition_wire *wire_with_frame(void)
{
	for (uint32_t looked = 0; looked < partition_area->count; looked++) {
		struct partition_wire *wire =
			partition_wire(partition_area, partition_number, card.from);
		if (__atomic_load_n(&wire->tail, __ATOMIC_ACQUIRE) != wire->head)
			return wire;
		card.from = card.from % partition_area->count + 1;
	}
	return NULL;
}

/* Whatever another partition may have written, it is a frame's length. */
static uint32_t length_of(const struct partition_frame *frame)
{
	const uint32_t length = *(const volatile uint32_t *)&frame->length;

	return length >= CASTLE_FRAME_MIN && length <= CASTLE_FRAME_MAX ? length : CASTLE_FRAME_MIN;
}

uint32_t __wrap_e1000_receive(struct e1000 *from, const void **frame)
{
	const struct partition_wire *wire = wire_with_frame();
	const struct partition_frame *next;

	(void)from;
	assert_held(driver);
	if (!wire)
		return 0;
	next = &wire->frames[wire->head % WIRE_FRAMES];
	*frame = next->bytes;
	return length_of(next);
}

/* Of the ring that was found last: the sender stays the same until it is empty. */
void __wrap_e1000_receive_done(struct e1000 *from)
{
	struct partition_wire *wire = partition_wire(partition_area, partition_number, card.from);

	assert_held(driver);
	from->count_received++;
	/* The sender must see it before this side looks whether there is more. */
	__atomic_store_n(&wire->head, wire->head + 1, __ATOMIC_SEQ_CST);
}

/* There always is room: what the others have none for is lost. */
void *__wrap_e1000_send_buffer(struct e1000 *to)
{
	assert_held(driver);
	return to->buffer;
}

static void frame_put(uint32_t number, uint32_t length)
{
	struct partition *to = &partition_area->partitions[number];
	struct partition_wire *wire = partition_wire(partition_area, number, partition_number);
	const uint32_t tail = wire->tail;
	struct partition_frame *frame = &wire->frames[tail % WIRE_FRAMES];

	if (to->state != CASTLE_PARTITION_RUNNING)
		return;
	if (tail - wire->head == WIRE_FRAMES) {
		card.count_missed++;
		return;
	}
	memcpy(frame->bytes, card.buffer, length);
	frame->length = length;
	/* It must be there before `head` is looked at, as the receiver has it. */
	__atomic_store_n(&wire->tail, tail + 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&wire->head, __ATOMIC_SEQ_CST) == tail)
		apic_send(to->apic_ids[0], PARTITION_LINE_FRAME);
}

/* The number of the partition that a frame goes to; 0: to all others. */
static uint32_t receiver_of(const uint8_t *frame)
{
	if (frame[0] & TO_SEVERAL || memcmp(frame, address_of_all, ADDRESS_SIZE - 1) != 0)
		return 0;
	return frame[ADDRESS_SIZE - 1];
}

void __wrap_e1000_send(struct e1000 *to, uint32_t length)
{
	const uint32_t receiver = receiver_of(to->buffer);

	assert_held(driver);
	to->count_sent++;
	for (uint32_t number = 1; number <= partition_area->count; number++)
		if (number != partition_number && (receiver == 0 || receiver == number))
			frame_put(number, length);
}

void __wrap_e1000_announce_sent(struct e1000 *of, bool announce)
{
	assert_held(driver);
	(void)of;
	(void)announce;
}

/* The line has no other device. */
bool __wrap_e1000_interrupted(struct e1000 *by)
{
	(void)by;
	return true;
}

uint32_t __wrap_e1000_line(const struct e1000 *of)
{
	(void)of;
	return PARTITION_LINE_FRAME;
}

void __wrap_e1000_state(struct e1000 *of, struct e1000_state *state)
{
	assert_held(driver);
	memcpy(state->address, address_of_all, ADDRESS_SIZE);
	state->address[ADDRESS_SIZE - 1] = partition_number;
	state->link = true;
	state->received = of->count_received;
	state->sent = of->count_sent;
	state->missed = of->count_missed;
	state->bad = 0;
}
