/*
 * credential.h - whom to be on a server: the options, the environment and a
 * prompt become one handle of the keeper of credentials.  Files are read here,
 * with the caller's own rights; only their bytes travel.
 */
#ifndef CLI_CREDENTIAL_H
#define CLI_CREDENTIAL_H

#include <jansson.h>

#include "base/cursor.h"
#include "cli/cli.h"

/* The options it looks at, for a command's row. */
#define CREDENTIAL_OPTIONS                                                                      \
	(OPT_BIT(USER) | OPT_BIT(PASSWORD_STDIN) | OPT_BIT(PASSWORD_FILE) | OPT_BIT(NT_HASH) |  \
	 OPT_BIT(AES_KEY) | OPT_BIT(CCACHE) | OPT_BIT(KEYTAB) | OPT_BIT(TICKET) | OPT_BIT(KEY) | \
	 OPT_BIT(KERBEROS) | OPT_BIT(GUEST))

/*
 * user: "NAME", "NAME@REALM", "DOMAIN\NAME" or NULL.  EXIT_OK with the handle, the caller's to
 * drop ("cred.drop"), or NULL: be anonymous.  Else a code after a message that begins with what.
 */
int credential_get(struct cli *, const char *user, const char *what, json_t **ret);

/* The file that KRB5CCNAME names, or where kinit writes without one; or NULL. */
const char *credential_environment_ccache(void);

/* Bytes as digits: a "token" of the messages. */
json_t *credential_hex(struct span);

/* A file of at most most bytes, in secret_alloc(most + 1), the caller's to free. */
int credential_read_file(const char *path, size_t most, uint8_t **ret_p, size_t *ret_n);

#endif
