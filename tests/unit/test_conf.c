/* test_conf.c - configuration: what is read, what is refused and where, and that file and manual follow the table. */
#include "conf/conf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "conf/options.h"
#include "conf/value.h"
#include "unit.h"

static char folder[] = "/tmp/penstock-conf-XXXXXX";
static char path[sizeof(folder) + 16];

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/c", folder);
}

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void write_bytes(const char *text, size_t bytes)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, bytes, file), bytes);
	ck_assert_int_eq(fclose(file), 0);
}

static struct conf *load_with(const char *text, const struct conf_overrides *overrides)
{
	struct conf *conf = NULL;
	struct problem problem = {0};
	int r;

	write_bytes(text, strlen(text));
	r = conf_load(path, overrides, &conf, &problem);
	ck_assert_msg(r == 0, "%s", problem.message);
	return conf;
}

static struct conf *load(const char *text)
{
	return load_with(text, NULL);
}

/* The text must be refused: "PATH:LINE: " first, then `words` somewhere. */
static void refused_bytes(const char *text, size_t bytes, int line, const char *words)
{
	struct conf *conf = NULL;
	struct problem problem = {0};
	char prefix[sizeof(path) + 16];

	write_bytes(text, bytes);
	ck_assert_msg(conf_load(path, NULL, &conf, &problem) == -EINVAL, "accepted: %s", text);
	ck_assert_ptr_null(conf);
	snprintf(prefix, sizeof(prefix), "%s:%d: ", path, line);
	ck_assert_msg(strncmp(problem.message, prefix, strlen(prefix)) == 0,
		"%s\nis refused with: %s\nwanted: %s%s", text, problem.message, prefix, words);
	ck_assert_msg(strstr(problem.message + strlen(prefix), words), "%s\nis refused with: %s\nwanted: %s",
		text, problem.message, words);
}

static void refused(const char *text, int line, const char *words)
{
	refused_bytes(text, strlen(text), line, words);
}

START_TEST(without_a_file_everything_has_its_default)
{
	CLEANUP(conf_unrefp) struct conf *conf = NULL;
	struct problem problem = {0};

	ck_assert_int_eq(conf_load(NULL, NULL, &conf, &problem), 0);
	ck_assert_str_eq(conf->listen, "127.0.0.1:7117");
	ck_assert_str_eq(conf->state_dir, "/var/lib/penstock");
	ck_assert_str_eq(conf->store, "memory");
	ck_assert_str_eq(conf->log_level, "info");
	ck_assert_uint_eq(conf->loops, 0);
	ck_assert_uint_eq(conf->workers, 256);
	ck_assert_int_eq(conf->drain_timeout_ns, 30 * PEN_SECOND);
	ck_assert_int_eq(conf->command_grace_ns, 5 * PEN_SECOND);
	ck_assert_uint_eq(conf->body_max, 1 << 20);
	ck_assert_uint_eq(conf->json_depth_max, 64);
	ck_assert_uint_eq(conf->connections_max, 16384);
	ck_assert_uint_eq(conf->header_max, 16 << 10);
	ck_assert_int_eq(conf->idle_timeout_ns, 75 * PEN_SECOND);
	ck_assert_int_eq(conf->request_timeout_ns, 10 * PEN_SECOND);
	ck_assert_int_eq(conf->wait_max_ns, 60 * PEN_SECOND);
	ck_assert_int_eq(conf->timeout_ns, 30 * PEN_SECOND);
	ck_assert_int_eq(conf->timeout_max_ns, 3600 * PEN_SECOND);
	ck_assert_uint_eq(conf->jobs_max, 1000000);
	ck_assert_uint_eq(conf->tenants_max, 10000);
	ck_assert_uint_eq(conf->result_max, 64 << 10);
	ck_assert_uint_eq(conf->cache_bytes, 64 << 20);
	ck_assert_int_eq(conf->cache_age_ns, 3600 * PEN_SECOND);
	ck_assert_int_eq(conf->retention_ns, 24 * 3600 * PEN_SECOND);
	ck_assert_uint_eq(conf->retention_jobs, 100000);
	ck_assert_uint_eq(conf->tenant_defaults.max_running, 16);
	ck_assert_uint_eq(conf->tenant_defaults.max_queued, 100000);
	ck_assert_uint_eq(conf->tenant_defaults.weight, 1);
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
	struct conf *conf = load("tenant zeta {\n weight = 5\n}\n"
				 "tenant \"acme\" { max-running = 0 max-queued = 9 }\n"
				 "tenant-defaults { max-running = 3 weight = 2 }\n");

	ck_assert_uint_eq(conf->n_tenants, 2);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->weight, 5);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->max_running, 3);
	ck_assert_uint_eq(conf_limits(conf, "zeta")->max_queued, 100000);
	ck_assert_uint_eq(conf_limits(conf, "acme")->max_running, 0);
	ck_assert_uint_eq(conf_limits(conf, "acme")->max_queued, 9);
	ck_assert_uint_eq(conf_limits(conf, "acme")->weight, 2);
	ck_assert_ptr_eq(conf_limits(conf, "other"), &conf->tenant_defaults);
	ck_assert_uint_eq(conf_limits(conf, "other")->weight, 2);
}
END_TEST

START_TEST(a_command_has_what_its_section_says_and_defaults_for_the_rest)
{
	CLEANUP(conf_unrefp)
	struct conf *conf =
		load("command sum { exec = /bin/cat }\n"
		     "command hello-2 {\n"
		     "	exec = \"/bin/echo\"\n"
		     "	args = {\"-n\", 'a\\d${x}', # a comment among elements\n"
		     "		\"it's {who}\"}\n"
		     "	env = \"LANG=C\" directory = /tmp timeout = 2m stdin = true output-max = 1MiB\n"
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

	command = conf_command(conf, "sum");
	ck_assert_ptr_null(command->args[0]);
	ck_assert_ptr_null(command->env[0]);
	ck_assert_str_eq(command->directory, "/");
	ck_assert_int_eq(command->timeout_ns, 30 * PEN_SECOND);
	ck_assert(!command->stdin_allowed);
	ck_assert_uint_eq(command->output_max, 64 << 10);
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

START_TEST(a_wrong_argument_of_the_command_line_is_called_by_its_name)
{
	const struct {
		struct conf_overrides overrides;
		const char *prefix;
	} cases[] = {
		{{.listen = "7117"},      "--listen: \"7117\" "     },
		{{.state_dir = "here"},   "--state-dir: \"here\" "  },
		{{.store = "disk"},       "--store: \"disk\" "      },
		{{.drain_timeout = "30"}, "--drain-timeout: \"30\" "},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct conf *conf = NULL;
		struct problem problem = {0};

		ck_assert_int_eq(conf_load(NULL, &cases[i].overrides, &conf, &problem), -EINVAL);
		ck_assert_ptr_null(conf);
		ck_assert_msg(strncmp(problem.message, cases[i].prefix, strlen(cases[i].prefix)) == 0, "%s",
			problem.message);
	}
}
END_TEST

/* What no value of the kind may look like. */
static const char *const wrong_values[OPTION_KINDS][5] = {
	[OPTION_TEXT] = {"wrong"                },
	[OPTION_WORD] = {"wrong",                 "", "Memory"},
	[OPTION_COUNT] = {"many",               "", "-1", "1.5", "99999999999999999999"},
	[OPTION_SIZE] = {"big",                  "", "1MB", "-1", "99999999999GiB"},
	[OPTION_DURATION] = {"long",                   "", "30", "1h30m", "99999999d"},
	[OPTION_FLAG] = {"yes", "", "1", "TRUE"},
	[OPTION_LIST] = {NULL                  },
};

/* The key is set to `value` on line 3, in its section if it has one. */
static void refused_value(const struct section *section, const struct option *option, const char *value)
{
	const bool titled = section->title;
	char text[512], words[128];

	snprintf(text, sizeof(text), "# first line\n%s%s%s\n%s = \"%s\"\n%s",
		section->name ? section->name : "", titled ? " name" : "", section->name ? " {" : "",
		option->name, value, section->name ? "}\n" : "");
	snprintf(words, sizeof(words), "%s: \"%s\" is ", option->name, value);
	refused(text, 3, words);
}

START_TEST(each_key_with_a_wrong_value_is_refused_by_line_and_name)
{
	for (size_t id = 0; id < SECTIONS; id++)
		for (size_t i = 0; i < conf_sections[id].n_options; i++) {
			const struct option *option = &conf_sections[id].options[i];

			for (size_t j = 0; j < 5 && wrong_values[option->kind][j]; j++)
				refused_value(&conf_sections[id], option, wrong_values[option->kind][j]);
		}
}
END_TEST

START_TEST(a_list_for_a_plain_key_is_refused_by_line_and_name)
{
	for (size_t id = 0; id < SECTIONS; id++)
		for (size_t i = 0; i < conf_sections[id].n_options; i++) {
			const struct section *section = &conf_sections[id];
			char text[256];

			if (section->options[i].kind == OPTION_LIST)
				continue;
			snprintf(text, sizeof(text), "%s%s%s\n\n%s = {1}\n%s",
				section->name ? section->name : "", section->title ? " name" : "",
				section->name ? " {" : "", section->options[i].name,
				section->name ? "}\n" : "");
			refused(text, 3, section->options[i].name);
		}
}
END_TEST

START_TEST(the_ends_of_a_range_are_in_it_and_what_is_beyond_is_not)
{
	conf_unref(load("workers = 1\n"));
	conf_unref(load("workers = 65536\n"));
	refused("workers = 0\n", 1, "workers: \"0\" is out of range: 1 to 65536");
	refused("workers = 65537\n", 1, "workers: \"65537\" is out of range: 1 to 65536");
	refused("header-max = 1023\n", 1, "header-max: \"1023\" is out of range: 1KiB to 1MiB");
	refused("idle-timeout = 999ms\n", 1, "idle-timeout: \"999ms\" is out of range: 1s to 1h");
	refused("tenant-defaults { weight = 1001 }\n", 1, "weight: \"1001\" is out of range: 1 to 1000");
}
END_TEST

static const struct mistake {
	const char *text;
	int line;
	const char *words;
} mistakes[] = {
  /* names */
	{"\n\nlisen = x\n",						      3, "unknown key lisen; did you mean listen?"          },
	{"tennant a {\n}\n",						     1, "unknown key tennant; did you mean tenant?"        },
	{"tenant a {\n\twieght = 3\n}\n",                                        2, "unknown key wieght; did you mean weight?"         },
	{"xyzzy = 1\n",							  1, "unknown key xyzzy"                                },
	{"include = x\n",							1, "unknown key include"                              },
	{"include(\"/etc/passwd\")\n",					   1, "unexpected ("                                     },
	{"\"listen\" = \"127.0.0.1:1\"\n",                                       1, "keys have no quotes"                              },
	{"tenant a { }\ntenant|weight = 3\n",                                    2, "unexpected |"                                     },
 /* twice */
	{"workers = 3\nloops = 2\nworkers = 3\n",                                3, "workers is set twice, before on line 1"           },
	{"tenant a {\nweight = 1\nweight = 2\n}\n",                              3, "weight is set twice, before on line 2"            },
	{"tenant a { }\ntenant b { }\ntenant a { }\n",                           3, "\"a\""                                            },
	{"command a { exec = /bin/cat }\ncommand a { exec = /bin/cat }\n",       2, "\"a\""                                            },
	{"tenant-defaults { weight = 1 }\ntenant-defaults { max-queued = 1 }\n", 2,
         "tenant-defaults is there twice"											      },
	{"command a {\nexec = /bin/cat\nargs = {a}\nargs = {b}\n}\n",            4,
         "args is set twice, before on line 3"											 },
	{"command a {\nexec = /bin/cat\nargs = {a}\nargs += {b}\n}\n",           4, "unexpected +"                                     },
 /* titles */
	{"\ntenant \"a b\" {\n}\n",					      2, "tenant: \"a b\" is not a name"                    },
	{"tenant \"\" {\n}\n",						   1, "tenant: \"\" is not a name"                       },
	{"tenant -a {\n}\n",						     1, "tenant: \"-a\" is not a name"                     },
	{"# c\ncommand a.b {\n\nexec = /bin/cat\n}\n",                           2, "command: \"a.b\" is not a name"                   },
	{"tenant {\n}\n",							1, "missing title for section 'tenant'"               },
	{"tenant = 3\n",							 1, "missing title for section 'tenant'"               },
	{"tenant-defaults a {\n}\n",					     1, "tenant-defaults"                                  },
 /* commands */
	{"command a {\n}\n",						     1, "command \"a\" has no exec"                        },
	{"command a {\nexec = cat\n}\n",					 2, "exec: \"cat\" is not a path that begins with /"   },
	{"command a {\nexec = /bin/no-such-program\n}\n",                        2,
         "exec: \"/bin/no-such-program\" is not a program: No such"                                                                    },
	{"command a {\nexec = /tmp\n}\n",                                        2, "exec: \"/tmp\" is not a program"                  },
	{"command a {\nexec = /etc/passwd\n}\n",                                 2,
         "exec: \"/etc/passwd\" is not a program that may be executed"                                                                 },
	{"command a {\nexec = /bin/cat\nargs = {\"a\",\n\"{\"}\n}\n",            4, "args: \"{\" is not a template"                    },
	{"command a {\nexec = /bin/cat\nargs = \"{}\"\n}\n",                     3, "args: \"{}\" is not a template"                   },
	{"command a {\nexec = /bin/cat\nenv = {\"A=1\",\n\"=2\"}\n}\n",          4, "env: \"=2\" is not NAME=value"                    },
	{"command a {\nexec = /bin/cat\nenv = \"1A=2\"\n}\n",                    3, "env: \"1A=2\" is not NAME=value"                  },
	{"command a {\nexec = /bin/cat\ndirectory = tmp\n}\n",                   3, "directory: \"tmp\" is not a path"                 },
 /* addresses */
	{"listen = 7117\n",						      1, "listen: \"7117\" is not ADDRESS:PORT"             },
	{"listen = 127.0.0.1\n",						 1, "listen: "                                         },
	{"listen = 127.0.0.1:\n",						1, "listen: "                                         },
	{"listen = 127.0.0.1:65536\n",					   1, "listen: "                                         },
	{"listen = 127.0.1:80\n",						1, "listen: "                                         },
	{"listen = ::1:80\n",						    1, "listen: "                                         },
	{"listen = [127.0.0.1]:80\n",					    1, "listen: "                                         },
	{"listen = localhost:80\n",					      1, "listen: "                                         },
	{"listen = \":80\"\n",						   1, "listen: "                                         },
 /* keys that must agree */
	{"timeout-max = 1m\n# c\ntimeout = 2m\n",                                3, "timeout is more than timeout-max"                 },
	{"timeout = 2m\n\ntimeout-max = 1m\n",                                   3, "timeout is more than timeout-max"                 },
	{"timeout = 2h\n",						       1, "timeout is more than timeout-max"                 },
	{"tenants-max = 1\ntenant a { }\ntenant b {\n}\n",                       3, "tenants-max is 1, less than the 2 tenants"        },
 /* structure */
	{"workers = ",							   1, "the file ends too early, near workers"            },
	{"loops = 1\nworkers",						   2, "the file ends too early"                          },
	{"workers 3\n",							  1, "missing equal sign after option 'workers'"        },
	{"workers = 3 = 4\n",						    1, "unexpected = near workers"                        },
	{"workers = 3 \"\"\n",						   1, "unexpected string"                                },
	{"workers = 3,\n",						       1, "unexpected , near workers"                        },
	{"workers = }\n",							1, "unexpected }"                                     },
	{"workers = {3\n\n",						     1, "the list that begins here"                        },
	{"tenant a {\nweight = 3\n",					     1, "the section that begins here"                     },
	{"tenant a {\ntenant b {\n}\n}\n",                                       2, "unexpected { in the section that begins on line 1"},
	{"command a {\nargs = {\n{\n}\n}\n",                                     3, "unexpected { in the list that begins on line 2"   },
	{"command a {\nexec = /bin/cat\nargs = {\"a\"\n\"b\"}\n}\n",             4, "unexpected b near args"                           },
	{"command a {\nargs = {}\n}\n",					  2, "an empty list"                                    },
	{"}\n",								  1, "unexpected }"				     },
 /* characters */
	{"state-dir = \"/a\nworkers = 3\n",                                      1, "the string has no closing \""                     },
	{"state-dir = '/a",						      1, "the string has no closing '"                      },
	{"state-dir = \"/a\\\nb\"\n",					    1, "the string has no closing \""                     },
	{"state-dir = \"/${HOME}\"\n",					   1, "${...}"                                           },
	{"state-dir = /${HOME}\n",					       1, "unexpected $"                                     },
	{"state-dir = \"/\\x41\"\n",					     1, "unknown escape \\x"                               },
	{"state-dir = \"/\\0\"\n",					       1, "unknown escape \\0"                               },
	{"state-dir = \"/\x1b[31m\"\n",					  1, "a control character (0x1b)"                       },
	{"\x7f\n",							       1, "a control character (0x7f)"                       },
	{"workers = 3;\n",						       1, "unexpected ;"                                     },
	{"workers = +3\n",						       1, "unexpected +"                                     },
	{"\n/* c */\n",							  2, "comments begin with #"                            },
	{"\n// c\n",							     2, "comments begin with #"                            },
};

START_TEST(each_mistake_is_refused_on_its_line)
{
	refused(mistakes[_i].text, mistakes[_i].line, mistakes[_i].words);
}
END_TEST

START_TEST(comments_of_any_length_do_not_move_the_lines)
{
	char text[256];

	for (int n = 0; n < 130; n++) {
		snprintf(text, sizeof(text), "#%*s\nloops = 1 # \"{'\n\n#\nworkers = no\n", n, "");
		refused(text, 5, "workers: \"no\"");
	}
}
END_TEST

START_TEST(a_nul_byte_is_refused)
{
	refused_bytes("workers = 1\n\0loops = 1\n", 24, 2, "a control character (0x00)");
	refused_bytes("workers = 1\nlisten = \"\0\"\n", 25, 2, "a control character (0x00)");
}
END_TEST

START_TEST(a_list_has_a_limit)
{
	char text[4096] = "command a {\nexec = /bin/cat\nargs = {\n\"x\"";
	char *end = text + strlen(text);

	for (int i = 1; i < 256; i++)
		end = stpcpy(end, ",\"x\"");
	stpcpy(end, "}\n}\n");
	conf_unref(load(text));
	stpcpy(end, ",\n\"x\"}\n}\n");
	refused(text, 5, "args has more than 256 elements");
}
END_TEST

START_TEST(sections_have_a_limit)
{
	CLEANUP(freep) char *text = malloc(10001 * 16 + 1);
	char *end = text;

	for (int i = 0; i < 10001; i++)
		end += sprintf(end, "tenant t%d {}\n", i);
	refused(text, 10001, "more than 10000 sections");
}
END_TEST

START_TEST(a_long_value_is_shown_in_part_and_cut_between_characters)
{
	char text[2048] = "listen = \"", *end = text + strlen(text);

	for (int i = 0; i < 300; i++)
		end = stpcpy(end, "a\xc3\xa9");
	stpcpy(end, "\"\n");
	refused(text, 1,
		"a\xc3\xa9"
		"a...\" is not ADDRESS:PORT");
}
END_TEST

static void unreadable(const char *name, const char *words)
{
	struct conf *conf = NULL;
	struct problem problem = {0};
	size_t bytes = strlen(name);

	ck_assert_int_lt(conf_load(name, NULL, &conf, &problem), 0);
	ck_assert_ptr_null(conf);
	ck_assert_msg(strncmp(problem.message, name, bytes) == 0 && strstr(problem.message + bytes, words),
		"%s", problem.message);
}

START_TEST(a_file_that_cannot_be_read_says_why)
{
	const char block[1024] = {0};
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	for (int i = 0; i < 1025; i++)
		ck_assert_uint_eq(fwrite(block, 1, sizeof(block), file), sizeof(block));
	ck_assert_int_eq(fclose(file), 0);
	unreadable(path, ": cannot be read: File too large");
	unreadable("/nonexistent/penstock.conf", ": cannot be read: No such file or directory");
	unreadable(folder, ": cannot be read: Is a directory");
}
END_TEST

START_TEST(an_empty_file_is_a_right_one)
{
	conf_unref(load(""));
	conf_unref(load("\n"));
	conf_unref(load("# only this"));
}
END_TEST

START_TEST(a_wrong_file_does_no_harm_to_the_next_one)
{
	refused("listen = \"abc\n", 1, "no closing");
	refused("command a {\nexec = /bin/cat\nargs = {\"a\" \"b\"}\n}\n", 3, "unexpected b");
	conf_unref(load("workers = 3\n"));
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
		const char *text, *key;
	} changes[] = {
		{"listen = 127.0.0.1:7118\n",							    "listen"    },
		{"state-dir = /tmp\n",								   "state-dir" },
		{"loops = 3\nworkers = 3\n",							     "loops"     },
		{"header-max = 8KiB\n",								  "header-max"},
		{"retention = 1h\n",								     "retention" },
		{"log-level = debug\ndrain-timeout = 1s\ntimeout = 1s\njobs-max = 3\ntenants-max = 9\n",
                 NULL												},
		{"tenant-defaults { weight = 3 }\ntenant a { }\ncommand c { exec = /bin/cat }\n",        NULL        },
	};
	CLEANUP(conf_unrefp) struct conf *from = load("");

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		CLEANUP(conf_unrefp) struct conf *to = load(changes[i].text);

		if (changes[i].key)
			ck_assert_pstr_eq(conf_needs_restart(from, to), changes[i].key);
		else
			ck_assert_ptr_null(conf_needs_restart(from, to));
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
	ck_assert_mem_eq(&taken_in->tenants[0].limits, &defaults->tenant_defaults, sizeof(struct limits));
	for (size_t i = 0; i < conf_sections[SECTION_TOP].n_options; i++)
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
	tcase_add_test(tcase, a_command_has_what_its_section_says_and_defaults_for_the_rest);
	tcase_add_test(tcase, the_command_line_goes_before_the_file);
	tcase_add_test(tcase, a_wrong_argument_of_the_command_line_is_called_by_its_name);
	tcase_add_test(tcase, each_key_with_a_wrong_value_is_refused_by_line_and_name);
	tcase_add_test(tcase, a_list_for_a_plain_key_is_refused_by_line_and_name);
	tcase_add_test(tcase, the_ends_of_a_range_are_in_it_and_what_is_beyond_is_not);
	tcase_add_loop_test(tcase, each_mistake_is_refused_on_its_line, 0, ARRAY_LEN(mistakes));
	tcase_add_test(tcase, comments_of_any_length_do_not_move_the_lines);
	tcase_add_test(tcase, a_nul_byte_is_refused);
	tcase_add_test(tcase, a_list_has_a_limit);
	tcase_add_test(tcase, sections_have_a_limit);
	tcase_add_test(tcase, a_long_value_is_shown_in_part_and_cut_between_characters);
	tcase_add_test(tcase, a_file_that_cannot_be_read_says_why);
	tcase_add_test(tcase, an_empty_file_is_a_right_one);
	tcase_add_test(tcase, a_wrong_file_does_no_harm_to_the_next_one);
	tcase_add_test(tcase, a_configuration_lives_until_its_last_holder_lets_go);
	tcase_add_test(tcase, what_cannot_change_in_a_running_daemon_is_named);
	tcase_add_test(tcase, the_written_file_with_every_key_taken_in_is_the_defaults);
	tcase_add_test(tcase, etc_penstock_conf_is_what_the_table_writes);
	tcase_add_test(tcase, the_manual_has_the_list_that_the_table_writes);
	return unit_run("conf", tcase);
}
