/*
 * main.c - penstock-exec: starts commands for the daemon, which starts it once and asks it over a socket (request.h).  It is started with
 * all signals blocked, and ends when the daemon has closed the socket or has ended; all commands then do.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/request.h"
#include "exec/serve.h"

enum exit_code { EXIT_USAGE = 2, EXIT_DUMB = 3 };

/* Which no command must have. */
static bool take_socket(void)
{
	socklen_t bytes = sizeof(int);
	int type;

	return getsockopt(EXEC_SOCKET_FD, SOL_SOCKET, SO_TYPE, &type, &bytes) == 0 &&
	       type == SOCK_SEQPACKET && fcntl(EXEC_SOCKET_FD, F_SETFD, FD_CLOEXEC) == 0;
}

int main(void)
{
	static const char wrong[] =
		"penstock-exec: started by penstockd for its commands; not for use by hand\n";

	if (!take_socket())
		return write(STDERR_FILENO, wrong, sizeof wrong - 1) < 0 ? EXIT_DUMB : EXIT_USAGE;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* the socket's end tells nothing to one that is stopped */
	serve();
}
