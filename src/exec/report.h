/* report.h - what penstock-exec tells the daemon of a command, over a pipe. */
#ifndef EXEC_REPORT_H
#define EXEC_REPORT_H

#include <stdint.h>

/* How far it came.  What is done before the command runs comes in this order. */
enum exec_step {
	EXEC_FORK,
	EXEC_CGROUP,
	EXEC_LIMIT, /* the resource is in `detail` */
	EXEC_USER,
	EXEC_FOLDER,
	EXEC_PROGRAM,
	EXEC_STARTED, /* all went well, but then its init was killed */
	EXEC_ENDED,   /* and so did its end, and that of all that it has started */
	EXEC_STEPS
};

/* One is written, when all is over.  No longer than PIPE_BUF, so that it comes whole or not at all. */
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
