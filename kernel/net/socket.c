/*
 * /dev/socket: each file that is opened there is a socket. What a program wants of it is a request,
 * a page of data with it, to the process that has /dev/netd open (server.c), which answers soon:
 * what takes long is waited for here, until the socket is ready for it.
 *
 * A thread whom a signal takes away from its request leaves that behind, abandoned. If it makes the
 * same call again, as it does when the signal's action says so, it takes the answer; so does
 * whoever receives next, that nothing received is lost. Other answers nobody takes are dropped.
 */
#include "kernel/net/socket.h"

#include <castle/abi.h>
#include <castle/errno.h>
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/string.h"
#include "kernel/lock/lock.h"
#include "kernel/mem/page.h"
#include "kernel/mem/slab.h"
#include "kernel/net/work.h"
#include "kernel/proc/process.h"
#include "kernel/sched/scheduler.h"

#define SOCKETS_MAX 256u
#define ALL_READY \
	(CASTLE_READY_TO_READ | CASTLE_READY_TO_WRITE | CASTLE_READY_ERROR | CASTLE_READY_HANG_UP)

_Static_assert(CASTLE_SOCKET_DATA == PAGE_SIZE, "a request's data is a page");

static struct socket *sockets[SOCKETS_MAX] GUARDED_BY(driver);
static uint32_t socket_count GUARDED_BY(driver); /* ever opened */
static struct list requests GUARDED_BY(driver);
static bool served GUARDED_BY(driver);

struct socket *socket_named(uint32_t name)
{
	struct socket *socket = sockets[name % SOCKETS_MAX];

	assert_held(driver);
	return socket && socket->name == name && !socket->closed ? socket : NULL;
}

static void socket_free(struct socket *socket)
{
	sockets[socket->name % SOCKETS_MAX] = NULL;
	page_free(socket->data);
	kmem_free(socket, sizeof *socket);
}

static struct socket *socket_create(uint32_t place)
{
	struct socket *socket = kmem_alloc(sizeof *socket);

	if (!socket)
		return NULL;
	memset(socket, 0, sizeof *socket);
	socket->data = page_alloc();
	if (!socket->data) {
		kmem_free(socket, sizeof *socket);
		return NULL;
	}
	socket->name = ++socket_count * SOCKETS_MAX + place;
	wait_queue_init(&socket->callers, driver);
	wait_queue_init(&socket->pollers, driver);
	sockets[place] = socket;
	return socket;
}

static int socket_open(struct file *file)
{
	uint32_t place = 0;

	assert_held(driver);
	if (!served)
		return -ENETDOWN;
	while (place < SOCKETS_MAX && sockets[place])
		place++;
	if (place == SOCKETS_MAX)
		return -ENFILE;
	file->data = socket_create(place);
	return file->data ? 0 : -ENOMEM;
}

static void request_post(struct socket *socket)
{
	socket->state = REQUEST_POSTED;
	socket->request.socket = socket->name;
	list_append(&requests, &socket->queue);
	net_work_wake();
}

/* The serving process is told, whatever of an earlier request is still on its way. */
static void socket_close(struct file *file)
{
	struct socket *socket = file->data;

	assert_held(driver);
	if (socket->state == REQUEST_POSTED)
		list_remove(&socket->queue);
	socket->closed = true;
	if (socket->broken) {
		socket_free(socket);
		return;
	}
	socket->request = (struct castle_socket_request){ .operation = CASTLE_SOCKET_CLOSED };
	request_post(socket);
}

/* A thread that waited for an answer, or for its turn, goes on. */
static int32_t call_continue(struct thread *thread)
{
	struct socket *socket;

	if (thread->woken != WAKE_INTERRUPTED)
		return call_restart(thread);
	driver_enter(&net_lock);
	socket = socket_named(thread->wait_word);
	if (socket && socket->caller == thread->tid && socket->state != REQUEST_NONE) {
		socket->abandoned = true;
		wait_queue_wake_all(&socket->callers);
	}
	driver_leave(&net_lock);
	return -EINTR;
}

static int call_wait(struct socket *socket)
{
	current_thread->wait_word = socket->name;
	return wait_queue_block(&socket->callers, call_continue);
}

static uint32_t ready_for(uint32_t operation)
{
	switch (operation) {
	case CASTLE_SOCKET_ACCEPT:
	case CASTLE_SOCKET_RECEIVE:
		return CASTLE_READY_TO_READ | CASTLE_READY_HANG_UP | CASTLE_READY_ERROR;
	case CASTLE_SOCKET_SEND:
		return CASTLE_READY_TO_WRITE | CASTLE_READY_HANG_UP | CASTLE_READY_ERROR;
	default:
		return 0;
	}
}

/* 0: the answer is the calling thread's to take; or what it is to return instead. */
static int request_is_own(struct socket *socket, const struct castle_socket_call *call)
{
	const bool same = socket->request.operation == call->operation;
	const bool mine = same && (socket->caller == current_thread->tid ||
				   (socket->abandoned && call->operation == CASTLE_SOCKET_RECEIVE));

	if (mine) {
		socket->caller = current_thread->tid;
		socket->abandoned = false;
	} else if (socket->abandoned && socket->state == REQUEST_ANSWERED) {
		socket->state = REQUEST_NONE;
		return 0;
	}
	return mine && socket->state == REQUEST_ANSWERED ? 0 : call_wait(socket);
}

/* Copies the request in, and waits for what becomes of it. */
static int request_make(struct socket *socket, const struct castle_socket_call *call)
{
	struct castle_socket_request *request = &socket->request;

	if (call->size > CASTLE_SOCKET_DATA)
		return -EINVAL;
	if (call->size && copy_from_user(socket->data, call->data, call->size) != 0)
		return -EFAULT;
	request->operation = call->operation;
	request->process = current_process()->pid;
	request->size = call->size;
	memcpy(request->arguments, call->arguments, sizeof request->arguments);
	socket->caller = current_thread->tid;
	socket->abandoned = false;
	request_post(socket);
	return call_wait(socket);
}

/* The answer goes to the caller; what it has no room for is lost. */
static int answer_take(struct socket *socket, struct castle_socket_call *call)
{
	const uint32_t size =
		socket->request.size < call->answer_size ? socket->request.size : call->answer_size;

	if (size && copy_to_user(call->answer_data, socket->data, size) != 0)
		return -EFAULT;
	call->answer_size = size;
	memcpy(call->arguments, socket->request.arguments, sizeof call->arguments);
	socket->state = REQUEST_NONE;
	wait_queue_wake_all(&socket->callers);
	return socket->result;
}

/*
 * Makes the call, waiting until the socket is ready unless `wait` is false. What was ready may be
 * gone by the time the serving process looks, and then is waited for again.
 */
static int socket_call(struct socket *socket, struct castle_socket_call *call, bool wait)
{
	const uint32_t ready = ready_for(call->operation);
	int result;

	if (socket->broken)
		return -ECONNRESET;
	if (socket->state != REQUEST_NONE) {
		result = request_is_own(socket, call);
		if (result)
			return result;
	}
	if (socket->state == REQUEST_ANSWERED) {
		result = answer_take(socket, call);
		if (result != -EAGAIN)
			return result;
	}
	if (!ready || socket->ready & ready)
		return request_make(socket, call);
	return wait ? wait_queue_block_restart(&socket->pollers) : -EAGAIN;
}

static bool file_waits(const struct file *file)
{
	return !(file->flags & CASTLE_O_NONBLOCK);
}

static int socket_ioctl_call(struct file *file, user_addr_t address)
{
	struct castle_socket_call call;
	int result;

	if (copy_from_user(&call, address, sizeof call) != 0)
		return -EFAULT;
	if (call.operation == CASTLE_SOCKET_CLOSED || call.operation >= CASTLE_SOCKET_OPERATIONS)
		return -EINVAL;
	result = socket_call(file->data, &call,
			     file_waits(file) && !(call.flags & CASTLE_SOCKET_NOWAIT));
	if (result >= 0 && copy_to_user(address, &call, sizeof call) != 0)
		return -EFAULT;
	return result;
}

static int socket_wait(struct socket *socket, uint32_t ready)
{
	if (socket->broken || socket->ready & ready)
		return socket->ready;
	return wait_queue_block_restart(&socket->pollers);
}

static int socket_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	assert_held(driver);
	switch (request) {
	case CASTLE_SOCKET_CALL:
		return socket_ioctl_call(file, argument);
	case CASTLE_SOCKET_WAIT:
		return socket_wait(file->data, argument);
	default:
		return -EINVAL;
	}
}

static int socket_read(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct castle_socket_call call = { .operation = CASTLE_SOCKET_RECEIVE,
					   .arguments = { size },
					   .answer_data = buffer,
					   .answer_size = size };

	assert_held(driver);
	return size ? socket_call(file->data, &call, file_waits(file)) : 0;
}

/* A part may be all that is written, as with any stream. */
static int socket_write(struct file *file, user_addr_t buffer, uint32_t size)
{
	struct castle_socket_call call = {
		.operation = CASTLE_SOCKET_SEND,
		.data = buffer,
		.size = size < CASTLE_SOCKET_DATA ? size : CASTLE_SOCKET_DATA,
	};

	assert_held(driver);
	return size ? socket_call(file->data, &call, file_waits(file)) : 0;
}

static uint32_t socket_ready(struct file *file)
{
	const struct socket *socket = file->data;

	assert_held(driver);
	return socket->ready;
}

void socket_set_ready(struct socket *socket, uint32_t ready)
{
	assert_held(driver);
	socket->ready = ready & ALL_READY;
	if (socket->ready)
		wait_queue_wake_all(&socket->pollers);
}

struct socket *socket_request_first(void)
{
	assert_held(driver);
	return list_empty(&requests) ? NULL : list_entry(requests.next, struct socket, queue);
}

void socket_request_taken(struct socket *socket)
{
	assert_held(driver);
	list_remove(&socket->queue);
	socket->state = REQUEST_TAKEN;
	if (socket->closed)
		socket_free(socket);
}

void sockets_serve(void)
{
	assert_held(driver);
	served = true;
}

static void socket_break(struct socket *socket)
{
	if (socket->state == REQUEST_POSTED)
		list_remove(&socket->queue);
	if (socket->closed) {
		socket_free(socket);
		return;
	}
	socket->broken = true;
	socket->state = REQUEST_NONE;
	socket_set_ready(socket, ALL_READY);
	wait_queue_wake_all(&socket->callers);
}

void sockets_break(void)
{
	assert_held(driver);
	served = false;
	for (uint32_t place = 0; place < SOCKETS_MAX; place++)
		if (sockets[place])
			socket_break(sockets[place]);
}

static const struct device_ops socket_ops = {
	.lock = &net_lock,
	.open = socket_open,
	.close = socket_close,
	.read = socket_read,
	.write = socket_write,
	.ioctl = socket_ioctl,
	.ready = socket_ready,
};
static struct device socket_device SET_AT_BOOT = { .name = "socket", .ops = &socket_ops };

static int sockets_start(void)
{
	const int error = device_register(&socket_device);

	list_init(&requests);
	return error ? error : server_register();
}

static const struct driver socket_driver = { .name = "socket", .start = sockets_start };
DRIVER(socket_driver);
