# A folder that boots castle.iso in a browser, by v86; any web server can serve it. v86 and the terminal come from npm, at these
# versions; the BIOS is QEMU's, as Debian has it.
V86 := v86@0.5.462
XTERM := @xterm/xterm@6.0.0
SEABIOS := /usr/share/seabios

$(BUILD)/npm/stamp: web/build.mk
	$(call say,NPM,$(V86) $(XTERM))
	@command -v npm >/dev/null || { echo 'make web needs npm: install the package npm' >&2; exit 1; }
	@mkdir -p $(@D)
	$(Q)npm install --silent --no-audit --no-fund --prefix $(@D) $(V86) $(XTERM) >$(@D)/log 2>&1 || { cat $(@D)/log >&2; exit 1; }
	@touch $@

.PHONY: web web-now check-web
check-web: web
	@tests/web/run $(BUILD)/web
web: packages
	@$(MAKE) web-now
web-now: castle.iso $(BUILD)/npm/stamp $(wildcard web/* tools/timeline/*)
	$(call say,WEB,$(BUILD)/web)
	@mkdir -p $(BUILD)/web
	$(Q)cp web/*.html web/*.css web/*.js castle.iso $(BUILD)/web/
	$(Q)cp $(addprefix $(BUILD)/npm/node_modules/,v86/build/libv86.js v86/build/v86.wasm @xterm/xterm/lib/xterm.js \
		@xterm/xterm/css/xterm.css) $(BUILD)/web/
	$(Q)cp $(SEABIOS)/bios.bin $(BUILD)/web/bios.bin
	$(Q)cp $(SEABIOS)/vgabios-stdvga.bin $(BUILD)/web/vgabios.bin
	$(Q)web/make-timeline $(BUILD)/web/timeline-parts.js
	$(Q)tools/organisations --image castle.iso --titles >$(BUILD)/web/modes.json
	@echo 'python3 -m http.server --directory $(BUILD)/web 8000   and open http://localhost:8000'
