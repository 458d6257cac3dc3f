/*
 * The Ethernet cards as lwIP's interfaces, and their addresses.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/sys.h"
#include "netd.h"
#include "netif/ethernet.h"

#define FRAMES_A_TURN 32 /* of each card; then requests again */
#define LOOK_EVERY_MS 1000
#define MTU           1500

struct interface {
	struct netif netif;
	int device;
	uint32_t dropped; /* to be sent when the ring was full */
	struct castle_ethernet_info info;
};

static struct interface interfaces[CASTLE_ETHERNET_CARDS];
static uint32_t interface_count;

/* lwIP sends again what is not to be lost. */
static err_t send_frame(struct netif *netif, struct pbuf *frame)
{
	struct interface *interface = netif->state;
	uint8_t whole[CASTLE_FRAME_MAX];
	const void *bytes = frame->payload;

	if (frame->tot_len > sizeof whole)
		return ERR_VAL;
	if (frame->next) {
		pbuf_copy_partial(frame, whole, frame->tot_len, 0);
		bytes = whole;
	}
	if (write(interface->device, bytes, frame->tot_len) == frame->tot_len)
		return ERR_OK;
	interface->dropped++;
	return ERR_WOULDBLOCK;
}

static err_t prepare(struct netif *netif)
{
	const struct interface *interface = netif->state;

	netif->name[0] = 'e';
	netif->name[1] = 't';
	netif->hostname = "castle";
	netif->output = etharp_output;
	netif->linkoutput = send_frame;
	netif->mtu = MTU;
	netif->hwaddr_len = ETH_HWADDR_LEN;
	memcpy(netif->hwaddr, interface->info.address, ETH_HWADDR_LEN);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	return ERR_OK;
}

/* "10.0.2.15/24". False: it is no such thing. */
static bool parse(const char *text, ip4_addr_t *address, ip4_addr_t *mask)
{
	char plain[CASTLE_NET_SETTING_SIZE];
	char *slash, *end;
	long bits;

	snprintf(plain, sizeof plain, "%s", text);
	slash = strchr(plain, '/');
	if (!slash)
		return false;
	*slash = '\0';
	bits = strtol(slash + 1, &end, 10);
	if (*end || bits < 1 || bits > 32 || !ip4addr_aton(plain, address))
		return false;
	mask->addr = lwip_htonl(0xffffffffu << (32 - bits));
	return true;
}

static void set_general(const struct interface *interface)
{
	ip_addr_t address;

	if (ip4addr_aton(interface->info.gateway, &address) &&
	    ip4_addr_netcmp(&address, netif_ip4_addr(&interface->netif),
			    netif_ip4_netmask(&interface->netif))) {
		netif_set_gw((struct netif *)&interface->netif, &address);
		netif_set_default((struct netif *)&interface->netif);
	}
	if (ip4addr_aton(interface->info.dns, &address))
		dns_setserver(0, &address);
}

/* As the command line says. */
static void configure(struct interface *interface, uint32_t number)
{
	const char *setting = interface->info.setting;
	ip4_addr_t address, mask;

	if (strcmp(setting, "off") == 0)
		return;
	netif_set_up(&interface->netif);
	if (!setting[0] || strcmp(setting, "dhcp") == 0) {
		dhcp_start(&interface->netif);
	} else if (parse(setting, &address, &mask)) {
		netif_set_addr(&interface->netif, &address, &mask, IP4_ADDR_ANY4);
		set_general(interface);
	} else {
		fprintf(stderr, "netd: net.%u=%s: neither ADDRESS/BITS, dhcp nor off\n",
			(unsigned)number, setting);
	}
}

static bool interface_open(uint32_t number)
{
	struct interface *interface = &interfaces[number];
	char path[16];

	snprintf(path, sizeof path, "/dev/eth%u", (unsigned)number);
	interface->device = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (interface->device < 0 ||
	    ioctl(interface->device, CASTLE_ETHERNET_INFO, &interface->info) != 0)
		return false;
	netif_add(&interface->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4, interface,
		  prepare, ethernet_input);
	if (number == 0)
		netif_set_default(&interface->netif);
	if (interface->info.link)
		netif_set_link_up(&interface->netif);
	configure(interface, number);
	return true;
}

void interfaces_open(void)
{
	while (interface_count < CASTLE_ETHERNET_CARDS && interface_open(interface_count))
		interface_count++;
}

/* A frame goes from the card's buffer to where lwIP has it. */
static bool receive_frame(struct interface *interface)
{
	struct pbuf *frame = pbuf_alloc(PBUF_RAW, CASTLE_FRAME_MAX, PBUF_RAM);
	ssize_t length;

	if (!frame)
		return false; /* it stays in the ring */
	length = read(interface->device, frame->payload, CASTLE_FRAME_MAX);
	if (length > 0)
		pbuf_realloc(frame, length);
	if (length <= 0 || interface->netif.input(frame, &interface->netif) != ERR_OK)
		pbuf_free(frame);
	return length > 0;
}

int interfaces_receive(void)
{
	int count = 0;

	for (uint32_t i = 0; i < interface_count; i++)
		for (int turn = 0; turn < FRAMES_A_TURN && receive_frame(&interfaces[i]); turn++)
			count++;
	return count;
}

void interfaces_look(void)
{
	static u32_t last;
	const u32_t now = sys_now();

	if (now - last < LOOK_EVERY_MS)
		return;
	last = now;
	for (uint32_t i = 0; i < interface_count; i++) {
		struct interface *interface = &interfaces[i];
		if (ioctl(interface->device, CASTLE_ETHERNET_INFO, &interface->info) != 0)
			continue;
		if (interface->info.link)
			netif_set_link_up(&interface->netif);
		else
			netif_set_link_down(&interface->netif);
	}
}

int interface_show(uint32_t number, struct castle_interface *shown)
{
	struct interface *interface;

	if (number >= interface_count)
		return -ENXIO;
	interface = &interfaces[number];
	ioctl(interface->device, CASTLE_ETHERNET_INFO, &interface->info);
	*shown = (struct castle_interface){
		.address = netif_ip4_addr(&interface->netif)->addr,
		.mask = netif_ip4_netmask(&interface->netif)->addr,
		.gateway = netif_ip4_gw(&interface->netif)->addr,
		.up = netif_is_up(&interface->netif) && interface->info.link,
		.received = interface->info.received,
		.sent = interface->info.sent,
		.missed = interface->info.missed,
		.bad = interface->info.bad,
		.dropped = interface->dropped,
	};
	snprintf(shown->name, sizeof shown->name, "eth%u", (unsigned)number);
	memcpy(shown->hardware, interface->info.address, sizeof shown->hardware);
	return 0;
}

int interface_set(const uint32_t arguments[CASTLE_SOCKET_ARGUMENTS])
{
	const ip4_addr_t address = ip_of(arguments[1]), mask = ip_of(arguments[2]),
			 gateway = ip_of(arguments[3]);
	struct netif *netif;

	if (arguments[0] >= interface_count)
		return -ENXIO;
	netif = &interfaces[arguments[0]].netif;
	dhcp_stop(netif);
	netif_set_up(netif);
	netif_set_addr(netif, &address, &mask, &gateway);
	return 0;
}
