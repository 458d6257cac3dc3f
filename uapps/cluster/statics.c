/*
 * statics: keeps static processes running, and tells processes of others that have ended
 * (castle_keep() and castle_watch(), <castle/callbacks.h>). The first that needs it starts it.
 *
 * A static process that ends with an error, or by a signal, is started again, ten times a second at
 * most. One that is unique in the cluster runs where the relay says that this node is the owner,
 * and is ended where that is over: at once, while the new owner waits for a moment.
 */
#include <castle/cluster.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS     100
#define OWNER_LOOKS 4 /* so many times one after the other it must be the owner */
#define STATICS_MAX 64
#define WATCHES_MAX 256

static struct kept {
	char name[32];
	pid_t pid; /* 0: to be started */
	bool unique;
} kept[STATICS_MAX];
static unsigned kept_count;
static unsigned owner_looks; /* as whose owner this node has been seen */

static struct watch {
	int32_t watcher, watched; /* watched 0: none */
} watches[WATCHES_MAX];

/* The relay is told where a unique process is, so that messages find it. */
static void tell_relay(const struct kept *one)
{
	struct castle_holds holds = { .process = one->pid };
	struct castle_message message = { .to = castle_relay(),
					  .kind = CASTLE_KIND_HOLDS,
					  .size = sizeof holds };

	memcpy(holds.program, one->name, sizeof holds.program - 1);
	memcpy(message.data, &holds, sizeof holds);
	castle_send(&message);
}

static void start_one(struct kept *one)
{
	char path[64], *arguments[] = { one->name, NULL };

	snprintf(path, sizeof path, "/bin/%s", one->name);
	if (posix_spawn(&one->pid, path, NULL, NULL, arguments, environ) != 0)
		one->pid = 0;
	if (one->unique)
		tell_relay(one);
}

static bool is_owner(void)
{
	return owner_looks >= OWNER_LOOKS;
}

static void look_for_owner(void)
{
	struct castle_cluster cluster;

	if (castle_cluster(&cluster) != 0 || cluster.owner != cluster.own)
		owner_looks = 0;
	else
		owner_looks++;
}

static void keep(const struct castle_message *message)
{
	struct kept *one = &kept[kept_count];

	if (kept_count == STATICS_MAX || message->size >= sizeof one->name)
		return;
	memcpy(one->name, message->data, message->size);
	one->name[message->size] = '\0';
	for (unsigned i = 0; i < kept_count; i++)
		if (strcmp(kept[i].name, one->name) == 0)
			return;
	one->pid = 0;
	one->unique = message->kind == CASTLE_KIND_UNIQUE;
	kept_count++;
	if (!one->unique)
		start_one(one);
}

/* One that was stopped is none of ours any more. */
static void ended(pid_t pid, int status)
{
	for (unsigned i = 0; i < kept_count; i++) {
		if (kept[i].pid != pid)
			continue;
		kept[i].pid = 0;
		if (kept[i].unique)
			tell_relay(&kept[i]);
		else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			kept[i] = kept[--kept_count];
		return;
	}
}

static void watch(const struct castle_message *message)
{
	for (unsigned i = 0; i < WATCHES_MAX; i++) {
		if (watches[i].watched)
			continue;
		watches[i].watcher = message->from;
		memcpy(&watches[i].watched, message->data, sizeof watches[i].watched);
		return;
	}
}

static bool is_there(int32_t pid)
{
	return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH);
}

static void look_at(struct watch *one)
{
	struct castle_message message = { .to = one->watcher,
					  .kind = CASTLE_KIND_GONE,
					  .size = sizeof one->watched };

	if (!one->watched || is_there(one->watched))
		return;
	memcpy(message.data, &one->watched, sizeof one->watched);
	castle_send(&message);
	one->watched = 0;
}

static void on_timer(uint32_t timer)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ended(pid, status);
	look_for_owner();
	for (unsigned i = 0; i < kept_count; i++) {
		const bool here = !kept[i].unique || is_owner();
		if (!kept[i].pid && here)
			start_one(&kept[i]);
		else if (kept[i].pid && !here)
			kill(kept[i].pid, SIGKILL);
	}
	for (unsigned i = 0; i < WATCHES_MAX; i++)
		look_at(&watches[i]);
	castle_timer_set(timer, LOOK_MS);
}

static void on_message(const struct castle_message *message)
{
	if (message->kind == CASTLE_KIND_KEEP || message->kind == CASTLE_KIND_UNIQUE)
		keep(message);
	else if (message->kind == CASTLE_KIND_WATCH)
		watch(message);
}

static void on_start(const void *state, size_t size)
{
	(void)state, (void)size;
	castle_timer_set(0, LOOK_MS);
}

int main(int argc, char **argv)
{
	static const struct castle_callbacks callbacks = {
		.start = on_start,
		.message = on_message,
		.timer = on_timer,
	};

	(void)argc;
	return castle_callbacks(&callbacks, argv);
}
