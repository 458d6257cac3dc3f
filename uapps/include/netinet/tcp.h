/*
 * What can be set of a TCP connection (POSIX.1-2017, <netinet/tcp.h>).
 */
#ifndef CASTLE_NETINET_TCP_H
#define CASTLE_NETINET_TCP_H

#define TCP_NODELAY 1

#endif
