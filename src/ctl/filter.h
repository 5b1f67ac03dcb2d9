/* filter.h - which jobs a command is about that names none: options that the server gets as a query. */
#ifndef CTL_FILTER_H
#define CTL_FILTER_H

#include "base/buf.h"
#include "ctl/ctl.h"

struct filter {
	struct buf query; /* "&NAME=VALUE" each; what went wrong shows in its error */
};

/* For getopt_long() of commands that have a filter. */
#define FILTER_LETTERS "t:s:k:l:"
// clang-format off
#define FILTER_OPTIONS \
	{"tenant", required_argument, NULL, 't'}, {"state", required_argument, NULL, 's'}, \
	{"kind", required_argument, NULL, 'k'}, {"label", required_argument, NULL, 'l'}
// clang-format on

/* Take one of these options.  CTL_OK, or CTL_USAGE and said why. */
int filter_take(struct filter *filter, struct ctl *ctl, int letter, const char *value);

/* Add the path of a page: `base`, a limit, the filter, and the cursor unless it is "". */
void filter_path(
	const struct filter *filter, struct buf *to, const char *base, int limit, const char *cursor);

void filter_fini(struct filter *filter);

#endif
