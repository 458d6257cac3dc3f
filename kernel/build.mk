# The kernel: every source file below boot/, arch/ia32/ and kernel/, linked by linker.ld, in these kinds:
#
#	kernel		all of it: the multiprocessor code, and the mode is chosen at boot (castle.iso)
#	kernel-up	SMP=0: the uniprocessor kernel without multiprocessor code, and the application kernel
#			as a driver beside it (castle-up.iso)
#	kernel-plain	the uniprocessor kernel alone. Nothing boots it: it is there to show that every
#			object file of it is the same in kernel-up (tests/tools/test_tools.py)
#	kernel-debug	DEBUG=1: the first two with the lock-order checker, failing allocations and kill points (castle-debug.iso and
#	kernel-up-debug	castle-up-debug.iso); no other kind has anything of it
#	kernel-partition the kernel of a partition: the object files of kernel-plain, all of them and as
#			they are, and kernel/partition/inside. The monitor in kernel/ contains it; -debug likewise
#	kernel-partition-smp that of a partition of several processors, of the object files of kernel, likewise
#	kernel-races	RACES=1: the first, with every access to memory watched for (castle-races.iso)
#	kernel-no-log	the first two without the event log; `make log-cost` compares the log's cost, off, with
#	kernel-up-no-log them

KERNEL_ALL_SOURCES := $(sort $(shell find boot arch/ia32 kernel -name '*.c' -o -name '*.S'))
KERNEL_CHECKER     := $(filter kernel/debug/lock_% kernel/debug/fail_% kernel/debug/kill_% kernel/debug/nth%,$(KERNEL_ALL_SOURCES))
KERNEL_INSIDE      := $(filter kernel/partition/inside/%,$(KERNEL_ALL_SOURCES))
KERNEL_WATCH       := $(filter kernel/debug/race_%,$(KERNEL_ALL_SOURCES))
KERNEL_SOURCES     := $(filter-out $(KERNEL_CHECKER) $(KERNEL_WATCH) $(KERNEL_INSIDE),$(KERNEL_ALL_SOURCES))

# The application kernel, and the hardware's code that it has in common with the giant-lock port.
KERNEL_DRIVER := kernel/appkern/%
KERNEL_SHARED := boot/trampoline.S $(patsubst %,arch/ia32/smp/%.c,apic delay find madt mp_table start)
# The giant-lock port's alone.
KERNEL_PORT   := $(filter-out $(KERNEL_SHARED),$(filter arch/ia32/smp/% kernel/smp/% kernel/organisation/smp/%,$(KERNEL_SOURCES)))

# The partition monitor.
KERNEL_MONITOR := $(filter kernel/partition/%,$(KERNEL_SOURCES))

KERNEL_UP_SOURCES    := $(filter-out $(KERNEL_PORT) $(KERNEL_MONITOR),$(KERNEL_SOURCES))
KERNEL_PLAIN_SOURCES := $(filter-out $(KERNEL_DRIVER) $(KERNEL_SHARED),$(KERNEL_UP_SOURCES))
KERNEL_ELF           := $(BUILD)/kernel/castle.elf
KERNEL_UP_ELF        := $(BUILD)/kernel-up/castle.elf
KERNEL_PLAIN_ELF     := $(BUILD)/kernel-plain/castle.elf
KERNEL_DEBUG_ELF     := $(BUILD)/kernel-debug/castle.elf
KERNEL_UP_DEBUG_ELF  := $(BUILD)/kernel-up-debug/castle.elf
KERNEL_RACES_ELF     := $(BUILD)/kernel-races/castle.elf
KERNEL_NO_LOG_ELF    := $(BUILD)/kernel-no-log/castle.elf
KERNEL_UP_NO_LOG_ELF := $(BUILD)/kernel-up-no-log/castle.elf

# Arguments in registers; frame pointers for backtraces; no registers that belong to programs.
KERNEL_CFLAGS := -m32 -march=i686 -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie \
	-mregparm=3 -fno-omit-frame-pointer -momit-leaf-frame-pointer -fno-stack-protector -fcf-protection=none \
	-mno-mmx -mno-sse -msoft-float -mpreferred-stack-boundary=2 -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -fno-align-loops -fno-align-jumps -fno-common -Wall -Wextra -Werror -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude
KERNEL_LINK := $(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
	-Wl,-z,noexecstack
KERNEL_ASFLAGS := -m32 -march=i686 -g -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude -D__ASSEMBLER__ -DFONT='"$(BUILD)/font"'

# What framebuffers show, of a font that the boot loader brings along.
$(BUILD)/font: /usr/share/grub/ascii.pf2 tools/font
	@mkdir -p $(@D)
	$(call say,FONT,$@)
	$(Q)tools/font $< $@

# Every caller is on the stack, for the checker to show.
KERNEL_DEBUG_CFLAGS := -DCASTLE_DEBUG=1 -fno-optimize-sibling-calls

# Each access to memory is a call, which what tests the kernel does without, and what copies whole pages.
KERNEL_RACES_CFLAGS := -fsanitize=thread -Wno-tsan --param tsan-distinguish-volatile=1 --param tsan-instrument-func-entry-exit=0
RACES_CFLAGS := $(KERNEL_RACES_CFLAGS)
$(BUILD)/kernel-races/kernel/debug/%.o $(BUILD)/kernel-races/kernel/lib/string.o: RACES_CFLAGS :=
$(BUILD)/kernel-races/kernel/debug/race_fault.o: RACES_CFLAGS := $(KERNEL_RACES_CFLAGS)

# $(call kernel_kind,FOLDER,SOURCES,FLAGS,OBJECTS,LINK): how a kind of kernel is compiled and linked, with further objects.
define kernel_kind
$(1)_objects := $$(patsubst %,$$(BUILD)/$(1)/%.o,$$(basename $(2)))

$$(BUILD)/$(1)/%.o: %.c kernel/build.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$$(Q)$$(CC) $$(KERNEL_CFLAGS) $(3) -MMD -MP -c $$< -o $$@

$$(BUILD)/$(1)/%.o: %.S kernel/build.mk
	@mkdir -p $$(@D)
	$$(call say,AS,$$<)
	$$(Q)$$(CC) $$(KERNEL_ASFLAGS) $(3) -MMD -MP -c $$< -o $$@

$$(BUILD)/$(1)/kernel/dev/font.o: $$(BUILD)/font

# New, too, when a source is gone.
$$(BUILD)/$(1)/objects: FORCE
	@mkdir -p $$(@D)
	@echo $$($(1)_objects) | cmp -s - $$@ || echo $$($(1)_objects) >$$@

$$(BUILD)/$(1)/castle.elf: $$($(1)_objects) $(4) $$(BUILD)/$(1)/objects linker.ld
	$$(call say,LD,$$@)
	$$(Q)$$(KERNEL_LINK) $(5) -T linker.ld $$($(1)_objects) $(4) -lgcc -o $$@

-include $$($(1)_objects:.o=.d)
endef

$(eval $(call kernel_kind,kernel,$(KERNEL_SOURCES),-DCASTLE_SMP=1))
$(eval $(call kernel_kind,kernel-up,$(KERNEL_UP_SOURCES),))
$(eval $(call kernel_kind,kernel-plain,$(KERNEL_PLAIN_SOURCES),))
$(eval $(call kernel_kind,kernel-debug,$(KERNEL_SOURCES) $(KERNEL_CHECKER),-DCASTLE_SMP=1 $(KERNEL_DEBUG_CFLAGS)))
$(eval $(call kernel_kind,kernel-up-debug,$(KERNEL_UP_SOURCES) $(KERNEL_CHECKER),$(KERNEL_DEBUG_CFLAGS)))
$(eval $(call kernel_kind,kernel-races,$(KERNEL_SOURCES) $(KERNEL_WATCH),-DCASTLE_SMP=1 -DCASTLE_RACES=1 $$(RACES_CFLAGS)))
$(eval $(call kernel_kind,kernel-no-log,$(KERNEL_SOURCES),-DCASTLE_SMP=1 -DCASTLE_NO_LOG=1))
$(eval $(call kernel_kind,kernel-up-no-log,$(KERNEL_UP_SOURCES),-DCASTLE_NO_LOG=1))

# --- partitions (docs/partitioned.md) ---------------------------------------------------------------------
#
# A partition's kernel is linked of the uniprocessor kernel's very object files. What would have it touch a device that all
# partitions share is led to kernel/partition/inside by the linker, and the relocations stay in the file.

PARTITION_WRAPPED := uart_init uart_write uart_room uart_is_idle uart_poll_from_now uart_drain uart_listen screen_init screen_choose \
	screen_write power_off sys_poweroff fw_cfg_read_string pit_start rtc_read_seconds pci_find \
	$(addprefix e1000_,find start stop receive receive_done send_buffer send announce_sent interrupted line state)
# Of the giant-lock kernel, these as well.
PARTITION_SMP_WRAPPED := processors_list delay apic_timer_measure trap_nmi
partition_link = -Wl,--emit-relocs $(1:%=-Wl,--wrap=%)
PARTITION_SHARED  := arch/ia32/smp/apic arch/ia32/smp/delay
# $(call partition_objects,KIND OF THE KERNEL,OF WHAT IT SHARES WITH OTHERS,FURTHER SOURCES)
partition_objects = $(patsubst %,$(BUILD)/$(1)/%.o,$(basename $(KERNEL_PLAIN_SOURCES) $(3))) $(PARTITION_SHARED:%=$(BUILD)/$(2)/%.o)

KERNEL_INSIDE_UP  := $(filter-out kernel/partition/inside/smp/%,$(KERNEL_INSIDE))
KERNEL_INSIDE_SMP := $(filter-out kernel/partition/inside/up/%,$(KERNEL_INSIDE))
# All of the giant-lock kernel but what makes partitions.
PARTITION_SMP_SOURCES := $(filter-out $(KERNEL_MONITOR) kernel/organisation/smp/partitioned.c,$(KERNEL_SOURCES))
partition_smp_objects = $(patsubst %,$(BUILD)/$(1)/%.o,$(basename $(PARTITION_SMP_SOURCES) $(2)))

$(eval $(call kernel_kind,kernel-partition,$(KERNEL_INSIDE_UP),,\
	$(call partition_objects,kernel-plain,kernel-up),$(call partition_link,$(PARTITION_WRAPPED))))
$(eval $(call kernel_kind,kernel-partition-debug,$(KERNEL_INSIDE_UP),$(KERNEL_DEBUG_CFLAGS),\
	$(call partition_objects,kernel-up-debug,kernel-up-debug,$(KERNEL_CHECKER)),$(call partition_link,$(PARTITION_WRAPPED))))
$(eval $(call kernel_kind,kernel-partition-smp,$(KERNEL_INSIDE_SMP),-DCASTLE_SMP=1,\
	$(call partition_smp_objects,kernel),$(call partition_link,$(PARTITION_WRAPPED) $(PARTITION_SMP_WRAPPED))))
$(eval $(call kernel_kind,kernel-partition-smp-debug,$(KERNEL_INSIDE_SMP),-DCASTLE_SMP=1 $(KERNEL_DEBUG_CFLAGS),\
	$(call partition_smp_objects,kernel-debug,$(KERNEL_CHECKER)),$(call partition_link,$(PARTITION_WRAPPED) $(PARTITION_SMP_WRAPPED))))

$(BUILD)/%/castle.small: $(BUILD)/%/castle.elf
	$(Q)objcopy --strip-debug $< $@

# The monitor has both as data. $(call partition_monitor,KIND OF THE MONITOR,-debug or nothing)
define partition_monitor
$$(BUILD)/$(1)/kernel/partition/unpaged.o: $$(BUILD)/kernel-partition$(2)/castle.small $$(BUILD)/kernel-partition-smp$(2)/castle.small
$$(BUILD)/$(1)/kernel/partition/unpaged.o: KERNEL_ASFLAGS += -DPARTITION_KERNEL_UP='"$$(BUILD)/kernel-partition$(2)/castle.small"' \
	-DPARTITION_KERNEL_SMP='"$$(BUILD)/kernel-partition-smp$(2)/castle.small"'
endef
$(eval $(call partition_monitor,kernel,))
$(eval $(call partition_monitor,kernel-no-log,))
$(eval $(call partition_monitor,kernel-races,))
$(eval $(call partition_monitor,kernel-debug,-debug))

# --- instrumented (docs/lopi.md) -----------------------------------------------------------------------
#
# make LOPI="NAMES AND PATTERNS": the kernel's objects with these functions instrumented, linked with LOPI's
# runtime, in an image of its own. The objects, and the other images, stay as they are. With LOPI_CFLAGS, objects are
# compiled for it: -fno-inline makes functions of what is inlined.

ifneq ($(LOPI),)
ifeq ($(DEBUG),1)
$(error LOPI= instruments the kernel without the lock-order checker: not with DEBUG=1)
endif
LOPI_KIND     := $(if $(filter 0,$(SMP)),kernel-up,kernel)
LOPI_STRATEGY ?= static
LOPI_PAYLOAD  ?= cycles
ifneq ($(filter-out static paired thesis,$(LOPI_STRATEGY))$(filter-out counter calls cycles callgraph,$(LOPI_PAYLOAD)),)
$(error of the kernel, LOPI_STRATEGY is static, paired or thesis, LOPI_PAYLOAD counter, calls, cycles or callgraph)
endif
LOPI_TREE     := $(BUILD)/instrumented/$(LOPI_KIND)
LOPI_ISO      ?= castle-lopi$(if $(filter 0,$(SMP)),-up).iso
LOPI_LIBRARY  := $(BUILD)/lopi/kernel/liblopi-$(LOPI_PAYLOAD).a
LOPI_SETTINGS := --payload $(LOPI_PAYLOAD) --strategy $(LOPI_STRATEGY) $(if $(LOPI_SWITCHED),--switched) -fn '$(subst $(space),$(comma),$(strip $(LOPI)))'
# Calls of these are led through the runtime.
LOPI_WRAPPED  := kernel_main patch_apply processor_start uart_drain
# Functions only with -fno-inline, and then called where the kernel's paging is on, the runtime's no longer, and
# records are out of reach: between the two lines of paging_init() that patch_apply() follows.
LOPI_EXCLUDED := cr0_read,cr0_write,cr3_write

ifeq ($(LOPI_CFLAGS),)
LOPI_KERNEL_OBJECTS := $($(LOPI_KIND)_objects)
else
$(eval $(call kernel_kind,instrumented/$(LOPI_KIND)/compiled,$(if $(filter 0,$(SMP)),$(KERNEL_UP_SOURCES),$(KERNEL_SOURCES)),\
	$(if $(filter 0,$(SMP)),,-DCASTLE_SMP=1) $(LOPI_CFLAGS)))
$(eval $(call partition_monitor,instrumented/kernel/compiled,))
LOPI_KERNEL_OBJECTS := $(instrumented/$(LOPI_KIND)/compiled_objects)
$(LOPI_KERNEL_OBJECTS): $(LOPI_TREE)/cflags
endif
LOPI_COPIES := $(LOPI_KERNEL_OBJECTS:%=$(LOPI_TREE)/objects/%)

# A file that says how, and is new when that is.
$(LOPI_TREE)/settings: FORCE
	@mkdir -p $(@D)
	@echo "$(LOPI_SETTINGS)" | cmp -s - $@ || echo "$(LOPI_SETTINGS)" >$@

$(LOPI_TREE)/cflags: FORCE
	@mkdir -p $(@D)
	@echo "$(LOPI_CFLAGS)" | cmp -s - $@ || echo "$(LOPI_CFLAGS)" >$@

$(LOPI_TREE)/castle.elf: $(LOPI_KERNEL_OBJECTS) $(LOPI_TREE)/settings $(LOPI_TREE)/cflags $(BUILD)/lopi/lopi \
		$(LOPI_LIBRARY) linker.ld lopi/runtime/castle_kernel.ld
	$(call say,LOPI,$@)
	@rm -rf $(LOPI_TREE)/objects && mkdir -p $(LOPI_TREE)/objects
	$(Q)cp --parents $(LOPI_KERNEL_OBJECTS) $(LOPI_TREE)/objects
	$(Q)$(BUILD)/lopi/lopi --kernel --in-place --exclude $(LOPI_EXCLUDED) $(LOPI_SETTINGS) $(LOPI_COPIES)
	$(Q)$(KERNEL_LINK) -T lopi/runtime/castle_kernel.ld -T linker.ld $(LOPI_WRAPPED:%=-Wl,--wrap=%) \
		$(LOPI_COPIES) $(LOPI_LIBRARY) -lgcc -o $@
endif
