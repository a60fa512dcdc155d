# ipcgrade: `make grade` grades a submission, `make check` runs the tests; `make help` lists the rest.
#
# Sources are found by where they lie: runner/ROOM/*.c are the program, runner/ROOM/X_test.c is the Check
# program build/tests/ROOM-X_test, runner/agent/*.c is the static puppet, runner/probe/*.c the preloaded probe. Nothing
# needs to be listed here.
#
# The targets that a person types (first part) fetch what is missing and then call make again, so that the
# second make sees the pkg-config flags of what has just been installed.

BUILD      ?= build
PREFIX     ?= /usr/local
DESTDIR    ?=
SUBMISSION ?= fixtures/reference
ARGS       ?=
TESTS      ?= *
PROGRAM    ?=
N          ?= 10000
K          ?= 100
SECONDS    ?= 0
LOOPS      ?= 2
DEPS       ?= yes
WERROR     ?= yes
VERSION    ?= 0.1

CC         ?= cc
CXX        ?= c++
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
SANITIZE   ?=
V          ?=

# Named one way only: what an object depends on is kept under the name that it was built by.
override BUILD := $(patsubst $(CURDIR)/%,%,$(BUILD))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# --- what a person types ---------------------------------------------------------------------------------

FRONT := grade check san lint format valgrind bench soak faults attacks fuzz mistakes install uninstall clean help
.PHONY: all tests side_programs fixture_programs corpus_programs run-san run-lint $(FRONT)

# One after the other, even under -j; the makes that they call do run side by side.
ifneq ($(filter $(FRONT),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

fetch = @CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' DEPS='$(DEPS)' runner/tools/deps.sh
# A person's path as it was typed, whatever is in it.
quote = '$(subst ','\'',$(1))'
# Use every core unless the caller has said how many.
again = @+$(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

grade: ## grade a submission: make grade [SUBMISSION=dir] [ARGS='--only pipe/*']
	$(fetch) grade
	$(again) all
	@runner/tools/grade.sh '$(BUILD)/ipcgrade' $(call quote,$(value SUBMISSION)) $(ARGS)

check: ## run the tests: make check [TESTS='trace-*'] [PROGRAM=coproc: only its rows of the matrix]
	$(fetch) check
	$(again) all tests
	@$(run_tests) $(selected_tests)

san: ## run the tests with AddressSanitizer and UndefinedBehaviorSanitizer
	$(fetch) check
	$(again) run-san BUILD='$(BUILD)/san' SANITIZE=address,undefined

valgrind: ## run the tests that do not trace under Valgrind
	$(fetch) check valgrind
	$(again) all tests
	@UNDER='valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99' \
	CK_TIMEOUT_MULTIPLIER=20 $(run_tests) $(filter-out $(tracing_tests),$(selected_tests))

lint: ## clang-tidy, cppcheck, format, lengths, headers that compile alone
	$(fetch) grade check lint
	@+$(MAKE) run-lint

format: ## bring the sources into the house format
	@clang-format -i $(wildcard runner/*/*.[ch])

bench: ## ratios against strace, bubblewrap and bare runs
	$(fetch) grade bench
	$(again) all side_programs fixture_programs
	@runner/tools/optional.sh runner/bench/bench.sh '$(BUILD)' $(ARGS)

soak: ## the suite N=10000 times, all variants K=100 times, on busy machines of all kinds, for SECONDS=0
	$(fetch) grade
	$(again) all side_programs fixture_programs
	@runner/tools/optional.sh runner/bench/soak.sh '$(BUILD)' '$(N)' '$(K)' '$(SECONDS)' '$(LOOPS)' '$(MODES)' '$(PIECE)'

faults: ## make each system call of ours fail in turn, kill us at 200 instants, refuse us memory and disk (hours)
	$(fetch) check
	$(again) all $(fault_tests)
	@IPCGRADE_FAULTS=all LIMIT_SECONDS=100000 $(run_tests) $(fault_tests)

attacks: ## play all hostile submissions on all machines: as root, as a user, in containers
	$(fetch) check
	$(again) all $(BUILD)/tests/commands-attacks_test
	@IPCGRADE_PROGRESS=yes IPCGRADE_MODES=all LIMIT_SECONDS=100000 $(run_tests) $(BUILD)/tests/commands-attacks_test

fuzz: ## feed broken input to the readers
	$(fetch) grade
	$(again) all side_programs
	@runner/tools/optional.sh runner/fuzz/fuzz.sh '$(BUILD)' $(ARGS)

mistakes: ## write the table of mistakes in fixtures/README.md anew
	$(fetch) grade
	$(again) all side_programs fixture_programs
	@runner/tools/mistakes.sh '$(BUILD)'

clean: ## remove what was built
	rm -rf '$(BUILD)'

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16
	@echo "Variables: V=1 SUBMISSION= ARGS= TESTS= PROGRAM= N= K= SECONDS= LOOPS= MODES= DEPS=no BUILD= CC= CFLAGS= WERROR=no PREFIX= DESTDIR="

# --- flags -----------------------------------------------------------------------------------------------

packages      := yaml-0.1 jansson libseccomp libdw smartcols libpcre2-8 libxml-2.0
package_flags := $(shell $(PKG_CONFIG) --cflags $(packages) 2>/dev/null)
package_libs  := $(shell $(PKG_CONFIG) --libs $(packages) 2>/dev/null)
check_flags   := $(shell $(PKG_CONFIG) --cflags check 2>/dev/null)
# Check is a static library, and its .pc file names what it needs in an order that not every linker likes.
check_libs    := $(shell $(PKG_CONFIG) --libs check 2>/dev/null) -lsubunit -lrt -lm

libexecdir = $(PREFIX)/libexec/ipcgrade
datadir    = $(PREFIX)/share/ipcgrade
localedir  = $(PREFIX)/share/locale
mandir     = $(PREFIX)/share/man

warnings       := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef \
                  $(if $(filter no,$(WERROR)),,-Werror)
language_flags := -std=c17 -D_GNU_SOURCE -Irunner $(warnings)
defines         = -DIPCGRADE_LIBEXECDIR='"$(libexecdir)"' -DIPCGRADE_DATADIR='"$(datadir)"' \
                  -DIPCGRADE_LOCALEDIR='"$(localedir)"' -DIPCGRADE_VERSION='"$(VERSION)"'
sanitize_flags := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
compile         = $(CC) $(language_flags) $(defines) $(CPPFLAGS) $(CFLAGS) -MMD -MP

# V=1 shows the commands, otherwise one short line for each.
quiet = $(if $(V),,@echo '  $(1)  $@';)

# --- what is built ---------------------------------------------------------------------------------------

test_sources    := $(sort $(wildcard runner/*/*_test.c))
agent_sources   := $(filter-out $(test_sources),$(sort $(wildcard runner/agent/*.c)))
probe_sources   := $(filter-out $(test_sources),$(sort $(wildcard runner/probe/*.c)))
main_source     := $(wildcard runner/commands/main.c)
fuzz_sources    := $(filter-out $(test_sources),$(sort $(wildcard runner/fuzz/*.c)))
bench_sources   := $(filter-out $(test_sources),$(sort $(wildcard runner/bench/*.c)))
side_sources    := $(sort $(bench_sources) $(fuzz_sources))
library_sources := $(filter-out $(test_sources) $(agent_sources) $(probe_sources) $(main_source) $(side_sources), \
                     $(sort $(wildcard runner/*/*.c)))
fixture_sources := $(sort $(wildcard fixtures/programs/*.c fixtures/reference/*.c fixtures/broken/*/*.c fixtures/unusual/*/*.c))
corpus_sources  := $(sort $(wildcard fixtures/corpus/*.c fixtures/corpus/*.cc))
po_files        := $(sort $(wildcard runner/po/*.po))

# The HTML report's style and script, as C.
page_files := $(sort $(wildcard runner/report/html/*))
page       := $(BUILD)/report/html_assets

object   = $(patsubst runner/%.c,$(BUILD)/%.o,$(1))
library := $(BUILD)/libipcgrade.a
program := $(if $(main_source),$(BUILD)/ipcgrade)
agent   := $(if $(agent_sources),$(BUILD)/ipcgrade-agent)
probe   := $(if $(probe_sources),$(BUILD)/ipcgrade-probe.so)
fixtures := $(fixture_sources:%.c=$(BUILD)/%)
corpus   := $(basename $(corpus_sources:%=$(BUILD)/%))
# Libraries that tests and soak preload.
preloads := $(patsubst runner/%.c,$(BUILD)/%.so,$(sort $(wildcard runner/bench/preload/*.c)))
locales := $(patsubst runner/po/%.po,$(BUILD)/locale/%/LC_MESSAGES/ipcgrade.mo,$(po_files))

# runner/trace/task_test.c is build/tests/trace-task_test. TESTS takes patterns with one star each.
test_names     := $(foreach t,$(test_sources:runner/%.c=%),$(subst /,-,$(t)))
test_programs  := $(test_names:%=$(BUILD)/tests/%)
selected_tests := $(patsubst %,$(BUILD)/tests/%,$(filter $(subst *,%,$(TESTS)),$(test_names)))
fault_tests    := $(patsubst %,$(BUILD)/tests/commands-faults_%,test killed_test want_test disk_test)
# LeakSanitizer and Valgrind cannot work in processes that are traced, or beside their tracer.
tracing_rooms  := trace sandbox inspect diagnosis rules judge commands agent bench
tracing_tests  := $(filter $(tracing_rooms:%=$(BUILD)/tests/%-%),$(test_programs))
# Tests of programs that stand at the side.
side_of_fuzz-seeds_test := $(fuzz_sources:runner/%.c=$(BUILD)/%)
side_of_bench-soak_test := $(BUILD)/bench/soak $(BUILD)/bench/burden
run_tests       = BUILD='$(BUILD)' IPCGRADE_PROGRAM='$(PROGRAM)' runner/tools/check.sh

all: $(program) $(agent) $(probe) $(library) $(locales) ; @:
tests: $(selected_tests) $(agent) $(probe) $(fixtures) $(corpus) $(preloads) $(sort $(foreach t,$(selected_tests),$(side_of_$(notdir $(t))))) ; @:
side_programs: $(side_sources:runner/%.c=$(BUILD)/%) $(preloads) ; @:
fixture_programs: $(fixtures) ; @:
corpus_programs: $(corpus) ; @:

# What allocates in our own code passes by runner/base/memory_wrap.c.
wrapped := $(foreach f,malloc calloc realloc reallocarray strdup strndup vasprintf asprintf,-Wl,--wrap=$(f))

$(program): $(call object,$(main_source)) $(library)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize_flags) $(LDFLAGS) $(wrapped) -o $@ $^ $(package_libs)

# runner/bench/X.c and runner/fuzz/X.c are one program each, build/bench/X and build/fuzz/X.
$(side_sources:runner/%.c=$(BUILD)/%): %: %.o $(library)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize_flags) $(LDFLAGS) -o $@ $^ $(package_libs)

# Static and without any library: a stand-in runs wherever the case puts it.
$(agent): $(call object,$(agent_sources))
	$(call quiet,link)$(CC) $(CFLAGS) $(LDFLAGS) -static -o $@ $^

# Preloaded into students' programs: never sanitized, bound at once, so that nothing is looked up in a handler, and without
# line information, so that the line of a call is the student's.
$(probe): $(probe_sources) $(wildcard runner/probe/*.h) $(BUILD)/flags
	$(call quiet,link)$(CC) $(language_flags) $(CFLAGS) $(LDFLAGS) -g0 -fPIC -fvisibility=hidden -fno-sanitize=all \
	-shared -Wl,-z,now -o $@ $(filter %.c,$^) -Wl,--as-needed -ldl

$(preloads): $(BUILD)/%.so: runner/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(language_flags) $(CFLAGS) $(LDFLAGS) -fPIC -fno-sanitize=all -shared -o $@ $<

$(library): $(call object,$(library_sources)) $(page).o $(BUILD)/sources
	@rm -f $@
	$(call quiet,ar  )ar rcs $@ $(filter %.o,$^)

$(page).c: $(page_files) runner/tools/embed.sh
	@mkdir -p $(@D)
	$(call quiet,embed)runner/tools/embed.sh $(page_files) >$@

$(page).o: $(page).c $(BUILD)/flags
	$(call quiet,cc  )$(compile) $(sanitize_flags) -c -o $@ $<

$(call object,$(agent_sources)): $(BUILD)/%.o: runner/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,cc  )$(compile) -c -o $@ $<

$(call object,$(library_sources) $(main_source) $(side_sources)): $(BUILD)/%.o: runner/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,cc  )$(compile) $(sanitize_flags) $(package_flags) -c -o $@ $<

$(call object,$(test_sources)): $(BUILD)/%.o: runner/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,cc  )$(compile) $(sanitize_flags) $(package_flags) $(check_flags) -c -o $@ $<

.SECONDEXPANSION:
$(test_programs): $(BUILD)/tests/%: $(BUILD)/$$(subst -,/,$$*).o $(library)
	@mkdir -p $(@D)
	$(call quiet,link)$(CC) $(CFLAGS) $(sanitize_flags) $(LDFLAGS) -o $@ $^ $(package_libs) $(check_libs)

# The submissions' programs that tests play: references, broken and unusual variants, as a student would build them.
# A library (cases/drivers/PROGRAM.c is there) is linked with the grader's driver. PROGRAM is reference/PROGRAM.c or
# broken/PROGRAM/VARIANT.c.
exercise = $(notdir $(if $(filter reference/%,$(1)),$(1),$(patsubst %/,%,$(dir $(1)))))
driver   = $(wildcard cases/drivers/$(call exercise,$(1)).c)
$(BUILD)/fixtures/%: fixtures/%.c $$(call driver,$$*)
	@mkdir -p $(@D)
	$(call quiet,cc  )$(CC) -std=gnu17 -Wall -Wextra -Werror -g $(if $(filter %/programs/static,$@),-static) -pthread -Ifixtures/reference -o $@ $^

# The corpus: programs as they are found in the world, so nobody minds their warnings. The first line of a program says which flags it needs.
corpus_flags = -g -w -pthread $(shell sed -n '1s/.*flags: *\([^;*]*\).*/\1/p' $<)
$(BUILD)/fixtures/corpus/%: fixtures/corpus/%.c
	@mkdir -p $(@D)
	$(call quiet,cc  )$(CC) -std=gnu17 $(corpus_flags) -o $@ $<
$(BUILD)/fixtures/corpus/%: fixtures/corpus/%.cc
	@mkdir -p $(@D)
	$(call quiet,c++ )$(CXX) -std=gnu++17 $(corpus_flags) -o $@ $<

$(BUILD)/locale/%/LC_MESSAGES/ipcgrade.mo: runner/po/%.po
	@mkdir -p $(@D)
	$(call quiet,msgfmt)msgfmt --check -o $@ $<

# Two files that change only when what they say changes: another CC or PREFIX builds everything anew, and a
# source that was removed or renamed leaves the archive.
flags_now = $(compile) $(sanitize_flags) $(package_flags) $(LDFLAGS)
write_if_new = @echo '$(subst ','\'',$(1))' | cmp -s - $@ || echo '$(subst ','\'',$(1))' >$@

$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' runner/tools/deps.sh --present grade
	$(call write_if_new,$(flags_now))

$(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	$(call write_if_new,$(library_sources))

.PHONY: FORCE

# The second halves of make san and make lint, where the flags are known. Freed memory is kept in quarantine, and each fork
# copies its tables: with the usual 256 MiB a test that forks thousands of times grows slower with each.
run-san: all tests
	@ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=8 CK_TIMEOUT_MULTIPLIER=5 $(run_tests) --no-leaks='$(tracing_tests)' $(selected_tests)

run-lint:
	@CC='$(CC)' FLAGS='$(language_flags) $(subst ',,$(defines)) $(package_flags) $(check_flags)' \
	runner/tools/lint.sh

-include $(wildcard $(BUILD)/*/*.d)

# --- installing ------------------------------------------------------------------------------------------

man_pages := $(wildcard runner/commands/*.1)
bundled    = $(shell find cases student -type f ! -perm /111 ! -name '*.o' 2>/dev/null)
# What ipcgrade kit hands on, to be built elsewhere.
kit_sources = Makefile LICENSE $(shell find runner -type f ! -name '*_test.[ch]' ! -name '*.o' ! -name '*~' \
               ! -path 'runner/bench/*' ! -path 'runner/fuzz/*' ! -path 'runner/report/schemas/*')

install: ## install below PREFIX (default /usr/local), under DESTDIR for packages
	$(again) all
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(libexecdir)' '$(DESTDIR)$(mandir)/man1'
	install -m 755 $(program) '$(DESTDIR)$(PREFIX)/bin/'
	install -m 755 $(agent) '$(DESTDIR)$(libexecdir)/'
	install -m 644 $(probe) '$(DESTDIR)$(libexecdir)/'
	$(if $(man_pages),install -m 644 $(man_pages) '$(DESTDIR)$(mandir)/man1/')
	@for file in $(bundled); do install -D -m 644 "$$file" '$(DESTDIR)$(datadir)'/"$$file" || exit; done
	@mkdir -p '$(DESTDIR)$(datadir)/source' && cp --parents --preserve=mode $(kit_sources) '$(DESTDIR)$(datadir)/source' && \
	chmod -R u=rwX,go=rX '$(DESTDIR)$(datadir)/source'
	@for po in $(notdir $(po_files:.po=)); do install -D -m 644 '$(BUILD)'/locale/$$po/LC_MESSAGES/ipcgrade.mo \
	'$(DESTDIR)$(localedir)'/$$po/LC_MESSAGES/ipcgrade.mo || exit; done

uninstall: ## remove what install has put there
	rm -f '$(DESTDIR)$(PREFIX)/bin/ipcgrade' '$(DESTDIR)$(localedir)'/*/LC_MESSAGES/ipcgrade.mo
	rm -f $(patsubst %,'$(DESTDIR)$(mandir)/man1/%',$(notdir $(man_pages)))
	rm -rf '$(DESTDIR)$(libexecdir)' '$(DESTDIR)$(datadir)'
