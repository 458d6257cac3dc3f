/*
 * nodes: who is in the cluster, as this node's relay sees it; nodes NODE PROGRAM [WORD] sends the
 * word to the program on that node ("owner": where the unique one is) and prints what is answered.
 */
#include <castle/cluster.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KIND_WORD 1

static int show(void)
{
	struct castle_cluster cluster;

	if (castle_cluster(&cluster) != 0)
		err(1, "relay");
	printf("node %u of %u; up:", (unsigned)cluster.own, (unsigned)cluster.count);
	for (unsigned i = 0; i < cluster.count; i++)
		if (cluster.up >> i & 1)
			printf(" %u", i + 1);
	printf("; %s; unique processes: ", cluster.majority ? "a majority" : "no majority");
	printf(cluster.owner ? "node %u\n" : "nowhere\n", (unsigned)cluster.owner);
	printf("messages: %u sent, %u came, %u lost\n", (unsigned)cluster.sent,
	       (unsigned)cluster.came, (unsigned)cluster.failed);
	return 0;
}

static int say(struct castle_address to, const char *program, const char *word)
{
	struct castle_message message = { .kind = KIND_WORD };

	strncpy(message.name, program, sizeof message.name - 1);
	message.size = strnlen(word, CASTLE_CLUSTER_SIZE);
	memcpy(message.data, word, message.size);
	if (castle_cluster_send(to, &message) != 0 || castle_receive(&message, 0) != 0)
		err(1, "%s", program);
	if (message.kind == CASTLE_KIND_LOST)
		errx(1, "%s: no answer: it is not there, or its node is not", program);
	printf("node %u: %.*s\n", (unsigned)castle_cluster_origin(&message).node, (int)message.size,
	       message.data);
	return 0;
}

int main(int argc, char **argv)
{
	struct castle_address to = { .process = 0 };

	if (argc == 1)
		return show();
	if (argc < 3 || argc > 4)
		errx(2, "usage: nodes [NODE|owner PROGRAM [WORD]]");
	to.node = strcmp(argv[1], "owner") == 0 ? CASTLE_NODE_OWNER : (uint32_t)atoi(argv[1]);
	return say(to, argv[2], argc == 4 ? argv[3] : "");
}
