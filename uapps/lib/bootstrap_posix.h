/*
 * Signals beyond the thesis's (bootstrap_posix.c); a part of bootstrap.h, which includes it.
 */
#ifndef CASTLE_LIB_BOOTSTRAP_POSIX_H
#define CASTLE_LIB_BOOTSTRAP_POSIX_H

struct bootstrap;
struct bootstrap_head;
struct signal_frame;

void bootstrap_set_masks(uint32_t mask, uint32_t realtime);

/* The masks for a handler: what was blocked before, what its action says, the signal itself. */
struct castle_signal_set bootstrap_masks_for(const struct castle_sigaction *action, uint32_t signal,
					     uint32_t mask, uint32_t realtime);

/* True, with the end of it in *end, if the handler wants the other stack, and `esp` is not in it.
 */
bool bootstrap_wants_other_stack(const struct castle_sigaction *action, uint32_t esp,
				 uint32_t *end);

/* The signal came to a thread of the program: its handler, by this action, runs at once. */
void bootstrap_run_handler(const struct castle_sigaction *programs,
			   const struct signal_frame *frame);

/* The signal waits for the application thread from now on. */
void bootstrap_note_signal(struct bootstrap_head *head, const struct signal_frame *frame);

/* Sets both words of the mask that the frame has, in the place of the call that was forwarded. */
void bootstrap_perform_sigmask(struct bootstrap *b, const struct signal_frame *frame);

uint32_t bootstrap_call_sigaltstack(struct bootstrap *b);

#endif
