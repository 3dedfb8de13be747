/*
 * pass.h - hands an open file or socket to the instance, for the request that
 * names its token; so that no process of the instance opens a local file.
 */
#ifndef CLI_PASS_H
#define CLI_PASS_H

#include <stdbool.h>

#define PASS_TOKEN 33	/* hexadecimal digits and the NUL */

/* fd stays the caller's.  The token is good once, within a minute.  False: *ret_why says why. */
bool pass_fd(const char *runtime, int fd, char ret_token[PASS_TOKEN], const char **ret_why);

#endif
