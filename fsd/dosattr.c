/* dosattr.c - the extended attribute of dosattr.h.  [MS-FSCC] 2.6 */
#include "fsd/dosattr.h"

#include <errno.h>
#include <sys/xattr.h>

#include "fsd/creds.h"
#include "fsd/errno.h"
#include "fsd/path.h"
#include "proto/fscc/stat.h"

#define XATTR_SIZE    32
#define XATTR_VERSION 1
#define HAS_ATTRIBUTES 0x01
#define HAS_CREATION   0x02
#define HAS_CHANGE     0x04

#define KEPT (FILE_ATTRIBUTE_SETTABLE | FILE_ATTRIBUTE_SPARSE_FILE)

bool
dosattr_decode(struct span s, struct dosattr *ret)
{
	struct rd r      = rd_init(s);
	uint8_t version  = rd_u8(&r);
	uint8_t has      = rd_u8(&r);
	struct dosattr d = { 0 };

	rd_zero(&r, 2);
	d.attributes     = rd_u32(&r) & KEPT;
	d.creation       = (int64_t)rd_u64(&r);
	d.change         = (int64_t)rd_u64(&r);
	d.change_write   = (int64_t)rd_u64(&r);
	d.has_change     = (has & HAS_CHANGE) != 0;
	d.has_attributes = (has & HAS_ATTRIBUTES) != 0;
	d.has_creation   = (has & HAS_CREATION) != 0;
	*ret             = (struct dosattr){ 0 };
	if (!rd_ok(&r) || rd_left(&r) != 0 || version != XATTR_VERSION)
		return false;
	*ret = d;
	return true;
}

void
dosattr_encode(struct wr *w, const struct dosattr *d)
{
	wr_u8(w, XATTR_VERSION);
	wr_u8(w, (uint8_t)((d->has_attributes ? HAS_ATTRIBUTES : 0) |
			   (d->has_creation ? HAS_CREATION : 0) |
			   (d->has_change ? HAS_CHANGE : 0)));
	wr_u16(w, 0);
	wr_u32(w, d->attributes & KEPT);
	wr_u64(w, (uint64_t)d->creation);
	wr_u64(w, (uint64_t)d->change);
	wr_u64(w, (uint64_t)d->change_write);
}

/* f*xattr() does not take O_PATH descriptors, hence the detour by their names. */
void
dosattr_load(int fd, struct dosattr *ret)
{
	uint8_t buf[XATTR_SIZE];
	char self[PATH_SELF];
	ssize_t n = getxattr(path_self(fd, self), DOSATTR_XATTR, buf, sizeof buf);

	/* Who may not read a file may still be told its attributes. */
	if (n < 0 && errno == EACCES) {
		creds_raise(CREDS_XATTR);
		n = getxattr(self, DOSATTR_XATTR, buf, sizeof buf);
		creds_lower();
	}
	*ret = (struct dosattr){ 0 };
	if (n > 0)
		(void)dosattr_decode(SPAN(buf, (size_t)n), ret);
}

void
dosattr_load_name(const char *name, struct dosattr *ret)
{
	uint8_t buf[XATTR_SIZE];
	ssize_t n = lgetxattr(name, DOSATTR_XATTR, buf, sizeof buf);

	*ret = (struct dosattr){ 0 };
	if (n > 0)
		(void)dosattr_decode(SPAN(buf, (size_t)n), ret);
}

nt
dosattr_store(int fd, const struct dosattr *d)
{
	uint8_t buf[XATTR_SIZE];
	char self[PATH_SELF];
	struct wr w = wr_init(buf, sizeof buf);
	int err;

	dosattr_encode(&w, d);
	creds_raise(CREDS_XATTR);
	err = setxattr(path_self(fd, self), DOSATTR_XATTR, buf, sizeof buf, 0) == 0 ? 0 : errno;
	creds_lower();
	return err == 0 ? STATUS_SUCCESS : nt_from_errno(err);
}
