# The laboratory: `make lab` measures, `make report` shows (docs/lab.md).

# Debian's Python: the report wants Debian's modules, and another python3 may come first in the path.
LAB_PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)

.PHONY: lab lab-now report report-now figures figures-now smp-cost-now appkern-cost-now lab-sources
# With PLAN=1 nothing is built or run.
lab-now: $(if $(PLAN),,castle.iso castle-up.iso lopi-now $(PEERS:%=%-peer))
	@$(LAB_PYTHON) lab/run $(if $(PLAN),--plan) $(if $(PEERS),--peers) $(if $(QUICK),--quick) $(if $(HOSTS),--hosts '$(HOSTS)') $(if $(RETRY),--retry) $(if $(JOBS),--jobs $(JOBS)) \
		$(if $(LAB),--store '$(LAB)') $(EXP)

# Another system to measure beside Castle: its kernels, and the benchmarks for it (PEERS=linux).
.PHONY: $(PEERS:%=%-peer)
$(PEERS:%=%-peer): castle.iso
	@lab/peers/$(@:%-peer=%)/build $(BUILD)

# Which cache lines processors fight over: of RUN=, or without it of every two operations, the conflict matrix.
.PHONY: conflicts conflicts-now
conflicts-now: castle.iso
	@mkdir -p $(BUILD)/conflicts
	@tools/conflicts --build $(BUILD) --iso castle.iso $(if $(MODE),--mode $(MODE)) --smp $(if $(filter-out 1,$(SMP)),$(SMP),2) \
		--mem $(MEM) $(if $(CACHE),--cache $(CACHE)) $(if $(WAYS),--ways $(WAYS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(LINES),--lines $(LINES)) $(foreach option,$(APPEND),--append '$(option)') \
		$(if $(RUN),--run '$(subst ','\'',$(RUN))',--matrix) \
		--json $(BUILD)/conflicts/conflicts.json --svg $(BUILD)/conflicts/conflicts.svg

# The report as pages that open from a folder.
.PHONY: site site-now check-site
check-site: site
	@tests/lab/site $(BUILD)/site

site-now:
	@$(LAB_PYTHON) lab/site $(if $(QUICK),--profile quick) $(if $(LAB),--store '$(LAB)') --output $(BUILD)/site

report-now:
	@$(LAB_PYTHON) lab/report $(if $(QUICK),--profile quick) $(if $(LAB),--store '$(LAB)')

# Experiments whose tables are printed.
SHOW = $(LAB_PYTHON) lab/run $(if $(JOBS),--jobs $(JOBS)) $(1) && $(LAB_PYTHON) lab/show $(1)
smp-cost-now: castle.iso castle-up.iso
	@$(call SHOW,smp-cost)

appkern-cost-now: castle.iso castle-up.iso
	@$(call SHOW,table-4.2 appkern-scaling appkern-cost)

figures-now: castle.iso castle-up.iso $(PEERS:%=%-peer)
	@$(LAB_PYTHON) lab/run $(if $(PEERS),--peers) $(if $(JOBS),--jobs $(JOBS)) $(or $(EXP),documents) && $(LAB_PYTHON) lab/document $(EXP)

# What the kernels are made of (kernel/build.mk), for lab/count: `uniprocessor FILE`, `giantlock FILE`, …
lab-sources:
	@printf 'uniprocessor %s\n' $(KERNEL_PLAIN_SOURCES)
	@printf 'giantlock %s\n' $(KERNEL_PLAIN_SOURCES) $(KERNEL_PORT) $(KERNEL_SHARED)
	@printf 'appkern %s\n' $(KERNEL_PLAIN_SOURCES) $(filter $(KERNEL_DRIVER),$(KERNEL_SOURCES)) $(KERNEL_SHARED)

.PHONY: check-lab-now
check-lab-now: castle.iso castle-up.iso
	@$(LAB_PYTHON) tests/lab/run
