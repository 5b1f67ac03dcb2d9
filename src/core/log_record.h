/* log_record.h - one line of a command's log, as its readers get it. */
#ifndef CORE_LOG_RECORD_H
#define CORE_LOG_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

enum output { OUTPUT_EITHER, OUTPUT_STDOUT, OUTPUT_STDERR };

enum log_what {
	LOG_ATTEMPT, /* begins: `attempt` */
	LOG_OUTPUT,  /* was written: `output`, `data` */
	LOG_MISSED,  /* `missed` bytes of `output` are not here */
	LOG_END      /* no more comes: the job is in `state` */
};

struct log_record {
	enum log_what what;
	int64_t at_ms; /* wall; 0: not known any more */
	enum output output;
	const char *data; /* borrowed */
	size_t bytes;
	uint64_t missed;
	uint32_t attempt;
	enum job_state state;
};

#endif
