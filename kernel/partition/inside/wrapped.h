/*
 * The uniprocessor kernel's calls that the linker leads here (--wrap, kernel/build.mk): those of
 * devices which partitions share or have none of. They do what the functions that they
 * stand for do.
 *
 * Contract of all functions here: Any context; the kernel calls them as it would those.
 */
#ifndef KERNEL_PARTITION_INSIDE_WRAPPED_H
#define KERNEL_PARTITION_INSIDE_WRAPPED_H

#include <stdbool.h>
#include <stdint.h>

/* kernel/dev/uart.h */
void __wrap_uart_init(void);
void __wrap_uart_write(const char *text, uint32_t size);
uint32_t __wrap_uart_room(void);
bool __wrap_uart_is_idle(void);
void __wrap_uart_poll_from_now(void);
void __wrap_uart_drain(void);
void __wrap_uart_listen(void (*received)(char byte), void (*sent)(void));

/* kernel/dev/screen.h */
void __wrap_screen_init(void);
void __wrap_screen_choose(void);
void __wrap_screen_write(const char *text, uint32_t size);
void __real_screen_init(void);
void __real_screen_choose(void);
void __real_screen_write(const char *text, uint32_t size);

/* kernel/dev/power.h */
__attribute__((noreturn)) void __wrap_power_off(uint32_t status);
int32_t __wrap_sys_poweroff(uint32_t status);

/* kernel/dev/fw_cfg.h, arch/ia32/pit.h, arch/ia32/rtc.h */
int __wrap_fw_cfg_read_string(const char *name, char *buffer, uint32_t size);
void __wrap_pit_start(uint32_t hz, void (*handler)(void));
uint32_t __wrap_rtc_read_seconds(void);

/* kernel/dev/pci.h */
struct pci_device;
bool __wrap_pci_find(uint16_t vendor, uint16_t kind, uint32_t number, struct pci_device *device);

#endif
