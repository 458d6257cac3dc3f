/*
 * Placement where processors run the kernel at once: another policy's, under the lock of the
 * scheduler.
 */
#ifndef KERNEL_SMP_LOCKED_PLACEMENT_H
#define KERNEL_SMP_LOCKED_PLACEMENT_H

struct placement_policy;

/* As `policy`, with the lock taken where the scheduler has not. At boot. */
const struct placement_policy *placement_locked(const struct placement_policy *policy);

#endif
