/* base64.c - see base64.h. */
#include "base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const unsigned char *from, size_t bytes, char to[4])
{
	const uint32_t bits = (uint32_t)from[0] << 16 | (bytes > 1 ? (uint32_t)from[1] << 8 : 0) |
			      (bytes > 2 ? from[2] : 0);

	to[0] = alphabet[bits >> 18];
	to[1] = alphabet[bits >> 12 & 63];
	to[2] = bytes > 1 ? alphabet[bits >> 6 & 63] : '=';
	to[3] = bytes > 2 ? alphabet[bits & 63] : '=';
}

int base64_encode(struct buf *out, const char *data, size_t bytes)
{
	const unsigned char *from = (const unsigned char *)data;
	char groups[1024];
	size_t len = 0;

	while (bytes > 0) {
		const size_t n = bytes < 3 ? bytes : 3;

		encode_group(from, n, groups + len);
		from += n;
		bytes -= n;
		len += 4;
		if (len == sizeof(groups) || bytes == 0) {
			buf_add(out, groups, len);
			len = 0;
		}
	}
	return out->error;
}

static int decode_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode four digits, `bytes` (1..3) of which the rest is padding. */
static int decode_group(const char *from, size_t bytes, char to[3])
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		const int digit = i <= bytes ? decode_digit(from[i]) : 0;

		if (digit < 0 || (i > bytes && from[i] != '='))
			return -EINVAL;
		bits = bits << 6 | (uint32_t)digit;
	}
	if (bits & ((1u << (8 * (3 - bytes))) - 1))
		return -EINVAL;
	for (size_t i = 0; i < bytes; i++)
		to[i] = (char)(bits >> (16 - 8 * i));
	return 0;
}

static size_t padding(const char *text, size_t bytes)
{
	if (bytes == 0 || text[bytes - 1] != '=')
		return 0;
	return text[bytes - 2] == '=' ? 2 : 1;
}

int base64_decode(const char *text, size_t bytes, char **ret_data, size_t *ret_bytes)
{
	const size_t groups = bytes / 4, len = groups * 3 - (bytes % 4 ? 0 : padding(text, bytes));
	char *data;

	if (bytes % 4 != 0)
		return -EINVAL;
	data = malloc(len + 1);
	if (!data)
		return -ENOMEM;
	for (size_t i = 0; i < groups; i++) {
		const size_t left = len - i * 3;

		if (decode_group(text + i * 4, left < 3 ? left : 3, data + i * 3) < 0) {
			free(data);
			return -EINVAL;
		}
	}
	data[len] = '\0';
	*ret_data = data;
	*ret_bytes = len;
	return 0;
}
