# The bootable images: GRUB, a kernel, every program as a boot module, and an archive of files.
# castle.iso has the kernel of all modes, castle-up.iso the one without its multiprocessor code; castle-debug.iso and
# castle-up-debug.iso have the same with the lock-order checker.

# Files for the RAM file system: those of iso/root and what the build put into $(BUILD)/root.
ROOT_FILES := $(shell find iso/root -type f 2>/dev/null)

castle.iso: $(KERNEL_ELF)
castle-up.iso: $(KERNEL_UP_ELF)
castle-debug.iso: $(KERNEL_DEBUG_ELF)
castle-up-debug.iso: $(KERNEL_UP_DEBUG_ELF)
castle-races.iso: $(KERNEL_RACES_ELF)
# For tools/compare: a folder with both images, of kernels without the event log.
NO_LOG_ISOS := $(BUILD)/no-log/castle.iso $(BUILD)/no-log/castle-up.iso
$(BUILD)/no-log/castle.iso: $(KERNEL_NO_LOG_ELF)
$(BUILD)/no-log/castle-up.iso: $(KERNEL_UP_NO_LOG_ELF)
ifneq ($(LOPI_ISO),)
$(LOPI_ISO): $(LOPI_TREE)/castle.elf
endif

# Further programs, which castle-cc has linked: make run EXTRA=FOLDER/NAME RUN=NAME
EXTRA ?=
ifneq ($(filter $(CASTLE_PROGRAMS),$(notdir $(EXTRA))),)
$(error there is a program of that name already: $(filter $(CASTLE_PROGRAMS),$(notdir $(EXTRA))))
endif
define extra_rule
$(BUILD)/packages/$(notdir $(1)): $(1)
	$(Q)objcopy --strip-all $$< $$@
endef
$(foreach program,$(EXTRA),$(eval $(call extra_rule,$(program))))
EXTRA_PACKAGES := $(foreach program,$(EXTRA),$(BUILD)/packages/$(notdir $(program)))

# Which programs are in the images; new when that is.
$(BUILD)/iso/programs: FORCE
	@mkdir -p $(@D)
	@echo $(CASTLE_PROGRAMS) $(notdir $(EXTRA)) | cmp -s - $@ || echo $(CASTLE_PROGRAMS) $(notdir $(EXTRA)) >$@

castle.iso castle-up.iso castle-debug.iso castle-up-debug.iso castle-races.iso $(NO_LOG_ISOS) $(LOPI_ISO): $(CASTLE_PACKAGES) $(EXTRA_PACKAGES) $(BUILD)/iso/programs iso/grub.cfg.in iso/make-iso iso/write-iso tools/manual tools/machines/organisations.py $(ROOT_FILES) $(BENCH_INPUTS)
	$(call say,ISO,$@)
	$(Q)iso/make-iso $(BUILD) $(filter %/castle.elf,$^) $@ $(CASTLE_PROGRAMS) $(notdir $(EXTRA))

# What also UEFI boots, from a USB stick, disk or CD: castle.iso with GRUB for it.
.PHONY: usb usb-now
usb: packages
	@tools/install-packages usb
	@$(MAKE) usb-now
usb-now: castle-usb.img
castle-usb.img: castle.iso iso/make-efi
	$(call say,USB,$@)
	$(Q)iso/make-efi $(BUILD)/iso/efi.img
	$(Q)iso/write-iso $(BUILD)/iso/castle $@ $(BUILD)/iso/efi.img
	@echo 'dd if=$@ of=/dev/sdX bs=4M conv=fsync   writes it to the stick /dev/sdX, and over all that was there'

# The folder for a TFTP server, from which machines boot by PXE (docs/network.md); make run NETBOOT=1 boots from it in QEMU.
.PHONY: netboot netboot-now
netboot: packages
	@$(MAKE) netboot-now
netboot-now: $(BUILD)/netboot/castle.0
	@echo '$(BUILD)/netboot is for a TFTP server; the file to boot is castle.0 (docs/network.md)'
$(BUILD)/netboot/castle.0: castle.iso iso/make-netboot
	$(call say,NET,$(BUILD)/netboot)
	$(Q)iso/make-netboot $(BUILD)/iso/castle $(BUILD)/netboot
	@touch $@
