# The tests of LOPI. The tool is built a second time, with sanitizers, to be given damaged files.

LOPI_SANITIZED := $(BUILD)/tests/lopi/lopi
LOPI_SANITIZED_OBJECTS := $(patsubst lopi/%.c,$(BUILD)/tests/lopi/objects/%.o,$(wildcard lopi/*.c))

$(BUILD)/tests/lopi/objects/%.o: lopi/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(LOPI_CFLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -MMD -MP \
		-c $< -o $@

# What the tool allocates lives until it ends; nobody would want to hear of that.
$(LOPI_SANITIZED): $(LOPI_SANITIZED_OBJECTS) tests/lopi/sanitizer.c
	$(call say,LD,$@)
	$(Q)$(CC) -fsanitize=address,undefined $^ $(LOPI_LIBRARIES) -o $@

.PHONY: check-lopi check-lopi-now
check-lopi: packages
	@$(MAKE) $@-now

# Castle's part boots images that it makes itself, of what these are made of, too.
check-lopi-now: $(LOPI_ALL) $(lopi_files_castle) $(lopi_files_kernel) $(LOPI_SANITIZED) castle.iso castle-up.iso
	@tests/lopi/run --build $(BUILD) $(if $(FULL),--full) $(if $(ONLY),--only '$(ONLY)')

# Hours, if COUNT says so: random functions beside plain copies of themselves, in each strategy.
.PHONY: lopi-search lopi-search-now
lopi-search: packages
	@$(MAKE) $@-now

lopi-search-now: $(LOPI_ALL)
	@tests/lopi/search.py --build $(BUILD) $(if $(SEED),--seed $(SEED)) $(or $(COUNT),100000)

# gcc's tests of what its code computes, and random programs, instrumented whole at all levels of both compilers. The tests of
# gcc take hours: CONTINUE=1 goes on where the last run stopped.
.PHONY: lopi-torture lopi-torture-now lopi-csmith lopi-csmith-now
lopi-torture: packages
	@$(MAKE) $@-now

lopi-csmith: packages
	@tools/install-packages lopi
	@$(MAKE) $@-now

lopi-torture-now lopi-csmith-now: lopi-%-now: $(LOPI_ALL)
	@tests/lopi/whole.py --build $(BUILD) $(if $(SEED),--seed $(SEED)) $(if $(CONTINUE),--continue) $* $(COUNT)

# cmark and gzip, built by `lopi cc`, as their users build them.
.PHONY: lopi-projects lopi-projects-now
lopi-projects: packages
	@$(MAKE) $@-now

lopi-projects-now: $(LOPI_ALL)
	@tests/lopi/projects.py --build $(BUILD)

# What the instrumented kernel says of itself, beside the event log.
.PHONY: lopi-self-profile lopi-self-profile-now
lopi-self-profile: packages
	@$(MAKE) $@-now

lopi-self-profile-now: $(LOPI_ALL) $(lopi_files_kernel) castle.iso
	@tests/lopi/self_profile.py --build $(BUILD) $(if $(CPUS),--cpus $(CPUS)) $(if $(MODES),--modes $(MODES))

# Damaged object files of ten programs, of either word size, given to the tool that is built with sanitizers.
.PHONY: lopi-fuzz lopi-fuzz-now
lopi-fuzz: packages
	@$(MAKE) $@-now

lopi-fuzz-now: $(LOPI_SANITIZED)
	@for machine in -m32 -m64; do LOPI_BENCH_MACHINE=$$machine tests/lopi/fuzz.py --build $(BUILD) \
		$(if $(SEED),--seed $(SEED)) $(or $(COUNT),1000) || exit 1; done

-include $(LOPI_SANITIZED_OBJECTS:.o=.d)
