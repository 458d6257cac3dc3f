/*
 * Networks, as the kernel and the process that serves them share them (docs/network.md): Ethernet
 * cards, /dev/eth0 and /dev/eth1, and sockets, which are files of /dev/socket. What is done with a
 * socket goes as a request to the process that has /dev/netd open, and comes back as its answer.
 */
#ifndef CASTLE_NET_H
#define CASTLE_NET_H

#include <stdint.h>

#define CASTLE_ETHERNET_CARDS 2

/*
 * A card is open in one process at a time. A read takes one frame, without its check sum; the
 * buffer must have CASTLE_FRAME_MAX bytes, or the read fails with EINVAL. A write sends one. Both
 * wait, for a frame and for room, unless O_NONBLOCK is set.
 */
#define CASTLE_FRAME_MIN 14
#define CASTLE_FRAME_MAX 1514

#define CASTLE_ETHERNET_INFO 0x4e01 /* argument: address of a struct castle_ethernet_info */

#define CASTLE_NET_SETTING_SIZE 32

struct castle_ethernet_info {
	uint8_t address[6];
	uint8_t link; /* 1: there is a cable, and something at its other end */
	uint8_t reserved;
	uint32_t received; /* frames that were read */
	uint32_t sent;
	uint32_t missed;                       /* that came when the ring was full */
	uint32_t bad;                          /* damaged, or longer than a frame may be */
	char setting[CASTLE_NET_SETTING_SIZE]; /* net.N= of the kernel's command line, or "" */
	char gateway[CASTLE_NET_SETTING_SIZE]; /* net.gateway=, likewise */
	char dns[CASTLE_NET_SETTING_SIZE];     /* net.dns= */
};

/* What can be asked of a socket; the numbers of arguments[]. */
enum castle_socket_operation {
	CASTLE_SOCKET_CLOSED,      /* by the kernel: its last descriptor is closed; no answer */
	CASTLE_SOCKET_SOCKET,      /* type, protocol */
	CASTLE_SOCKET_BIND,        /* address, port */
	CASTLE_SOCKET_CONNECT,     /* address, port; -EINPROGRESS: ready to write when it is */
	CASTLE_SOCKET_LISTEN,      /* backlog */
	CASTLE_SOCKET_ACCEPT,      /* -> a number for CASTLE_SOCKET_ADOPT; [0], [1]: its peer */
	CASTLE_SOCKET_ADOPT,       /* a fresh socket becomes the connection of that number */
	CASTLE_SOCKET_SEND,        /* address or 0, port; data */
	CASTLE_SOCKET_RECEIVE,     /* size, flags; -> data, [0], [1]: from where */
	CASTLE_SOCKET_SHUTDOWN,    /* how */
	CASTLE_SOCKET_GET_OPTION,  /* level, option; -> value */
	CASTLE_SOCKET_SET_OPTION,  /* level, option, value */
	CASTLE_SOCKET_NAME,        /* -> [0], [1]: its own address and port */
	CASTLE_SOCKET_PEER,        /* -> [0], [1]: the other's */
	CASTLE_SOCKET_RESOLVE,     /* data: a name; -> [0]: its address */
	CASTLE_SOCKET_INTERFACE,   /* number; -> data: struct castle_interface */
	CASTLE_SOCKET_SET_ADDRESS, /* number, address, mask, gateway */
	CASTLE_SOCKET_OPERATIONS
};

/* Addresses and ports are in the network's order of bytes throughout. */
struct castle_interface {
	char name[16];
	uint32_t address, mask, gateway;
	uint8_t hardware[6];
	uint8_t up;
	uint8_t reserved;
	uint32_t received, sent, missed, bad, dropped; /* dropped: sent when the ring was full */
};

#define CASTLE_SOCKET_ARGUMENTS 4
#define CASTLE_SOCKET_DATA      4096 /* bytes that go with a request or an answer, at most */

#define CASTLE_SOCKET_NOWAIT 1 /* of struct castle_socket_call: as if O_NONBLOCK were set */

/* ioctl() requests on a socket. */
#define CASTLE_SOCKET_CALL 0x4e11 /* argument: address of a struct castle_socket_call */
#define CASTLE_SOCKET_WAIT 0x4e12 /* argument: CASTLE_READY_*, one of which is waited for */

struct castle_socket_call {
	uint32_t operation;
	uint32_t flags;
	uint32_t arguments[CASTLE_SOCKET_ARGUMENTS]; /* in and out */
	uint32_t data;                               /* address of what goes along */
	uint32_t size;                               /* of it */
	uint32_t answer_data;                        /* where what comes back is to go */
	uint32_t answer_size;                        /* room there; then how much came */
};

/* read() from /dev/netd, which never waits (EAGAIN): the next request, its data behind it. */
struct castle_socket_request {
	uint32_t socket; /* which: a number that is not used again soon */
	uint32_t operation;
	int32_t process; /* that asks */
	uint32_t size;   /* of the data */
	uint32_t arguments[CASTLE_SOCKET_ARGUMENTS];
};

/* write() to /dev/netd: an answer, its data behind it. */
struct castle_socket_answer {
	uint32_t socket;
	int32_t result; /* 0 or more, or a negative errno value */
	uint32_t ready; /* CASTLE_READY_* from now on */
	uint32_t size;  /* of the data */
	uint32_t arguments[CASTLE_SOCKET_ARGUMENTS];
};

/* ioctl() requests on /dev/netd. */
#define CASTLE_NETD_READY 0x4e21 /* argument: address of a struct castle_socket_ready */
#define CASTLE_NETD_WAIT \
	0x4e22 /* argument: milliseconds, at most, until a request or frame comes */

#define CASTLE_NETD_WAIT_MAX 60000
#define CASTLE_NET_ERRORS    256 /* errno values of answers are below */

struct castle_socket_ready {
	uint32_t socket;
	uint32_t ready; /* CASTLE_READY_*: what could be done without waiting */
};

#endif
