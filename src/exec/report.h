/* report.h - what penstock-exec tells the daemon of its command, over a pipe. */
#ifndef EXEC_REPORT_H
#define EXEC_REPORT_H

#include <stdint.h>

enum { EXEC_REPORT_FD = 3 }; /* where penstock-exec has the pipe */

/* What it does before the command runs, in this order. */
enum exec_step {
	EXEC_FORK,
	EXEC_CGROUP,
	EXEC_LIMIT, /* the resource is in `detail` */
	EXEC_USER,
	EXEC_FOLDER,
	EXEC_PROGRAM,
	EXEC_STARTED, /* all went well */
	EXEC_ENDED,   /* and now all that it has started has ended */
	EXEC_STEPS
};

/*
 * One is written when the command has been started or could not be, and after a start another at the end.  No
 * longer than PIPE_BUF, so that each comes whole or not at all.
 */
struct exec_report {
	int32_t step;
	int32_t error;              /* errno of a step that failed */
	int32_t detail;             /* of EXEC_LIMIT: which, as of setrlimit(2) */
	int32_t pid;                /* of the command, which is also its session and process group */
	int32_t status;             /* of EXEC_ENDED: its end, as of waitpid(2) */
	int64_t user_us, system_us; /* of EXEC_ENDED: time of all its processes */
	int64_t max_resident_bytes; /* of EXEC_ENDED: memory of the largest of them */
};

#endif
