# Programs and their C library: included by the top-level Makefile, which may set BUILD (the build
# tree), CC (the host's compiler), Q and say (how to show commands) and THIRD_PARTY (what to build from
# Debian's sources).
#
# A program is one file or one folder; nobody edits a list. In each of PROGRAM_DIRS:
#	DIR/NAME.c	the program NAME
#	DIR/NAME/*.c	the program NAME, of several files
#	DIR/common/*.c	linked into every program of DIR that uses it
# and a DIR that holds a DIR.c of its own name is itself one program of several files.
#
# Results: CASTLE_PROGRAMS, their names, and CASTLE_PACKAGES, their finished ELF files.

BUILD ?= build
THIRD_PARTY ?= busybox dash gzip lua make postmark-1.53 tcc

export CASTLE_BUILD := $(abspath $(BUILD))
CASTLE_CC := uapps/castle-cc
UAPPS_CFLAGS := -std=gnu17 -O2 -g -Wall -Wextra -Werror

PROGRAM_DIRS := $(filter-out uapps/lib uapps/db uapps/include uapps/newlib uapps/third-party, \
	$(patsubst %/,%,$(wildcard uapps/*/))) tests/boot/programs

# The folders of $(1) that hold C files, without common.
program_folders = $(filter-out $(1)/common,$(patsubst %/,%,$(sort $(dir $(wildcard $(1)/*/*.c)))))

# program_sources_NAME holds the C files of each program.
define program
CASTLE_OWN_PROGRAMS += $(1)
program_sources_$(1) := $(2)
program_common_$(1) := $(3)
endef

define program_dir
$(if $(wildcard $(1)/$(notdir $(1)).c),\
  $(eval $(call program,$(notdir $(1)),$(wildcard $(1)/*.c),)),\
  $(foreach source,$(wildcard $(1)/*.c),\
    $(eval $(call program,$(basename $(notdir $(source))),$(source),$(wildcard $(1)/common/*.c)))))\
$(foreach folder,$(call program_folders,$(1)),\
  $(eval $(call program,$(notdir $(folder)),$(wildcard $(folder)/*.c),$(wildcard $(1)/common/*.c))))
endef

CASTLE_OWN_PROGRAMS :=
$(foreach dir,$(PROGRAM_DIRS),$(call program_dir,$(dir)))
# netd is built on lwIP, which has to be downloaded.
ifeq ($(THIRD_PARTY),)
CASTLE_OWN_PROGRAMS := $(filter-out netd,$(CASTLE_OWN_PROGRAMS))
endif
CASTLE_PROGRAMS := $(sort $(CASTLE_OWN_PROGRAMS) $(THIRD_PARTY))
CASTLE_PACKAGES := $(CASTLE_PROGRAMS:%=$(BUILD)/packages/%)

# A name that occurs twice would be two rules for one package.
all_programs := $(CASTLE_OWN_PROGRAMS) $(THIRD_PARTY)
duplicates := $(strip $(foreach name,$(sort $(all_programs)),\
	$(if $(word 2,$(filter $(name),$(all_programs))),$(name))))
ifneq ($(duplicates),)
$(error programs of the same name, in different folders: $(duplicates))
endif

# --- newlib -------------------------------------------------------------------------------------

$(BUILD)/newlib/stamp: uapps/newlib/build $(wildcard uapps/newlib/include/*/*.h)
	@HOST_CC="$(CC)" uapps/newlib/build $(BUILD)

# --- the library, start-up code, link map -------------------------------------------------------

LIBCASTLE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard uapps/lib/*.c uapps/db/*.c))
CASTLE_RUNTIME := $(BUILD)/lib/libcastle.a $(BUILD)/lib/crt0.o $(BUILD)/lib/package.ld

$(LIBCASTLE_OBJECTS): UAPPS_CFLAGS += -D_GNU_SOURCE

$(BUILD)/lib/libcastle.a: $(LIBCASTLE_OBJECTS)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)ar rcsD $@ $^

$(BUILD)/lib/crt0.o: uapps/lib/crt0.S uapps/castle-cc
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CASTLE_CC) -c -o $@ $<

$(BUILD)/lib/package.ld: uapps/package.ld include/castle/address_map.h include/castle/kernel_page.h
	@mkdir -p $(@D)
	$(Q)$(CASTLE_CC) -E -P -x c -D__ASSEMBLER__ -o $@ $<

# --- TCP/IP (docs/network.md) --------------------------------------------------------------------

LWIP := $(BUILD)/third-party/lwip
$(LWIP)/liblwip.a: uapps/net/lwip/build $(wildcard uapps/net/lwip/*.h uapps/net/lwip/*/*.h) \
		$(BUILD)/newlib/stamp uapps/castle-cc uapps/third-party/source
	@uapps/net/lwip/build $(BUILD)

program_libraries_netd := $(LWIP)/liblwip.a
$(BUILD)/uapps/net/netd/%.o: UAPPS_CFLAGS += -I$(LWIP)/src/include -Iuapps/net/lwip
# Its headers come with it. (A pattern without a recipe would ask for nothing.)
$(patsubst %.c,$(BUILD)/%.o,$(wildcard uapps/net/netd/*.c)): $(LWIP)/liblwip.a

# --- TATP (docs/database.md) ----------------------------------------------------------------------

program_libraries_tatp := $(BUILD)/uapps/bench/common/common.a

# --- programs -----------------------------------------------------------------------------------

$(BUILD)/uapps/%.o: uapps/%.c $(BUILD)/newlib/stamp uapps/castle-cc
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CASTLE_CC) $(UAPPS_CFLAGS) -MD -MP -c -o $@ $<

$(BUILD)/tests/boot/programs/%.o: tests/boot/programs/%.c $(BUILD)/newlib/stamp uapps/castle-cc
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CASTLE_CC) $(UAPPS_CFLAGS) -MD -MP -c -o $@ $<

# Slots follow the sorted list of names, so that the same tree gives the same packages whatever the
# order in which they are built. The file changes, and everything is linked again, when the list does.
$(BUILD)/packages/slots: FORCE
	@$(CASTLE_CC) --assign $(CASTLE_PROGRAMS)

# build/programs/NAME keeps its symbols for the debugger; build/packages/NAME is what boots.
# Of what a folder's programs have in common, each gets what it uses: from an archive.
define program_rules
program_objects_$(1) := $(patsubst %.c,$(BUILD)/%.o,$(program_sources_$(1)))
common_objects_$(1) := $(patsubst %.c,$(BUILD)/%.o,$(program_common_$(1)))
common_archive_$(1) := $(if $(program_common_$(1)),$(BUILD)/$(dir $(firstword $(program_common_$(1))))common.a)
$(BUILD)/programs/$(1): $$(program_objects_$(1)) $$(common_archive_$(1)) $$(program_libraries_$(1)) $(CASTLE_RUNTIME) $(BUILD)/packages/slots
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$(Q)$(CASTLE_CC) -o $$@ $$(program_objects_$(1)) $$(common_archive_$(1)) $$(program_libraries_$(1))
$(BUILD)/packages/$(1): $(BUILD)/programs/$(1)
	$(Q)objcopy --strip-all $$< $$@
endef
$(foreach name,$(CASTLE_OWN_PROGRAMS),$(eval $(call program_rules,$(name))))

define common_rules
$(BUILD)/$(1)/common/common.a: $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/common/*.c))
	$$(call say,AR,$$@)
	$(Q)rm -f $$@
	$(Q)ar rcsD $$@ $$^
endef
$(foreach dir,$(PROGRAM_DIRS),$(if $(wildcard $(dir)/common/*.c),$(eval $(call common_rules,$(dir)))))

# --- programs from Debian's sources -------------------------------------------------------------

CASTLE_HEADERS := $(wildcard include/castle/*.h uapps/include/*.h uapps/include/*/*.h)

$(BUILD)/third-party/%.stamp: uapps/third-party/% uapps/third-party/source \
		uapps/third-party/recipe.sh uapps/castle-cc \
		$(CASTLE_RUNTIME) $(BUILD)/packages/slots $(CASTLE_HEADERS)
	@uapps/third-party/$* $(BUILD)
	@touch $@

$(BUILD)/third-party/busybox.stamp: uapps/third-party/busybox.config $(wildcard uapps/third-party/busybox-include/*.h uapps/third-party/busybox-include/*/*.h)
$(BUILD)/third-party/tcc.stamp: $(addprefix uapps/third-party/,tcc-sample.c tcc-defaults.c tcc-symbols.S)

$(THIRD_PARTY:%=$(BUILD)/packages/%): $(BUILD)/packages/%: $(BUILD)/third-party/%.stamp
	$(Q)objcopy --strip-all $(BUILD)/programs/$* $@

# Inputs of the benchmarks that run these programs.
BENCH_INPUTS := $(BUILD)/root/share/bench/log.txt
$(BENCH_INPUTS): uapps/bench/make-inputs $(THIRD_PARTY:%=$(BUILD)/third-party/%.stamp)
	$(call say,MAKE,$(@D))
	$(Q)uapps/bench/make-inputs $(BUILD)

.PHONY: programs FORCE
programs: $(CASTLE_PACKAGES)
FORCE:

-include $(LIBCASTLE_OBJECTS:.o=.d)
-include $(foreach name,$(CASTLE_OWN_PROGRAMS),$(program_objects_$(name):.o=.d) $(common_objects_$(name):.o=.d))
