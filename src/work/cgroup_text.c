/* cgroup_text.c - see cgroup_text.h. */
#include "work/cgroup_text.h"

#include <stdlib.h>
#include <string.h>

#define GONE " (deleted)"

static bool ends_with(const char *text, size_t bytes, const char *end)
{
	size_t n = strlen(end);

	return bytes >= n && memcmp(text + bytes - n, end, n) == 0;
}

/* One that is above the namespace of control groups that this process is in begins with "/..". */
const char *cgroup_text_path(const char *text, size_t *ret_bytes)
{
	const char *end;
	size_t bytes;

	while (strncmp(text, "0::/", 4) != 0) {
		text = strchr(text, '\n');
		if (!text++)
			return NULL;
	}
	text += 3;
	end = strchrnul(text, '\n');
	bytes = (size_t)(end - text);
	if (strncmp(text, "/..", 3) == 0 || ends_with(text, bytes, GONE))
		return NULL;
	*ret_bytes = bytes > 1 ? bytes : 0;
	return text;
}

int64_t cgroup_text_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (text && !(strncmp(text, key, n) == 0 && text[n] == ' ')) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? strtoll(text + n, NULL, 10) : -1;
}
