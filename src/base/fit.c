/* fit.c - see fit.h. */
#include "base/fit.h"

#include <stdio.h>
#include <string.h>

/* Bytes of the UTF-8 character that begins with `lead`. */
static size_t character_bytes(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	return lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

/* Take away the last character if some of its bytes are missing. */
static void drop_half_character(char *text)
{
	size_t len = strlen(text), lead = len;

	while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead > 0 && lead - 1 + character_bytes((unsigned char)text[lead - 1]) > len)
		text[lead - 1] = 0;
}

void fit_vprint(char *text, size_t size, const char *format, va_list args)
{
	int n = vsnprintf(text, size, format, args);

	if (n < 0)
		text[0] = 0;
	else if ((size_t)n >= size)
		drop_half_character(text);
}

void fit_print(char *text, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fit_vprint(text, size, format, args);
	va_end(args);
}
