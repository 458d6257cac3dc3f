/*
 * netd's own interfaces. One thread runs all of it: frames come in, requests come in, timers run
 * out, one after the other; nothing waits but the main loop.
 */
#ifndef NETD_H
#define NETD_H

#include <castle/abi.h>
#include <castle/net.h>
#include <stdbool.h>
#include <stdint.h>
#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"

/* --- requests and answers (requests.c) --- */

/* A request, and its answer, which begins as one without data and arguments. */
struct exchange {
	struct castle_socket_request request;
	uint8_t data[CASTLE_SOCKET_DATA]; /* the request's */
	struct castle_socket_answer answer;
	uint8_t answer_data[CASTLE_SOCKET_DATA];
	bool later; /* the answer will come by itself */
};

/* Opens /dev/netd; ends the process if it cannot. */
void requests_open(void);

/* Does all that programs have asked for; how many requests that was. */
int requests_do(void);

/* Gives an answer of its own time. */
void answer_later(uint32_t socket, int32_t result, uint32_t argument);

/* Tells the kernel what the socket could do. */
void ready_tell(uint32_t socket, uint32_t ready);

/* Waits for a request or a frame. */
void requests_wait(uint32_t milliseconds);

/* --- sockets (sockets.c) --- */

enum socket_kind { SOCKET_FRESH, SOCKET_STREAM, SOCKET_DATAGRAM, SOCKET_RAW };

struct datagram {
	struct datagram *next;
	struct pbuf *data;
	uint32_t address;
	uint16_t port;
};

struct socket {
	uint32_t name; /* the kernel's; 0: a connection that no program has accepted yet */
	enum socket_kind kind;
	union {
		struct tcp_pcb *tcp; /* NULL: the connection is gone */
		struct udp_pcb *udp;
		struct raw_pcb *raw;
	};
	uint32_t ready; /* as the kernel has been told */
	int error;      /* errno of what ended the connection, until somebody was told */

	/* Streams. */
	bool listening, connecting, connected, ended; /* ended: the other side sends no more */
	struct pbuf *received;
	uint32_t taken;          /* bytes of the first buffer */
	struct socket *accepted; /* connections that nobody has asked for, oldest first */
	struct socket *next;     /* in that list, or in that of connections to be adopted */
	uint32_t adoption;       /* its number there */
	int32_t adopter;         /* the process that may */

	/* Datagrams. */
	struct datagram *first, *last;
	uint32_t datagrams;
};

/* NULL: there is none of that name. */
struct socket *socket_of(uint32_t name);

/* Carries a request out. */
void socket_request(struct exchange *exchange);

/* Works out what the socket could do, and tells the kernel if that is new. */
void socket_update(struct socket *socket);

/* --- streams (stream.c), datagrams (datagram.c): each gives a result, 0 or a negative errno value
 * --- */

int stream_create(struct socket *socket);
int stream_bind(struct socket *socket, uint32_t address, uint16_t port);
int stream_connect(struct socket *socket, uint32_t address, uint16_t port);
int stream_listen(struct socket *socket, uint32_t backlog);
int stream_accept(struct socket *socket, int32_t process, uint32_t peer[2]);
int stream_adopt(struct socket *socket, uint32_t number, int32_t process);
int stream_send(struct socket *socket, const void *data, uint32_t size);
int stream_receive(struct socket *socket, void *data, uint32_t size, bool peek);
int stream_shutdown(struct socket *socket, uint32_t how);
int stream_option(struct socket *socket, uint32_t level, uint32_t option, const uint32_t *value);
int stream_name(struct socket *socket, bool peer, uint32_t name[2]);
void stream_close(struct socket *socket);
uint32_t stream_ready(const struct socket *socket);

int datagram_create(struct socket *socket, uint32_t protocol);
int datagram_bind(struct socket *socket, uint32_t address, uint16_t port);
int datagram_connect(struct socket *socket, uint32_t address, uint16_t port);
int datagram_send(struct socket *socket, const struct exchange *exchange);
int datagram_receive(struct socket *socket, struct exchange *exchange, bool peek);
int datagram_name(struct socket *socket, bool peer, uint32_t name[2]);
void datagram_close(struct socket *socket);
uint32_t datagram_ready(const struct socket *socket);

/* What lwIP's result is as a negative errno value. */
int error_of(int lwip);

static inline ip_addr_t ip_of(uint32_t address)
{
	return (ip_addr_t){ .addr = address };
}

/* --- interfaces (interfaces.c) --- */

/* Opens the cards and gives them the addresses of the command line. */
void interfaces_open(void);

/* Takes frames in; how many. */
int interfaces_receive(void);

/* Looks at cables, once a second. */
void interfaces_look(void);

/* The answers to CASTLE_SOCKET_INTERFACE and CASTLE_SOCKET_SET_ADDRESS. */
int interface_show(uint32_t number, struct castle_interface *shown);
int interface_set(const uint32_t arguments[CASTLE_SOCKET_ARGUMENTS]);

#endif
