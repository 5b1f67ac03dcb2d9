/*
 * socket.c - the listening socket: passed by the service manager, or opened here.
 *
 * Sockets are passed by the protocol of sd_listen_fds(3): two variables of the environment, and descriptors from 3 on.  libsystemd reads
 * it in as many lines, and brings 1 MB of other libraries.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "daemon/daemon.h"
#include "http/http.h"

enum { PASSED_FIRST = 3, PASSED_MAX = 1024 };

/* How many were passed to this process; -EINVAL: what the environment says of it makes no sense. */
static int count_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t number;

	if (!pid || !fds)
		return 0;
	if (parse_u64(pid, INT32_MAX, &number) < 0)
		return -EINVAL;
	if (number != (uint64_t)getpid())
		return 0;
	return parse_u64(fds, PASSED_MAX, &number) < 0 ? -EINVAL : (int)number;
}

/* Commands that jobs start shall neither have the sockets nor take them for passed to them. */
static int take_passed(void)
{
	static const char *const variables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"};
	int n = count_passed();

	for (int fd = PASSED_FIRST; fd < PASSED_FIRST + n; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	return n;
}

int socket_open(struct daemon *daemon, struct problem *reterr)
{
	int passed = take_passed();

	if (passed < 0)
		return problem_set(
			reterr, passed, PROBLEM_INTERNAL, "listen", "the passed sockets cannot be used");
	if (passed > 1)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "listen",
			"%d sockets were passed, one is expected", passed);
	if (passed == 0)
		return http_listen(daemon->conf->listen, &daemon->listen_fd, daemon->address, reterr);
	daemon->listen_fd = PASSED_FIRST;
	return http_adopt(daemon->listen_fd, daemon->address, reterr);
}
