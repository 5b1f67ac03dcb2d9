/* labels.c - whether a job has the labels that somebody looks for; they are known only from its request. */
#include <errno.h>
#include <string.h>

#include "wire/json.h"
#include "wire/wire.h"

static bool says(const json_t *value, const char *text)
{
	return json_string_length(value) == strlen(text) && strcmp(json_string_value(value), text) == 0;
}

/* By jansson: in text, one string can be written in many ways. */
int wire_has_labels(const char *request, size_t bytes, const struct wire_label *labels, size_t n)
{
	json_auto_t *json = NULL;
	struct text span;
	int r;

	if (n == 0)
		return 1;
	if (!text_member((struct text){request, bytes}, "labels", &span))
		return 0;
	r = json_read(span, WIRE_DEPTH_MAX, &json, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_object_get(json, labels[i].name);

		if (!json_is_string(value) || !says(value, labels[i].value))
			return 0;
	}
	return 1;
}
