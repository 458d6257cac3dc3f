/*
 * /dev/eth0 and /dev/eth1: frames, exchanged with one process (castle/net.h). A frame is copied
 * once, between the card's buffer and the program; what is not taken stays in the card's ring, and
 * when that is full the card drops what comes. Who sends more than the card can waits for the ring.
 */
#include <castle/abi.h>
#include <castle/errno.h>
#include <castle/net.h>
#include "arch/ia32/interrupt.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/fs/file.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/net/e1000.h"
#include "kernel/net/work.h"
#include "kernel/sched/wait_queue.h"

struct ethernet {
	struct e1000 *card;
	bool open;
	struct wait_queue readers, writers;
	struct device device;
	char name[8];
};

static struct ethernet ethernets[CASTLE_ETHERNET_CARDS] GUARDED_BY(driver);

/* Of the command line. */
static char settings[CASTLE_ETHERNET_CARDS][CASTLE_NET_SETTING_SIZE] SET_AT_BOOT;
static char gateway[CASTLE_NET_SETTING_SIZE] SET_AT_BOOT, dns[CASTLE_NET_SETTING_SIZE] SET_AT_BOOT;

static int ethernet_open(struct file *file)
{
	struct ethernet *ethernet = file->data;

	assert_held(driver);
	if (ethernet->open)
		return -EBUSY;
	ethernet->open = true;
	e1000_start(ethernet->card);
	return 0;
}

static void ethernet_close(struct file *file)
{
	struct ethernet *ethernet = file->data;

	assert_held(driver);
	e1000_stop(ethernet->card);
	ethernet->open = false;
}

static int ethernet_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct ethernet *ethernet = file->data;
	const void *frame;
	uint32_t length;

	assert_held(driver);
	if (size < CASTLE_FRAME_MAX)
		return -EINVAL;
	length = e1000_receive(ethernet->card, &frame);
	if (length == 0)
		return file->flags & CASTLE_O_NONBLOCK
			       ? -EAGAIN
			       : wait_queue_block_restart(&ethernet->readers);
	if (copy_to_user(buffer, frame, length) != 0)
		return -EFAULT;
	e1000_receive_done(ethernet->card);
	return length;
}

/* Waits for room in the ring; it is looked for once more when the card has been told to say so. */
static int ethernet_wait_for_room(struct ethernet *ethernet)
{
	e1000_announce_sent(ethernet->card, true);
	if (e1000_send_buffer(ethernet->card))
		return 0;
	return wait_queue_block_restart(&ethernet->writers);
}

static int ethernet_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct ethernet *ethernet = file->data;
	int error = 0;
	void *frame;

	assert_held(driver);
	if (size < CASTLE_FRAME_MIN || size > CASTLE_FRAME_MAX)
		return -EINVAL;
	frame = e1000_send_buffer(ethernet->card);
	if (!frame) {
		if (file->flags & CASTLE_O_NONBLOCK)
			return -EAGAIN;
		error = ethernet_wait_for_room(ethernet);
		frame = e1000_send_buffer(ethernet->card);
	}
	if (error)
		return error;
	if (copy_from_user(frame, buffer, size) != 0)
		return -EFAULT;
	e1000_send(ethernet->card, size);
	return size;
}

static int ethernet_info(struct ethernet *ethernet, user_addr_t address)
{
	struct castle_ethernet_info info;
	struct e1000_state state;

	e1000_state(ethernet->card, &state);
	memset(&info, 0, sizeof info);
	memcpy(info.address, state.address, sizeof info.address);
	info.link = state.link;
	info.received = state.received;
	info.sent = state.sent;
	info.missed = state.missed;
	info.bad = state.bad;
	memcpy(info.setting, settings[ethernet - ethernets], sizeof info.setting);
	memcpy(info.gateway, gateway, sizeof info.gateway);
	memcpy(info.dns, dns, sizeof info.dns);
	return copy_to_user(address, &info, sizeof info);
}

static int ethernet_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	assert_held(driver);
	return request == CASTLE_ETHERNET_INFO ? ethernet_info(file->data, argument) : -EINVAL;
}

static uint32_t ethernet_ready(struct file *file)
{
	struct ethernet *ethernet = file->data;
	const void *frame;

	assert_held(driver);
	return (e1000_receive(ethernet->card, &frame) ? CASTLE_READY_TO_READ : 0) |
	       (e1000_send_buffer(ethernet->card) ? CASTLE_READY_TO_WRITE : 0);
}

bool ethernet_has_frame(void)
{
	const void *frame;

	assert_held(driver);
	for (uint32_t i = 0; i < CASTLE_ETHERNET_CARDS; i++)
		if (ethernets[i].open && e1000_receive(ethernets[i].card, &frame))
			return true;
	return false;
}

/* First level. Cards may share a line. */
static void ethernet_interrupt(void)
{
	for (uint32_t i = 0; i < CASTLE_ETHERNET_CARDS; i++)
		if (ethernets[i].card && e1000_interrupted(ethernets[i].card))
			supervisor_raise(SUPERVISOR_DRIVER);
}

void ethernet_poll(void)
{
	for (uint32_t i = 0; i < CASTLE_ETHERNET_CARDS; i++)
		if (ethernets[i].card && e1000_has_news(ethernets[i].card))
			supervisor_raise(SUPERVISOR_DRIVER);
}

static void ethernet_look(struct ethernet *ethernet)
{
	const void *frame;

	if (e1000_receive(ethernet->card, &frame)) {
		wait_queue_wake_all(&ethernet->readers);
		net_work_wake();
	}
	if (e1000_send_buffer(ethernet->card)) {
		e1000_announce_sent(ethernet->card, false);
		wait_queue_wake_all(&ethernet->writers);
	}
}

/* Second level; also when another driver's signal was meant. */
static void ethernet_work(void)
{
	driver_enter(&net_lock);
	for (uint32_t i = 0; i < CASTLE_ETHERNET_CARDS; i++)
		if (ethernets[i].open)
			ethernet_look(&ethernets[i]);
	driver_leave(&net_lock);
}

static const struct device_ops ethernet_ops = {
	.lock = &net_lock,
	.open = ethernet_open,
	.close = ethernet_close,
	.read = ethernet_read,
	.write = ethernet_write,
	.ioctl = ethernet_ioctl,
	.ready = ethernet_ready,
};

static int ethernet_start_one(uint32_t number, struct e1000 *card)
{
	struct ethernet *ethernet = &ethernets[number];

	ethernet->card = card;
	wait_queue_init(&ethernet->readers, driver);
	wait_queue_init(&ethernet->writers, driver);
	ksnprintf(ethernet->name, sizeof ethernet->name, "eth%u", number);
	ethernet->device =
		(struct device){ .name = ethernet->name, .ops = &ethernet_ops, .data = ethernet };
	interrupt_register(e1000_line(card), ethernet_interrupt);
	return device_register(&ethernet->device);
}

/* A machine without cards has no devices, and needs no memory for them. */
static int ethernet_start(void)
{
	struct e1000 *card;
	int error = 0;

	for (uint32_t i = 0; i < CASTLE_ETHERNET_CARDS && !error && (card = e1000_find(i)); i++)
		error = ethernet_start_one(i, card);
	if (!error && ethernets[0].card)
		supervisor_register(SUPERVISOR_DRIVER, ethernet_work);
	return error;
}

/* What it means is the serving process's to say. */
static bool setting_take(char setting[CASTLE_NET_SETTING_SIZE], const char *value)
{
	if (strlen(value) >= CASTLE_NET_SETTING_SIZE)
		return false;
	ksnprintf(setting, CASTLE_NET_SETTING_SIZE, "%s", value);
	return true;
}

static bool set_first(const char *value)
{
	return setting_take(settings[0], value);
}

static bool set_second(const char *value)
{
	return setting_take(settings[1], value);
}

static bool set_gateway(const char *value)
{
	return setting_take(gateway, value);
}

static bool set_dns(const char *value)
{
	return setting_take(dns, value);
}

static const struct driver_option options[] = {
	{ "0", "ADDRESS/BITS, dhcp, off", set_first },
	{ "1", "ADDRESS/BITS, dhcp, off", set_second },
	{ "gateway", "ADDRESS", set_gateway },
	{ "dns", "ADDRESS", set_dns },
};

static const struct driver ethernet_driver = {
	.name = "net",
	.options = options,
	.option_count = sizeof options / sizeof options[0],
	.start = ethernet_start,
};
DRIVER(ethernet_driver);
