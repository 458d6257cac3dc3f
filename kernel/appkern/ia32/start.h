/*
 * Finding and starting all application processors of a machine (Section 4.3.5, apkern_init).
 */
#ifndef KERNEL_APPKERN_IA32_START_H
#define KERNEL_APPKERN_IA32_START_H

#include <stdint.h>

/*
 * Finds processors, at most `most`: how many there are, the boot processor among them. While all
 * physical memory can be read. At boot.
 */
uint32_t application_processors_find(uint32_t most);

/*
 * Starts those that were found; `work` is what the boot processor does when one of them has
 * interrupted it (notify.h). 0, however many answer (application_processor_count); or -ENOMEM. At
 * boot.
 */
int application_processors_start(void (*work)(void));

#endif
