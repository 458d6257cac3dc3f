/*
 * Callback processes (castle/callbacks.h). A timer that has run out is a signal, which ends the
 * wait for a message; it comes again on each tick until it was noticed, so that none is lost
 * between looking and waiting.
 *
 * An upgrade is exec(): the process stays, and its mailbox with all that waits there. The state
 * goes through a file, whose name the successor finds in its environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <castle/cluster.h>

#define STATE_NAME "CASTLE_STATE"
#define TICK_US    10000

static uint64_t due[CASTLE_TIMERS]; /* milliseconds; 0: it does not run */
static const struct castle_callbacks *current;
static char **arguments;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void castle_timer_set(uint32_t timer, uint32_t milliseconds)
{
	if (timer < CASTLE_TIMERS)
		due[timer] = milliseconds ? now_ms() + milliseconds : 0;
}

/* Has the signal come when the next timer runs out. */
static void arm(void)
{
	struct itimerval wait = { .it_interval = { .tv_usec = TICK_US } };
	const uint64_t now = now_ms();
	uint64_t next = 0;

	for (uint32_t i = 0; i < CASTLE_TIMERS; i++)
		if (due[i] && (!next || due[i] < next))
			next = due[i];
	if (!next) {
		wait.it_interval.tv_usec = 0;
	} else if (next > now) {
		wait.it_value.tv_sec = (next - now) / 1000;
		wait.it_value.tv_usec = (next - now) % 1000 * 1000;
	} else {
		wait.it_value.tv_usec = TICK_US;
	}
	setitimer(ITIMER_REAL, &wait, NULL);
}

static void run_timers(void)
{
	const uint64_t now = now_ms();

	for (uint32_t i = 0; i < CASTLE_TIMERS; i++) {
		if (!due[i] || due[i] > now)
			continue;
		due[i] = 0;
		if (current->timer)
			current->timer(i);
	}
}

static void state_save(char name[32])
{
	static char state[CASTLE_STATE_MAX];
	const size_t size = current->upgrade ? current->upgrade(state, sizeof state) : 0;
	int fd;

	snprintf(name, 32, "/tmp/state.%d", (int)getpid());
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0) {
		write(fd, state, size < sizeof state ? size : sizeof state);
		close(fd);
	}
}

/* If there is no such program, this one goes on. */
static void upgrade(const struct castle_message *message)
{
	char path[CASTLE_MESSAGE_SIZE + 1] = "", name[32];
	const struct itimerval off = { .it_value = { .tv_sec = 0 } };

	memcpy(path, message->data, message->size);
	if (access(path, X_OK) != 0)
		return;
	state_save(name);
	setenv(STATE_NAME, name, 1);
	setitimer(ITIMER_REAL, &off, NULL);
	execv(path, arguments);
	unlink(name);
}

/* The predecessor's state, if there was one. */
static void start(void)
{
	static char state[CASTLE_STATE_MAX];
	const char *name = getenv(STATE_NAME);
	const int fd = name ? open(name, O_RDONLY) : -1;
	ssize_t size = -1;

	if (fd >= 0) {
		size = read(fd, state, sizeof state);
		close(fd);
		unlink(name);
	}
	unsetenv(STATE_NAME);
	if (current->start)
		current->start(size >= 0 ? state : NULL, size >= 0 ? size : 0);
}

static void dispatch(const struct castle_message *message)
{
	int32_t peer;

	switch (message->kind) {
	case CASTLE_KIND_STOP:
		if (current->stop)
			current->stop();
		exit(0);
	case CASTLE_KIND_UPGRADE:
		upgrade(message);
		break;
	case CASTLE_KIND_GONE:
		memcpy(&peer, message->data, sizeof peer);
		if (current->gone)
			current->gone(peer);
		break;
	case CASTLE_KIND_LOST:
		if (current->lost)
			current->lost((const struct castle_lost *)message->data);
		break;
	default:
		if (current->message)
			current->message(message);
	}
}

static void noticed(int number)
{
	(void)number;
}

int castle_callbacks(const struct castle_callbacks *callbacks, char **argv)
{
	const struct sigaction action = { .sa_handler = noticed };
	struct castle_message message;

	current = callbacks;
	arguments = argv;
	sigaction(SIGALRM, &action, NULL);
	start();
	for (;;) {
		run_timers();
		arm();
		if (castle_receive(&message, 0) == 0)
			dispatch(&message);
		else if (errno != EINTR)
			return 1;
	}
}

static int tell(int32_t to, enum castle_kind kind, const void *data, size_t size)
{
	struct castle_message message = {
		.to = to, .kind = kind, .size = size, .name = CASTLE_STATICS
	};

	if (size > CASTLE_MESSAGE_SIZE) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(message.data, data, size);
	return castle_send(&message) < 0 ? -1 : 0;
}

int castle_keep(const char *program)
{
	return tell(0, CASTLE_KIND_KEEP, program, strlen(program));
}

int castle_keep_unique(const char *program)
{
	return tell(0, CASTLE_KIND_UNIQUE, program, strlen(program));
}

int castle_watch(int32_t process)
{
	return tell(0, CASTLE_KIND_WATCH, &process, sizeof process);
}

int castle_stop(int32_t process)
{
	return tell(process, CASTLE_KIND_STOP, "", 0);
}

int castle_upgrade(int32_t process, const char *path)
{
	return tell(process, CASTLE_KIND_UPGRADE, path, strlen(path));
}
