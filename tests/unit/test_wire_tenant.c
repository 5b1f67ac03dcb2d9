/* test_wire_tenant.c - what people set and see of a tenant, and what is on record of it; and why a job waits. */
#include <errno.h>
#include <penstock/base.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"
#include "wire/explain.h"
#include "wire/tenant.h"

static void refused(const char *text, const char *pointer)
{
	struct tenant_wish wish = {.set = 77};
	struct problem problem = {0};

	ck_assert_int_eq(wire_read_tenant(text, strlen(text), &wish, &problem), -EINVAL);
	ck_assert_str_eq(problem.field, pointer);
	ck_assert_uint_eq(wish.set, 77);
}

START_TEST(a_wish_has_what_it_says_and_no_more)
{
	static const char all[] =
		"{\"max_running\":0,\"max_queued\":100000000,\"weight\":1000,\"rate\":\"300/m\",\"burst\":7,"
		"\"host_connections\":65536,\"key_max_running\":2,\"key_policy\":\"cancel-newest\","
		"\"ageing\":\"0s\",\"timeout_max\":\"1500ms\",\"durability\":\"relaxed\",\"paused\":true}";
	struct problem problem = {0};
	struct tenant_wish wish;

	ck_assert_int_eq(wire_read_tenant("{}", 2, &wish, &problem), 0);
	ck_assert_uint_eq(wish.set, 0);
	ck_assert(!wish.says_paused);
	ck_assert_int_eq(wire_read_tenant(all, strlen(all), &wish, &problem), 0);
	ck_assert_uint_eq(wish.set, (1u << LIMITS) - 1);
	ck_assert_uint_eq(wish.limits.max_running, 0);
	ck_assert_uint_eq(wish.limits.max_queued, 100000000);
	ck_assert_uint_eq(wish.limits.weight, 1000);
	ck_assert(wish.limits.starts.rate.count == 300 && wish.limits.starts.rate.seconds == 60);
	ck_assert_uint_eq(wish.limits.starts.burst, 7);
	ck_assert_uint_eq(wish.limits.host_connections, 65536);
	ck_assert_uint_eq(wish.limits.key_max_running, 2);
	ck_assert_int_eq(wish.limits.key_policy, KEY_CANCEL_NEWEST);
	ck_assert_int_eq(wish.limits.ageing_ns, 0);
	ck_assert_int_eq(wish.limits.timeout_max_ns, 1500000000);
	ck_assert_int_eq(wish.limits.durability, DURABILITY_RELAXED);
	ck_assert(wish.says_paused && wish.paused);
	ck_assert_int_eq(wire_read_tenant("{\"paused\":false}", 16, &wish, &problem), 0);
	ck_assert(wish.says_paused && !wish.paused);
}
END_TEST

START_TEST(a_wish_that_cannot_be_is_refused_with_a_pointer)
{
	refused("{\"max_running\":65537}", "/max_running");
	refused("{\"weight\":0}", "/weight");
	refused("{\"weight\":2.0}", "/weight");
	refused("{\"weight\":null}", "/weight");
	refused("{\"max_queued\":\"1\"}", "/max_queued");
	refused("{\"paused\":\"yes\"}", "/paused");
	refused("{\"rate\":50}", "/rate");
	refused("{\"rate\":\"50\"}", "/rate");
	refused("{\"rate\":\"\"}", "/rate");
	refused("{\"rate\":\"1000000000000000/s\"}", "/rate");
	refused("{\"burst\":1000001}", "/burst");
	refused("{\"host_connections\":0}", "/host_connections");
	refused("{\"durability\":\"syn\"}", "/durability");
	refused("{\"durability\":\"sync relaxed\"}", "/durability");
	refused("{\"key_policy\":\"\"}", "/key_policy");
	refused("{\"key_policy\":0}", "/key_policy");
	refused("{\"ageing\":60}", "/ageing");
	refused("{\"ageing\":\"366d\"}", "/ageing");
	refused("{\"timeout_max\":\"1\"}", "/timeout_max");
	refused("{\"allow_hosts\":[]}", "/allow_hosts");
	refused("[]", "");
	refused("", "");
}
END_TEST

START_TEST(a_pause_may_say_nothing_and_has_bounds)
{
	static const char *const wrong[] = {"{\"for\":\"999ms\"}", "{\"for\":1}", "{\"for\":\"3661d\"}",
		"{\"reason\":\"\"}", "{\"why\":\"\"}", "[]", "{"};
	struct problem problem = {0};
	struct pause_wish wish;

	ck_assert_int_eq(wire_read_pause("", 0, &wish, &problem), 0);
	ck_assert_int_eq(wish.for_ns, 0);
	ck_assert_str_eq(wish.reason, "");
	ck_assert_int_eq(wire_read_pause("{\"for\":\"1s\",\"reason\":\"r\"}", 25, &wish, &problem), 0);
	ck_assert_int_eq(wish.for_ns, 1000000000);
	ck_assert_str_eq(wish.reason, "r");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_int_eq(wire_read_pause(wrong[i], strlen(wrong[i]), &wish, &problem), -EINVAL);
}
END_TEST

static void same_again(const struct settings *settings, const char *text)
{
	CLEANUP(buf_fini) struct buf out = {0};
	struct problem problem = {0};
	struct settings again;

	ck_assert_int_eq(wire_write_settings(&out, settings), 0);
	ck_assert_str_eq(out.data, text);
	ck_assert_int_eq(wire_read_settings(out.data, out.len, &again, &problem), 0);
	ck_assert(settings_equal(settings, &again));
}

START_TEST(what_is_on_record_is_the_same_after_reading)
{
	struct settings settings = {0};

	same_again(&settings, "{}");
	settings.set = 1u << LIMIT_WEIGHT;
	settings.limits.weight = 7;
	same_again(&settings, "{\"weight\":7}");
	settings.pause = (struct pause){.on = true, .since_ms = 5, .until_ms = 6};
	same_again(&settings, "{\"weight\":7,\"paused\":{\"since_ms\":5,\"until_ms\":6}}");
	settings = (struct settings){
		.set = 1u << LIMIT_KEY_POLICY | 1u << LIMIT_AGEING | 1u << LIMIT_TIMEOUT_MAX |
		       1u << LIMIT_DURABILITY,
		.limits.key_policy = KEY_REJECT,
		.limits.ageing_ns = 90 * PEN_SECOND,
		.limits.timeout_max_ns = PEN_MS,
	};
	same_again(&settings,
		"{\"key_policy\":\"reject\",\"ageing\":\"90s\",\"timeout_max\":\"1ms\",\"durability\":\"sync\"}");
	settings.set = 0;
	settings.pause.on = true;
	memset(settings.pause.reason, '"', PAUSE_REASON_MAX);
	ck_assert(!settings_are_none(&settings));
}
END_TEST

START_TEST(a_record_that_is_none_is_refused)
{
	static const char *const wrong[] = {"", "{\"weight\":1001}", "{\"paused\":true}",
		"{\"paused\":{\"since_ms\":1}}", "{\"rates\":1}"};
	struct problem problem = {0};
	struct settings settings;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_int_eq(
			wire_read_settings(wrong[i], strlen(wrong[i]), &settings, &problem), -EINVAL);
}
END_TEST

START_TEST(a_tenant_is_told_with_where_each_limit_is_from)
{
	CLEANUP(buf_fini) struct buf out = {0};
	const struct tenant_view view = {
		.name = "acme",
		.limits.max_running = 1,
		.limits.max_queued = 2,
		.limits.weight = 3,
		.limits.starts.rate = {50,                  1       },
		.limits.host_connections = 4,
		.limits.key_max_running = 5,
		.limits.key_policy = KEY_CANCEL_OLDEST,
		.limits.ageing_ns = PEN_SECOND,
		.limits.durability = DURABILITY_RELAXED,
		.from = { FROM_DEFAULT, FROM_CONFIGURATION, FROM_API},
		.pause.on = true,
		.pause.since_ms = 1000,
		.pause.reason = "\"r\"",
		.running = 4,
		.queued = 5,
		.scheduled = 6,
		.limit_waiting = 7,
	};

	ck_assert_int_eq(wire_write_tenant(&out, &view), 0);
	ck_assert_str_eq(out.data,
		"{\"tenant\":\"acme\",\"max_running\":1,\"max_queued\":2,\"weight\":3,\"rate\":\"50/s\","
		"\"burst\":0,\"host_connections\":4,\"key_max_running\":5,\"key_policy\":\"cancel-oldest\","
		"\"ageing\":\"1s\",\"timeout_max\":\"0s\",\"durability\":\"relaxed\",\"paused\":true,"
		"\"pause\":{\"since\":\"1970-01-01T00:00:01.000Z\",\"until\":null,\"reason\":\"\\\"r\\\"\"},"
		"\"from\":{\"max_running\":\"default\",\"max_queued\":\"configuration\",\"weight\":\"api\","
		"\"rate\":\"default\",\"burst\":\"default\",\"host_connections\":\"default\",\"key_max_running\":\"default\","
		"\"key_policy\":\"default\",\"ageing\":\"default\",\"timeout_max\":\"default\",\"durability\":\"default\"},"
		"\"jobs\":{\"running\":4,\"queued\":5,\"scheduled\":6,\"limit_waiting\":7}}");
}
END_TEST

START_TEST(a_tag_is_of_all_but_the_live_numbers)
{
	struct tenant_view view =
				   {
					   .name = "a", .limits = {1, 2, 3, 0}
        },
			   other = view;
	char tag[TENANT_TAG], again[TENANT_TAG];

	tenant_view_tag(&view, tag);
	other.running = 9;
	tenant_view_tag(&other, again);
	ck_assert_str_eq(tag, again);
	other.from[LIMIT_WEIGHT] = FROM_API;
	tenant_view_tag(&other, again);
	ck_assert_str_ne(tag, again);
	other = view;
	other.pause.on = true;
	tenant_view_tag(&other, again);
	ck_assert_str_ne(tag, again);
}
END_TEST

START_TEST(a_tag_is_found_in_a_list_only_as_a_whole_and_strong_one)
{
	static const char tag[] = "\"0123456789abcdef\"";

	ck_assert(tenant_tag_listed("*", tag));
	ck_assert(tenant_tag_listed("\"0123456789abcdef\"", tag));
	ck_assert(tenant_tag_listed(" \"x\" , \"0123456789abcdef\" ,\"y\"", tag));
	ck_assert(!tenant_tag_listed("", tag));
	ck_assert(!tenant_tag_listed("W/\"0123456789abcdef\"", tag));
	ck_assert(!tenant_tag_listed("0123456789abcdef", tag));
	ck_assert(!tenant_tag_listed("\"0123456789abcdef\"x", tag));
	ck_assert(!tenant_tag_listed("\"x\"", tag));
}
END_TEST

START_TEST(an_explanation_has_its_numbers_and_where_the_job_stands)
{
	CLEANUP(buf_fini) struct buf out = {0};
	struct explanation explanation = {
		.tenant = "a",
		.state = JOB_QUEUED,
		.priority = 5,
		.reason = "paused",
		.detail = "d",
		.numbers = {{"until", EXPLAIN_TIME, 0, NULL}, {"n", EXPLAIN_COUNT, 3, NULL},
			    {"w", EXPLAIN_WORDS, 0, "x"}},
		.n_numbers = 3,
		.waits = true,
		.position = 2,
	};

	ck_assert_int_eq(wire_write_explanation(&out, &explanation), 0);
	ck_assert_str_eq(out.data,
		"{\"id\":\"00000000-0000-0000-0000-000000000000\",\"tenant\":\"a\",\"state\":\"queued\",\"priority\":5,"
		"\"reason\":\"paused\",\"detail\":\"d\",\"numbers\":{\"until\":null,\"n\":3,\"w\":\"x\"},"
		"\"position\":2,\"position_is_at_least\":false,\"estimated_start_at\":null}");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("wire_tenant");

	tcase_add_test(tcase, a_wish_has_what_it_says_and_no_more);
	tcase_add_test(tcase, a_wish_that_cannot_be_is_refused_with_a_pointer);
	tcase_add_test(tcase, a_pause_may_say_nothing_and_has_bounds);
	tcase_add_test(tcase, what_is_on_record_is_the_same_after_reading);
	tcase_add_test(tcase, a_record_that_is_none_is_refused);
	tcase_add_test(tcase, a_tenant_is_told_with_where_each_limit_is_from);
	tcase_add_test(tcase, a_tag_is_of_all_but_the_live_numbers);
	tcase_add_test(tcase, a_tag_is_found_in_a_list_only_as_a_whole_and_strong_one);
	tcase_add_test(tcase, an_explanation_has_its_numbers_and_where_the_job_stands);
	return unit_run("wire_tenant", tcase);
}
