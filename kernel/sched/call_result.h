/*
 * What a system call may return besides a result or a negated errno value. Assembly includes this.
 */
#ifndef KERNEL_SCHED_CALL_RESULT_H
#define KERNEL_SCHED_CALL_RESULT_H

/*
 * The call's thread now waits or is gone: the scheduler takes over, and nothing is stored as the
 * call's result. Below every negated errno value.
 */
#define CALL_BLOCKED (-4096)

#endif
