/*
 * A framebuffer as a display: what UEFI machines have in place of VGA text.
 */
#ifndef KERNEL_DEV_FRAMEBUFFER_H
#define KERNEL_DEV_FRAMEBUFFER_H

#include "kernel/dev/screen.h"

/*
 * The framebuffer that the boot loader has left; NULL if it has left none, or one that is not known
 * here: of other than 32 bits a pixel, too small for 80 by 25 characters, above 4 GB. At boot,
 * before paging.
 */
const struct display *framebuffer_display(void);

#endif
