/*
 * clock.c - the clock on the wall, which a test may turn: preloaded, it adds what CLOCK_CONTROL says to the time of day.
 *
 * That is a file with a number of nanoseconds, which the test has mapped too.  Time since the start of the system goes on as it does.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)

static int64_t nothing;
static const int64_t *turned_ns = &nothing;
static __typeof__(clock_gettime) *real;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("CLOCK_CONTROL");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	unsetenv("LD_PRELOAD"); /* commands have the clock that all have */
	if (fd < 0)
		return;
	page = mmap(NULL, sizeof(*turned_ns), PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		turned_ns = page;
	close(fd);
}

/* Others may ask before we have begun. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
	int64_t ns;
	int r;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(clock, time);
	if (r < 0 || clock != CLOCK_REALTIME)
		return r;
	ns = time->tv_sec * SECOND_NS + time->tv_nsec + __atomic_load_n(turned_ns, __ATOMIC_RELAXED);
	*time = (struct timespec){ns / SECOND_NS, ns % SECOND_NS};
	return 0;
}
