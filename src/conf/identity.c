/* identity.c - see identity.h. */
#include "conf/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/parse.h"

enum { GROUPS_MAX = 256 };

/* A number must be known too, so that it is known which groups it has. */
static const struct passwd *find_user(const char *text)
{
	uint64_t number;

	if (parse_u64(text, UINT32_MAX - 1, &number) == 0)
		return getpwuid((uid_t)number);
	return getpwnam(text);
}

static bool find_group(const char *text, gid_t *ret_group)
{
	const struct group *group;
	uint64_t number;

	if (parse_u64(text, UINT32_MAX - 1, &number) == 0) {
		*ret_group = (gid_t)number;
		return true;
	}
	group = getgrnam(text);
	if (group)
		*ret_group = group->gr_gid;
	return group;
}

int check_user(const char *text, struct problem *reterr)
{
	if (!find_user(text))
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, NULL, "is not a user of this system");
	return 0;
}

int check_group(const char *text, struct problem *reterr)
{
	gid_t group;

	if (!find_group(text, &group))
		return problem_set(reterr, -EINVAL, PROBLEM_BAD_FIELD, NULL, "is not a group of this system");
	return 0;
}

char *identity_resolve(const char *user, const char *group)
{
	const struct passwd *found = find_user(user);
	gid_t first = 0, groups[GROUPS_MAX];
	int n = GROUPS_MAX;
	struct buf text = {0};
	size_t bytes;

	if (!found)
		return NULL;
	first = found->pw_gid;
	if (group && !find_group(group, &first))
		return NULL;
	if (getgrouplist(found->pw_name, first, groups, &n) < 0)
		n = GROUPS_MAX; /* of more, the first */
	buf_addf(&text, "%u:%u:", found->pw_uid, first);
	for (int i = 0; i < n; i++)
		buf_addf(&text, "%s%u", i > 0 ? "," : "", groups[i]);
	return buf_take(&text, &bytes);
}
