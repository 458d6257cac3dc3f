/*
 * The main thread of relay and replicate waits for several things; threads that wait for one each
 * wake it. (poll() would see them with the next tick, 10 ms later.)
 */
#ifndef CLUSTER_WAKE_H
#define CLUSTER_WAKE_H

/* By any thread, after what it has to say can be seen. */
void wake(void);

/* By the main thread alone: until a wake() since it last returned, for so long at most. */
void wake_wait(unsigned milliseconds);

#endif
