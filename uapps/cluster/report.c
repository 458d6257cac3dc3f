/*
 * report: tells the cluster's gateway how this node is, twice a second, over every network: a
 * datagram with a line of JSON to host 200 of each, port 4720 (docs/cluster.md).
 */
#include <castle/cluster.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <castle/net.h>

#define GATEWAY_HOST 200
#define GATEWAY_PORT 4720
#define REPORT_MS    500
#define SHOWN_MAX    48 /* processes */

static unsigned add_processes(char *text, unsigned size)
{
	static struct castle_process_info all[SHOWN_MAX];
	const int bytes = castle_info(CASTLE_INFO_PROCESSES, all, sizeof all);
	const unsigned count = bytes / sizeof *all;
	unsigned length = snprintf(text, size, "\"processes\":%u,\"programs\":\"", count);

	for (unsigned i = 0; i < count && i < SHOWN_MAX && length < size; i++)
		length += snprintf(text + length, size - length, i ? " %.15s" : "%.15s",
				   all[i].program);
	return length;
}

static unsigned compose(char *text, unsigned size)
{
	struct castle_cluster cluster = { .own = 0 };
	struct castle_memory_info memory = { .free_pages = 0 };
	unsigned length;

	castle_cluster(&cluster);
	castle_info(CASTLE_INFO_MEMORY, &memory, sizeof memory);
	length = snprintf(text, size,
			  "{\"node\":%u,\"hears\":%u,\"majority\":%u,\"owner\":%u,\"sent\":%u,"
			  "\"came\":%u,\"lost\":%u,\"free\":%u,",
			  (unsigned)cluster.own, (unsigned)cluster.up, (unsigned)cluster.majority,
			  (unsigned)cluster.owner, (unsigned)cluster.sent, (unsigned)cluster.came,
			  (unsigned)cluster.failed, (unsigned)memory.free_pages);
	length += add_processes(text + length, size - length - 2);
	return length + snprintf(text + length, size - length, "\"}");
}

static void send_to_gateway(int fd, uint32_t card, const char *text, unsigned length)
{
	struct castle_interface one = { .address = 0 };
	struct castle_socket_call call = { .operation = CASTLE_SOCKET_INTERFACE,
					   .arguments = { card },
					   .answer_data = (uint32_t)&one,
					   .answer_size = sizeof one };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(GATEWAY_PORT) };

	if (ioctl(fd, CASTLE_SOCKET_CALL, &call) < 0 || !one.address || !one.up)
		return;
	to.sin_addr.s_addr = (one.address & one.mask) | htonl(GATEWAY_HOST);
	sendto(fd, text, length, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to);
}

int main(void)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char text[1024];

	if (fd < 0)
		err(1, "socket");
	for (;;) {
		const unsigned length = compose(text, sizeof text);
		for (uint32_t card = 0; card < CASTLE_ETHERNET_CARDS; card++)
			send_to_gateway(fd, card, text,
					length < sizeof text ? length : sizeof text);
		usleep(REPORT_MS * 1000);
	}
}
