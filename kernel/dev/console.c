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
#include "kernel/dev/screen.h"
#include "kernel/dev/uart.h"
#include "kernel/fs/file.h"
#include "kernel/lib/string.h"
#include "kernel/proc/group.h"
#include "kernel/sched/wait_queue.h"

#define INPUT_SIZE 8192u /* a power of two */
#define LINE_SIZE  4096u
#define READ_SIZE  512u             /* bytes that a read moves at once */
#define WRITE_SIZE 256u             /* bytes that a program's write moves at once */
#define WRITE_ROOM (2 * WRITE_SIZE) /* for them, should each be a newline */

#define CTRL(letter) ((letter)&0x1f)
#define DELETE       0x7f
#define BELL         "\a"
#define END_OF_FILE  0x100 /* in the input: the read that comes to it returns 0 */

static struct driver_lock console_lock UNGUARDED("a lock");

/* Bytes from first-level handlers on their way to the second level. */
static volatile char received[INPUT_SIZE] UNGUARDED("both levels are the boot processor's");
static volatile uint32_t received_head UNGUARDED("the second level's");
static volatile uint32_t received_tail UNGUARDED("the first level's");

/* Bytes that programs can read, and the line that is still being typed. */
static uint16_t input[INPUT_SIZE] GUARDED_BY(driver); /* bytes, and END_OF_FILE between them */
static uint32_t input_head, input_tail GUARDED_BY(driver);
static char line[LINE_SIZE] GUARDED_BY(driver);
static uint32_t line_length GUARDED_BY(driver);
static uint32_t console_mode GUARDED_BY(driver) = CASTLE_CONSOLE_LINE;
static int32_t console_group GUARDED_BY(driver); /* in the foreground; 0: all processes are */
static struct wait_queue console_readers GUARDED_BY(driver);

/* Threads that wait for the serial line to send: for room, or until all is sent. */
static struct wait_queue console_writers GUARDED_BY(driver);
/* The first level is to say when there is room. */
static volatile bool writers_wait UNGUARDED("written under driver; the first level looks");

void console_init(void)
{
	uart_init();
	screen_init();
}

static void console_put(const char *text, uint32_t size)
{
	uint32_t start = 0;

	screen_write(text, size);
	for (uint32_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			uart_write(text + start, i - start);
			uart_write("\r\n", 2);
			start = i + 1;
		}
	}
	uart_write(text + start, size - start);
}

LOCK_REPLACED void console_write(const char *text, uint32_t size)
{
	console_put(text, size);
}

#ifdef CASTLE_SMP
static struct lock output_lock UNGUARDED("a lock");

/* Those who print last wait for nobody: the lock may be one's who has been stopped. */
static void console_write_locked(const char *text, uint32_t size)
{
	if (uart_is_polled()) {
		console_put(text, size);
		return;
	}
	lock_take(&output_lock, LOCK_DOMAIN_output);
	console_put(text, size);
	lock_give(&output_lock, LOCK_DOMAIN_output);
}

LOCK_FUNCTION(console_write, console_write_locked, output);
#endif

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

static bool input_put(uint16_t what)
{
	if (input_tail - input_head == INPUT_SIZE)
		return false;
	input[input_tail++ % INPUT_SIZE] = what;
	wait_queue_wake_all(&console_readers);
	return true;
}

static void line_erase(void)
{
	if (line_length > 0) {
		line_length--;
		if (console_mode & CASTLE_CONSOLE_ECHO)
			console_write("\b \b", 3);
	}
}

/* A line that readers have left no room for is refused as a whole, with a bell. */
static void line_finish(void)
{
	if (INPUT_SIZE - (input_tail - input_head) < line_length)
		console_write(BELL, 1);
	else
		for (uint32_t i = 0; i < line_length; i++)
			input_put((uint8_t)line[i]);
	line_length = 0;
}

/* ctrl-D: what was typed so far goes to the reader; nothing typed means the end of the file. */
static void line_end_of_file(void)
{
	if (line_length == 0)
		input_put(END_OF_FILE);
	line_finish();
}

/* Signals go to every process in the foreground, but not to init: those that mind catch them. */
static void signal_foreground(uint32_t signal, const char *echo)
{
	console_write(echo, 3);
	line_length = 0;
	group_signal(console_group ? console_group : GROUP_ALL, signal);
}

static void line_add(char c)
{
	/* The last place is the newline's. */
	if (line_length >= LINE_SIZE - (c != '\n')) {
		console_write(BELL, 1);
		return;
	}
	line[line_length++] = c;
	if (console_mode & CASTLE_CONSOLE_ECHO)
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
	default:
		if ((uint8_t)c >= ' ' || c == '\n' || c == '\t')
			line_add(c);
	}
}

/* True if the key was one that sends a signal. */
static bool signal_key(char c)
{
	if (!(console_mode & CASTLE_CONSOLE_SIGNALS))
		return false;
	if (c == CTRL('C'))
		signal_foreground(CASTLE_SIGINT, "^C\n");
	else if (c == CTRL('\\'))
		signal_foreground(CASTLE_SIGQUIT, "^\\\n");
	else if (c == CTRL('Z') && console_group)
		signal_foreground(CASTLE_SIGTSTP, "^Z\n");
	else
		return false;
	return true;
}

static void key_typed(char c)
{
	if (signal_key(c))
		return;
	if (c == '\r' && !(console_mode & CASTLE_CONSOLE_RETURNS))
		c = '\n';
	if (console_mode & CASTLE_CONSOLE_LINES) {
		line_edit(c);
		return;
	}
	if (console_mode & CASTLE_CONSOLE_ECHO)
		console_write(&c, 1);
	input_put((uint8_t)c);
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
	assert_held(driver);
	wake_writers();
	while (received_head != received_tail) {
		const char c = received[received_head % INPUT_SIZE];
		received_head++;
		key_typed(c);
	}
}

/* Second level. */
static void console_work(void)
{
	driver_enter(&console_lock);
	input_take();
	driver_leave(&console_lock);
}

/* Up to a mark of the end of the file; in line mode a read gets one line at most. */
static uint32_t input_available(uint32_t size)
{
	const uint32_t available = input_tail - input_head;

	assert_held(driver);
	if (size > available)
		size = available;
	for (uint32_t i = 0; i < size; i++) {
		const uint16_t next = input[(input_head + i) % INPUT_SIZE];
		if (next == END_OF_FILE)
			return i;
		if (next == '\n' && console_mode & CASTLE_CONSOLE_LINES)
			return i + 1;
	}
	return size;
}

static int console_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	char bytes[READ_SIZE];
	uint32_t count;
	int result;

	if (size == 0)
		return 0;
	result = group_keep_out(console_group, CASTLE_SIGTTIN);
	if (result)
		return result;
	count = input_available(size < READ_SIZE ? size : READ_SIZE);
	if (count == 0 && input_tail != input_head) {
		input_head++; /* the mark */
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

	assert_held(driver);
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

static int console_mode_set(uint32_t mode)
{
	if (mode & ~CASTLE_CONSOLE_MODES)
		return -EINVAL;
	/* What was typed of a line is there to be read, if lines mean nothing any more. */
	if (!(mode & CASTLE_CONSOLE_LINES))
		line_finish();
	console_mode = mode;
	return 0;
}

static int console_change(uint32_t request, uint32_t argument)
{
	const int result = group_ask_leave(console_group, CASTLE_SIGTTOU);

	if (result)
		return result;
	if (request == CASTLE_CONSOLE_SET_MODE)
		return console_mode_set(argument);
	console_group = argument;
	return 0;
}

static int console_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	(void)file;

	assert_held(driver);
	switch (request) {
	case CASTLE_CONSOLE_GET_MODE:
		return console_mode;
	case CASTLE_CONSOLE_SET_MODE:
	case CASTLE_CONSOLE_SET_GROUP:
		return console_change(request, argument);
	case CASTLE_CONSOLE_GET_GROUP:
		return group_exists(console_group) ? console_group : 0;
	case CASTLE_CONSOLE_DRAIN:
		return announce_wait(uart_is_idle) ? wait_queue_block_restart(&console_writers) : 0;
	default:
		return -EINVAL;
	}
}

int32_t sys_poll_console(void)
{
	int32_t available;

	driver_enter(&console_lock);
	available = input_available(INPUT_SIZE);
	driver_leave(&console_lock);
	return available;
}

static uint32_t console_ready(struct file *file)
{
	(void)file;
	return (input_tail != input_head ? CASTLE_READY_TO_READ : 0) |
	       (has_room() ? CASTLE_READY_TO_WRITE : 0);
}

static const struct device_ops console_ops = {
	.read = console_read,
	.write = console_write_user,
	.ioctl = console_ioctl,
	.ready = console_ready,
	.lock = &console_lock,
};

static struct device console_device SET_AT_BOOT = { .name = "console", .ops = &console_ops };
/* Every process's terminal is the console. */
static struct device tty_device SET_AT_BOOT = { .name = "tty", .ops = &console_ops };

/* Input works, and programs reach it as /dev/console. */
static int console_start(void)
{
	int error;

	wait_queue_init(&console_readers, driver);
	wait_queue_init(&console_writers, driver);
	supervisor_register(SUPERVISOR_CONSOLE, console_work);
	uart_listen(console_received, console_sent);
	keyboard_listen(console_received);
	error = device_register(&console_device);
	return error ? error : device_register(&tty_device);
}

static const struct driver console_driver = { .name = "console", .start = console_start };
DRIVER(console_driver);
