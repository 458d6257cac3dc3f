# Castle: one entry for everything. `make help` lists the targets.

BUILD ?= build
MODE  ?= up
MACHINE ?= qemu
SMP   ?= 1
MEM   ?= 128

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

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

include kernel/build.mk
include uapps/build.mk
include iso/build.mk
include tests/host/build.mk
include tests/boot/build.mk

.PHONY: help iso run check packages style clean

help:
	@echo 'make run                   boot Castle in QEMU; the console is this terminal (ctrl-A x ends it)'
	@echo 'make run RUN="getpid; ls"  run these programs, power off, exit with their status'
	@echo '     MACHINE=qemu|icount|bochs  icount: one CPU, a cycle is an instruction, runs repeat;'
	@echo '                           bochs: the same with up to 15 CPUs, slower'
	@echo '     MODE=up SMP=N MEM=MB  mode of the kernel, CPUs, memory (default: up, 1, 128)'
	@echo 'make iso                   castle.iso, for QEMU, Bochs and real machines'
	@echo 'make check                 all tests; the last line counts them'
	@echo 'make check-host            the tests that run on this machine'
	@echo 'make check-boot            the tests that run inside Castle; SUITE=NAME for one of them'
	@echo 'make bench                 the microbenchmarks, in instructions (QEMU -icount)'
	@echo 'make packages              install what the build needs (Debian; the others do it themselves)'
	@echo 'make style                 format, function lengths and complexity'
	@echo 'make clean                 remove everything built'
	@echo 'V=1 shows commands; BUILD=DIR builds elsewhere; THIRD_PARTY= leaves gzip, lua and tcc out.'

packages:
	@tools/install-packages

# Recursion: what must be installed is installed before anything else is looked at.
iso run bench check-boot: packages
	@$(MAKE) $@-now

.PHONY: iso-now run-now bench bench-now check-boot
iso-now: castle.iso

run-now: castle.iso
	@tools/run --iso castle.iso --machine $(MACHINE) --mode $(MODE) --smp $(SMP) --mem $(MEM) \
		$(if $(ACCEL),--accel $(ACCEL)) $(if $(TIMEOUT),--timeout $(TIMEOUT)) \
		$(if $(RUN),--run '$(subst ','\'',$(RUN))')

empty :=
space := $(empty) $(empty)
BENCHMARKS := boot getpid yield spawn forkwait pipe fault threads file
bench-now: castle.iso
	@tools/run --iso castle.iso --machine icount --mode $(MODE) \
		--run '$(subst $(space),; ,$(BENCHMARKS))'

check: packages
	@tests/check

style:
	@tools/style

clean:
	rm -rf $(BUILD) castle.iso
