/*
 * System calls that the bootstrap thread does not simply make for its application thread, because
 * they concern the thread itself: fork and its like (thesis, Section 4.4.2), the thread's own end,
 * and what the driver or the library know better than the kernel.
 */
#include "bootstrap_native.h"

/* The new thread still needs what this thread's block tells it. */
static void wait_for_new_thread(const struct bootstrap *b)
{
	while (b->request.busy)
		castle_call0(CASTLE_CALL_yield);
}

static uint32_t perform(void)
{
	bootstrap_perform();
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* The call's result is known without the kernel. */
static uint32_t finish(struct bootstrap *b, int32_t result)
{
	b->area.u.syscall.ret = result;
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* Makes the call with another first argument, which a repetition of it must not see. */
static void perform_with(struct bootstrap *b, const void *argument)
{
	const uint32_t forwarded = b->area.u.syscall.arg1;

	b->area.u.syscall.arg1 = address(argument);
	bootstrap_perform();
	b->area.u.syscall.arg1 = forwarded;
}

/*
 * In the child there is a copy of the bootstrap thread alone, whose descriptor is the parent's: it
 * makes itself an application thread that goes on like the parent's. If the driver cannot, it is
 * the application thread itself from now on.
 */
static uint32_t fork_child(struct bootstrap *b)
{
	b->area.nr = 0;
	b->registers.eax = 0;
	if (bootstrap_recreate(b) < 0)
		bootstrap_become_native(b);
	return CASTLE_APKERN_THREAD_START;
}

/* Figure 4.5: first the bootstrap thread is cloned, then the clone makes the application thread. */
static uint32_t call_fork(struct bootstrap *b)
{
	bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_TLS | CASTLE_APKERN_FPU);
	bootstrap_perform();
	if (!b->restart && b->area.u.syscall.ret == 0)
		return fork_child(b);
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* The application kernel has removed the application thread already. */
static __attribute__((noreturn)) uint32_t call_exit(struct bootstrap *b)
{
	wait_for_new_thread(b);
	for (;;)
		castle_call1(b->area.u.syscall.nr, b->area.u.syscall.arg1);
}

/*
 * What is told to the new bootstrap thread, and to the kernel about it: it has a stack that the
 * kernel assigns, and signals find b->request by its %gs.
 */
static struct castle_thread prepare_request(struct bootstrap *b, const struct castle_thread *thread)
{
	struct bootstrap_request *request = &b->request;

	wait_for_new_thread(b);
	*request = (struct bootstrap_request){
		.head = { .self = &request->head, .signals = &request->signals },
		.busy = 1,
		.fd = b->fd,
		.thread = *thread,
	};
	return (struct castle_thread){
		.entry = (uintptr_t)bootstrap_thread,
		.argument = address(request),
		.tls = address(request),
		.tid = thread->tid,
	};
}

/* By bootstrap_create_thread(), of a native thread that was sent back before it made the call. */
static bool is_prepared(const struct bootstrap *b, const struct castle_thread *thread)
{
	return thread->argument == address(&b->request);
}

static uint32_t call_thread_create(struct bootstrap *b)
{
	const struct castle_thread *thread = (void *)(uintptr_t)b->area.u.syscall.arg1;
	struct castle_thread request;

	if (!bootstrap_can_read(address(thread)) || !bootstrap_can_read(address(&thread->tid)))
		return perform(); /* for the kernel to refuse */
	if (is_prepared(b, thread))
		return perform();
	request = prepare_request(b, thread);
	perform_with(b, &request);
	if (b->restart || (int32_t)b->area.u.syscall.ret < 0)
		b->request.busy = 0;
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

int32_t bootstrap_create_thread(struct bootstrap *b, const struct castle_thread *thread)
{
	const struct castle_thread request = prepare_request(b, thread);
	const int32_t result = castle_call1(CASTLE_CALL_thread_create, address(&request));

	if (result < 0)
		b->request.busy = 0;
	return result;
}

static uint32_t call_set_tls(struct bootstrap *b)
{
	b->registers.flags = CASTLE_APKERN_TLS;
	b->registers.tls = b->area.u.syscall.arg1;
	bootstrap_set_registers(b);
	return finish(b, 0);
}

static uint32_t call_getcpu(struct bootstrap *b)
{
	return finish(b, b->area.cpu);
}

/* To the program, the bootstrap thread's descriptor does not exist. */
static uint32_t call_close(struct bootstrap *b)
{
	if (b->area.u.syscall.arg1 == (uint32_t)b->fd)
		return finish(b, -EBADF);
	return perform();
}

static uint32_t call_dup2(struct bootstrap *b)
{
	if (b->area.u.syscall.arg2 == (uint32_t)b->fd)
		return finish(b, -EBADF);
	return perform();
}

static uint32_t call_sigaction(struct bootstrap *b)
{
	return finish(b, bootstrap_sigaction(b->area.u.syscall.arg1, b->area.u.syscall.arg2,
					     b->area.u.syscall.arg3));
}

/* The end of a handler: the stack pointer is at the signal number of the frame. */
static uint32_t call_sigreturn(struct bootstrap *b)
{
	const struct signal_frame *frame;

	bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_FPU);
	frame = (void *)(uintptr_t)(b->registers.esp - sizeof frame->restorer);
	if (!bootstrap_can_read(address(frame)) ||
	    !bootstrap_can_read(address(&frame->info.status)) ||
	    (frame->fpu && (!bootstrap_can_read(frame->fpu) ||
			    !bootstrap_can_read(frame->fpu + CASTLE_APKERN_FPU_SIZE - 1))))
		bootstrap_repeat_natively(b); /* for the kernel to refuse */
	bootstrap_perform_sigmask(b, frame);
	if (b->restart)
		return CASTLE_APKERN_THREAD_ACTIVATE;
	bootstrap_registers_from_frame(&b->registers, frame);
	if (frame->fpu) {
		b->registers.flags |= CASTLE_APKERN_FPU;
		__builtin_memcpy(b->registers.fpu, (const void *)(uintptr_t)frame->fpu,
				 CASTLE_APKERN_FPU_SIZE);
	} else if (b->registers.flags & CASTLE_APKERN_FPU) {
		bootstrap_start_fpu(b->registers.fpu); /* it had none before the handler */
	}
	bootstrap_set_registers(b);
	return finish(b, frame->eax);
}

const bootstrap_call bootstrap_calls[CASTLE_CALL_COUNT] = {
	[CASTLE_CALL_exit] = call_exit,
	[CASTLE_CALL_fork] = call_fork,
	[CASTLE_CALL_thread_create] = call_thread_create,
	[CASTLE_CALL_thread_exit] = call_exit,
	[CASTLE_CALL_close] = call_close,
	[CASTLE_CALL_dup2] = call_dup2,
	[CASTLE_CALL_sigaction] = call_sigaction,
	[CASTLE_CALL_sigreturn] = call_sigreturn,
	[CASTLE_CALL_sigaltstack] = bootstrap_call_sigaltstack,
	[CASTLE_CALL_set_tls] = call_set_tls,
	[CASTLE_CALL_getcpu] = call_getcpu,
};
