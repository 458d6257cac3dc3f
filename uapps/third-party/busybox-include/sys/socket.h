/*
 * What declarations of busybox's one header need; none of the programs built here has a socket.
 */
#ifndef BUSYBOX_SYS_SOCKET_H
#define BUSYBOX_SYS_SOCKET_H

typedef unsigned socklen_t;

enum { SOCK_STREAM = 1, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET };
enum { AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 };

struct sockaddr {
	unsigned short sa_family;
	char sa_data[14];
};

struct sockaddr_in {
	unsigned short sin_family;
	unsigned short sin_port;
	unsigned sin_addr;
};

#endif
