/*
 * The order of bytes in messages between machines, and addresses as text (POSIX.1-2017,
 * <arpa/inet.h>).
 */
#ifndef CASTLE_ARPA_INET_H
#define CASTLE_ARPA_INET_H

#include <stdint.h>

static inline uint32_t htonl(uint32_t value)
{
	return __builtin_bswap32(value);
}

static inline uint16_t htons(uint16_t value)
{
	return __builtin_bswap16(value);
}

static inline uint32_t ntohl(uint32_t value)
{
	return __builtin_bswap32(value);
}

static inline uint16_t ntohs(uint16_t value)
{
	return __builtin_bswap16(value);
}

#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "10.0.2.15"; 1 if it is an address, else 0. */
int inet_aton(const char *text, struct in_addr *address);
in_addr_t inet_addr(const char *text);
char *inet_ntoa(struct in_addr address);
const char *inet_ntop(int family, const void *address, char *text, socklen_t size);
int inet_pton(int family, const char *text, void *address);

#ifdef __cplusplus
}
#endif

#endif
