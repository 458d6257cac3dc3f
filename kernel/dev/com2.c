/*
 * COM2, the second 16550 UART (kernel/dev/uart.c has the chip's story), output only and polled: no
 * interrupt comes from it. A program's write takes as much as the transmitter's FIFO does, and so
 * keeps the kernel for no more than that needs on the wire, 1.4 ms.
 */
#include "kernel/dev/com2.h"

#include <castle/errno.h>
#include "arch/ia32/cpu.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lock/domain.h"

#define COM2 0x2f8

#define UART_DATA             (COM2 + 0)
#define UART_DIVISOR_LOW      (COM2 + 0)
#define UART_INTERRUPT_ENABLE (COM2 + 1)
#define UART_DIVISOR_HIGH     (COM2 + 1)
#define UART_FIFO_CONTROL     (COM2 + 2)
#define UART_LINE_CONTROL     (COM2 + 3)
#define UART_MODEM_CONTROL    (COM2 + 4)
#define UART_LINE_STATUS      (COM2 + 5)

#define FIFO_ENABLE_CLEAR    0x07
#define LINE_8N1             0x03
#define LINE_DIVISOR_ACCESS  0x80
#define MODEM_DTR_RTS        0x03
#define STATUS_HOLDING_EMPTY 0x20
#define STATUS_ALL_SENT      0x40
#define DIVISOR_115200       1
#define FIFO_SIZE            16u
#define NO_UART              0xff /* what an absent chip reads as */

bool com2_init(void)
{
	if (in8(UART_LINE_STATUS) == NO_UART)
		return false;
	out8(UART_LINE_CONTROL, LINE_DIVISOR_ACCESS);
	out8(UART_DIVISOR_LOW, DIVISOR_115200);
	out8(UART_DIVISOR_HIGH, 0);
	out8(UART_LINE_CONTROL, LINE_8N1);
	out8(UART_INTERRUPT_ENABLE, 0);
	out8(UART_FIFO_CONTROL, FIFO_ENABLE_CLEAR);
	out8(UART_MODEM_CONTROL, MODEM_DTR_RTS);
	return true;
}

static void com2_wait(uint8_t status)
{
	while (!(in8(UART_LINE_STATUS) & status))
		;
}

void com2_send(const void *bytes, uint32_t size)
{
	const uint8_t *byte = bytes;

	for (uint32_t i = 0; i < size; i++) {
		if (i % FIFO_SIZE == 0)
			com2_wait(STATUS_HOLDING_EMPTY);
		out8(UART_DATA, byte[i]);
	}
}

void com2_drain(void)
{
	com2_wait(STATUS_ALL_SENT);
}

static int com2_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	const uint32_t taken = size < FIFO_SIZE ? size : FIFO_SIZE;
	uint8_t bytes[FIFO_SIZE];
	const int error = copy_from_user(bytes, buffer, taken);

	(void)file;
	assert_held(driver);
	if (error)
		return error;
	com2_send(bytes, taken);
	return taken;
}

static struct driver_lock com2_lock UNGUARDED("a lock");
static const struct device_ops com2_ops = { .write = com2_write, .lock = &com2_lock };
static struct device com2_device SET_AT_BOOT = { .name = "com2", .ops = &com2_ops };

/* A machine without the line has no device. */
static int com2_start(void)
{
	return com2_init() ? device_register(&com2_device) : 0;
}

static const struct driver com2_driver = { .name = "com2", .start = com2_start };
DRIVER(com2_driver);
