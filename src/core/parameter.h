/*
 * parameter.h - a parameter of a command's template, and what a job may give for it.  Pure.
 *
 *   {name}                    a text of at most 4096 bytes
 *   {name:text 1..100}        a text of so many bytes
 *   {name:int 1..4000}        a whole number, written as 0, 17 or -3
 *   {name:enum png,jpeg}      one of these words
 *   {name:path under /srv/in} a path below the folder, given from there on; becomes the whole path
 */
#ifndef CORE_PARAMETER_H
#define CORE_PARAMETER_H

#include <stddef.h>
#include <stdint.h>

enum { PARAMETER_NAME_MAX = 64, PARAMETER_VALUE_MAX = 4096, PARAMETER_WHY_MAX = 300 };

enum parameter_type { PARAMETER_TEXT, PARAMETER_INT, PARAMETER_ENUM, PARAMETER_PATH };

/* Borrows the template's text. */
struct parameter {
	const char *name;
	size_t name_len;
	enum parameter_type type;
	int64_t min, max; /* of a number, or of the bytes of a text */
	const char *
		words; /* of an enum, with commas between; of a path the folder, without a slash at its end */
	size_t words_len;
};

/* Bytes at `text` that may be in a parameter's name. */
size_t parameter_name_span(const char *text);

/* Read one that begins at its brace, and move behind it.  0, or -EINVAL and in `*ret_why` what is wrong. */
int parameter_read(const char **at, struct parameter *ret_parameter, const char **ret_why);

/* Whether a job may give this value: 0, or -EINVAL and why not.  Of a path that is all that can be told without looking. */
int parameter_check(const struct parameter *parameter, const char *value, char why[static PARAMETER_WHY_MAX]);

#endif
