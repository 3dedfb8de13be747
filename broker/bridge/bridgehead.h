/*
 * bridgehead.h - whom a bridgehead believes, and as whom it comes.
 */
#ifndef BROKER_BRIDGEHEAD_H
#define BROKER_BRIDGEHEAD_H

#include <stdbool.h>

#include "broker/keys.h"

/* Z85.  To be wiped. */
struct head_keys {
	char server[KEY_TEXT + 1], public[KEY_TEXT + 1], secret[KEY_TEXT + 1];
};

/* server: instead of the file's; or NULL.  False after a message. */
bool head_keys_read(const char *path, const char *server, struct head_keys *ret);

#endif
