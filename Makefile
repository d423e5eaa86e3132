# The daily round. `make check` before a commit, `make check-deep` before an issue is called resolved, `make fix` mends what a tool can mend.
SHELL := /bin/bash
SOURCES := $(shell git ls-files 'src/*.cpp' 'src/*.hpp' 'tests/*.cpp' 'tests/*.hpp' 'bench/*.cpp' 'fuzz/*.cpp')
CHANGED := $(shell { git diff --name-only --diff-filter=d HEAD; git diff --name-only --diff-filter=d HEAD~1 HEAD 2>/dev/null; } | sort -u | grep -E '^src/.*\.cpp$$')
FUZZ_SECONDS ?= 20

.PHONY: check check-deep fix format-check asan tsan tidy fuzz

check: format-check
	./test --quick

format-check:
	scripts/check_includes
	clang-format-16 --dry-run --Werror $(SOURCES)

fix:
	clang-format-16 -i $(SOURCES)
	scripts/fetch_web_packages && npm --prefix web run --silent fix
	@if [ -x build/release/headroom ]; then scripts/make_docs; fi

check-deep: check asan tsan tidy fuzz

asan tsan:
	cmake --preset $@ && cmake --build build/$@ && ctest --preset $@ -j 2 --no-tests=error

tidy:
	cmake --preset dev >/dev/null
	@if [ -n "$(CHANGED)" ]; then clang-tidy-16 --quiet -p build/dev $(CHANGED); else echo "no changed sources"; fi

fuzz:
	cmake --preset fuzz -DHEADROOM_TESTS=OFF >/dev/null && cmake --build build/fuzz
	@set -e; for target in build/fuzz/fuzz/*_fuzz; do name=$$(basename $$target); corpus=fuzz/corpus/$$name; \
	  work=$$(mktemp -d); echo "== $$name"; $$target -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -print_final_stats=0 $$work $$( [ -d $$corpus ] && echo $$corpus ) 2>&1 | tail -n 1; rm -rf $$work; done
