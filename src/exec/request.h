/* request.h - what the daemon asks penstock-exec for, over a socket of packets that it has as descriptor 3. */
#ifndef EXEC_REQUEST_H
#define EXEC_REQUEST_H

#include <stdint.h>

enum { EXEC_SOCKET_FD = 3, EXEC_BODY_MAX = 16384 };

/* Descriptors that come with the start of a command, in this order. */
enum exec_passed {
	EXEC_STDIN,
	EXEC_STDOUT,
	EXEC_STDERR,
	EXEC_REPORT, /* where a struct exec_report goes, and nothing else */
	EXEC_BODY,   /* a file that is the body, where that is longer than EXEC_BODY_MAX */
	EXEC_PASSED_MAX
};

/*
 * The start of a packet.  The body that follows begins with a pointer's room for each of argv and of the environment, both with a
 * NULL at the end; in it is where the text begins in the body.  The texts follow.
 */
struct exec_request {
	uint64_t key;    /* of the command: no other has it */
	uint32_t signal; /* for its init; 0: start it */
	uint32_t n_argv, n_env;
	uint32_t bytes; /* of the body */
};

#endif
