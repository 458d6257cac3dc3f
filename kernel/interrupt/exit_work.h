/*
 * Bits of kernel_exit_work: why to look around before leaving the kernel. The low bits are the
 * supervisor signals (kernel/interrupt/supervisor.h). Assembly includes this.
 */
#ifndef KERNEL_INTERRUPT_EXIT_WORK_H
#define KERNEL_INTERRUPT_EXIT_WORK_H

#define EXIT_WORK_ACCOUNT  0x20000000 /* time is being accounted; stays set meanwhile */
#define EXIT_WORK_SCHEDULE 0x40000000 /* the current thread is gone, or another should run */
#define EXIT_WORK_USER_SIGNAL \
	0x80000000 /* the current thread has a signal to take, or a new frame */

#endif
