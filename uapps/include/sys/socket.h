/*
 * Sockets of the Internet's version 4 (POSIX.1-2017, <sys/socket.h>); docs/network.md says what
 * there is.
 */
#ifndef CASTLE_SYS_SOCKET_H
#define CASTLE_SYS_SOCKET_H

#include <sys/types.h>
#include <sys/uio.h>

typedef unsigned int socklen_t;
typedef unsigned short sa_family_t;

#define AF_UNSPEC 0
#define AF_UNIX   1
#define AF_INET   2
#define AF_INET6  10
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX   AF_UNIX
#define PF_INET   AF_INET
#define PF_INET6  AF_INET6

#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_SEQPACKET 5
#define SOCK_NONBLOCK  0x4000 /* O_NONBLOCK */
#define SOCK_CLOEXEC   0x40000

#define SOL_SOCKET   1
#define SO_REUSEADDR 2
#define SO_TYPE      3
#define SO_ERROR     4
#define SO_BROADCAST 6
#define SO_SNDBUF    7
#define SO_RCVBUF    8
#define SO_KEEPALIVE 9
#define SO_LINGER    13
#define SO_REUSEPORT 15
#define SO_RCVTIMEO  20
#define SO_SNDTIMEO  21

#define MSG_PEEK     0x2
#define MSG_DONTWAIT 0x40
#define MSG_WAITALL  0x100
#define MSG_NOSIGNAL 0x4000 /* no signal comes from sockets anyway */

#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

#define SOMAXCONN 128

struct sockaddr {
	sa_family_t sa_family;
	char sa_data[14];
};

struct sockaddr_storage {
	sa_family_t ss_family;
	char ss_data[126];
};

struct linger {
	int l_onoff;
	int l_linger;
};

#ifdef __cplusplus
extern "C" {
#endif

int socket(int domain, int type, int protocol);
int bind(int fd, const struct sockaddr *address, socklen_t size);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr *address, socklen_t *size);
int accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int connect(int fd, const struct sockaddr *address, socklen_t size);
ssize_t send(int fd, const void *data, size_t size, int flags);
ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *address,
	       socklen_t address_size);
ssize_t recv(int fd, void *data, size_t size, int flags);
ssize_t recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *address,
		 socklen_t *address_size);
int shutdown(int fd, int how);
int getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int setsockopt(int fd, int level, int option, const void *value, socklen_t size);
int getsockname(int fd, struct sockaddr *address, socklen_t *size);
int getpeername(int fd, struct sockaddr *address, socklen_t *size);

#ifdef __cplusplus
}
#endif

#endif
