/* member.c - for the client: one string out of an answer. */
#include <errno.h>
#include <string.h>

#include "wire/json.h"
#include "wire/wire.h"

int wire_read_member(const char *text, size_t bytes, const char *name, char *value, size_t size)
{
	json_auto_t *json = NULL;
	const char *string;

	if (json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, NULL) < 0 || !json_is_object(json))
		return -EINVAL;
	string = json_string_value(json_object_get(json, name));
	if (!string)
		string = "";
	if (strlen(string) >= size)
		return -EINVAL;
	strcpy(value, string);
	return 0;
}
