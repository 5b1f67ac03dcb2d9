/* test_conf_errors.c - configuration: what is refused, with the line it is on and the words that say why. */
#include "conf/conf.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "conf/options.h"
#include "conf_file.h"
#include "unit.h"

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
	refused("json-depth-max = 257\n", 1, "json-depth-max: \"257\" is out of range: 2 to 256");
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
	{"\n\nlisen = x\n",						      3, "unknown key lisen; did you mean listen?"             },
	{"tennant a {\n}\n",						     1, "unknown key tennant; did you mean tenant?"           },
	{"tenant a {\n\twieght = 3\n}\n",                                        2, "unknown key wieght; did you mean weight?"            },
	{"xyzzy = 1\n",							  1, "unknown key xyzzy"                                   },
	{"include = x\n",							1, "unknown key include"                                 },
	{"include(\"/etc/passwd\")\n",					   1, "unexpected ("                                        },
	{"\"listen\" = \"127.0.0.1:1\"\n",                                       1, "keys have no quotes"                                 },
	{"tenant a { }\ntenant|weight = 3\n",                                    2, "unexpected |"                                        },
 /* twice */
	{"workers = 3\nloops = 2\nworkers = 3\n",                                3, "workers is set twice, before on line 1"              },
	{"tenant a {\nweight = 1\nweight = 2\n}\n",                              3, "weight is set twice, before on line 2"               },
	{"tenant a { }\ntenant b { }\ntenant a { }\n",                           3, "\"a\""                                               },
	{"command a { exec = /bin/cat }\ncommand a { exec = /bin/cat }\n",       2, "\"a\""                                               },
	{"tenant-defaults { weight = 1 }\ntenant-defaults { max-queued = 1 }\n", 2,
         "tenant-defaults is there twice"												 },
	{"command a {\nexec = /bin/cat\nuser = \"no such user\"\n}\n",           3,
         "user: \"no such user\" is not a user of this system"									    },
	{"command a {\nuser = 4294967290\n}\n",                                  2, "is not a user"                                       },
	{"command a {\nuser = 0\ngroup = \"no such group\"\n}\n",                3, "is not a group"                                      },
	{"command a {\nexec = /bin/cat\nargs = {x,\n\"{w:int 9..1}\"}\n}\n",     4,
         "is not a template: \"{w:int 9..1}\": the range is empty"                                                                        },
	{"command a {\nargs = \"{f:path under in}\"\n}\n",                       2, "a folder begins with /"                              },
	{"command a {\nexec = /bin/cat\ngroup = 0\n}\n",                         3, "group is set, but no user"                           },
	{"command a {\numask = 888\n}\n",                                        2, "is not three digits"                                 },
	{"command a {\numask = 1777\n}\n",                                       2, "is not three digits"                                 },
	{"command a {\nretryable-exit-codes = {1,\n0}\n}\n",                     3, "is not an exit code"                                 },
	{"command a {\nretryable-exit-codes = 256\n}\n",                         2, "is not an exit code"                                 },
	{"command a {\nexec = /bin/cat\nargs = {a}\nargs = {b}\n}\n",            4,
         "args is set twice, before on line 3"											    },
	{"command a {\nexec = /bin/cat\nargs = {a}\nargs += {b}\n}\n",           4, "unexpected +"                                        },
 /* titles */
	{"\ntenant \"a b\" {\n}\n",					      2, "tenant: \"a b\" is not a name"                       },
	{"tenant \"\" {\n}\n",						   1, "tenant: \"\" is not a name"                          },
	{"tenant -a {\n}\n",						     1, "tenant: \"-a\" is not a name"                        },
	{"# c\ncommand a.b {\n\nexec = /bin/cat\n}\n",                           2, "command: \"a.b\" is not a name"                      },
	{"tenant {\n}\n",							1, "missing title for section 'tenant'"                  },
	{"tenant = 3\n",							 1, "missing title for section 'tenant'"                  },
	{"tenant-defaults a {\n}\n",					     1, "tenant-defaults"                                     },
 /* commands */
	{"command a {\n}\n",						     1, "command \"a\" has no exec"                           },
	{"command a {\nexec = cat\n}\n",					 2, "exec: \"cat\" is not a path that begins with /"      },
	{"command a {\nexec = /bin/no-such-program\n}\n",                        2,
         "exec: \"/bin/no-such-program\" is not a program: No such"                                                                       },
	{"command a {\nexec = /tmp\n}\n",                                        2, "exec: \"/tmp\" is not a program"                     },
	{"command a {\nexec = /etc/passwd\n}\n",                                 2,
         "exec: \"/etc/passwd\" is not a program that may be executed"                                                                    },
	{"command a {\nexec = /bin/cat\nargs = {\"a\",\n\"{\"}\n}\n",            4, "args: \"{\" is not a template"                       },
	{"command a {\nexec = /bin/cat\nargs = \"{}\"\n}\n",                     3, "args: \"{}\" is not a template"                      },
	{"command a {\nexec = /bin/cat\nenv = {\"A=1\",\n\"=2\"}\n}\n",          4, "env: \"=2\" is not NAME=value"                       },
	{"command a {\nexec = /bin/cat\nenv = \"1A=2\"\n}\n",                    3, "env: \"1A=2\" is not NAME=value"                     },
	{"command a {\nexec = /bin/cat\ndirectory = tmp\n}\n",                   3, "directory: \"tmp\" is not a path"                    },
 /* addresses */
	{"listen = 7117\n",						      1, "listen: \"7117\" is not ADDRESS:PORT"                },
	{"listen = 127.0.0.1\n",						 1, "listen: "                                            },
	{"listen = 127.0.0.1:\n",						1, "listen: "                                            },
	{"listen = 127.0.0.1:65536\n",					   1, "listen: "                                            },
	{"listen = 127.0.1:80\n",						1, "listen: "                                            },
	{"listen = ::1:80\n",						    1, "listen: "					    },
	{"listen = [127.0.0.1]:80\n",					    1, "listen: "                                            },
	{"listen = localhost:80\n",					      1, "listen: "                                            },
	{"listen = \":80\"\n",						   1, "listen: "					    },
	{"listen = 0.0.0.0:7117\n",					      1, "listen: \"0.0.0.0:7117\" is not a loopback address"  },
	{"listen = 128.0.0.1:7117\n",					    1, "is not a loopback address"                           },
	{"listen = [::]:7117\n",						 1, "is not a loopback address"                           },
	{"listen = [fe80::1]:7117\n",					    1, "is not a loopback address"                           },
 /* keys that must agree */
	{"timeout-max = 1m\n# c\ntimeout = 2m\n",                                3, "timeout is more than timeout-max"                    },
	{"timeout = 2m\n\ntimeout-max = 1m\n",                                   3, "timeout is more than timeout-max"                    },
	{"timeout = 2h\n",						       1, "timeout is more than timeout-max"                    },
	{"tenants-max = 1\ntenant a { }\ntenant b {\n}\n",                       3, "tenants-max is 1, less than the 2 tenants"           },
 /* structure */
	{"workers = ",							   1, "the file ends too early, near workers"               },
	{"loops = 1\nworkers",						   2, "the file ends too early"                             },
	{"breaker-min = 10m\n",						  1, "breaker-min is more than breaker-max"                },
	{"client-key = /proc/self/status\n",                                     1, "client-key is there without client-certificate"      },
	{"ca-file = /nowhere\n",						 1,
         "ca-file: \"/nowhere\" is not a file that can be read: No such file or directory"                                                },
	{"client-certificate = /proc\n",					 1,
         "client-certificate: \"/proc\" is not a file that can be read: it is no regular file"                                            },
	{"ca-file = ca.pem\n",						   1, "ca-file: \"ca.pem\" is not a path that begins with /"},
	{"allow-networks = {\"10.0.0.1/8\"}\n",                                  1, "allow-networks: \"10.0.0.1/8\" is not a network"     },
	{"allow-hosts = 127.0.0.1\n",					    1, "allow-hosts: \"127.0.0.1\" is not a host"            },
	{"http-ports = 0\n",						     1, "http-ports: \"0\" is not a port"                     },
	{"workers 3\n",							  1, "missing equal sign after option 'workers'"           },
	{"workers = 3 = 4\n",						    1, "unexpected = near workers"                           },
	{"workers = 3 \"\"\n",						   1, "unexpected string"                                   },
	{"workers = 3,\n",						       1, "unexpected , near workers"                           },
	{"workers = }\n",							1, "unexpected }"                                        },
	{"workers = {3\n\n",						     1, "the list that begins here"                           },
	{"tenant a {\nweight = 3\n",					     1, "the section that begins here"                        },
	{"tenant a {\ntenant b {\n}\n}\n",                                       2, "unexpected { in the section that begins on line 1"   },
	{"command a {\nargs = {\n{\n}\n}\n",                                     3, "unexpected { in the list that begins on line 2"      },
	{"command a {\nexec = /bin/cat\nargs = {\"a\"\n\"b\"}\n}\n",             4, "unexpected b near args"                              },
	{"command a {\nargs = {}\n}\n",					  2, "an empty list"                                       },
	{"}\n",								  1, "unexpected }"					},
 /* characters */
	{"state-dir = \"/a\nworkers = 3\n",                                      1, "the string has no closing \""                        },
	{"state-dir = '/a",						      1, "the string has no closing '"                         },
	{"state-dir = \"/a\\\nb\"\n",					    1, "the string has no closing \""                        },
	{"state-dir = \"/${HOME}\"\n",					   1, "${...}"                                              },
	{"state-dir = /${HOME}\n",					       1, "unexpected $"                                        },
	{"state-dir = \"/\\x41\"\n",					     1, "unknown escape \\x"                                  },
	{"state-dir = \"/\\0\"\n",					       1, "unknown escape \\0"                                  },
	{"state-dir = \"/\x1b[31m\"\n",					  1, "a control character (0x1b)"                          },
	{"\x7f\n",							       1, "a control character (0x7f)"                          },
	{"workers = 3;\n",						       1, "unexpected ;"                                        },
	{"workers = +3\n",						       1, "unexpected +"                                        },
	{"\n/* c */\n",							  2, "comments begin with #"                               },
	{"\n// c\n",							     2, "comments begin with #"                               },
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

START_TEST(a_wrong_file_does_no_harm_to_the_next_one)
{
	refused("listen = \"abc\n", 1, "no closing");
	refused("command a {\nexec = /bin/cat\nargs = {\"a\" \"b\"}\n}\n", 3, "unexpected b");
	conf_unref(load("workers = 3\n"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("conf_errors");

	tcase_add_unchecked_fixture(tcase, make_folder, remove_folder);
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
	tcase_add_test(tcase, a_wrong_file_does_no_harm_to_the_next_one);
	return unit_run("conf_errors", tcase);
}
