/* process.h - what the system says about this process, for the process_* numbers every exporter has. */
#ifndef WIRE_PROCESS_H
#define WIRE_PROCESS_H

#include <stdint.h>

struct process {
	double cpu_seconds; /* user and system */
	uint64_t open_fds, max_fds;
	uint64_t resident_bytes, virtual_bytes;
};

/* What cannot be learned is 0. */
void process_read(struct process *ret_process);

#endif
