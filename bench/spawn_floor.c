/*
 * spawn_floor.c - what a command costs by itself: processes that do nothing but posix_spawn it and wait for it.
 *
 *   spawn_floor PROGRAM N CONCURRENCY
 *
 * Prints commands a second and CPU ms of each, as go/commands.go does.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_ms(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void run(char *program, long n)
{
	char *const argv[] = {program, NULL}, *const no_environment[] = {NULL};
	posix_spawnattr_t attributes;
	pid_t pid;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	while (n-- > 0) {
		if (posix_spawn(&pid, argv[0], NULL, &attributes, argv, no_environment) != 0)
			_exit(1);
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	long n = argc > 3 ? strtol(argv[2], NULL, 10) : 0,
	     concurrency = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	double began = now_s();

	if (n <= 0 || concurrency <= 0) {
		fputs("usage: spawn_floor PROGRAM N CONCURRENCY\n", stderr);
		return 2;
	}
	for (long i = 0; i < concurrency; i++)
		if (fork() == 0)
			run(argv[1], n / concurrency);
	while (wait(NULL) > 0)
		;
	n -= n % concurrency;
	printf("%.1f %.4f\n", (double)n / (now_s() - began), cpu_ms() / (double)n);
	return 0;
}
