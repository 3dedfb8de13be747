/*
 * url.h - smb://[USER@]HOST[:PORT][/SHARE[/PATH]], also written //HOST/SHARE.
 *
 * Only in the first form %XX stands for a byte.  HOST may be an IPv6 address in
 * brackets.  PATH is kept with '/' between components, without empty ones and
 * ".", and may not climb with "..".
 */
#ifndef CLI_URL_H
#define CLI_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define URL_NAME 256	/* NAME_BOUND and a NUL */
#define URL_PATH 4096
#define URL_PORT 445
/* Room for url_print(): every byte of it may become %XX. */
#define URL_TEXT (3 * (2 * URL_NAME + URL_PATH) + URL_NAME + 32)

struct url {
	char user[URL_NAME];	/* "": not said */
	char host[URL_NAME];	/* without brackets */
	uint16_t port;
	char share[URL_NAME];	/* "": the server itself */
	char path[URL_PATH];	/* "": the root */
};

/* True if it begins like an address. */
bool url_is(const char *text);
/* False: why (of size n) says what is wrong. */
bool url_parse(const char *text, struct url *ret, char *why, size_t n);
/* buf of URL_TEXT; control and other unsafe bytes as %XX.  Returns buf. */
const char *url_print(const struct url *, char *buf);

/*
 * Adds the components of more ('/' or '\\' between them) to path (of size n), "." and ".."
 * resolved; a leading separator starts at the root.  False: above the root, or too long.
 */
bool path_join(char *path, size_t n, const char *more);
/* The last component; "" of the root. */
const char *path_leaf(const char *path);
/* Cuts it off. */
void path_up(char *path);

#endif
