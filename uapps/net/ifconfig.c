/*
 * ifconfig: the Ethernet cards: addresses, whether there is a cable, and what was received, sent
 * and lost. ifconfig CARD ADDRESS/BITS [GATEWAY]: gives a card (0, or eth0) its address.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <castle/net.h>

static int ask(int fd, struct castle_socket_call *call)
{
	return ioctl(fd, CASTLE_SOCKET_CALL, call);
}

static void print_address(const char *what, uint32_t value)
{
	char text[INET_ADDRSTRLEN];

	printf("%s %s", what, inet_ntop(AF_INET, &value, text, sizeof text));
}

static void print(const struct castle_interface *one)
{
	const uint8_t *hardware = one->hardware;

	printf("%s: %s, %02x:%02x:%02x:%02x:%02x:%02x\n", one->name,
	       one->up ? "up" : "down (no cable, or off)", hardware[0], hardware[1], hardware[2],
	       hardware[3], hardware[4], hardware[5]);
	print_address("    address", one->address);
	print_address(" mask", one->mask);
	print_address(" gateway", one->gateway);
	printf("\n    frames: received %u, sent %u; lost: %u with a full ring, %u damaged, "
	       "%u not sent\n",
	       (unsigned)one->received, (unsigned)one->sent, (unsigned)one->missed,
	       (unsigned)one->bad, (unsigned)one->dropped);
}

static int show(int fd)
{
	struct castle_interface one;
	struct castle_socket_call call = { .operation = CASTLE_SOCKET_INTERFACE,
					   .answer_data = (uint32_t)&one,
					   .answer_size = sizeof one };
	uint32_t number;

	for (number = 0; number < CASTLE_ETHERNET_CARDS; number++) {
		call.arguments[0] = number;
		call.answer_size = sizeof one;
		if (ask(fd, &call) < 0)
			break;
		print(&one);
	}
	if (number == 0)
		puts("no cards; 127.0.0.1 is there");
	return 0;
}

static uint32_t address_of(const char *text)
{
	struct in_addr result;

	if (!inet_aton(text, &result))
		errx(2, "%s: no address", text);
	return result.s_addr;
}

static int set(int fd, const char *card, char *setting, const char *gateway)
{
	struct castle_socket_call call = { .operation = CASTLE_SOCKET_SET_ADDRESS };
	char *slash = strchr(setting, '/');
	int bits;

	if (!slash)
		errx(2, "usage: ifconfig CARD ADDRESS/BITS [GATEWAY]");
	*slash = '\0';
	bits = atoi(slash + 1);
	if (bits < 1 || bits > 32)
		errx(2, "%s: BITS are 1 to 32", slash + 1);
	call.arguments[0] = atoi(strncmp(card, "eth", 3) == 0 ? card + 3 : card);
	call.arguments[1] = address_of(setting);
	call.arguments[2] = htonl(0xffffffffu << (32 - bits));
	call.arguments[3] = gateway ? address_of(gateway) : 0;
	if (ask(fd, &call) < 0)
		err(1, "%s", card);
	return 0;
}

int main(int argc, char **argv)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		err(1, "netd");
	if (argc == 3 || argc == 4)
		return set(fd, argv[1], argv[2], argc == 4 ? argv[3] : NULL);
	if (argc != 1)
		errx(2, "usage: ifconfig [CARD ADDRESS/BITS [GATEWAY]]");
	return show(fd);
}
