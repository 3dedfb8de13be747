/*
 * json.c - text that should be a JSON object, and the names of fields; see json.h.
 */
#include "ipc/json.h"

#include <stdio.h>

#include "base/fatal.h"

/* How deep brackets nest outside of strings; jansson's own bound is for its stack alone. */
static size_t
depth_of(struct span s)
{
	size_t depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (quoted && c == '\\') {
			i++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '{' || c == '[')) {
			if (++depth > deepest)
				deepest = depth;
		} else if (!quoted && (c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return deepest;
}

static json_t *
refuse(char *why, const char *sentence)
{
	(void)snprintf(why, JSON_WHY, "%s", sentence);
	return NULL;
}

json_t *
json_object_read(struct span text, char why[JSON_WHY])
{
	json_error_t e;
	json_t *j;

	if (text.n > JSON_MAX || depth_of(text) > JSON_DEPTH)
		return refuse(why, "the JSON is too large or too deep");
	j = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &e);
	if (!j) {
		(void)snprintf(why, JSON_WHY, "no JSON: %s in line %d", e.text, e.line);
		return NULL;
	}
	if (!json_is_object(j)) {
		json_decref(j);
		return refuse(why, "expected a JSON object");
	}
	return j;
}

const char *
json_field_name(const struct msg_field *f, char *buf)
{
	size_t n = strlen(f->name);

	ENSURE(n < 64);
	memcpy(buf, f->name, n + 1);
	if (n > 1 && buf[n - 1] == '_')
		buf[n - 1] = '\0';
	return buf;
}
