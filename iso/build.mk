# The bootable images: GRUB, a kernel, every program as a boot module, and an archive of files.
# castle.iso has the kernel of all modes, castle-up.iso the one without its multiprocessor code; castle-debug.iso and
# castle-up-debug.iso have the same with the lock-order checker.

# Files for the RAM file system: those of iso/root and what the build put into $(BUILD)/root.
ROOT_FILES := $(shell find iso/root -type f 2>/dev/null)

castle.iso: $(KERNEL_ELF)
castle-up.iso: $(KERNEL_UP_ELF)
castle-debug.iso: $(KERNEL_DEBUG_ELF)
castle-up-debug.iso: $(KERNEL_UP_DEBUG_ELF)

castle.iso castle-up.iso castle-debug.iso castle-up-debug.iso: $(CASTLE_PACKAGES) iso/grub.cfg.in iso/make-iso iso/write-iso $(ROOT_FILES) $(BENCH_INPUTS)
	$(call say,ISO,$@)
	$(Q)iso/make-iso $(BUILD) $(filter %/castle.elf,$^) $@ $(CASTLE_PROGRAMS)
