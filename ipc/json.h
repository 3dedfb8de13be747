/*
 * json.h - messages as JSON, by their field tables; for scripts.
 *
 * Field names are those of the contract (a trailing '_' that C needed is
 * dropped).  Unknown fields are refused by name; a field that is missing is
 * zero.  Secrets come in but never go out.  Not for: anything between our own
 * processes.
 */
#ifndef IPC_JSON_H
#define IPC_JSON_H

#include <jansson.h>

#include "ipc/msg.h"

#define JSON_WHY   256
#define JSON_DEPTH 16
#define JSON_MAX   (1024u * 1024)

/* Memory for what JSON holds in another form (hex); one per conversion. */
struct json_room {
	uint8_t bytes[2 * TOKEN_BOUND];
	size_t used;
};

/* An object, or NULL and a sentence: size, depth, duplicate keys, syntax. */
json_t *json_object_read(struct span text, char why[JSON_WHY]);

/* ret borrows from obj and room. */
nt json_to_fields(const json_t *obj, const struct msg_field *, size_t n, void *ret,
    struct json_room *room, char why[JSON_WHY]) MUST_USE;
json_t *json_from_fields(const struct msg_field *, size_t n, const void *obj);
/* One field's value under its JSON name; false if it has no place in JSON (a secret). */
bool json_set_field(json_t *obj, const struct msg_field *, const void *msg);
/* "signed_" -> "signed", into buf of 64 bytes. */
const char *json_field_name(const struct msg_field *, char *buf);
/* A number; above INT64_MAX, which jansson cannot hold, a decimal string. */
json_t *json_u64(uint64_t);

#endif
