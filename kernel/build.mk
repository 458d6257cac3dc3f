# The kernel: every source file below boot/, arch/ia32/ and kernel/, linked by linker.ld, in five kinds:
#
#	kernel		all of it: the multiprocessor code, and the mode is chosen at boot (castle.iso)
#	kernel-up	SMP=0: the uniprocessor kernel without multiprocessor code, and the application kernel
#			as a driver beside it (castle-up.iso)
#	kernel-plain	the uniprocessor kernel alone. Nothing boots it: it is there to show that every
#			object file of it is the same in kernel-up (tests/tools/test_tools.py)
#	kernel-debug	DEBUG=1: the first two with the lock-order checker (castle-debug.iso and
#	kernel-up-debug	castle-up-debug.iso); no other kind has anything of it

KERNEL_ALL_SOURCES := $(sort $(shell find boot arch/ia32 kernel -name '*.c' -o -name '*.S'))
KERNEL_CHECKER     := $(filter kernel/debug/lock_%,$(KERNEL_ALL_SOURCES))
KERNEL_SOURCES     := $(filter-out $(KERNEL_CHECKER),$(KERNEL_ALL_SOURCES))

# The application kernel, and the hardware's code that it has in common with the giant-lock port.
KERNEL_DRIVER := kernel/appkern/%
KERNEL_SHARED := boot/trampoline.S $(patsubst %,arch/ia32/smp/%.c,apic delay find madt mp_table start)
# The giant-lock port's alone.
KERNEL_PORT   := $(filter-out $(KERNEL_SHARED),$(filter arch/ia32/smp/% kernel/smp/%,$(KERNEL_SOURCES)))

KERNEL_UP_SOURCES    := $(filter-out $(KERNEL_PORT),$(KERNEL_SOURCES))
KERNEL_PLAIN_SOURCES := $(filter-out $(KERNEL_DRIVER) $(KERNEL_SHARED),$(KERNEL_UP_SOURCES))
KERNEL_ELF           := $(BUILD)/kernel/castle.elf
KERNEL_UP_ELF        := $(BUILD)/kernel-up/castle.elf
KERNEL_PLAIN_ELF     := $(BUILD)/kernel-plain/castle.elf
KERNEL_DEBUG_ELF     := $(BUILD)/kernel-debug/castle.elf
KERNEL_UP_DEBUG_ELF  := $(BUILD)/kernel-up-debug/castle.elf

# Arguments in registers; frame pointers for backtraces; no registers that belong to programs.
KERNEL_CFLAGS := -m32 -march=i686 -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie \
	-mregparm=3 -fno-omit-frame-pointer -momit-leaf-frame-pointer -fno-stack-protector -fcf-protection=none \
	-mno-mmx -mno-sse -msoft-float -mpreferred-stack-boundary=2 -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -fno-align-loops -fno-align-jumps -fno-common -Wall -Wextra -Werror -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude
KERNEL_ASFLAGS := -m32 -march=i686 -g -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude -D__ASSEMBLER__

# Every caller is on the stack, for the checker to show.
KERNEL_DEBUG_CFLAGS := -DCASTLE_DEBUG=1 -fno-optimize-sibling-calls

# $(call kernel_kind,FOLDER,SOURCES,FLAGS): how a kind of kernel is compiled and linked.
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

$$(BUILD)/$(1)/castle.elf: $$($(1)_objects) linker.ld
	$$(call say,LD,$$@)
	$$(Q)$$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
		-Wl,-z,noexecstack -T linker.ld $$($(1)_objects) -lgcc -o $$@

-include $$($(1)_objects:.o=.d)
endef

$(eval $(call kernel_kind,kernel,$(KERNEL_SOURCES),-DCASTLE_SMP=1))
$(eval $(call kernel_kind,kernel-up,$(KERNEL_UP_SOURCES),))
$(eval $(call kernel_kind,kernel-plain,$(KERNEL_PLAIN_SOURCES),))
$(eval $(call kernel_kind,kernel-debug,$(KERNEL_SOURCES) $(KERNEL_CHECKER),-DCASTLE_SMP=1 $(KERNEL_DEBUG_CFLAGS)))
$(eval $(call kernel_kind,kernel-up-debug,$(KERNEL_UP_SOURCES) $(KERNEL_CHECKER),$(KERNEL_DEBUG_CFLAGS)))
