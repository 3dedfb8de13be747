/* test_fsd_security.c - descriptors that a mode can say are set, others refused. */
#include "fsd/security.h"

#include "proto/dtyp/access.h"
#include "proto/dtyp/sd.h"
#include "tests/unit/fsd/place.h"

#define INFO (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION)

struct subject {
	int fd;
	struct look look;
	struct ident *who;
};

static struct subject
subject(const struct place *p)
{
	struct subject s;

	place_file(p, "file");
	s.fd = openat(p->fd, "file", O_RDWR | O_CLOEXEC);
	assert_true(s.fd >= 0);
	assert_status(look_stat(s.fd, &s.look), STATUS_SUCCESS);
	s.who = ident_new("me", "S-1-5-21-1-2-3-1000", s.look.st.stx_uid, s.look.st.stx_gid, NULL, 0);
	return s;
}

static void
subject_drop(struct subject *s)
{
	close(s->fd);
	ident_drop(s->who);
}

static unsigned
mode_now(const struct subject *s)
{
	struct stat st;

	assert_int_equal(fstat(s->fd, &st), 0);
	return st.st_mode & 0777;
}

/* A descriptor with one list of (SID, mask) allowances. */
static struct span
allow(const struct sid *sids, const uint32_t *masks, size_t n)
{
	static uint8_t acl[1024], out[2048];
	struct wr w = wr_init(acl, sizeof acl), o = wr_init(out, sizeof out);
	struct acl_build b;
	struct sd sd = { .control = SE_SELF_RELATIVE | SE_DACL_PRESENT };

	acl_begin(&b, &w);
	for (size_t i = 0; i < n; i++)
		acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, masks[i], &sids[i]);
	acl_end(&b);
	sd.dacl = wr_done(&w);
	sd_encode(&o, &sd, DACL_SECURITY_INFORMATION);
	return wr_done(&o);
}

static void
security_that_was_told_can_be_set_again(void **state)
{
	struct subject s = subject(*state);
	uint8_t buf[1024];

	for (uint16_t mode = 0; mode <= 0777; mode += 7) {
		struct wr w = wr_init(buf, sizeof buf);
		struct look as = s.look;

		as.st.stx_mode = (uint16_t)(S_IFREG | mode);
		security_put(&w, &as, INFO);
		assert_int_equal(w.pos, security_size(&as, INFO));
		assert_status(security_set(s.fd, &s.look, s.who, wr_done(&w), INFO), STATUS_SUCCESS);
		assert_int_equal(mode_now(&s), mode);
		assert_status(look_stat(s.fd, &s.look), STATUS_SUCCESS);
	}
	subject_drop(&s);
}

static void
security_by_the_users_own_sid_counts(void **state)
{
	struct subject s = subject(*state);
	struct sid sids[2];
	uint32_t masks[2] = { FILE_ALL_ACCESS, FILE_GENERIC_READ };

	assert_true(sid_parse(s.who->sid.s, &sids[0]));
	sids[1] = sid_everyone;
	assert_status(security_set(s.fd, &s.look, s.who, allow(sids, masks, 2),
			  DACL_SECURITY_INFORMATION),
	    STATUS_SUCCESS);
	assert_int_equal(mode_now(&s), 0744);
	subject_drop(&s);
}

static void
security_that_a_mode_cannot_say_is_refused(void **state)
{
	struct subject s = subject(*state);
	struct sid other = sid_of_uid(4711);
	uint32_t all = FILE_ALL_ACCESS, append = FILE_APPEND_DATA;
	unsigned before = mode_now(&s);

	assert_status(security_set(s.fd, &s.look, s.who, allow(&other, &all, 1),
			  DACL_SECURITY_INFORMATION),
	    STATUS_NOT_SUPPORTED);
	assert_status(security_set(s.fd, &s.look, s.who, allow(&sid_everyone, &append, 1),
			  DACL_SECURITY_INFORMATION),
	    STATUS_NOT_SUPPORTED);
	assert_int_equal(mode_now(&s), before);
	subject_drop(&s);
}

static void
security_gives_nothing_away(void **state)
{
	struct subject s = subject(*state);
	uint8_t buf[256];
	struct wr w  = wr_init(buf, sizeof buf);
	struct sd sd = { .control = SE_SELF_RELATIVE, .has_owner = true, .owner = sid_of_uid(4711) };

	sd_encode(&w, &sd, OWNER_SECURITY_INFORMATION);
	assert_status(security_set(s.fd, &s.look, s.who, wr_done(&w), OWNER_SECURITY_INFORMATION),
	    STATUS_INVALID_OWNER);
	assert_status(security_set(s.fd, &s.look, s.who, SPAN("nonsense", 8),
			  DACL_SECURITY_INFORMATION),
	    STATUS_INVALID_SECURITY_DESCR);
	subject_drop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(security_that_was_told_can_be_set_again),
		in_place(security_by_the_users_own_sid_counts),
		in_place(security_that_a_mode_cannot_say_is_refused),
		in_place(security_gives_nothing_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
