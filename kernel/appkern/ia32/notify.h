/*
 * How application processors reach the boot processor: by an interrupt like a device's.
 */
#ifndef KERNEL_APPKERN_IA32_NOTIFY_H
#define KERNEL_APPKERN_IA32_NOTIFY_H

#include <stdint.h>

/*
 * `line`: the interrupt that tells the boot processor, which this runs on, that there are messages;
 * `work` is done then, at the second level. At boot.
 */
void notify_init(uint32_t line, void (*work)(void));

/* Has the boot processor look for messages and last words. Any context. */
void notify_boot_processor(void);

#endif
