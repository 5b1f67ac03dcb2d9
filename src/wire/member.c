/* member.c - for the client: one string or number out of an answer. */
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

int wire_read_number(const char *text, size_t bytes, const char *name, uint64_t *ret_number)
{
	json_auto_t *json = NULL;
	json_t *number;

	if (json_read((struct text){text, bytes}, WIRE_DEPTH_MAX, &json, NULL) < 0)
		return -EINVAL;
	number = json_object_get(json, name);
	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return -EINVAL;
	*ret_number = (uint64_t)json_integer_value(number);
	return 0;
}
