# tests/integration - started by scripts/test, which finds here what a daemon is to have preloaded; that has no sanitizer
EXTRA_DIST += tests/integration

PRELOADS = tests/integration/disk.so tests/integration/clock.so

check_PROGRAMS += tests/integration/disk.so
tests_integration_disk_so_SOURCES = tests/integration/disk.c
tests_integration_disk_so_CFLAGS = -std=gnu17 -pthread -fPIC -Wall -Wextra
tests_integration_disk_so_LINK = $(CCLD) $(CFLAGS) $(LDFLAGS) -shared -o $@

check_PROGRAMS += tests/integration/clock.so
tests_integration_clock_so_SOURCES = tests/integration/clock.c
tests_integration_clock_so_CFLAGS = $(tests_integration_disk_so_CFLAGS)
tests_integration_clock_so_LINK = $(tests_integration_disk_so_LINK)
