/* test_stats.c - the numbers: where observations fall, and the three texts they are told in. */
#include <penstock/base.h>

#include <check.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "wire/bounds.h"
#include "wire/families.h"
#include "wire/stats.h"

static struct stats stats;

/* Some of everything. */
static void fill(void)
{
	stats = (struct stats){
		.n_routes = 2, .tasks = 12, .loops = 2, .connections = 3, .started_ms = 1764000000123};
	stats.gate.submitted[JOB_HTTP][SUBMITTED_ACCEPTED] = 7;
	stats.gate.finished[JOB_ECHO][JOB_EXPIRED] = 4;
	stats.gate.attempts[JOB_COMMAND][OUTCOME_TIMEOUT] = 5;
	stats.gate.jobs[JOB_QUEUED] = 9;
	stats.gate.oldest_ready_age_seconds = 0.25;
	stats.gate.workers_busy = 3;
	stats.gate.workers_idle = 253;
	stats.gate.store_errors[STATS_STORE_FINISH] = 1;
	stats.gate.slots_reconciled = UINT64_MAX;
	stats.gate.drain_state = 2;
	stats_observe(&stats.gate.wait[JOB_SLEEP], 3 * PEN_MS);
	stats_observe(&stats.gate.wait[JOB_SLEEP], 2 * 3600 * PEN_SECOND);
	stats_observe_count(&stats.gate.store_group_jobs, 5);
	stats.routes[0].route = "/jobs/{id}";
	stats.routes[0].codes[0].code = 200;
	stats.routes[0].codes[0].count = 11;
	stats.routes[0].codes[1].code = 404;
	stats.routes[0].codes[1].count = 2;
	stats.routes[1].route = "/stats";
	stats_observe(&stats.routes[1].seconds, 50 * PEN_US);
}

static char *written(enum stats_format format)
{
	struct buf out = {0};
	size_t bytes;

	ck_assert_int_eq(stats_write(&out, &stats, format), 0);
	return buf_take(&out, &bytes);
}

START_TEST(a_duration_falls_under_the_first_bound_that_is_not_less)
{
	static const struct {
		int64_t ns;
		const char *bound;
	} cases[] = {
		{-1,                    "0.0001"},
		{0,		     "0.0001"},
		{100 * PEN_US,          "0.0001"},
		{100 * PEN_US + 1,      "0.0005"},
		{PEN_MS,                "0.001" },
		{PEN_MS + 1,            "0.0025"},
		{250 * PEN_MS,          "0.25"  },
		{PEN_SECOND,            "1.0"   },
		{PEN_SECOND + 1,        "2.5"   },
		{61 * PEN_SECOND,       "300.0" },
		{3600 * PEN_SECOND,     "3600.0"},
		{3600 * PEN_SECOND + 1, "+Inf"  },
		{INT64_MAX,             "+Inf"  },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stats_histogram histogram = {0};
		char bound[BOUND_TEXT];
		size_t bucket = 0;

		stats_observe(&histogram, cases[i].ns);
		while (histogram.bucket[bucket] == 0)
			bucket++;
		bounds_text(false, bucket, bound);
		ck_assert_msg(strcmp(bound, cases[i].bound) == 0, "%" PRId64 ": %s", cases[i].ns, bound);
	}
}
END_TEST

START_TEST(a_count_falls_under_the_first_power_of_two_that_is_not_less)
{
	static const struct {
		uint64_t count;
		const char *bound;
	} cases[] = {
		{0,          "1.0"     },
		{1,          "1.0"     },
		{2,          "2.0"     },
		{3,          "4.0"     },
		{4,          "4.0"     },
		{5,          "8.0"     },
		{1024,       "1024.0"  },
		{1025,       "2048.0"  },
		{524288,     "524288.0"},
		{524289,     "+Inf"    },
		{UINT64_MAX, "+Inf"    },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stats_histogram histogram = {0};
		char bound[BOUND_TEXT];
		size_t bucket = 0;

		stats_observe_count(&histogram, cases[i].count);
		while (histogram.bucket[bucket] == 0)
			bucket++;
		bounds_text(true, bucket, bound);
		ck_assert_msg(strcmp(bound, cases[i].bound) == 0, "%" PRIu64 ": %s", cases[i].count, bound);
	}
}
END_TEST

START_TEST(sums_are_in_seconds_or_in_what_was_counted)
{
	struct stats_histogram durations = {0}, counts = {0};

	stats_observe(&durations, 1500 * PEN_MS);
	stats_observe(&durations, 500 * PEN_MS);
	stats_observe_count(&counts, 3);
	stats_observe_count(&counts, 4);
	ck_assert(durations.sum == 2.0);
	ck_assert(counts.sum == 7.0);
}
END_TEST

/* Lines of the Prometheus text, whole. */
static const char *const lines[] = {
	"# TYPE penstock_jobs_submitted_total counter",
	"penstock_jobs_submitted_total{kind=\"http\",result=\"accepted\"} 7",
	"penstock_jobs_submitted_total{kind=\"echo\",result=\"refused\"} 0",
	"penstock_jobs_finished_total{kind=\"echo\",outcome=\"expired\"} 4",
	"penstock_attempts_total{kind=\"command\",outcome=\"timeout\"} 5",
	"# TYPE penstock_jobs gauge",
	"penstock_jobs{state=\"queued\"} 9",
	"penstock_oldest_ready_age_seconds 0.25",
	"# TYPE penstock_job_wait_seconds histogram",
	"penstock_job_wait_seconds_bucket{kind=\"sleep\",le=\"0.0025\"} 0",
	"penstock_job_wait_seconds_bucket{kind=\"sleep\",le=\"0.005\"} 1",
	"penstock_job_wait_seconds_bucket{kind=\"sleep\",le=\"3600.0\"} 1",
	"penstock_job_wait_seconds_bucket{kind=\"sleep\",le=\"+Inf\"} 2",
	"penstock_job_wait_seconds_sum{kind=\"sleep\"} 7200.003",
	"penstock_job_wait_seconds_count{kind=\"sleep\"} 2",
	"penstock_workers{state=\"busy\"} 3",
	"penstock_workers{state=\"idle\"} 253",
	"penstock_store_group_commit_jobs_bucket{le=\"4.0\"} 0",
	"penstock_store_group_commit_jobs_bucket{le=\"8.0\"} 1",
	"penstock_store_group_commit_jobs_sum 5",
	"penstock_store_errors_total{op=\"finish\"} 1",
	"penstock_slots_reconciled_total 18446744073709551615",
	"penstock_drain_state 2",
	"penstock_http_requests_total{route=\"/jobs/{id}\",code=\"200\"} 11",
	"penstock_http_requests_total{route=\"/jobs/{id}\",code=\"404\"} 2",
	"penstock_http_request_duration_seconds_bucket{route=\"/stats\",le=\"0.0001\"} 1",
	"penstock_build_info{version=\"" PENSTOCK_VERSION "\"} 1",
	"process_start_time_seconds 1764000000.123",
};

START_TEST(each_number_has_its_line)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(freep) char *line = NULL;

	fill();
	text = written(STATS_PROMETHEUS);
	ck_assert_int_gt(asprintf(&line, "\n%s\n", lines[_i]), 0);
	ck_assert_msg(strstr(text, line) || strncmp(text, line + 1, strlen(line + 1)) == 0, "no%sin\n%s",
		line, text);
}
END_TEST

START_TEST(no_live_state_has_ended_and_no_outcome_is_alive)
{
	CLEANUP(freep) char *text = NULL;

	fill();
	text = written(STATS_PROMETHEUS);
	ck_assert_ptr_null(strstr(text, "penstock_jobs{state=\"succeeded\"}"));
	ck_assert_ptr_null(strstr(text, "outcome=\"running\""));
}
END_TEST

/* The promise of names, as dashboards know them. */
static const char *const names[] = {
	"penstock_jobs_submitted_total",
	"penstock_jobs_finished_total",
	"penstock_attempts_total",
	"penstock_jobs",
	"penstock_oldest_ready_age_seconds",
	"penstock_job_wait_seconds",
	"penstock_job_run_seconds",
	"penstock_job_total_seconds",
	"penstock_workers",
	"penstock_tenant_limit_waiting_jobs",
	"penstock_limited_jobs",
	"penstock_result_cache_entries",
	"penstock_result_cache_bytes",
	"penstock_result_cache_hits_total",
	"penstock_result_cache_misses_total",
	"penstock_result_cache_evictions_total",
	"penstock_store_commit_seconds",
	"penstock_store_group_commit_jobs",
	"penstock_store_errors_total",
	"penstock_slots_reconciled_total",
	"penstock_audits_total",
	"penstock_audit_differences_total",
	"penstock_tenants_paused",
	"penstock_http_requests_total",
	"penstock_http_request_duration_seconds",
	"penstock_drain_state",
	"penstock_build_info",
	"process_cpu_seconds_total",
	"process_open_fds",
	"process_max_fds",
	"process_resident_memory_bytes",
	"process_virtual_memory_bytes",
	"process_start_time_seconds",
};

START_TEST(every_promised_name_is_there_in_each_format)
{
	CLEANUP(freep) char *prometheus = NULL, *openmetrics = NULL, *json = NULL;

	fill();
	prometheus = written(STATS_PROMETHEUS);
	openmetrics = written(STATS_OPENMETRICS);
	json = written(STATS_JSON);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ck_assert_msg(strstr(prometheus, names[i]), "%s", names[i]);
		ck_assert_msg(strstr(openmetrics, names[i]), "%s", names[i]);
		ck_assert_msg(strstr(json, names[i]), "%s", names[i]);
	}
}
END_TEST

START_TEST(a_counter_s_name_ends_in_total_and_no_other_does)
{
	for (size_t i = 0; i < n_families; i++) {
		const char *name = families[i].name, *total = strstr(name, "_total");
		const bool ends = total && strcmp(total, "_total") == 0;

		ck_assert_msg(ends == (families[i].type == FAMILY_COUNTER), "%s", name);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(name, families[j].name);
	}
}
END_TEST

START_TEST(openmetrics_names_counters_without_total_and_has_an_end)
{
	CLEANUP(freep) char *text = NULL;

	fill();
	text = written(STATS_OPENMETRICS);
	ck_assert_ptr_nonnull(strstr(text, "# TYPE penstock_jobs_submitted counter\n"));
	ck_assert_ptr_nonnull(strstr(text, "# HELP process_cpu_seconds "));
	ck_assert_ptr_nonnull(
		strstr(text, "\npenstock_jobs_submitted_total{kind=\"http\",result=\"accepted\"} 7\n"));
	ck_assert_str_eq(text + strlen(text) - strlen("\n# EOF\n"), "\n# EOF\n");
}
END_TEST

START_TEST(prometheus_text_has_no_end_mark)
{
	CLEANUP(freep) char *text = NULL;

	fill();
	text = written(STATS_PROMETHEUS);
	ck_assert_ptr_null(strstr(text, "# EOF"));
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
}
END_TEST

/* The first object of the list `name` whose member `label` is `value`. */
static const json_t *labelled(const json_t *all, const char *name, const char *label, const char *value)
{
	size_t i;
	json_t *object;

	json_array_foreach (json_object_get(all, name), i, object)
		if (strcmp(json_string_value(json_object_get(object, label)), value) == 0)
			return object;
	return NULL;
}

START_TEST(json_tells_numbers_lists_and_histograms)
{
	CLEANUP(freep) char *text = NULL;
	json_t *all;
	const json_t *sleep;

	fill();
	stats.gate.slots_reconciled = 0;
	text = written(STATS_JSON);
	all = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(all);
	ck_assert_uint_eq(json_object_size(all), n_families);
	ck_assert_int_eq(json_integer_value(json_object_get(all, "penstock_drain_state")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(
				 labelled(all, "penstock_workers", "state", "idle"), "value")),
		253);
	sleep = labelled(all, "penstock_job_wait_seconds", "kind", "sleep");
	ck_assert_int_eq(json_integer_value(json_object_get(sleep, "count")), 2);
	ck_assert(json_number_value(json_object_get(sleep, "sum")) == 7200.003);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(sleep, "buckets"), "0.005")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(sleep, "buckets"), "+Inf")), 1);
	json_decref(all);
}
END_TEST

START_TEST(the_process_tells_of_itself)
{
	struct process process, later;
	FILE *file;

	process_read(&process);
	ck_assert(process.cpu_seconds > 0);
	ck_assert_uint_gt(process.open_fds, 2);
	ck_assert_uint_ge(process.max_fds, process.open_fds);
	ck_assert_uint_gt(process.resident_bytes, 4096);
	ck_assert_uint_gt(process.virtual_bytes, process.resident_bytes);
	file = fopen("/dev/null", "r");
	ck_assert_ptr_nonnull(file);
	process_read(&later);
	ck_assert_uint_eq(later.open_fds, process.open_fds + 1);
	fclose(file);
}
END_TEST

START_TEST(a_buffer_that_is_too_small_says_so)
{
	CLEANUP(buf_fini) struct buf out = {.max = 100};

	fill();
	ck_assert_int_ne(stats_write(&out, &stats, STATS_PROMETHEUS), 0);
	ck_assert_uint_le(out.len, 100);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stats");

	tcase_add_test(tcase, a_duration_falls_under_the_first_bound_that_is_not_less);
	tcase_add_test(tcase, a_count_falls_under_the_first_power_of_two_that_is_not_less);
	tcase_add_test(tcase, sums_are_in_seconds_or_in_what_was_counted);
	tcase_add_loop_test(tcase, each_number_has_its_line, 0, ARRAY_LEN(lines));
	tcase_add_test(tcase, no_live_state_has_ended_and_no_outcome_is_alive);
	tcase_add_test(tcase, every_promised_name_is_there_in_each_format);
	tcase_add_test(tcase, a_counter_s_name_ends_in_total_and_no_other_does);
	tcase_add_test(tcase, openmetrics_names_counters_without_total_and_has_an_end);
	tcase_add_test(tcase, prometheus_text_has_no_end_mark);
	tcase_add_test(tcase, json_tells_numbers_lists_and_histograms);
	tcase_add_test(tcase, the_process_tells_of_itself);
	tcase_add_test(tcase, a_buffer_that_is_too_small_says_so);
	return unit_run("stats", tcase);
}
