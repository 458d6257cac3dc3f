# Unit tests of the kernel's portable parts on the host, with Check, under AddressSanitizer and UBSan.
# A test program is tests/host/test_NAME.c; all of them share the kernel sources and the support code.

HOST_TESTS := $(patsubst tests/host/%.c,%,$(sort $(wildcard tests/host/test_*.c)))
HOST_KERNEL_SOURCES := kernel/mem/page.c kernel/mem/slab.c kernel/mem/kmem.c kernel/lib/print_format.c \
	kernel/fs/inode.c kernel/fs/directory.c kernel/fs/content.c kernel/fs/path.c kernel/fs/walk.c kernel/fs/ustar.c \
	kernel/fs/file.c kernel/fs/file_table.c kernel/fs/open.c \
	kernel/mem/package_parse.c boot/boot_info.c kernel/boot/options.c kernel/measure/statistics.c \
	tools/coherence/model.c tools/coherence/sites.c kernel/debug/trace_options.c kernel/time/timer.c arch/ia32/smp/madt.c arch/ia32/smp/mp_table.c
HOST_SOURCES := $(HOST_KERNEL_SOURCES) tests/host/support.c
HOST_OBJECTS := $(HOST_SOURCES:%.c=$(BUILD)/tests/host/%.o)

# wrap: allocations go through support.c, which makes the n-th one fail.
HOST_CFLAGS := -std=gnu17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wall -Wextra -Werror -I. -Iinclude
HOST_LDFLAGS := -Wl,--wrap=page_alloc -Wl,--wrap=page_take -Wl,--wrap=page_alloc_zeroed

# The lock-order checker is tested with processors of the test's own.
HOST_CHECKER := $(patsubst %,$(BUILD)/tests/host/kernel/debug/%.o,lock_graph lock_order)
$(HOST_CHECKER) $(BUILD)/tests/host/tests/host/test_lock_order.o: HOST_CFLAGS += -DCASTLE_DEBUG=1
$(BUILD)/tests/host/test_lock_order: $(HOST_CHECKER)

$(BUILD)/tests/host/%.o: %.c tests/host/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$< (host))
	$(Q)$(CC) $(HOST_CFLAGS) $(shell pkg-config --cflags check) -MMD -MP -c $< -o $@

$(HOST_TESTS:%=$(BUILD)/tests/host/%): $(BUILD)/tests/host/%: $(BUILD)/tests/host/tests/host/%.o $(HOST_OBJECTS)
	$(Q)$(CC) $(HOST_CFLAGS) $(HOST_LDFLAGS) $^ $(shell pkg-config --libs check) -o $@

.PHONY: check-host check-host-now
check-host: packages
	@$(MAKE) $@-now

check-host-now: $(HOST_TESTS:%=$(BUILD)/tests/host/%)
	@tests/host/run $^

-include $(HOST_OBJECTS:.o=.d) $(HOST_CHECKER:.o=.d) $(HOST_TESTS:%=$(BUILD)/tests/host/tests/host/%.d)
