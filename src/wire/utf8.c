/* utf8.c - see utf8.h; the ranges are those of RFC 3629, section 4. */
#include "wire/utf8.h"

#include "base/cleanup.h"

static const struct form {
	unsigned char first_min, first_max, second_min, second_max;
	size_t bytes;
} forms[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool has_form(const struct form *form, const unsigned char *at, size_t bytes)
{
	if (bytes < form->bytes || at[0] < form->first_min || at[0] > form->first_max)
		return false;
	if (at[1] < form->second_min || at[1] > form->second_max)
		return false;
	for (size_t i = 2; i < form->bytes; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return false;
	return true;
}

size_t utf8_step(const char *data, size_t bytes)
{
	if (bytes == 0)
		return 0;
	if ((unsigned char)*data < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (has_form(&forms[i], (const unsigned char *)data, bytes))
			return forms[i].bytes;
	return 0;
}

bool utf8_is_text(const char *data, size_t bytes)
{
	size_t step;

	for (; bytes > 0; data += step, bytes -= step) {
		step = utf8_step(data, bytes);
		if (step == 0 || *data == '\0')
			return false;
	}
	return true;
}
