/* target.h - a request's target, strictly: the decoded path, the parameters of its query, the id in it. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

enum { TARGET_MAX = 2048, PARAMETERS_MAX = 16, TARGET_ID_MAX = 64 };

struct target {
	size_t raw_bytes; /* as it came */
	const char *path; /* "" until it has been read */
	struct {
		const char *name, *value;
	} parameters[PARAMETERS_MAX];
	size_t n_parameters;
	char id[TARGET_ID_MAX + 1]; /* what stood for {id} in the route's pattern; "" where there is none */
	char text[TARGET_MAX + 1];  /* path and query decoded, in pieces that the rest points into */
};

/*
 * Read "/PATH?QUERY" or "http://HOST/PATH?QUERY" into storage that need not be initialised.  -EINVAL with words in reterr: another
 * form, a character that must be escaped, a bad %-escape, %00 or another control character, "." or ".." as a segment, longer
 * than TARGET_MAX, more parameters than PARAMETERS_MAX.
 */
int target_read(const char *raw, struct target *ret_target, struct problem *reterr);

/* The value of a parameter, the first where there are several; NULL: there is none. */
const char *target_parameter(const struct target *target, const char *name);

/*
 * 0, or -EINVAL naming the first parameter that is not among the `n` known ones (which may be NULL at the end), or is given twice.
 * Of the known names one that ends with '*' stands for all that begin so, and one that ends with '+' may be given several times.
 */
int target_check_parameters(
	const struct target *target, const char *const *known, size_t n, struct problem *reterr);

/* Say what is wrong with a parameter; gives -EINVAL. */
int target_problem(struct problem *reterr, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether the path is as the pattern says; then what stands for {id} is in target->id. */
bool target_match(struct target *target, const char *pattern);

#endif
