/*
 * Names of machines (POSIX.1-2017, <netdb.h>): netd asks the name server that it knows.
 */
#ifndef CASTLE_NETDB_H
#define CASTLE_NETDB_H

#include <netinet/in.h>
#include <sys/socket.h>

struct addrinfo {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	socklen_t ai_addrlen;
	struct sockaddr *ai_addr;
	char *ai_canonname; /* NULL */
	struct addrinfo *ai_next;
};

#define AI_PASSIVE     1
#define AI_CANONNAME   2
#define AI_NUMERICHOST 4
#define AI_NUMERICSERV 8

#define NI_NUMERICHOST 1
#define NI_NUMERICSERV 2
#define NI_MAXHOST     64
#define NI_MAXSERV     8

#define EAI_AGAIN   1
#define EAI_FAIL    2
#define EAI_FAMILY  3
#define EAI_MEMORY  4
#define EAI_NONAME  5
#define EAI_SERVICE 6

struct hostent {
	char *h_name;
	char **h_aliases;
	int h_addrtype;
	int h_length;
	char **h_addr_list;
};
#define h_addr h_addr_list[0]

#ifdef __cplusplus
extern "C" {
#endif

/* One address at most; services are numbers. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found);
void freeaddrinfo(struct addrinfo *found);
const char *gai_strerror(int error);

/* Numbers alone. */
int getnameinfo(const struct sockaddr *address, socklen_t size, char *name, socklen_t name_size,
		char *service, socklen_t service_size, int flags);

/* The result is this function's own, until it is called again. */
struct hostent *gethostbyname(const char *name);

#ifdef __cplusplus
}
#endif

#endif
