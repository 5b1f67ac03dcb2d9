/*
 * test_command_template.c - how a job's arguments become argv: an element stays one, data never an option, and
 * what does not fit the template is refused.
 */
#include "core/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "seeded.h"
#include "unit.h"

enum { PARAMETERS = 4, ELEMENTS = 5, VALUE_MAX = 4096 };

#define LETTERS_64 "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

/* What a shell, a program, a terminal or the template itself would take for more than text. */
static const char *const hostile[] = {" ", "a b", "; rm -rf /", "$(id)", "`id`", "${HOME}", "$0", "|cat", "&",
	">x", "<x", "\n", "\r\n", "'", "\"", "\\", "*", "?", "~", "#", "!", "%s%n", "{a}", "{", "}", "{}",
	"{{a}}", "a\tb", "\x1b[31m", "\x7f", "\xc3\xa9", "\xff\xfe", "x=y", "../../etc/passwd", "@file",
	"a -b --c"};

static struct command_def definition(char **args)
{
	return (struct command_def){.name = "c", .exec = "/bin/c", .args = args};
}

static int check(char **args, struct command_arg *given, size_t n, struct problem *problem)
{
	const struct command_def def = definition(args);
	const struct command_spec spec = {.command = "c", .args = given, .n_args = n};

	*problem = (struct problem){0};
	return command_check(&def, &spec, problem);
}

/* The argv of a spec that is right; to be freed. */
static char **argv_of(char **args, struct command_arg *given, size_t n)
{
	const struct command_def def = definition(args);
	const struct command_spec spec = {.command = "c", .args = given, .n_args = n};
	struct problem problem = {0};
	char **argv;

	ck_assert_msg(command_check(&def, &spec, &problem) == 0, "%s", problem.message);
	argv = command_argv(&def, &spec);
	ck_assert_ptr_nonnull(argv);
	ck_assert_str_eq(argv[0], "/bin/c");
	return argv;
}

static void must_be_refused(char **args, struct command_arg *given, size_t n, const char *field)
{
	struct problem problem;

	ck_assert_msg(check(args, given, n, &problem) == -EINVAL, "%s", field);
	ck_assert_str_eq(problem.code, PROBLEM_BAD_FIELD);
	ck_assert_str_eq(problem.field, field);
	ck_assert_str_ne(problem.message, "");
}

START_TEST(parameters_are_put_in_their_places)
{
	char *args[] = {"-n", "{who}", "to={who}/{what}.{who}", "", "{what}", NULL};
	struct command_arg given[] = {
		{"what", "x y"},
                {"who",  ""   }
        };
	CLEANUP(freep) char **argv = argv_of(args, given, 2);
	static const char *const want[] = {"/bin/c", "-n", "", "to=/x y.", "", "x y"};

	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		ck_assert_str_eq(argv[i], want[i]);
	ck_assert_ptr_null(argv[ARRAY_LEN(want)]);
}
END_TEST

START_TEST(a_command_may_take_no_arguments)
{
	char *none[] = {NULL};
	CLEANUP(freep) char **empty = argv_of(none, NULL, 0), **absent = argv_of(NULL, NULL, 0);

	ck_assert_ptr_null(empty[1]);
	ck_assert_ptr_null(absent[1]);
}
END_TEST

START_TEST(hostile_text_stays_one_element_as_it_is)
{
	char *args[] = {"{a}", "--opt={a}", "{a}{b}", "last", NULL};

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		struct command_arg given[] = {
			{"a", (char *)hostile[i]},
                        {"b", "B"               }
                };
		CLEANUP(freep) char **argv = argv_of(args, given, 2);

		ck_assert_str_eq(argv[1], hostile[i]);
		ck_assert_mem_eq(argv[2], "--opt=", 6);
		ck_assert_str_eq(argv[2] + 6, hostile[i]);
		ck_assert_mem_eq(argv[3], hostile[i], strlen(hostile[i]));
		ck_assert_str_eq(argv[3] + strlen(hostile[i]), "B");
		ck_assert_str_eq(argv[4], "last");
		ck_assert_ptr_null(argv[5]);
	}
}
END_TEST

START_TEST(a_value_that_looks_like_a_parameter_is_not_one)
{
	char *args[] = {"{a}{b}", NULL};
	struct command_arg given[] = {
		{"a", "{b}"},
                {"b", "{a}"}
        };
	CLEANUP(freep) char **argv = argv_of(args, given, 2);

	ck_assert_str_eq(argv[1], "{b}{a}");
}
END_TEST

START_TEST(a_value_makes_no_option_of_an_element)
{
	static const struct {
		const char *element, *a, *b, *field; /* NULL: allowed */
	} cases[] = {
		{"{a}{b}",   "-",             "",    "/spec/args/a"},
		{"{a}{b}",   "-x",            "y",   "/spec/args/a"},
		{"{a}{b}",   "--",            "",    "/spec/args/a"},
		{"{a}{b}",   "",              "-x",  "/spec/args/b"},
		{"{a}={b}",  "-x",            "y",   "/spec/args/a"},
		{"{a}-{b}",  "",              "rf",  "/spec/args/a"},
		{"{a}-{b}",  "",              "-rf", "/spec/args/a"},
		{"{a}{b}-c", "",              "",    "/spec/args/b"},
		{"{a}--{b}", "",              "",    "/spec/args/a"},
		{"{a}-{b}",  "x",             "-y",  NULL          },
		{"{a}{b}",   "x",             "-y",  NULL          },
		{"{a}={b}",  "",              "-y",  NULL          },
		{"--x={a}",  "-1",            "",    NULL          },
		{"-{a}",     "-x",            "",    NULL          },
		{"-{a}",     "",              "",    NULL          },
		{"{a}{b}",   "",              "",    NULL          },
		{"{a}{b}-c", "",              "x",   NULL          },
		{"{a}",      " -x",           "",    NULL          },
		{"{a}",      "\xe2\x80\x90x", "",    NULL          },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *args[] = {(char *)cases[i].element, "x{a}{b}", NULL};
		struct command_arg given[] = {
			{"a", (char *)cases[i].a},
                        {"b", (char *)cases[i].b}
                };
		struct problem problem;

		if (cases[i].field)
			must_be_refused(args, given, 2, cases[i].field);
		else
			ck_assert_msg(check(args, given, 2, &problem) == 0, "%s: %s", cases[i].element,
				problem.message);
	}
}
END_TEST

START_TEST(every_parameter_is_needed_and_no_other_is_taken)
{
	char *args[] = {"{a}", "x{b-1}{a}", NULL};
	struct command_arg given[] = {
		{"a",   "1"},
                {"b-1", "2"},
                {"c",   "3"}
        };
	struct command_arg near[] = {
		{"a",  "1"},
                {"b-", "2"}
        };
	struct problem problem;

	ck_assert_int_eq(check(args, given, 2, &problem), 0);
	must_be_refused(args, given, 0, "/spec/args/a");
	must_be_refused(args, given, 1, "/spec/args/b-1");
	must_be_refused(args, given + 1, 1, "/spec/args/a");
	must_be_refused(args, given, 3, "/spec/args/c");
	must_be_refused(args, near, 2, "/spec/args/b-");
	must_be_refused(NULL, given, 1, "/spec/args/a");
}
END_TEST

START_TEST(what_cannot_be_a_name_is_refused_without_a_pointer_to_it)
{
	static const char *const names[] = {
		"", " ", "a b", "a/b", "a~b", "a}", "{a}", "a.b", "\n", "\xc3\xa9", LETTERS_64 "x"};
	char *args[] = {"{a}", NULL};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct command_arg given[] = {
			{(char *)names[i], "x"}
                };

		must_be_refused(args, given, 1, "/spec/args");
	}
}
END_TEST

START_TEST(a_name_may_have_64_bytes)
{
	char *args[] = {"{" LETTERS_64 "}", NULL};
	struct command_arg given[] = {
		{LETTERS_64, "x"}
        };
	CLEANUP(freep) char **argv = argv_of(args, given, 1);

	ck_assert_str_eq(argv[1], "x");
	must_be_refused(args, given, 0, "/spec/args/" LETTERS_64);
}
END_TEST

START_TEST(a_value_may_have_4096_bytes)
{
	char *args[] = {"{a}{a}{a}", NULL};
	CLEANUP(freep) char *value = malloc(VALUE_MAX + 2);
	struct command_arg given[] = {
		{"a", value}
        };
	CLEANUP(freep) char **argv = NULL;

	ck_assert_ptr_nonnull(value);
	memset(value, 'v', VALUE_MAX + 2);
	value[VALUE_MAX] = '\0';
	argv = argv_of(args, given, 1);
	ck_assert_uint_eq(strlen(argv[1]), 3 * VALUE_MAX);
	value[VALUE_MAX] = 'v';
	value[VALUE_MAX + 1] = '\0';
	must_be_refused(args, given, 1, "/spec/args/a");
}
END_TEST

START_TEST(of_two_arguments_of_one_name_the_one_that_is_checked_is_used)
{
	char *args[] = {"{a}", NULL};
	struct command_arg good_first[] = {
		{"a", "x" },
                {"a", "-y"}
        };
	struct command_arg bad_first[] = {
		{"a", "-y"},
                {"a", "x" }
        };
	CLEANUP(freep) char **argv = argv_of(args, good_first, 2);

	ck_assert_str_eq(argv[1], "x");
	must_be_refused(args, bad_first, 2, "/spec/args/a");
}
END_TEST

START_TEST(standard_input_is_taken_only_where_it_is_allowed)
{
	const struct command_spec spec = {.command = "c", .stdin_data = "", .stdin_bytes = 0};
	const struct command_spec longer = {.command = "c", .stdin_data = "x", .stdin_bytes = 1};
	struct command_def def = definition(NULL);
	struct problem problem = {0};

	ck_assert_int_eq(command_check(&def, &spec, &problem), -EINVAL);
	ck_assert_str_eq(problem.field, "/spec/stdin");
	def.stdin_allowed = true;
	ck_assert_int_eq(command_check(&def, &spec, &problem), 0);
	ck_assert_int_eq(command_check(&def, &longer, &problem), -EINVAL);
	ck_assert_str_eq(problem.field, "/spec/stdin");
	def.stdin_max = 1;
	ck_assert_int_eq(command_check(&def, &longer, &problem), 0);
}
END_TEST

START_TEST(a_template_with_a_stray_brace_is_wrong)
{
	static const char *const wrong[] = {"{a:}", "{a:int}", "{a:int 1}", "{a:int 2..1}", "{a:int 1..2 }",
		"{a:int 01..2}", "{a:int 1..99999999999999999999}", "{a:text 0..4097}", "{a:text -1..2}",
		"{a:enum }", "{a:enum a,,b}", "{a:enum a,}", "{a:enum a b}", "{a:path under srv}",
		"{a:path /srv}", "{a:float 1..2}", "{a:int 1..2", "{:int 1..2}", "{", "}", "{}", "{a", "a}",
		"{a}}", "{{a}}", "{a b}", "{a.b}", "{ a}", "{a }", "{a/b}", "{\xc3\xa9}", "x{a}{", "{a}{b",
		"{{", "{" LETTERS_64 "x}", "{a\n}", "${HOME"};
	static const char *const right[] = {"{a:int 1..2}x{b:enum x}", "{a:text 0..4096}",
		"{a:path under /a b}", "", "a", "-", "{a}", "{A-_9}", "{a}{b}", "x{a}y{b}z", "{-}",
		"{" LETTERS_64 "}", "$a $(b) `c` ; \n \xff"};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char *args[] = {"{fine}", (char *)wrong[i], NULL};
		const struct command_def def = definition(args);
		struct problem problem = {0};

		ck_assert_msg(command_template_check(&def, &problem) == -EINVAL, "%s", wrong[i]);
		ck_assert_str_eq(problem.field, "args");
		ck_assert_ptr_nonnull(strstr(problem.message, wrong[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		char *args[] = {(char *)right[i], NULL};
		const struct command_def def = definition(args);

		ck_assert_msg(command_template_check(&def, NULL) == 0, "%s", right[i]);
	}
}
END_TEST

START_TEST(a_value_that_is_not_of_its_type_is_refused_in_words)
{
	static const struct {
		const char *element, *right, *wrong, *words;
	} cases[] = {
		{"x{a:int 1..4000}",     "1",       "0",                    "from 1 to 4000"     },
		{"x{a:int 1..4000}",     "4000",    "4001",                 "from 1 to 4000"     },
		{"x{a:int 1..4000}",     "17",      "017",                  "whole number"       },
		{"x{a:int 1..4000}",     "17",      "+17",                  "whole number"       },
		{"x{a:int 1..4000}",     "17",      "17.0",                 "whole number"       },
		{"x{a:int 1..4000}",     "17",      " 17",                  "whole number"       },
		{"x{a:int 1..4000}",     "17",      "",                     "whole number"       },
		{"x{a:int 1..4000}",     "17",      "99999999999999999999", "whole number"       },
		{"x{a:int -5..5}",       "-5",      "-6",                   "from -5 to 5"       },
		{"x{a:int -5..5}",       "0",       "-0",                   "whole number"       },
		{"{a:int -5..5}",        "5",       "-5",                   "begin with '-'"     },
		{"{a:enum png,jpeg}",    "jpeg",    "gif",                  "one of: png,jpeg"   },
		{"{a:enum png,jpeg}",    "png",     "png,jpeg",             "one of"             },
		{"{a:enum png,jpeg}",    "png",     "pn",                   "one of"             },
		{"{a:enum png,jpeg}",    "png",     "",                     "one of"             },
		{"{a:text 1..3}",        "abc",     "abcd",                 "from 1 to 3 bytes"  },
		{"{a:text 1..3}",        "a",       "",                     "from 1 to 3 bytes"  },
		{"{a:text 0..3}",        "",        "abcd",                 "longer than 3 bytes"},
		{"{a:path under /srv}",  "-x/y.z",  "/x",                   "from /srv/ on"      },
		{"{a:path under /srv}",  "..x/y..", "..",                   "from /srv/ on"      },
		{"{a:path under /srv/}", "x",       "x/../y",               "from /srv/ on"      },
		{"{a:path under /}",     "x",       "x/./y",                "from / on"          },
		{"{a:path under /srv}",  "x",       "x//y",                 "from /srv/ on"      },
		{"{a:path under /srv}",  "x",       "x/",                   "from /srv/ on"      },
		{"{a:path under /srv}",  "x",       "",                     "from /srv/ on"      },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *args[] = {(char *)cases[i].element, NULL};
		struct command_arg right = {"a", (char *)cases[i].right},
				   wrong = {"a", (char *)cases[i].wrong};
		struct problem problem;

		ck_assert_msg(
			check(args, &right, 1, &problem) == 0, "%s: %s", cases[i].element, problem.message);
		ck_assert_msg(
			check(args, &wrong, 1, &problem) == -EINVAL, "%s: %s", cases[i].element, wrong.value);
		ck_assert_str_eq(problem.field, "/spec/args/a");
		ck_assert_msg(strstr(problem.message, cases[i].words), "%s", problem.message);
	}
}
END_TEST

START_TEST(a_path_becomes_whole_and_no_option)
{
	char *args[] = {
		"{a:path under /srv/in}", "x={a:path under /srv/in/}:{b:int 1..9}", "{a:path under /}", NULL};
	struct command_arg given[] = {
		{"a", "-p/q"},
                {"b", "7"   }
        };
	CLEANUP(freep) char **argv = argv_of(args, given, 2);

	ck_assert_str_eq(argv[1], "/srv/in/-p/q");
	ck_assert_str_eq(argv[2], "x=/srv/in/-p/q:7");
	ck_assert_str_eq(argv[3], "/-p/q");
}
END_TEST

/* A random template with what it becomes, and of each byte of that whether it is data. */
struct random_trial {
	char *args[ELEMENTS + 1];
	char elements[ELEMENTS][200], texts[ELEMENTS][400];
	bool is_data[ELEMENTS][400];
	struct command_arg given[PARAMETERS];
	char values[PARAMETERS][40];
	bool option; /* data makes an option of an element */
};

static void add_literal(struct random_trial *trial, size_t element, uint64_t *random)
{
	static const char *const literals[] = {"-", "--x=", "a", " ", "$", "'", "\"", ";", "\\", "\xc3\xa9"};
	const char *literal = literals[seeded_below(random, ARRAY_LEN(literals))];

	strcat(trial->elements[element], literal);
	strcat(trial->texts[element], literal);
}

static void add_parameter(struct random_trial *trial, size_t element, uint64_t *random)
{
	const struct command_arg *arg = &trial->given[seeded_below(random, PARAMETERS)];
	size_t from = strlen(trial->texts[element]);

	strcat(strcat(strcat(trial->elements[element], "{"), arg->name), "}");
	strcat(trial->texts[element], arg->value);
	memset(&trial->is_data[element][from], true, strlen(arg->value));
}

static void random_value(char *value, uint64_t *random)
{
	static const char bytes[] = "--- abAB09{}{}$`'\";|&<>()*?~#!\\/\n\t\r\x1b\x7f\xc3\xa9\xff";
	size_t len = seeded_below(random, 4) ? seeded_below(random, 30) : 0;

	for (size_t i = 0; i < len; i++)
		value[i] = bytes[seeded_below(random, sizeof(bytes) - 1)];
	value[len] = '\0';
}

/*
 * All parameters are used, in the last element behind some text.  An element begins with an option by data if
 * its first byte is a '-' that is data, or that is only first because the values before it are empty.
 */
static void random_trial(struct random_trial *trial, uint64_t *random)
{
	static char *const names[PARAMETERS] = {"a", "b-", "-", "A_9"};

	*trial = (struct random_trial){0};
	strcpy(trial->elements[ELEMENTS - 1], "all");
	strcpy(trial->texts[ELEMENTS - 1], "all");
	for (size_t i = 0; i < PARAMETERS; i++) {
		random_value(trial->values[i], random);
		trial->given[i] = (struct command_arg){names[i], trial->values[i]};
		strcat(strcat(strcat(trial->elements[ELEMENTS - 1], "{"), names[i]), "}");
		strcat(trial->texts[ELEMENTS - 1], trial->values[i]);
	}
	for (size_t i = 0; i < ELEMENTS - 1; i++) {
		for (uint64_t n = seeded_below(random, 7); n > 0; n--)
			(seeded(random) % 2 ? add_literal : add_parameter)(trial, i, random);
		trial->option =
			trial->option ||
			(trial->texts[i][0] == '-' && (trial->is_data[i][0] || trial->elements[i][0] == '{'));
	}
	for (size_t i = 0; i < ELEMENTS; i++)
		trial->args[i] = trial->elements[i];
}

START_TEST(any_template_with_any_values_is_refused_or_becomes_just_its_elements)
{
	uint64_t random = 13;
	int refused = 0, rounds = 10000;

	for (int round = 0; round < rounds; round++) {
		struct random_trial trial;
		CLEANUP(freep) char **argv = NULL;
		struct problem problem;

		random_trial(&trial, &random);
		if (check(trial.args, trial.given, PARAMETERS, &problem) != (trial.option ? -EINVAL : 0))
			ck_abort_msg("round %d: %s", round, problem.message);
		refused += trial.option;
		if (trial.option)
			continue;
		argv = argv_of(trial.args, trial.given, PARAMETERS);
		for (size_t i = 0; i < ELEMENTS; i++)
			if (!argv[i + 1] || strcmp(argv[i + 1], trial.texts[i]) != 0)
				ck_abort_msg("round %d, element %zu: %s", round, i, argv[i + 1]);
		if (argv[ELEMENTS + 1])
			ck_abort_msg("round %d: %s is one more", round, argv[ELEMENTS + 1]);
	}
	ck_assert_int_gt(refused, rounds / 10);
	ck_assert_int_lt(refused, rounds / 2);
}
END_TEST

/* That nothing is left, or freed twice, the sanitizer for addresses says. */
START_TEST(a_definition_takes_all_with_it)
{
	struct command_def def = {
		.name = strdup("c"),
		.exec = strdup("/bin/c"),
		.args = calloc(3, sizeof(char *)),
		.env = calloc(1, sizeof(char *)),
		.directory = strdup("/"),
	};

	def.args[0] = strdup("a");
	def.args[1] = strdup("b");
	command_def_fini(&def);
	ck_assert_ptr_null(def.args);
	command_def_fini(&def);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("command_template");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, parameters_are_put_in_their_places);
	tcase_add_test(tcase, a_command_may_take_no_arguments);
	tcase_add_test(tcase, hostile_text_stays_one_element_as_it_is);
	tcase_add_test(tcase, a_value_that_looks_like_a_parameter_is_not_one);
	tcase_add_test(tcase, a_value_makes_no_option_of_an_element);
	tcase_add_test(tcase, every_parameter_is_needed_and_no_other_is_taken);
	tcase_add_test(tcase, what_cannot_be_a_name_is_refused_without_a_pointer_to_it);
	tcase_add_test(tcase, a_name_may_have_64_bytes);
	tcase_add_test(tcase, a_value_may_have_4096_bytes);
	tcase_add_test(tcase, of_two_arguments_of_one_name_the_one_that_is_checked_is_used);
	tcase_add_test(tcase, standard_input_is_taken_only_where_it_is_allowed);
	tcase_add_test(tcase, a_template_with_a_stray_brace_is_wrong);
	tcase_add_test(tcase, any_template_with_any_values_is_refused_or_becomes_just_its_elements);
	tcase_add_test(tcase, a_value_that_is_not_of_its_type_is_refused_in_words);
	tcase_add_test(tcase, a_path_becomes_whole_and_no_option);
	tcase_add_test(tcase, a_definition_takes_all_with_it);
	return unit_run("command_template", tcase);
}
