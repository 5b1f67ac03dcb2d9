/* gate_lanes.h - jobs for tests of limits by name: with a limit_key, of a command, for an endpoint. */
#ifndef TESTS_GATE_LANES_H
#define TESTS_GATE_LANES_H

#include <arpa/inet.h>
#include <sys/socket.h>

#include "gate_trial.h"

#define LONG "\"kind\":\"sleep\",\"spec\":{\"for\":\"1h\"},\"timeout\":\"1h\""
#define QUICK "\"kind\":\"echo\",\"spec\":1"

static inline struct job *keyed(const char *tenant, const char *key, const char *what)
{
	return job_as("{\"tenant\":\"%s\",\"limit_key\":\"%s\",%s}", tenant, key, what);
}

/* Submit it and wait until it runs. */
static inline struct job *submit_and_run(struct gate *gate, struct job *job)
{
	submit(gate, job);
	await_state(job, JOB_RUNNING);
	return job;
}

static inline size_t limited(struct gate *gate, enum lane_sort sort)
{
	struct gate_stats stats;

	gate_stats(gate, &stats);
	return stats.limited[sort];
}

static inline bool is_one_of(struct job *const *jobs, size_t n, const struct uuid *id)
{
	for (size_t i = 0; i < n; i++)
		if (uuid_equal(&jobs[i]->id, id))
			return true;
	return false;
}

/* Of these jobs each begins next, in this order; what others do is passed over. */
static inline void ck_assert_begin(struct job *const *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct told_record record;

		do
			ck_assert_int_eq(pen_chan_recv(NULL, told.records, &record), 0);
		while (record.state != JOB_RUNNING || !is_one_of(jobs, n, &record.id));
		ck_assert_msg(uuid_equal(&record.id, &jobs[i]->id), "job %zu was not the next to begin", i);
	}
}

static inline void reconfigure(struct gate *gate, const char *text)
{
	struct conf *conf = load_apart(text);

	ck_assert_int_eq(gate_reconfigure(gate, conf), 0);
	conf_unref(conf);
}

/* A port of the loopback that is connected to and never answers; gives the descriptor. */
static inline int silent_port(unsigned *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, bytes), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &bytes), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

#endif
