/* families.c - the table itself; see families.h.  Names are a promise to dashboards: add, never rename. */
#include "wire/families.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"

static const char *kind_name(size_t kind)
{
	return job_kind_name((enum job_kind)kind);
}

static const char *end_name(size_t state)
{
	return job_state_ended((enum job_state)state) ? job_state_name((enum job_state)state) : NULL;
}

static const char *live_name(size_t state)
{
	return job_state_ended((enum job_state)state) ? NULL : job_state_name((enum job_state)state);
}

static const char *attempt_name(size_t end)
{
	return outcome_end_name((enum outcome_end)end);
}

static const char *submitted_name(size_t result)
{
	static const char *const names[] = {
		[SUBMITTED_ACCEPTED] = "accepted",
		[SUBMITTED_REFUSED] = "refused",
		[SUBMITTED_REPLAYED] = "replayed",
	};

	return names[result];
}

static const char *worker_name(size_t state)
{
	return state == 0 ? "busy" : "idle";
}

static const char *store_op_name(size_t op)
{
	static const char *const names[] = {
		[STATS_STORE_ACCEPT] = "accept",
		[STATS_STORE_CHANGE] = "change",
		[STATS_STORE_FINISH] = "finish",
		[STATS_STORE_TENANT] = "tenant",
		[STATS_STORE_RECOVER] = "recover",
		[STATS_STORE_READ] = "read",
	};

	return names[op];
}

static const char *limit_name(size_t sort)
{
	return lane_sort_name((enum lane_sort)sort);
}

static const char *reason_name(size_t reason)
{
	return wait_reason_name((enum wait_reason)reason);
}

static const struct axis by_kind = {"kind", JOB_KINDS, kind_name};
static const struct axis by_result = {"result", SUBMITTED_RESULTS, submitted_name};
static const struct axis by_end = {"outcome", JOB_STATES, end_name};
static const struct axis by_attempt = {"outcome", OUTCOME_ENDS, attempt_name};
static const struct axis by_live_state = {"state", JOB_STATES, live_name};
static const struct axis by_worker = {"state", 2, worker_name};
static const struct axis by_limit = {"by", LANE_SORTS, limit_name};
static const struct axis by_reason = {"reason", WAIT_REASONS, reason_name};
static const struct axis by_store_op = {"op", STATS_STORE_OPS, store_op_name};

_Static_assert(offsetof(struct gate_stats, workers_idle) == offsetof(struct gate_stats, workers_busy) + 8,
	"the workers' numbers are read as an array");

static void each_route_code(const struct route_stats *route, sample_fn fn, void *arg)
{
	struct sample sample = {.n_labels = 2};
	char code[12];

	sample.labels[0] = (struct label){"route", route->route};
	sample.labels[1] = (struct label){"code", code};
	for (size_t i = 0; i < STATS_CODES && route->codes[i].code; i++) {
		snprintf(code, sizeof(code), "%d", route->codes[i].code);
		snprintf(sample.value, sizeof(sample.value), "%" PRIu64, route->codes[i].count);
		fn(arg, &sample);
	}
}

static void each_request(const struct numbers *numbers, sample_fn fn, void *arg)
{
	for (size_t i = 0; i < numbers->stats->n_routes; i++)
		each_route_code(&numbers->stats->routes[i], fn, arg);
}

static void each_request_duration(const struct numbers *numbers, sample_fn fn, void *arg)
{
	struct sample sample = {.n_labels = 1};

	for (size_t i = 0; i < numbers->stats->n_routes; i++) {
		sample.labels[0] = (struct label){"route", numbers->stats->routes[i].route};
		sample.histogram = &numbers->stats->routes[i].seconds;
		fn(arg, &sample);
	}
}

static void each_build(const struct numbers *numbers, sample_fn fn, void *arg)
{
	struct sample sample = {.n_labels = 1, .value = "1"};

	(void)numbers;
	sample.labels[0] = (struct label){"version", PENSTOCK_VERSION};
	fn(arg, &sample);
}

#define GATE(member) FROM_STATS, offsetof(struct stats, gate.member)
#define STATS(member) FROM_STATS, offsetof(struct stats, member)
#define PROCESS(member) FROM_PROCESS, offsetof(struct process, member)

/* Two lines a row: its columns would be wider than the page. */
/* clang-format off */
const struct family families[] = {
	{"penstock_jobs_submitted_total", "Jobs submitted, by whether they were accepted.",
		FAMILY_COUNTER, VALUE_U64, GATE(submitted), &by_kind, &by_result, NULL},
	{"penstock_jobs_finished_total", "Jobs ended, by how.",
		FAMILY_COUNTER, VALUE_U64, GATE(finished), &by_kind, &by_end, NULL},
	{"penstock_attempts_total", "Attempts ended, by how.",
		FAMILY_COUNTER, VALUE_U64, GATE(attempts), &by_kind, &by_attempt, NULL},
	{"penstock_jobs", "Jobs that have not ended, by state.",
		FAMILY_GAUGE, VALUE_U64, GATE(jobs), &by_live_state, NULL, NULL},
	{"penstock_oldest_ready_age_seconds", "How long the oldest job that may run has been waiting.",
		FAMILY_GAUGE, VALUE_DOUBLE, GATE(oldest_ready_age_seconds), NULL, NULL, NULL},
	{"penstock_job_wait_seconds", "From when a job may run to the start of its attempt.",
		FAMILY_HISTOGRAM, VALUE_DURATIONS, GATE(wait), &by_kind, NULL, NULL},
	{"penstock_job_run_seconds", "From the start of an attempt to its end.",
		FAMILY_HISTOGRAM, VALUE_DURATIONS, GATE(run), &by_kind, NULL, NULL},
	{"penstock_job_total_seconds", "From a job's acceptance to its end.",
		FAMILY_HISTOGRAM, VALUE_DURATIONS, GATE(total), &by_kind, NULL, NULL},
	{"penstock_workers", "Workers, by what they do.",
		FAMILY_GAUGE, VALUE_U64, GATE(workers_busy), &by_worker, NULL, NULL},
	{"penstock_tenants", "Tenants known.",
		FAMILY_GAUGE, VALUE_U64, GATE(tenants), NULL, NULL, NULL},
	{"penstock_tenants_paused", "Tenants that are paused, with and without jobs.",
		FAMILY_GAUGE, VALUE_U64, GATE(tenants_paused), NULL, NULL, NULL},
	{"penstock_tenant_limit_waiting_jobs", "Queued jobs whose tenant runs or starts as many as it may.",
		FAMILY_GAUGE, VALUE_U64, GATE(limit_waiting), NULL, NULL, NULL},
	{"penstock_waiting_jobs", "Jobs that are queued or scheduled, by the first reason why they do not run.",
		FAMILY_GAUGE, VALUE_U64, GATE(waiting), &by_reason, NULL, NULL},
	{"penstock_limited_jobs", "Queued jobs set aside until fewer of their endpoint, command or limit_key run.",
		FAMILY_GAUGE, VALUE_U64, GATE(limited), &by_limit, NULL, NULL},
	{"penstock_slots_reconciled_total", "Corrections of a tenant's count of running jobs; not 0 means a fault.",
		FAMILY_COUNTER, VALUE_U64, GATE(slots_reconciled), NULL, NULL, NULL},
	{"penstock_audits_total", "How often the counts of jobs were compared with the jobs themselves.",
		FAMILY_COUNTER, VALUE_U64, GATE(audits), NULL, NULL, NULL},
	{"penstock_audit_differences_total", "Counts that were not what the jobs themselves say, and were put right; not 0 means a fault.",
		FAMILY_COUNTER, VALUE_U64, GATE(audit_differences), NULL, NULL, NULL},
	{"penstock_result_cache_entries", "Results in the cache.",
		FAMILY_GAUGE, VALUE_U64, GATE(cache_entries), NULL, NULL, NULL},
	{"penstock_result_cache_bytes", "Bytes of results in the cache.",
		FAMILY_GAUGE, VALUE_U64, GATE(cache_bytes), NULL, NULL, NULL},
	{"penstock_result_cache_hits_total", "Results found in the cache.",
		FAMILY_COUNTER, VALUE_U64, GATE(cache_hits), NULL, NULL, NULL},
	{"penstock_result_cache_misses_total", "Results that had to come from the store.",
		FAMILY_COUNTER, VALUE_U64, GATE(cache_misses), NULL, NULL, NULL},
	{"penstock_result_cache_evictions_total", "Results that left the cache for others.",
		FAMILY_COUNTER, VALUE_U64, GATE(cache_evictions), NULL, NULL, NULL},
	{"penstock_store_commit_seconds", "Time of one commit to the store.",
		FAMILY_HISTOGRAM, VALUE_DURATIONS, GATE(store_commit), NULL, NULL, NULL},
	{"penstock_store_group_commit_jobs", "Operations in one commit to the store.",
		FAMILY_HISTOGRAM, VALUE_COUNTS, GATE(store_group_jobs), NULL, NULL, NULL},
	{"penstock_store_errors_total", "Operations that the store could not commit, jobs that it could not read back, and failed reads.",
		FAMILY_COUNTER, VALUE_U64, GATE(store_errors), &by_store_op, NULL, NULL},
	{"penstock_finishes_refused_total", "Ends of attempts that the store refused, as a later attempt or an end is on record.",
		FAMILY_COUNTER, VALUE_U64, GATE(finishes_refused), NULL, NULL, NULL},
	{"penstock_endpoints_failing", "Endpoints of HTTP jobs whose last call failed, open ones too.",
		FAMILY_GAUGE, VALUE_U64, GATE(endpoints_known), NULL, NULL, NULL},
	{"penstock_endpoints_open", "Endpoints that HTTP jobs leave alone for now.",
		FAMILY_GAUGE, VALUE_U64, GATE(endpoints_open), NULL, NULL, NULL},
	{"penstock_endpoint_openings_total", "How often an endpoint began to be left alone.",
		FAMILY_COUNTER, VALUE_U64, GATE(endpoint_openings), NULL, NULL, NULL},
	{"penstock_calls_put_off_total", "Attempts that were not made because their endpoint is left alone.",
		FAMILY_COUNTER, VALUE_U64, GATE(calls_put_off), NULL, NULL, NULL},
	{"penstock_drain_state", "0 serving, 1 draining, 2 cancelling.",
		FAMILY_GAUGE, VALUE_INT, GATE(drain_state), NULL, NULL, NULL},
	{"penstock_http_requests_total", "HTTP requests answered.",
		FAMILY_COUNTER, VALUE_U64, FROM_STATS, 0, NULL, NULL, each_request},
	{"penstock_http_request_duration_seconds", "From a request's first byte to its answer's last.",
		FAMILY_HISTOGRAM, VALUE_DURATIONS, FROM_STATS, 0, NULL, NULL, each_request_duration},
	{"penstock_http_connections", "Open client connections.",
		FAMILY_GAUGE, VALUE_U64, STATS(connections), NULL, NULL, NULL},
	{"penstock_tasks", "Tasks alive, parked ones too.",
		FAMILY_GAUGE, VALUE_U64, STATS(tasks), NULL, NULL, NULL},
	{"penstock_loops", "Loops that run tasks.",
		FAMILY_GAUGE, VALUE_U64, STATS(loops), NULL, NULL, NULL},
	{"penstock_build_info", "1, with what was built.",
		FAMILY_GAUGE, VALUE_U64, FROM_STATS, 0, NULL, NULL, each_build},
	{"process_cpu_seconds_total", "Processor time used, user and system.",
		FAMILY_COUNTER, VALUE_DOUBLE, PROCESS(cpu_seconds), NULL, NULL, NULL},
	{"process_open_fds", "Open file descriptors.",
		FAMILY_GAUGE, VALUE_U64, PROCESS(open_fds), NULL, NULL, NULL},
	{"process_max_fds", "File descriptors that may be open.",
		FAMILY_GAUGE, VALUE_U64, PROCESS(max_fds), NULL, NULL, NULL},
	{"process_resident_memory_bytes", "Memory in use.",
		FAMILY_GAUGE, VALUE_U64, PROCESS(resident_bytes), NULL, NULL, NULL},
	{"process_virtual_memory_bytes", "Address space in use.",
		FAMILY_GAUGE, VALUE_U64, PROCESS(virtual_bytes), NULL, NULL, NULL},
	{"process_start_time_seconds", "When the process started, in seconds since 1970.",
		FAMILY_GAUGE, VALUE_MS, STATS(started_ms), NULL, NULL, NULL},
};
/* clang-format on */

const size_t n_families = ARRAY_LEN(families);
