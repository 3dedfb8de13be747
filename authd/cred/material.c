/*
 * material.c - takes what a script hands in apart: passwords, hashes, keys.
 * Pure: bytes in, login out.
 */
#include <string.h>

#include "authd/cred/cred.h"
#include "base/secret.h"
#include "base/utf16.h"

/* n bytes from exactly 2n hexadecimal digits. */
static bool
hex_take(struct span text, uint8_t *ret, size_t n)
{
	struct rd r = rd_init(text);
	int digit[2];

	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < 2; j++) {
			const uint8_t c = rd_u8(&r);

			if (c >= '0' && c <= '9')
				digit[j] = c - '0';
			else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
				digit[j] = (c | 0x20) - 'a' + 10;
			else
				return false;
		}
		ret[i] = (uint8_t)(digit[0] << 4 | digit[1]);
	}
	return true;
}

/* What is too long for an NT hash may still do for Kerberos. */
static nt
take_password(struct login *l, const struct cred_create_req *req)
{
	char text[SECRET_BOUND + 1] = "";
	const struct span s	    = req->secret;

	REQUIRE(utf8_valid((const char *)s.p, s.n) &&
		    !memchr(s.n ? s.p : (const uint8_t *)"", 0, s.n),
		STATUS_INVALID_PARAMETER);
	hidden_set(&l->password, s);
	if (s.n > 0)
		memcpy(text, s.p, s.n);
	l->has_hash = nt_ok(ntlm_hash(text, l->hash));
	secret_wipe(text, sizeof text);
	return STATUS_SUCCESS;
}

static nt
take_nt_hash(struct login *l, const struct cred_create_req *req)
{
	REQUIRE(hex_take(req->secret, l->hash, sizeof l->hash), STATUS_INVALID_PARAMETER);
	l->has_hash = true;
	return STATUS_SUCCESS;
}

static nt
take_nothing(struct login *l, const struct cred_create_req *req)
{
	(void)l;
	REQUIRE(req->user.n == 0 && req->secret.n == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

static const struct {
	nt (*take)(struct login *, const struct cred_create_req *);
	bool user;     /* has to be named */
	bool material; /* comes as a file's bytes */
	bool ntlm;     /* may be used with NTLM */
	bool kerberos; /* may be used with Kerberos */
} kinds[] = {
	[CRED_ANONYMOUS] = { take_nothing, false, false, true, false },
	[CRED_PASSWORD]	 = { take_password, true, false, true, true },
	[CRED_NT_HASH]	 = { take_nt_hash, true, false, true, true },
};

nt
material_take(struct login *l, const struct cred_create_req *req)
{
	REQUIRE(req->type < NELEM(kinds) && kinds[req->type].take, STATUS_NOT_SUPPORTED);
	REQUIRE(req->kerberos <= CRED_KRB_OFF, STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].user == (req->user.n > 0), STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].material || req->material.n == 0, STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].ntlm || req->kerberos != CRED_KRB_OFF, STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].kerberos || req->kerberos != CRED_KRB_REQUIRED,
		STATUS_INVALID_PARAMETER);
	return kinds[req->type].take(l, req);
}
