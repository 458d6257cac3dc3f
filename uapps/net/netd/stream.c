/*
 * Streams: TCP, over lwIP's callbacks. What has come and not been read keeps its room in the
 * window, so that a program that does not read stops who sends; what a program sends waits in
 * lwIP's own queue, and its writes wait while that is full.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lwip/tcp.h"
#include "netd.h"

#define ROOM_TO_WRITE  (2 * TCP_MSS)
#define QUEUE_TO_WRITE (TCP_SND_QUEUELEN - 8)

/* Accepted connections whose programs have not opened their sockets yet. */
static struct socket *adoptable;
static uint32_t last_adoption;

static err_t came(void *argument, struct tcp_pcb *tcp, struct pbuf *data, err_t error)
{
	struct socket *socket = argument;

	(void)tcp, (void)error;
	if (!data)
		socket->ended = true;
	else if (socket->received)
		pbuf_cat(socket->received, data);
	else
		socket->received = data;
	socket_update(socket);
	return ERR_OK;
}

static err_t was_sent(void *argument, struct tcp_pcb *tcp, u16_t length)
{
	(void)tcp, (void)length;
	socket_update(argument);
	return ERR_OK;
}

/* lwIP has freed the connection. */
static void failed(void *argument, err_t error)
{
	struct socket *socket = argument;

	/* A connection that is refused is reset before it is one. */
	socket->error = socket->connecting && error == ERR_RST ? ECONNREFUSED : -error_of(error);
	if (socket->connecting && error == ERR_ABRT)
		socket->error = ETIMEDOUT;
	socket->tcp = NULL;
	socket->connecting = socket->connected = false;
	socket->ended = true;
	socket_update(socket);
}

static void listen_to(struct socket *socket, struct tcp_pcb *tcp)
{
	socket->tcp = tcp;
	tcp_arg(tcp, socket);
	tcp_recv(tcp, came);
	tcp_sent(tcp, was_sent);
	tcp_err(tcp, failed);
}

int stream_create(struct socket *socket)
{
	struct tcp_pcb *tcp = tcp_new();

	if (!tcp)
		return -ENOBUFS;
	listen_to(socket, tcp);
	return 0;
}

int stream_bind(struct socket *socket, uint32_t address, uint16_t port)
{
	const ip_addr_t ip = ip_of(address);

	return socket->tcp ? error_of(tcp_bind(socket->tcp, &ip, lwip_ntohs(port))) : -EINVAL;
}

static err_t connected(void *argument, struct tcp_pcb *tcp, err_t error)
{
	struct socket *socket = argument;

	(void)tcp, (void)error;
	socket->connecting = false;
	socket->connected = true;
	socket_update(socket);
	return ERR_OK;
}

int stream_connect(struct socket *socket, uint32_t address, uint16_t port)
{
	const ip_addr_t ip = ip_of(address);
	int error;

	if (socket->connecting)
		return -EALREADY;
	if (!socket->tcp || socket->connected || socket->listening)
		return -EISCONN;
	error = error_of(tcp_connect(socket->tcp, &ip, lwip_ntohs(port), connected));
	socket->connecting = !error;
	return error ? error : -EINPROGRESS;
}

/* A connection has come; it waits until a program asks for it. */
static err_t arrived(void *argument, struct tcp_pcb *tcp, err_t error)
{
	struct socket *socket = argument, *fresh, **end;

	if (error || !tcp)
		return ERR_VAL;
	fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		return ERR_MEM;
	fresh->kind = SOCKET_STREAM;
	fresh->connected = true;
	listen_to(fresh, tcp);
	tcp_backlog_delayed(tcp);
	for (end = &socket->accepted; *end; end = &(*end)->next)
		;
	*end = fresh;
	socket_update(socket);
	return ERR_OK;
}

int stream_listen(struct socket *socket, uint32_t backlog)
{
	struct tcp_pcb *tcp;

	if (socket->listening)
		return 0;
	if (!socket->tcp || socket->connected || socket->connecting)
		return -EINVAL;
	if (backlog < 1 || backlog > 255)
		backlog = backlog < 1 ? 1 : 255;
	tcp = tcp_listen_with_backlog(socket->tcp, backlog);
	if (!tcp)
		return -EADDRINUSE;
	socket->tcp = tcp;
	socket->listening = true;
	tcp_arg(tcp, socket);
	tcp_accept(tcp, arrived);
	return 0;
}

int stream_accept(struct socket *socket, int32_t process, uint32_t peer[2])
{
	struct socket *fresh = socket->accepted;

	if (!socket->listening)
		return -EINVAL;
	if (!fresh)
		return -EAGAIN;
	socket->accepted = fresh->next;
	stream_name(fresh, true, peer);
	if (fresh->tcp)
		tcp_backlog_accepted(fresh->tcp);
	fresh->next = adoptable;
	adoptable = fresh;
	fresh->adopter = process;
	last_adoption = last_adoption % INT32_MAX + 1;
	return fresh->adoption = last_adoption;
}

/* The program's fresh socket becomes what the connection's was. */
static void take_over(struct socket *socket, struct socket *fresh)
{
	socket->kind = SOCKET_STREAM;
	socket->tcp = fresh->tcp;
	socket->error = fresh->error;
	socket->connected = fresh->connected;
	socket->ended = fresh->ended;
	socket->received = fresh->received;
	if (socket->tcp)
		tcp_arg(socket->tcp, socket);
	free(fresh);
}

int stream_adopt(struct socket *socket, uint32_t number, int32_t process)
{
	for (struct socket **at = &adoptable; *at; at = &(*at)->next) {
		struct socket *fresh = *at;
		if (fresh->adoption != number || fresh->adopter != process)
			continue;
		*at = fresh->next;
		take_over(socket, fresh);
		return 0;
	}
	return -EINVAL;
}

static int take_error(struct socket *socket)
{
	const int error = socket->error;

	socket->error = 0;
	return -error;
}

int stream_send(struct socket *socket, const void *data, uint32_t size)
{
	uint32_t room;
	int error;

	if (socket->error)
		return take_error(socket);
	if (!socket->tcp || !socket->connected)
		return socket->connecting ? -EAGAIN : socket->ended ? -EPIPE : -ENOTCONN;
	room = tcp_sndbuf(socket->tcp);
	if (size > room)
		size = room;
	if (size == 0 || tcp_sndqueuelen(socket->tcp) >= QUEUE_TO_WRITE)
		return -EAGAIN;
	error = tcp_write(socket->tcp, data, size, TCP_WRITE_FLAG_COPY);
	if (error == ERR_MEM)
		return -EAGAIN;
	if (error)
		return error_of(error);
	tcp_output(socket->tcp);
	return size;
}

/* Gives back what has been read, buffer by buffer. */
static void received_drop(struct socket *socket, uint32_t size)
{
	socket->taken += size;
	while (socket->received && socket->taken >= socket->received->len) {
		struct pbuf *first = socket->received;
		socket->taken -= first->len;
		socket->received = first->next;
		if (first->next)
			pbuf_ref(first->next);
		pbuf_free(first);
	}
	if (socket->tcp)
		tcp_recved(socket->tcp, size);
}

int stream_receive(struct socket *socket, void *data, uint32_t size, bool peek)
{
	uint32_t count;

	if (!socket->received) {
		if (socket->error)
			return take_error(socket);
		if (socket->ended)
			return 0;
		return socket->connected || socket->connecting ? -EAGAIN : -ENOTCONN;
	}
	count = pbuf_copy_partial(socket->received, data, size, socket->taken);
	if (!peek)
		received_drop(socket, count);
	return count;
}

int stream_shutdown(struct socket *socket, uint32_t how)
{
	if (!socket->tcp || !socket->connected)
		return -ENOTCONN;
	if (how > SHUT_RDWR)
		return -EINVAL;
	if (how != SHUT_WR)
		socket->ended = true;
	/* Reading is ended here alone: lwIP would reset what still comes. */
	return how == SHUT_RD ? 0 : error_of(tcp_shutdown(socket->tcp, 0, 1));
}

static void flag_set(struct tcp_pcb *tcp, uint32_t level, uint32_t option, bool on)
{
	if (level == IPPROTO_TCP && option == TCP_NODELAY) {
		if (on)
			tcp_nagle_disable(tcp);
		else
			tcp_nagle_enable(tcp);
	} else if (level == SOL_SOCKET && option == SO_REUSEADDR) {
		if (on)
			ip_set_option(tcp, SOF_REUSEADDR);
		else
			ip_reset_option(tcp, SOF_REUSEADDR);
	} else if (level == SOL_SOCKET && option == SO_KEEPALIVE) {
		if (on)
			ip_set_option(tcp, SOF_KEEPALIVE);
		else
			ip_reset_option(tcp, SOF_KEEPALIVE);
	}
}

static int flag_get(const struct tcp_pcb *tcp, uint32_t level, uint32_t option)
{
	if (level == IPPROTO_TCP)
		return option == TCP_NODELAY ? tcp_nagle_disabled(tcp) != 0 : -ENOPROTOOPT;
	switch (option) {
	case SO_REUSEADDR:
		return ip_get_option(tcp, SOF_REUSEADDR) != 0;
	case SO_KEEPALIVE:
		return ip_get_option(tcp, SOF_KEEPALIVE) != 0;
	case SO_SNDBUF:
		return TCP_SND_BUF;
	case SO_RCVBUF:
		return TCP_WND;
	default:
		return -ENOPROTOOPT;
	}
}

int stream_option(struct socket *socket, uint32_t level, uint32_t option, const uint32_t *value)
{
	if (level == SOL_SOCKET && option == SO_ERROR && !value)
		return -take_error(socket);
	if (level == SOL_SOCKET && option == SO_TYPE && !value)
		return SOCK_STREAM;
	if (!socket->tcp)
		return -EINVAL;
	if (value && flag_get(socket->tcp, level, option) >= 0)
		flag_set(socket->tcp, level, option, *value);
	return value && level == SOL_SOCKET ? 0 : flag_get(socket->tcp, level, option);
}

int stream_name(struct socket *socket, bool peer, uint32_t name[2])
{
	if (!socket->tcp || (peer && !socket->connected))
		return -ENOTCONN;
	name[0] = peer ? socket->tcp->remote_ip.addr : socket->tcp->local_ip.addr;
	name[1] = lwip_htons(peer ? socket->tcp->remote_port : socket->tcp->local_port);
	return 0;
}

static void accepted_close(struct socket *socket)
{
	struct socket *fresh;

	while ((fresh = socket->accepted)) {
		socket->accepted = fresh->next;
		stream_close(fresh);
		free(fresh);
	}
}

void stream_close(struct socket *socket)
{
	struct tcp_pcb *tcp = socket->tcp;

	accepted_close(socket);
	if (tcp) {
		tcp_arg(tcp, NULL);
		if (!socket->listening) {
			tcp_recv(tcp, NULL);
			tcp_sent(tcp, NULL);
			tcp_err(tcp, NULL);
		}
		/* lwIP sends what is still to be sent by itself; unread bytes are a reset. */
		if (tcp_close(tcp) != ERR_OK)
			tcp_abort(tcp);
	}
	if (socket->received)
		pbuf_free(socket->received);
}

uint32_t stream_ready(const struct socket *socket)
{
	uint32_t ready = 0;

	if (socket->listening)
		return socket->accepted ? CASTLE_READY_TO_READ : 0;
	if (socket->connecting)
		return 0;
	if (!socket->tcp || !socket->connected)
		return CASTLE_READY_TO_READ | CASTLE_READY_TO_WRITE | CASTLE_READY_HANG_UP |
		       (socket->error ? CASTLE_READY_ERROR : 0);
	if (socket->received || socket->ended)
		ready = CASTLE_READY_TO_READ;
	if (tcp_sndbuf(socket->tcp) >= ROOM_TO_WRITE &&
	    tcp_sndqueuelen(socket->tcp) < QUEUE_TO_WRITE)
		ready |= CASTLE_READY_TO_WRITE;
	return ready;
}
