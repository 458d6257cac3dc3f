# The bootable image: GRUB, the kernel, every program as a boot module, and an archive of files.

ISO_ROOT := $(BUILD)/iso

# Files for the RAM file system: those of iso/root and what the build put into $(BUILD)/root.
ROOT_FILES := $(shell find iso/root -type f 2>/dev/null)

castle.iso: $(KERNEL_ELF) $(CASTLE_PACKAGES) iso/grub.cfg.in iso/make-iso iso/write-iso $(ROOT_FILES)
	$(call say,ISO,$@)
	$(Q)iso/make-iso $(BUILD) $@ $(CASTLE_PROGRAMS)
