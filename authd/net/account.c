/*
 * account.c - the machine account's secret, read once before the walls stand.
 * Only its NT hash is kept.  [MS-NRPC] 3.1.1 SharedSecret
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authd/net/net.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/auth/krb_file.h"
#include "proto/auth/ntlm_crypto.h"

#define FILE_MAX_BYTES (1u << 20)

/* The file's bytes in room; false, with the reason in the log, if others can read it. */
static bool
private_file_read(const char *path, uint8_t *room, size_t cap, size_t *ret_n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0)
		log_error("the machine account's secret cannot be read file=%s: %s", log_qs(path),
			  strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_mode & 077)
		log_error("the machine account's secret can be read by others, so it is not used "
			  "file=%s mode=%04o want=0600",
			  log_qs(path), (unsigned)st.st_mode & 07777);
	else if (st.st_uid != 0 && st.st_uid != geteuid())
		log_error("the machine account's secret belongs to another user file=%s",
			  log_qs(path));
	else
		n = read(fd, room, cap);
	if (fd >= 0)
		close(fd);
	*ret_n = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool
password_hash(struct span password, uint8_t ret[16])
{
	char text[SECRET_BOUND + 1];
	bool ok = password.n > 0 && password.n <= SECRET_BOUND &&
		  utf8_valid((const char *)password.p, password.n);

	if (ok) {
		memcpy(text, password.p, password.n);
		text[password.n] = '\0';
		ok		 = nt_ok(ntlm_hash(text, ret));
	}
	if (!ok)
		log_error("the machine account's password is empty, too long, or no UTF-8");
	secret_wipe(text, sizeof text);
	return ok;
}

/* One line; the newline at its end is the editor's. */
static bool
password_file_hash(const char *path, uint8_t ret[16])
{
	uint8_t room[SECRET_BOUND + 2];
	bool ok = false;
	size_t n;

	if (private_file_read(path, room, sizeof room, &n)) {
		while (n > 0 && (room[n - 1] == '\n' || room[n - 1] == '\r'))
			n--;
		ok = password_hash(SPAN(room, n), ret);
	}
	secret_wipe(room, sizeof room);
	return ok;
}

/* An account's RC4 key is its NT hash.  [RFC4757] 2 */
static bool
key_is_hash_of(const struct krb_key *k, const char *account)
{
	const struct span name = k->name.parts[0];

	return k->name.n == 1 && name.n == strlen(account) &&
	       strncasecmp((const char *)name.p, account, name.n) == 0 &&
	       k->etype == KRB_ETYPE_RC4 && k->key.n == 16;
}

nt
keytab_nt_hash(struct span file, const char *account, uint8_t ret[16])
{
	uint32_t newest = 0;
	bool found	= false;
	struct krb_key k;
	struct rd r;
	nt status;

	TRY(krb_keytab_open(file, &r));
	/* One bad record does not keep the others out, unless it hides where they are. */
	while (!nt_is(status = krb_keytab_next(&r, &k), STATUS_NO_MORE_ENTRIES) && rd_ok(&r)) {
		if (nt_failed(status) || !key_is_hash_of(&k, account) || (found && k.kvno < newest))
			continue;
		memcpy(ret, k.key.p, k.key.n);
		newest = k.kvno;
		found  = true;
	}
	REQUIRE(nt_is(status, STATUS_NO_MORE_ENTRIES), STATUS_INVALID_PARAMETER);
	return found ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

static bool
keytab_file_hash(const char *path, const char *account, uint8_t ret[16])
{
	uint8_t *room = secret_alloc(FILE_MAX_BYTES);
	nt status     = STATUS_NOT_FOUND;
	size_t n;

	if (private_file_read(path, room, FILE_MAX_BYTES, &n)) {
		status = keytab_nt_hash(SPAN(room, n), account, ret);
		if (nt_failed(status))
			log_error("the keytab has no arcfour-hmac (etype 23) key of the machine "
				  "account, which the secure channel needs account=%s file=%s",
				  log_qs(account), log_qs(path));
	}
	secret_free(room, FILE_MAX_BYTES);
	return nt_ok(status);
}

bool
account_in_file(const struct conf_net_req *c)
{
	return c->machine_account.n > 0 && c->secret.n == 0;
}

bool
account_hash(const struct conf_net_req *c, uint8_t ret[16])
{
	if (c->machine_account.n == 0)
		return false;
	if (c->secret.n > 0)
		return password_hash(c->secret, ret);
	if (c->password_file.n > 0)
		return password_file_hash(c->password_file.s, ret);
	if (c->keytab.n > 0)
		return keytab_file_hash(c->keytab.s, c->machine_account.s, ret);
	log_error("the machine account has no secret: see `machine password file` account=%s",
		  log_qs(c->machine_account.s));
	return false;
}
