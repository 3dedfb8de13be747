/*
 * key_file.h - what `keys create` gives to who comes from another machine: a
 * CURVE key pair, the server's public key, and where it is.
 */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

#include <stdio.h>

#define KEY_TEXT 41		/* Z85, with its end */
#define KEY_ENDPOINT 256

struct key_file {
	char connect[KEY_ENDPOINT];	/* "tcp://HOST:PORT"; may be empty */
	char server[KEY_TEXT], public[KEY_TEXT], secret[KEY_TEXT];
};

/* EXIT_OK or after a message.  Refuses one that others may read. */
int key_file_read(const char *path, struct key_file *ret);
void key_file_write(FILE *, const char *name, const struct key_file *);

#endif
