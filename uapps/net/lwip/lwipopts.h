/*
 * lwIP's options (its opt.h has them all, with their defaults). One thread runs it, and calls it
 * only between events; programs' sockets are netd's own, over lwIP's callbacks.
 */
#ifndef CASTLE_LWIP_OPTIONS_H
#define CASTLE_LWIP_OPTIONS_H

#define NO_SYS                1
#define SYS_LIGHTWEIGHT_PROT  0
#define LWIP_SOCKET           0
#define LWIP_NETCONN          0
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_TIMEVAL_PRIVATE  0

/* Memory is malloc()'s. */
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT   4

#define LWIP_IPV4           1
#define LWIP_IPV6           0
#define LWIP_RAW            1
#define LWIP_DHCP           1
#define LWIP_DNS            1
#define LWIP_HAVE_LOOPIF    1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_HOSTNAME 1
#define IP_REASSEMBLY       1
#define IP_FRAG             1
#define ARP_QUEUEING        1

#define TCP_MSS            1460
#define TCP_WND            (22 * TCP_MSS)
#define TCP_SND_BUF        (22 * TCP_MSS)
#define TCP_SND_QUEUELEN   88
#define MEMP_NUM_TCP_SEG   TCP_SND_QUEUELEN
#define TCP_LISTEN_BACKLOG 1
#define LWIP_TCP_KEEPALIVE 1
#define SO_REUSE           1

#define LWIP_STATS 0
#define LWIP_DEBUG 0
/* An invariant that does not hold ends netd, and it is started anew. */
#define LWIP_PLATFORM_ASSERT(text) netd_failed(text)
__attribute__((noreturn)) void netd_failed(const char *text);

#endif
