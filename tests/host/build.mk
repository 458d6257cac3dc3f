# Unit tests of the kernel's portable parts on the host, with Check, under AddressSanitizer and UBSan.
# A test program is tests/host/test_NAME.c; all of them share the kernel sources and the support code.

HOST_TESTS := $(patsubst tests/host/%.c,%,$(sort $(wildcard tests/host/test_*.c)))
HOST_KERNEL_SOURCES := kernel/mem/page.c kernel/mem/page_zero.c kernel/mem/page_share.c kernel/mem/slab.c kernel/mem/kmem.c kernel/lib/print_format.c \
	kernel/fs/inode.c kernel/fs/directory.c kernel/fs/content.c kernel/fs/path.c kernel/fs/walk.c kernel/fs/ustar.c \
	kernel/fs/file.c kernel/fs/file_table.c kernel/fs/open.c \
	kernel/mem/package_parse.c boot/boot_info.c kernel/boot/options.c kernel/measure/statistics.c \
	tools/coherence/model.c tools/coherence/sites.c kernel/debug/trace_options.c kernel/time/timer.c arch/ia32/smp/madt.c arch/ia32/smp/mp_table.c
# Of programs, what knows no clock and no network.
HOST_PROGRAM_SOURCES := $(patsubst %,uapps/cluster/common/%.c,link replica view)
HOST_SOURCES := $(HOST_KERNEL_SOURCES) $(HOST_PROGRAM_SOURCES) tests/host/support.c tests/host/main.c
HOST_OBJECTS := $(HOST_SOURCES:%.c=$(BUILD)/tests/host/%.o)

# wrap: allocations go through support.c, which makes the n-th one fail.
HOST_CFLAGS := -std=gnu17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wall -Wextra -Werror -I. -Iinclude
HOST_LDFLAGS := -Wl,--wrap=page_alloc -Wl,--wrap=page_take -Wl,--wrap=page_alloc_zeroed

# The lock-order checker is tested with processors of the test's own.
HOST_CHECKER := $(patsubst %,$(BUILD)/tests/host/kernel/debug/%.o,lock_graph lock_order)
$(HOST_CHECKER) $(BUILD)/tests/host/tests/host/test_lock_order.o: HOST_CFLAGS += -DCASTLE_DEBUG=1
$(BUILD)/tests/host/test_lock_order: $(HOST_CHECKER)

# The screen is on a display of the test's own.
$(BUILD)/tests/host/test_screen: $(BUILD)/tests/host/kernel/dev/screen.o

# The programs' database, here on the host's shared memory.
HOST_DATABASE := $(patsubst %.c,$(BUILD)/tests/host/%.o,$(wildcard uapps/db/*.c))
$(HOST_DATABASE): HOST_CFLAGS += -D_GNU_SOURCE -idirafter uapps/include
$(BUILD)/tests/host/tests/host/test_database.o: HOST_CFLAGS += -D_GNU_SOURCE -idirafter uapps/include
$(BUILD)/tests/host/test_database: $(HOST_DATABASE)

$(BUILD)/tests/host/%.o: %.c tests/host/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$< (host))
	$(Q)$(CC) $(HOST_CFLAGS) $(shell pkg-config --cflags check) -MMD -MP -c $< -o $@

# The same library as it is, and for its threads under ThreadSanitizer.
DATABASE_TESTS := test_database_steps test_database_threads
$(BUILD)/tests/host/test_database_threads: DATABASE_CFLAGS := -fsanitize=thread
$(DATABASE_TESTS:%=$(BUILD)/tests/host/%): $(BUILD)/tests/host/%: tests/host/%.c tests/host/main.c tests/host/database.h tests/host/database_work.h \
		$(wildcard uapps/db/*) uapps/include/castle/db.h
	@mkdir -p $(@D)
	$(call say,CC,$< (host))
	$(Q)$(CC) -std=gnu17 -g -O2 -Wall -Wextra -Werror $(DATABASE_CFLAGS) -D_GNU_SOURCE -I. -idirafter uapps/include \
		$(shell pkg-config --cflags check) $(filter %.c,$^) $(shell pkg-config --libs check) -lpthread -o $@

$(filter-out $(DATABASE_TESTS:%=$(BUILD)/tests/host/%),$(HOST_TESTS:%=$(BUILD)/tests/host/%)): $(BUILD)/tests/host/%: $(BUILD)/tests/host/tests/host/%.o $(HOST_OBJECTS)
	$(Q)$(CC) $(HOST_CFLAGS) $(HOST_LDFLAGS) $^ $(shell pkg-config --libs check) -o $@

.PHONY: check-host check-host-now
check-host: packages
	@$(MAKE) $@-now

check-host-now: $(HOST_TESTS:%=$(BUILD)/tests/host/%)
	@tests/host/run $^

-include $(HOST_OBJECTS:.o=.d) $(HOST_CHECKER:.o=.d) $(HOST_TESTS:%=$(BUILD)/tests/host/tests/host/%.d)
