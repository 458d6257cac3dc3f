/*
 * Datagrams: UDP, and IP packets as they are, for ICMP.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lwip/raw.h"
#include "lwip/udp.h"
#include "netd.h"

#define DATAGRAMS_MAX 64 /* that wait to be received; more are lost, as any may be */

static void keep(struct socket *socket, struct pbuf *data, uint32_t address, uint16_t port)
{
	struct datagram *datagram =
		socket->datagrams < DATAGRAMS_MAX ? malloc(sizeof *datagram) : NULL;

	if (!datagram) {
		pbuf_free(data);
		return;
	}
	*datagram = (struct datagram){ .data = data, .address = address, .port = port };
	if (socket->first)
		socket->last->next = datagram;
	else
		socket->first = datagram;
	socket->last = datagram;
	socket->datagrams++;
	socket_update(socket);
}

static void udp_came(void *argument, struct udp_pcb *udp, struct pbuf *data, const ip_addr_t *from,
		     u16_t port)
{
	(void)udp;
	keep(argument, data, from->addr, lwip_htons(port));
}

/* A copy, for what else is done with the packet. */
static u8_t raw_came(void *argument, struct raw_pcb *raw, struct pbuf *data, const ip_addr_t *from)
{
	struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_RAM, data);

	(void)raw;
	if (copy)
		keep(argument, copy, from->addr, 0);
	return 0;
}

int datagram_create(struct socket *socket, uint32_t protocol)
{
	if (socket->kind == SOCKET_RAW) {
		socket->raw = raw_new(protocol);
		if (socket->raw)
			raw_recv(socket->raw, raw_came, socket);
	} else {
		socket->udp = udp_new();
		if (socket->udp) {
			ip_set_option(socket->udp, SOF_BROADCAST);
			udp_recv(socket->udp, udp_came, socket);
		}
	}
	return socket->udp ? 0 : -ENOBUFS;
}

int datagram_bind(struct socket *socket, uint32_t address, uint16_t port)
{
	const ip_addr_t ip = ip_of(address);

	return error_of(socket->kind == SOCKET_RAW ? raw_bind(socket->raw, &ip)
						   : udp_bind(socket->udp, &ip, lwip_ntohs(port)));
}

int datagram_connect(struct socket *socket, uint32_t address, uint16_t port)
{
	const ip_addr_t ip = ip_of(address);

	socket->connected = true;
	return error_of(socket->kind == SOCKET_RAW
				? raw_connect(socket->raw, &ip)
				: udp_connect(socket->udp, &ip, lwip_ntohs(port)));
}

static int send_to(struct socket *socket, struct pbuf *data, uint32_t address, uint32_t port)
{
	const ip_addr_t ip = ip_of(address);

	if (address == 0 && !socket->connected)
		return -EDESTADDRREQ;
	if (socket->kind == SOCKET_RAW)
		return error_of(address ? raw_sendto(socket->raw, data, &ip)
					: raw_send(socket->raw, data));
	return error_of(address ? udp_sendto(socket->udp, data, &ip, lwip_ntohs(port))
				: udp_send(socket->udp, data));
}

int datagram_send(struct socket *socket, const struct exchange *exchange)
{
	const struct castle_socket_request *request = &exchange->request;
	struct pbuf *data = pbuf_alloc(PBUF_TRANSPORT, request->size, PBUF_RAM);
	int error;

	if (!data)
		return -ENOBUFS;
	pbuf_take(data, exchange->data, request->size);
	error = send_to(socket, data, request->arguments[0], request->arguments[1]);
	pbuf_free(data);
	return error ? error : (int)request->size;
}

static void drop_first(struct socket *socket)
{
	struct datagram *first = socket->first;

	socket->first = first->next;
	socket->datagrams--;
	pbuf_free(first->data);
	free(first);
}

/* What there is no room for is lost, as POSIX has it. */
int datagram_receive(struct socket *socket, struct exchange *exchange, bool peek)
{
	const struct datagram *first = socket->first;
	uint32_t size = exchange->request.arguments[0];

	if (!first)
		return -EAGAIN;
	if (size > CASTLE_SOCKET_DATA)
		size = CASTLE_SOCKET_DATA;
	exchange->answer.size = pbuf_copy_partial(first->data, exchange->answer_data, size, 0);
	exchange->answer.arguments[0] = first->address;
	exchange->answer.arguments[1] = first->port;
	if (!peek)
		drop_first(socket);
	return exchange->answer.size;
}

int datagram_name(struct socket *socket, bool peer, uint32_t name[2])
{
	const bool udp = socket->kind == SOCKET_DATAGRAM;

	if (peer && !socket->connected)
		return -ENOTCONN;
	name[0] = udp ? (peer ? socket->udp->remote_ip : socket->udp->local_ip).addr
		      : (peer ? socket->raw->remote_ip : socket->raw->local_ip).addr;
	name[1] = udp ? lwip_htons(peer ? socket->udp->remote_port : socket->udp->local_port) : 0;
	return 0;
}

void datagram_close(struct socket *socket)
{
	while (socket->first)
		drop_first(socket);
	if (!socket->udp)
		return;
	if (socket->kind == SOCKET_RAW)
		raw_remove(socket->raw);
	else
		udp_remove(socket->udp);
}

uint32_t datagram_ready(const struct socket *socket)
{
	return CASTLE_READY_TO_WRITE | (socket->first ? CASTLE_READY_TO_READ : 0);
}
