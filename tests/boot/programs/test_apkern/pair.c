/*
 * Pairs made by hand.
 */
#include "pair.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STACK_SIZE 16384

int pair_request(const struct pair *pair, uint32_t request, const void *argument)
{
	return castle_call3(CASTLE_CALL_ioctl, pair->fd, request, (uint32_t)(uintptr_t)argument);
}

static int id_request(const struct pair *pair, uint32_t request)
{
	return castle_call3(CASTLE_CALL_ioctl, pair->fd, request, pair->id);
}

int device_open(void)
{
	return open(CASTLE_APKERN_DEVICE, O_RDWR | O_CLOEXEC);
}

int pair_registers(const struct pair *pair, uint32_t flags,
		   struct castle_apkern_registers *registers)
{
	registers->thread = pair->id;
	registers->flags = flags;
	return pair_request(pair, CASTLE_APKERN_THREAD_GET_REGS, registers);
}

int pair_set_registers(const struct pair *pair, uint32_t flags,
		       struct castle_apkern_registers *registers)
{
	registers->thread = pair->id;
	registers->flags = flags;
	return pair_request(pair, CASTLE_APKERN_THREAD_EX_REGS, registers);
}

struct pair pair_create(int fd, void (*code)(void))
{
	struct castle_apkern_registers registers = { .eip = (uintptr_t)code };
	char *stack = malloc(STACK_SIZE);
	struct pair pair = { .fd = fd };

	/* The application kernel's stack use is the program's: present from the start. */
	memset(stack, 0, STACK_SIZE);
	pair.area = memalign(64, sizeof *pair.area);
	memset(pair.area, 0, sizeof *pair.area);
	registers.esp = ((uintptr_t)stack + STACK_SIZE) & ~15u;
	pair.id = pair_request(&pair, CASTLE_APKERN_THREAD_CREATE, pair.area);
	if (pair.id > 0)
		pair_set_registers(&pair, CASTLE_APKERN_GENERAL, &registers);
	return pair;
}

struct pair pair_start(void (*code)(void))
{
	const struct pair pair = pair_create(device_open(), code);

	id_request(&pair, CASTLE_APKERN_THREAD_START);
	return pair;
}

int pair_wait(const struct pair *pair)
{
	int result;

	do
		result = id_request(pair, CASTLE_APKERN_WAIT);
	while (result == 0 && !pair->area->bootstrap_has_msg);
	return result;
}

int pair_answer(const struct pair *pair, uint32_t result)
{
	pair->area->bootstrap_has_msg = 0;
	if (pair->area->nr == CASTLE_APKERN_SYSTEM_CALL)
		pair->area->u.syscall.ret = result;
	return id_request(pair, CASTLE_APKERN_THREAD_ACTIVATE);
}

int threads_known(void)
{
	char text[4096], *found;
	const int fd = device_open();
	const ssize_t length = read(fd, text, sizeof text - 1);

	close(fd);
	if (length < 0)
		return -1;
	text[length] = '\0';
	found = strstr(text, "application threads ");
	return found ? atoi(found + strlen("application threads ")) : -1;
}
