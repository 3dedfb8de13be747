/*
 * identity.c - the SIDs of local users, and the list of who may log on.
 *
 * The machine's domain SID is random, made once and kept with the accounts.
 * RIDs: 1000 + uid for whoever acts as a Unix account of their own; where all
 * act as one uid (not root) 2^31 + the account's serial, so that two users
 * never share a SID; 501 for the guest, as in Windows.  Anonymous is S-1-5-7.
 * [MS-DTYP] 2.4.2.4
 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "authd/store/store.h"
#include "base/fatal.h"
#include "base/utf16.h"

#define RID_GUEST	501u
#define RID_FIRST_UID	1000u
#define RID_FIRST_LOCAL 0x80000000u

void
sid_print_local(const struct store *s, enum sid_kind kind, uint32_t n, char ret[SID_TEXT])
{
	uint32_t rid = RID_GUEST;

	if (kind == SID_ANONYMOUS) {
		(void)snprintf(ret, SID_TEXT, "S-1-5-7");
		return;
	}
	if (kind == SID_BY_UID)
		rid = RID_FIRST_UID + n;
	if (kind == SID_BY_SERIAL)
		rid = RID_FIRST_LOCAL + n;
	(void)snprintf(ret, SID_TEXT, "S-1-5-21-%" PRIu32 "-%" PRIu32 "-%" PRIu32 "-%" PRIu32,
		       s->machine[0], s->machine[1], s->machine[2], rid);
}

/*
 * 96 bits of a digest: two principals never share it, and it is the same every
 * time.  Of the name as it is: realms without a directory tell Alice from alice.
 */
void
sid_print_principal(const char *principal, char ret[SID_TEXT])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	struct rd r = rd_init(SPAN(digest, 12));
	uint32_t a, b, c;

	if (!EVP_Digest(principal, strlen(principal), digest, NULL, EVP_sha256(), NULL))
		fatal("SHA-256 is not available");
	a = rd_u32(&r);
	b = rd_u32(&r);
	c = rd_u32(&r);
	(void)snprintf(ret, SID_TEXT, "S-1-5-21-%" PRIu32 "-%" PRIu32 "-%" PRIu32 "-%u", a, b, c,
		       RID_FIRST_UID);
}

bool
user_is_listed(const char *list, const char *name)
{
	char word[NAME_BOUND + 1];
	size_t n;

	if (!list || !*list)
		return true;
	for (; *list; list += n) {
		size_t end;

		list += strspn(list, ", ");
		end = n = strcspn(list, ",");
		while (end > 0 && list[end - 1] == ' ')
			end--;
		if (end == 0 || end >= sizeof word)
			continue;
		memcpy(word, list, end);
		word[end] = '\0';
		if (utf8_casecmp(word, name) == 0)
			return true;
	}
	return false;
}
