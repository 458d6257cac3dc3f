# The tests that run inside Castle: tests/boot/programs/*.c are programs like any other (uapps/build.mk
# builds them), tests/boot/suites/*.suite say which ones to boot and what must come out.

.PHONY: check-boot-now
check-boot-now: castle$(DEBUGGED).iso castle-up$(DEBUGGED).iso
	@tests/boot/run --build $(BUILD) $(if $(SUITE),--suite $(SUITE)) $(if $(MODE),--mode $(MODE)) $(if $(DEBUGGED),--debug) \
		$(if $(FULL),--full)
