# The bootable image: GRUB, the kernel, every program as a boot module, and an archive of files.

ISO_ROOT := $(BUILD)/iso

# Files for the RAM file system: those of iso/root and what the build put into $(BUILD)/root.
ROOT_FILES := $(shell find iso/root -type f 2>/dev/null)

# What the host's tcc makes of the file that the tests have Castle's tcc compile.
ifneq ($(filter tcc,$(THIRD_PARTY)),)
HOST_OBJECT := $(BUILD)/root/share/test-host.o
$(HOST_OBJECT): iso/root/share/test.c $(BUILD)/packages/tcc
	@mkdir -p $(@D)
	$(Q)cd $(<D) && $(abspath $(BUILD))/third-party/host-tcc -c $(<F) -o $(abspath $@)
endif

castle.iso: $(HOST_OBJECT) $(KERNEL_ELF) $(CASTLE_PACKAGES) iso/grub.cfg.in iso/make-iso iso/write-iso $(ROOT_FILES)
	$(call say,ISO,$@)
	$(Q)iso/make-iso $(BUILD) $@ $(CASTLE_PROGRAMS)
