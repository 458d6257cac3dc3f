# The kernel: every source file below boot/, arch/ia32/ and kernel/, linked by linker.ld.

KERNEL_SOURCES := $(sort $(shell find boot arch/ia32 kernel -name '*.c' -o -name '*.S'))
KERNEL_OBJECTS := $(patsubst %,$(BUILD)/kernel/%.o,$(basename $(KERNEL_SOURCES)))
KERNEL_ELF     := $(BUILD)/kernel/castle.elf

# Arguments in registers; frame pointers for backtraces; no registers that belong to programs.
KERNEL_CFLAGS := -m32 -march=i686 -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie \
	-mregparm=3 -fno-omit-frame-pointer -momit-leaf-frame-pointer -fno-stack-protector -fcf-protection=none \
	-mno-mmx -mno-sse -msoft-float -mpreferred-stack-boundary=2 -fno-asynchronous-unwind-tables \
	-fno-strict-aliasing -fno-common -Wall -Wextra -Werror -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude
KERNEL_ASFLAGS := -m32 -march=i686 -g -ffile-prefix-map=$(CURDIR)=. -I. -Iinclude -D__ASSEMBLER__

$(BUILD)/kernel/%.o: %.c kernel/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/kernel/%.o: %.S kernel/build.mk
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) $(KERNEL_ASFLAGS) -MMD -MP -c $< -o $@

$(KERNEL_ELF): $(KERNEL_OBJECTS) linker.ld
	$(call say,LD,$@)
	$(Q)$(CC) -m32 -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
		-Wl,-z,noexecstack -T linker.ld $(KERNEL_OBJECTS) -lgcc -o $@

-include $(KERNEL_OBJECTS:.o=.d)
