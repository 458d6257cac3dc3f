/*
 * Linux's first process: what Castle's kernel and shell are there. Runs the programs that the
 * kernel's command line has in run="…", one after the other, and ends the machine as Castle does
 * (kernel/dev/power.c), with Castle's last line, so that the same tools run it.
 *
 * A program's output is kept until the program has ended: sending it would take time from what is
 * measured.
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define WORDS_MAX      32
#define OUTPUT         "/output"
#define QEMU_PORT      0xf4  /* isa-debug-exit: ends QEMU with a status that is not 0 */
#define PM1_CONTROL    0x604 /* QEMU's chipset: powers off for the next */
#define PM1_SLEEP      0x2000
#define BOCHS_PORT     0x8900 /* powers off for this, byte by byte */
#define BOCHS_TEXT     "Shutdown"
#define STATUS_NOTHING 127 /* as in a shell */

#define SEED_BYTES 64

/*
 * Seeds the kernel's random numbers, as every distribution's start does with what it kept of the
 * last run; these machines have no other source. Until that is done, each random number is made
 * the long way, at 12,000 instructions, and each new file, process and program needs one.
 */
static void seed_random(void)
{
	struct {
		struct rand_pool_info head;
		char bytes[SEED_BYTES];
	} seed = { .head = { .entropy_count = 8 * SEED_BYTES, .buf_size = SEED_BYTES } };
	const int random = open("/dev/random", O_WRONLY);

	if (ioctl(random, RNDADDENTROPY, &seed) != 0)
		printf("init: the random numbers are not seeded\n");
	close(random);
}

static void send(const char *path)
{
	char block[4096];
	ssize_t size;
	const int file = open(path, O_RDONLY);

	while ((size = read(file, block, sizeof block)) > 0)
		write(STDOUT_FILENO, block, size);
	close(file);
	tcdrain(STDOUT_FILENO);
}

/* In the child. Quotes group words, as in Castle's shell. */
static void become(char *text)
{
	char *words[WORDS_MAX + 1] = { NULL };
	int count = 0;

	for (char *word = strtok(text, " "); word && count < WORDS_MAX; word = strtok(NULL, " "))
		words[count++] = word;
	if (!count)
		_exit(0);
	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO); /* nobody types */
	dup2(open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
	dup2(STDOUT_FILENO, STDERR_FILENO);
	execvp(words[0], words);
	fprintf(stderr, "init: %s not found\n", words[0]);
	_exit(STATUS_NOTHING);
}

static int run(char *text)
{
	const pid_t child = fork();
	int status = 0;

	if (child == 0)
		become(text);
	while (wait(&status) != child)
		;
	send(OUTPUT);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void power_off(int status)
{
	printf("Castle: power off, status %d\n", status);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	if (iopl(3) == 0) {
		for (const char *c = BOCHS_TEXT; *c; c++)
			outb(*c, BOCHS_PORT);
		if (status)
			outl(status, QEMU_PORT);
		outw(PM1_SLEEP, PM1_CONTROL);
	}
	reboot(RB_POWER_OFF);
}

int main(void)
{
	char *programs = getenv("run"), *rest = programs;
	int status = 0;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
	seed_random();
	setenv("PATH", "/bin", 1);
	printf("Castle: no, Linux; mode linux, %ld CPUs\n", sysconf(_SC_NPROCESSORS_ONLN));
	fflush(stdout);
	for (char *text; rest && (text = strsep(&rest, ";"));)
		status = run(text);
	power_off(status);
	for (;;)
		pause();
}
