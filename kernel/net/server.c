/*
 * /dev/netd: where the process that serves sockets takes requests and gives answers, and where it
 * waits for the next thing to do. What it writes is a program's word like any other: it can reach
 * sockets and nothing else by it.
 */
#include <castle/errno.h>
#include "kernel/dev/device.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/lock/lock.h"
#include "kernel/net/socket.h"
#include "kernel/net/work.h"
#include "kernel/time/clock.h"

static bool is_open GUARDED_BY(driver);
static struct wait_queue waiting GUARDED_BY(driver);

void net_work_wake(void)
{
	assert_held(driver);
	wait_queue_wake_all(&waiting);
}

static int server_open(struct file *file)
{
	(void)file;
	assert_held(driver);
	if (is_open)
		return -EBUSY;
	is_open = true;
	sockets_serve();
	return 0;
}

static void server_close(struct file *file)
{
	(void)file;
	assert_held(driver);
	is_open = false;
	sockets_break();
}

static int server_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct socket *socket = socket_request_first();
	const struct castle_socket_request *request;

	(void)file;
	assert_held(driver);
	if (!socket)
		return -EAGAIN;
	request = &socket->request;
	if (size < sizeof *request + request->size)
		return -EINVAL;
	if (copy_to_user(buffer, request, sizeof *request) != 0 ||
	    (request->size &&
	     copy_to_user(buffer + sizeof *request, socket->data, request->size) != 0))
		return -EFAULT;
	size = sizeof *request + request->size;
	socket_request_taken(socket);
	return size;
}

/* `data` is the answer's in the program. An answer that nobody waits for came too late. */
static int server_answer(const struct castle_socket_answer *answer, user_addr_t data)
{
	struct socket *socket = socket_named(answer->socket);

	if (!socket || socket->state != REQUEST_TAKEN)
		return 0;
	if (answer->size && copy_from_user(socket->data, data, answer->size) != 0)
		return -EFAULT;
	/* No result may look like one of the kernel's own. */
	socket->result = answer->result > -CASTLE_NET_ERRORS ? answer->result : -EIO;
	socket->request.size = answer->size;
	memcpy(socket->request.arguments, answer->arguments, sizeof answer->arguments);
	socket->state = REQUEST_ANSWERED;
	socket_set_ready(socket, answer->ready);
	wait_queue_wake_all(&socket->callers);
	return 0;
}

static int server_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct castle_socket_answer answer;
	int error;

	(void)file;
	assert_held(driver);
	if (size < sizeof answer)
		return -EINVAL;
	if (copy_from_user(&answer, buffer, sizeof answer) != 0)
		return -EFAULT;
	if (answer.size > CASTLE_SOCKET_DATA || answer.size != size - sizeof answer)
		return -EINVAL;
	error = server_answer(&answer, buffer + sizeof answer);
	return error ? error : (int)size;
}

static int server_set_ready(user_addr_t address)
{
	struct castle_socket_ready change;
	struct socket *socket;

	if (copy_from_user(&change, address, sizeof change) != 0)
		return -EFAULT;
	socket = socket_named(change.socket);
	if (socket)
		socket_set_ready(socket, change.ready);
	return 0;
}

static int32_t server_continue(struct thread *thread)
{
	return thread->woken == WAKE_INTERRUPTED ? -EINTR : 0;
}

static int server_wait(uint32_t milliseconds)
{
	if (socket_request_first() || ethernet_has_frame() || milliseconds == 0)
		return 0;
	if (milliseconds > CASTLE_NETD_WAIT_MAX)
		return -EINVAL;
	return wait_queue_block_for(&waiting, (milliseconds * TICK_HZ + 999) / 1000,
				    server_continue);
}

static int server_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	(void)file;
	assert_held(driver);
	switch (request) {
	case CASTLE_NETD_READY:
		return server_set_ready(argument);
	case CASTLE_NETD_WAIT:
		return server_wait(argument);
	default:
		return -EINVAL;
	}
}

struct driver_lock net_lock UNGUARDED("a lock");

static const struct device_ops server_ops = {
	.lock = &net_lock,
	.open = server_open,
	.close = server_close,
	.read = server_read,
	.write = server_write,
	.ioctl = server_ioctl,
};
static struct device server_device SET_AT_BOOT = { .name = "netd", .ops = &server_ops };

int server_register(void)
{
	wait_queue_init(&waiting, driver);
	return device_register(&server_device);
}
