/* test_work_http_guard.c - http jobs that are to reach what they must not: by how a URL is written, by what a name resolves to. */
#include <locale.h>

#include "hostile_urls.h"
#include "network_stand_in.h"
#include "work_http.h"

/* Nothing is open but what is public. */
static const struct guard none;
static const struct work_terms closed = {.guard = &none, .tenant_guard = &none};

static struct outcome call_under(struct work *work, const struct work_terms *terms, struct job *job)
{
	struct outcome outcome = {0};

	work_run(NULL, work, job, terms, &outcome);
	job_unref(job);
	return outcome;
}

/* Each is refused for its address, however it is written. */
TRIAL(a_url_in_any_form_reaches_nothing_that_is_not_public)
{
	size_t blocked = 0;

	ck_assert_ptr_nonnull(
		setlocale(LC_CTYPE, "C.UTF-8")); /* in which libcurl knows letters that are like digits */
	for (size_t i = 0; i < ARRAY_LEN(hostile_urls); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome = call_under(work, &closed, call_url("%s", hostile_urls[i]));

		blocked += strcmp(outcome.code, "blocked-address") == 0;
		ck_assert_msg(outcome.end == OUTCOME_FAILED && strcmp(outcome.code, "connect") != 0, "%s: %s",
			hostile_urls[i], outcome.message);
		ck_assert_str_eq(take_connects(), "");
	}
	ck_assert_uint_ge(blocked, 200); /* the others are no URL, or resolve to nothing */
}

/* Neither are these, which come to nothing earlier. */
static const char *const broken[] = {"http://127.0.0.1%00.public.test/", "http://[::1%25lo]x/",
	"http://[127.0.0.1]/", "http://[::ffff:7f00:1/", "http://[1::2::3]/", "http://127.0.0.1:0x50/",
	"http://127.0.0.1:80:80/", "http:///127.0.0.1/",
	"http://\xef\xbc\xa0"
	"127.0.0.1:99999/",
	"file:///etc/passwd", "FILE://localhost/etc/passwd", "gopher://127.0.0.1:6379/_INFO",
	"dict://127.0.0.1:11211/stats", "ftp://10.0.0.1/", "smb://10.0.0.1/a", "ldap://10.0.0.1/",
	"telnet://10.0.0.1/", "unix:///run/x.sock", "javascript:alert(1)", "ws://127.0.0.1/", "//127.0.0.1/",
	"127.0.0.1", "http://", "", "http://256.256.256.256/", "http://0x100000000/", "http://1.2.3.4.5/",
	"http://127.0.0.1\\@public.test:99999/"};

TRIAL(a_url_that_is_none_of_http_reaches_nothing)
{
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome = call_under(work, &closed, call_url("%s", broken[i]));

		ck_assert_msg(outcome.end == OUTCOME_FAILED && !outcome.has_result, "%s: %s", broken[i],
			outcome.code);
		ck_assert_str_eq(take_connects(), "");
	}
}

static void check_call(struct work *work, const struct work_terms *terms, const char *url, const char *code,
	const char *reached)
{
	CLEANUP(outcome_fini) struct outcome outcome = call_under(work, terms, call_url("%s", url));

	ck_assert_msg(strcmp(outcome.code, code) == 0, "%s: %s: %s", url, outcome.code, outcome.message);
	ck_assert_str_eq(take_connects(), reached);
}

TRIAL(a_public_address_is_called_at_the_usual_ports)
{
	static const struct {
		const char *url, *reached;
	} good[] = {
		{"http://93.184.216.34/",            "93.184.216.34"     },
		{"https://93.184.216.34/",           "93.184.216.34"     },
		{"http://93.184.216.34:443/",        "93.184.216.34"     },
		{"http://0x5db8d822/",               "93.184.216.34"     },
		{"http://public.test/",              "93.184.216.34"     },
		{"http://PUBLIC.test./",             "93.184.216.34"     },
		{"http://127.0.0.1@public.test/",    "93.184.216.34"     },
		{"http://public.test#@127.0.0.1/",   "93.184.216.34"     },
		{"http://public.test?@127.0.0.1/",   "93.184.216.34"     },
		{"http://public6.test/",             "2606:2800:220:1::1"},
		{"http://[2606:2800:220:1::1]/",     "2606:2800:220:1::1"},
		{"http://[64:ff9b::93.184.216.34]/", "64:ff9b::5db8:d822"},
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		check_call(work, &closed, good[i].url, "connect", good[i].reached);
}

TRIAL(a_port_is_open_where_it_is_listed)
{
	struct port_range range = {8443, 8443};
	const struct guard ports = {.ports = &range, .n_ports = 1};
	const struct work_terms terms = {.guard = &ports, .tenant_guard = &none};

	check_call(work, &closed, "http://public.test:22/", "blocked-port", "");
	check_call(work, &closed, "http://public.test:8443/", "blocked-port", "");
	check_call(work, &closed, "http://mixed.test/", "blocked-address",
		""); /* its first address is private */
	check_call(work, &terms, "http://public.test:8443/", "connect", "93.184.216.34");
	check_call(work, &terms, "http://private.test:8443/", "blocked-address", "");
}

TRIAL(a_refusal_names_the_address_and_what_it_is)
{
	CLEANUP(outcome_fini)
	struct outcome outcome = call_under(work, &closed, call_url("http://metadata.test/latest"));

	ck_assert_failed(&outcome, "blocked-address", false);
	ck_assert_str_eq(outcome.message, "169.254.169.254 is not open to jobs: it is link-local");
	outcome = call_under(work, &closed, call_url("http://own.test/"));
	ck_assert_failed(&outcome, "blocked-address", false);
	ck_assert_str_eq(outcome.message, "8.8.4.4 is not open to jobs: it is this machine's own");
}

TRIAL(a_name_that_is_rebound_is_judged_by_where_it_leads_now)
{
	struct work_options options = {.http_body_max = TRIAL_BODY_MAX};
	struct work *later;

	check_call(work, &closed, "http://rebind.test/", "connect", "93.184.216.34");
	check_call(
		work, &closed, "http://rebind.test/", "connect", "93.184.216.34"); /* as it is remembered */
	ck_assert_int_eq(work_new(&options, &later), 0);
	check_call(later, &closed, "http://rebind.test/", "blocked-address", "");
	work_free(later);
}

SERVED_TRIAL(a_connection_of_another_tenant_is_not_used_by_who_may_not_make_it)
{
	CLEANUP(outcome_fini) struct outcome good = call_run(work, call(server, "/echo"));
	CLEANUP(outcome_fini) struct outcome refused = call_under(work, &closed, call(server, "/echo"));

	ck_assert_int_eq(good.end, OUTCOME_SUCCEEDED);
	ck_assert_failed(&refused, "blocked-address", false);
	ck_assert_int_eq((int)pen_counter_read(&server->accepted), 1);
}

SERVED_TRIAL(what_a_network_or_a_host_opens_is_called_at_any_port)
{
	char *hosts[] = {(char *)"good.test", (char *)"*.good.test", NULL};
	const struct guard named = {.hosts = hosts};
	const struct work_terms terms = {.guard = &none, .tenant_guard = &named};
	const char *open[] = {"good.test", "GOOD.test.", "in.good.test"},
		   *shut[] = {"loopback.test", "127.0.0.1", "localhost"};

	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome =
			call_under(work, &terms, call_url("http://%s:%d/echo", open[i], server->port));

		ck_assert_msg(outcome.end == OUTCOME_SUCCEEDED, "%s: %s", open[i], outcome.message);
	}
	take_connects();
	for (size_t i = 0; i < ARRAY_LEN(shut); i++) {
		CLEANUP(outcome_fini)
		struct outcome outcome =
			call_under(work, &terms, call_url("http://%s:%d/echo", shut[i], server->port));

		ck_assert_failed(&outcome, "blocked-address", false);
		ck_assert_str_eq(take_connects(), "");
	}
}

TRIAL(where_own_addresses_cannot_be_known_nothing_is_called_and_it_is_tried_again)
{
	CLEANUP(outcome_fini) struct outcome outcome = {0};

	own_fails = true;
	outcome = call_under(work, &closed, call_url("http://public.test/"));
	ck_assert_failed(&outcome, "system", true);
	ck_assert_str_eq(take_connects(), "");
}

int main(void)
{
	TCase *tcase = tcase_create("work_http_guard");

	tcase_add_test(tcase, a_url_in_any_form_reaches_nothing_that_is_not_public);
	tcase_add_test(tcase, a_url_that_is_none_of_http_reaches_nothing);
	tcase_add_test(tcase, a_public_address_is_called_at_the_usual_ports);
	tcase_add_test(tcase, a_port_is_open_where_it_is_listed);
	tcase_add_test(tcase, a_refusal_names_the_address_and_what_it_is);
	tcase_add_test(tcase, a_name_that_is_rebound_is_judged_by_where_it_leads_now);
	tcase_add_test(tcase, a_connection_of_another_tenant_is_not_used_by_who_may_not_make_it);
	tcase_add_test(tcase, what_a_network_or_a_host_opens_is_called_at_any_port);
	tcase_add_test(tcase, where_own_addresses_cannot_be_known_nothing_is_called_and_it_is_tried_again);
	return trial_run_suite("work_http_guard", tcase);
}
