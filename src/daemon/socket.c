/* socket.c - the listening socket: passed by the service manager, or opened here. */
#include <errno.h>
#include <systemd/sd-daemon.h>

#include "daemon/daemon.h"
#include "http/http.h"

int socket_open(struct daemon *daemon, struct problem *reterr)
{
	int passed = sd_listen_fds(1);

	if (passed < 0)
		return problem_set(
			reterr, passed, PROBLEM_INTERNAL, "listen", "the passed sockets cannot be used");
	if (passed > 1)
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, "listen",
			"%d sockets were passed, one is expected", passed);
	if (passed == 0)
		return http_listen(daemon->conf->listen, &daemon->listen_fd, daemon->address, reterr);
	daemon->listen_fd = SD_LISTEN_FDS_START;
	return http_adopt(daemon->listen_fd, daemon->address, reterr);
}
