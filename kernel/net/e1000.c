/*
 * The 82540EM. What the manual's chapter 14 says of initialising it is in e1000_start(); chapter 3
 * has the rings, chapter 13 the registers.
 *
 * The card's word is not taken for more than it can know: a length is held against the buffer's
 * size, and a frame in several buffers, which is longer than any frame may be, is passed over.
 */
#include "kernel/net/e1000.h"

#include <castle/net.h>
#include "arch/ia32/interrupt.h"
#include "arch/ia32/paging.h"
#include "arch/ia32/physical.h"
#include "kernel/dev/pci.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/mem/page.h"

#define INTEL      0x8086
#define KIND_82540 0x100e
#define CARD_WINDOW \
	0x3f800000u /* between memory and the CPU-local slot: the registers of all cards */
#define CARD_SIZE 0x20000u

#define RING_SIZE     64u /* of each kind; a ring is a quarter of a page */
#define BUFFER_SIZE   2048u
#define BUFFERS_ORDER 5 /* of a ring's buffers: 32 pages */
#define SPIN_OF_RESET 100000u

/* Registers. */
#define CTRL     0x0000
#define STATUS   0x0008
#define EERD     0x0014
#define ICR      0x00c0
#define IMS      0x00d0
#define IMC      0x00d8
#define RCTL     0x0100
#define TCTL     0x0400
#define TIPG     0x0410
#define RDBAL    0x2800
#define RDBAH    0x2804
#define RDLEN    0x2808
#define RDH      0x2810
#define RDT      0x2818
#define TDBAL    0x3800
#define TDBAH    0x3804
#define TDLEN    0x3808
#define TDH      0x3810
#define TDT      0x3818
#define CRCERRS  0x4000
#define MPC      0x4010
#define MTA      0x5200
#define MTA_SIZE 128u
#define RAL      0x5400
#define RAH      0x5404

#define CTRL_LINK_UP      (1u << 6)
#define CTRL_RESET        (1u << 26)
#define STATUS_LINK_UP    (1u << 1)
#define EERD_START        (1u << 0)
#define EERD_DONE         (1u << 4)
#define EERD_WORD         8
#define EERD_DATA         16
#define RCTL_ENABLE       (1u << 1)
#define RCTL_BROADCAST    (1u << 15)
#define RCTL_NO_CRC       (1u << 26) /* buffers of 2 KB are the default */
#define TCTL_ENABLE       (1u << 1)
#define TCTL_PAD          (1u << 3)
#define TCTL_COLLISIONS   (0x0fu << 4 | 0x40u << 12)
#define TIPG_COPPER       (10u | 8u << 10 | 6u << 20)
#define RAH_VALID         (1u << 31)
#define INTERRUPT_SENT    (1u << 0)
#define INTERRUPT_LINK    (1u << 2)
#define INTERRUPT_FEW     (1u << 4)
#define INTERRUPT_OVERRUN (1u << 6)
#define INTERRUPT_FRAME   (1u << 7)
#define INTERRUPT_ALWAYS  (INTERRUPT_LINK | INTERRUPT_FEW | INTERRUPT_OVERRUN | INTERRUPT_FRAME)

#define DESCRIPTOR_DONE 1u
#define RECEIVED_LAST   2u /* buffer of the frame */
#define COMMAND_LAST    1u
#define COMMAND_CRC     2u
#define COMMAND_REPORT  8u

struct received {
	uint64_t address;
	uint16_t length;
	uint16_t sum;
	volatile uint8_t status;
	uint8_t errors;
	uint16_t special;
};

struct to_send {
	uint64_t address;
	uint16_t length;
	uint8_t sum_offset;
	uint8_t command;
	volatile uint8_t status;
	uint8_t sum_start;
	uint16_t special;
};

struct e1000 {
	uint32_t window; /* address of its registers */
	uint32_t line;
	uint8_t address[6];
	uint8_t *received_buffers, *sent_buffers;
	volatile struct received *received; /* ring; entry received_next() is the next to look at */
	volatile struct to_send *to_send;
	uint32_t taken; /* entries that have been given back, of `received` */
	uint32_t next_sent;
	bool announces;      /* what has been sent is to be told */
	uint32_t taken_told; /* `taken` when e1000_has_news() last told of a frame */
	bool told;           /* it has, ever */
	bool in_several;     /* the frame that is coming takes several buffers */
	uint32_t count_received, count_sent, count_missed, count_bad;
};

static struct e1000 cards[CASTLE_ETHERNET_CARDS] GUARDED_BY(driver);

static uint32_t card_read(const struct e1000 *card, uint32_t at)
{
	return *(volatile uint32_t *)(card->window + at);
}

static void card_write(const struct e1000 *card, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(card->window + at) = value;
}

/* False: no memory for it. */
static bool card_map(struct e1000 *card, uint32_t number, uint32_t physical)
{
	card->window = CARD_WINDOW + number * CARD_SIZE;
	for (uint32_t offset = 0; offset < CARD_SIZE; offset += PAGE_SIZE) {
		page_entry_t *table = page_alloc_zeroed();
		if (!table)
			return false;
		if (!paging_map_device(card->window + offset, physical + offset, table))
			page_free(table);
	}
	return true;
}

static bool card_allocate(struct e1000 *card)
{
	uint8_t *rings = page_alloc_zeroed();

	card->received_buffers = page_alloc_run(BUFFERS_ORDER);
	card->sent_buffers = page_alloc_run(BUFFERS_ORDER);
	card->received = (void *)rings;
	card->to_send = (void *)(rings + PAGE_SIZE / 2);
	return rings && card->received_buffers && card->sent_buffers;
}

/* A word of the card's memory of constants; 0 if the card does not answer. */
static uint16_t eeprom_read(const struct e1000 *card, uint32_t word)
{
	card_write(card, EERD, word << EERD_WORD | EERD_START);
	for (uint32_t spin = 0; spin < SPIN_OF_RESET; spin++) {
		const uint32_t value = card_read(card, EERD);
		if (value & EERD_DONE)
			return value >> EERD_DATA;
	}
	return 0;
}

/*
 * As the reset has copied it from the card's constants to its first filter of addresses; Bochs's
 * card leaves that to the driver.
 */
static void card_read_address(struct e1000 *card)
{
	uint32_t low = card_read(card, RAL), high = card_read(card, RAH);

	if (!(high & RAH_VALID)) {
		low = eeprom_read(card, 0) | (uint32_t)eeprom_read(card, 1) << 16;
		high = eeprom_read(card, 2);
	}
	memcpy(card->address, &low, 4);
	memcpy(card->address + 4, &high, 2);
}

static void card_reset(struct e1000 *card)
{
	card_write(card, IMC, ~0u);
	card_write(card, CTRL, card_read(card, CTRL) | CTRL_RESET);
	for (uint32_t spin = 0; spin < SPIN_OF_RESET && card_read(card, CTRL) & CTRL_RESET; spin++)
		;
	card_write(card, IMC, ~0u);
	card_read(card, ICR);
}

struct e1000 *e1000_find(uint32_t number)
{
	struct e1000 *card = &cards[number];
	struct pci_device device;

	if (number >= CASTLE_ETHERNET_CARDS || !pci_find(INTEL, KIND_82540, number, &device))
		return NULL;
	if (device.interrupt >= INTERRUPT_LINES_8259) /* it is led nowhere */
		return NULL;
	if (!card_map(card, number, device.memory) || !card_allocate(card))
		return NULL;
	pci_enable(&device);
	card->line = device.interrupt;
	card_reset(card);
	card_read_address(card);
	return card;
}

static void rings_fill(struct e1000 *card)
{
	for (uint32_t i = 0; i < RING_SIZE; i++) {
		card->received[i].address = physical_of(card->received_buffers + i * BUFFER_SIZE);
		card->received[i].status = 0;
		card->to_send[i].address = physical_of(card->sent_buffers + i * BUFFER_SIZE);
		card->to_send[i].status = DESCRIPTOR_DONE; /* free */
	}
	card->taken = card->next_sent = 0;
	card->told = false;
	card->in_several = false;
}

/* A ring is empty to the card while head and tail are equal; so one entry is always left out. */
static void rings_tell(struct e1000 *card)
{
	card_write(card, RDBAL, physical_of((void *)card->received));
	card_write(card, RDBAH, 0);
	card_write(card, RDLEN, RING_SIZE * sizeof *card->received);
	card_write(card, RDH, 0);
	card_write(card, RDT, RING_SIZE - 1);
	card_write(card, TDBAL, physical_of((void *)card->to_send));
	card_write(card, TDBAH, 0);
	card_write(card, TDLEN, RING_SIZE * sizeof *card->to_send);
	card_write(card, TDH, 0);
	card_write(card, TDT, 0);
}

void e1000_start(struct e1000 *card)
{
	uint32_t low, high = 0;

	assert_held(driver);
	card_reset(card);
	rings_fill(card);
	rings_tell(card);
	memcpy(&low, card->address, 4);
	memcpy(&high, card->address + 4, 2);
	card_write(card, RAL, low);
	card_write(card, RAH, high | RAH_VALID);
	for (uint32_t i = 0; i < MTA_SIZE; i++)
		card_write(card, MTA + 4 * i, 0);
	card_write(card, CTRL, card_read(card, CTRL) | CTRL_LINK_UP);
	card_write(card, TIPG, TIPG_COPPER);
	card_write(card, TCTL, TCTL_ENABLE | TCTL_PAD | TCTL_COLLISIONS);
	card_write(card, RCTL, RCTL_ENABLE | RCTL_BROADCAST | RCTL_NO_CRC);
	card_write(card, IMS, INTERRUPT_ALWAYS);
}

/* The reset ends what the card does with memory. */
void e1000_stop(struct e1000 *card)
{
	assert_held(driver);
	card_reset(card);
}

/* Whether what is next in the ring is a frame; else it is counted, to be passed over. */
static bool frame_is_good(struct e1000 *card, const volatile struct received *next)
{
	const bool several = card->in_several;

	card->in_several = !(next->status & RECEIVED_LAST);
	if (!several && !card->in_several && !next->errors && next->length >= CASTLE_FRAME_MIN &&
	    next->length <= CASTLE_FRAME_MAX)
		return true;
	card->count_bad += !card->in_several;
	return false;
}

static uint32_t received_next(const struct e1000 *card)
{
	return card->taken % RING_SIZE;
}

static void received_give_back(struct e1000 *card)
{
	const uint32_t next = received_next(card);

	card->received[next].status = 0;
	card_write(card, RDT, next);
	/* A device_cpu that looks reads it at any time. */
	__atomic_store_n(&card->taken, card->taken + 1, __ATOMIC_RELEASE);
}

uint32_t e1000_receive(struct e1000 *card, const void **frame)
{
	assert_held(driver);
	for (;;) {
		const volatile struct received *next = &card->received[received_next(card)];
		if (!(next->status & DESCRIPTOR_DONE))
			return 0;
		if (frame_is_good(card, next)) {
			*frame = card->received_buffers + received_next(card) * BUFFER_SIZE;
			return next->length;
		}
		received_give_back(card);
	}
}

void e1000_receive_done(struct e1000 *card)
{
	assert_held(driver);
	card->count_received++;
	received_give_back(card);
}

/* The entry that stays empty is the one after the next: both must have been sent. */
static bool has_room(const struct e1000 *card)
{
	const uint32_t next = __atomic_load_n(&card->next_sent, __ATOMIC_RELAXED);

	return card->to_send[next].status & DESCRIPTOR_DONE &&
	       card->to_send[(next + 1) % RING_SIZE].status & DESCRIPTOR_DONE;
}

void *e1000_send_buffer(struct e1000 *card)
{
	assert_held(driver);
	if (!has_room(card))
		return NULL;
	return card->sent_buffers + card->next_sent * BUFFER_SIZE;
}

void e1000_send(struct e1000 *card, uint32_t length)
{
	volatile struct to_send *next = &card->to_send[card->next_sent];

	assert_held(driver);
	next->length = length;
	next->command = COMMAND_LAST | COMMAND_CRC | COMMAND_REPORT;
	next->status = 0;
	__atomic_store_n(&card->next_sent, (card->next_sent + 1) % RING_SIZE, __ATOMIC_RELAXED);
	card->count_sent++;
	card_write(card, TDT, card->next_sent);
}

void e1000_announce_sent(struct e1000 *card, bool announce)
{
	assert_held(driver);
	__atomic_store_n(&card->announces, announce, __ATOMIC_RELEASE);
	card_write(card, announce ? IMS : IMC, INTERRUPT_SENT);
}

bool e1000_interrupted(struct e1000 *card)
{
	return card_read(card, ICR) != 0;
}

/*
 * In memory alone: registers are slow to read, and the card's reasons are for those that it
 * interrupts. What other processors do to the ring at the same time can make this tell too much.
 */
bool e1000_has_news(struct e1000 *card)
{
	const uint32_t taken = __atomic_load_n(&card->taken, __ATOMIC_ACQUIRE);

	if (card->received[taken % RING_SIZE].status & DESCRIPTOR_DONE &&
	    (!card->told || card->taken_told != taken)) {
		card->taken_told = taken;
		card->told = true;
		return true;
	}
	return __atomic_load_n(&card->announces, __ATOMIC_ACQUIRE) && has_room(card);
}

uint32_t e1000_line(const struct e1000 *card)
{
	return card->line;
}

/* The card's counters begin again with each look at them. */
void e1000_state(struct e1000 *card, struct e1000_state *state)
{
	assert_held(driver);
	card->count_missed += card_read(card, MPC);
	card->count_bad += card_read(card, CRCERRS);
	memcpy(state->address, card->address, sizeof state->address);
	state->link = card_read(card, STATUS) & STATUS_LINK_UP;
	state->received = card->count_received;
	state->sent = card->count_sent;
	state->missed = card->count_missed;
	state->bad = card->count_bad;
}
