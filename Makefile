# Castle: one entry for everything. `make help` lists the targets.

BUILD ?= build
MACHINE ?= qemu
SMP   ?= 1
MEM   ?= 128

# DEBUG=1: the kernel with the lock-order checker.
DEBUG ?= 0
ifeq ($(filter 0 1,$(DEBUG)),)
$(error DEBUG is 0 or 1, not $(DEBUG))
endif
DEBUGGED := $(if $(filter 1,$(DEBUG)),-debug)

# SMP=0 is the kernel without multiprocessor code, on one CPU; LOPI= one that is instrumented.
ifeq ($(SMP),0)
ISO  ?= $(if $(LOPI),$(LOPI_ISO),castle-up$(DEBUGGED).iso)
CPUS := 1
else
ISO  ?= $(if $(LOPI),$(LOPI_ISO),castle$(DEBUGGED).iso)
CPUS := $(SMP)
endif

# Where an instrumented kernel's results go.
ifneq ($(LOPI),)
COM2 ?= $(BUILD)/lopi.out
endif

# All cores, unless the caller said otherwise.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory --no-builtin-rules

# V=1 shows commands instead of one line a file.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-5s %s\n' "$(1)" "$(2)"
endif

empty :=
space := $(empty) $(empty)
comma := ,

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

include kernel/build.mk
include uapps/build.mk
include iso/build.mk
include web/build.mk
include tests/host/build.mk
include tests/boot/build.mk
include lab/build.mk
include lopi/build.mk
include tests/lopi/build.mk

.PHONY: help iso run gdb trace pictures fuzz fuzz-now fuzz-all fuzz-all-now races races-now models coverage coverage-now mutate mutate-now hostile-boot hostile-boot-now check packages lab-packages style contracts globals includes clean

help:
	@echo 'make run                   boot Castle in QEMU; the console is this terminal (ctrl-A x ends it)'
	@echo 'make run RUN="getpid; ls"  run these programs, power off, tell their status (tools/run --run exits with it)'
	@echo 'make run <FILE             type the file at the prompt, then power off'
	@echo '     MACHINE=bochs         every CPU an instruction a cycle, runs repeat: for measuring'
	@echo '     MACHINE=icount        the same in QEMU, with one CPU'
	@echo "     MODE=$$(tools/organisations --names)"
	@echo '                           organisation of the kernel (the first); tools/organisations describes them'
	@echo '     SMP=N MEM=MB          CPUs, megabytes of memory (1, 128)'
	@echo '     SMP=0                 the kernel without multiprocessor code'
	@echo '     DEBUG=1               the kernel with the lock-order checker (docs/debugging.md)'
	@echo '     RUN2="getpid"         with MODE=partitioned: what partition 2 runs, and so on (docs/partitioned.md)'
	@echo '     NET=user              an Ethernet card, with the network that QEMU makes behind it (docs/network.md)'
	@echo '     APPEND=affinity=off   more of the kernel command line'
	@echo '     EXTRA=DIR/NAME        a program made by castle-cc: in the image, too'
	@echo '     COM2=FILE             save what comes over the second serial line'
	@echo '     LOPI="FUNCTION ..."   of the kernel, names or patterns: instrumented; a profile follows (docs/lopi.md)'
	@echo '     LOPI_SWITCHED=1       and off until lopi.on=PATTERNS on the command line, or /dev/lopi, says otherwise'
	@echo 'make gdb                   the same machine in QEMU, stopped, with GDB that knows threads (help castle)'
	@echo 'make trace RUN="ukratio"   runs with the event log on and draws it: build/trace/timeline.html, and .json for Perfetto'
	@echo '     TRACE=sched,lock      groups of events (all); WINDOW=account|lock|forward|mark:TEXT: what to draw'
	@echo 'make conflicts RUN="sharing" SMP=2   the cache lines that processors fight over, by name (docs/conflicts.md); without RUN'
	@echo '                           the matrix: every two operations at once; MODE=NAME|all CACHE=KB WAYS=N ROUNDS=N LINES=N'
	@echo 'make pictures              the timelines in docs/pictures, from runs on Bochs'
	@echo 'make iso                   castle.iso, for QEMU, Bochs and real machines; SMP=0: castle-up.iso; DEBUG=1: castle-debug.iso'
	@echo 'make usb                   castle-usb.img, which also UEFI boots, for USB sticks'
	@echo 'make netboot               build/netboot, which machines boot from by PXE and TFTP; make run NETBOOT=1 does, in QEMU'
	@echo 'make cluster NODES=3       a cluster in QEMU on two networks, its page here and for a browser (docs/cluster.md); ctrl-C'
	@echo '     RUN="..." TIME=S      ends it, or S seconds; FAULTS=0.02: of the frames are lost; PORT=8000 MODE=NAME'
	@echo 'make web                   build/web: a page that boots castle.iso in a browser (v86, from npm); check-web tries it'
	@echo 'make ports                 programs from Debian sources, built for Castle, tried there and here, compared (docs/ports.md)'
	@echo 'make check                 all tests; the last line counts them'
	@echo 'make check-host            the tests that run on this machine'
	@echo 'make check-lopi            the tests of LOPI; FULL=1: with every combination of options'
	@echo 'make check-boot            the tests that run inside Castle; SUITE=NAME for one of them, DEBUG=1 with the'
	@echo '                           lock-order checker, MODE=NAME in one mode, FULL=1 in all ways'
	@echo 'make check-pcs             the image from a USB stick, by UEFI, without a serial port; FULL=1: disks, chipsets, processors'
	@echo 'make fuzz SMP=4            random calls until something is wrong, which is then made small (docs/testing.md)'
	@echo '     SEED=1 CALLS=100000   where to begin, and how many in each mode; MODE= DEBUG=1 as above'
	@echo 'make fuzz-all              machines of every mode, number of CPUs and kernel in turn, until each has made CALLS; goes on'
	@echo '                           where it stopped; SUMMARY=1: only how far they are'
	@echo 'make races RUN="stress" SMP=4 MODE=fine   accesses to memory that two processors make at once and nothing orders'
	@echo '     EVERY=200             one access in so many is watched (docs/testing.md)'
	@echo 'make models               the kernel protocols, verified with Spin, and their broken twins (docs/testing.md)'
	@echo 'make coverage              lines and branches of the kernel that the boot suites reach, and functions that none does'
	@echo '     SUITE=NAME MODE=NAME  by this suite, in this mode; KEEP=1: and what was recorded before; FILE=kernel/...: what is left of it'
	@echo 'make hostile-boot          mutated images: each boots or says what is wrong; COUNT=1000 SEED=1 (docs/testing.md)'
	@echo 'make mutate                locks, references, checks and more taken out of the kernel, one at a time: does a suite notice?'
	@echo '     COUNT=20 SEED=1       how many, and which; FILE=kernel/fs RULE=lock: only there, only those (docs/testing.md)'
	@echo 'make bench                 the microbenchmarks, in instructions (QEMU -icount)'
	@echo 'make smp-cost              what the multiprocessor port costs on one CPU (Bochs)'
	@echo 'make kernel-cost           what the kernel costs more than that of commit 1e2ae62 (Bochs); BASE=COMMIT: than another'
	@echo '     KERNELS="up giantlock" only these (tools/compare --help lists them)'
	@echo 'make log-cost              what the event log costs while it is off (Bochs)'
	@echo 'make appkern-cost          what the application kernel costs and gains (Bochs)'
	@echo 'make appkern-size          how big and how complex it is'
	@echo 'make port-size             how many lines the multiprocessor port took'
	@echo '     TREE=FOLDER BASE=COMMIT of another kernel, a git repository; TO=COMMIT BELOW=FOLDER (docs/porting.md)'
	@echo 'make effort                what each organisation took over the one before: lines, files, complexity, lock operations'
	@echo 'make lab                   run the experiments, keep what they measure; EXP=NAME, QUICK=1, RETRY=1'
	@echo '     PEERS=linux           Linux beside it, from the same sources (builds its kernels once, a quarter of an hour)'
	@echo '     PLAN=1                only how many runs that is, and how long they take; with the options above'
	@echo '     HOSTS="a b"           the runs spread over machines, by ssh'
	@echo 'make site                  the report, documents and pictures as pages: build/site/index.html'
	@echo 'make book                  the documents as a book with the code walked, pages and PDF: build/book/index.html'
	@echo 'make exercise N=1          a part of the kernel to write, and its tests; without N= the list (docs/book/exercises.md)'
	@echo '     AGAIN=1 SOLUTION=1    begin anew; try what the tree has'
	@echo 'make figures               measure what README.md and docs/benchmarks.md say, and put the figures there'
	@echo 'make report                build/lab/report.html: the thesis and Castle, table by table'
	@echo 'make lopi                  the instrumentation tool, build/lopi/lopi (docs/lopi.md)'
	@echo 'make lopi-castle           the same, and its runtime for programs of Castle'
	@echo 'make lopi-bench            what instrumented programs cost (cachegrind); WIDE=1 for x86-64, HELD_BACK=1'
	@echo 'make lopi-whole            what is refused in ten whole programs, calls beside callgrind'\''s, and what the tool takes'
	@echo 'make lopi-search           random instrumented functions beside plain copies; COUNT=N'
	@echo 'make lopi-torture          gcc'\''s own tests, instrumented whole, at all levels of both compilers; COUNT=N, CONTINUE=1'
	@echo 'make lopi-csmith           random programs of csmith, the same; COUNT=N'
	@echo 'make lopi-projects         cmark by CMake and gzip by configure, built by lopi cc'
	@echo 'make lopi-self-profile     what the kernel says of itself by LOPI, beside the event log'
	@echo 'make lopi-fuzz             damaged object files of ten programs, to the tool with sanitizers; COUNT=N'
	@echo 'make packages              install what the build needs (Debian; the others do it themselves)'
	@echo 'make style                 format, lengths, complexity, comments, contracts, includes: each with its limit'
	@echo 'make contracts             public functions that do not say what their caller holds (docs/contracts.md)'
	@echo 'make globals               variables that do not say what guards them (docs/contracts.md)'
	@echo 'make includes              includes that go upwards (docs/layers.md), and the tables there'
	@echo 'make clean                 remove everything built'
	@echo 'V=1 shows commands; BUILD=DIR builds elsewhere; THIRD_PARTY= leaves busybox, dash, gzip, lua, make, tcc out.'

packages:
	@tools/install-packages

# What only the report needs.
lab-packages:
	@tools/install-packages report

# What only another system, or another machine, needs.
.PHONY: peer-packages host-packages
peer-packages:
	@$(if $(PEERS),tools/install-packages peers)
host-packages:
	@$(if $(HOSTS),tools/install-packages report)

lab: packages peer-packages host-packages
figures: peer-packages
report site: lab-packages
.PHONY: ports ports-now ports-packages
ports-packages:
	@tools/install-packages ports
ports: packages ports-packages
	@$(MAKE) ports-now
ports-now: castle.iso
	@tests/ports/run --build $(BUILD)
lab report site:
	@$(MAKE) $@-now

# The graded exercises of the book (tools/exercise); check-exercises tries each skeleton, which must fail, and each solution.
.PHONY: exercise exercise-now check-exercises
EXERCISE = tools/exercise --build $(BUILD) --compile '$(CC) $(KERNEL_CFLAGS) -DCASTLE_SMP=1' --link '$(KERNEL_LINK)'
exercise: packages
	@$(MAKE) exercise-now
exercise-now: $(if $(N),castle.iso)
	@$(EXERCISE) $(N) $(if $(AGAIN),--again) $(if $(SOLUTION),--solution)
check-exercises: castle.iso
	@$(EXERCISE) $(N) --verify

# The image on machines as real ones are: sticks, disks, UEFI, no serial port; FULL=1: all that tests/boot/pcs has.
.PHONY: check-pcs check-pcs-now
check-pcs:
	@tools/install-packages usb
	@$(MAKE) check-pcs-now
check-pcs-now: castle.iso castle-usb.img
	@tests/boot/pcs $(if $(FULL),--full)

# docs/ as a book; PDF= leaves out the PDF, which takes half a minute.
PDF ?= 1
.PHONY: book
book:
	@tools/install-packages book
	@tools/book --output $(BUILD)/book $(if $(PDF),--pdf)

# Recursion: what must be installed is installed before anything else is looked at.
iso conflicts gdb pictures fuzz fuzz-all races coverage mutate hostile-boot bench smp-cost kernel-cost log-cost appkern-cost appkern-size figures check-boot: packages
	@$(MAKE) $@-now

.PHONY: iso-now gdb-now pictures-now bench bench-now smp-cost kernel-cost kernel-cost-now \
	log-cost log-cost-now appkern-cost appkern-size appkern-size-now port-size effort check-boot
iso-now: $(ISO)

# Those that RUN1=, RUN2= ... may name. $(RUN2) is what the second is to run, and so on.
PARTITIONS := 1 2 3 4 5 6 7 8
run_at = $(if $(2),--append 'run@$(1)="$(2)"')

# What tools/run is told of the machine and the command line.
RUN_OPTIONS = --iso $(ISO) --machine $(MACHINE) $(if $(MODE),--mode $(MODE)) --smp '$(CPUS)' --mem $(MEM) \
	$(if $(COM2),--com2 '$(COM2)') $(if $(ACCEL),--accel $(ACCEL)) $(if $(TIMEOUT),--timeout $(TIMEOUT)) \
	$(if $(NETBOOT),--netboot $(BUILD)/netboot) $(foreach backend,$(NET),--net '$(backend)') $(if $(NODE),--node '$(NODE)') \
	$(foreach option,$(APPEND),--append '$(option)') \
	$(foreach number,$(PARTITIONS),$(call run_at,$(number),$(RUN$(number)))) \
	$(if $(RUN),--run '$(subst ','\'',$(RUN))')

TRACE ?= all
WINDOW ?= all

# What cannot be is said before anything is built, in one line.
ifneq ($(filter run gdb trace,$(MAKECMDGOALS)),)
ifeq ($(MAKELEVEL),0)
wrong := $(shell command -v python3 >/dev/null && tools/run --check $(RUN_OPTIONS) \
	$(if $(filter trace,$(MAKECMDGOALS)),--append trace='$(TRACE)') 2>&1)
ifneq ($(wrong),)
$(error $(wrong))
endif
endif
endif
# So is a name that is none, where each goal has its own: which modes, suites, experiments, exercises, functions there are.
named = $(if $(filter $(1),$(MAKECMDGOALS)),$(foreach variable,$(2),$(if $($(variable)),$(variable)='$($(variable))')))
NAMED := $(strip $(call named,check-boot coverage conflicts fuzz cluster,MODE) $(call named,check-boot coverage,SUITE) \
	$(call named,lab,EXP) $(call named,exercise check-exercises,N) $(call named,run gdb trace iso,LOPI))
ifneq ($(NAMED),)
ifeq ($(MAKELEVEL),0)
wrong := $(shell command -v python3 >/dev/null && tools/check-variables $(NAMED) 2>&1)
ifneq ($(wrong),)
$(error $(wrong))
endif
endif
endif
ifneq ($(filter command line environment,$(origin TRACE)),)
ifneq ($(filter run gdb,$(MAKECMDGOALS)),)
$(error TRACE is for `make trace`: make trace TRACE=$(TRACE) $(if $(RUN),RUN="$(RUN)"))
endif
endif

# The machine runs here and not further down, so that the one line in which make tells of a program that failed has its
# status: make itself exits with 2.
run: packages
	@$(MAKE) run-ready
	@tools/run $(RUN_OPTIONS)$(if $(LOPI),; status=$$?; $(LOPI_TOOL) report '$(COM2)' && exit $$status)

trace: packages
	@$(MAKE) run-ready
	@mkdir -p $(BUILD)/trace
	@tools/run --trace $(BUILD)/trace/log --append trace='$(TRACE)' $(RUN_OPTIONS); status=$$?; \
	tools/trace $(BUILD)/trace/log --window '$(WINDOW)' --chrome $(BUILD)/trace/timeline.json \
		--html $(BUILD)/trace/timeline.html && exit $$status

# Nodes run what RUN= says, in a shell, beside what every node runs.
NODES ?= 3
.PHONY: cluster
cluster: packages
	@$(MAKE) iso-now
	@tools/cluster-run --nodes $(NODES) --iso $(ISO) $(if $(value RUN),--run '$(value RUN)') $(if $(TIME),--time $(TIME)) $(if $(PORT),--port $(PORT)) \
		$(if $(MODE),--mode $(MODE)) $(if $(FAULTS),--faults $(FAULTS))

.PHONY: run-ready
run-ready: $(ISO) $(if $(NETBOOT),netboot-now)

gdb-now: $(ISO)
	@tools/run --gdb --build $(BUILD) $(RUN_OPTIONS)

SEED  ?= 1
CALLS ?= 100000
fuzz-now: $(ISO)
	@tools/fuzz --iso $(ISO) --machine $(MACHINE) $(if $(MODE),--mode $(MODE)) --smp '$(CPUS)' --seed $(SEED) \
		--calls $(CALLS) $(foreach option,$(APPEND),--append '$(option)')

fuzz-all-now: $(if $(SUMMARY),,castle.iso castle-debug.iso)
	@tools/fuzz --all --seed $(SEED) --calls $(CALLS) --kept $(BUILD)/fuzz/all.json $(if $(SUMMARY),--summary)

EVERY ?= 200
races-now: ISO := castle-races.iso
races-now: castle-races.iso
	@tools/run $(RUN_OPTIONS) --append races.every=$(EVERY)

models: packages
	@tests/models/run

# What the tests reach; with FILE=, what they do not of one file, from what was recorded last.
coverage-now: $(if $(FILE),,castle.iso castle-up.iso castle-debug.iso castle-up-debug.iso)
	@tools/coverage --build $(BUILD) $(if $(FILE),--show --file '$(FILE)') $(SUITE:%=--suite %) $(MODE:%=--mode %) \
		$(if $(KEEP),--keep)

hostile-boot-now: castle.iso
	@tests/boot/hostile --build $(BUILD) --count $(or $(COUNT),1000) --seed $(SEED)

# With FILE=, the mutants of that file or folder; with RULE=, of that rule.
mutate-now: castle-debug.iso
	@tools/mutate --build $(BUILD) --compile '$(CC) $(KERNEL_CFLAGS) -DCASTLE_SMP=1 $(KERNEL_DEBUG_CFLAGS)' --link '$(KERNEL_LINK)' \
		--count $(or $(COUNT),20) --seed $(SEED) $(FILE:%=--file %) $(RULE:%=--rule %)

pictures-now: castle.iso
	@tools/pictures $(BUILD)

BENCHMARKS := boot getpid yield spawn forkwait pipe fault threads file
bench-now: $(ISO)
	@tools/run --iso $(ISO) --machine icount $(if $(MODE),--mode $(MODE)) \
		--run '$(subst $(space),; ,$(BENCHMARKS))'

# The kernels of another commit, in images with this tree's programs and files. No row may be dearer by more than 2 %,
# and no mean at all. Without migration on that commit: since then the frames of signals have another form, which
# bootstrap threads write, so programs of this tree do not run there.
BASE ?= 1e2ae62
kernel-cost-now: castle.iso castle-up.iso
	@before=$$(tools/kernel-of '$(BASE)' $(BUILD)/base) && before=$(BUILD)/base/$${before##*/} && \
	iso/make-iso $(BUILD) $$before/kernel/castle.elf $$before/castle.iso $(CASTLE_PROGRAMS) $(notdir $(EXTRA)) && \
	iso/make-iso $(BUILD) $$before/kernel-up/castle.elf $$before/castle-up.iso $(CASTLE_PROGRAMS) $(notdir $(EXTRA)) && \
	tools/compare $$before . --limit 2 --mean --keep $(BUILD)/base/runs \
	$(if $(filter 1e2ae62,$(BASE)),--without migrate) $(KERNELS:%=--kernel %)

log-cost-now: castle.iso castle-up.iso $(NO_LOG_ISOS)
	@tools/compare $(BUILD)/no-log .

appkern-size-now:
	@tools/appkern-size

# Of another kernel: TREE=FOLDER BASE=COMMIT; TO= and BELOW= as tools/port-size has them.
port-size:
	@tools/port-size $(TREE:%=--tree '%') $(if $(filter command environment,$(origin BASE)),--base '$(BASE)') \
		$(TO:%=--to '%') $(BELOW:%=--below '%')

effort: packages
	@lab/count/effort --table 2>/dev/null

check: packages lab-packages
	+@tests/check

style: packages
	@tools/style

contracts:
	@tools/contracts

globals: $(KERNEL_ELF) $(KERNEL_DEBUG_ELF) $(KERNEL_UP_ELF) $(KERNEL_UP_DEBUG_ELF)
	@tools/globals --build $(BUILD)

includes:
	@tools/includes --update

clean:
	rm -rf $(BUILD) castle.iso castle-up.iso castle-debug.iso castle-up-debug.iso castle-races.iso castle-lopi.iso castle-lopi-up.iso
