/*
 * What the debugger's test looks at (tests/gdb): two processes, in places that a backtrace must
 * name. The child computes. The parent has three threads, one waits for a pipe, one computes, and
 * the first comes by subject_mark() again and again, as does the child's only thread.
 *
 * usage: gdb_subject ROUNDS
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void subject_mark(int round);
void subject_compute(void);
void subject_read(int fd);
void subject_rounds(int rounds, const char *last_words);

volatile int subject_word;
volatile int subject_stop;
static int pipe_ends[2];

__attribute__((noinline)) void subject_mark(int round)
{
	subject_word += round;
}

__attribute__((noinline)) void subject_compute(void)
{
	static volatile unsigned counter;

	while (!subject_stop)
		counter++;
}

__attribute__((noinline)) void subject_read(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		perror("read");
	subject_word++;
}

static void *computer(void *argument)
{
	subject_compute();
	return argument;
}

static void *reader(void *argument)
{
	subject_read(pipe_ends[0]);
	return argument;
}

__attribute__((noinline)) void subject_rounds(int rounds, const char *last_words)
{
	const struct timespec pause = { .tv_nsec = 20000000 };

	for (int round = 1; round <= rounds; round++) {
		nanosleep(&pause, NULL);
		subject_mark(round);
	}
	if (write(STDOUT_FILENO, last_words, strlen(last_words)) < 0)
		perror("write");
}

int main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 10;
	pthread_t threads[2];
	pid_t child = fork();

	subject_word = child == 0 ? 2000 : 1000;
	if (child == 0) {
		subject_rounds(rounds, "the child is done\n");
		return 0;
	}
	if (child < 0 || pipe(pipe_ends) != 0 ||
	    pthread_create(&threads[0], NULL, reader, NULL) != 0 ||
	    pthread_create(&threads[1], NULL, computer, NULL) != 0) {
		perror("gdb_subject");
		return 1;
	}
	subject_rounds(rounds, "the parent is done\n");
	subject_stop = 1;
	if (write(pipe_ends[1], "x", 1) != 1)
		return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return waitpid(child, NULL, 0) == child ? 0 : 1;
}
