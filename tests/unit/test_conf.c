/* test_conf.c - configuration: what is read, counted and compared; and that file and manual follow the table. */
#include "conf/conf.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/options.h"
#include "conf/value.h"
#include "conf_file.h"
#include "unit.h"

START_TEST(without_a_file_everything_has_its_default)
{
	CLEANUP(conf_unrefp) struct conf *conf = NULL;
	struct problem problem = {0};

	ck_assert_int_eq(conf_load(NULL, NULL, &conf, &problem), 0);
	ck_assert_str_eq(conf->listen, "127.0.0.1:7117");
	ck_assert_str_eq(conf->state_dir, "/var/lib/penstock");
	ck_assert_str_eq(conf->store, "sqlite");
	ck_assert_str_eq(conf->log_level, "info");
	ck_assert_uint_eq(conf->loops, 0);
	ck_assert_uint_eq(conf->workers, 256);
	ck_assert_int_eq(conf->drain_timeout_ns, 30 * PEN_SECOND);
	ck_assert_int_eq(conf->command_grace_ns, 5 * PEN_SECOND);
	ck_assert_uint_eq(conf->body_max, 1 << 20);
	ck_assert_uint_eq(conf->json_depth_max, 64);
	ck_assert_uint_eq(conf->connections_max, 16384);
	ck_assert_uint_eq(conf->header_max, 8 << 10);
	ck_assert_int_eq(conf->idle_timeout_ns, 75 * PEN_SECOND);
	ck_assert_int_eq(conf->request_timeout_ns, 10 * PEN_SECOND);
	ck_assert_int_eq(conf->wait_max_ns, 60 * PEN_SECOND);
	ck_assert_int_eq(conf->timeout_ns, 30 * PEN_SECOND);
	ck_assert_int_eq(conf->timeout_max_ns, 3600 * PEN_SECOND);
	ck_assert_uint_eq(conf->jobs_max, 1000000);
	ck_assert_uint_eq(conf->tenants_max, 100000);
	ck_assert_uint_eq(conf->result_max, 64 << 10);
	ck_assert_uint_eq(conf->cache_bytes, 64 << 20);
	ck_assert_int_eq(conf->cache_age_ns, 3600 * PEN_SECOND);
	ck_assert_int_eq(conf->retention_ns, 24 * 3600 * PEN_SECOND);
	ck_assert_uint_eq(conf->retention_jobs, 100000);
	ck_assert_uint_eq(conf->retention_bytes, 512 << 20);
	ck_assert_uint_eq(conf->jobs_bytes_max, 512 << 20);
	ck_assert_uint_eq(conf->tenant_defaults.limits.max_running, 16);
	ck_assert_uint_eq(conf->tenant_defaults.limits.max_queued, 100000);
	ck_assert_int_eq(conf->tenant_defaults.limits.durability, DURABILITY_SYNC);
	ck_assert_uint_eq(conf->tenant_defaults.limits.weight, 1);
	ck_assert_uint_eq(conf->n_tenants, 0);
	ck_assert_uint_eq(conf->n_commands, 0);
}
END_TEST

START_TEST(every_row_of_the_table_is_sound)
{
	for (size_t id = 0; id < SECTIONS; id++) {
		const struct section *section = &conf_sections[id];

		ck_assert_uint_le(section->n_options, SECTION_OPTIONS_MAX);
		for (size_t i = 0; i < section->n_options; i++) {
			const struct option *option = &section->options[i];
			const char *values[] = {option->value, option->min, option->max};
			struct problem why = {0};

			ck_assert(option->manual && option->manual[strlen(option->manual) - 1] == '.');
			ck_assert_msg(option->value || option->example, "%s", option->name);
			ck_assert(!option->min == !option->max);
			for (size_t j = 0; j < ARRAY_LEN(values); j++)
				if (values[j])
					ck_assert_msg(
						value_check(option, values[j], &why) == 0, "%s", why.message);
			for (const char *at = option->manual; at;
				at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
				ck_assert_msg(
					!strchr(".'\\", *at), "mdoc would take this for a macro: %s", at);
		}
	}
}
END_TEST

START_TEST(values_of_a_file_replace_the_defaults)
{
	CLEANUP(conf_unrefp)
	struct conf *conf = load("# all kinds of values\n"
				 "listen = '[::1]:0'\n"
				 "state-dir=\"/srv/pen \\\"stock\\\\\" workers = 7 # two on a line\n"
				 "log-level = debug\n"
				 "drain-timeout = 1500ms\n"
				 "body-max = 64KiB\r\n"
				 "timeout = \"2h\"\ntimeout-max = 1d");

	ck_assert_str_eq(conf->listen, "[::1]:0");
	ck_assert_str_eq(conf->state_dir, "/srv/pen \"stock\\");
	ck_assert_uint_eq(conf->workers, 7);
	ck_assert_str_eq(conf->log_level, "debug");
	ck_assert_int_eq(conf->drain_timeout_ns, 1500 * PEN_MS);
	ck_assert_uint_eq(conf->body_max, 65536);
	ck_assert_int_eq(conf->timeout_ns, 7200 * PEN_SECOND);
	ck_assert_int_eq(conf->timeout_max_ns, 86400 * PEN_SECOND);
	ck_assert_uint_eq(conf->jobs_max, 1000000);
}
END_TEST

START_TEST(a_tenant_has_what_its_section_says_and_the_defaults_for_the_rest)
{
	CLEANUP(conf_unrefp)
	struct conf *conf = load(
		"tenant zeta {\n weight = 5\n}\n"
		"tenant \"acme\" { max-running = 0 max-queued = 9 }\n"
		"tenant-defaults { max-running = 3 weight = 2 durability = relaxed rate = 5/h timeout-max = 1m }\n"
		"tenant safe { durability = sync rate = none timeout-max = 0s }\n"
		"tenant slow { rate = \"300/m\" burst = 7 ageing = 2s timeout-max = 5m }\n");

	ck_assert_uint_eq(conf->n_tenants, 4);
	ck_assert_int_eq(conf_limits(conf, "acme")->durability, DURABILITY_RELAXED);
	ck_assert_int_eq(conf_limits(conf, "safe")->durability, DURABILITY_SYNC);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->weight, 5);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->max_running, 3);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->max_queued, 100000);
	ck_assert_uint_eq(conf_limits(conf, "acme")->max_running, 0);
	ck_assert_uint_eq(conf_limits(conf, "acme")->max_queued, 9);
	ck_assert_uint_eq(conf_limits(conf, "acme")->weight, 2);
	ck_assert_uint_eq(conf_limits(conf, "acme")->starts.rate.count, 5);
	ck_assert_uint_eq(conf_limits(conf, "acme")->starts.rate.seconds, 3600);
	ck_assert_uint_eq(conf_limits(conf, "acme")->starts.burst, 0);
	ck_assert_int_eq(conf_limits(conf, "acme")->ageing_ns, 60 * PEN_SECOND);
	ck_assert_int_eq(conf_limits(conf, "acme")->timeout_max_ns, 60 * PEN_SECOND);
	ck_assert_uint_eq(conf_limits(conf, "safe")->starts.rate.count, 0);
	ck_assert_int_eq(conf_limits(conf, "safe")->timeout_max_ns, 0);
	ck_assert_uint_eq(conf_limits(conf, "slow")->starts.rate.count, 300);
	ck_assert_uint_eq(conf_limits(conf, "slow")->starts.rate.seconds, 60);
	ck_assert_uint_eq(conf_limits(conf, "slow")->starts.burst, 7);
	ck_assert_int_eq(conf_limits(conf, "slow")->ageing_ns, 2 * PEN_SECOND);
	ck_assert_int_eq(conf_limits(conf, "slow")->timeout_max_ns, 300 * PEN_SECOND);
	ck_assert_ptr_eq(conf_tenant(conf, "other"), &conf->tenant_defaults);
	ck_assert_uint_eq(conf_limits(conf, "other")->weight, 2);
}
END_TEST

START_TEST(what_is_open_to_http_jobs_is_that_of_all_and_of_the_tenant_or_of_tenant_defaults)
{
	static const struct own_addresses own;
	static const struct {
		const char *tenant, *host, *address;
		uint16_t port;
		enum guard_verdict verdict;
	} places[] = {
		{"other", "h",      "10.1.2.3",    80,   GUARD_OPEN   },
		{"acme",  "h",      "10.1.2.3",    80,   GUARD_OPEN   },
		{"other", "h",      "192.168.0.1", 80,   GUARD_OPEN   },
		{"acme",  "h",      "192.168.0.1", 80,   GUARD_ADDRESS}, /* it has a list of its own */
		{"acme",  "h",      "fd00::1",     80,   GUARD_OPEN   },
		{"other", "h",      "fd00::1",     80,   GUARD_ADDRESS},
		{"other", "a.in.x", "127.0.0.1",   80,   GUARD_OPEN   },
		{"acme",  "a.in.x", "127.0.0.1",   80,   GUARD_OPEN   },
		{"acme",  "all.x",  "127.0.0.1",   80,   GUARD_OPEN   },
		{"acme",  "h",      "8.8.8.8",     8443, GUARD_OPEN   },
		{"acme",  "h",      "8.8.8.8",     8444, GUARD_PORT   },
	};
	CLEANUP(conf_unrefp)
	struct conf *conf = load(
		"allow-networks = {\"10.0.0.0/8\"}\nallow-hosts = {\"all.x\"}\nhttp-ports = {\"8443\"}\n"
		"tenant-defaults {\nallow-networks = {\"192.168.0.0/16\"}\nallow-hosts = {\"*.in.x\"}\n}\n"
		"tenant \"acme\" {\nallow-networks = {\"fd00::/8\"}\n}\n");

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		struct guard_place place = {.host = places[i].host, .port = places[i].port};
		enum address_class class;

		ck_assert(address_parse(places[i].address, &place.address));
		ck_assert_msg(guard_judge(&conf->guard, &conf_tenant(conf, places[i].tenant)->guard, &own,
				      &place, &class) == places[i].verdict,
			"%s, %s, %s", places[i].tenant, places[i].host, places[i].address);
	}
}
END_TEST

START_TEST(a_command_has_what_its_section_says_and_defaults_for_the_rest)
{
	CLEANUP(conf_unrefp)
	struct conf *conf = load(
		"command sum { exec = /bin/cat }\n"
		"command hello-2 {\n"
		"	exec = \"/bin/echo\"\n"
		"	args = {\"-n\", 'a\\d${x}', # a comment among elements\n"
		"		\"it's {who}\"}\n"
		"	env = \"LANG=C\" directory = /tmp timeout = 2m stdin = true output-max = 1MiB\n"
		"	user = 0 group = 12345 umask = 0027 retryable-exit-codes = {75, 111} stdin-max = 2KiB\n"
		"	open-files-max = 3 processes-max = 4 memory-max = 5MiB cpu-max = 6s file-size-max = 7\n"
		"}\n");
	const struct command_def *command = conf_command(conf, "hello-2");

	ck_assert_ptr_nonnull(command);
	ck_assert_str_eq(command->name, "hello-2");
	ck_assert_str_eq(command->exec, "/bin/echo");
	ck_assert_str_eq(command->args[0], "-n");
	ck_assert_str_eq(command->args[1], "a\\d${x}");
	ck_assert_str_eq(command->args[2], "it's {who}");
	ck_assert_ptr_null(command->args[3]);
	ck_assert_str_eq(command->directory, "/tmp");
	ck_assert_int_eq(command->timeout_ns, 120 * PEN_SECOND);
	ck_assert(command->stdin_allowed);
	ck_assert_uint_eq(command->output_max, 1 << 20);
	ck_assert_int_eq(strncmp(command->identity, "0:12345:", strlen("0:12345:")), 0);
	ck_assert_str_eq(command->umask, "0027");
	ck_assert_str_eq(command->retryable_codes[1], "111");
	ck_assert_uint_eq(command->stdin_max, 2 << 10);
	ck_assert_uint_eq(command->limits.open_files, 3);
	ck_assert_uint_eq(command->limits.processes, 4);
	ck_assert_uint_eq(command->limits.memory_bytes, 5 << 20);
	ck_assert_int_eq(command->limits.cpu_ns, 6 * PEN_SECOND);
	ck_assert_uint_eq(command->limits.file_bytes, 7);

	command = conf_command(conf, "sum");
	ck_assert_ptr_null(command->args[0]);
	ck_assert_ptr_null(command->env[0]);
	ck_assert_str_eq(command->directory, "/");
	ck_assert_int_eq(command->timeout_ns, 30 * PEN_SECOND);
	ck_assert(!command->stdin_allowed);
	ck_assert_uint_eq(command->output_max, 64 << 10);
	ck_assert_uint_eq(command->stdin_max, 1 << 20);
	ck_assert_ptr_null(command->identity);
	ck_assert_ptr_null(command->umask);
	ck_assert_uint_eq(command->limits.open_files, 0);
	ck_assert_ptr_null(conf_command(conf, "rm"));
}
END_TEST

START_TEST(the_command_line_goes_before_the_file)
{
	const struct conf_overrides overrides = {.listen = "127.0.0.2:1", .drain_timeout = "0s"};
	CLEANUP(conf_unrefp)
	struct conf *conf = load_with("listen = 127.0.0.1:80\nstate-dir = /srv\n", &overrides);

	ck_assert_str_eq(conf->listen, "127.0.0.2:1");
	ck_assert_str_eq(conf->state_dir, "/srv");
	ck_assert_int_eq(conf->drain_timeout_ns, 0);
}
END_TEST

START_TEST(an_empty_file_is_a_right_one)
{
	conf_unref(load(""));
	conf_unref(load("\n"));
	conf_unref(load("# only this"));
}
END_TEST

START_TEST(a_configuration_lives_until_its_last_holder_lets_go)
{
	struct conf *conf = load("workers = 3\n");

	ck_assert_ptr_eq(conf_ref(conf), conf);
	conf_unref(conf);
	ck_assert_uint_eq(conf->workers, 3);
	conf_unref(conf);
	conf_unref(NULL);
}
END_TEST

START_TEST(what_cannot_change_in_a_running_daemon_is_named)
{
	static const struct {
		const char *text, *keys[3];
	} changes[] = {
		{"listen = 127.0.0.1:7118\n",							    {"listen"}          },
		{"state-dir = /tmp\n",								   {"state-dir"}       },
		{"loops = 3\nworkers = 3\n",							     {"loops", "workers"}},
		{"header-max = 16KiB\n",								 {"header-max"}      },
		{"retention = 1h\n",								     {"retention"}       },
		{"log-level = debug\ndrain-timeout = 1s\ntimeout = 1s\njobs-max = 3\ntenants-max = 9\n",
                 {NULL}												      },
		{"tenant-defaults { weight = 3 }\ntenant a { }\ncommand c { exec = /bin/cat }\n",        {NULL}              },
	};
	CLEANUP(conf_unrefp) struct conf *from = load("");

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		CLEANUP(conf_unrefp) struct conf *to = load(changes[i].text);
		size_t at = 0;

		for (const char *const *key = changes[i].keys; *key; key++)
			ck_assert_pstr_eq(conf_needs_restart(from, to, &at), *key);
		ck_assert_ptr_null(conf_needs_restart(from, to, &at));
	}
}
END_TEST

static char *written(void (*write)(FILE *to))
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *file = open_memstream(&text, &bytes);

	ck_assert_ptr_nonnull(file);
	write(file);
	ck_assert_int_eq(fclose(file), 0);
	return text;
}

START_TEST(the_written_file_with_every_key_taken_in_is_the_defaults)
{
	CLEANUP(freep) char *text = written(conf_write_defaults);
	CLEANUP(conf_unrefp) struct conf *defaults = load(text), *taken_in = NULL;
	char *to = text;

	for (const char *from = text; *from; from++) /* take the # away before keys */
		if (!(*from == '#' && (from == text || from[-1] == '\n') && from[1] != ' '))
			*to++ = *from;
	*to = '\0';
	taken_in = load(text);
	ck_assert_uint_eq(taken_in->n_tenants, 1);
	ck_assert_uint_eq(taken_in->n_commands, 1);
	ck_assert_mem_eq(
		&taken_in->tenants[0].limits, &defaults->tenant_defaults.limits, sizeof(struct limits));
	for (size_t i = 0; i < conf_sections[SECTION_TOP].n_options; i++)
		if (conf_sections[SECTION_TOP].options[i].value) /* else it was an example */
			ck_assert(value_equal(&conf_sections[SECTION_TOP].options[i], defaults, taken_in));
}
END_TEST

/* A file of the source tree. */
static char *source_file(const char *name)
{
	const char *root = getenv("top_srcdir");
	char *text = NULL, where[4096];
	size_t bytes = 0;
	FILE *file;

	snprintf(where, sizeof(where), "%s/%s", root ? root : ".", name);
	file = fopen(where, "r");
	ck_assert_msg(file, "%s: %s (top_srcdir must be the source tree)", where, strerror(errno));
	ck_assert_int_gt(getdelim(&text, &bytes, '\0', file), 0);
	fclose(file);
	return text;
}

/* What was written is left beside the test, so that it can be looked at and taken over. */
static void must_hold(const char *name, const char *text, bool same, const char *left)
{
	FILE *file = same ? NULL : fopen(left, "w");

	if (file) {
		fputs(text, file);
		fclose(file);
	}
	ck_assert_msg(
		same, "%s does not follow src/conf/options.c; what it should have is in %s", name, left);
}

START_TEST(etc_penstock_conf_is_what_the_table_writes)
{
	CLEANUP(freep) char *file = source_file("etc/penstock.conf"), *text = written(conf_write_defaults);

	must_hold("etc/penstock.conf", text, strcmp(file, text) == 0, "penstock.conf.new");
}
END_TEST

START_TEST(the_manual_has_the_list_that_the_table_writes)
{
	CLEANUP(freep)
	char *file = source_file("docs/man/penstock.conf.5"), *text = written(conf_write_manual);

	must_hold("docs/man/penstock.conf.5", text, strstr(file, text) != NULL, "penstock.conf.5.new");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("conf");

	tcase_add_unchecked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, without_a_file_everything_has_its_default);
	tcase_add_test(tcase, every_row_of_the_table_is_sound);
	tcase_add_test(tcase, values_of_a_file_replace_the_defaults);
	tcase_add_test(tcase, a_tenant_has_what_its_section_says_and_the_defaults_for_the_rest);
	tcase_add_test(
		tcase, what_is_open_to_http_jobs_is_that_of_all_and_of_the_tenant_or_of_tenant_defaults);
	tcase_add_test(tcase, a_command_has_what_its_section_says_and_defaults_for_the_rest);
	tcase_add_test(tcase, the_command_line_goes_before_the_file);
	tcase_add_test(tcase, an_empty_file_is_a_right_one);
	tcase_add_test(tcase, a_configuration_lives_until_its_last_holder_lets_go);
	tcase_add_test(tcase, what_cannot_change_in_a_running_daemon_is_named);
	tcase_add_test(tcase, the_written_file_with_every_key_taken_in_is_the_defaults);
	tcase_add_test(tcase, etc_penstock_conf_is_what_the_table_writes);
	tcase_add_test(tcase, the_manual_has_the_list_that_the_table_writes);
	return unit_run("conf", tcase);
}
