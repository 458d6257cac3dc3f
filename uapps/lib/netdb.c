/*
 * Names and addresses of machines as text.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <castle/net.h>
#include "result.h"

#define PARTS     4
#define PART_MAX  255
#define PORT_MAX  65535
#define TEXT_SIZE INET_ADDRSTRLEN

static const char *const problems[] = {
	[0] = "no error",
	[EAI_AGAIN] = "there is no answer now",
	[EAI_FAIL] = "the name server fails",
	[EAI_FAMILY] = "there are addresses of version 4 alone",
	[EAI_MEMORY] = "no memory",
	[EAI_NONAME] = "no such name",
	[EAI_SERVICE] = "services are numbers from 0 to 65535",
};

/* A number up to `most` at *text, which then is behind it; -1: there is none. */
static long number_at(const char **text, long most)
{
	char *end;
	long value;

	if (!isdigit((unsigned char)**text))
		return -1;
	value = strtol(*text, &end, 10);
	*text = end;
	return value <= most ? value : -1;
}

int inet_aton(const char *text, struct in_addr *result)
{
	uint32_t all = 0;

	for (int part = 0; part < PARTS; part++) {
		const long value = number_at(&text, PART_MAX);
		if (value < 0 || *text++ != (part < PARTS - 1 ? '.' : '\0'))
			return 0;
		all = all << 8 | value;
	}
	result->s_addr = htonl(all);
	return 1;
}

in_addr_t inet_addr(const char *text)
{
	struct in_addr result;

	return inet_aton(text, &result) ? result.s_addr : INADDR_NONE;
}

int inet_pton(int family, const char *text, void *result)
{
	return family == AF_INET ? inet_aton(text, result) : failure(EAFNOSUPPORT);
}

const char *inet_ntop(int family, const void *from, char *text, socklen_t size)
{
	const unsigned char *part = from;

	if (family != AF_INET) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if ((socklen_t)snprintf(text, size, "%u.%u.%u.%u", part[0], part[1], part[2], part[3]) >=
	    size) {
		errno = ENOSPC;
		return NULL;
	}
	return text;
}

char *inet_ntoa(struct in_addr from)
{
	static char text[TEXT_SIZE];

	inet_ntop(AF_INET, &from, text, sizeof text);
	return text;
}

/* Asks the name server. 0 or EAI_*. */
static int resolve(const char *name, struct in_addr *result)
{
	struct castle_socket_call asked = { .operation = CASTLE_SOCKET_RESOLVE,
					    .data = address(name),
					    .size = strlen(name) };
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int answered;

	if (fd < 0)
		return EAI_AGAIN;
	answered = castle_call3(CASTLE_CALL_ioctl, fd, CASTLE_SOCKET_CALL, address(&asked));
	close(fd);
	result->s_addr = asked.arguments[0];
	return answered < 0 ? EAI_NONAME : 0;
}

static int find_address(const char *name, int flags, struct in_addr *result)
{
	if (!name) {
		result->s_addr = htonl(flags & AI_PASSIVE ? INADDR_ANY : INADDR_LOOPBACK);
		return 0;
	}
	if (inet_aton(name, result))
		return 0;
	if (strcmp(name, "localhost") == 0) {
		result->s_addr = htonl(INADDR_LOOPBACK);
		return 0;
	}
	return flags & AI_NUMERICHOST ? EAI_NONAME : resolve(name, result);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	const int flags = hints ? hints->ai_flags : 0;
	struct sockaddr_in where = { .sin_family = AF_INET };
	const char *end = service;
	long port;
	int error;

	if (hints && hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET)
		return EAI_FAMILY;
	port = service ? number_at(&end, PORT_MAX) : 0;
	if (port < 0 || (end && *end))
		return EAI_SERVICE;
	error = find_address(name, flags, &where.sin_addr);
	if (error)
		return error;
	where.sin_port = htons(port);
	*found = calloc(1, sizeof **found + sizeof where);
	if (!*found)
		return EAI_MEMORY;
	**found = (struct addrinfo){
		.ai_family = AF_INET,
		.ai_socktype = hints && hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM,
		.ai_protocol = hints ? hints->ai_protocol : 0,
		.ai_addrlen = sizeof where,
		.ai_addr = memcpy(*found + 1, &where, sizeof where),
	};
	return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
	free(found);
}

const char *gai_strerror(int error)
{
	const unsigned count = sizeof problems / sizeof *problems;

	return (unsigned)error < count ? problems[error] : "unknown error";
}

int getnameinfo(const struct sockaddr *from, socklen_t size, char *name, socklen_t name_size,
		char *service, socklen_t service_size, int flags)
{
	const struct sockaddr_in *internet = (const struct sockaddr_in *)from;

	(void)flags;
	if (size < sizeof *internet || internet->sin_family != AF_INET)
		return EAI_FAMILY;
	if (name && !inet_ntop(AF_INET, &internet->sin_addr, name, name_size))
		return EAI_MEMORY;
	if (service)
		snprintf(service, service_size, "%u", ntohs(internet->sin_port));
	return 0;
}

struct hostent *gethostbyname(const char *name)
{
	static struct in_addr found;
	static char *addresses[2] = { (char *)&found, NULL }, *aliases[1];
	static struct hostent host = { .h_aliases = aliases,
				       .h_addrtype = AF_INET,
				       .h_length = sizeof found,
				       .h_addr_list = addresses };

	host.h_name = (char *)name;
	return find_address(name, 0, &found) == 0 ? &host : NULL;
}
