/*
 * busybox's one header names types of sockets wherever it is used; none of the programs built here has a socket.
 */
#ifndef BUSYBOX_NETDB_H
#define BUSYBOX_NETDB_H

struct addrinfo;
struct hostent;

#endif
