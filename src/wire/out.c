/* out.c - see out.h. */
#include "wire/out.h"

#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "wire/utf8.h"

static void add(struct out *out, const char *text)
{
	buf_add(out->buf, text, strlen(text));
}

/* What stands before a value: a comma, and its name. */
static void begin(struct out *out, const char *name)
{
	if (out->comma)
		add(out, ",");
	out->comma = true;
	if (!name)
		return;
	add(out, "\"");
	add(out, name);
	add(out, "\":");
}

void out_open(struct out *out, const char *name, char bracket)
{
	begin(out, name);
	buf_add(out->buf, &bracket, 1);
	out->comma = false;
}

void out_close(struct out *out, char bracket)
{
	buf_add(out->buf, &bracket, 1);
	out->comma = true;
}

void out_raw(struct out *out, const char *name, const char *json, size_t bytes)
{
	begin(out, name);
	buf_add(out->buf, json, bytes);
}

void out_null(struct out *out, const char *name)
{
	begin(out, name);
	add(out, "null");
}

void out_bool(struct out *out, const char *name, bool value)
{
	begin(out, name);
	add(out, value ? "true" : "false");
}

void out_int(struct out *out, const char *name, int64_t value)
{
	begin(out, name);
	buf_addf(out->buf, "%" PRId64, value);
}

void out_thousandths(struct out *out, const char *name, int64_t value)
{
	const int64_t positive = value < 0 ? 0 : value;

	begin(out, name);
	buf_addf(out->buf, "%" PRId64 ".%03d", positive / 1000, (int)(positive % 1000));
}

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static void add_escaped(struct out *out, char c)
{
	static const char meant[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = c ? strchr(meant, c) : NULL;

	if (found)
		buf_add(out->buf, (char[]){'\\', letters[found - meant]}, 2);
	else
		buf_addf(out->buf, "\\u%04x", (unsigned char)c);
}

/* One character that is not plain; how many bytes it had. */
static size_t add_special(struct out *out, const char *at, size_t bytes)
{
	const size_t step = utf8_step(at, bytes);

	if (step == 0)
		add(out, "\xef\xbf\xbd");
	else if (step == 1)
		add_escaped(out, *at);
	else
		buf_add(out->buf, at, step);
	return step ? step : 1;
}

static void add_quoted(struct out *out, const char *text, size_t bytes)
{
	const char *at = text, *end = text + bytes;

	add(out, "\"");
	while (at < end) {
		const char *from = at;

		while (at < end && is_plain(*at))
			at++;
		buf_add(out->buf, from, (size_t)(at - from));
		if (at < end)
			at += add_special(out, at, (size_t)(end - at));
	}
	add(out, "\"");
}

void out_chars(struct out *out, const char *name, const char *value, size_t bytes)
{
	begin(out, name);
	add_quoted(out, value, bytes);
}

void out_string(struct out *out, const char *name, const char *value)
{
	out_chars(out, name, value, strlen(value));
}

void out_name(struct out *out, const char *name)
{
	out_string(out, NULL, name);
	add(out, ":");
	out->comma = false;
}

void out_time(struct out *out, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT];

	if (wall_ms == 0) {
		out_null(out, name);
		return;
	}
	clock_format(wall_ms, text);
	out_string(out, name, text);
}

void out_data(struct out *out, const char *name, const char *name_base64, const char *data, size_t bytes)
{
	if (utf8_is_text(data, bytes)) {
		out_chars(out, name, data, bytes);
		return;
	}
	begin(out, name_base64);
	add(out, "\"");
	base64_encode(out->buf, data, bytes);
	add(out, "\"");
}
