/* cursor.c - see cursor.h. */
#include "http/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { PLACE_DIGITS = 16 };

void cursor_write(int64_t place, char text[static CURSOR_TEXT])
{
	uint32_t check;

	snprintf(text, CURSOR_TEXT, "%016" PRIx64, (uint64_t)place);
	check = (uint32_t)fnv1a(FNV1A_BEGIN, text, PLACE_DIGITS);
	snprintf(text + PLACE_DIGITS, CURSOR_TEXT - PLACE_DIGITS, "%08" PRIx32, check);
}

/* Written again it must be the same: that sees to the digits, the length and the check at once. */
int cursor_read(const char *text, int64_t *ret_place)
{
	char digits[PLACE_DIGITS + 1], again[CURSOR_TEXT];
	int64_t place;

	if (strlen(text) != CURSOR_TEXT - 1)
		return -EINVAL;
	memcpy(digits, text, PLACE_DIGITS);
	digits[PLACE_DIGITS] = 0;
	place = (int64_t)strtoull(digits, NULL, 16);
	if (place <= 0)
		return -EINVAL;
	cursor_write(place, again);
	if (strcmp(text, again) != 0)
		return -EINVAL;
	*ret_place = place;
	return 0;
}

int cursor_add(struct buf *to, int64_t place)
{
	char cursor[CURSOR_TEXT];

	if (place == 0)
		return buf_addf(to, "\"next_cursor\":null}");
	cursor_write(place, cursor);
	return buf_addf(to, "\"next_cursor\":\"%s\"}", cursor);
}
