/*
 * The console device: output to serial line and screen, input from serial line and keyboard, in
 * lines that can be edited or as raw bytes (POSIX.1-2017, section 11.1.6, in its simplest form).
 */
#include "kernel/dev/console.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/measure/statistics.h"
#include "kernel/interrupt/supervisor.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/dev/keyboard.h"
#include "kernel/dev/uart.h"
#include "kernel/dev/vga_text.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/sched/wait_queue.h"

#define INPUT_SIZE 1024u /* a power of two */
#define LINE_SIZE  512u
#define WRITE_SIZE 256u             /* bytes that a program's write moves at once */
#define WRITE_ROOM (2 * WRITE_SIZE) /* for them, should each be a newline */

#define CTRL(letter) ((letter)&0x1f)
#define DELETE       0x7f

/* Bytes from first-level handlers on their way to the second level. */
static volatile char received[INPUT_SIZE] UNGUARDED("both levels are the boot processor's");
static volatile uint32_t received_head UNGUARDED("the second level's");
static volatile uint32_t received_tail UNGUARDED("the first level's");

/* Bytes that programs can read, and the line that is still being typed. */
static char input[INPUT_SIZE] GUARDED_BY(console);
static uint32_t input_head, input_tail GUARDED_BY(console);
static bool input_ended GUARDED_BY(console); /* ctrl-D on an empty line: the next read returns 0 */
static char line[LINE_SIZE] GUARDED_BY(console);
static uint32_t line_length GUARDED_BY(console);
static uint32_t console_mode GUARDED_BY(console) = CASTLE_CONSOLE_LINE;
static struct wait_queue console_readers GUARDED_BY(console);

/* Threads that wait for the serial line to send: for room, or until all is sent. */
static struct wait_queue console_writers GUARDED_BY(console);
/* The first level is to say when there is room. */
static volatile bool writers_wait UNGUARDED("written under console; the first level looks");

void console_init(void)
{
	uart_init();
	vga_text_init();
}

void console_write(const char *text, uint32_t size)
{
	uint32_t start = 0;

	vga_text_write(text, size);
	for (uint32_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			uart_write(text + start, i - start);
			uart_write("\r\n", 2);
			start = i + 1;
		}
	}
	uart_write(text + start, size - start);
}

/* First level. A byte that finds no room is lost, as on any terminal. */
static void console_received(char byte)
{
	if (received_tail - received_head < INPUT_SIZE) {
		received[received_tail % INPUT_SIZE] = byte;
		received_tail++;
	}
	supervisor_raise(SUPERVISOR_CONSOLE);
}

/* First level. */
static void console_sent(void)
{
	if (writers_wait && uart_room() >= WRITE_ROOM)
		supervisor_raise(SUPERVISOR_CONSOLE);
}

static void input_add(const char *bytes, uint32_t size)
{
	for (uint32_t i = 0; i < size && input_tail - input_head < INPUT_SIZE; i++)
		input[input_tail++ % INPUT_SIZE] = bytes[i];
	wait_queue_wake_all(&console_readers);
}

static void line_erase(void)
{
	if (line_length > 0) {
		line_length--;
		console_write("\b \b", 3);
	}
}

static void line_finish(void)
{
	input_add(line, line_length);
	line_length = 0;
}

/* ctrl-D: what was typed so far goes to the reader; nothing typed means the end of the file. */
static void line_end_of_file(void)
{
	if (line_length == 0)
		input_ended = true;
	line_finish();
}

/* ctrl-C goes to every process but init: those that mind (shells) catch it. */
static void line_interrupt(void)
{
	struct list *node;

	console_write("^C\n", 3);
	line_length = 0;
	list_for_each (node, &process_list) {
		struct process *process = list_entry(node, struct process, all);
		if (process->pid != PROCESS_PID_INIT)
			signal_send(process, CASTLE_SIGINT);
	}
}

static void line_add(char c)
{
	/* The last place is the newline's. */
	if (line_length >= LINE_SIZE - (c != '\n'))
		return;
	line[line_length++] = c;
	console_write(&c, 1);
	if (c == '\n')
		line_finish();
}

static void line_edit(char c)
{
	switch (c) {
	case '\b':
	case DELETE:
		line_erase();
		break;
	case CTRL('U'):
		while (line_length > 0)
			line_erase();
		break;
	case CTRL('D'):
		line_end_of_file();
		break;
	case CTRL('C'):
		line_interrupt();
		break;
	case '\r':
		line_add('\n');
		break;
	default:
		if ((uint8_t)c >= ' ' || c == '\n' || c == '\t')
			line_add(c);
	}
}

static void wake_writers(void)
{
	if (writers_wait && uart_room() >= WRITE_ROOM) {
		writers_wait = false;
		wait_queue_wake_all(&console_writers);
	}
}

static void input_take(void)
{
	assert_held(console);
	wake_writers();
	while (received_head != received_tail) {
		const char c = received[received_head % INPUT_SIZE];
		received_head++;
		if (console_mode == CASTLE_CONSOLE_LINE)
			line_edit(c);
		else
			input_add(&c, 1);
	}
}

/* Second level. */
static void console_work(void)
{
	const bool entered = kernel_enter();

	input_take();
	kernel_leave(entered);
}

/* In line mode a read gets one line at most. */
static uint32_t input_available(uint32_t size)
{
	const uint32_t available = input_tail - input_head;

	assert_held(console);
	if (size > available)
		size = available;
	if (console_mode == CASTLE_CONSOLE_LINE)
		for (uint32_t i = 0; i < size; i++)
			if (input[(input_head + i) % INPUT_SIZE] == '\n')
				return i + 1;
	return size;
}

static int console_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	char bytes[LINE_SIZE];
	uint32_t count = input_available(size < LINE_SIZE ? size : LINE_SIZE);

	if (size == 0)
		return 0;
	if (count == 0 && input_ended) {
		input_ended = false;
		return 0;
	}
	if (count == 0)
		return file->flags & CASTLE_O_NONBLOCK ? -EAGAIN
						       : wait_queue_block_restart(&console_readers);
	for (uint32_t i = 0; i < count; i++)
		bytes[i] = input[(input_head + i) % INPUT_SIZE];
	if (copy_to_user(buffer, bytes, count) != 0)
		return -EFAULT;
	input_head += count;
	statistic_read += count;
	return count;
}

/*
 * Has the serial line say when it has got as far as `done` tells, for a writer that will wait;
 * false if it has already.
 */
static bool announce_wait(bool (*done)(void))
{
	if (done())
		return false;
	writers_wait = true;
	return !done();
}

static bool has_room(void)
{
	return uart_room() >= WRITE_ROOM;
}

static int console_write_user(struct file *file, user_addr_t buffer, uint32_t size)
{
	char bytes[WRITE_SIZE];
	uint32_t done = 0;

	assert_held(console);
	while (done < size) {
		const uint32_t left = size - done;
		const uint32_t chunk = left < sizeof bytes ? left : sizeof bytes;
		if (announce_wait(has_room)) {
			if (!(file->flags & CASTLE_O_NONBLOCK))
				return wait_queue_block_moved(&console_writers, done);
			return done ? (int)done : -EAGAIN;
		}
		if (copy_from_user(bytes, buffer + done, chunk) != 0)
			return done ? (int)done : -EFAULT;
		console_write(bytes, chunk);
		statistic_written += chunk;
		done += chunk;
	}
	return done;
}

static int console_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	(void)file;

	assert_held(console);
	switch (request) {
	case CASTLE_CONSOLE_GET_MODE:
		return console_mode;
	case CASTLE_CONSOLE_SET_MODE:
		if (argument > CASTLE_CONSOLE_LINE)
			return -EINVAL;
		console_mode = argument;
		return 0;
	case CASTLE_CONSOLE_DRAIN:
		return announce_wait(uart_is_idle) ? wait_queue_block_restart(&console_writers) : 0;
	default:
		return -EINVAL;
	}
}

int32_t sys_poll_console(void)
{
	return input_available(INPUT_SIZE);
}

static const struct device_ops console_ops = {
	.read = console_read,
	.write = console_write_user,
	.ioctl = console_ioctl,
};

static struct device console_device SET_AT_BOOT = { .name = "console", .ops = &console_ops };

/* Input works, and programs reach it as /dev/console. */
static int console_start(void)
{
	wait_queue_init(&console_readers, console);
	wait_queue_init(&console_writers, console);
	supervisor_register(SUPERVISOR_CONSOLE, console_work);
	uart_listen(console_received, console_sent);
	keyboard_listen(console_received);
	return device_register(&console_device);
}

static const struct driver console_driver = { .name = "console", .start = console_start };
DRIVER(console_driver);
