/*
 * pipe: a byte to another process and back, through two pipes.
 */
#include "common/bench.h"

#include <sys/wait.h>
#include <unistd.h>

#define ROUND_TRIPS 200

static int to_other[2], from_other[2];

static void round_trip(uint32_t count)
{
	char byte = 'x';

	for (; count > 0; count--) {
		bench_check(write(to_other[1], &byte, 1) == 1, "write");
		bench_check(read(from_other[0], &byte, 1) == 1, "read");
	}
}

static void echo(void)
{
	char byte;

	close(to_other[1]);
	while (read(to_other[0], &byte, 1) == 1)
		write(from_other[1], &byte, 1);
	_exit(0);
}

int main(int argc, char **argv)
{
	pid_t other;
	int status;

	bench_start(argc, argv, "pipe", "One byte to another process and back, through two pipes.");
	bench_check(pipe(to_other) == 0 && pipe(from_other) == 0, "pipe");
	other = fork();
	bench_check(other >= 0, "fork");
	if (other == 0)
		echo();
	bench_measure("roundtrip", ROUND_TRIPS, round_trip);
	close(to_other[1]);
	bench_check(waitpid(other, &status, 0) == other && status == 0, "waitpid");
	return 0;
}
