# imgctl - see README.md.
#
#   make                   the program and its modules, in build/
#   make deps              install what building and testing need (Debian)
#   make install           to $(DESTDIR)$(PREFIX)
#   make check             the tests; check-full adds sanitizers, valgrind, kills, fuzzing
#   make lint              every static check
#   make bench             figures, as ratios in one run
#   make deb               a Debian package, in build/
#   make generated         man pages and completions from the command table
#
# Variables: CC=clang, HTTP=static (no loadable modules), SQLITE=shared (the system's
# library; a start takes a fifth longer), SANITIZE=address,undefined, BUILD=folder,
# V=1 (show commands).

VERSION = 0.1.0
PREFIX = /usr/local
BUILD = build
HTTP = module
SQLITE = static
CC = gcc
WERROR = -Werror
SANITIZE =
V = 0
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wimplicit-fallthrough -Wundef \
	-Wno-sign-conversion -Werror=implicit -Werror=incompatible-pointer-types
HARDENING = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	-fstack-clash-protection -fno-strict-aliasing -fno-delete-null-pointer-checks -fPIC
ifeq ($(shell uname -m),x86_64)
HARDENING += -fcf-protection=full
endif
ifneq ($(SANITIZE),)
HARDENING = -fno-omit-frame-pointer -fPIC -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
SANITIZE_LINK = -fsanitize=$(SANITIZE)
endif
DEFINES = -D_GNU_SOURCE -DIMGCTL_VERSION='"$(VERSION)"' \
	-DIMGCTL_MODULE_DIR='"$(PREFIX)/lib/imgctl"' -DIMGCTL_DATA_DIR='"$(PREFIX)/share/imgctl"'
ifeq ($(HTTP),static)
DEFINES += -DIMGCTL_STATIC
endif
COMPILE = $(CC) -std=c11 $(CFLAGS) $(WARNINGS) $(WERROR) $(HARDENING) $(DEFINES) -Iinclude -MMD -MP
LINK_FLAGS = -pie -rdynamic -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(SANITIZE_LINK) $(LDFLAGS)
MODULE_FLAGS = -shared -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(SANITIZE_LINK) $(LDFLAGS)

LIBS = $(SQLITE_$(SQLITE)) -ldl -lm
SQLITE_static = -Wl,-Bstatic -lsqlite3 -Wl,-Bdynamic,--exclude-libs,libsqlite3.a
SQLITE_shared = -lsqlite3

# Rooms that are loaded when they are first needed (module.h), and their libraries.
MODULE_NAMES = digest http image json
LIBS_digest = -lcrypto -lz
LIBS_http = -lcurl
LIBS_image = -ljpeg -lpng16 -lwebp -llcms2 -lm
LIBS_json = -ljson-c

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
ROOM_SOURCES := $(sort $(wildcard src/*/*.c))
COMMAND_SOURCES := $(sort $(wildcard cmd/*.c))
module_objects = $(call object,$(sort $(wildcard src/$(1)/module/*.c)))
TEST_SOURCES := $(sort $(wildcard tests/unit/*_test.c))
TESTS = $(patsubst tests/unit/%_test.c,$(BUILD)/test-%,$(TEST_SOURCES))

ROOMS = $(call object,$(ROOM_SOURCES))
ifeq ($(HTTP),static)
ROOMS += $(foreach name,$(MODULE_NAMES),$(call module_objects,$(name)))
LIBS += $(foreach name,$(MODULE_NAMES),$(LIBS_$(name)))
MODULES =
else
MODULES = $(MODULE_NAMES:%=$(BUILD)/imgctl-%.so)
endif

ifeq ($(V),0)
Q = @
SAY = @printf '  %-6s %s\n'
else
SAY = @:
endif

# Facts that are data, found beside the program (data.h).
DATA := $(shell find share -type f)

all: $(BUILD)/imgctl $(MODULES) $(DATA:%=$(BUILD)/%)

$(BUILD)/share/%: share/%
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(BUILD)/imgctl: $(call object,$(COMMAND_SOURCES)) $(ROOMS)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(LIBS)

define module_rule
$(BUILD)/imgctl-$(1).so: $(call module_objects,$(1))
	$$(SAY) LINK $$@
	$$(Q)$$(CC) $$(MODULE_FLAGS) -o $$@ $$^ $$(LIBS_$(1))
endef
$(foreach name,$(MODULE_NAMES),$(eval $(call module_rule,$(name))))

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(COMPILE) -c -o $@ $<

# A unit test has every room, for the modules need them; of the command line, which
# knows the list of commands, only what it uses: it may bring a list of its own.
CLI_OBJECTS = $(call object,$(sort $(wildcard src/cli/*.c)))
$(BUILD)/cli.a: $(CLI_OBJECTS)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/test-%: $(BUILD)/obj/tests/unit/%_test.o $(filter-out $(CLI_OBJECTS),$(ROOMS)) $(BUILD)/cli.a | $(MODULES)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(LIBS) -lz -lpthread

# Programs that only `make bench` needs.
$(BUILD)/bench-%: $(BUILD)/obj/tests/bench/%.o $(filter-out $(CLI_OBJECTS),$(ROOMS)) | $(MODULES)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(LIBS) -lpthread

# Fuzz targets are for clang with SANITIZE=...,fuzzer-no-link: tests/fuzz/run does that.
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz-%,$(wildcard tests/fuzz/*.c))
fuzz: $(FUZZERS)

$(BUILD)/fuzz-%: $(BUILD)/obj/tests/fuzz/%.o $(filter-out $(CLI_OBJECTS),$(ROOMS)) $(BUILD)/cli.a
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS) -lz -lpthread

# Man pages and completions are committed; this writes their generated parts anew.
$(BUILD)/generate: $(call object,man/generate.c $(filter-out cmd/main.c,$(COMMAND_SOURCES))) $(ROOMS)
	$(SAY) LINK $@
	$(Q)$(CC) $(LINK_FLAGS) -o $@ $^ $(LIBS)

generated: $(BUILD)/generate
	$(BUILD)/generate

# Where Debian's zsh looks below /usr/local and below /usr.
ZSH_FOLDER = share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/$(ZSH_FOLDER) \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(BUILD)/imgctl $(DESTDIR)$(PREFIX)/bin/imgctl
ifneq ($(MODULES),)
	install -d $(DESTDIR)$(PREFIX)/lib/imgctl
	install -m 644 $(MODULES) $(DESTDIR)$(PREFIX)/lib/imgctl/
endif
	cd share && find imgctl -type f -exec install -D -m 644 {} $(DESTDIR)$(PREFIX)/share/{} \;
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 completions/imgctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/imgctl
	install -m 644 completions/_imgctl $(DESTDIR)$(PREFIX)/$(ZSH_FOLDER)/_imgctl
	install -m 644 completions/imgctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/imgctl.fish

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/imgctl
	rm -rf $(DESTDIR)$(PREFIX)/lib/imgctl $(DESTDIR)$(PREFIX)/share/imgctl
	cd man && for page in *.1; do rm -f "$(DESTDIR)$(PREFIX)/share/man/man1/$$page"; done
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/imgctl \
		$(DESTDIR)$(PREFIX)/$(ZSH_FOLDER)/_imgctl \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/imgctl.fish

# What a bare Debian needs: to build; to test as well; to lint and package as well.
BUILD_PACKAGES = ca-certificates gcc libc6-dev libcurl4-openssl-dev libjpeg-dev libjson-c-dev \
	liblcms2-dev libpng-dev libsqlite3-dev libssl-dev libwebp-dev zlib1g-dev
TEST_PACKAGES = bats bsdutils curl jq python3 sqlite3 tmux valgrind man-db mandoc zsh fish file procps
LINT_PACKAGES = clang clang-tidy cppcheck shellcheck libclang-rt-dev debhelper \
	dpkg-dev fakeroot lintian
APT_INSTALL = $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends

deps-build:
	$(APT_INSTALL) $(BUILD_PACKAGES)

deps:
	$(APT_INSTALL) $(BUILD_PACKAGES) $(TEST_PACKAGES)

deps-lint:
	$(APT_INSTALL) $(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES)

tests: all $(TESTS) $(BUILD)/generate

check: tests
	BUILD="$(abspath $(BUILD))" tests/run

check-full: check
	BUILD="$(abspath $(BUILD))" tests/run-full

lint: $(BUILD)/generate
	BUILD="$(abspath $(BUILD))" tests/lint

bench: all $(BUILD)/bench-pixels
	BUILD="$(abspath $(BUILD))" tests/bench/run

deb:
	VERSION="$(VERSION)" BUILD="$(abspath $(BUILD))" .ci/deb

clean:
	rm -rf $(BUILD)

.PHONY: all clean fuzz install uninstall deps deps-build deps-lint tests check check-full \
	lint bench deb generated
.SECONDARY:

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
