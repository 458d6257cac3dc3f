# LOPI: the tool, for this machine, and its runtimes, for 32-bit programs. Included by the top-level
# Makefile.
#
# Results: BUILD/lopi/lopi and, beside it, runtime/liblopi-PAYLOAD.a and what hooks are compiled with.

LOPI := $(BUILD)/lopi/lopi
LOPI_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard lopi/*.c))
LOPI_CFLAGS := -std=gnu17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Ilopi
LOPI_LIBRARIES := -lelf -lZydis

$(BUILD)/lopi/%.o: lopi/%.c
	@mkdir -p $(@D)
	$(call say,CC,$< (host))
	$(Q)$(CC) $(LOPI_CFLAGS) -MMD -MP -c $< -o $@

$(LOPI): $(LOPI_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(CC) $^ $(LOPI_LIBRARIES) -o $@

# --- runtimes -----------------------------------------------------------------------------------------

LOPI_PAYLOADS := $(patsubst lopi/runtime/hooks_%.h,%,$(wildcard lopi/runtime/hooks_*.h))
LOPI_RUNTIME := $(BUILD)/lopi/runtime
# General registers alone, since nobody saves the others; local-exec, since it is part of the program.
LOPI_RUNTIME_CFLAGS := -m32 -std=gnu17 -O2 -g -fPIE -ftls-model=local-exec -fcf-protection=none \
	-fno-stack-protector -mgeneral-regs-only -fvisibility=hidden -Wall -Wextra -Werror
LOPI_CORE := $(addprefix $(LOPI_RUNTIME)/,collect.o linux.o shadow.o entry.o trampolines.o)

$(LOPI_RUNTIME)/%.o: lopi/runtime/%.c $(wildcard lopi/runtime/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(LOPI_RUNTIME_CFLAGS) -c $< -o $@

$(LOPI_RUNTIME)/%.o: lopi/runtime/%.S lopi/runtime/frames.h
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) -m32 -c $< -o $@

$(LOPI_RUNTIME)/events-%.o: lopi/runtime/events.c $(wildcard lopi/runtime/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$< ($*))
	$(Q)$(CC) $(LOPI_RUNTIME_CFLAGS) -DLOPI_PAYLOAD=$* -DLOPI_HOOKS='"hooks_$*.h"' -c $< -o $@

$(LOPI_RUNTIME)/frames-%.o: lopi/runtime/frames.c $(wildcard lopi/runtime/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$< ($*))
	$(Q)$(CC) $(LOPI_RUNTIME_CFLAGS) -mpreferred-stack-boundary=2 -DLOPI_PAYLOAD=$* \
		-DLOPI_HOOKS='"hooks_$*.h"' -c $< -o $@

$(LOPI_RUNTIME)/liblopi-core.a: $(LOPI_CORE)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar rcsD $@ $^

$(LOPI_RUNTIME)/liblopi-%.a: $(LOPI_RUNTIME)/events-%.o $(LOPI_RUNTIME)/frames-%.o $(LOPI_CORE)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar rcsD $@ $^

$(LOPI_RUNTIME)/%.h: lopi/runtime/%.h
	@mkdir -p $(@D)
	@cp $< $@

$(LOPI_RUNTIME)/events.c $(LOPI_RUNTIME)/frames.c: $(LOPI_RUNTIME)/%.c: lopi/runtime/%.c
	@mkdir -p $(@D)
	@cp $< $@

LOPI_ALL := $(LOPI) $(LOPI_PAYLOADS:%=$(LOPI_RUNTIME)/liblopi-%.a) $(LOPI_RUNTIME)/liblopi-core.a \
	$(addprefix $(LOPI_RUNTIME)/,events.c frames.c lopi.h record.h thread.h frames.h)

.SECONDARY: $(LOPI_PAYLOADS:%=$(LOPI_RUNTIME)/events-%.o) $(LOPI_PAYLOADS:%=$(LOPI_RUNTIME)/frames-%.o) $(LOPI_CORE)

.PHONY: lopi lopi-now
lopi: packages
	@$(MAKE) $@-now

lopi-now: $(LOPI_ALL)

# --- what it costs -------------------------------------------------------------------------------------

.PHONY: lopi-bench lopi-bench-now
lopi-bench: packages
	@$(MAKE) $@-now

lopi-bench-now: $(LOPI_ALL)
	@lopi/bench/run --build $(BUILD) $(if $(PROGRAMS),--programs '$(PROGRAMS)') \
		$(if $(METHODS),--methods '$(METHODS)') $(if $(QUICK),--small) $(if $(TIME),--time $(TIME))

-include $(LOPI_OBJECTS:.o=.d)
