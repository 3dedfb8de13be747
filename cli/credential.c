/* credential.c - see credential.h. */
#include "cli/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nt.h"
#include "base/secret.h"
#include "cli/ask.h"
#include "cli/password.h"

#define MATERIAL_MAX 65536u /* TOKEN_BOUND of the messages it travels in */

/* CRED_* and CRED_KRB_* of ipc/msg/cred.msg.h. */
enum type { ANONYMOUS, PASSWORD, NT_HASH, AES_KEY, KEYTAB, CCACHE, TICKET };
enum kerberos { DESIRED, REQUIRED, OFF };

struct wish {
	enum type type;
	enum kerberos kerberos;
	const char *value; /* of the option: a file or hexadecimal digits */
};

static const struct source {
	enum cli_option option;
	enum type type;
} sources[] = {
	{ OPT_PASSWORD_STDIN, PASSWORD }, { OPT_PASSWORD_FILE, PASSWORD },
	{ OPT_NT_HASH, NT_HASH },	  { OPT_AES_KEY, AES_KEY },
	{ OPT_KEYTAB, KEYTAB },		  { OPT_CCACHE, CCACHE },
	{ OPT_TICKET, TICKET },		  { OPT_GUEST, PASSWORD },
};

static int
find_kerberos(const struct cli_args *args, enum kerberos *ret)
{
	static const char *const words[] = { "desired", "required", "off" };
	const char *word		 = options_value(args, OPT_KERBEROS);

	*ret = DESIRED;
	if (!word)
		return EXIT_OK;
	for (size_t i = 0; i < NELEM(words); i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret = (enum kerberos)i;
			return EXIT_OK;
		}
	}
	return cli_misused("--kerberos: required, desired or off, not \"%s\"", word);
}

/* The one option that says where from, or NULL; a second one is a misunderstanding. */
static int
find_source(const struct cli_args *args, const struct source **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < NELEM(sources); i++) {
		if (!options_has(args, sources[i].option))
			continue;
		if (*ret)
			return cli_misused("--%s and --%s: one of them", option_name((*ret)->option),
			    option_name(sources[i].option));
		*ret = &sources[i];
	}
	if (options_has(args, OPT_KEY) && !options_has(args, OPT_CONNECT) && (!*ret || (*ret)->type != TICKET))
		return cli_misused("--key is the key of a --ticket");
	return EXIT_OK;
}

/* Where kinit writes if nothing tells it otherwise; another user's file there is none of ours. */
static const char *
default_ccache(void)
{
	static char name[32];
	struct stat st;

	(void)snprintf(name, sizeof name, "/tmp/krb5cc_%u", (unsigned)geteuid());
	return lstat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() ? name : NULL;
}

const char *
credential_environment_ccache(void)
{
	const char *name = getenv("KRB5CCNAME");

	if (!name || !name[0])
		return default_ccache();
	if (strncmp(name, "FILE:", 5) == 0)
		return name + 5;
	return strchr(name, ':') ? NULL : name;
}

static bool
environment_password(void)
{
	const char *value = getenv("BULKHEAD_PASSWORD");

	return value && value[0];
}

/*
 * Without an option: a password for who is named, unless Kerberos is required
 * and there are tickets; tickets for who is not; else anonymous.
 */
static int
find_wish(const struct cli_args *args, const char *user, struct wish *ret)
{
	const struct source *source;
	const char *cache = credential_environment_ccache();
	int rc		  = find_kerberos(args, &ret->kerberos);

	if (rc == EXIT_OK)
		rc = find_source(args, &source);
	if (rc != EXIT_OK)
		return rc;
	ret->type  = source ? source->type : user ? PASSWORD : ANONYMOUS;
	ret->value = source ? options_value(args, source->option) : NULL;
	if (!source && cache && ret->kerberos != OFF &&
	    (!user || (ret->kerberos == REQUIRED && !environment_password()))) {
		ret->type  = CCACHE;
		ret->value = cache;
	}
	if (options_has(args, OPT_GUEST))
		ret->kerberos = OFF;
	if (ret->type == ANONYMOUS && ret->kerberos == REQUIRED)
		return cli_misused("--kerberos required: no tickets were found; kinit, or --ccache FILE, "
				   "or --user (a cache that is no file cannot be read)");
	return EXIT_OK;
}

int
credential_read_file(const char *path, size_t most, uint8_t **ret_p, size_t *ret_n)
{
	uint8_t *p = secret_alloc(most + 1);
	size_t n   = 0;
	ssize_t got = 0;
	int fd	   = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int err	   = fd < 0 ? errno : 0;

	while (err == 0 && n <= most && (got = read(fd, p + n, most + 1 - n)) != 0) {
		if (got > 0)
			n += (size_t)got;
		else if (errno != EINTR)
			err = errno;
	}
	if (fd >= 0)
		(void)close(fd);
	if (err == 0 && n <= most) {
		*ret_p = p;
		*ret_n = n;
		return EXIT_OK;
	}
	secret_free(p, most + 1);
	return err ? cli_refused("%s: %s", path, strerror(err))
		   : cli_refused("%s: longer than %zu bytes", path, most);
}

/* "DOMAIN\NAME" in two; NAME@REALM stays as it is. */
static json_t *
request_new(const struct wish *w, const char *user, const char *kind)
{
	const char *slash = user ? strchr(user, '\\') : NULL;
	json_t *request	  = json_pack("{s:i, s:i, s:s}", "type", (int)w->type, "kerberos",
	      (int)w->kerberos, "kind", kind);

	if (slash) {
		(void)json_object_set_new(request, "domain", json_stringn(user, (size_t)(slash - user)));
		user = slash + 1;
	}
	if (user && user[0])
		(void)json_object_set_new(request, "user", json_string(user));
	return request;
}

static int
create(struct cli *c, const char *what, json_t *request, struct span binary, json_t **ret)
{
	json_t *reply = NULL;
	int rc;

	if (binary.n == 0)
		(void)json_object_del(request, "kind");	/* no frame, no name for it */
	rc = ask(c, what, "cred.create", request, binary, &reply);
	if (rc == EXIT_OK)
		*ret = json_incref(json_object_get(reply, "cred"));
	json_decref(reply);
	return rc;
}

/* A file as the binary frame. */
static int
from_file(struct cli *c, const struct wish *w, const char *user, const char *what, json_t **ret)
{
	uint8_t *p = NULL;
	size_t n   = 0;
	int rc	   = credential_read_file(w->value, MATERIAL_MAX, &p, &n);

	if (rc != EXIT_OK)
		return rc;
	rc = create(c, what, request_new(w, user, "material"), SPAN(p, n), ret);
	secret_free(p, MATERIAL_MAX + 1);
	if (rc != EXIT_OK && user)
		(void)cli_refused("%s: is it %s's?  Without a name whose it is decides", w->value, user);
	return rc;
}

json_t *
credential_hex(struct span s)
{
	static const char digits[] = "0123456789abcdef";
	char *text		   = secret_alloc(2 * s.n + 1);
	json_t *j;

	for (size_t i = 0; i < s.n; i++) {
		text[2 * i]	= digits[s.p[i] >> 4];
		text[2 * i + 1] = digits[s.p[i] & 15];
	}
	j = json_stringn(text, 2 * s.n);
	secret_free(text, 2 * s.n + 1);
	return j;
}

/* A ticket is no secret, its key is: that goes into the binary frame. */
static int
from_ticket(struct cli *c, const struct wish *w, const char *user, const char *what, json_t **ret)
{
	const char *key = options_value(&c->args, OPT_KEY);
	uint8_t *p	= NULL;
	json_t *request;
	size_t n = 0;
	int rc;

	if (!key)
		return from_file(c, w, user, what, ret);
	rc = credential_read_file(w->value, MATERIAL_MAX, &p, &n);
	if (rc != EXIT_OK)
		return rc;
	request = request_new(w, user, "secret");
	(void)json_object_set_new(request, "material", credential_hex(SPAN(p, n)));
	secret_free(p, MATERIAL_MAX + 1);
	return create(c, what, request, SPAN_STR(key), ret);
}

static int
from_password(struct cli *c, const struct wish *w, const char *user, const char *what,
    json_t **ret)
{
	struct password p = { 0 };
	int rc		  = EXIT_OK;

	if (options_has(&c->args, OPT_GUEST))
		return create(c, what, request_new(w, user ? user : "guest", "secret"), SPAN_NONE, ret);
	rc = password_get(&p, &c->args, false);
	if (rc != EXIT_OK)
		return rc;
	rc = create(c, what, request_new(w, user, "secret"), SPAN(p.s, p.n), ret);
	password_free(&p);
	return rc;
}

static int
from_hex(struct cli *c, const struct wish *w, const char *user, const char *what, json_t **ret)
{
	const size_t n	= strlen(w->value);
	const bool fits = w->type == NT_HASH ? n == 32 : n == 32 || n == 64;

	if (!fits || strspn(w->value, "0123456789abcdefABCDEF") != n)
		return cli_misused("--%s: %s hexadecimal digits are wanted",
		    option_name(w->type == NT_HASH ? OPT_NT_HASH : OPT_AES_KEY),
		    w->type == NT_HASH ? "32" : "32 or 64");
	return create(c, what, request_new(w, user, "secret"), SPAN(w->value, n), ret);
}

int
credential_get(struct cli *c, const char *user, const char *what, json_t **ret)
{
	static const struct {
		int (*get)(struct cli *, const struct wish *, const char *, const char *, json_t **);
		bool user; /* has to be named */
	} ways[] = {
		[PASSWORD] = { from_password, true }, [NT_HASH] = { from_hex, true },
		[AES_KEY] = { from_hex, true },	      [KEYTAB] = { from_file, false },
		[CCACHE] = { from_file, false },      [TICKET] = { from_ticket, false },
	};
	struct wish w = { 0 };
	int rc	      = find_wish(&c->args, user, &w);

	*ret = NULL;
	if (rc != EXIT_OK || w.type == ANONYMOUS)
		return rc;
	if (ways[w.type].user && !user && !options_has(&c->args, OPT_GUEST))
		return cli_misused("%s: as whom?  Give --user, or smb://USER@...", what);
	return ways[w.type].get(c, &w, user, what, ret);
}
