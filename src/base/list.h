/* list.h - lists of texts, which end with NULL, as argv does; NULL is an empty one. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stddef.h>

size_t list_length(char *const *list);
void list_free(char **list); /* and its texts */

#endif
