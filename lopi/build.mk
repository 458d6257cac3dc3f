# LOPI: the tool, for this machine, and its runtimes: of 32-bit and 64-bit Linux programs, of Castle's programs, and of
# Castle's kernel. Included by the top-level Makefile, after kernel/build.mk and uapps/build.mk.
#
# Results: BUILD/lopi/lopi and, beside it, in runtime, castle and kernel, liblopi-PAYLOAD.a and what hooks are
# compiled with.

LOPI_TOOL := $(BUILD)/lopi/lopi
LOPI_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lopi/*.c))
LOPI_CFLAGS := -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Ilopi
LOPI_LIBRARIES := -lelf -lZydis -lstdc++

$(BUILD)/lopi/%.o: lopi/%.c
	@mkdir -p $(@D)
	$(call say,CC,$< (host))
	$(Q)$(CC) $(LOPI_CFLAGS) -MMD -MP -c $< -o $@

$(LOPI_TOOL): $(LOPI_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $^ $(LOPI_LIBRARIES) -o $@

# --- runtimes -----------------------------------------------------------------------------------------

LOPI_PAYLOADS := $(patsubst lopi/runtime/hooks_%.h,%,$(wildcard lopi/runtime/hooks_*.h))
LOPI_COMMON := collect results entry trampolines
# General registers alone, since nobody saves the others; local-exec, since it is part of the program.
LOPI_CFLAGS_OF_ALL := -std=gnu17 -O2 -g -mgeneral-regs-only -fvisibility=hidden -Wall -Wextra -Werror
LOPI_CFLAGS_OF_PROGRAMS := $(LOPI_CFLAGS_OF_ALL) -ftls-model=local-exec -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64

# $(call lopi_runtime,FOLDER,COMPILER AND FLAGS,PAYLOADS,FILES,WHAT ALL NEED FIRST): a runtime and how it is
# compiled. Return frames' hooks run on the function's own stack, which is aligned as it may be.
define lopi_runtime
$(BUILD)/lopi/$(1)/%.o: lopi/runtime/%.c $(wildcard lopi/runtime/*.h) lopi/build.mk $(5)
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)))
	$$(Q)$(2) -c $$< -o $$@

$(BUILD)/lopi/$(1)/%.o: lopi/runtime/%.S lopi/runtime/frames.h lopi/build.mk
	@mkdir -p $$(@D)
	$$(call say,AS,$$< ($(1)))
	$$(Q)$(filter-out -std=%,$(2)) -c $$< -o $$@

$(BUILD)/lopi/$(1)/events-%.o: lopi/runtime/events.c $(wildcard lopi/runtime/*.h) lopi/build.mk $(5)
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)$$(comma) $$*))
	$$(Q)$(2) -DLOPI_PAYLOAD=$$* -DLOPI_HOOKS='"hooks_$$*.h"' -c $$< -o $$@

$(BUILD)/lopi/$(1)/frames-%.o: lopi/runtime/frames.c $(wildcard lopi/runtime/*.h) lopi/build.mk $(5)
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)$$(comma) $$*))
	$$(Q)$(2) $(if $(filter -m64,$(2)),,-mpreferred-stack-boundary=2) -DLOPI_PAYLOAD=$$* -DLOPI_HOOKS='"hooks_$$*.h"' -c $$< -o $$@

$(BUILD)/lopi/$(1)/liblopi-core.a: $(patsubst %,$(BUILD)/lopi/$(1)/%.o,$(LOPI_COMMON) $(4))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)ar rcsD $$@ $$^

$(BUILD)/lopi/$(1)/liblopi-%.a: $(BUILD)/lopi/$(1)/events-%.o $(BUILD)/lopi/$(1)/frames-%.o \
		$(patsubst %,$(BUILD)/lopi/$(1)/%.o,$(LOPI_COMMON) $(4))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)ar rcsD $$@ $$^

$(BUILD)/lopi/$(1)/%.h: lopi/runtime/%.h
	@mkdir -p $$(@D)
	@cp $$< $$@

$(BUILD)/lopi/$(1)/events.c $(BUILD)/lopi/$(1)/frames.c: $(BUILD)/lopi/$(1)/%.c: lopi/runtime/%.c
	@mkdir -p $$(@D)
	@cp $$< $$@

.SECONDARY: $(patsubst %,$(BUILD)/lopi/$(1)/%.o,$(LOPI_COMMON) $(4) $(3:%=events-%) $(3:%=frames-%))
lopi_files_$(1) := $(patsubst %,$(BUILD)/lopi/$(1)/%,$(3:%=liblopi-%.a) liblopi-core.a events.c frames.c lopi.h \
	record.h thread.h frames.h)
endef

$(eval $(call lopi_runtime,runtime,$(CC) -m32 -fPIE -fcf-protection=none -fno-stack-protector \
	$(LOPI_CFLAGS_OF_PROGRAMS),$(LOPI_PAYLOADS),program linux executables_only jumps shadow pool trace exceptions switch,))
$(eval $(call lopi_runtime,runtime64,$(CC) -m64 -fPIE -fcf-protection=none -fno-stack-protector \
	$(LOPI_CFLAGS_OF_PROGRAMS),$(LOPI_PAYLOADS),program linux executables_only jumps shadow pool trace exceptions switch,))
$(eval $(call lopi_runtime,castle,$(CASTLE_CC) $(LOPI_CFLAGS_OF_PROGRAMS),$(LOPI_PAYLOADS),\
	program castle jumps shadow pool trace exceptions,$(BUILD)/newlib/stamp uapps/castle-cc))

# The kernel's: what hooks do is as in programs, the rest is a driver.
LOPI_KERNEL_PAYLOADS := $(filter-out trace,$(LOPI_PAYLOADS))
$(eval $(call lopi_runtime,kernel,$(CC) $(filter-out -Wmissing-prototypes,$(KERNEL_CFLAGS)) -mgeneral-regs-only \
	-DLOPI_KERNEL -DLOPI_FRAMES=1024,$(LOPI_KERNEL_PAYLOADS),\
	castle_kernel castle_kernel_area castle_kernel_frames castle_kernel_shadow castle_kernel_switch,))

# What shared objects share, and what each has for itself.
LOPI_SHARED_PAYLOADS := $(filter-out counter,$(LOPI_PAYLOADS))
LOPI_SHARED_CC := $(CC) -fPIC -fcf-protection=none -fno-stack-protector -ftls-model=initial-exec -D_GNU_SOURCE \
	-D_FILE_OFFSET_BITS=64 -DLOPI_SHARED

# $(call lopi_shared,FOLDER,WORD SIZE): of one word size.
define lopi_shared
lopi_core_$(1) := $(patsubst %,$(BUILD)/lopi/$(1)/%.o,collect results program linux trace)
lopi_parts_$(1) := $(patsubst %,$(BUILD)/lopi/$(1)/%.o,entry jumps exceptions)
lopi_files_$(1) := $(LOPI_SHARED_PAYLOADS:%=$(BUILD)/lopi/$(1)/liblopi-%.a) \
	$(LOPI_SHARED_PAYLOADS:%=$(BUILD)/lopi/$(1)/%/liblopi.so)

$(BUILD)/lopi/$(1)/%.o: lopi/runtime/%.c $(wildcard lopi/runtime/*.h) lopi/build.mk
	@mkdir -p $$(@D)
	$$(call say,CC,$$< ($(1)))
	$$(Q)$(LOPI_SHARED_CC) $(2) $(LOPI_CFLAGS_OF_ALL) -c $$< -o $$@

$(BUILD)/lopi/$(1)/%.o: lopi/runtime/%.S lopi/build.mk
	@mkdir -p $$(@D)
	$$(call say,AS,$$< ($(1)))
	$$(Q)$(LOPI_SHARED_CC) $(2) -c $$< -o $$@

$(BUILD)/lopi/$(1)/events-%.o $(BUILD)/lopi/$(1)/module-%.o &: lopi/runtime/events.c lopi/runtime/module.c \
		$(wildcard lopi/runtime/*.h) lopi/build.mk
	@mkdir -p $$(@D)
	$$(call say,CC,events.c and module.c ($(1)$$(comma) $$*))
	$$(Q)$(LOPI_SHARED_CC) $(2) $(LOPI_CFLAGS_OF_ALL) -DLOPI_PAYLOAD=$$* -DLOPI_HOOKS='"hooks_$$*.h"' \
		-c lopi/runtime/events.c -o $(BUILD)/lopi/$(1)/events-$$*.o
	$$(Q)$(LOPI_SHARED_CC) $(2) $(LOPI_CFLAGS_OF_ALL) -DLOPI_PAYLOAD=$$* -c lopi/runtime/module.c \
		-o $(BUILD)/lopi/$(1)/module-$$*.o

$(BUILD)/lopi/$(1)/liblopi-%.a: $(BUILD)/lopi/$(1)/module-%.o $$(lopi_parts_$(1))
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)ar rcsD $$@ $$^

$(BUILD)/lopi/$(1)/%/liblopi.so: $(BUILD)/lopi/$(1)/events-%.o $$(lopi_core_$(1))
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$(LOPI_SHARED_CC) $(2) -shared -Wl,-soname,liblopi.so -Wl,-z,text -Wl,-z,nodelete $$^ -o $$@

.SECONDARY: $$(lopi_core_$(1)) $$(lopi_parts_$(1)) $(LOPI_SHARED_PAYLOADS:%=$(BUILD)/lopi/$(1)/events-%.o) \
	$(LOPI_SHARED_PAYLOADS:%=$(BUILD)/lopi/$(1)/module-%.o)
endef

$(eval $(call lopi_shared,shared,-m32))
$(eval $(call lopi_shared,shared64,-m64))

LOPI_ALL := $(LOPI_TOOL) $(lopi_files_runtime) $(lopi_files_runtime64) $(lopi_files_shared) $(lopi_files_shared64)

.PHONY: lopi lopi-now
lopi: packages
	@$(MAKE) $@-now

lopi-now: $(LOPI_ALL)

.PHONY: lopi-castle lopi-castle-now
lopi-castle: packages
	@$(MAKE) $@-now

lopi-castle-now: $(LOPI_ALL) $(lopi_files_castle) $(CASTLE_RUNTIME)

# --- what it costs -------------------------------------------------------------------------------------

.PHONY: lopi-bench lopi-bench-now
lopi-bench: packages
	$(if $(METHODS),@tools/install-packages lopi)
	@$(MAKE) $@-now

lopi-bench-now: $(LOPI_ALL)
	@$(if $(WIDE),LOPI_BENCH_MACHINE=-m64) lopi/bench/run --build $(BUILD) $(if $(PROGRAMS),--programs '$(PROGRAMS)') \
		$(if $(METHODS),--methods '$(METHODS)') $(if $(HELD_BACK),--held-back) $(if $(QUICK),--small) $(if $(TIME),--time $(TIME)) $(if $(ORDERS),--orders $(ORDERS)) $(if $(JOBS),--jobs $(JOBS))

# What the tool does with whole programs, and what it takes for that; sqlite3's one file is made by tclsh.
.PHONY: lopi-whole lopi-whole-now
lopi-whole: packages
	@tools/install-packages ports
	@$(MAKE) $@-now

lopi-whole-now: $(LOPI_ALL)
	@for machine in -m32 -m64; do LOPI_BENCH_MACHINE=$$machine lopi/bench/whole --build $(BUILD) $(if $(PROGRAMS),--programs '$(PROGRAMS)') \
		$(if $(ONLY),--only $(ONLY)) || exit 1; done

-include $(LOPI_OBJECTS:.o=.d)
