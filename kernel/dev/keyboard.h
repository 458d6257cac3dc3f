/*
 * The PC keyboard.
 */
#ifndef KERNEL_DEV_KEYBOARD_H
#define KERNEL_DEV_KEYBOARD_H

/* Calls `typed` for each character typed, at first level. At boot. */
void keyboard_listen(void (*typed)(char c));

/* Takes what was typed, if anything was. First level, on device_cpu. */
void keyboard_poll(void);

#endif
