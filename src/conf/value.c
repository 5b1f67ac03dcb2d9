/* value.c - the text of one value, by its option's row: one table tells what each kind of value looks like. */
#include "conf/value.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/parse.h"
#include "base/words.h"
#include "core/bucket.h"

#define SHOWN_MAX 100 /* bytes of a value that a message repeats */

static int parse_count(const char *text, uint64_t *ret)
{
	return parse_u64(text, UINT64_MAX, ret);
}

static int parse_ns(const char *text, uint64_t *ret)
{
	int64_t ns;
	int r = parse_duration(text, &ns);

	if (r == 0)
		*ret = (uint64_t)ns;
	return r;
}

static int parse_flag(const char *text, uint64_t *ret)
{
	bool yes = strcmp(text, "true") == 0;

	if (!yes && strcmp(text, "false") != 0)
		return -EINVAL;
	*ret = yes;
	return 0;
}

/* Both numbers of it in one. */
static int parse_rate(const char *text, uint64_t *ret)
{
	struct rate rate;
	int r = rate_parse(text, &rate);

	if (r == 0)
		*ret = (uint64_t)rate.seconds << 32 | rate.count;
	return r;
}

static const struct {
	const char *name;
	int (*parse)(const char *text, uint64_t *ret); /* of kinds that are numbers */
	const char *form;
} kinds[OPTION_KINDS] = {
	[OPTION_TEXT] = {"text",     NULL,        NULL                                        },
	[OPTION_WORD] = {"word",     NULL,        NULL                                        },
	[OPTION_CHOICE] = {"word",     NULL,        NULL                                        },
	[OPTION_LIST] = {"list",     NULL,        NULL                                        },
	[OPTION_COUNT] = {"count",    parse_count, "a whole number"                            },
	[OPTION_SIZE] = {"size",     parse_size,  "a size, as in 4096, 64KiB, 1MiB or 2GiB"   },
	[OPTION_DURATION] = {"duration", parse_ns,    "a duration, as in 250ms, 30s, 5m, 2h or 7d"},
	[OPTION_FLAG] = {"flag",     parse_flag,  "true or false"                             },
	[OPTION_RATE] = {"rate",     parse_rate,  "a rate, as in 50/s, 300/m, 1000/h or none" },
};

const char *value_kind_name(enum option_kind kind)
{
	return kinds[kind].name;
}

static int check_word(const struct option *option, const char *text, struct problem *reterr)
{
	if (words_find(option->words, text) >= 0)
		return 0;
	return problem_set(
		reterr, -EINVAL, PROBLEM_BAD_FIELD, option->name, "is not one of: %s", option->words);
}

/* A bound of a range; the rows' bounds can be read, which a test makes sure of. */
static uint64_t bound(const struct option *option, const char *text, uint64_t otherwise)
{
	uint64_t number = otherwise;

	if (text && kinds[option->kind].parse(text, &number) < 0)
		return otherwise;
	return number;
}

static int check_number(const struct option *option, const char *text, struct problem *reterr)
{
	uint64_t number = 0;
	int r = kinds[option->kind].parse(text, &number);

	if (r == -EINVAL)
		return problem_set(
			reterr, r, PROBLEM_BAD_FIELD, option->name, "is not %s", kinds[option->kind].form);
	if (r < 0 || number < bound(option, option->min, 0) ||
		number > bound(option, option->max, UINT64_MAX))
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, option->name,
			"is out of range: %s to %s are allowed", option->min, option->max);
	return 0;
}

static int check_form(const struct option *option, const char *text, struct problem *reterr)
{
	if (option->kind == OPTION_WORD || option->kind == OPTION_CHOICE)
		return check_word(option, text, reterr);
	if (kinds[option->kind].parse)
		return check_number(option, text, reterr);
	return option->check ? option->check(text, reterr) : 0;
}

/* How many bytes of a value to show: all, or some up to a character's border. */
static int shown(const char *text)
{
	size_t n = strlen(text);

	if (n > SHOWN_MAX)
		for (n = SHOWN_MAX; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
	return (int)n;
}

int value_check(const struct option *option, const char *text, struct problem *reterr)
{
	struct problem why = {0};
	int n = shown(text);

	if (check_form(option, text, &why) == 0)
		return 0;
	return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, option->name, "%s: \"%.*s%s\" %s",
		option->name, n, text, text[n] ? "..." : "", why.message);
}

static int store_text(const char *text, char **member)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*member);
	*member = copy;
	return 0;
}

/* Lists are short (LIST_MAX in read.c), so one grows by an element at a time.  NULL adds none. */
static int store_element(const char *text, char ***member)
{
	size_t n = 0;
	char **list;

	while (*member && (*member)[n])
		n++;
	list = reallocarray(*member, n + 2, sizeof(*list));
	if (!list)
		return -ENOMEM;
	*member = list;
	list[n] = text ? strdup(text) : NULL;
	list[n + 1] = NULL;
	return text && !list[n] ? -ENOMEM : 0;
}

char **value_copy_list(char *const *list)
{
	char **copy = NULL;
	int r = store_element(NULL, &copy);

	for (; r == 0 && list && *list; list++)
		r = store_element(*list, &copy);
	if (r == 0)
		return copy;
	list_free(copy);
	return NULL;
}

static int store_number(const struct option *option, const char *text, void *member)
{
	uint64_t number;
	int r = kinds[option->kind].parse(text, &number);

	if (r < 0)
		return r;
	if (option->kind == OPTION_FLAG)
		*(bool *)member = number != 0;
	else if (option->kind == OPTION_RATE)
		*(struct rate *)member = (struct rate){(uint32_t)number, (uint32_t)(number >> 32)};
	else if (option->bytes == sizeof(uint32_t))
		*(uint32_t *)member = (uint32_t)number;
	else
		*(uint64_t *)member = number;
	return 0;
}

int value_store(const struct option *option, const char *text, void *base)
{
	void *member = (char *)base + option->offset;

	if (kinds[option->kind].parse)
		return store_number(option, text, member);
	if (option->kind == OPTION_CHOICE) {
		*(uint32_t *)member = (uint32_t)words_find(option->words, text);
		return 0;
	}
	return option->kind == OPTION_LIST ? store_element(text, member) : store_text(text, member);
}

int value_store_defaults(const struct section *section, void *base)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *option = &section->options[i];
		int r = 0;

		if (option->value || option->kind == OPTION_LIST)
			r = value_store(option, option->value, base);
		if (r < 0)
			return r;
	}
	return 0;
}

bool value_equal(const struct option *option, const void *base, const void *other)
{
	const void *a = (const char *)base + option->offset, *b = (const char *)other + option->offset;

	if (kinds[option->kind].parse || option->kind == OPTION_CHOICE)
		return memcmp(a, b, option->bytes) == 0;
	return strcmp(*(char *const *)a, *(char *const *)b) == 0;
}
