/*
 * The bootstrap thread's start and its loop: steps 3 to 8 of Figure 4.2 of the thesis, and Section
 * 4.4.3. bootstrap.h describes the whole.
 */
#include "bootstrap.h"

/*
 * The driver's descriptor is moved so high that programs find the low ones free. Not higher: the
 * kernel's table of descriptors grows with the highest one, and each process would pay for that.
 */
#define DESCRIPTOR_FIRST 31

#define PAGE_SIZE   4096u
#define ROW_MAX     0x3fu /* see pages_ahead(): up to 7 pages */
#define STACK_ALIGN 16
/* The loop's own request: to activate the thread, and then touch_meanwhile(). */
#define ACTIVATE_AND_TOUCH 0u

/*
 * The window in which a signal must keep the call from being begun is from bootstrap_perform_begin
 * to the moment that the stub of the kernel page enters the kernel; the relay knows it by these
 * labels. The block is found through %gs, since the call takes all registers.
 */
__attribute__((naked, noinline, used)) static void bootstrap_perform_code(void)
{
	__asm__ volatile("bootstrap_perform_call:\n\t"
			 "push %%ebp\n\t.cfi_adjust_cfa_offset 4\n"
			 "bootstrap_perform_begin:\n\t"
			 "cmpl $0, %%gs:%c[signals]\n\t"
			 "jne bootstrap_perform_abort\n\t"
			 "mov %%gs:%c[nr], %%eax\n\t"
			 "mov %%gs:%c[arg1], %%ebx\n\t"
			 "mov %%gs:%c[arg2], %%esi\n\t"
			 "mov %%gs:%c[arg3], %%edi\n\t"
			 "mov %%gs:%c[arg4], %%ebp\n\t" CASTLE_ENTER_KERNEL "\n"
			 "bootstrap_perform_end:\n\t"
			 "mov %%eax, %%gs:%c[ret]\n\t"
			 "pop %%ebp\n\t"
			 "ret\n"
			 "bootstrap_perform_abort:\n\t"
			 "movl $1, %%gs:%c[restart]\n\t"
			 "pop %%ebp\n\t"
			 "ret\n\t"
			 ".globl bootstrap_perform_call, bootstrap_perform_begin\n\t"
			 ".globl bootstrap_perform_end, bootstrap_perform_abort"
			 :
			 : [signals] "i"(__builtin_offsetof(struct bootstrap, area.signals)),
			   [nr] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.nr)),
			   [arg1] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.arg1)),
			   [arg2] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.arg2)),
			   [arg3] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.arg3)),
			   [arg4] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.arg4)),
			   [ret] "i"(__builtin_offsetof(struct bootstrap, area.u.syscall.ret)),
			   [restart] "i"(__builtin_offsetof(struct bootstrap, restart)));
}

static uint32_t handle_call(struct bootstrap *b)
{
	const uint32_t nr = b->area.u.syscall.nr;

	if (nr < CASTLE_CALL_COUNT && bootstrap_calls[nr])
		return bootstrap_calls[nr](b);
	bootstrap_perform();
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* The stream that the page goes on with; or a new one, in place of the oldest. */
static struct bootstrap_stream *stream_find(struct bootstrap *b, uint32_t page)
{
	struct bootstrap_stream *stream;

	for (uint32_t i = 0; i < BOOTSTRAP_STREAMS; i++)
		if (page - b->streams[i].next <= PAGE_SIZE)
			return &b->streams[i];
	stream = &b->streams[b->stream_oldest++ % BOOTSTRAP_STREAMS];
	*stream = (struct bootstrap_stream){ .next = page };
	return stream;
}

/* There is a message, or a signal to deliver. */
static bool has_work(const struct bootstrap *b)
{
	return b->area.bootstrap_has_msg || b->area.signals;
}

/*
 * A thread that goes through memory page by page will want the next ones too: the more it has had
 * in a row, the more of them are touched, for that is cheaper than a message each. Three in a row
 * happen by themselves, in a stack or a program's data.
 */
static uint32_t pages_ahead(const struct bootstrap_stream *stream)
{
	return stream->row >> 3;
}

static bool touch_next(struct bootstrap_stream *stream)
{
	if (!bootstrap_can_read(stream->next))
		return false;
	stream->next += PAGE_SIZE;
	return true;
}

/* While the application thread goes on. */
static void touch_meanwhile(const struct bootstrap *b)
{
	struct bootstrap_stream *stream = b->stream;

	for (uint32_t ahead = pages_ahead(stream); ahead > 0; ahead--) {
		stream->quick = has_work(b);
		if (stream->quick || !touch_next(stream))
			return;
	}
}

/* A thread that is quicker than that has to wait for all of them: each one would cost a message. */
static void touch_at_once(struct bootstrap_stream *stream)
{
	for (uint32_t ahead = pages_ahead(stream); ahead > 0 && touch_next(stream); ahead--)
		;
}

/*
 * Touches the memory (Section 4.4.1), by way of the kernel. Memory that exists is writable, unless
 * it lies below the container: a read would not find that out.
 */
static uint32_t handle_page_fault(struct bootstrap *b)
{
	const uint32_t place = b->area.u.page_fault.addr & ~3u, page = place & -PAGE_SIZE;
	struct bootstrap_stream *stream;

	if ((b->area.u.page_fault.write && place < CASTLE_CONTAINER_BASE) ||
	    !bootstrap_can_read(place))
		return bootstrap_fault(b, CASTLE_SIGSEGV, b->area.u.page_fault.addr);
	stream = stream_find(b, page);
	stream->row = (stream->row * 2 + 1) & ROW_MAX;
	stream->next = page + PAGE_SIZE;
	if (stream->quick) {
		touch_at_once(stream);
	} else if (pages_ahead(stream) > 0) {
		b->stream = stream;
		return ACTIVATE_AND_TOUCH;
	}
	return CASTLE_APKERN_THREAD_ACTIVATE;
}

/* The signal of each exception (arch/ia32/trap.c has the same). */
static uint32_t exception_signal(uint32_t vector)
{
	switch (vector) {
	case VECTOR_DIVISION:
	case VECTOR_INTO:
	case VECTOR_X87:
	case VECTOR_SSE:
		return CASTLE_SIGFPE;
	case VECTOR_DEBUG:
	case VECTOR_INT3:
		return CASTLE_SIGTRAP;
	case VECTOR_ILLEGAL:
		return CASTLE_SIGILL;
	case VECTOR_UNALIGNED:
		return CASTLE_SIGBUS;
	default:
		return CASTLE_SIGSEGV;
	}
}

/* Does what the message asks for; returns the request by which the thread goes on. */
static uint32_t handle_message(struct bootstrap *b)
{
	b->area.bootstrap_has_msg = 0;
	switch (b->area.nr) {
	case CASTLE_APKERN_SYSTEM_CALL:
		return handle_call(b);
	case CASTLE_APKERN_PAGE_FAULT:
		return handle_page_fault(b);
	case CASTLE_APKERN_MOVE:
		return CASTLE_APKERN_THREAD_ACTIVATE;
	default:
		return bootstrap_fault(b, exception_signal(b->area.u.exception.vector), b->area.pc);
	}
}

/*
 * A signal came while the application thread was about its own business: stops it. False if it has
 * sent a message first.
 */
static bool stop_thread(struct bootstrap *b)
{
	if (bootstrap_get_registers(b, CASTLE_APKERN_GENERAL | CASTLE_APKERN_STOP) !=
	    CASTLE_APKERN_STOPPED)
		return false;
	b->area.nr = 0; /* what is there is of old */
	return true;
}

/* Lets the application thread go on. */
static void resume_thread(struct bootstrap *b, uint32_t request)
{
	if (request == CASTLE_APKERN_THREAD_ACTIVATE) {
		if (b->area.options & CASTLE_APKERN_COMBINE)
			request = CASTLE_APKERN_ACTIVATE_AND_WAIT;
	} else if (request == ACTIVATE_AND_TOUCH) {
		bootstrap_driver(b, CASTLE_APKERN_THREAD_ACTIVATE, b->thread);
		touch_meanwhile(b);
		return;
	}
	bootstrap_driver(b, request, b->thread);
}

static void await_message(struct bootstrap *b)
{
	while (!has_work(b)) {
		if (b->area.options & CASTLE_APKERN_POLL)
			castle_call0(CASTLE_CALL_yield);
		else
			bootstrap_driver(b, CASTLE_APKERN_WAIT, b->thread);
	}
}

/* What is rarely to be done before the application thread goes on. */
static uint32_t prepare_resumption(struct bootstrap *b, uint32_t request)
{
	const bool migrate = b->area.migrate;

	if (request == ACTIVATE_AND_TOUCH)
		request = CASTLE_APKERN_THREAD_ACTIVATE;
	b->area.migrate = 0;
	if (b->area.signals)
		return bootstrap_deliver_signals(b, request);
	if (migrate && request == CASTLE_APKERN_THREAD_ACTIVATE)
		bootstrap_migrate(b);
	return request;
}

void bootstrap_loop(struct bootstrap *b)
{
	uint32_t request = CASTLE_APKERN_THREAD_START;

	for (;;) {
		resume_thread(b, request);
		await_message(b);
		if (!b->area.bootstrap_has_msg && stop_thread(b))
			request = CASTLE_APKERN_THREAD_START;
		else
			request = handle_message(b);
		if (b->area.signals | b->area.migrate)
			request = prepare_resumption(b, request);
	}
}

/* A descriptor for the driver, out of the program's way; or a negative errno value. */
static int32_t open_driver(void)
{
	const int32_t fd = castle_call3(CASTLE_CALL_open, address(CASTLE_APKERN_DEVICE),
					CASTLE_O_RDWR | CASTLE_O_CLOEXEC, 0);
	int32_t high;

	if (fd < 0)
		return fd;
	high = castle_call3(CASTLE_CALL_fcntl, fd, CASTLE_F_DUPFD_CLOEXEC, DESCRIPTOR_FIRST);
	if (high < 0)
		return fd;
	castle_call1(CASTLE_CALL_close, fd);
	return high;
}

int32_t bootstrap_create(struct bootstrap *b)
{
	b->thread = bootstrap_driver(b, CASTLE_APKERN_THREAD_CREATE, address(&b->area));
	if (b->thread < 0)
		return b->thread;
	b->registers.thread = b->thread;
	return bootstrap_set_registers(b);
}

int32_t bootstrap_recreate(struct bootstrap *b)
{
	b->request.busy = 0;
	castle_call1(CASTLE_CALL_close, b->fd);
	b->fd = open_driver();
	return b->fd < 0 ? b->fd : bootstrap_create(b);
}

/* Registers for a start at entry(), on a stack that holds its argument. */
static void prepare_registers(struct bootstrap *b, uint32_t entry, uint32_t stack, uint32_t tls)
{
	struct castle_apkern_registers *registers = &b->registers;

	registers->flags = CASTLE_APKERN_GENERAL | CASTLE_APKERN_TLS;
	registers->edi = registers->esi = registers->ebp = registers->ebx = 0;
	registers->edx = registers->ecx = registers->eax = 0;
	registers->eip = entry;
	registers->esp = stack;
	registers->eflags = EFLAGS_START;
	registers->tls = tls;
}

static void prepare_block(struct bootstrap *b, int32_t fd)
{
	b->head = (struct bootstrap_head){ .self = &b->head, .signals = &b->area.signals };
	b->fd = fd;
	b->restart = 0;
	b->area.bootstrap_has_msg = b->area.nr = b->area.migrate = b->area.signals = 0;
	for (uint32_t i = 0; i < BOOTSTRAP_STREAMS; i++)
		b->streams[i].next = 0;
	b->stream_oldest = 0;
	b->request.busy = 0;
}

/*
 * The application thread's stack below that of the bootstrap thread, which reaches to `end`: with a
 * null return address and an argument, as a C function wants them.
 */
static uint32_t prepare_stack(void *end, uint32_t argument)
{
	uint32_t *stack = (void *)(((uintptr_t)end - BOOTSTRAP_SIZE) & -STACK_ALIGN);

	stack -= STACK_ALIGN / sizeof *stack;
	*stack = argument;
	*--stack = 0;
	return address(stack);
}

void bootstrap_start(void (*entry)(uint32_t *), uint32_t *argument, uint32_t tls)
{
	struct bootstrap b;
	const int32_t fd = open_driver();

	if (fd < 0)
		return;
	prepare_block(&b, fd);
	prepare_registers(&b, (uintptr_t)entry,
			  prepare_stack(__builtin_frame_address(0), address(argument)), tls);
	if (bootstrap_create(&b) < 0) {
		castle_call1(CASTLE_CALL_close, fd);
		return;
	}
	castle_call1(CASTLE_CALL_set_tls, address(&b));
	bootstrap_loop(&b);
}

void bootstrap_thread(struct bootstrap_request *request)
{
	const struct castle_thread *thread = &request->thread;
	struct bootstrap b;
	uint32_t stack = thread->stack;

	if (!stack)
		stack = prepare_stack(__builtin_frame_address(0), thread->argument);
	prepare_block(&b, request->fd);
	prepare_registers(&b, thread->entry, stack, thread->tls);
	castle_call1(CASTLE_CALL_set_tls, address(&b));
	if (request->signals) { /* they came before that, and no more can come now */
		b.head.old_mask = request->head.old_mask;
		b.head.old_realtime = request->head.old_realtime;
		b.head.realtime = request->head.realtime;
		b.head.info = request->head.info;
		b.area.signals = request->signals;
	}
	request->busy = 0;
	if (bootstrap_create(&b) < 0)
		bootstrap_become_native(&b);
	bootstrap_loop(&b);
}
